//! Words that newcomers stumbled over, and what stands in their place; none of the former is shown anywhere.

use std::path::Path;

/// The former words; what stands now.
const FORMER: [(&str, &str); 16] = [
    ("应答时限", "确认期限"),
    ("答复期限", "确认期限"),
    ("先不确认", "取消"),
    ("没有打开过", "未读"),
    ("您在哪些地方登录着", "登录设备"),
    ("我的登录", "登录设备"),
    ("退出其他全部登录", "下线其他设备"),
    ("怎么算的", "计算过程"),
    ("价格来由", "价格类型"),
    ("提交时按当日价格结算", "以提交当日挂网价为准"),
    ("价格日", "计价日期"),
    ("电话里可以这样报", "订单号读法"),
    ("建立草稿", "新建草稿"),
    ("会抄录当时的地址", "保留提交时的地址"),
    ("没有等着到期的事", "暂无到期事项"),
    ("您填的是 （空）", "请填写……"),
];

fn look(at: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(at).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            look(&path, found);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let shown = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in shown {
                let former = FORMER.iter().filter(|(former, _)| line.contains(former));
                found.extend(former.map(|(former, now)| format!("{}: {former}, now {now}", path.display())));
            }
        }
    }
}

#[test]
fn former_words_are_gone() {
    let mut found = Vec::new();
    for part in ["src", "templates", "static/js"] {
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &mut found);
    }
    assert!(found.is_empty(), "{found:#?}");
}

//! What the head of a column says of it.

use super::looks::{Looks, flat};

/// Lines at the top among which the head is looked for.
const TOP: usize = 10;
/// Characters of a head at most.
const LONGEST: usize = 20;

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Code,
    /// The higher the better: a generic name before a trade name.
    Name(u8),
    Strength,
    Maker,
    /// The higher the better: what is asked for before a bare 数量.
    Quantity(u8),
    Unit,
    /// A head that is known and not needed: number, price, amount, remark.
    Other,
}

/// What a head says, and the unit that stands behind it in brackets.
pub(super) fn holds(head: &str) -> Option<(Holds, String)> {
    let flat = flat(head);
    if flat.is_empty() || flat.chars().count() > LONGEST {
        return None;
    }
    let (word, unit) = match flat.split_once('(') {
        Some((word, rest)) => (word, rest.trim_end_matches(')').to_owned()),
        None => (flat.as_str(), String::new()),
    };
    let word = word.trim_end_matches([':', '*']).trim_start_matches('*');
    kind(word).map(|holds| (holds, unit))
}

/// What heads say, the first that fits: whether one is such a word, or has it in it.
const HEADS: [(bool, &[&str], Holds); 15] = {
    use Holds::{Code, Maker, Name, Other, Quantity, Strength, Unit};
    const IS: bool = true;
    const HAS: bool = false;
    [
        (IS, &["单位", "采购单位", "订购单位", "计量单位", "数量单位", "计价单位", "药品单位"], Unit),
        (HAS, &["价", "金额", "总额", "税", "费用"], Other),
        (HAS, &["院内", "HIS", "his", "自编", "内部", "物资编", "条码", "供应商", "供货", "配送"], Other),
        (HAS, &["准字", "批准文号", "本位码"], Code),
        (HAS, &["库存", "结存", "上月", "消耗", "已", "最小", "包装", "转换", "件数", "用量", "销量"], Other),
        (HAS, &["企业编", "企业代", "厂家编", "厂商编", "医院", "科室"], Other),
        (HAS, &["编码", "代码"], Code),
        (HAS, &["厂", "企业", "生产", "产地", "持有人"], Maker),
        (HAS, &["规格", "含量"], Strength),
        (
            HAS,
            &["数量", "采购量", "订购量", "需求量", "需要量", "计划量", "申请量", "申领量", "请领量"],
            Quantity(1),
        ),
        (
            IS,
            &["数", "采购数", "订购数", "订货量", "需求数", "计划数", "申请数", "申领数", "请领数"],
            Quantity(1),
        ),
        (IS, &["商品名", "商品名称", "别名"], Name(0)),
        (IS, &["名称", "项目名称", "物资名称", "货品名称"], Name(1)),
        (IS, &["药品", "药品名称", "药品名", "药名", "品名", "产品", "产品名称", "品种"], Name(2)),
        (HAS, &["通用名"], Name(3)),
    ]
};
/// Known and not needed.
const OTHERS: [&str; 15] = [
    "序号",
    "编号",
    "行号",
    "备注",
    "说明",
    "剂型",
    "类别",
    "单位",
    "日期",
    "效期",
    "批号",
    "采购人",
    "NO",
    "No",
    "#",
];

fn kind(word: &str) -> Option<Holds> {
    let fits = |(is, words, _): &&(bool, &[&str], Holds)| match is {
        true => words.contains(&word),
        false => words.iter().any(|part| word.contains(part)),
    };
    match HEADS.iter().find(fits).map(|(.., holds)| *holds) {
        Some(Holds::Quantity(_)) => Some(Holds::Quantity(rank(word))),
        None => OTHERS.iter().any(|part| word.contains(part)).then_some(Holds::Other),
        found => found,
    }
}

/// Of several quantities, the one that was settled last counts.
fn rank(word: &str) -> u8 {
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    match () {
        () if has(&["核定", "审批", "审核", "批准", "实际", "实采"]) => 3,
        () if has(&["采购", "订购", "计划", "申请", "需求", "需要", "请领", "申领", "本次", "订货"]) => {
            2
        }
        () => 1,
    }
}

/// The place of the line that holds the heads.
pub(super) fn find<'a>(lines: impl Iterator<Item = &'a [String]>) -> Option<usize> {
    lines.take(TOP).position(is_head)
}

/// Whether a line consists of heads: of a name or a code, and of another, or alone.
pub(super) fn is_head(cells: &[String]) -> bool {
    let filled: Vec<&String> = cells.iter().filter(|cell| !cell.is_empty()).collect();
    let known: Vec<Holds> = filled.iter().filter_map(|cell| holds(cell)).map(|(holds, _)| holds).collect();
    let names = known.iter().any(|holds| matches!(holds, Holds::Code | Holds::Name(_)));
    let data =
        filled.iter().any(|cell| matches!(Looks::of(cell), Looks::Code) || Looks::of(cell).is_number());
    names && !data && known.len() * 2 >= filled.len()
}

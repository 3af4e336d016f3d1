//! Old listings by the pack: injections are converted to their unit (INJ-1.2, INJ-2.x), everything else is listed as it was.

use super::pack_prices_apply;
use super::pack_prices_row::{CODE, read, targets};
use crate::catalogue::imports::products_by_code;
use crate::listing::store;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::import::{Cells, Column, Compared, Faults, Run, Spec, Verdict};
use crate::platform::sql::{AnyConn, Id};

/// The sheet.
pub const SPEC: Spec = Spec {
    kind: "old_listings",
    title: "原包装挂网价",
    purpose: "按包装的原挂网价：注射剂换算成最小制剂单位挂网（INJ-1.2、INJ-2.1），其他药品按原包装挂网。",
    columns: &[
        Column::new("药品代码", 27).needed().or(&["医保药品代码", "goodscode"]),
        Column::new("包装挂网价", 14).needed().or(&["挂网价", "包装挂网价（元）", "挂网价（元）"]),
        Column::new("起始日", 14).needed().or(&["执行日期", "起始日期"]),
        Column::new("价格来源", 12).needed().of(&["一般", "集采", "国谈"]),
        Column::new("协议截止日", 14).or(&["协议到期日", "协议最后一日"]),
        Column::new("依据", 12).of(&["一般", "整改", "风险处置", "过评前", "过评后"]),
        Column::new("涨价原因", 12).of(&["短缺保供", "撤换包装", "过评"]),
    ],
    check,
    key: |cells| cells.get(CODE).to_owned(),
    key_column: CODE,
    compare,
    now: None,
    insert: None,
    publish,
    apply: pack_prices_apply::apply,
    bundle: Some(bundle),
    follow: None,
    discard: |_, _| Ok(0),
};

fn check(cells: &Cells) -> Faults {
    read(cells).err().unwrap_or_default()
}

fn compare(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Compared>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let targets = targets(conn, &known)?;
    let ids: Vec<Id> = targets.values().flatten().map(|t| t.product().id).collect();
    let listings = store::of_products(conn, &ids)?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let answer = match targets.get(row.get(CODE)) {
            None => Compared::fault(CODE, "没有该药品代码，请先导入国家药品编码，或核对是否抄错"),
            Some(Err(why)) => Compared::fault(CODE, why.clone()),
            Some(Ok(target)) => match listings.get(&target.product().id) {
                None => Compared::fine(Verdict::Change),
                Some(listing) if pack_prices_apply::already_listed_as(conn, listing, row)? => {
                    Compared::fine(Verdict::Same)
                }
                Some(_) => Compared::fault(CODE, "该产品已挂网，价格调整请按调价办理，不能再次导入"),
            },
        };
        all.push(answer);
    }
    Ok(all)
}

fn bundle(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<Id>>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let targets = targets(conn, &known)?;
    let id = |row: &Cells| match targets.get(row.get(CODE)) {
        Some(Ok(target)) => Some(target.product().id),
        _ => None,
    };
    Ok(rows.iter().map(id).collect())
}

fn publish(tx: &mut Tx, run: &Run, _: i64) -> Result<()> {
    let content = serde_json::json!({ "rows": run.changed, "sha256": run.sha256 });
    tx.note("import.publish", "import_run", run.id, &content)
}

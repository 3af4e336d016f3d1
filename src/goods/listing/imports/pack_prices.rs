//! Old listings by the pack: injections are converted to their unit (INJ-1.2, INJ-2.x), everything else is listed as it was.

use chrono::{Months, NaiveDate};

use super::pack_prices_apply;
use super::pack_prices_plan::{Differences, Listed, differences, judge};
use super::pack_prices_row::{CODE, FROM, PriceRow, UNTIL, read, targets};
use crate::catalogue::imports::products_by_code;
use crate::listing::store;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::import::{Basis, Cells, Column, Compared, Faults, Run, Shape, Spec, Verdict};
use crate::platform::sql::{AnyConn, Id};

/// Months ahead up to which a day is taken as it is.
const AHEAD_MONTHS: u32 = 24;

/// The sheet.
pub const SPEC: Spec = Spec {
    kind: "old_listings",
    title: "原包装挂网价",
    purpose: "按包装的原挂网价：注射剂换算成最小制剂单位挂网（INJ-1.2、INJ-2.1），其他药品按原包装挂网。",
    columns: &[
        Column::new("药品代码", 27).needed().or(&["医保药品代码", "goodscode"]),
        Column::new("包装挂网价", 14).of_shape(Shape::Price).needed().or(&[
            "挂网价",
            "包装挂网价（元）",
            "挂网价（元）",
        ]),
        Column::new("起始日", 14).of_shape(Shape::Day).needed().or(&["执行日期", "起始日期"]),
        Column::new("价格来源", 12).needed().of(&["一般", "集采", "国谈"]),
        Column::new("协议截止日", 14).of_shape(Shape::Day).or(&["协议到期日", "协议最后一日"]),
        Column::new("依据", 12).of(&["一般", "整改", "风险处置", "过评前", "过评后"]),
        Column::new("涨价原因", 12).of(&["短缺保供", "撤换包装", "过评"]),
    ],
    check,
    key: |cells| cells.get(CODE).to_owned(),
    key_column: CODE,
    compare,
    now: None,
    insert: None,
    makes: &[],
    publish,
    apply: pack_prices_apply::apply,
    bundle: Some((bundle, judge)),
    follow: None,
    discard: |_, _| Ok(0),
};

fn check(cells: &Cells) -> Faults {
    read(cells).err().unwrap_or_default()
}

fn compare(conn: &mut AnyConn, basis: &Basis, rows: &[Cells]) -> Result<Vec<Compared>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let targets = targets(conn, &known)?;
    let ids: Vec<Id> = targets.values().flatten().map(|t| t.product().id).collect();
    let listings = store::of_products(conn, &ids)?;
    let ids: Vec<Id> = listings.values().map(|listing| listing.id).collect();
    let (packs, firsts) = (store::packs_of(conn, &ids)?, store::first_prices(conn, &ids)?);
    let mut all = Vec::with_capacity(rows.len());
    for cells in rows {
        let target = match targets.get(cells.get(CODE)) {
            Some(Ok(target)) => target,
            Some(Err(why)) => {
                all.push(Compared::fault(CODE, why.clone()));
                continue;
            }
            None => {
                all.push(Compared::fault(CODE, "没有该药品代码，请先导入国家药品编码，或核对是否抄错"));
                continue;
            }
        };
        let row = match read(cells) {
            Ok(row) => row,
            Err(faults) => {
                all.push(Compared::faults(faults));
                continue;
            }
        };
        all.push(match listings.get(&target.product().id) {
            None => ahead(&row, basis.today),
            Some(listing) => {
                let packs = packs.iter().filter(|pack| pack.listing_id == listing.id).collect();
                let listed = Listed { listing, packs, first: firsts.get(&listing.id).copied() };
                match differences(&row, target, &known, &listed, basis.today)? {
                    Differences { faults, corrects: true } if faults.is_empty() => {
                        Compared::fine(Verdict::Change)
                    }
                    Differences { faults, .. } => Compared::faults(faults),
                }
            }
        });
    }
    Ok(all)
}

/// A new listing; a day that is far ahead is refused where a price would wait for it, and asked about where it ends an agreement.
fn ahead(row: &PriceRow, today: NaiveDate) -> Compared {
    let far = today.checked_add_months(Months::new(AHEAD_MONTHS)).unwrap_or(today);
    if row.from > far {
        let detail = format!("起始日 {} 在 {far} 以后，可能写错了年份；确需如此的，请临近时再导入", row.from);
        return Compared::fault(FROM, detail);
    }
    let until = row.until.filter(|until| *until > far);
    let question = until.map(|until| (UNTIL, format!("协议截止日 {until} 在 {far} 以后，请核对年份")));
    Compared { questions: question.into_iter().collect(), ..Compared::fine(Verdict::Change) }
}

fn bundle(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<u128>>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let targets = targets(conn, &known)?;
    let id = |row: &Cells| match targets.get(row.get(CODE)) {
        Some(Ok(target)) => Some(target.product().id.0.as_u128()),
        _ => None,
    };
    Ok(rows.iter().map(id).collect())
}

fn publish(tx: &mut Tx, run: &Run, _: i64) -> Result<()> {
    let content = serde_json::json!({ "rows": run.changed, "sha256": run.sha256 });
    tx.note("import.publish", "import_run", run.id, &content)
}

//! Monitored prices (挂网监测价) with their day and source: what INJ-3.3 compares with.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{price, word};
use crate::catalogue::imports::{code_fault, day, publish, text};
use crate::catalogue::{Product, QualityLevel, batch};
use crate::insert_many;
use crate::platform::error::Result;
use crate::platform::import::{Cells, Column, Compared, Faults, Run, Spec, Verdict};
use crate::platform::schema::{import_batch, monitored_price};
use crate::platform::sql::{AnyConn, Id, Money, Time};
use crate::rules::codes::CodeKind;

const CODE: usize = 0;
const NAME: usize = 1;
const LEVEL: usize = 2;
const BRAND: usize = 3;
const PRICE: usize = 4;
const DAY: usize = 5;
const SOURCE: usize = 6;

const LEVELS: [(&str, QualityLevel); 3] = [
    ("过评", QualityLevel::Evaluated),
    ("原研药", QualityLevel::Originator),
    ("参比制剂", QualityLevel::Reference),
];

/// The sheet.
pub const SPEC: Spec = Spec {
    kind: "monitored_prices",
    title: "挂网监测价",
    purpose: "其他过评药品、原研药和参比制剂的挂网监测价（每最小制剂单位），用于判断能否接受高值（INJ-3.3）。",
    columns: &[
        Column::new("药品代码", 27),
        Column::new("通用名", 24).needed().or(&["注册名称"]),
        Column::new("质量层次", 12).needed().of(&["过评", "原研药", "参比制剂"]),
        Column::new("厂牌", 20).or(&["生产企业", "药品企业"]),
        Column::new("单价", 12).needed().or(&["单价（元）", "监测价", "监测价（元）"]),
        Column::new("监测日期", 14).needed().or(&["日期"]),
        Column::new("来源", 24).needed(),
    ],
    check,
    key: |cells| [CODE, NAME, LEVEL, BRAND, DAY, SOURCE].map(|n| cells.get(n)).join("\n"),
    key_column: NAME,
    compare,
    now: None,
    insert: Some(insert),
    publish,
    apply: |_, _, _, _| Ok(()),
    bundle: None,
    follow: None,
    discard,
};

/// A monitored price.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = monitored_price, treat_none_as_default_value = false)]
pub struct MonitoredPrice {
    /// Key.
    pub id: Id,
    /// The code; empty where it is not known.
    pub code: String,
    /// Generic name.
    pub generic_name: String,
    /// What stands behind its quality.
    pub level: QualityLevel,
    /// Brand.
    pub brand: Option<String>,
    /// Yuan a smallest unit.
    pub unit_price: Money,
    /// When it was seen.
    pub seen_on: NaiveDate,
    /// Where.
    pub source: String,
    /// The import that it came with.
    pub batch_id: Id,
    /// When it came.
    pub created_at: Time,
}

fn check(cells: &Cells) -> Faults {
    let mut faults = Faults::new();
    if let Some(code) = cells.some(CODE) {
        faults.extend(code_fault(CodeKind::Drug, &code, None).map(|why| (CODE, why)));
    }
    text(cells, NAME, "通用名", 1..=100, &mut faults);
    word(cells, LEVEL, "质量层次", &LEVELS, None, &mut faults);
    text(cells, BRAND, "厂牌", 0..=100, &mut faults);
    price(cells, PRICE, "单价", &mut faults);
    day(cells, DAY, "监测日期", &mut faults);
    text(cells, SOURCE, "来源", 1..=100, &mut faults);
    faults
}

/// A row of the sheet; none where it has faults.
fn read(cells: &Cells, batch_id: Id, created_at: Time) -> Option<MonitoredPrice> {
    let mut faults = Faults::new();
    let level = word(cells, LEVEL, "", &LEVELS, None, &mut faults)?;
    Some(MonitoredPrice {
        id: Id::new(),
        code: cells.get(CODE).into(),
        generic_name: cells.get(NAME).into(),
        level,
        brand: cells.some(BRAND),
        unit_price: price(cells, PRICE, "", &mut faults)?,
        seen_on: day(cells, DAY, "", &mut faults)?,
        source: cells.get(SOURCE).into(),
        batch_id,
        created_at,
    })
}

/// The published prices of a generic name.
pub fn of_generic(conn: &mut AnyConn, names: &[&str]) -> Result<Vec<MonitoredPrice>> {
    let published =
        import_batch::table.filter(import_batch::published_at.is_not_null()).select(import_batch::id);
    Ok(monitored_price::table
        .filter(monitored_price::generic_name.eq_any(names))
        .filter(monitored_price::batch_id.eq_any(published))
        .order((monitored_price::seen_on.desc(), monitored_price::id))
        .select(MonitoredPrice::as_select())
        .load(conn)?)
}

/// Prices of other evaluated products, and of originator and reference product, each at its latest (INJ-3.3).
pub fn peers(conn: &mut AnyConn, product: &Product) -> Result<(Vec<Money>, Vec<Money>)> {
    let mut seen: Vec<(String, Option<String>, String)> = Vec::new();
    let (mut evaluated, mut originator) = (Vec::new(), Vec::new());
    for row in of_generic(conn, &[product.generic_name.as_str()])? {
        let who = (row.code.clone(), row.brand.clone(), row.source.clone());
        if seen.contains(&who) || row.brand.as_deref() == Some(product.brand.as_str()) {
            continue;
        }
        seen.push(who);
        match row.level {
            QualityLevel::Evaluated => evaluated.push(row.unit_price),
            QualityLevel::Originator | QualityLevel::Reference => originator.push(row.unit_price),
            QualityLevel::Ordinary => {}
        }
    }
    Ok((evaluated, originator))
}

fn compare(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Compared>> {
    let names: Vec<&str> = rows.iter().map(|row| row.get(NAME)).collect();
    let known = of_generic(conn, &names)?;
    let said = |old: &MonitoredPrice, row: &Cells| {
        let new = read(row, old.batch_id, old.created_at);
        new.is_some_and(|new| MonitoredPrice { id: old.id, ..new } == *old)
    };
    let verdict = |row: &Cells| match known.iter().any(|old| said(old, row)) {
        true => Verdict::Same,
        false => Verdict::Add,
    };
    Ok(rows.iter().map(|row| Compared::fine(verdict(row))).collect())
}

fn insert(conn: &mut AnyConn, run: &Run, rows: &[Cells]) -> Result<()> {
    batch::open(conn, run.id, &run.kind, &run.sha256, run.created_at)?;
    let rows: Vec<MonitoredPrice> = rows.iter().filter_map(|row| read(row, run.id, run.created_at)).collect();
    insert_many!(conn, monitored_price::table, &rows)?;
    Ok(())
}

fn discard(conn: &mut AnyConn, run: Id) -> Result<usize> {
    let published: i64 = import_batch::table
        .find(run)
        .filter(import_batch::published_at.is_not_null())
        .count()
        .get_result(conn)?;
    if published > 0 {
        return Ok(0);
    }
    let ids: Vec<Id> = monitored_price::table
        .filter(monitored_price::batch_id.eq(run))
        .order(monitored_price::id)
        .limit(500)
        .select(monitored_price::id)
        .load(conn)?;
    Ok(diesel::delete(monitored_price::table.filter(monitored_price::id.eq_any(&ids))).execute(conn)?)
}

//! Monitored prices (挂网监测价) with their day and source: what INJ-3.3 compares with.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::{price, word};
use crate::catalogue::imports::{code_fault, day, publish, text};
use crate::catalogue::words::folded;
use crate::catalogue::{Product, QualityLevel, batch};
use crate::insert_many;
use crate::platform::audit::Audited;
use crate::platform::audit::made::MadeSource;
use crate::platform::error::Result;
use crate::platform::import::{Basis, Cells, Column, Compared, Faults, Judged, Run, Shape, Spec, Verdict};
use crate::platform::input::half_width;
use crate::platform::made_source;
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
const UNIT: usize = 7;

/// A price so many times the others, or so small a part of them, is asked about: packs of less than three units are rare.
const FAR_OFF: i64 = 3;
/// What holds several units, so that its price is not that of one.
const BOXES: [char; 5] = ['盒', '箱', '件', '板', '条'];

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
        Column::new("单价", 12).of_shape(Shape::Price).needed().or(&["单价（元）", "监测价", "监测价（元）"]),
        Column::new("监测日期", 14).of_shape(Shape::Day).needed().or(&["日期"]),
        Column::new("来源", 24).needed(),
        Column::new("单位", 8).or(&["最小制剂单位", "计价单位"]),
    ],
    check,
    key: |cells| [CODE, NAME, LEVEL, BRAND, DAY, SOURCE].map(|n| folded(cells.get(n))).join("\n"),
    key_column: NAME,
    compare,
    now: None,
    insert: Some(insert),
    makes: &[MADE],
    publish,
    apply: |_, _, _, _| Ok(()),
    bundle: Some((by_generic, outliers)),
    follow: None,
    discard,
};

const MADE: MadeSource = made_source!(monitored_price by id, MonitoredPrice);

/// A monitored price.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
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
    /// The unit, where the sheet says it.
    pub unit: Option<String>,
    /// When it was seen.
    pub seen_on: NaiveDate,
    /// Where.
    pub source: String,
    /// The import that it came with.
    pub batch_id: Id,
    /// When it came.
    pub created_at: Time,
}

impl Audited for MonitoredPrice {
    const TYPE: &'static str = "monitored_price";
    fn id(&self) -> Id {
        self.id
    }
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
    text(cells, UNIT, "单位", 0..=10, &mut faults);
    let unit = cells.get(UNIT);
    if unit.contains(BOXES) || unit.chars().any(|c| c.is_ascii_digit()) {
        let detail =
            format!("监测价应按最小制剂单位（支、瓶、袋、片、粒等）填写，表中单位是“{unit}”，请换算");
        faults.push((UNIT, detail));
    }
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
        unit: cells.some(UNIT),
        seen_on: day(cells, DAY, "", &mut faults)?,
        source: cells.get(SOURCE).into(),
        batch_id,
        created_at,
    })
}

/// The published prices of generic names, whatever brackets and widths they are written with.
pub fn of_generic(conn: &mut AnyConn, names: &[&str]) -> Result<Vec<MonitoredPrice>> {
    let published =
        import_batch::table.filter(import_batch::published_at.is_not_null()).select(import_batch::id);
    let written: BTreeSet<String> = names.iter().flat_map(|name| spellings(name)).collect();
    Ok(monitored_price::table
        .filter(monitored_price::generic_name.eq_any(written))
        .filter(monitored_price::batch_id.eq_any(published))
        .order((monitored_price::seen_on.desc(), monitored_price::id))
        .select(MonitoredPrice::as_select())
        .load(conn)?)
}

/// How a name may have been written.
fn spellings(name: &str) -> [String; 3] {
    let narrow = half_width(name);
    let wide = narrow.replace('(', "（").replace(')', "）").replace(',', "，");
    [name.to_owned(), narrow, wide]
}

/// Prices of other evaluated products, and of originator and reference product, each at its latest (INJ-3.3). A price of another
/// unit says nothing of this one.
pub fn peers(conn: &mut AnyConn, product: &Product) -> Result<(Vec<Money>, Vec<Money>)> {
    let mut seen: BTreeSet<[String; 3]> = BTreeSet::new();
    let (mut evaluated, mut originator) = (Vec::new(), Vec::new());
    for row in of_generic(conn, &[product.generic_name.as_str()])? {
        let brand = folded(row.brand.as_deref().unwrap_or_default());
        let is_other_unit = row.unit.as_ref().is_some_and(|unit| *unit != product.unit);
        if is_other_unit || brand == folded(&product.brand) {
            continue;
        }
        let who = [row.code.clone(), brand, folded(&row.source)];
        if !seen.insert(who) {
            continue;
        }
        match row.level {
            QualityLevel::Evaluated => evaluated.push(row.unit_price),
            QualityLevel::Originator | QualityLevel::Reference => originator.push(row.unit_price),
            QualityLevel::Ordinary => {}
        }
    }
    Ok((evaluated, originator))
}

fn compare(conn: &mut AnyConn, basis: &Basis, rows: &[Cells]) -> Result<Vec<Compared>> {
    let names: Vec<&str> = rows.iter().map(|row| row.get(NAME)).collect();
    let mut known: BTreeMap<String, Vec<MonitoredPrice>> = BTreeMap::new();
    for old in of_generic(conn, &names)? {
        known.entry(folded(&old.generic_name)).or_default().push(old);
    }
    let answer = |row: &Cells| {
        let seen_on = day(row, DAY, "", &mut Faults::new()).filter(|day| *day > basis.today);
        if let Some(seen_on) = seen_on {
            let detail = format!("监测日期 {seen_on} 晚于今天（{}），请核对", basis.today);
            return Compared::fault(DAY, detail);
        }
        let olds = known.get(&folded(row.get(NAME))).map_or(&[][..], Vec::as_slice);
        // Read once, however many prices of the name are known.
        let new = olds.first().and_then(|old| read(row, old.batch_id, old.created_at));
        match new.is_some_and(|new| olds.iter().any(|old| says_the_same(old, &new))) {
            true => Compared::fine(Verdict::Same),
            false => Compared::fine(Verdict::Add),
        }
    };
    Ok(rows.iter().map(answer).collect())
}

/// Whether both say the same, whatever brackets and widths their names are written with.
fn says_the_same(one: &MonitoredPrice, other: &MonitoredPrice) -> bool {
    let figures = |p: &MonitoredPrice| (p.code.clone(), p.level, p.unit_price, p.unit.clone(), p.seen_on);
    let names = |p: &MonitoredPrice| {
        [Some(&p.generic_name), p.brand.as_ref(), Some(&p.source)].map(|name| name.map(|n| folded(n)))
    };
    figures(one) == figures(other) && names(one) == names(other)
}

fn by_generic(_: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<u128>>> {
    let hash = |row: &Cells| {
        let mut hasher = DefaultHasher::new();
        folded(row.get(NAME)).hash(&mut hasher);
        Some(hasher.finish().into())
    };
    Ok(rows.iter().map(hash).collect())
}

/// Names a price that is far from the others of its generic name, in the sheet and known before: it may be of a whole box.
fn outliers(conn: &mut AnyConn, _: &Basis, bundles: &[Vec<Cells>]) -> Result<Vec<Vec<Judged>>> {
    let names: Vec<&str> = bundles.iter().flatten().map(|row| row.get(NAME)).collect();
    let known = of_generic(conn, &names)?;
    let mut all = Vec::new();
    for bundle in bundles {
        let name = bundle.first().map(|row| folded(row.get(NAME))).unwrap_or_default();
        let of = |row: &Cells| price(row, PRICE, "", &mut Faults::new());
        let before = known.iter().filter(|old| folded(&old.generic_name) == name).map(|old| old.unit_price);
        let mut prices: Vec<Money> = bundle.iter().filter_map(of).chain(before).collect();
        prices.sort_unstable();
        let judged = |row: &Cells| Judged {
            questions: of(row)
                .and_then(|own| far_off(own, &prices))
                .map(|why| (PRICE, why))
                .into_iter()
                .collect(),
            ..Judged::default()
        };
        all.push(bundle.iter().map(judged).collect());
    }
    Ok(all)
}

/// Why a price among sorted ones is to be looked at.
fn far_off(own: Money, sorted: &[Money]) -> Option<String> {
    let place = sorted.binary_search(&own).ok()?;
    let others = sorted.len() - 1;
    let without = |n: usize| sorted.get(if n < place { n } else { n + 1 }).map(|price| price.0);
    let (low, high) = (without(others.checked_sub(1)? / 2)?, without(others / 2)?);
    let median = Money(low.midpoint(high));
    let (less, more) = (own.min(median).0, own.max(median).0);
    (less.saturating_mul(FAR_OFF) <= more).then(|| {
        format!(
            "监测价 {own} 元，同通用名的其他 {others} 个监测价中位数是 {median} 元，相差 {} 倍以上，请核对单位和价格",
            FAR_OFF
        )
    })
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

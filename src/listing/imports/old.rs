//! Old listings by the pack: injections are converted to their unit (INJ-1.2, INJ-2.x), everything else is listed as it was.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{old_take, price, word};
use crate::catalogue::imports::{day, known};
use crate::catalogue::{DosageClass, MiCode, Product};
use crate::listing::{PriceSource, RiseReason, store};
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::import::{Cells, Column, Compared, Faults, Run, Spec, Verdict};
use crate::platform::sql::{AnyConn, Id, Money};
use crate::rules::injection::Basis;

pub(super) const CODE: usize = 0;
const PRICE: usize = 1;
const FROM: usize = 2;
const SOURCE: usize = 3;
const UNTIL: usize = 4;
const BASIS: usize = 5;
const RISE: usize = 6;

const SOURCES: [(&str, PriceSource); 3] =
    [("一般", PriceSource::General), ("集采", PriceSource::Vbp), ("国谈", PriceSource::Negotiated)];
const BASES: [(&str, Basis); 5] = [
    ("一般", Basis::Normal),
    ("整改", Basis::Rectification),
    ("风险处置", Basis::RiskDisposal),
    ("过评前", Basis::BeforeEvaluation),
    ("过评后", Basis::AfterEvaluation),
];
const RISES: [(&str, RiseReason); 3] = [
    ("短缺保供", RiseReason::Shortage),
    ("撤换包装", RiseReason::PackReplaced),
    ("过评", RiseReason::Evaluated),
];

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
    apply: old_take::apply,
    bundle: Some(bundle),
    follow: None,
    discard: |_, _| Ok(0),
};

/// A row as it is meant.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub code: String,
    pub price: Money,
    pub from: NaiveDate,
    pub source: PriceSource,
    pub until: Option<NaiveDate>,
    pub basis: Basis,
    pub rise: Option<RiseReason>,
}

fn check(cells: &Cells) -> Faults {
    read(cells).err().unwrap_or_default()
}

/// Reads a row.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(cells: &Cells) -> std::result::Result<Row, Faults> {
    let mut faults = Faults::new();
    if cells.get(CODE).is_empty() {
        faults.push((CODE, "请填写药品代码".into()));
    }
    let price = price(cells, PRICE, "包装挂网价", &mut faults);
    let from = day(cells, FROM, "起始日", &mut faults);
    let source = word(cells, SOURCE, "价格来源", &SOURCES, None, &mut faults);
    let basis = word(cells, BASIS, "依据", &BASES, Some(Basis::Normal), &mut faults);
    let rise = match cells.some(RISE) {
        None => None,
        Some(_) => word(cells, RISE, "涨价原因", &RISES, None, &mut faults),
    };
    let agreed = source.is_some_and(|s| s != PriceSource::General);
    let until = match (agreed, cells.some(UNTIL)) {
        (true, _) => day(cells, UNTIL, "协议截止日", &mut faults),
        (false, None) => None,
        (false, Some(_)) => {
            faults.push((UNTIL, "只有集采、国谈价格才填协议截止日，请清空或更正价格来源".into()));
            None
        }
    };
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        faults.push((UNTIL, format!("协议截止日 {until} 早于起始日 {from}，请核对")));
    }
    match (price, from, source, basis) {
        (Some(price), Some(from), Some(source), Some(basis)) if faults.is_empty() => {
            Ok(Row { code: cells.get(CODE).into(), price, from, source, until, basis, rise })
        }
        _ => Err(faults),
    }
}

/// What is listed for a code: the unit of an injection's group, else the product itself.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// The unit that stands for the group.
    Unit(Box<Product>),
    /// The product, by its pack.
    Pack(Box<Product>),
}

impl Target {
    pub fn product(&self) -> &Product {
        match self {
            Self::Unit(product) | Self::Pack(product) => product,
        }
    }
}

/// What is listed for each code, or why nothing can be.
pub(super) fn targets(
    conn: &mut AnyConn,
    known: &BTreeMap<String, (MiCode, Product)>,
) -> Result<BTreeMap<String, std::result::Result<Target, String>>> {
    let groups: Vec<Id> = known.values().filter_map(|(_, p)| p.group_id).collect();
    let units = old_take::units(conn, &groups)?;
    let target = |(code, product): &(MiCode, Product)| {
        if product.dosage_class != DosageClass::Injection {
            return Ok(Target::Pack(Box::new(product.clone())));
        }
        if code.replaced_by.is_some() {
            return Ok(Target::Unit(Box::new(product.clone())));
        }
        if product.content_fault.is_some() {
            return Err("规格未能识别，请先在“产品待办”中确认三同组（INJ-3.1）".to_owned());
        }
        match product.group_id.and_then(|group| units.get(&group)) {
            Some(unit) => Ok(Target::Unit(Box::new(unit.clone()))),
            None => Err("同组没有最小制剂单位的医保编码，请企业先申请编码（INJ-6.1）".to_owned()),
        }
    };
    Ok(known.iter().map(|(code, row)| (code.clone(), target(row))).collect())
}

fn compare(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Compared>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = known(conn, &codes)?;
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
                Some(listing) if old_take::stands(conn, listing, row)? => Compared::fine(Verdict::Same),
                Some(_) => Compared::fault(CODE, "该产品已挂网，价格调整请按调价办理，不能再次导入"),
            },
        };
        all.push(answer);
    }
    Ok(all)
}

fn bundle(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<Id>>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = known(conn, &codes)?;
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

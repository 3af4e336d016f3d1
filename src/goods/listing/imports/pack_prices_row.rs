//! A row of the sheet of prices by the pack: how it is read, and what is listed for its code.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{price, word};
use crate::catalogue::imports::day;
use crate::catalogue::{CodeState, DosageClass, MiCode, Product, ProductState};
use crate::listing::convert::word_of;
use crate::listing::{PriceSource, RiseReason};
use crate::platform::error::Result;
use crate::platform::import::{Cells, Faults};
use crate::platform::schema::{mi_code, product};
use crate::platform::sql::{AnyConn, Id, Money};
use crate::rules::explain::Steps;
use crate::rules::injection::{Basis, needs_unit_listing};
use crate::visible_product;

pub(super) const CODE: usize = 0;
pub(super) const PRICE: usize = 1;
pub(super) const FROM: usize = 2;
pub(super) const SOURCE: usize = 3;
pub(super) const UNTIL: usize = 4;
pub(super) const BASIS: usize = 5;
pub(super) const RISE: usize = 6;

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

/// What the sheet calls the basis that the database keeps as a word.
pub(super) fn label_of(word: &str) -> Result<&'static str> {
    for (label, basis) in BASES {
        if word_of(basis)? == word {
            return Ok(label);
        }
    }
    Ok("")
}

/// A row as it is meant.
#[derive(Debug, Clone)]
pub(super) struct PriceRow {
    pub code: String,
    pub price: Money,
    pub from: NaiveDate,
    pub source: PriceSource,
    pub until: Option<NaiveDate>,
    pub basis: Basis,
    pub rise: Option<RiseReason>,
}

/// Reads a row.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(cells: &Cells) -> std::result::Result<PriceRow, Faults> {
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
            Ok(PriceRow { code: cells.get(CODE).into(), price, from, source, until, basis, rise })
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
    let units = units(conn, &groups)?;
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

/// The products that stand for the unit of each group: one smallest unit, with a code of their own in use.
fn units(conn: &mut AnyConn, groups: &[Id]) -> Result<BTreeMap<Id, Product>> {
    let rows: Vec<Product> = product::table
        .inner_join(mi_code::table)
        .filter(product::group_id.eq_any(groups))
        .filter(product::pack_qty.eq(1).and(product::state.eq(ProductState::Active)))
        .filter(mi_code::factor.eq(1).and(mi_code::state.eq(CodeState::Active)))
        .filter(visible_product!())
        .order((product::created_at.desc(), product::id))
        .select(Product::as_select())
        .load(conn)?;
    let units = rows.into_iter().filter(|p| !needs_unit_listing(&p.unit, 1, &mut Steps::off()));
    Ok(units.filter_map(|p| Some((p.group_id?, p))).collect())
}

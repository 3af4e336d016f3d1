//! What the clerk is told before ordering. Marks ask (INJ-4.3): a hint for yellow, a warning for red with what can be bought
//! instead. A drug that stands on another open order is pointed out.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::OrderLine;
use super::repeats::{self, Own, Repeat};
use crate::catalogue;
use crate::listing::Mark;
use crate::listing::alternatives::{Alternative, Marked, alternatives};
use crate::platform::error::{Refusal, Result};
use crate::platform::sql::{AnyConn, Id, Money};
use crate::rules::order::{Asks, asks};

crate::text_enum! {
    /// What the clerk is told.
    pub enum RiskCode {
        /// Yellow: low-risk products are recommended.
        Hint = "RISK_HINT",
        /// Red: low-risk products have priority; a reason is needed.
        Warning = "RISK_WARNING",
        /// The hospital has the same drug on another open order.
        Repeated = "RISK_REPEATED",
    }
}

/// A line that something is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Risk {
    /// What the clerk is told.
    pub code: RiskCode,
    /// The line's number.
    pub line_no: i32,
    /// Its listing.
    pub listing_id: Id,
    /// The clause, where a mark asks.
    pub clause: Option<&'static str>,
    /// The mark.
    pub mark: Mark,
    /// Yuan a unit.
    pub unit_price: Money,
    /// The lowest conversion result at the switch.
    #[serde(rename = "low")]
    pub lowest_unit_price: Option<Money>,
    /// The price by it, 4 decimals.
    pub ratio: Option<String>,
    /// A sentence for people.
    pub text: String,
    /// Up to ten, the cheapest first.
    pub alternatives: Vec<Alternative>,
    /// Other open orders of the hospital with the same drug, the latest first, at most three.
    pub orders: Vec<Repeat>,
}

/// True where the marks of the lines ask for nothing.
pub(super) fn none(lines: &[OrderLine]) -> bool {
    lines.iter().all(|line| code(line).is_none())
}

fn code(line: &OrderLine) -> Option<RiskCode> {
    match asks(line.mark.into()) {
        Asks::Nothing => None,
        Asks::Hint => Some(RiskCode::Hint),
        Asks::Warning => Some(RiskCode::Warning),
    }
}

/// All that the clerk is told of an order's lines: what the marks ask for, then what stands on another order too.
pub fn told(
    conn: &mut AnyConn,
    own: Own,
    lines: &[OrderLine],
    supplier: Id,
    day: NaiveDate,
) -> Result<Vec<Risk>> {
    let mut all = if none(lines) { Vec::new() } else { risks(conn, lines, supplier, day)? };
    all.extend(repeated(conn, own, lines, day)?);
    Ok(all)
}

/// The marked ones among the lines.
pub fn risks(conn: &mut AnyConn, lines: &[OrderLine], supplier: Id, day: NaiveDate) -> Result<Vec<Risk>> {
    let lines: Vec<(&OrderLine, RiskCode)> =
        lines.iter().filter_map(|line| Some((line, code(line)?))).collect();
    let products: Vec<Id> = lines.iter().map(|(line, _)| line.product_id).collect();
    let products = catalogue::store::products(conn, &products)?;
    let mut marked = Vec::with_capacity(lines.len());
    for (line, _) in &lines {
        let product = products.get(&line.product_id).ok_or_else(|| Refusal::not_found("药品"))?;
        marked.push(Marked { product, price: line.unit_price });
    }
    let instead = alternatives(conn, &marked, day, Some(supplier))?;
    let risk = |((line, code), alternatives): ((&OrderLine, RiskCode), Vec<Alternative>)| Risk {
        code,
        line_no: line.line_no,
        listing_id: line.listing_id,
        clause: Some("INJ-4.3"),
        mark: line.mark,
        unit_price: line.unit_price,
        lowest_unit_price: line.low,
        ratio: line.ratio.clone(),
        text: sentence(line, code),
        alternatives,
        orders: Vec::new(),
    };
    Ok(lines.into_iter().zip(instead).map(risk).collect())
}

fn sentence(line: &OrderLine, code: RiskCode) -> String {
    let price = line.unit_price;
    let lowest = line.low.map(|l| l.to_string()).unwrap_or_default();
    let ratio = line.ratio.as_deref().unwrap_or_default();
    match code {
        RiskCode::Repeated => String::new(),
        RiskCode::Hint => format!(
            "黄标药品：本品现价 {price} 元，为同组最低换算价 {lowest} 元的 {ratio} 倍。建议优先采购低风险药品。"
        ),
        RiskCode::Warning => format!(
            "红标药品：本品现价 {price} 元，为同组最低换算价 {lowest} 元的 {ratio} 倍。应优先采购低风险药品。"
        ),
    }
}

/// The lines whose drug stands on another open order.
pub(super) fn repeated(
    conn: &mut AnyConn,
    own: Own,
    lines: &[OrderLine],
    day: NaiveDate,
) -> Result<Vec<Risk>> {
    let found = repeats::repeats(conn, own, lines.iter().map(|line| line.listing_id).collect(), day)?;
    let risk = |line: &OrderLine| {
        let (text, orders) = repeats::sentence(&found, line.listing_id, &line.product_label, &line.unit)?;
        Some(Risk {
            code: RiskCode::Repeated,
            line_no: line.line_no,
            listing_id: line.listing_id,
            clause: None,
            mark: line.mark,
            unit_price: line.unit_price,
            lowest_unit_price: line.low,
            ratio: line.ratio.clone(),
            text,
            alternatives: Vec::new(),
            orders,
        })
    };
    Ok(lines.iter().filter_map(risk).collect())
}

//! What one order may hold: each listing once, and no more money than bounds every sum of orders.

use super::model::OrderLine;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::input::Checks;
use crate::platform::sql::{Money, Total};

/// Highest amount of an order, and so of a line: 10⁹ yuan.
const MOST: Money = Money(1_000_000_000_000_000);

/// Price × units, exact (INJ-1.3).
pub fn amount(checks: &mut Checks, at: usize, unit_price: Money, quantity: i64) -> Money {
    let amount = unit_price.times(quantity).money().filter(|amount| *amount <= MOST);
    amount.unwrap_or_else(|| {
        let detail = format!("金额不能超过 1000000000 元，{unit_price} 元 × {quantity} 已超出，请核对数量");
        checks.wrong(format!("/lines/{at}/quantity"), detail);
        Money(0)
    })
}

/// What the lines come to.
///
/// # Errors
/// 422 beyond the highest amount of an order.
pub fn total(lines: &[OrderLine]) -> Result<Money> {
    let sum = lines.iter().try_fold(Total::default(), |sum, line| sum.plus(line.amount))?;
    sum.money().filter(|sum| *sum <= MOST).ok_or_else(|| {
        let detail = format!("一张订单不能超过 1000000000 元，本单合计 {sum} 元，请核对数量或分成几张订单");
        Error::from(Refusal::field("/lines", detail))
    })
}

/// Each listing stands once, whatever code names it.
///
/// # Errors
/// 422 at each line whose listing stands in an earlier one.
pub fn once(lines: &[OrderLine]) -> Result<()> {
    let mut checks = Checks::default();
    let mut seen = std::collections::BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        let first = *seen.entry(line.listing_id).or_insert(at);
        if first != at {
            let (name, no) = (&line.product_label, first + 1);
            let detail = format!("{name}已在第 {no} 行，请把数量合并到第 {no} 行，并去掉本行");
            checks.wrong(format!("/lines/{at}/listing_id"), detail);
        }
    }
    checks.finish()
}

//! Leads to purchase frauds (线索): HUN-7, ZM-1, ZM-3…6, ZM-10, ZM-11. Never a sanction: people look into them.

use chrono::NaiveDate;

use super::calendar::{CalendarError, months_after};
use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind};
use crate::values;

/// The parameters of leads.
pub const KEYS: &[Key] = &[
    Key { name: "zm.payable_age_years", kind: Kind::Whole { min: 1, max: 100 } },
    Key { name: "zm.payable_min_yuan", kind: YUAN },
    Key { name: "zm.discount_ratio", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "zm.red_invoice_min", kind: YUAN },
];

const YUAN: Kind = Kind::Decimal { min: "0", max: "10000000000" };

/// A delivery with more goods than were ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// Paid / received, yuan with two decimals.
    pub real_price: Option<Dec>,
    /// Received × sale price − paid, yuan.
    pub profit: Dec,
    pub lead: bool,
}

/// Goods given in addition lower the real price below the one that is charged. ZM-1, ZM-7.
pub fn gift(paid: &Dec, ordered: &Dec, received: &Dec, sale_price: &Dec, steps: &mut Steps) -> Gift {
    let real_price = paid.divided(received, 2, Round::HalfAway);
    let profit = &(received * sale_price) - paid;
    let lead = received > ordered;
    steps.add("ZM-1", || {
        let real = real_price.clone().unwrap_or_default();
        let text = format!(
            "付款 {paid} 元 ÷ 入库 {received} = 实际单价 {real} 元；按售价 {sale_price} 元多得 {profit} 元（订购 {ordered}）"
        );
        (text, values! { "real_price" => real, "profit" => profit })
    });
    Gift { real_price, profit, lead }
}

/// What was invoiced and paid for one order, yuan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub invoiced: Dec,
    pub paid: Dec,
    /// Red-letter invoices.
    pub red: Dec,
    /// Value of the registered returns of goods.
    pub returned: Dec,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discount {
    /// Paid / invoiced less returns, four decimals.
    pub ratio: Option<Dec>,
    pub lead: bool,
}

/// Paid less than was invoiced, the difference hidden in red invoices that no return explains: a lead if the
/// ratio is below `ratio_min`, or the unexplained red invoices are above `red_min`. ZM-3.
pub fn discount(of: &Settlement, ratio_min: &Dec, red_min: &Dec, steps: &mut Steps) -> Discount {
    let due = &of.invoiced - &of.returned;
    let unexplained = &of.red - &of.returned;
    let lead = of.paid < &due * ratio_min || unexplained > *red_min;
    let ratio = of.paid.divided(&due, 4, Round::HalfAway);
    steps.add("ZM-3", || {
        let shown = ratio.clone().unwrap_or_default();
        let text =
            format!("实付 {} 元 ÷（开票 {} 元 − 退货 {} 元）= {shown}", of.paid, of.invoiced, of.returned);
        (text, values! { "ratio" => shown, "unexplained_red" => unexplained })
    });
    Discount { ratio, lead }
}

/// Whether an open payable gives a lead: as old as `years` and above `min_yuan`, or its supplier no longer
/// exists. ZM-4.
pub fn stale_payable(
    open: &Dec,
    since: NaiveDate,
    on: NaiveDate,
    supplier_deregistered: bool,
    years: u32,
    min_yuan: &Dec,
    steps: &mut Steps,
) -> Result<bool, CalendarError> {
    let due = months_after(since, years.saturating_mul(12))?;
    let lead = open.is_positive() && (supplier_deregistered || (on >= due && open >= min_yuan));
    steps.add("ZM-4", || {
        let gone = if supplier_deregistered { "，供应商已注销" } else { "" };
        let word = if lead { "列为线索" } else { "不列" };
        let text = format!(
            "应付 {open} 元自 {since} 挂账，满 {years} 年的一天是 {due}，界线 {min_yuan} 元{gone}；到 {on}：{word}"
        );
        (text, values! { "open" => open, "due" => due })
    });
    Ok(lead)
}

/// Sale price less the purchase price of the batch that was sold: any difference is a lead. HUN-7, ZM-5.
///
/// Open: of batches with different prices the one that was sold counts, first in first out where it is not known.
pub fn markup(sale_price: &Dec, batch_price: &Dec, steps: &mut Steps) -> Option<Dec> {
    let found = (sale_price != batch_price).then(|| sale_price - batch_price);
    steps.add("HUN-7", || {
        let gap = sale_price - batch_price;
        let word = if found.is_some() { "不是零差率，列为线索" } else { "零差率" };
        (
            format!("售价 {sale_price} 元 − 该批购进价 {batch_price} 元 = {gap} 元：{word}"),
            values! { "gap" => gap },
        )
    });
    found
}

/// Units of one item bought at a price, yuan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub units: Dec,
    pub price: Dec,
}

/// What a hospital gains by selling all lots at the highest of their prices, yuan; `None`: no lead. ZM-6.
pub fn highest_price_gain(
    bought: &[Lot],
    sold_units: &Dec,
    sale_price: &Dec,
    steps: &mut Steps,
) -> Option<Dec> {
    let highest = bought.iter().map(|lot| &lot.price).max()?;
    let cost = bought.iter().fold(Dec::default(), |sum, lot| &sum + &(&lot.units * &lot.price));
    let gain = &(sold_units * sale_price) - &cost;
    let lead = sale_price == highest && gain.is_positive();
    steps.add("ZM-6", || {
        let word = if lead { "按最高价全部售出，列为线索" } else { "不列" };
        let text = format!(
            "售出 {sold_units} × {sale_price} 元 − 购进合计 {cost} 元 = {gain} 元；购进最高价 {highest} 元：{word}"
        );
        (text, values! { "cost" => cost, "gain" => gain })
    });
    lead.then_some(gain)
}

/// Movements of one item in a period, units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    pub opening: Dec,
    pub bought: Dec,
    /// Charged to patients, by the full settlement data.
    pub charged: Dec,
    pub returned: Dec,
    /// Destroyed after expiry (GEN-8).
    pub destroyed: Dec,
    pub closing: Dec,
}

/// Opening + bought − charged − returned − destroyed − closing: zero is balanced, negative is charged more than
/// there was. ZM-10.
pub fn stock_difference(of: &Stock, steps: &mut Steps) -> Dec {
    let came = &of.opening + &of.bought;
    let went = [&of.charged, &of.returned, &of.destroyed, &of.closing];
    let left = went.into_iter().fold(came, |left, went| &left - went);
    steps.add("ZM-10", || {
        let text = format!(
            "期初 {} + 购进 {} − 收费 {} − 退货 {} − 销毁 {} − 期末 {} = {left}",
            of.opening, of.bought, of.charged, of.returned, of.destroyed, of.closing
        );
        (text, values! { "difference" => left })
    });
    left
}

/// One item in a hospital and period: its price in yuan, units bought and charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    pub price: Dec,
    pub bought: Dec,
    pub charged: Dec,
}

/// Pieces and value (yuan) of a suspected swap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    pub pieces: Dec,
    pub value: Dec,
}

/// A dear item charged more often than bought while a cheaper sibling was charged less often. ZM-11.
pub fn swap(dear: &Charged, cheap: &Charged, steps: &mut Steps) -> Option<Swap> {
    let (too_many, too_few) = (&dear.charged - &dear.bought, &cheap.bought - &cheap.charged);
    let lead = too_many.is_positive() && too_few.is_positive() && dear.price > cheap.price;
    steps.add("ZM-11", || {
        let word = if lead { "疑似串换" } else { "不列" };
        let text =
            format!("{} 元的多收费 {too_many}，{} 元的少收费 {too_few}：{word}", dear.price, cheap.price);
        (text, values! { "too_many" => too_many, "too_few" => too_few })
    });
    lead.then(|| {
        let pieces = too_many.min(too_few);
        Swap { value: &pieces * &(&dear.price - &cheap.price), pieces }
    })
}

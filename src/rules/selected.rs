//! What a selected product may cost whom, and which products are selected: SH-A-1, SH-A-2, SH-L-2, SH-L-3,
//! VOL-9, HN-8, HUN-3, SN-8, YN-4, YN-5, YN-9.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::explain::Steps;
use super::money::Dec;
use crate::values;

/// How a hospital stands to the agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buyer {
    /// Reported volume: pays the selected price, not a fen less.
    Party,
    /// Outside the agreement: pays at most the selected price.
    Outside,
}

/// Why an order's price is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriceFault {
    /// Below the selected price: a second bargaining, which is forbidden.
    SecondBargaining,
    AboveSelected,
}

/// Whether an order of a selected product may be placed at `price` (yuan). The agreed volume sets no end to it:
/// what goes beyond is supplied at the selected price until the period ends.
/// SH-A-1, SH-A-2, SH-L-3, VOL-9, HN-8.
pub fn order_price(buyer: Buyer, price: &Dec, selected: &Dec, steps: &mut Steps) -> Result<(), PriceFault> {
    let found = match (buyer, price.cmp(selected)) {
        (_, Ordering::Greater) => Err(PriceFault::AboveSelected),
        (Buyer::Party, Ordering::Less) => Err(PriceFault::SecondBargaining),
        _ => Ok(()),
    };
    steps.add(if buyer == Buyer::Party { "SH-A-1" } else { "SH-A-2" }, || {
        let word = match found {
            Ok(()) => "可以下单",
            Err(PriceFault::AboveSelected) => "高于中选价，不能下单",
            Err(PriceFault::SecondBargaining) => "低于中选价属于二次议价，不能下单",
        };
        (
            format!("订单价 {price} 元，中选价 {selected} 元：{word}"),
            values! { "price" => price, "selected" => selected },
        )
    });
    found
}

/// Whether the selected price may still be claimed on `day`: until the last day of the period. HN-8.
pub fn claims_selected_price(day: NaiveDate, first: NaiveDate, last: NaiveDate, steps: &mut Steps) -> bool {
    let claims = (first..=last).contains(&day);
    steps.add("HN-8", || {
        let word = if claims { "在周期内，按中选价供应" } else { "不在周期内" };
        (format!("采购周期 {first} 至 {last}，{day} {word}"), values! { "day" => day })
    });
    claims
}

/// Whether a bargained price is within the listing price and, if there is one, the bargaining ceiling.
/// HUN-3, SN-8, JS-CR-8.
pub fn bargained_price(price: &Dec, listing: &Dec, ceiling: Option<&Dec>, steps: &mut Steps) -> bool {
    let within = price <= listing && ceiling.is_none_or(|ceiling| price <= ceiling);
    steps.add("HUN-3", || {
        let ceiling = ceiling.map(|ceiling| format!("，议价上限 {ceiling} 元")).unwrap_or_default();
        let word = if within { "没有超过" } else { "超过了" };
        (format!("议价 {price} 元，挂网价 {listing} 元{ceiling}：{word}"), values! { "price" => price })
    });
    within
}

/// What a product is to a volume-based procurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    OutOfScope,
    Selected,
    /// Also a product that a selected enterprise did not declare.
    NonSelected,
}

/// The selection status of a product. SH-L-2.
pub fn selection(in_scope: bool, enterprise_selected: bool, declared: bool) -> Selection {
    match (in_scope, enterprise_selected && declared) {
        (false, _) => Selection::OutOfScope,
        (true, true) => Selection::Selected,
        (true, false) => Selection::NonSelected,
    }
}

/// Whether an order needs the number of the hospital's own approval. SH-L-2.
pub fn needs_internal_approval(selection: Selection, steps: &mut Steps) -> bool {
    let needs = selection == Selection::NonSelected;
    steps.add("SH-L-2", || {
        let text = match selection {
            Selection::OutOfScope => "不在集采范围，不需内部审批",
            Selection::Selected => "中选产品，不需内部审批",
            Selection::NonSelected => "非中选产品，须有本机构内部审批的编号",
        };
        (text.to_owned(), values! {})
    });
    needs
}

/// A component of a product system: its price in yuan and how many belong to the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    pub price: Dec,
    pub quantity: Dec,
}

/// The price of a system: each component times its fixed quantity. YN-4.
pub fn system_price(components: &[Component]) -> Dec {
    components.iter().map(|part| &part.price * &part.quantity).fold(Dec::default(), |sum, part| &sum + &part)
}

/// Whether the component prices of a bid sum to its system price. YN-4.
pub fn system_bid_adds_up(components: &[Component], bid: &Dec, steps: &mut Steps) -> bool {
    let sum = system_price(components);
    steps.add("YN-4", || {
        let parts: Vec<_> =
            components.iter().map(|part| format!("{} × {}", part.price, part.quantity)).collect();
        let word = if sum == *bid { "一致" } else { "不一致" };
        (format!("{} = {sum} 元，与系统报价 {bid} 元{word}", parts.join(" + ")), values! { "sum" => sum })
    });
    sum == *bid
}

/// The amount of an order by what is really used: quantities of the order, not of the system. YN-5.
pub fn order_amount_by_use(used: &[Component]) -> Dec {
    system_price(used)
}

/// What a component costs inside a system that is not selected: the selected price of the same component of the
/// same enterprise, if there is one. YN-9.
pub fn component_price<'a>(own: &'a Dec, selected_elsewhere: Option<&'a Dec>, steps: &mut Steps) -> &'a Dec {
    steps.add("YN-9", || {
        let text = match selected_elsewhere {
            Some(selected) => format!("同企业同部件在中选系统中的价格 {selected} 元，按它执行"),
            None => format!("同企业同部件没有中选，按自身价格 {own} 元"),
        };
        (text, values! { "price" => selected_elsewhere.unwrap_or(own) })
    });
    selected_elsewhere.unwrap_or(own)
}

//! What a selected product may cost whom, and which products are selected: SH-A-1, SH-A-2, SH-L-2, SH-L-3,
//! VOL-9, HN-8, HUN-3, SN-8, YN-4, YN-5, YN-9.

use chrono::NaiveDate;

use super::money::Dec;

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
pub fn order_price(buyer: Buyer, price: &Dec, selected: &Dec) -> Result<(), PriceFault> {
    if price > selected {
        return Err(PriceFault::AboveSelected);
    }
    if buyer == Buyer::Party && price < selected { Err(PriceFault::SecondBargaining) } else { Ok(()) }
}

/// Whether the selected price may still be claimed on `day`: until the last day of the period. HN-8.
pub fn claims_selected_price(day: NaiveDate, first: NaiveDate, last: NaiveDate) -> bool {
    (first..=last).contains(&day)
}

/// Whether a bargained price is within the listing price and, if there is one, the bargaining ceiling.
/// HUN-3, SN-8, JS-CR-8.
pub fn bargained_price(price: &Dec, listing: &Dec, ceiling: Option<&Dec>) -> bool {
    price <= listing && ceiling.is_none_or(|ceiling| price <= ceiling)
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
pub fn needs_internal_approval(selection: Selection) -> bool {
    selection == Selection::NonSelected
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
pub fn system_bid_adds_up(components: &[Component], bid: &Dec) -> bool {
    system_price(components) == *bid
}

/// The amount of an order by what is really used: quantities of the order, not of the system. YN-5.
pub fn order_amount_by_use(used: &[Component]) -> Dec {
    system_price(used)
}

/// What a component costs inside a system that is not selected: the selected price of the same component of the
/// same enterprise, if there is one. YN-9.
pub fn component_price<'a>(own: &'a Dec, selected_elsewhere: Option<&'a Dec>) -> &'a Dec {
    selected_elsewhere.unwrap_or(own)
}

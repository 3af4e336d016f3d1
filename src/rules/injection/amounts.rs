//! Amounts and quantities by the unit (INJ-1.3, INJ-7.1).

use super::super::explain::Steps;
use super::super::money::Dec;
use super::unit_price::{PackQty, yuan};
use crate::values;

/// The amount of an order line in yuan, exact: unit price times units. A wish for a pack size changes nothing.
///
/// INJ-1.3
pub fn order_amount(unit_price: &Dec, units: u64, steps: &mut Steps) -> Dec {
    let amount = unit_price * &Dec::new(units, 0);
    steps.add("INJ-1.3", || {
        let text = format!("{} 元 × {units} = {} 元", yuan(unit_price), yuan(&amount));
        (text, values! { "unit_price" => yuan(unit_price), "units" => units, "amount" => yuan(&amount) })
    });
    amount
}

/// Units in so many packs: volumes of injections count by the unit. `None` if the number is too great.
///
/// INJ-7.1
pub fn units_of_packs(packs: u64, qty: PackQty, steps: &mut Steps) -> Option<u64> {
    let units = packs.checked_mul(qty.units().into())?;
    steps.add("INJ-7.1", || {
        let text = format!("{packs} 盒 × 每盒 {qty} = {units}（按最小制剂单位计）");
        (text, values! { "packs" => packs, "pack_qty" => qty, "units" => units })
    });
    Some(units)
}

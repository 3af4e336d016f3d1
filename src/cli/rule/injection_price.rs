//! `injection-price`: the unit price of a pack (INJ-2.1).

use super::table::{Cells, Form, InputRow, Rule};
use crate::rules::explain::Steps;
use crate::rules::injection::{PackFault, PackPrice, PackQty, Rounding, unit_price, unit_price_steps};
use crate::rules::json::RowError;
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form =
    Form { needed: &["pack_price", "pack_qty"], optional: &[], added: &["unit_price", "branch"], prepare };

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let round = Rounding::of(policy)?;
    Ok(Box::new(move |row, cells, steps| compute(row, cells, steps, round)))
}

fn compute(
    row: &InputRow<'_>,
    cells: &mut Cells,
    steps: &mut Steps,
    round: Rounding,
) -> Result<(), RowError> {
    let price = PackPrice::parse(row.bytes(0)).map_err(|fault| refused(fault, "pack_price", row.text(0)))?;
    let qty = PackQty::parse(row.bytes(1)).map_err(|fault| refused(fault, "pack_qty", row.text(1)))?;
    let unit = unit_price(price, qty, round);
    cells.put_fen(0, unit.price);
    cells.put(1, unit.branch.as_str().as_bytes());
    if steps.is_on() {
        unit_price_steps("", price, qty, unit, round, steps);
    }
    Ok(())
}

fn refused(fault: PackFault, column: &str, found: &str) -> RowError {
    RowError::new(fault.code(), column, format!("is \"{found}\", expected {}", fault.expected()))
}

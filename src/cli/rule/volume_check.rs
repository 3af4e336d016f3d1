//! `volume-check`: whether a reported volume needs a stated reason (VOL-3, VOL-4).

use super::table::{Cells, Form, InputRow, Rule};
use crate::rules::explain::Steps;
use crate::rules::json::RowError;
use crate::rules::money::{Dec, trim_blanks};
use crate::rules::policy::{Policy, PolicyError};
use crate::rules::volume::{ReasonCode, ReportLimits, check_report};

pub(super) const FORM: Form = Form {
    needed: &["history", "last_agreed", "proposed"],
    optional: &[],
    added: &["growth", "needs_reason", "reason_codes"],
    prepare,
};

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let limits = ReportLimits::from_policy(policy)?;
    Ok(Box::new(move |row, cells, steps| compute(row, cells, steps, &limits)))
}

fn compute(
    row: &InputRow<'_>,
    cells: &mut Cells,
    steps: &mut Steps,
    limits: &ReportLimits,
) -> Result<(), RowError> {
    let history = volume("history", row.text(0))?;
    let last_agreed = match trim_blanks(row.text(1)) {
        "" => None,
        given => Some(volume("last_agreed", given)?),
    };
    let proposed = volume("proposed", row.text(2))?;
    let check = check_report(&history, last_agreed.as_ref(), &proposed, limits, steps);
    if let Some(growth) = &check.growth {
        cells.set(0, growth.to_fixed(4));
    }
    cells.set(1, !check.reasons.is_empty());
    let codes: Vec<_> = check.reasons.iter().copied().map(ReasonCode::as_str).collect();
    cells.set(2, codes.join("|"));
    Ok(())
}

fn volume(column: &str, text: &str) -> Result<Dec, RowError> {
    let expected = "expected a decimal number from 0 without exponent";
    let value = Dec::parse(text)
        .ok_or_else(|| RowError::new("NOT_A_NUMBER", column, format!("is \"{text}\", {expected}")))?;
    match value.is_negative() {
        true => Err(RowError::new("NEGATIVE", column, format!("is {value}, {expected}"))),
        false => Ok(value),
    }
}

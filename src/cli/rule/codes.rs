//! `codes`: the structure of codes.

use super::table::{Cells, Form, InputRow, Rule};
use crate::rules::codes::{CodeKind, check};
use crate::rules::explain::Steps;
use crate::rules::json::RowError;
use crate::rules::money::trim_blanks;
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form =
    Form { needed: &["kind", "code"], optional: &["standard_code"], added: &["valid", "reason"], prepare };

fn prepare(_: &Policy) -> Result<Rule, PolicyError> {
    Ok(Box::new(compute))
}

fn compute(row: &InputRow<'_>, cells: &mut Cells, steps: &mut Steps) -> Result<(), RowError> {
    let word = trim_blanks(row.text(0));
    let kind = CodeKind::of(word).ok_or_else(|| {
        let known = CodeKind::ALL.map(CodeKind::as_str).join(", ");
        RowError::new("UNKNOWN_KIND", "kind", format!("is \"{word}\", expected one of {known}"))
    })?;
    let code = trim_blanks(row.text(1));
    let standard_code = Some(trim_blanks(row.text(2))).filter(|code| !code.is_empty());
    let result = check(kind, code, standard_code, steps);
    cells.set(0, result.is_ok());
    if let Err(fault) = result {
        cells.set(1, fault.as_str());
    }
    Ok(())
}

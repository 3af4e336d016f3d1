//! `price-ratio`: the price of another specification (药品差比价规则).

use super::table::{Cells, Form, InputRow, Rule};
use crate::rules::explain::Steps;
use crate::rules::json::RowError;
use crate::rules::money::Dec;
use crate::rules::policy::{Policy, PolicyError};
use crate::rules::price_ratio::{self, Dosage, Kind, Params, PriceRatioError};

pub(super) const FORM: Form = Form {
    needed: &["kind", "representative_price", "x_representative", "x"],
    optional: &["dosage"],
    added: &["k", "price"],
    prepare,
};

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let rule = price_ratio::Rule::new(Params::from_policy(policy)?);
    Ok(Box::new(move |row, cells, steps| compute(row, cells, steps, &rule)))
}

const NUMBERS: [(usize, &str); 3] = [(1, "representative_price"), (2, "x_representative"), (3, "x")];

fn compute(
    row: &InputRow<'_>,
    cells: &mut Cells,
    steps: &mut Steps,
    rule: &price_ratio::Rule,
) -> Result<(), RowError> {
    let expected = "expected a decimal number above 0 without exponent";
    let read = |(at, column): (usize, &str)| {
        let text = row.text(at);
        let bad = || RowError::new("NOT_A_NUMBER", column, format!("is \"{text}\", {expected}"));
        Dec::parse(text).ok_or_else(bad)
    };
    let [price, x_representative, x] = NUMBERS.map(read);
    let (price, x_representative, x) = (price?, x_representative?, x?);
    for ((_, column), value) in NUMBERS.iter().zip([&price, &x_representative, &x]) {
        if !value.is_positive() {
            return Err(RowError::new("NOT_POSITIVE", *column, format!("is {value}, {expected}")));
        }
    }
    let word = row.text(0);
    let kind = match word {
        "content" => Kind::Content,
        "fill_volume" => Kind::FillVolume,
        "pack_count" => Kind::PackCount,
        _ => {
            let problem = format!("is \"{word}\", expected content, fill_volume or pack_count");
            return Err(RowError::new("UNKNOWN_KIND", "kind", problem));
        }
    };
    let dosage = match row.text(4) {
        "injection" => Dosage::Injection,
        "granule_bag" => Dosage::GranuleBag,
        _ => Dosage::Other,
    };
    let found = rule.price(kind, dosage, &price, &x_representative, &x, steps).map_err(refused)?;
    cells.set(0, found.k.to_fixed(6));
    cells.set(1, found.price.to_fixed(4));
    Ok(())
}

fn refused(error: PriceRatioError) -> RowError {
    let (code, problem) = match error {
        PriceRatioError::NotPositive => ("NOT_POSITIVE", "is not above 0"),
        PriceRatioError::ContentRatio => (
            "CONTENT_RATIO_GE_8",
            "is at the limit of contents or beyond, expected a representative of its own",
        ),
        PriceRatioError::OutOfReach => ("NOT_A_NUMBER", "is too far from x_representative"),
    };
    RowError::new(code, "x", problem)
}

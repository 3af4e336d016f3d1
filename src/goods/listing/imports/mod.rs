//! The sheets of this office: old listings by the pack, and prices seen elsewhere.

pub mod monitored;
pub mod pack_prices;
mod pack_prices_apply;
mod pack_prices_plan;
mod pack_prices_row;

use crate::platform::http::number::Price;
use crate::platform::import::{Cells, Faults};
use crate::platform::sql::Money;

/// A price in yuan; a fault and none otherwise.
fn price(cells: &Cells, column: usize, label: &str, faults: &mut Faults) -> Option<Money> {
    match Price::parse(label, cells.get(column)) {
        Ok(price) => Some(price.get()),
        Err(detail) => {
            faults.push((column, detail.replace("您填的", "表中")));
            None
        }
    }
}

/// A word of a list; a fault and none otherwise. Nothing means `default`, where there is one.
fn word<T: Copy>(
    cells: &Cells,
    column: usize,
    label: &str,
    words: &[(&str, T)],
    default: Option<T>,
    faults: &mut Faults,
) -> Option<T> {
    let given = cells.get(column);
    let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
    let found = found.or(default.filter(|_| given.is_empty()));
    if found.is_none() {
        let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join("、");
        let shown: String = given.chars().take(20).collect();
        let given = if given.is_empty() { "空".to_owned() } else { format!("“{shown}”") };
        faults.push((column, format!("{label}应为{all}之一，表中是{given}")));
    }
    found
}

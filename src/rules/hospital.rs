//! Consumables inside a hospital: SD-6, SD-7, SD-11, SD-12, SD-17, SD-18.

use chrono::{Datelike, NaiveDate};

use super::calendar::{CalendarError, months_after};
use super::money::Dec;
use super::policy::{Key, Kind};

/// The parameters of the hospital's consumables.
pub const KEYS: &[Key] = &[
    Key { name: "sd.dept_experts_min", kind: FEW },
    Key { name: "sd.panel_min", kind: FEW },
    Key { name: "sd.majority", kind: Kind::Word(&["half", "strict"]) },
    Key { name: "sd.temp_months", kind: FEW },
    Key { name: "sd.temp_repeats", kind: FEW },
    Key { name: "sd.offline_register_workdays", kind: FEW },
    Key { name: "sd.record_years", kind: FEW },
];

const FEW: Kind = Kind::Whole { min: 1, max: 100 };

/// Whether a department's proposal passes: at least `min` experts, all agree, all sign. SD-6.
pub fn proposal_passes(experts: usize, agree: usize, signed: usize, min: i64) -> bool {
    i64::try_from(experts).is_ok_and(|n| n >= min) && agree == experts && signed == experts
}

/// Whether a panel admits an item: at least `min` experts, and half of them or more agree; under a strict
/// majority more than half. SD-7.
pub fn panel_admits(experts: usize, agree: usize, min: i64, strict: bool) -> bool {
    let enough = i64::try_from(experts).is_ok_and(|n| n >= min) && agree <= experts;
    let against = experts.saturating_sub(agree);
    enough && if strict { agree > against } else { agree >= against }
}

/// Whether the temporary purchase on `day` starts the evaluation for admission: it is at least the
/// `repeats`-th of the item in its calendar year; `earlier` are the days of those before. SD-11.
///
/// Open: "repeatedly" is read as from the second time on.
pub fn starts_evaluation(day: NaiveDate, earlier: &[NaiveDate], repeats: i64) -> bool {
    let this_year = earlier.iter().filter(|before| before.year() == day.year()).count();
    i64::try_from(this_year).is_ok_and(|before| before + 1 >= repeats)
}

/// Until when a temporary entry must be decided. SD-12.
pub fn decide_by(entered: NaiveDate, months: u32) -> Result<NaiveDate, CalendarError> {
    months_after(entered, months)
}

/// How long the record of an acceptance is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Up to and including this day.
    Until(NaiveDate),
    Forever,
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// Use ended on that day.
    Used(NaiveDate),
    /// Not used; its life ends on that day.
    Unused(NaiveDate),
    Implant,
}

/// How long the record of an item's acceptance is kept: implants for ever, others `years` after the end of their
/// use or life. SD-17.
pub fn keep_record(item: Item, years: u32) -> Result<Keep, CalendarError> {
    match item {
        Item::Implant => Ok(Keep::Forever),
        Item::Used(day) | Item::Unused(day) => Ok(Keep::Until(months_after(day, years.saturating_mul(12))?)),
    }
}

/// Pieces of one item in stock that expire together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Last day on which it may be used.
    pub expires: NaiveDate,
    pub pieces: Dec,
}

/// From which batches `wanted` pieces are issued: shortest remaining life first, never from what has expired;
/// (position, pieces) each. What stock cannot give is left out. SD-18.
pub fn pick(batches: &[Batch], wanted: &Dec, today: NaiveDate) -> Vec<(usize, Dec)> {
    let mut usable: Vec<_> = batches.iter().enumerate().filter(|(_, batch)| batch.expires >= today).collect();
    usable.sort_by_key(|(at, batch)| (batch.expires, *at));
    let mut left = wanted.clone();
    let mut picked = Vec::new();
    for (at, batch) in usable {
        let take = left.clone().min(batch.pieces.clone());
        if take.is_positive() {
            left = &left - &take;
            picked.push((at, take));
        }
    }
    picked
}

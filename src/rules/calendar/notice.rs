//! A notice of the State Council on holidays, as dated data: which days of whatever year are off, which are worked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Deserialize;

use super::error::CalendarError;

/// A notice. Days that it does not name follow an earlier notice, or the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number, 国办发明电〔2025〕7号.
    pub number: String,
    /// The day of issue: of two notices on one day of the calendar the later counts.
    pub issued: NaiveDate,
    /// The year whose holidays it arranges; none where it only changes days of years that are arranged.
    pub year: Option<i32>,
    /// Each day that it names: whether it is worked.
    pub days: BTreeMap<NaiveDate, bool>,
}

/// A notice as it stands in `config/holidays/YYYY.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    year: Option<i32>,
    notice: String,
    issued: NaiveDate,
    holidays: Vec<NaiveDate>,
    workdays: Vec<NaiveDate>,
}

impl Notice {
    /// Puts a notice together; a day that is named twice is returned.
    pub fn new(
        number: String,
        issued: NaiveDate,
        year: Option<i32>,
        off: &[NaiveDate],
        work: &[NaiveDate],
    ) -> Result<Self, NaiveDate> {
        let mut seen = BTreeSet::new();
        if let Some(day) = off.iter().chain(work).find(|day| !seen.insert(**day)) {
            return Err(*day);
        }
        let days = off.iter().map(|day| (*day, false)).chain(work.iter().map(|day| (*day, true)));
        Ok(Self { number, issued, year, days: days.collect() })
    }

    /// Reads the file of a notice; `label` names it in messages.
    pub fn read(label: &str, text: &str) -> Result<Self, CalendarError> {
        let wrong = |what: &str| CalendarError::Table(label.to_owned(), what.to_owned());
        let table: Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        let notice = Self::new(table.notice, table.issued, table.year, &table.holidays, &table.workdays);
        notice.map_err(|day| wrong(&format!("{day} 出现了两次")))
    }

    /// The days that it makes free (`worked` false) or has worked.
    pub fn of_kind(&self, worked: bool) -> impl Iterator<Item = NaiveDate> {
        self.days.iter().filter(move |(_, works)| **works == worked).map(|(day, _)| *day)
    }
}

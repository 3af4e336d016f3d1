//! Days as they come in, from bodies, addresses and forms: 1990 to 2099 and nothing else. Five digits of a year sort before four
//! where days are kept as text, and a slip of the keyboard must not stand in a list for centuries.

use std::ops::RangeInclusive;

use chrono::{Datelike, Months, NaiveDate};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::number::shown;
use crate::input::Checks;

/// The years that a day from outside may have.
pub const YEARS: RangeInclusive<i32> = 1990..=2099;

/// Reads a day, `2024-09-10`; the message names the member by its `label`.
///
/// # Errors
/// A Chinese sentence that says what is expected and what was given.
pub fn parse(label: &str, text: &str) -> Result<NaiveDate, String> {
    let given = shown(text);
    let plain = text.starts_with(|first: char| first.is_ascii_digit());
    match NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| plain) {
        Some(day) if YEARS.contains(&day.year()) => Ok(day),
        Some(_) => {
            let (first, last) = (YEARS.start(), YEARS.end());
            Err(format!("{label}应在 {first} 年至 {last} 年之间，您填的是 {given}，请核对年份"))
        }
        None if text.trim().is_empty() => Err(format!("请填写{label}")),
        None => Err(format!("{label}应为日期，例如 2024-09-10，您填的是 {given}")),
    }
}

/// A day of a body or an address, for `deserialize_with`.
///
/// # Errors
/// As [`parse`].
pub fn read<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
    parse("日期", &String::deserialize(from)?).map_err(D::Error::custom)
}

/// As [`read`], where there may be none.
///
/// # Errors
/// As [`parse`].
pub fn read_optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
    let given = Option::<String>::deserialize(from)?;
    given.map(|text| parse("日期", &text)).transpose().map_err(D::Error::custom)
}

/// As [`read`], for several days; the one that is wrong is named.
///
/// # Errors
/// As [`parse`].
pub fn read_all<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<NaiveDate>, D::Error> {
    #[derive(Deserialize)]
    struct Each(#[serde(deserialize_with = "read")] NaiveDate);
    Ok(Vec::<Each>::deserialize(from)?.into_iter().map(|Each(day)| day).collect())
}

/// How far ahead a day may lie before it is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Horizon {
    /// The member and field that holds the day.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Years from the legal day on that need no question.
    pub years: u32,
}

/// The member and field that answers the question.
pub const CONFIRM_FAR: &str = "confirm_far";

impl Horizon {
    /// The last day that is not asked about.
    pub fn last(&self, today: NaiveDate) -> NaiveDate {
        today.checked_add_months(Months::new(self.years.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
    }

    /// Asks about a day beyond the horizon, until it is confirmed.
    pub fn ask(&self, checks: &mut Checks, day: NaiveDate, today: NaiveDate, is_confirmed: bool) {
        if day > self.last(today) && !is_confirmed {
            let Self { label, years, .. } = self;
            checks.wrong(format!("/{}", self.name), format!("{label} {day} 在 {years} 年以后，请核对年份"));
            checks.wrong(
                format!("/{CONFIRM_FAR}"),
                format!("{day} 确实无误的，请确认后再提交（接口：{CONFIRM_FAR} 填 true）"),
            );
        }
    }
}

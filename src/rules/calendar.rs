//! Days of a procedure: calendar days, working days by the official holiday tables, the end of the next month.
//! The first day is not counted (section 0 of the catalogue). A year without a table is an error, never a guess.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::Deserialize;

use super::explain::Steps;
use crate::values;

/// The tables that ship with the program: file name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("2023.toml", include_str!("../../config/holidays/2023.toml")),
    ("2024.toml", include_str!("../../config/holidays/2024.toml")),
    ("2025.toml", include_str!("../../config/holidays/2025.toml")),
    ("2026.toml", include_str!("../../config/holidays/2026.toml")),
];

/// Why a day cannot be computed or a table not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("没有 {0} 年的节假日安排表，不能计算工作日；请在国务院办公厅发布通知后补充该年的表")]
    UnknownYear(i32),
    #[error("日期超出可以表示的范围（公元 1 年至 9999 年）")]
    OutOfRange,
    #[error("节假日安排表 {0} 不能使用：{1}")]
    Table(String, String),
}

/// The holidays and make-up working days of the years that are known.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeMap<i32, Year>,
}

#[derive(Clone, Debug)]
struct Year {
    notice: String,
    holidays: BTreeSet<NaiveDate>,
    workdays: BTreeSet<NaiveDate>,
}

/// A table as it stands in `config/holidays/YYYY.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    year: i32,
    /// Number of the State Council's notice.
    notice: String,
    holidays: Vec<NaiveDate>,
    workdays: Vec<NaiveDate>,
}

/// How a due day is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// 次月底: SH-A-3, SH-L-4, HN-10, YN-7, JX-13.
    EndOfNextMonth,
    /// HN-12, SN-9, SN-11, SN-12, SN-13.
    CalendarDays,
    /// JX-12, SD-15, SUR-6.
    WorkingDays,
    /// HN-7.
    WorkingDaysBefore,
}

impl Calendar {
    /// The due day counted from `from`, which itself is not counted; `days` is at least 1 where it is used.
    /// 17.1, 17.2, HN-7, JX-12, SD-15, SN-9.
    pub fn due(
        &self,
        kind: DueKind,
        from: NaiveDate,
        days: u64,
        steps: &mut Steps,
    ) -> Result<NaiveDate, CalendarError> {
        let due = match kind {
            DueKind::EndOfNextMonth => end_of_next_month(from),
            DueKind::CalendarDays => calendar_days_after(from, days),
            DueKind::WorkingDays => self.working_days_after(from, days),
            DueKind::WorkingDaysBefore => self.working_days_before(from, days),
        }?;
        let (clause, how) = match kind {
            DueKind::EndOfNextMonth => ("HN-10", "次月的最后一天".to_owned()),
            DueKind::CalendarDays => ("HN-12", format!("起 {days} 日（当日不计，遇节假日不顺延）")),
            DueKind::WorkingDays => {
                ("JX-12", format!("起第 {days} 个工作日（当日不计，按国务院节假日安排）"))
            }
            DueKind::WorkingDaysBefore => ("HN-7", format!("之前第 {days} 个工作日（按国务院节假日安排）")),
        };
        steps.add(clause, || (format!("{from} {how}为 {due}"), values! { "from" => from, "due" => due }));
        Ok(due)
    }

    /// The tables that ship with the program.
    pub fn shipped() -> Result<Self, CalendarError> {
        let mut calendar = Calendar::default();
        for (file, text) in SHIPPED {
            calendar.add(file, text)?;
        }
        Ok(calendar)
    }

    /// Adds the table of one year; `label` names it in messages. A year that is there already is refused.
    pub fn add(&mut self, label: &str, text: &str) -> Result<(), CalendarError> {
        let wrong = |what: &str| CalendarError::Table(label.to_owned(), what.to_owned());
        let table: Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        let all = || table.holidays.iter().chain(&table.workdays);
        if let Some(day) = all().find(|day| day.year() != table.year) {
            return Err(wrong(&format!("{day} 不在 {} 年", table.year)));
        }
        let mut seen = BTreeSet::new();
        if let Some(day) = all().find(|day| !seen.insert(**day)) {
            return Err(wrong(&format!("{day} 出现了两次")));
        }
        let year = Year {
            notice: table.notice,
            holidays: table.holidays.into_iter().collect(),
            workdays: table.workdays.into_iter().collect(),
        };
        match self.years.insert(table.year, year) {
            None => Ok(()),
            Some(_) => Err(wrong(&format!("{} 年已有一张表", table.year))),
        }
    }

    /// The years that have a table, with the number of the notice.
    pub fn years(&self) -> impl Iterator<Item = (i32, &str)> {
        self.years.iter().map(|(year, table)| (*year, table.notice.as_str()))
    }

    /// Monday to Friday and no public holiday, or a make-up working day.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, CalendarError> {
        let year = self.years.get(&day.year()).ok_or(CalendarError::UnknownYear(day.year()))?;
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(year.workdays.contains(&day) || (!weekend && !year.holidays.contains(&day)))
    }

    /// The `days`-th working day after `from` (JX-12, SD-15, SUR-6); `days` is at least 1.
    pub fn working_days_after(&self, from: NaiveDate, days: u64) -> Result<NaiveDate, CalendarError> {
        self.count(from, days, NaiveDate::succ_opt)
    }

    /// The `days`-th working day before `from` (HN-7); `days` is at least 1.
    pub fn working_days_before(&self, from: NaiveDate, days: u64) -> Result<NaiveDate, CalendarError> {
        self.count(from, days, NaiveDate::pred_opt)
    }

    fn count(
        &self,
        from: NaiveDate,
        days: u64,
        next: fn(&NaiveDate) -> Option<NaiveDate>,
    ) -> Result<NaiveDate, CalendarError> {
        let (mut day, mut left) = (from, days.max(1));
        while left > 0 {
            day = next(&day).ok_or(CalendarError::OutOfRange)?;
            left -= u64::from(self.is_working_day(day)?);
        }
        Ok(day)
    }
}

/// `from` + `days`, never moved by holidays (HN-12, SN-9, SN-11…13).
pub fn calendar_days_after(from: NaiveDate, days: u64) -> Result<NaiveDate, CalendarError> {
    from.checked_add_days(Days::new(days)).filter(|day| day.year() <= 9_999).ok_or(CalendarError::OutOfRange)
}

/// The last day of the month after the month of `from` (次月底: SH-A-3, SH-L-4, HN-10, YN-7, JX-13).
pub fn end_of_next_month(from: NaiveDate) -> Result<NaiveDate, CalendarError> {
    end_of_month_after(from, 1)
}

/// The last day of the `n`-th month after the month of `from`, 0 for its own (17.1).
pub fn end_of_month_after(from: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
    let months = n.checked_add(1).map(Months::new).ok_or(CalendarError::OutOfRange)?;
    let first = from.with_day(1).and_then(|first| first.checked_add_months(months));
    let last = first.and_then(|first| first.pred_opt()).filter(|day| day.year() <= 9_999);
    last.ok_or(CalendarError::OutOfRange)
}

/// The last day of the `n`-th year of a period that starts on `start` (HN-3, HVC-9, YN-2); `n` from 1.
///
/// A start on 29 February ends on 28 February of a common year.
pub fn last_day_of_year(start: NaiveDate, n: u32) -> Result<NaiveDate, CalendarError> {
    let months = n.checked_mul(12).map(Months::new).ok_or(CalendarError::OutOfRange)?;
    let next = start.checked_add_months(months).ok_or(CalendarError::OutOfRange)?;
    // Where the anniversary does not exist, `next` is already the last day before it.
    let last = if next.day() == start.day() { next.pred_opt() } else { Some(next) };
    last.filter(|day| day.year() <= 9_999).ok_or(CalendarError::OutOfRange)
}

/// The same calendar day `months` later, or the last day of that month if it has none (SN-7, SN-10, SD-12).
pub fn months_after(from: NaiveDate, months: u32) -> Result<NaiveDate, CalendarError> {
    let day = from.checked_add_months(Months::new(months)).filter(|day| day.year() <= 9_999);
    day.ok_or(CalendarError::OutOfRange)
}

/// The same calendar day `months` earlier, or the last day of that month if it has none (SN-3).
pub fn months_before(from: NaiveDate, months: u32) -> Result<NaiveDate, CalendarError> {
    from.checked_sub_months(Months::new(months))
        .filter(|day| day.year() >= 1)
        .ok_or(CalendarError::OutOfRange)
}

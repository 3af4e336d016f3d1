//! Days of a procedure: calendar days, working days by the notices on holidays, the end of the next month.
//! The first day is not counted (section 0 of the catalogue).
//!
//! A year is settled by its notice up to 28 December: in the last days the next year's notice may still change something. What lies
//! beyond is an error, or provisional by statutory holidays and weekends where who asks can live with that.

mod error;
mod notice;
mod statutory;

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

pub use self::error::CalendarError;
pub use self::notice::Notice;
use super::explain::Steps;
use super::policy::{Key, Kind, Policy, PolicyError};
use crate::values;

/// The parameters of due days.
pub const KEYS: &[Key] = &[Key { name: "calendar.provisional", kind: Kind::Flag }];

/// The notices that ship with the program: file name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("2023.toml", include_str!("../../config/holidays/2023.toml")),
    ("2024.toml", include_str!("../../config/holidays/2024.toml")),
    ("2025.toml", include_str!("../../config/holidays/2025.toml")),
    ("2026.toml", include_str!("../../config/holidays/2026.toml")),
];

/// The notices that are known, and what they make of each day.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    notices: Vec<Notice>,
}

/// A due day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub day: NaiveDate,
    /// It was counted over days that are not settled, and is counted again when they are.
    pub provisional: bool,
}

/// What becomes of a count that runs beyond the years that are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beyond {
    Refused,
    Provisional,
}

impl Beyond {
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(if policy.flag("calendar.provisional")? { Beyond::Provisional } else { Beyond::Refused })
    }
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
        beyond: Beyond,
        steps: &mut Steps,
    ) -> Result<Due, CalendarError> {
        let settled = |day| Due { day, provisional: false };
        let due = match kind {
            DueKind::EndOfNextMonth => end_of_next_month(from).map(settled),
            DueKind::CalendarDays => calendar_days_after(from, days).map(settled),
            DueKind::WorkingDays => self.count(from, days, NaiveDate::succ_opt, beyond),
            DueKind::WorkingDaysBefore => self.count(from, days, NaiveDate::pred_opt, beyond),
        }?;
        let (clause, how) = match kind {
            DueKind::EndOfNextMonth => ("HN-10", "次月的最后一天".to_owned()),
            DueKind::CalendarDays => ("HN-12", format!("起 {days} 日（当日不计，遇节假日不顺延）")),
            DueKind::WorkingDays => {
                ("JX-12", format!("起第 {days} 个工作日（当日不计，按国务院节假日安排）"))
            }
            DueKind::WorkingDaysBefore => ("HN-7", format!("之前第 {days} 个工作日（按国务院节假日安排）")),
        };
        let word = if due.provisional {
            "，暂定：放假安排尚未公布，按法定节假日和周末推算"
        } else {
            ""
        };
        let day = due.day;
        steps.add(clause, || {
            (format!("{from} {how}为 {day}{word}"), values! { "from" => from, "due" => day })
        });
        Ok(due)
    }

    /// The notices that ship with the program.
    pub fn shipped() -> Result<Self, CalendarError> {
        let mut calendar = Calendar::default();
        for (file, text) in SHIPPED {
            calendar.add(file, text)?;
        }
        Ok(calendar)
    }

    /// Adds the notice in a file; `label` names it in messages. A number that is there already is refused.
    pub fn add(&mut self, label: &str, text: &str) -> Result<(), CalendarError> {
        let notice = Notice::read(label, text)?;
        if self.notices.iter().any(|known| known.number == notice.number) {
            let what = format!("{} 已有一张表", notice.number);
            return Err(CalendarError::Table(label.to_owned(), what));
        }
        self.put(notice);
        Ok(())
    }

    /// Adds a notice, the later over the earlier.
    pub fn put(&mut self, notice: Notice) {
        let place = self.notices.partition_point(|known| known.issued <= notice.issued);
        self.notices.insert(place, notice);
    }

    /// The notices in the order of issue.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The years that are arranged, with the number of the latest notice that does.
    pub fn years(&self) -> impl Iterator<Item = (i32, &str)> {
        let arranged = self.notices.iter().filter_map(|n| Some((n.year?, n.number.as_str())));
        arranged.collect::<BTreeMap<_, _>>().into_iter()
    }

    /// Whether a notice has arranged the year.
    fn is_arranged(&self, year: i32) -> bool {
        self.notices.iter().any(|notice| notice.year == Some(year))
    }

    /// Whether nothing is expected to change `day` any more.
    pub fn is_settled(&self, day: NaiveDate) -> bool {
        let last_days = day.month() == 12 && day.day() > 28;
        self.is_arranged(day.year()) && (!last_days || self.is_arranged(day.year() + 1))
    }

    /// The last day that is settled.
    pub fn settled_until(&self) -> Option<NaiveDate> {
        let last = self.notices.iter().filter_map(|notice| notice.year).max()?;
        NaiveDate::from_ymd_opt(last, 12, 28)
    }

    /// Monday to Friday and no public holiday, or a make-up working day.
    pub fn is_working_day(&self, day: NaiveDate) -> Result<bool, CalendarError> {
        match self.is_arranged(day.year()) {
            true => Ok(self.named(day).unwrap_or(!is_weekend(day))),
            false => Err(CalendarError::UnknownYear(day.year())),
        }
    }

    /// As far as is known today: by notice, else by the regulation and the week.
    fn is_expected_to_work(&self, day: NaiveDate) -> Result<bool, CalendarError> {
        match self.named(day) {
            Some(works) => Ok(works),
            None if self.is_arranged(day.year()) => Ok(!is_weekend(day)),
            None => Ok(!is_weekend(day) && !statutory::is_holiday(day)?),
        }
    }

    /// What the latest notice that names the day says.
    fn named(&self, day: NaiveDate) -> Option<bool> {
        self.notices.iter().rev().find_map(|notice| notice.days.get(&day).copied())
    }

    /// The `days`-th working day after `from` (JX-12, SD-15, SUR-6); `days` is at least 1.
    pub fn working_days_after(&self, from: NaiveDate, days: u64) -> Result<NaiveDate, CalendarError> {
        self.count(from, days, NaiveDate::succ_opt, Beyond::Refused).map(|due| due.day)
    }

    /// The `days`-th working day before `from` (HN-7); `days` is at least 1.
    pub fn working_days_before(&self, from: NaiveDate, days: u64) -> Result<NaiveDate, CalendarError> {
        self.count(from, days, NaiveDate::pred_opt, Beyond::Refused).map(|due| due.day)
    }

    fn count(
        &self,
        from: NaiveDate,
        days: u64,
        next: fn(&NaiveDate) -> Option<NaiveDate>,
        beyond: Beyond,
    ) -> Result<Due, CalendarError> {
        let (mut day, mut left, mut provisional) = (from, days.max(1), false);
        while left > 0 {
            day = next(&day).ok_or(CalendarError::OutOfRange)?;
            let works = match beyond {
                Beyond::Refused => self.is_working_day(day)?,
                Beyond::Provisional => {
                    provisional |= !self.is_settled(day);
                    self.is_expected_to_work(day)?
                }
            };
            left -= u64::from(works);
        }
        Ok(Due { day, provisional })
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
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

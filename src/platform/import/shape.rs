//! What cells of a column are, and the one form in which what was read of them is kept and shown.

use chrono::{Datelike, NaiveDate, NaiveTime};

use crate::http::number::{Price, plain};
use crate::input::{half_width, trimmed};
use crate::sheet::nearest_day;

/// Years that a day may be in.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2099;
/// The day before the first that a spreadsheet counts, as it counts from March 1900 on.
const BEFORE_DAYS: Option<NaiveDate> = NaiveDate::from_ymd_opt(1899, 12, 30);

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Text.
    Text,
    /// A price in yuan.
    Price,
    /// A whole number.
    Whole,
    /// A day.
    Day,
}

impl Shape {
    /// Whether numbers stand in the column.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Price | Self::Whole)
    }

    /// What was read of a cell: `1,234.5` is 1234.50, `2024/8/5` is 2024-08-05. What cannot be read stays as it is.
    pub fn canonical(self, text: &str) -> String {
        let read = match self {
            Self::Text => None,
            Self::Price => Price::parse("", &ungrouped(text)).ok().map(|price| price.get().to_string()),
            Self::Whole => ungrouped(text).parse::<i64>().ok().map(|number| number.to_string()),
            Self::Day => day(text).ok().map(|day| day.to_string()),
        };
        read.unwrap_or_else(|| text.to_owned())
    }
}

/// A number without the commas between true groups of thousands, and without them only.
fn ungrouped(text: &str) -> String {
    let narrow = half_width(text);
    let number = trimmed(&narrow);
    let (whole, fraction) = number.split_once('.').map_or((number, None), |(w, f)| (w, Some(f)));
    let mut groups = whole.split(',');
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    let is_grouped = (1..=3).contains(&first.len())
        && whole.contains(',')
        && digits(first)
        && groups.all(|group| group.len() == 3 && digits(group))
        && fraction.is_none_or(|f| !f.is_empty() && digits(f));
    if is_grouped { number.replace(',', "") } else { number.to_owned() }
}

/// Why a cell is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayFault {
    /// It is none.
    NoDay,
    /// It is some time of a day.
    Time,
    /// It is the number of this day as a spreadsheet counts.
    Serial(NaiveDate),
    /// It is in a year that cannot be meant.
    Year,
}

impl DayFault {
    /// What is wrong, behind the column's name.
    pub fn chinese(self) -> String {
        match self {
            Self::NoDay => "应为日期，例如 2024-09-10".into(),
            Self::Time => "只填日期，不填时刻，例如 2024-09-10".into(),
            Self::Serial(day) => {
                format!("应为日期，这里是一个数字；若指 {day}，请照此填写，或把该列设为日期格式")
            }
            Self::Year => format!("应在 {} 至 {} 年之间", YEARS.start(), YEARS.end()),
        }
    }
}

/// A day: `2024-09-10`, `2024/9/10`, `2024.9.10` or `2024年9月10日`, also with a time within two minutes of midnight.
pub fn day(text: &str) -> Result<NaiveDate, DayFault> {
    let narrow = half_width(text);
    let text = trimmed(&narrow);
    if let Some(number) = plain(text) {
        let days = u64::try_from(number.trunc()).ok().map(chrono::Days::new);
        let day = days.and_then(|days| BEFORE_DAYS?.checked_add_days(days));
        return Err(match day.filter(|day| YEARS.contains(&day.year())) {
            Some(day) => DayFault::Serial(day),
            None => DayFault::NoDay,
        });
    }
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let date = date.replace(['年', '月', '/', '.'], "-").replace('日', "");
    let year = date.split('-').next().unwrap_or_default();
    if year.is_empty() || !year.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DayFault::NoDay);
    }
    let date = NaiveDate::parse_from_str(&date, "%Y-%m-%d").map_err(|_| DayFault::NoDay)?;
    let Some(time) = time_of(trimmed(time)) else { return Err(DayFault::NoDay) };
    let day = nearest_day(date.and_time(time));
    if !YEARS.contains(&day.unwrap_or(date).year()) {
        return Err(DayFault::Year);
    }
    day.ok_or(DayFault::Time)
}

/// A time; midnight where there is none.
fn time_of(text: &str) -> Option<NaiveTime> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    if text.is_empty() {
        return Some(NaiveTime::MIN);
    }
    let forms = ["%H:%M:%S%.f", "%H:%M"];
    forms.iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

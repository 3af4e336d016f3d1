//! Instants as procedure deadlines need them: RFC 3339 with an offset, the fraction kept digit by digit.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};

use super::json::{Object, RowError};

/// An instant. Two texts of the same instant in different offsets are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970-01-01T00:00:00Z.
    seconds: i64,
    /// Decimals of the second without trailing zeros, so that comparing texts compares values.
    fraction: String,
}

impl Moment {
    /// Reads `2024-12-12T17:00:00.5+08:00` or `…Z`; `None` for anything else (no offset, no such day).
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let date = parse_date(date)?;
        let clock = rest.strip_prefix(['T', 't'])?;
        let (clock, rest) = clock.split_at_checked(8)?;
        let [hour, minute, second] = three(clock, ':')?;
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let zone_at = rest.find(['Z', 'z', '+', '-'])?;
        let (fraction, zone) = rest.split_at(zone_at);
        let fraction = match fraction.strip_prefix('.') {
            Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits,
            None if fraction.is_empty() => "",
            _ => return None,
        };
        let days = date.signed_duration_since(NaiveDate::default()).num_days();
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
        Some(Self { seconds, fraction: fraction.trim_end_matches('0').to_owned() })
    }
}

/// Reads `YYYY-MM-DD`; `None` for another form or a day that does not exist.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let year = digits(text.get(..4)?).filter(|year| *year > 0)?;
    let (month, day) = (digits(text.get(5..7)?)?, digits(text.get(8..)?)?);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

/// A needed day of a JSON object, `YYYY-MM-DD`.
pub fn date_member(object: &Object<'_>, name: &str) -> Result<NaiveDate, RowError> {
    let text = object.text(name)?;
    parse_date(text).ok_or_else(|| {
        RowError::new("BAD_VALUE", name, format!("is \"{text:.40}\", expected a day such as 2024-09-02"))
    })
}

/// A day of a JSON object, if given.
pub fn opt_date_member(object: &Object<'_>, name: &str) -> Result<Option<NaiveDate>, RowError> {
    object.get(name).map(|_| date_member(object, name)).transpose()
}

fn digits(text: &str) -> Option<i64> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// `17:00:00` or the like: three numbers of two digits.
fn three(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| if part.len() == 2 { digits(part) } else { None });
    let found = [parts.next()??, parts.next()??, parts.next()??];
    if parts.next().is_some() { None } else { Some(found) }
}

/// Seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "Z" | "z") {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let [hours, minutes, _] = three(&format!("{}:00", zone.get(1..)?), ':')?;
    if hours > 23 || minutes > 59 { None } else { Some(sign * (hours * 3_600 + minutes * 60)) }
}

impl<Z: TimeZone> From<DateTime<Z>> for Moment {
    fn from(time: DateTime<Z>) -> Self {
        let time = time.with_timezone(&Utc);
        let fraction = format!("{:09}", time.timestamp_subsec_nanos());
        Self { seconds: time.timestamp(), fraction: fraction.trim_end_matches('0').to_owned() }
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> Ordering {
        self.seconds.cmp(&other.seconds).then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

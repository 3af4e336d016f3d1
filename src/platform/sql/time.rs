//! Instants as both engines keep them.

use chrono::{
    DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc,
};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Text, Timestamp};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::MultiBackend;

/// An instant, UTC, cut to microseconds, as both engines keep it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::AsExpression, diesel::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Timestamp)]
pub struct Time(pub NaiveDateTime);

/// The offset of Asia/Shanghai, which has had no summer time since 1991.
pub fn shanghai() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

impl Time {
    /// Cuts an instant to microseconds.
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        let micros = at.timestamp_micros();
        Self(DateTime::from_timestamp_micros(micros).unwrap_or(at).naive_utc())
    }

    /// The instant so many microseconds after 1970; the first or last of the years 1 to 9999 where it is outside of them, so that
    /// both engines know it.
    pub fn from_micros(micros: i64) -> Self {
        let micros = micros.clamp(-62_135_596_800_000_000, 253_402_300_799_999_999);
        Self(DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc())
    }

    /// Reads RFC 3339 with an offset.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|t| Self::from_utc(t.with_timezone(&Utc)))
    }

    /// Later by `by`; stays where it is if that is beyond what a calendar holds.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.checked_add_signed(by).unwrap_or(self.0))
    }

    /// The day in Shanghai.
    pub fn day(self) -> NaiveDate {
        self.local().date_naive()
    }

    /// With the offset of Shanghai.
    pub fn local(self) -> DateTime<FixedOffset> {
        self.0.and_utc().with_timezone(&shanghai())
    }

    /// RFC 3339 with the offset of Shanghai.
    pub fn rfc3339(self) -> String {
        self.local().to_rfc3339_opts(SecondsFormat::AutoSi, false)
    }

    /// For people: `2024-09-10 17:00`.
    pub fn minute(self) -> String {
        self.local().format("%Y-%m-%d %H:%M").to_string()
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "时间应为 RFC 3339 写法并带时区，例如 2024-09-10T17:00:00+08:00，收到的是 {text}"
            ))
        })
    }
}

impl FromSql<Timestamp, MultiBackend> for Time {
    fn from_sql(bytes: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        bytes.from_sql::<Self, Timestamp>()
    }
}

impl FromSql<Timestamp, Pg> for Time {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(bytes).map(Self)
    }
}

impl FromSql<Timestamp, Sqlite> for Time {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<Text, Sqlite>>::from_sql(bytes)?;
        Ok(Self(stored(&text).map_or_else(|| text.parse(), Ok)?))
    }
}

/// `2024-09-10 09:00:00.123456` as it is kept; diesel's way reads patterns again for each value.
fn stored(text: &str) -> Option<NaiveDateTime> {
    let (whole, fraction) = text.split_at_checked(19)?;
    let part = |at: std::ops::Range<usize>| {
        let digits = whole.get(at)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    let signs = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    if !signs.iter().all(|(at, sign)| whole.as_bytes().get(*at) == Some(sign)) {
        return None;
    }
    let micros = match fraction.strip_prefix('.') {
        Some(digits) if digits.len() <= 6 && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{digits:0<6}").parse::<u32>().ok()?
        }
        None if fraction.is_empty() => 0,
        _ => return None,
    };
    let day = NaiveDate::from_ymd_opt(i32::try_from(part(0..4)?).ok()?, part(5..7)?, part(8..10)?)?;
    day.and_hms_micro_opt(part(11..13)?, part(14..16)?, part(17..19)?, micros)
}

impl ToSql<Timestamp, MultiBackend> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Timestamp, self));
        Ok(IsNull::No)
    }
}

impl ToSql<Timestamp, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Timestamp, Pg>::to_sql(&self.0, out)
    }
}

/// What diesel itself writes, `2024-09-10 09:00:00.123456` with the fraction in threes of digits where there is one; its way
/// there reads a pattern again for each value.
impl ToSql<Timestamp, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        let (day, time, micros) = (self.0.date(), self.0.time(), self.0.nanosecond() / 1000);
        let (year, month, day) = (day.year(), day.month(), day.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let whole = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
        out.set_value(match (micros / 1000, micros % 1000) {
            (0, 0) => whole,
            (millis, 0) => format!("{whole}.{millis:03}"),
            _ => format!("{whole}.{micros:06}"),
        });
        Ok(IsNull::No)
    }
}

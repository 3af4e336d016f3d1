//! A list of days in one column, and as somebody types it.

use std::fmt::Write;

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::day;
use crate::input::half_width;
use crate::sql::MultiBackend;

/// Longest run of days that 「至」 stands for.
const LONGEST: usize = 31;

/// Days in ascending order; one word each in the column.
#[derive(
    Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, AsExpression, FromSqlRow, ToSchema,
)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Days(#[serde(deserialize_with = "day::read_all")] pub Vec<NaiveDate>);

impl Days {
    fn words(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// For people, runs of days together: 2027-02-05 至 2027-02-11、2027-04-05.
    pub fn shown(&self) -> String {
        let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
        for day in &self.0 {
            match runs.last_mut() {
                Some((_, last)) if last.succ_opt() == Some(*day) => *last = *day,
                _ => runs.push((*day, *day)),
            }
        }
        let mut text = String::new();
        for (first, last) in runs {
            let gap = if text.is_empty() { "" } else { "、" };
            // Writing to a string does not fail.
            let _ = match first == last {
                true => write!(text, "{gap}{first}"),
                false => write!(text, "{gap}{first} 至 {last}"),
            };
        }
        text
    }
}

/// Reads days as they are typed: `2027-02-05`, or `2027-02-05 至 2027-02-11`, divided by blanks, line ends or commas.
///
/// # Errors
/// A sentence that names what is no day.
pub fn read_days(label: &str, typed: &str) -> Result<Days, String> {
    let plain = half_width(typed).replace(['、', ',', ';', '，', '；', '。'], " ");
    let plain = plain.replace(['至', '~'], " 至 ");
    let mut days: Vec<NaiveDate> = Vec::new();
    let mut words = plain.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let first = read_day(label, word)?;
        days.push(first);
        if words.next_if_eq(&"至").is_some() {
            let last = read_day(label, words.next().unwrap_or_default())?;
            let run = first.iter_days().skip(1).take_while(|next| *next <= last).take(LONGEST + 1);
            let run: Vec<NaiveDate> = run.collect();
            if last < first || run.len() > LONGEST {
                return Err(format!("{label}中 {first} 至 {last} 不是前后相连的几天，请核对"));
            }
            days.extend(run);
        }
    }
    days.sort_unstable();
    Ok(Days(days))
}

fn read_day(label: &str, word: &str) -> Result<NaiveDate, String> {
    day::parse(label, word).map_err(|_| {
        format!("{label}应逐日填写，例如 2027-02-05 或 2027-02-05 至 2027-02-11，您填的是“{word}”")
    })
}

impl<DB: Backend> FromSql<Text, DB> for Days
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let words = <String as FromSql<Text, DB>>::from_sql(bytes)?;
        let days: Result<Vec<NaiveDate>, _> = words.split_whitespace().map(str::parse).collect();
        Ok(Self(days?))
    }
}

impl ToSql<Text, MultiBackend> for Days {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((Text, self));
        Ok(IsNull::No)
    }
}

impl ToSql<Text, Pg> for Days {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.words().as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Text, Sqlite> for Days {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.words());
        Ok(IsNull::No)
    }
}

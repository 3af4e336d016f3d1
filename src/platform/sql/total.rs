//! What many amounts of money come to: more than one amount can be.

use std::fmt;

use diesel::Queryable;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromStaticSqlRow};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::BigInt;
use serde::{Serialize, Serializer};

use super::Money;
use crate::error::{Error, Result};

/// 10⁻⁶ yuan in a yuan.
const YUAN: i128 = 1_000_000;

/// A sum of amounts in whole 10⁻⁶ yuan, exact. [`Money`] is what one row holds, this what all rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Total(i128);

/// The sum of a column of [`Money`] as the database's two numbers for a [`Total`]: whole yuan, and what is over them. No row
/// comes to 0.
///
/// `SUM` of the column itself ends at 9.2 × 10¹² yuan on both engines; this one at 9.2 × 10¹⁸ yuan.
pub fn money_sum(column: &'static str) -> SqlLiteral<(BigInt, BigInt)> {
    sql(&two_numbers(column))
}

/// As [`money_sum`], in SQL.
pub fn two_numbers(column: &str) -> String {
    format!(
        "CAST(COALESCE(SUM({column} / 1000000), 0) AS BIGINT), CAST(COALESCE(SUM({column} % 1000000), 0) AS BIGINT)"
    )
}

impl Total {
    /// Of the two numbers of [`money_sum`]; they stay far inside 128 bits.
    pub fn of(yuan: i64, rest: i64) -> Self {
        Self(i128::from(yuan) * YUAN + i128::from(rest))
    }

    /// As what one row can hold; none where it is more.
    pub fn money(self) -> Option<Money> {
        i64::try_from(self.0).ok().map(Money)
    }

    /// Sum.
    ///
    /// # Errors
    /// Internal beyond 10³² yuan.
    pub fn plus(self, more: impl Into<Self>) -> Result<Self> {
        let sum = self.0.checked_add(more.into().0).map(Self);
        sum.ok_or_else(|| Error::internal("a total out of range"))
    }

    /// For people: at least two decimals, thousands separated, such as `1,234.50`.
    pub fn display(self) -> String {
        let plain = self.to_string();
        let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |d| ("-", d));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
        let mut grouped = String::new();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(c);
        }
        format!("{sign}{grouped}.{fraction}")
    }
}

impl Money {
    /// Amount of `quantity` units at this price (INJ-1.3); a product of 64 bits by 64 always fits.
    pub fn times(self, quantity: i64) -> Total {
        Total(i128::from(self.0) * i128::from(quantity))
    }

    /// For people: at least two decimals, thousands separated, such as `1,234.50`.
    pub fn display(self) -> String {
        Total::from(self).display()
    }
}

/// Plain notation with at least two decimals: `5.80`, `1.234`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Total::from(*self).fmt(f)
    }
}

impl From<Money> for Total {
    fn from(amount: Money) -> Self {
        Self(amount.0.into())
    }
}

/// Plain notation with at least two decimals: `5.80`, `1.234`.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, all) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (all / YUAN.unsigned_abs(), all % YUAN.unsigned_abs());
        let decimals = format!("{rest:06}");
        let least = decimals.get(..2).unwrap_or_default();
        let more = decimals.get(2..).unwrap_or_default().trim_end_matches('0');
        write!(f, "{sign}{whole}.{least}{more}")
    }
}

impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Joins the two numbers of [`money_sum`].
impl<DB: Backend> Queryable<(BigInt, BigInt), DB> for Total
where
    (i64, i64): FromStaticSqlRow<(BigInt, BigInt), DB>,
{
    type Row = (i64, i64);

    fn build((yuan, rest): Self::Row) -> deserialize::Result<Self> {
        Ok(Self::of(yuan, rest))
    }
}

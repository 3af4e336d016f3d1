//! Quantities and prices as they come in: read digit by digit, never through a float.
//!
//! JSON takes a number or a string of plain digits (`10`, `"10"`, `12345678901234567.89`), no exponent, no blanks. Forms take
//! what an input method produces as well: full-width digits and blanks around them.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::sql::Money;

/// Most units in one place.
pub const MAX_QUANTITY: i64 = 1_000_000_000;
/// Highest price, in yuan.
pub const MAX_PRICE: i64 = 100_000_000;

/// A whole number of units, 1 to 10⁹.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000)]
#[serde(transparent)]
pub struct Quantity(i64);

/// A price in yuan, above 0 and at most 10⁸, with at most six decimals. JSON carries it as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, utoipa::ToSchema)]
#[schema(value_type = String, pattern = r"^(?=.*[1-9])\d{1,9}(\.\d{1,6})?$", example = "5.80")]
pub struct Price(Money);

impl Quantity {
    /// The number.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Reads plain digits; the message names the member by its `label`.
    ///
    /// # Errors
    /// A Chinese sentence that says what is expected and what was given.
    pub fn parse(label: &str, text: &str) -> Result<Self, String> {
        let given = shown(text);
        match plain(text) {
            None if text.trim().is_empty() => Err(format!("请填写{label}")),
            Some(n) if n.scale() > 0 || n < Decimal::ONE => {
                Err(format!("{label}应为不小于 1 的整数，您填的是 {given}"))
            }
            Some(n) => match i64::try_from(n) {
                Ok(n) if n <= MAX_QUANTITY => Ok(Self(n)),
                _ => Err(format!("{label}不能超过 {MAX_QUANTITY}，您填的是 {given}")),
            },
            None if is_long_number(text) => Err(format!("{label}不能超过 {MAX_QUANTITY}，您填的是 {given}")),
            None => Err(format!("{label}应为不小于 1 的整数，您填的是 {given}")),
        }
    }
}

impl Price {
    /// The amount.
    pub fn get(self) -> Money {
        self.0
    }

    /// Reads plain digits with at most one point; the message names the member by its `label`.
    ///
    /// # Errors
    /// A Chinese sentence that says what is expected and what was given.
    pub fn parse(label: &str, text: &str) -> Result<Self, String> {
        let given = shown(text);
        let Some(yuan) = plain(text) else {
            return Err(if text.trim().is_empty() {
                format!("请填写{label}")
            } else if is_long_number(text) {
                format!("{label}至多 {MAX_PRICE} 元、6 位小数，您填的是 {given}")
            } else {
                format!("{label}应为只含数字和至多一个小数点的金额，例如 12.30，您填的是 {given}")
            });
        };
        if yuan <= Decimal::ZERO {
            return Err(format!("{label}应大于 0，您填的是 {given}"));
        }
        if yuan > Decimal::from(MAX_PRICE) {
            return Err(format!("{label}不能超过 {MAX_PRICE} 元，您填的是 {given}"));
        }
        Money::from_yuan(yuan).map(Self).ok_or_else(|| format!("{label}至多 6 位小数，您填的是 {given}"))
    }
}

/// A decimal of plain notation: optional minus, digits, at most one point with digits on both sides. No sign `+`, no
/// exponent, no blanks, nothing that is rounded.
pub fn plain(text: &str) -> Option<Decimal> {
    if is_plain(text) { Decimal::from_str_exact(text).ok() } else { None }
}

fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// Well written, but longer than any figure here.
fn is_long_number(text: &str) -> bool {
    is_plain(text) && !text.starts_with('-')
}

/// What was given, cut so that a message stays a message.
pub fn shown(text: &str) -> String {
    match text.trim() {
        "" => "空白".into(),
        t if t.chars().count() > 40 => t.chars().take(40).chain("…".chars()).collect(),
        t => t.into(),
    }
}

/// The literal text of a JSON number, or the content of a JSON string.
fn literal<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let raw = Box::<RawValue>::deserialize(from)?;
    let text = raw.get();
    if text.starts_with('"') {
        return serde_json::from_str::<Cow<'_, str>>(text).map(Cow::into_owned).map_err(D::Error::custom);
    }
    Ok(text.to_owned())
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse("数量", &literal(from)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse("价格", &literal(from)?).map_err(D::Error::custom)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

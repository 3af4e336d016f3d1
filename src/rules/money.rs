//! Exact decimals: read digit by digit, compared by value, never through a float and never rounded in silence.
//!
//! Prices, quantities, ratios and points of the law are all [`Dec`]. Sums, products and comparisons are exact
//! whatever their length; a rounding is always a call that says to how many places and which way.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Sub};

use num_bigint::{BigInt, BigUint, Sign};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest number that is read, in digits without the zeros that say nothing. No real figure comes near
/// it; it keeps one hostile line from costing minutes.
pub const MAX_DIGITS: usize = 400;

/// An exact decimal number: `digits / 10^scale`, in lowest form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dec {
    digits: BigInt,
    scale: u32,
}

/// Which way a rounding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Round {
    /// To the nearest, a half away from zero (四舍五入).
    HalfAway,
    /// Away from zero whenever anything follows (进位).
    Up,
    /// Towards zero, whatever follows is dropped (去尾).
    Down,
}

impl Dec {
    /// `digits / 10^scale`.
    pub fn new(digits: impl Into<BigInt>, scale: u32) -> Self {
        Dec { digits: digits.into(), scale }.lowest()
    }

    /// Reads an optional sign, digits and at most one point among or beside them (`5`, `5.`, `.5`, `+5.0`);
    /// blanks (space, tab, U+3000) around it are passed over. Anything else, an exponent above all, is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = trim_blanks(text);
        let (negative, number) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.len() + fraction.len() > MAX_DIGITS {
            return None;
        }
        let scale = u32::try_from(fraction.len()).ok()?;
        let digits = match (whole.len() + fraction.len()) < 19 {
            true => BigInt::from(small(whole, fraction)),
            false => {
                let all = [whole.as_bytes(), fraction.as_bytes()].concat();
                BigInt::from(BigUint::parse_bytes(&all, 10)?)
            }
        };
        Some(Dec { digits: if negative { -digits } else { digits }, scale })
    }

    /// The number without a fraction part that says nothing: 1.50 and 1.5 are one value.
    fn lowest(mut self) -> Self {
        if self.digits.sign() == Sign::NoSign {
            self.scale = 0;
        }
        while self.scale > 0 {
            let tenth = &self.digits / 10;
            if &tenth * 10 != self.digits {
                break;
            }
            self.digits = tenth;
            self.scale -= 1;
        }
        self
    }

    /// How many decimals the shortest exact form has.
    pub fn decimals(&self) -> u32 {
        self.scale
    }

    /// Whether there is no fraction part.
    pub fn is_whole(&self) -> bool {
        self.scale == 0
    }

    pub fn is_zero(&self) -> bool {
        self.digits.sign() == Sign::NoSign
    }

    /// Greater than zero.
    pub fn is_positive(&self) -> bool {
        self.digits.sign() == Sign::Plus
    }

    /// Less than zero.
    pub fn is_negative(&self) -> bool {
        self.digits.sign() == Sign::Minus
    }

    /// Compares `self / by` with `limit` by cross-multiplication; `by` must be positive (a ratio of prices).
    pub fn cmp_ratio(&self, by: &Dec, limit: &Dec) -> Ordering {
        self.cmp(&(by * limit))
    }

    /// The value to at most `decimals` places.
    pub fn rounded(&self, decimals: u32, way: Round) -> Dec {
        if self.scale <= decimals {
            return self.clone();
        }
        let one = ten_to(self.scale - decimals);
        Dec::new(divide(&self.digits, &one, way), decimals)
    }

    /// `self / by` to at most `decimals` places, exactly rounded; `None` if `by` is zero.
    pub fn divided(&self, by: &Dec, decimals: u32, way: Round) -> Option<Dec> {
        if by.is_zero() {
            return None;
        }
        let above = &self.digits * ten_to(by.scale + decimals);
        let below = &by.digits * ten_to(self.scale);
        Some(Dec::new(divide(&above, &below, way), decimals))
    }

    /// Exactly `decimals` places, rounded half away from zero; zero never carries a sign.
    pub fn to_fixed(&self, decimals: u32) -> String {
        let value = self.rounded(decimals, Round::HalfAway);
        plain(&(&value.digits * ten_to(decimals - value.scale)), decimals)
    }

    /// `self × 10^scale` if that is a whole number that fits.
    pub fn to_scaled(&self, scale: u32) -> Option<i64> {
        if self.scale > scale {
            return None;
        }
        i64::try_from(&self.digits * ten_to(scale - self.scale)).ok()
    }

    /// The numerator and scale: the value is `digits / 10^scale`.
    pub fn parts(&self) -> (&BigInt, u32) {
        (&self.digits, self.scale)
    }

    /// Both numerators over one common power of ten.
    fn aligned(&self, other: &Dec) -> (BigInt, BigInt, u32) {
        let scale = self.scale.max(other.scale);
        (&self.digits * ten_to(scale - self.scale), &other.digits * ten_to(scale - other.scale), scale)
    }
}

/// Cuts space, tab and U+3000 on both sides.
pub fn trim_blanks(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\u{3000}'])
}

/// At most 18 digits as a number.
fn small(whole: &str, fraction: &str) -> u64 {
    whole.bytes().chain(fraction.bytes()).fold(0, |sum, b| sum * 10 + u64::from(b - b'0'))
}

fn ten_to(exponent: u32) -> BigInt {
    match exponent {
        0..=18 => BigInt::from(10_u64.pow(exponent)),
        _ => BigInt::from(10).pow(exponent),
    }
}

/// `above / below` as a whole number, rounded `way`; `below` is not zero.
fn divide(above: &BigInt, below: &BigInt, way: Round) -> BigInt {
    let quotient = above / below;
    let rest = above - &quotient * below;
    let away = match way {
        Round::Down => false,
        Round::Up => rest.sign() != Sign::NoSign,
        Round::HalfAway => rest.magnitude() * 2_u32 >= *below.magnitude(),
    };
    let same_sign = (above.sign() == Sign::Minus) == (below.sign() == Sign::Minus);
    match (away, same_sign) {
        (false, _) => quotient,
        (true, true) => quotient + 1,
        (true, false) => quotient - 1,
    }
}

/// Plain notation of `digits / 10^decimals` with exactly that many places.
fn plain(digits: &BigInt, decimals: u32) -> String {
    let sign = if digits.sign() == Sign::Minus { "-" } else { "" };
    let places = decimals as usize;
    let text = format!("{:0>width$}", digits.magnitude().to_string(), width = places + 1);
    match text.split_at(text.len() - places) {
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

impl fmt::Display for Dec {
    /// The shortest exact form in plain notation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&plain(&self.digits, self.scale))
    }
}

impl Ord for Dec {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.scale == other.scale {
            return self.digits.cmp(&other.digits);
        }
        let (one, two, _) = self.aligned(other);
        one.cmp(&two)
    }
}

impl PartialOrd for Dec {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add for &Dec {
    type Output = Dec;
    fn add(self, other: &Dec) -> Dec {
        let (one, two, scale) = self.aligned(other);
        Dec::new(one + two, scale)
    }
}

impl Sub for &Dec {
    type Output = Dec;
    fn sub(self, other: &Dec) -> Dec {
        let (one, two, scale) = self.aligned(other);
        Dec::new(one - two, scale)
    }
}

impl Mul for &Dec {
    type Output = Dec;
    fn mul(self, other: &Dec) -> Dec {
        Dec::new(&self.digits * &other.digits, self.scale + other.scale)
    }
}

impl<'a> std::iter::Sum<&'a Dec> for Dec {
    fn sum<I: Iterator<Item = &'a Dec>>(numbers: I) -> Dec {
        numbers.fold(Dec::default(), |sum, number| &sum + number)
    }
}

impl From<rust_decimal::Decimal> for Dec {
    fn from(value: rust_decimal::Decimal) -> Dec {
        Dec::new(value.mantissa(), value.scale())
    }
}

impl From<i64> for Dec {
    fn from(whole: i64) -> Dec {
        Dec::new(whole, 0)
    }
}

impl Serialize for Dec {
    /// A string in the shortest exact form: a JSON number would pass through floats at the reader's end.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Dec {
    /// A string, or a JSON number without a fraction part; a number that already went through a float is
    /// refused, because its digits may no longer be those that were written.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Dec;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal written as a string, such as \"12.30\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Dec, E> {
                Dec::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
            fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Dec, E> {
                Ok(Dec::new(whole, 0))
            }
            fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Dec, E> {
                Ok(Dec::new(whole, 0))
            }
        }
        from.deserialize_any(Digits)
    }
}

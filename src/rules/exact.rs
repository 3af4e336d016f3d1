//! Exact decimals of any length, for the comparisons and products of the law.
//!
//! `rust_decimal` holds 28 digits and rounds silently beyond them. A published award must come out the
//! same for anybody who recomputes it with exact fractions, so the law itself never leaves the integers:
//! a value is `mantissa / 10^scale`, and sums, products and comparisons of such values are exact.

use std::cmp::Ordering;
use std::fmt;

use dashu_int::ops::{Abs, DivRem};
use dashu_int::{IBig, UBig};
use rust_decimal::Decimal;

/// How a value is brought to fewer decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Half away from zero (四舍五入).
    Half,
    /// Towards zero (去尾).
    Cut,
    /// To the next greater value (进位).
    Up,
}

/// An exact decimal number without a limit on its size or on its decimals.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Exact {
    mantissa: IBig,
    /// Number of decimals; the least that shows the value, so equal values are equal structs.
    scale: u32,
}

impl Exact {
    /// Longest number that is read: far above anything meant, low enough that nobody can make the law slow.
    pub const MAX_DIGITS: usize = 1_000;

    pub fn zero() -> Self {
        Self { mantissa: IBig::ZERO, scale: 0 }
    }

    pub fn new(mantissa: impl Into<IBig>, scale: u32) -> Self {
        let mut value = Self { mantissa: mantissa.into(), scale };
        value.normalise();
        value
    }

    /// Reads `5`, `5.`, `.5`, `+5.0`: optional sign, ASCII digits, at most one point; blanks (space, tab,
    /// U+3000) around it are ignored. Anything else, also more than [`Self::MAX_DIGITS`] digits, is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t', '\u{3000}']);
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits = || whole.bytes().chain(fraction.bytes());
        if text.len() == text.matches('.').count() || !digits().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        if whole.len() + fraction.len() > Self::MAX_DIGITS {
            return None;
        }
        let mantissa = if whole.len() + fraction.len() <= 38 {
            IBig::from(digits().fold(0_u128, |n, b| n.wrapping_mul(10).wrapping_add(u128::from(b - b'0'))))
        } else {
            IBig::from(UBig::from_str_radix(&format!("{whole}{fraction}"), 10).ok()?)
        };
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    fn normalise(&mut self) {
        let ten = IBig::from(10);
        while self.scale > 0 {
            let (quotient, rest) = (&self.mantissa).div_rem(&ten);
            if rest != IBig::ZERO {
                break;
            }
            self.mantissa = quotient;
            self.scale -= 1;
        }
    }

    pub fn is_positive(&self) -> bool {
        self.mantissa > IBig::ZERO
    }

    pub fn is_negative(&self) -> bool {
        self.mantissa < IBig::ZERO
    }

    pub fn is_zero(&self) -> bool {
        self.mantissa == IBig::ZERO
    }

    /// Number of decimals of the shortest form.
    pub fn decimals(&self) -> u32 {
        self.scale
    }

    /// The mantissa as if the number had `scale` decimals (which must not be fewer than it has).
    pub(crate) fn mantissa_at(&self, scale: u32) -> IBig {
        match scale.saturating_sub(self.scale) {
            0 => self.mantissa.clone(),
            shift => &self.mantissa * pow10(shift),
        }
    }

    pub fn plus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self::new(self.mantissa_at(scale) + other.mantissa_at(scale), scale)
    }

    pub fn minus(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        Self::new(self.mantissa_at(scale) - other.mantissa_at(scale), scale)
    }

    pub fn times(&self, other: &Self) -> Self {
        Self::new(&self.mantissa * &other.mantissa, self.scale + other.scale)
    }

    /// The value with at most `places` decimals.
    pub fn round(&self, places: u32, mode: Rounding) -> Self {
        if self.scale <= places {
            return self.clone();
        }
        Self::new(divide(&self.mantissa, &pow10(self.scale - places), mode), places)
    }

    /// `self / divisor` with `places` decimals; `None` if the divisor is zero.
    pub fn divided(&self, divisor: &Self, places: u32, mode: Rounding) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        let scale = self.scale.max(divisor.scale);
        let (mut top, mut bottom) = (self.mantissa_at(scale) * pow10(places), divisor.mantissa_at(scale));
        if bottom < IBig::ZERO {
            (top, bottom) = (-top, -bottom);
        }
        Some(Self::new(divide(&top, &bottom, mode), places))
    }

    /// The whole number that this value is, rounded by `mode`.
    pub fn whole(&self, mode: Rounding) -> IBig {
        self.round(0, mode).mantissa
    }

    /// Exactly `places` decimals, rounded half away from zero; never `-0.00`.
    pub fn fixed(&self, places: u32) -> String {
        let rounded = self.round(places, Rounding::Half);
        plain(&rounded.mantissa_at(places), places)
    }
}

/// Ten to the power `n`.
pub(crate) fn pow10(n: u32) -> IBig {
    match 10_i128.checked_pow(n) {
        Some(small) => IBig::from(small),
        None => IBig::from(10).pow(usize::try_from(n).unwrap_or(usize::MAX)),
    }
}

/// Integer division by a positive divisor, rounded by `mode`.
pub(crate) fn divide(value: &IBig, divisor: &IBig, mode: Rounding) -> IBig {
    let (quotient, rest) = value.div_rem(divisor);
    let away = match mode {
        Rounding::Cut => false,
        Rounding::Up => rest > IBig::ZERO,
        Rounding::Half => (&rest + &rest).abs() >= *divisor,
    };
    match away {
        false => quotient,
        true if *value < IBig::ZERO => quotient - IBig::ONE,
        true => quotient + IBig::ONE,
    }
}

fn plain(mantissa: &IBig, scale: u32) -> String {
    let scale = usize::try_from(scale).unwrap_or(usize::MAX);
    if scale == 0 {
        return mantissa.to_string();
    }
    let sign = if *mantissa < IBig::ZERO { "-" } else { "" };
    let digits = format!("{:0>width$}", mantissa.clone().abs().to_string(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

impl fmt::Display for Exact {
    /// The shortest plain form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain(&self.mantissa, self.scale))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.scale.cmp(&other.scale) {
            Ordering::Equal => self.mantissa.cmp(&other.mantissa),
            Ordering::Less => self.mantissa_at(other.scale).cmp(&other.mantissa),
            Ordering::Greater => self.mantissa.cmp(&other.mantissa_at(self.scale)),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Decimal> for Exact {
    fn from(value: Decimal) -> Self {
        Self::new(value.mantissa(), value.scale())
    }
}

impl From<i64> for Exact {
    fn from(value: i64) -> Self {
        Self::new(value, 0)
    }
}

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self::zero(), |sum, value| sum.plus(&value))
    }
}

impl<'a> std::iter::Sum<&'a Exact> for Exact {
    fn sum<I: Iterator<Item = &'a Exact>>(values: I) -> Self {
        values.fold(Self::zero(), |sum, value| sum.plus(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).unwrap_or_else(|| panic!("{text} is a decimal"))
    }

    #[test]
    fn reads_the_forms_of_the_contract_and_no_others() {
        for (text, shown) in [
            ("5", "5"),
            ("5.", "5"),
            (".5", "0.5"),
            ("+5.0", "5"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("\u{3000}007.50\t", "7.5"),
            (
                "0.2000000000000000000000000000000000000000001",
                "0.2000000000000000000000000000000000000000001",
            ),
            ("123456789012345678901234567890123456789012", "123456789012345678901234567890123456789012"),
        ] {
            assert_eq!(exact(text).to_string(), shown);
        }
        for text in [
            "", " ", ".", "+", "-.", "1e3", "1,000", "NaN", "１", "1.2.3", "--1", "1 2", "0x1", "1_0",
            "\u{a0}1",
        ] {
            assert_eq!(Exact::parse(text), None, "{text:?}");
        }
        assert_eq!(Exact::parse(&"9".repeat(1_001)), None);
        assert_eq!(exact(&"0".repeat(5_000)), Exact::zero());
    }

    #[test]
    fn compares_and_rounds_by_value() {
        assert_eq!(exact("0.20"), exact(".2"));
        assert!(exact("-1.5") < exact("-1.25") && exact("10") > exact("9.999"));
        assert_eq!(exact("-0.00004").fixed(4), "0.0000");
        assert_eq!(exact("-0.00005").fixed(4), "-0.0001");
        assert_eq!(exact("1.005").fixed(2), "1.01");
        assert_eq!(exact("2.5").whole(Rounding::Up), IBig::from(3));
        assert_eq!(exact("-2.5").round(0, Rounding::Up).to_string(), "-2");
        assert_eq!(exact("2").divided(&exact("-3"), 4, Rounding::Half), Some(exact("-0.6667")));
        assert_eq!(exact("2").divided(&exact("0.00"), 4, Rounding::Half), None);
    }
}

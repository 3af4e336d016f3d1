//! The division (INJ-2.1): pack price by pack quantity, kept to two decimals. Whole numbers only, so that a
//! million rows take a fraction of a second.

use std::fmt;

use super::super::explain::Steps;
use super::super::money::{Dec, Round};
use super::{Fen, Rounding};
use crate::values;

/// A pack's price in 10⁻⁴ yuan: positive, at most 12 digits before the point and 4 after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackPrice(u64);

/// Units in a pack, 1 to 1,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackQty(u32);

/// Most units in one pack.
const MAX_QTY: u64 = 1_000_000;

/// The first price that no longer fits, in 10⁻⁴ yuan.
const PRICE_LIMIT: u64 = 10_000_000_000_000_000;

/// Why a pack's price or quantity is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackFault {
    PriceNotANumber,
    PriceNotPositive,
    PriceTooPrecise,
    PriceTooLarge,
    QtyNotAWholeNumber,
    QtyOutOfRange,
}

impl PackFault {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            PackFault::PriceNotANumber => "PRICE_NOT_A_NUMBER",
            PackFault::PriceNotPositive => "PRICE_NOT_POSITIVE",
            PackFault::PriceTooPrecise => "PRICE_TOO_PRECISE",
            PackFault::PriceTooLarge => "PRICE_TOO_LARGE",
            PackFault::QtyNotAWholeNumber => "QTY_NOT_A_WHOLE_NUMBER",
            PackFault::QtyOutOfRange => "QTY_OUT_OF_RANGE",
        }
    }

    /// What is expected instead.
    pub fn expected(self) -> &'static str {
        match self {
            PackFault::PriceNotANumber => "a decimal number such as 12.50",
            PackFault::PriceNotPositive => "a price above 0",
            PackFault::PriceTooPrecise => "at most 4 decimals",
            PackFault::PriceTooLarge => "at most 12 digits before the point",
            PackFault::QtyNotAWholeNumber => "a whole number, written with digits only",
            PackFault::QtyOutOfRange => "a whole number from 1 to 1000000",
        }
    }
}

impl PackPrice {
    /// From 10⁻⁴ yuan.
    pub fn from_scaled(ten_thousandths: u64) -> Result<Self, PackFault> {
        match ten_thousandths {
            0 => Err(PackFault::PriceNotPositive),
            PRICE_LIMIT.. => Err(PackFault::PriceTooLarge),
            price => Ok(PackPrice(price)),
        }
    }

    /// Reads a decimal as written; the fault is the first that applies.
    pub fn parse(text: &[u8]) -> Result<Self, PackFault> {
        let (negative, text) = signed(trimmed(text));
        let (mut whole, mut fraction, mut places, mut rest) = (0_u64, 0_u64, 0_u32, false);
        let (mut digits, mut point) = (0_usize, false);
        for &byte in text {
            match byte {
                b'0'..=b'9' if !point => {
                    whole = whole.saturating_mul(10).saturating_add((byte - b'0').into())
                }
                b'0'..=b'9' if places < 4 => {
                    fraction = fraction * 10 + u64::from(byte - b'0');
                    places += 1;
                }
                b'0'..=b'9' => rest |= byte != b'0',
                b'.' if !point => {
                    point = true;
                    continue;
                }
                _ => return Err(PackFault::PriceNotANumber),
            }
            digits += 1;
        }
        let fraction = fraction * 10_u64.pow(4 - places);
        match () {
            _ if digits == 0 => Err(PackFault::PriceNotANumber),
            _ if negative || (whole == 0 && fraction == 0 && !rest) => Err(PackFault::PriceNotPositive),
            _ if rest => Err(PackFault::PriceTooPrecise),
            _ => PackPrice::from_scaled(whole.saturating_mul(10_000).saturating_add(fraction)),
        }
    }

    /// The price in yuan.
    pub fn yuan(self) -> Dec {
        Dec::new(self.0, 4)
    }
}

impl PackQty {
    pub fn new(units: u64) -> Result<Self, PackFault> {
        match u32::try_from(units) {
            Ok(fitting) if (1..=MAX_QTY).contains(&units) => Ok(PackQty(fitting)),
            _ => Err(PackFault::QtyOutOfRange),
        }
    }

    /// Reads an optional sign and digits.
    pub fn parse(text: &[u8]) -> Result<Self, PackFault> {
        let (negative, text) = signed(trimmed(text));
        if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
            return Err(PackFault::QtyNotAWholeNumber);
        }
        let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add((digit - b'0').into());
        let units = text.iter().fold(0, add);
        if negative { Err(PackFault::QtyOutOfRange) } else { PackQty::new(units) }
    }

    pub fn units(self) -> u32 {
        self.0
    }
}

impl fmt::Display for PackQty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Cuts space, tab and U+3000 on both sides.
fn trimmed(mut text: &[u8]) -> &[u8] {
    const WIDE: &[u8] = "\u{3000}".as_bytes();
    loop {
        text = match text {
            [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] => rest,
            _ => match text.strip_prefix(WIDE).or_else(|| text.strip_suffix(WIDE)) {
                Some(rest) => rest,
                None => return text,
            },
        }
    }
}

fn signed(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    }
}

/// What the division did with the third decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Nothing followed the second decimal.
    Exact,
    /// Carried: the quotient is not above the threshold.
    Up,
    /// Dropped: the quotient is above the threshold.
    Truncate,
}

impl Branch {
    pub fn as_str(self) -> &'static str {
        match self {
            Branch::Exact => "exact",
            Branch::Up => "up",
            Branch::Truncate => "truncate",
        }
    }
}

/// The price of one unit, and how it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPrice {
    pub price: Fen,
    pub branch: Branch,
}

/// The listing price of one unit. The threshold is tested on the exact quotient, before any rounding; a
/// quotient of at most two decimals is never changed.
///
/// INJ-2.1
///
/// Open: 第3位小数 names one digit; a quotient such as 1.0003 has 0 there and yet a rest. Default: any rest is
/// carried (`inj.round.residue = "any_nonzero"`), because 直接进位 means without 四舍五入; `third_digit` looks
/// at the one digit, never below 0.01.
pub fn unit_price(pack: PackPrice, qty: PackQty, round: Rounding) -> UnitPrice {
    let (price, qty) = (pack.0, u64::from(qty.0));
    let per_fen = 100 * qty;
    let (floor, rest) = (price / per_fen, price % per_fen);
    if rest == 0 {
        return UnitPrice { price: Fen(floor), branch: Branch::Exact };
    }
    // threshold ≤ 10¹² and qty ≤ 10⁶, so the product fits.
    if price > round.threshold * qty {
        return UnitPrice { price: Fen(floor), branch: Branch::Truncate };
    }
    let third_decimal = price / (10 * qty) % 10;
    if round.third_digit && third_decimal == 0 {
        return UnitPrice { price: Fen(floor.max(1)), branch: Branch::Truncate };
    }
    UnitPrice { price: Fen(floor + 1), branch: Branch::Up }
}

/// The division in a sentence.
///
/// INJ-2.1
pub fn unit_price_steps(
    label: &str,
    pack: PackPrice,
    qty: PackQty,
    unit: UnitPrice,
    round: Rounding,
    steps: &mut Steps,
) {
    steps.add("INJ-2.1", || {
        let (price, result) = (pack.yuan(), unit.price);
        let threshold = Dec::new(round.threshold, 4);
        let how = match unit.branch {
            Branch::Exact => "整除到分，不进位不去尾".to_owned(),
            Branch::Up => format!("不高于 {threshold} 元，第 3 位小数直接进位"),
            Branch::Truncate if price.cmp_ratio(&Dec::from(i64::from(qty.0)), &threshold).is_gt() => {
                format!("高于 {threshold} 元，第 3 位小数直接去尾")
            }
            Branch::Truncate => "第 3 位小数为 0，不进位".to_owned(),
        };
        let quotient = match unit.branch {
            Branch::Exact => String::new(),
            Branch::Up | Branch::Truncate => format!("{} → ", quotient(&price, &i64::from(qty.0).into())),
        };
        let space = if label.is_empty() { "" } else { " " };
        let text =
            format!("{label}{space}{} 元 ÷ {qty} = {quotient}{result} 元（{how}）", yuan(&price));
        let values = values! {
            "pack_price" => yuan(&price), "pack_qty" => qty, "unit_price" => result, "branch" => unit.branch.as_str()
        };
        (text, values)
    });
}

/// The quotient to six decimals, with an ellipsis if it goes on.
fn quotient(price: &Dec, qty: &Dec) -> String {
    let cut = price.divided(qty, 6, Round::Down).unwrap_or_default();
    let more = if &cut * qty == *price { "" } else { "…" };
    format!("{cut}{more}")
}

/// A price with at least two decimals.
pub(super) fn yuan(price: &Dec) -> String {
    price.to_fixed(price.decimals().max(2))
}

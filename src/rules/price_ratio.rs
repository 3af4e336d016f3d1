//! Price differential between specifications (药品差比价规则, 发改价格〔2011〕2452号; HI-4, JS-CR-6).
//!
//! k = base^log2(x / x_representative). A price that decides what a patient is paid must not depend on the
//! last bit of a float, so k and the price are rounded correctly: a power of two and a linear ratio are exact
//! fractions, everything else is enclosed between two integers over 2^bits, with more bits until both ends
//! round alike.

use num_bigint::{BigInt, BigUint};

use super::explain::Steps;
use super::money::Dec;
use super::policy::{Key, Kind as Value, Policy, PolicyError};
use crate::values;

/// What differs between the specifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Amount of active ingredient (含量).
    Content,
    /// Fill volume (装量).
    FillVolume,
    /// Number of units in a pack (包装数量).
    PackCount,
}

/// Dosage forms with a rule of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dosage {
    Injection,
    /// Granules by the bag: linear in the number of bags.
    GranuleBag,
    Other,
}

/// The parameters of the profile, each base at least 1 and at most 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    pub content: Dec,
    pub fill_volume: Dec,
    pub pack_count: Dec,
    /// From this ratio of contents on (and its reciprocal) a representative product of its own is needed.
    pub content_limit: Dec,
    /// Least price of an injection, yuan.
    pub injection_min: Dec,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceRatio {
    /// Six decimals, correctly rounded, half away from zero.
    pub k: Dec,
    /// Yuan; four decimals of the representative price times the unrounded k, correctly rounded.
    pub price: Dec,
    /// The price stands at the least price of an injection.
    pub raised: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceRatioError {
    #[error("价格与规格数量都必须大于 0")]
    NotPositive,
    #[error("含量之比达到 8 倍（或不足八分之一），应另定代表品")]
    ContentRatio,
    #[error("数值过于悬殊，无法计算")]
    OutOfReach,
}

/// The rule with its logarithms at hand.
#[derive(Clone, Debug)]
pub struct Rule {
    params: Params,
    content: Power,
    fill_volume: Power,
    pack_count: Power,
}

impl Rule {
    pub fn new(params: Params) -> Self {
        let power = |base: &Dec| Power::new(base, FIRST_BITS);
        Rule {
            content: power(&params.content),
            fill_volume: power(&params.fill_volume),
            pack_count: power(&params.pack_count),
            params,
        }
    }

    /// The price of a specification `x` from that of the representative one. HI-4, JS-CR-6.
    pub fn price(
        &self,
        kind: Kind,
        dosage: Dosage,
        representative_price: &Dec,
        x_representative: &Dec,
        x: &Dec,
        steps: &mut Steps,
    ) -> Result<PriceRatio, PriceRatioError> {
        let given = [representative_price, x_representative, x];
        if given.iter().any(|value| !value.is_positive()) {
            return Err(PriceRatioError::NotPositive);
        }
        let limit = &self.params.content_limit;
        if kind == Kind::Content && (*x >= x_representative * limit || x * limit <= *x_representative) {
            return Err(PriceRatioError::ContentRatio);
        }
        let (power, base) = match kind {
            Kind::Content => (&self.content, &self.params.content),
            Kind::FillVolume => (&self.fill_volume, &self.params.fill_volume),
            Kind::PackCount => (&self.pack_count, &self.params.pack_count),
        };
        let ratio = Fraction::of(x, x_representative);
        let linear = kind == Kind::PackCount && dosage == Dosage::GranuleBag;
        let exact = if linear { Some(ratio.clone()) } else { exact_power(base, &ratio) };
        let (k, price) = match exact {
            Some(k) => (k.rounded(&Dec::from(1), 6), k.rounded(representative_price, 4)),
            None => power.rounded(base, &ratio, representative_price)?,
        };
        steps.add("HI-4", || {
            let how = if linear {
                "线性折算".to_owned()
            } else {
                format!("{base} 的 log₂({x} ÷ {x_representative}) 次方")
            };
            let text = format!(
                "K = {how} = {}，代表品价格 {representative_price} 元 × K = {} 元",
                k.to_fixed(6),
                price.to_fixed(4)
            );
            (text, values! { "x" => x, "x_representative" => x_representative, "k" => k.to_fixed(6) })
        });
        let raised = dosage == Dosage::Injection && price < self.params.injection_min;
        let price = if raised { self.params.injection_min.clone() } else { price };
        if raised {
            steps.add("HI-4", || {
                (format!("注射剂低于 {price} 元的，按 {price} 元"), values! { "price" => price })
            });
        }
        Ok(PriceRatio { k, price, raised })
    }
}

/// A positive fraction.
#[derive(Clone, Debug)]
struct Fraction {
    above: BigUint,
    below: BigUint,
}

impl Fraction {
    /// `above / below`, both positive.
    fn of(above: &Dec, below: &Dec) -> Self {
        let ((above, above_scale), (below, below_scale)) = (above.parts(), below.parts());
        Fraction {
            above: above.magnitude() * ten_to(below_scale),
            below: below.magnitude() * ten_to(above_scale),
        }
    }

    /// The exponent if this is a power of two.
    fn log2_exact(&self) -> Option<i64> {
        let exponent = signed(self.above.bits()) - signed(self.below.bits());
        let shift = exponent.unsigned_abs();
        let equal = match exponent >= 0 {
            true => self.above == &self.below << shift,
            false => &self.above << shift == self.below,
        };
        equal.then_some(exponent)
    }

    /// `factor` × this to `decimals` places, half away from zero.
    fn rounded(&self, factor: &Dec, decimals: u32) -> Dec {
        let (digits, scale) = factor.parts();
        let above = digits.magnitude() * &self.above * ten_to(decimals);
        let below = &self.below * ten_to(scale);
        Dec::new(half_up(&above, &below), decimals)
    }
}

/// base^log2(ratio) where it is a fraction: at a power of two, or where the base itself is 1 or 2.
fn exact_power(base: &Dec, ratio: &Fraction) -> Option<Fraction> {
    let one = || BigUint::from(1_u32);
    if *base == Dec::from(1) {
        return Some(Fraction { above: one(), below: one() });
    }
    if *base == Dec::from(2) {
        return Some(ratio.clone());
    }
    let exponent = ratio.log2_exact()?;
    let times = u32::try_from(exponent.unsigned_abs()).ok()?;
    let (digits, scale) = base.parts();
    let (above, below) = (digits.magnitude().pow(times), ten_to(scale).pow(times));
    Some(if exponent >= 0 { Fraction { above, below } } else { Fraction { above: below, below: above } })
}

/// Bits of the first try: enough for all but one row in 10^20.
const FIRST_BITS: u64 = 192;
/// Nothing that can be typed needs more.
const LAST_BITS: u64 = 1 << 15;
/// The error of a computed power is below 2^SLACK units of its last bit. Each of the at most 2^15 terms of a
/// series is off by less than 4 units, a logarithm so by less than 2^18 and, divided by ln 2, by 2^19; the
/// binary logarithm of a ratio of two numbers of 400 digits is below 2^12, so that of k is off by less than
/// 2^32, and its power by less than 2^34.
const SLACK: u64 = 40;

/// Logarithms over 2^bits.
#[derive(Clone, Debug)]
struct Power {
    bits: u64,
    ln2: BigUint,
    log2_base: BigInt,
}

impl Power {
    fn new(base: &Dec, bits: u64) -> Self {
        let ln2 = ln_near_one(&BigUint::from(4_u32), &BigUint::from(3_u32), bits)
            + ln_near_one(&BigUint::from(3_u32), &BigUint::from(2_u32), bits);
        let ln2 = ln2.magnitude().clone();
        let base = Fraction::of(base, &Dec::from(1));
        let log2_base = log2(&base, &ln2, bits);
        Power { bits, ln2, log2_base }
    }

    /// base^log2(ratio) to six places and `price` × it to four, both correctly rounded.
    fn rounded(&self, base: &Dec, ratio: &Fraction, price: &Dec) -> Result<(Dec, Dec), PriceRatioError> {
        let mut found = self.try_rounded(ratio, price);
        let mut bits = self.bits;
        while found.is_none() && bits < LAST_BITS {
            bits *= 2;
            found = Power::new(base, bits).try_rounded(ratio, price);
        }
        found.ok_or(PriceRatioError::OutOfReach)
    }

    /// `None` if the two ends of what is known round differently.
    fn try_rounded(&self, ratio: &Fraction, price: &Dec) -> Option<(Dec, Dec)> {
        let (mantissa, exponent) = self.power(ratio);
        let slack = BigUint::from(1_u32) << SLACK;
        let (low, high) = (&mantissa - &slack, mantissa + slack);
        let shift = exponent - signed(self.bits);
        let round = |end: &BigUint, factor: &Dec, decimals: u32| {
            let (digits, scale) = factor.parts();
            let above = digits.magnitude() * end * ten_to(decimals);
            match shift >= 0 {
                true => half_up(&(above << shift.unsigned_abs()), &ten_to(scale)),
                false => half_up(&above, &(ten_to(scale) << shift.unsigned_abs())),
            }
        };
        let both_ends = |factor: &Dec, decimals: u32| {
            let rounded = round(&low, factor, decimals);
            (rounded == round(&high, factor, decimals)).then(|| Dec::new(rounded, decimals))
        };
        Some((both_ends(&Dec::from(1), 6)?, both_ends(price, 4)?))
    }

    /// base^log2(ratio) = mantissa / 2^bits × 2^exponent, the mantissa near [1, 2) and off by less than 2^SLACK.
    fn power(&self, ratio: &Fraction) -> (BigUint, i64) {
        let log2_k = (log2(ratio, &self.ln2, self.bits) * &self.log2_base) >> self.bits;
        // A shift of a negative number rounds down, so the fraction is never negative.
        let whole = &log2_k >> self.bits;
        let fraction = (log2_k - (&whole << self.bits)).magnitude().clone();
        let mantissa = exp((fraction * &self.ln2) >> self.bits, self.bits);
        // |log2 k| is at most the binary logarithm of 10^800.
        (mantissa, i64::try_from(&whole).unwrap_or_default())
    }
}

/// The binary logarithm of a fraction, over 2^bits.
fn log2(ratio: &Fraction, ln2: &BigUint, bits: u64) -> BigInt {
    // ratio = m × 2^shift with 3/4 ≤ m < 3/2, where the series converges fast.
    let mut shift = signed(ratio.above.bits()) - signed(ratio.below.bits());
    let scaled = |shift: i64| match shift >= 0 {
        true => (ratio.above.clone(), &ratio.below << shift.unsigned_abs()),
        false => (&ratio.above << shift.unsigned_abs(), ratio.below.clone()),
    };
    let (mut above, mut below) = scaled(shift);
    if &above * 2_u32 >= &below * 3_u32 {
        shift += 1;
    } else if &above * 4_u32 < &below * 3_u32 {
        shift -= 1;
    }
    (above, below) = scaled(shift);
    let ln = ln_near_one(&above, &below, bits);
    let log = (ln << bits) / BigInt::from(ln2.clone());
    (BigInt::from(shift) << bits) + log
}

/// ln(above / below) over 2^bits, for a fraction near 1: 2 artanh z = 2 (z + z³/3 + z⁵/5 + …).
fn ln_near_one(above: &BigUint, below: &BigUint, bits: u64) -> BigInt {
    let negative = above < below;
    let difference = if negative { below - above } else { above - below };
    let z = (difference << bits) / (above + below);
    let square = (&z * &z) >> bits;
    let (mut sum, mut term) = (z.clone(), z);
    for odd in (3_u32..).step_by(2) {
        term = (term * &square) >> bits;
        if term == BigUint::ZERO {
            break;
        }
        sum += &term / odd;
    }
    let ln = BigInt::from(sum << 1_u32);
    if negative { -ln } else { ln }
}

/// e^t over 2^bits for t in [0, 1): 1 + t + t²/2! + …
fn exp(t: BigUint, bits: u64) -> BigUint {
    let mut term = BigUint::from(1_u32) << bits;
    let mut sum = term.clone();
    for n in 1_u32.. {
        term = ((term * &t) >> bits) / n;
        if term == BigUint::ZERO {
            break;
        }
        sum += &term;
    }
    sum
}

/// `above / below` to the nearest whole number, a half upwards.
fn half_up(above: &BigUint, below: &BigUint) -> BigUint {
    (above * 2_u32 + below) / (below * 2_u32)
}

fn ten_to(exponent: u32) -> BigUint {
    BigUint::from(10_u32).pow(exponent)
}

/// Lengths in bits are far below the limit.
fn signed(bits: u64) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX)
}

const BASE: Value = Value::Decimal { min: "1", max: "2" };

/// The parameters of the price differential.
pub const KEYS: &[Key] = &[
    Key { name: "price_ratio.content", kind: BASE },
    Key { name: "price_ratio.fill_volume", kind: BASE },
    Key { name: "price_ratio.pack_count", kind: BASE },
    Key { name: "price_ratio.content_limit", kind: Value::Decimal { min: "1", max: "1000" } },
    Key { name: "price_ratio.injection_min", kind: Value::Decimal { min: "0", max: "1000" } },
];

impl Params {
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Params {
            content: policy.dec("price_ratio.content")?,
            fill_volume: policy.dec("price_ratio.fill_volume")?,
            pack_count: policy.dec("price_ratio.pack_count")?,
            content_limit: policy.dec("price_ratio.content_limit")?,
            injection_min: policy.dec("price_ratio.injection_min")?,
        })
    }
}

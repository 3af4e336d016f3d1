//! What a cell looks like by itself: a code, a quantity, a price, a strength, an enterprise, a unit, or words.

use serde::{Deserialize, Serialize};

use crate::platform::http::number::{Quantity, shown};
use crate::platform::input::half_width;
use crate::rules::strength;

/// What counts drugs, in one word.
const UNITS: [&str; 29] = [
    "盒", "支", "瓶", "袋", "片", "粒", "包", "板", "贴", "丸", "套", "个", "只", "副", "桶", "罐", "管",
    "枚", "张", "条", "卷", "把", "箱", "件", "听", "对", "块", "揿", "喷",
];
/// How a name of an enterprise ends.
const MAKERS: [&str; 9] = ["公司", "药厂", "制药厂", "药业", "集团", "制药", "总厂", "分厂", "研究所"];
/// Letters and digits of the shortest code.
const CODE: usize = 8;
/// Digits of a code that has no letter: a standard code has 14.
const DIGITS: usize = 12;
/// What may stand before an approval number.
const BEFORE_NUMBER: [&str; 4] = ["国药准字", "批准文号", "注册证号", "国药试字"];

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    Code,
    /// A number with a unit: `5盒`.
    Counted,
    Whole,
    /// A number with a point, or with a sign of money.
    Decimal,
    Strength,
    Maker,
    Unit,
    Words,
}

impl Looks {
    pub fn of(cell: &str) -> Self {
        let flat = flat(cell);
        if code(cell).is_some() {
            return Self::Code;
        }
        if is_unit(&flat) {
            return Self::Unit;
        }
        if let Some(looks) = number(&flat) {
            return looks;
        }
        let has_digit = flat.bytes().any(|b| b.is_ascii_digit());
        if has_digit && starts_as_strength(&flat) && (strength::parse(&flat).is_ok() || is_parted(&flat)) {
            return Self::Strength;
        }
        if MAKERS.iter().any(|end| flat.ends_with(end)) { Self::Maker } else { Self::Words }
    }

    /// Whether it is a number of some kind.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Counted | Self::Whole | Self::Decimal)
    }
}

/// A strength begins with its number; a name with a strength behind it is a name.
fn starts_as_strength(flat: &str) -> bool {
    flat.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '每' | '.'))
}

/// `0.25g*24粒`, `24粒/盒`.
fn is_parted(flat: &str) -> bool {
    flat.contains(['*', '×', '/', ':'])
}

/// Half width, without blanks.
pub(super) fn flat(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether it is a unit and nothing else.
pub(super) fn is_unit(flat: &str) -> bool {
    UNITS.contains(&flat)
}

fn number(flat: &str) -> Option<Looks> {
    let money = flat.starts_with(['¥', '$']) || flat.ends_with('元');
    let bare = flat.trim_start_matches(['¥', '$']).trim_end_matches('元');
    let (digits, unit) = divided(bare);
    match () {
        () if !digits.bytes().any(|b| b.is_ascii_digit()) => None,
        () if unit.is_empty() && (money || digits.contains('.')) => Some(Looks::Decimal),
        () if unit.is_empty() => Some(Looks::Whole),
        () if is_unit(unit) && !money => Some(Looks::Counted),
        () => None,
    }
}

/// The number at the beginning, sign, groups and point included, and what stands behind it.
fn divided(flat: &str) -> (&str, &str) {
    let of_number = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.' | '-' | '+');
    let end = flat.find(|c: char| !of_number(c)).unwrap_or(flat.len());
    flat.split_at(end)
}

/// A code as it is kept: large letters without blanks and hyphens, an approval number without what stands before it. None for
/// what cannot be one.
pub(super) fn code(text: &str) -> Option<String> {
    let flat = flat(text);
    let bare = flat.trim_start_matches(['\'', '‘', '’']);
    let bare = BEFORE_NUMBER.iter().fold(bare, |rest, before| rest.strip_prefix(before).unwrap_or(rest));
    let bare = bare.trim_start_matches([':', '号']);
    let code: String = bare.chars().filter(|c| *c != '-').map(|c| c.to_ascii_uppercase()).collect();
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let begins = code.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    let is_code = match begins {
        true => code.len() >= CODE && digits * 2 >= CODE,
        false => digits == code.len() && digits >= DIGITS,
    };
    let signed = bare.starts_with('-');
    (is_code && !signed && code.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(code)
}

/// How many, and of what where that is written with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub quantity: Quantity,
    /// What is counted; empty where it is not said.
    pub unit: String,
}

/// Reads a quantity: full-width digits, groups of thousands, zeros behind a point and a unit are taken, nothing is rounded.
///
/// # Errors
/// A Chinese sentence that says what is expected and what was given.
pub fn counted(text: &str) -> Result<Counted, String> {
    let flat = flat(text);
    if flat.is_empty() {
        return Err("没有填写数量".into());
    }
    let (digits, unit) = divided(&flat);
    let whole = match digits.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        _ => digits,
    };
    let plain = ungrouped(whole).filter(|_| unit.is_empty() || is_unit(unit));
    // Otherwise it is told with all that was given.
    let plain = plain.unwrap_or_else(|| flat.clone());
    let read = Quantity::parse("数量", &plain).map_err(|no| no.replace(&shown(&plain), &shown(text)));
    Ok(Counted { quantity: read?, unit: unit.to_owned() })
}

/// Without the signs between thousands; none where they stand elsewhere.
fn ungrouped(digits: &str) -> Option<String> {
    let (sign, bare) = digits.strip_prefix('-').map_or(("", digits), |bare| ("-", bare));
    let mut groups = bare.split(',');
    let first = groups.next()?;
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let rest: Vec<&str> = groups.collect();
    let fine = rest.is_empty()
        || (all_digits(first) && first.len() <= 3 && rest.iter().all(|g| g.len() == 3 && all_digits(g)));
    fine.then(|| format!("{sign}{first}{}", rest.concat()))
}

//! The structure of codes: credit codes of organisations, codes of drugs and consumables, traceability codes.

use super::explain::Steps;
use crate::values;

/// What kind of code is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// Unified social credit code (统一社会信用代码, GB 32100-2015).
    Uscc,
    /// Medical-insurance drug code (医保药品代码).
    Drug,
    /// Standard code of a drug (药品本位码).
    StandardCode,
    /// Medical-insurance code of a consumable (医保医用耗材代码).
    Consumable,
    /// Traceability code (追溯码).
    Trace,
    /// What else is scanned from a pack: a GS1 string, an enterprise's own number. Not judged by form.
    TraceOther,
}

impl CodeKind {
    pub const ALL: [CodeKind; 6] = [
        CodeKind::Uscc,
        CodeKind::Drug,
        CodeKind::StandardCode,
        CodeKind::Consumable,
        CodeKind::Trace,
        CodeKind::TraceOther,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CodeKind::Uscc => "uscc",
            CodeKind::Drug => "drug",
            CodeKind::StandardCode => "standard_code",
            CodeKind::Consumable => "consumable",
            CodeKind::Trace => "trace",
            CodeKind::TraceOther => "trace_other",
        }
    }

    /// The clause that asks for the code.
    fn clause(self) -> &'static str {
        match self {
            CodeKind::Uscc => "SN-2",
            CodeKind::Drug | CodeKind::StandardCode => "INJ-6.1",
            CodeKind::Consumable => "SN-3",
            CodeKind::Trace | CodeKind::TraceOther => "JX-14",
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            CodeKind::Uscc => "统一社会信用代码 ",
            CodeKind::Drug => "医保药品代码 ",
            CodeKind::StandardCode => "药品本位码 ",
            CodeKind::Consumable => "医保医用耗材代码 ",
            CodeKind::Trace => "药品追溯码 ",
            CodeKind::TraceOther => "其他追溯标识 ",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The test that a code fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFault {
    Length,
    Alphabet,
    CheckCharacter,
    Prefix,
    StandardCode,
}

impl CodeFault {
    pub fn as_str(self) -> &'static str {
        match self {
            CodeFault::Length => "LENGTH",
            CodeFault::Alphabet => "ALPHABET",
            CodeFault::CheckCharacter => "CHECK_CHARACTER",
            CodeFault::Prefix => "PREFIX",
            CodeFault::StandardCode => "STANDARD_CODE",
        }
    }

    /// What is wrong, and what is right.
    pub fn chinese(self, kind: CodeKind) -> String {
        let lengths = match kind {
            CodeKind::Uscc => "18 位",
            CodeKind::Drug => "X 开头的 23 位，Z 开头的 20 位，T 开头的 10 位或 20 位，J 开头的 16 位",
            CodeKind::StandardCode => "14 位",
            CodeKind::Consumable => "20 位，规格型号级 27 位",
            CodeKind::Trace => "20 位",
            CodeKind::TraceOther => "1 至 100 个字符",
        };
        match self {
            CodeFault::Length => format!("长度不对，应为 {lengths}"),
            CodeFault::Alphabet => "含有该代码不使用的字符".to_owned(),
            CodeFault::CheckCharacter => "校验码不符，请核对是否抄错".to_owned(),
            CodeFault::Prefix => "开头不对，请核对是否为该类代码".to_owned(),
            CodeFault::StandardCode => "后 5 位与药品本位码第 4 至 8 位不一致".to_owned(),
        }
    }
}

/// Tests a code; the fault is the first that applies. A drug code can be held against the product's standard
/// code. Blanks must be cut before; lower case is not accepted.
///
/// SN-3, INJ-6.1
pub fn check(
    kind: CodeKind,
    code: &str,
    standard_code: Option<&str>,
    steps: &mut Steps,
) -> Result<(), CodeFault> {
    let result = match kind {
        CodeKind::Uscc => uscc(code),
        CodeKind::Drug => drug(code, standard_code),
        CodeKind::StandardCode => standard(code),
        CodeKind::Consumable => consumable(code),
        CodeKind::Trace => of_digits(code, &[20]),
        CodeKind::TraceOther => scanned_text(code),
    };
    steps.add(kind.clause(), || {
        let found = match result {
            Ok(()) => "结构正确".to_owned(),
            Err(fault) => fault.chinese(kind),
        };
        let text = format!("{}{code}：{found}", kind.chinese());
        (text, values! { "kind" => kind.as_str(), "code" => code })
    });
    result
}

/// The enterprise in a standard code: its digits 4 to 8. Which organisation that is, is a claim's matter; names never decide.
///
/// INJ-6.1
pub fn enterprise_of(standard_code: &str) -> Option<&str> {
    standard_code.get(3..8).filter(|digits| is_digits(digits))
}

/// `error` unless `holds`.
fn require(holds: bool, error: CodeFault) -> Result<(), CodeFault> {
    if holds { Ok(()) } else { Err(error) }
}

fn length(code: &str, allowed: &[usize]) -> Result<(), CodeFault> {
    require(allowed.contains(&code.chars().count()), CodeFault::Length)
}

fn of_digits(code: &str, lengths: &[usize]) -> Result<(), CodeFault> {
    length(code, lengths)?;
    require(is_digits(code), CodeFault::Alphabet)
}

/// The characters of a credit code in the order of their values.
const USCC_ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB 32100-2015: weights 3^(i−1) mod 31, check value (31 − Σ mod 31) mod 31.
fn uscc(code: &str) -> Result<(), CodeFault> {
    length(code, &[18])?;
    let value = |byte: u8| USCC_ALPHABET.iter().position(|&known| known == byte);
    let values: Option<Vec<usize>> = code.bytes().map(value).collect();
    let values = values.ok_or(CodeFault::Alphabet)?;
    // The region of the registering authority.
    require(code.get(2..8).is_some_and(is_digits), CodeFault::Alphabet)?;
    let (body, check) = values.split_at(17);
    let (sum, _) = body.iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    require(check == [(31 - sum % 31) % 31], CodeFault::CheckCharacter)
}

/// X (western medicine) with 23, Z (Chinese patent drug) with 20 characters, T (decoction pieces) with 10 digits in all or 20
/// characters (granules), J (hospital preparations) with 16.
fn drug(code: &str, standard_code: Option<&str>) -> Result<(), CodeFault> {
    let first = code.chars().next().unwrap_or_default();
    let lengths: &[usize] = match first {
        'X' => &[23],
        'Z' => &[20],
        'T' => &[10, 20],
        'J' => &[16],
        _ => return Err(CodeFault::Prefix),
    };
    length(code, lengths)?;
    let known = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let pieces = first == 'T' && code.len() == 10;
    require(known && (!pieces || code.get(1..).is_some_and(is_digits)), CodeFault::Alphabet)?;
    match standard_code.filter(|_| first == 'X') {
        None => Ok(()),
        Some(standard) => require(standard.get(3..8) == code.get(18..), CodeFault::StandardCode),
    }
}

/// Whether the form of a drug code rests on one weak source: that of hospital preparations does.
pub fn is_unconfirmed(drug_code: &str) -> bool {
    drug_code.starts_with('J')
}

/// A credit code as it is kept, from what was typed or pasted: blanks and hyphens are left out, letters are capitals, full-width
/// signs half-width. The check character still decides.
///
/// SN-2
pub fn clean_uscc(typed: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    let is_filler = |c: char| {
        c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}' | '\u{feff}')
    };
    typed.chars().map(half).filter(|c| !is_filler(*c)).map(|c| c.to_ascii_uppercase()).collect()
}

/// What was scanned from a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// A traceability code of 20 digits.
    Trace,
    /// An identifier of the MA system (`MA.156.…`).
    Ma,
    /// A GS1 string: a GTIN, or element strings.
    Gs1,
    /// An enterprise's own number. Only known where it is stated.
    Own,
}

/// What kind of code was scanned: what is stated wins; else 20 digits are a traceability code, `MA.` begins one of MA, and the
/// rest is GS1. The order matters: a traceability code often reads as a GS1 string, and a standard code is a valid GTIN.
///
/// JX-14
pub fn scanned(code: &str, stated: Option<Scanned>) -> Scanned {
    stated.unwrap_or_else(|| match code {
        _ if code.len() == 20 && is_digits(code) => Scanned::Trace,
        _ if code.starts_with("MA.") => Scanned::Ma,
        _ => Scanned::Gs1,
    })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// 1 to 100 characters that can be printed, no blank.
fn scanned_text(code: &str) -> Result<(), CodeFault> {
    require((1..=100).contains(&code.chars().count()), CodeFault::Length)?;
    require(code.bytes().all(|byte| byte.is_ascii_graphic()), CodeFault::Alphabet)
}

/// Check digit: from the right it is place 1; three times the digits in even places plus those in odd places
/// from 3 on; 10 − (sum mod 10), 10 becomes 0.
fn standard(code: &str) -> Result<(), CodeFault> {
    of_digits(code, &[14])?;
    require(code.starts_with("869"), CodeFault::Prefix)?;
    let mut digits = code.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let check = digits.next().unwrap_or_default();
    let sum: u32 = digits.enumerate().map(|(n, digit)| if n % 2 == 0 { 3 * digit } else { digit }).sum();
    require(check == (10 - sum % 10) % 10, CodeFault::CheckCharacter)
}

/// C with 20 characters, at trade level with 27.
fn consumable(code: &str) -> Result<(), CodeFault> {
    let rest = code.strip_prefix('C').ok_or(CodeFault::Prefix)?;
    of_digits(rest, &[19, 26])
}

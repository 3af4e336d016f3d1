//! What a cell says, and what is odd about it.

use calamine::{DataRef, ExcelDateTime};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::input::trimmed;

/// The first number that a spreadsheet cannot keep to its last digit.
const INEXACT: f64 = 1e15;
/// Seconds around midnight that are still that day: programs round a day's binary fraction in either direction, and the clocks of
/// 1900, to which some of them count, were 43 seconds late in Shanghai.
const ABOUT_MIDNIGHT: u32 = 120;
const DAY: u32 = 86_400;

/// What is odd about a cell, so that its text cannot be taken, or not in every column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// An error such as #N/A.
    Error,
    /// A formula that nobody has computed.
    NoResult,
    /// A number that lost digits, or that a spreadsheet program wrote down anew.
    Rewritten,
    /// TRUE or FALSE.
    Logical,
    /// A day or a time, by the cell's format.
    Day,
    /// What a formula gave.
    Computed,
    /// Part of a merged range; the row in which it begins, and its name.
    Merged(u32, String),
}

impl Mark {
    /// What is wrong with a cell of that name, where its column takes no days (`days` false) or does.
    pub fn fault(&self, cell: &str, text: &str, days: bool) -> Option<String> {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(30).collect();
        Some(match self {
            Self::Error => format!("单元格 {cell} 公式出错（{shown}），请改为正确的内容"),
            Self::NoResult => {
                format!("单元格 {cell} 的公式没有计算结果，请用 Excel 打开并保存后再上传，或改填内容")
            }
            Self::Rewritten => {
                format!("单元格 {cell} 是“{shown}”：Excel 已改写此数字，请把该列设为文本，再按原件填写")
            }
            Self::Logical => format!("单元格 {cell} 是逻辑值 {}，请填写文字", shown.to_uppercase()),
            Self::Merged(_, range) => {
                format!("单元格 {cell} 属于合并单元格 {range}，请取消合并，每行各自填写")
            }
            Self::Day if !days => {
                format!("单元格 {cell} 是日期 {shown}，可能是 Excel 改写的，请把该列设为文本，再按原件填写")
            }
            Self::Day | Self::Computed => return None,
        })
    }
}

/// Digits and letters that a Chinese keyboard typed wide become narrow; punctuation belongs to names and stays.
pub(super) fn tidy(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    trimmed(text).chars().map(narrow).collect()
}

/// Text of a cell, tidied, with what is odd about it.
pub(super) fn text(raw: &str) -> (String, Option<Mark>) {
    let text = tidy(raw);
    let mark = odd(&text);
    (text, mark)
}

fn odd(text: &str) -> Option<Mark> {
    let first = text.chars().next()?;
    let is_error = first == '#' && (text.len() > 2 && text.bytes().all(|b| b == b'#') || is_error_word(text));
    match first {
        '#' if is_error => Some(Mark::Error),
        'T' if text == "TRUE" => Some(Mark::Logical),
        'F' if text == "FALSE" => Some(Mark::Logical),
        '=' if text.len() > 3 && text.starts_with("=\"") && text.ends_with('"') => Some(Mark::Rewritten),
        '\'' | '‘' | '’' => {
            let rest = text.trim_start_matches(['\'', '‘', '’']);
            (rest.len() > 3 && rest.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(Mark::Rewritten)
        }
        _ => is_exponent(text).then_some(Mark::Rewritten),
    }
}

/// What a spreadsheet program puts in the place of a value: `#N/A`, `#REF!`, `#SPILL!`.
fn is_error_word(text: &str) -> bool {
    let word = text.trim_start_matches('#');
    text.len() < 16
        && (word == "N/A" || word == "NAME?" || word.ends_with('!'))
        && word.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'/' | b'0' | b'!' | b'?' | b'_'))
}

/// `8.69012E+13`, as Excel shows a long number.
fn is_exponent(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or_default();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent) && exponent.len() > 1
}

/// What a cell of a workbook says, and what is odd about it. A number to 15 digits, which is what its program shows, in the shortest
/// form: 3.3, not 3.3000000000000003.
pub(super) fn value(value: &DataRef, computed: bool) -> (String, Option<Mark>) {
    let (text, mark) = match value {
        DataRef::String(raw) => text(raw),
        DataRef::SharedString(raw) => text(raw),
        DataRef::Float(number) => self::number(*number),
        DataRef::Int(number) => (number.to_string(), None),
        DataRef::Bool(is) => (is.to_string(), Some(Mark::Logical)),
        DataRef::Error(error) => (error.to_string(), Some(Mark::Error)),
        DataRef::DateTime(instant) => (day(instant), Some(Mark::Day)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (text.clone(), Some(Mark::Day)),
        DataRef::Empty if computed => (String::new(), Some(Mark::NoResult)),
        DataRef::Empty => (String::new(), None),
    };
    let of_formula = (computed && !text.is_empty()).then_some(Mark::Computed);
    (text, mark.or(of_formula))
}

fn number(number: f64) -> (String, Option<Mark>) {
    if number.abs() >= INEXACT {
        return (number.to_string(), Some(Mark::Rewritten));
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    (rounded.to_string(), None)
}

fn day(instant: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = instant.to_ymd_hms_milli();
    let date = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
    let time = NaiveTime::from_hms_milli_opt(hour.into(), minute.into(), second.into(), milli.into());
    match (date, time) {
        (Some(date), Some(time)) => nearest_day(date.and_time(time))
            .map_or_else(|| format!("{date} {hour:02}:{minute:02}:{second:02}"), |day| day.to_string()),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}

/// The day whose midnight is within two minutes.
pub fn nearest_day(at: NaiveDateTime) -> Option<NaiveDate> {
    match at.num_seconds_from_midnight() {
        ..=ABOUT_MIDNIGHT => Some(at.date()),
        seconds if seconds + ABOUT_MIDNIGHT >= DAY => at.date().succ_opt(),
        _ => None,
    }
}

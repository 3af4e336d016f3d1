//! Reading cells: every fault says what to do.

use std::ops::RangeInclusive;

use chrono::NaiveDate;

use crate::platform::import::{Cells, Faults, shape};
use crate::platform::input::{Checks, half_width};
use crate::rules::codes::{self, CodeKind};
use crate::rules::explain::Steps;

/// A text of so many characters; 0 in the range allows nothing at all.
pub fn text(cells: &Cells, column: usize, label: &str, length: RangeInclusive<usize>, faults: &mut Faults) {
    let mut checks = Checks::default();
    checks.text("", label, cells.get(column), length);
    faults.extend(checks.into_errors().into_iter().map(|e| (column, e.detail)));
}

/// A whole number; a fault and none otherwise.
pub fn whole(
    cells: &Cells,
    column: usize,
    label: &str,
    range: RangeInclusive<i64>,
    faults: &mut Faults,
) -> Option<i64> {
    let read = half_width(cells.get(column)).trim().parse::<i64>().ok().filter(|n| range.contains(n));
    if read.is_none() {
        let (least, most) = (range.start(), range.end());
        let given = shown(cells.get(column));
        faults.push((column, format!("{label}应为 {least} 至 {most} 的整数，表中是{given}")));
    }
    read
}

/// A day; a fault and none otherwise.
pub fn day(cells: &Cells, column: usize, label: &str, faults: &mut Faults) -> Option<NaiveDate> {
    let fault = match shape::day(cells.get(column)) {
        Ok(day) => return Some(day),
        Err(fault) => fault.chinese(),
    };
    faults.push((column, format!("{label}{fault}，表中是{}", shown(cells.get(column)))));
    None
}

/// What is wrong with a code.
pub fn code_fault(kind: CodeKind, code: &str, standard_code: Option<&str>) -> Option<String> {
    if code.is_empty() {
        return Some("请填写代码".into());
    }
    let fault = codes::check(kind, code, standard_code, &mut Steps::off()).err()?;
    let is_sign = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{200b}'..='\u{200f}' | '\u{feff}');
    let why = if code.chars().any(is_sign) {
        "中间有空格、连字符或不可见字符，请删除".to_owned()
    } else if code.chars().any(|c| c.is_ascii_lowercase()) {
        "含有小写字母，请改为大写".to_owned()
    } else {
        fault.chinese(kind)
    };
    Some(format!("代码{}{why}", shown(code)))
}

/// What stands there, to be repeated in a sentence.
pub fn shown(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(30).collect();
    if short.is_empty() { "空".into() } else { format!("“{short}”") }
}

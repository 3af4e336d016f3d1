//! How numbers, days and deadlines are written for people.

use super::view::Tone;
use crate::sql::Time;

/// How many there are, where counting ended at `count` if there are `more`.
pub fn at_least(count: i64, more: bool) -> String {
    if more { format!("超过 {}", whole(count)) } else { whole(count) }
}

/// A whole number with its thousands separated: `1,204`.
pub fn whole(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(c);
    }
    if n < 0 { format!("-{grouped}") } else { grouped }
}

/// How long it is until a deadline, and how pressing that is: late, today, later.
pub fn left(due: Time, now: Time) -> (String, Tone) {
    let minutes = (due.0 - now.0).num_minutes();
    match minutes {
        i64::MIN..=-1440 => (format!("已超时 {} 天", -minutes / 1440), Tone::Wrong),
        -1439..=-60 => (format!("已超时 {} 小时", -minutes / 60), Tone::Wrong),
        -59..=-1 => (format!("已超时 {} 分钟", -minutes), Tone::Wrong),
        0..=59 => (format!("还剩 {minutes} 分钟"), Tone::Hint),
        60..=1439 => (format!("还剩 {} 小时", minutes / 60), Tone::Hint),
        _ => (format!("还剩 {} 天", minutes / 1440), Tone::Waiting),
    }
}

/// A decimal without zeros at its end: `3.002`, `3`.
pub fn short(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

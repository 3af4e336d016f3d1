//! Reading what people and machines send: every member that is wrong is named, with what is expected and what was given.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::error::{FieldError, Refusal, Result};

/// A text that people write: what the form and the API call it, its label, and how many characters it takes. The check and the
/// form are both made from it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the form and in the API.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Fewest characters; 0 where it may be left empty.
    pub least: usize,
    /// Most characters.
    pub most: usize,
}

impl Field {
    /// A text of so many characters.
    pub const fn new(name: &'static str, label: &'static str, chars: RangeInclusive<usize>) -> Self {
        Self { name, label, least: *chars.start(), most: *chars.end() }
    }

    /// How many characters it takes.
    pub fn chars(&self) -> RangeInclusive<usize> {
        self.least..=self.most
    }
}

/// Collects what is wrong with the members of one request.
#[derive(Debug, Clone, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Adds one sentence about one member.
    pub fn wrong(&mut self, pointer: impl Into<String>, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), detail: detail.into() });
    }

    /// How many members are wrong until now.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// What is wrong until now.
    pub fn errors(&self) -> &[FieldError] {
        &self.0
    }

    /// What is wrong, for a refusal of its own kind.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.0
    }

    /// True as long as nothing is wrong.
    pub fn is_fine(&self) -> bool {
        self.0.is_empty()
    }

    /// 422 with everything that is wrong.
    ///
    /// # Errors
    /// The collected members, if there are any.
    pub fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::invalid(self.0).into()) }
    }

    /// What was given for a field of one line.
    pub fn line(&mut self, field: &Field, given: &str) -> String {
        self.text(&format!("/{}", field.name), field.label, given, field.chars())
    }

    /// What was given for a large field; line breaks become blanks.
    pub fn paragraph(&mut self, field: &Field, given: &str) -> String {
        self.prose(&format!("/{}", field.name), field.label, given, field.chars())
    }

    /// A line of text of so many characters, without blanks around it and without control characters.
    pub fn text(&mut self, pointer: &str, label: &str, given: &str, length: RangeInclusive<usize>) -> String {
        let text = trimmed(given);
        let count = text.chars().count();
        if text.chars().any(char::is_control) {
            self.wrong(pointer, format!("{label}含有换行或不可见字符，请删除后重新填写"));
        } else if count == 0 && *length.start() > 0 {
            self.wrong(pointer, format!("请填写{label}"));
        } else if !length.contains(&count) {
            let (least, most) = (length.start(), length.end());
            let range =
                if *least <= 1 { format!("不超过 {most}") } else { format!(" {least} 至 {most}") };
            self.wrong(pointer, format!("{label}应为{range} 个字，您填了 {count} 个字"));
        }
        text.to_owned()
    }

    /// As [`Self::text`], but line breaks become blanks: for what is typed into a large field.
    pub fn prose(
        &mut self,
        pointer: &str,
        label: &str,
        given: &str,
        length: RangeInclusive<usize>,
    ) -> String {
        let flat = given.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text(pointer, label, &flat, length)
    }

    /// As [`Self::text`]; nothing at all is none.
    pub fn optional(
        &mut self,
        pointer: &str,
        label: &str,
        given: Option<&str>,
        most: usize,
    ) -> Option<String> {
        let given = given.map(trimmed).filter(|text| !text.is_empty())?;
        Some(self.text(pointer, label, given, 1..=most))
    }

    /// A whole number given as a JSON number or as a string of digits. Anything with a point or an exponent is refused, not
    /// rounded.
    pub fn whole(&mut self, pointer: &str, label: &str, given: &Value, range: RangeInclusive<i64>) -> i64 {
        let read = match given {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => whole(text),
            _ => None,
        };
        match read {
            Some(number) if range.contains(&number) => number,
            _ => {
                let (least, most) = (range.start(), range.end());
                self.wrong(
                    pointer,
                    format!("{label}应为 {least} 至 {most} 的整数，您填的是 {}", shown(given)),
                );
                0
            }
        }
    }
}

/// Digits only; none for anything else and for more than fits.
fn whole(text: &str) -> Option<i64> {
    let text = trimmed(text);
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// What was given, short enough to be repeated in a sentence.
fn shown(given: &Value) -> String {
    let text = match given {
        Value::Null => return "空".into(),
        Value::String(text) if trimmed(text).is_empty() => return "空".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}

/// Without blanks around it, the ideographic space among them.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{3000}')
}

/// The form in which names and searches are compared: half width, lower case, without blanks.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().map(narrow).filter(|c| !c.is_whitespace()) {
        // Most of what is folded is ASCII or Chinese; the general lower case is for the rest.
        if c.is_ascii() { out.push(c.to_ascii_lowercase()) } else { out.extend(c.to_lowercase()) }
    }
    out
}

/// Words in one search at most, and characters in one word.
const WORDS: usize = 6;
const WORD_LENGTH: usize = 60;

/// The words of a search, folded.
///
/// # Errors
/// 422 naming `q` for too many or too long words.
pub fn search_words(text: &str) -> Result<Vec<String>> {
    let words: Vec<String> = half_width(text).split_whitespace().map(folded).collect();
    if words.len() > WORDS || words.iter().any(|word| word.chars().count() > WORD_LENGTH) {
        let detail = format!("一次最多查找 {WORDS} 个词，每个词不超过 {WORD_LENGTH} 个字，请精简后再试");
        return Err(Refusal::field("/q", detail).into());
    }
    Ok(words)
}

/// Full-width letters, digits and signs as ASCII, the ideographic space as a blank: what a Chinese keyboard types by chance.
/// Forms and searches use it; `jicai rule` never does.
pub fn half_width(text: &str) -> String {
    text.chars().map(narrow).collect()
}

fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    }
}

//! Reads foreign JSON without losing a digit: numbers keep their literal text, a member that stands twice makes
//! the text no object, and every refusal names the member, what was found and what is expected.

mod read;

use std::borrow::Cow;
use std::fmt;

use super::money::Dec;
use read::Reader;

/// A row or object that cannot be computed: a stable code, and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    pub code: &'static str,
    /// The member or column, if one is to blame: `candidates[2].pack_price`.
    pub field: String,
    /// What was found and what is expected.
    pub problem: String,
}

impl RowError {
    pub fn new(code: &'static str, field: impl Into<String>, problem: impl Into<String>) -> Self {
        RowError { code, field: field.into(), problem: problem.into() }
    }

    /// `BAD_VALUE` for a member: what was found, and what is expected.
    pub fn bad(field: &str, found: &Json<'_>, expected: &str) -> Self {
        RowError::new("BAD_VALUE", field, format!("is {found}, expected {expected}"))
    }

    /// The same inside the `index`-th item of a list.
    pub fn within(mut self, list: &str, index: usize) -> Self {
        let dot = if self.field.is_empty() { "" } else { "." };
        self.field = format!("{list}[{index}]{dot}{}", self.field);
        self
    }

    /// The same inside a member that is an object.
    pub fn inside(mut self, object: &str) -> Self {
        let dot = if self.field.is_empty() { "" } else { "." };
        self.field = format!("{object}{dot}{}", self.field);
        self
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blank = if self.field.is_empty() { "" } else { " " };
        write!(f, "{}: {}{blank}{}", self.code, self.field, self.problem)
    }
}

/// A JSON value; numbers as they were written.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// A JSON object: its members in their order, each name once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

/// Deeper than any format here; it keeps a hostile line from exhausting the stack.
const MAX_DEPTH: usize = 500;

impl<'a> Json<'a> {
    /// Reads one JSON text; the error says what is wrong and where (byte, from 1).
    pub fn parse(text: &'a str) -> Result<Json<'a>, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.blanks();
        if reader.at < text.len() { Err(reader.fault("more text after the value")) } else { Ok(value) }
    }

    /// The exact decimal that a string or a number writes.
    pub fn dec(&self) -> Option<Dec> {
        match self {
            Json::Number(text) => Dec::parse(text),
            Json::String(text) => Dec::parse(text),
            _ => None,
        }
    }

    /// The whole number that a string or a number writes: sign and digits, no point.
    pub fn whole(&self) -> Option<Dec> {
        match self {
            Json::Number(text) if text.contains('.') => None,
            Json::String(text) if text.contains('.') => None,
            _ => self.dec(),
        }
    }

    /// The whole value as JSON text, numbers as they were written.
    pub fn to_text(&self) -> String {
        match self {
            Json::Null => "null".to_owned(),
            Json::Bool(value) => value.to_string(),
            Json::Number(text) => (*text).to_owned(),
            Json::String(text) => quoted(text),
            Json::Array(items) => {
                let items: Vec<_> = items.iter().map(Json::to_text).collect();
                format!("[{}]", items.join(","))
            }
            Json::Object(Object(members)) => {
                let member = |(name, value): &(Cow<'_, str>, Json<'_>)| {
                    format!("{}:{}", quoted(name), value.to_text())
                };
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        if let Json::String(text) = self { Some(text) } else { None }
    }

    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Json::Object(object) = self { Some(object) } else { None }
    }
}

impl fmt::Display for Json<'_> {
    /// As JSON; long strings and lists are cut, for it stands in messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(text) => write!(f, "{text:.60}"),
            Json::String(text) => {
                let short: String = text.chars().take(60).collect();
                f.write_str(&quoted(&short))
            }
            Json::Array(items) => write!(f, "a list of {}", items.len()),
            Json::Object(_) => f.write_str("an object"),
        }
    }
}

impl<'a> Object<'a> {
    /// The member even if it is null: some formats tell a null from nothing.
    pub fn raw(&self, name: &str) -> Option<&Json<'a>> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// The member; null counts as missing.
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        self.raw(name).filter(|value| !matches!(value, Json::Null))
    }

    /// The member, or `MISSING`.
    pub fn need(&self, name: &str) -> Result<&Json<'a>, RowError> {
        self.get(name).ok_or_else(|| RowError::new("MISSING", name, "is missing and needed"))
    }

    /// A needed string.
    pub fn text(&self, name: &str) -> Result<&str, RowError> {
        let found = self.need(name)?;
        found.as_str().ok_or_else(|| RowError::bad(name, found, "a string"))
    }

    /// A string, if given.
    pub fn opt_text(&self, name: &str) -> Result<Option<&str>, RowError> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// A needed decimal.
    pub fn dec(&self, name: &str) -> Result<Dec, RowError> {
        let found = self.need(name)?;
        found.dec().ok_or_else(|| RowError::bad(name, found, "a decimal number without exponent"))
    }

    /// A decimal, if given.
    pub fn opt_dec(&self, name: &str) -> Result<Option<Dec>, RowError> {
        self.get(name).map(|_| self.dec(name)).transpose()
    }

    /// true or false; `default` if missing.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, RowError> {
        match self.get(name) {
            None => Ok(default),
            Some(Json::Bool(value)) => Ok(*value),
            Some(found) => Err(RowError::bad(name, found, "true or false")),
        }
    }

    /// A whole number (sign and digits, no point) in a range, if given. Where `max` is `i64::MAX` there is no
    /// limit: a longer number counts as that.
    pub fn opt_whole(&self, name: &str, min: i64, max: i64) -> Result<Option<i64>, RowError> {
        let Some(found) = self.get(name) else {
            return Ok(None);
        };
        let most = Dec::from(i64::MAX);
        let whole =
            found.whole().and_then(|d| if max == i64::MAX && d > most { Some(max) } else { d.to_scaled(0) });
        match whole {
            Some(whole) if (min..=max).contains(&whole) => Ok(Some(whole)),
            _ => Err(RowError::bad(name, found, &format!("a whole number from {min} to {max}"))),
        }
    }

    /// One of some words, if given.
    pub fn opt_word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, RowError> {
        let Some(found) = self.get(name) else {
            return Ok(None);
        };
        let word = found.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        word.map(|(_, meaning)| Some(*meaning)).ok_or_else(|| {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            RowError::bad(name, found, &format!("one of {}", known.join(", ")))
        })
    }

    /// An object, if given.
    pub fn opt_object(&self, name: &str) -> Result<Option<&Object<'a>>, RowError> {
        let Some(found) = self.get(name) else {
            return Ok(None);
        };
        found.as_object().map(Some).ok_or_else(|| RowError::bad(name, found, "an object"))
    }

    /// A list, each item read by `read`; nothing if missing. Errors are placed in the list.
    pub fn list<T>(
        &self,
        name: &str,
        mut read: impl FnMut(&Json<'a>) -> Result<T, RowError>,
    ) -> Result<Option<Vec<T>>, RowError> {
        let items = match self.get(name) {
            None => return Ok(None),
            Some(Json::Array(items)) => items,
            Some(found) => return Err(RowError::bad(name, found, "a list")),
        };
        let read_at = |(n, item)| read(item).map_err(|error| error.within(name, n));
        items.iter().enumerate().map(read_at).collect::<Result<_, _>>().map(Some)
    }

    /// A list of objects, each read by `read`.
    pub fn objects<T>(
        &self,
        name: &str,
        mut read: impl FnMut(&Object<'a>) -> Result<T, RowError>,
    ) -> Result<Option<Vec<T>>, RowError> {
        self.list(name, |item| match item {
            Json::Object(object) => read(object),
            other => Err(RowError::bad("", other, "an object")),
        })
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

//! Reads foreign JSON without losing a digit: numbers keep their literal text, a member that stands twice makes
//! the text no object, and every refusal names the member, what was found and what is expected.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use super::money::Dec;

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

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, what: &str) -> String {
        format!("{what} (byte {})", self.at + 1)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The text from `start` to here.
    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, String> {
        if depth > MAX_DEPTH {
            return Err(self.fault("nested too deep"));
        }
        self.blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(_) => Err(self.fault("no JSON value")),
            None => Err(self.fault("the text ends too early")),
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, String> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(self.fault("no JSON value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Json<'a>, String> {
        let start = self.at;
        self.eat(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        let mut good = whole == 1 || (whole > 1 && !leading_zero);
        if self.eat(b'.') {
            good &= self.digits() > 0;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _signed = self.eat(b'+') || self.eat(b'-');
            good &= self.digits() > 0;
        }
        if good { Ok(Json::Number(self.since(start))) } else { Err(self.fault("no JSON number")) }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, String> {
        let start = self.at;
        let mut escaped = false;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(self.fault("a string without an end")),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(0..=0x1f) => return Err(self.fault("a control character in a string")),
                Some(_) => self.at += 1,
            }
        }
        let inner = self.since(start + 1);
        self.at += 1;
        match escaped {
            false => Ok(Cow::Borrowed(inner)),
            true => serde_json::from_str(self.since(start))
                .map(Cow::Owned)
                .map_err(|_| self.fault("a string with a broken escape")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json<'a>, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.eat(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.eat(b']') {
                return Ok(Json::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.fault("a comma or ] expected"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, String> {
        self.at += 1;
        let mut members: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
        self.blanks();
        if self.eat(b'}') {
            return Ok(Json::Object(Object(members)));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.fault("a member name expected"));
            }
            let name = self.string()?;
            self.blanks();
            if !self.eat(b':') {
                return Err(self.fault("a colon expected"));
            }
            members.push((name, self.value(depth + 1)?));
            self.blanks();
            if self.eat(b'}') {
                break;
            }
            if !self.eat(b',') {
                return Err(self.fault("a comma or } expected"));
            }
        }
        let names: BTreeSet<_> = members.iter().map(|(name, _)| name.as_ref()).collect();
        if names.len() < members.len() {
            return Err(self.fault("a member stands twice in the object that ends here"));
        }
        Ok(Json::Object(Object(members)))
    }
}

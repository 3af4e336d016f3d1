//! Reads one policy file and names everything that is wrong with it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::keys::KEYS;
use super::super::moment::Moment;
use super::super::money::Dec;
use super::super::policy::{Basis, Entry, Key, Kind, PolicyError, Value};

/// What a file says: the profile it starts from, and its own values.
pub(super) struct File {
    pub extends: Option<String>,
    pub entries: BTreeMap<&'static str, Entry>,
}

/// Every declared key.
pub(super) fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().copied().flatten()
}

/// Reads a file; `label` names it in messages.
pub(super) fn file(label: &str, text: &str) -> Result<File, PolicyError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = DeTable::parse(text)
        .map_err(|error| PolicyError::Invalid(vec![format!("{label}: {}", error.to_string().trim())]))?;
    let mut reader = Reader { label, extends: None, entries: BTreeMap::new(), wrong: Vec::new() };
    reader.table("", root.get_ref());
    match reader.wrong.is_empty() {
        true => Ok(File { extends: reader.extends, entries: reader.entries }),
        false => Err(PolicyError::Invalid(reader.wrong)),
    }
}

struct Reader<'t> {
    label: &'t str,
    extends: Option<String>,
    entries: BTreeMap<&'static str, Entry>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn wrong(&mut self, what: &str) {
        self.wrong.push(format!("{}: {what}", self.label));
    }

    /// A table at `path`: its members are keys, or tables on the way to keys.
    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let name: &str = name.get_ref();
            let dotted = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let value = value.get_ref();
            if dotted == "extends" {
                match value.as_str() {
                    Some(base) => self.extends = Some(base.to_owned()),
                    None => self.wrong("extends must be the name of a profile in quotes"),
                }
            } else if let Some(key) = keys().find(|key| key.name == dotted) {
                self.key(key, value);
            } else if keys().any(|key| key.name.starts_with(&format!("{dotted}."))) {
                match value.as_table() {
                    Some(inner) => self.table(&dotted, inner),
                    None => self.wrong(&format!("{dotted} must be a table")),
                }
            } else {
                self.wrong(&format!("unknown key {dotted}"));
            }
        }
    }

    fn key(&mut self, key: &'static Key, value: &DeValue<'_>) {
        let Some(table) = value.as_table() else {
            let shape = "{ value = …, clause = …, source = …, basis = …, effective_from = … }";
            return self.wrong(&format!("{} must be written as {shape}", key.name));
        };
        match entry(key, table) {
            Ok(entry) => {
                self.entries.insert(key.name, entry);
            }
            Err(wrong) => wrong.iter().for_each(|what| self.wrong(&format!("{}: {what}", key.name))),
        }
    }
}

/// The five members of a key, none missing, none more.
fn entry(key: &Key, table: &DeTable<'_>) -> Result<Entry, Vec<String>> {
    let mut wrong = Vec::new();
    for (name, _) in table {
        let name: &str = name.get_ref();
        if !["value", "clause", "source", "basis", "effective_from"].contains(&name) {
            wrong.push(format!("unknown member {name}"));
        }
    }
    let mut member = |name: &str| {
        let found = table.get(name).map(Spanned::get_ref);
        if found.is_none() {
            wrong.push(format!("{name} is missing"));
        }
        found
    };
    let (value, clause, source) = (member("value"), member("clause"), member("source"));
    let (basis, from) = (member("basis"), member("effective_from"));
    let mut keep = |what: String| wrong.push(what);
    let value = value.and_then(|found| read(&key.kind, found).map_err(&mut keep).ok());
    let mut words = |name: &str, found: Option<&DeValue<'_>>| {
        let text = found?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        text.or_else(|| {
            keep(format!("{name} must be a text in quotes, not empty"));
            None
        })
    };
    let (clause, source) = (words("clause", clause), words("source", source));
    let basis = basis.and_then(|found| basis_of(found).map_err(&mut keep).ok());
    let from = from.and_then(|found| day(found).map_err(|what| keep(format!("effective_from {what}"))).ok());
    match (value, clause, source, basis, from) {
        (Some(value), Some(clause), Some(source), Some(basis), Some(effective_from)) if wrong.is_empty() => {
            Ok(Entry { value, clause, source, basis, effective_from })
        }
        _ => Err(wrong),
    }
}

fn basis_of(found: &DeValue<'_>) -> Result<Basis, String> {
    let all = [Basis::Document, Basis::Public, Basis::Choice];
    let named = all.into_iter().find(|basis| found.as_str() == Some(basis.as_str()));
    named.ok_or_else(|| "basis must be \"document\", \"public\" or \"choice\"".to_owned())
}

/// Reads a value of a kind; the error says what it must be.
fn read(kind: &Kind, found: &DeValue<'_>) -> Result<Value, String> {
    match kind {
        Kind::Decimal { min, max } => decimal(found, min, max).map(Value::Decimal),
        Kind::Decimals { count, min, max } => {
            let items = found.as_array().filter(|items| items.len() == *count);
            let items = items.ok_or_else(|| format!("value must be a list of {count} decimals"))?;
            let read = items.iter().map(|item| decimal(item.get_ref(), min, max));
            read.collect::<Result<_, _>>().map(Value::Decimals)
        }
        Kind::Whole { min, max } => {
            let whole = integer(found).filter(|whole| (min..=max).contains(&whole));
            whole.map(Value::Whole).ok_or_else(|| format!("value must be a whole number from {min} to {max}"))
        }
        Kind::Flag => {
            found.as_bool().map(Value::Flag).ok_or_else(|| "value must be true or false".to_owned())
        }
        Kind::Word(words) => {
            let word = found.as_str().filter(|word| words.contains(word));
            let word = word.map(|word| Value::Word(word.to_owned()));
            word.ok_or_else(|| format!("value must be one of \"{}\"", words.join("\", \"")))
        }
        Kind::Moment => {
            let time = found.as_str().filter(|text| Moment::parse(text).is_some());
            let expected = "value must be a time such as \"2024-12-12T17:00:00+08:00\"";
            time.map(|text| Value::Word(text.to_owned())).ok_or_else(|| expected.to_owned())
        }
        Kind::Day => day(found).map(Value::Day).map_err(|what| format!("value {what}")),
        Kind::Period => period(found),
        Kind::Steps => steps(found),
        Kind::OrNone(_) if found.as_str() == Some("none") => Ok(Value::None),
        Kind::OrTender(_) if found.as_str() == Some("tender") => Ok(Value::Tender),
        Kind::OrNone(kind) => read(kind, found).map_err(|what| format!("{what}, or \"none\"")),
        Kind::OrTender(kind) => read(kind, found).map_err(|what| format!("{what}, or \"tender\"")),
    }
}

/// A decimal from the very characters of the file, never through a float.
fn decimal(found: &DeValue<'_>, min: &str, max: &str) -> Result<Dec, String> {
    let read = match found {
        DeValue::String(text) => Dec::parse(text),
        DeValue::Float(float) => Dec::parse(float.as_str()),
        DeValue::Integer(integer) if integer.radix() == 10 => Dec::parse(integer.as_str()),
        _ => None,
    };
    let (low, high) = (Dec::parse(min).unwrap_or_default(), Dec::parse(max).unwrap_or_default());
    read.filter(|value| *value >= low && *value <= high)
        .ok_or_else(|| format!("value must be a decimal from {min} to {max} without exponent"))
}

fn integer(found: &DeValue<'_>) -> Option<i64> {
    let whole = found.as_integer()?;
    i64::from_str_radix(whole.as_str(), whole.radix()).ok()
}

fn day(found: &DeValue<'_>) -> Result<NaiveDate, String> {
    let date = found.as_datetime().filter(|moment| moment.time.is_none()).and_then(|moment| moment.date);
    date.and_then(|date| NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into()))
        .ok_or_else(|| "must be a day such as 2024-07-08, without quotes".to_owned())
}

fn period(found: &DeValue<'_>) -> Result<Value, String> {
    let days: Option<Vec<_>> =
        found.as_array().map(|items| items.iter().filter_map(|item| day(item.get_ref()).ok()).collect());
    match days.as_deref() {
        Some([first, last]) if first <= last => Ok(Value::Period(*first, *last)),
        _ => Err("value must be a first and a last day such as [2024-09-11, 2024-09-20]".to_owned()),
    }
}

fn steps(found: &DeValue<'_>) -> Result<Value, String> {
    let pair = |item: &Spanned<DeValue<'_>>| {
        let items = item.get_ref().as_array()?;
        let numbers: Vec<_> = items.iter().filter_map(|number| integer(number.get_ref())).collect();
        match (numbers.as_slice(), items.len()) {
            ([key, value], 2) if *key >= 1 && *value >= 1 => Some((*key, *value)),
            _ => None,
        }
    };
    let pairs: Option<Vec<_>> = found.as_array().and_then(|items| items.iter().map(pair).collect());
    pairs
        .filter(|pairs| !pairs.is_empty() && pairs.is_sorted_by(|one, two| one.0 < two.0))
        .map(Value::Steps)
        .ok_or_else(|| "value must be pairs such as [[1, 1], [2, 2]] with ascending first numbers".to_owned())
}

//! Rules as data: a policy profile holds every number that the law or a province sets, each with its clause, its
//! source, on what it rests and from which day. One file `NAME@EFFECTIVE_FROM.toml` is one version of a profile.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::{Map, Value as Json, json};

use super::canonical;
use super::money::Dec;

/// A parameter: its name as in the file (`inj.round.residue`) and what values it may take.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
}

/// What a value must be. Limits include their ends.
#[derive(Debug)]
pub enum Kind {
    /// An exact decimal (`1.8` or `"1.8"`).
    Decimal { min: &'static str, max: &'static str },
    /// As many decimals as said (a column of a table of ratios).
    Decimals { count: usize, min: &'static str, max: &'static str },
    /// A whole number.
    Whole { min: i64, max: i64 },
    /// true or false.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A day (`2024-11-01`).
    Day,
    /// An instant with an offset (`"2024-12-12T17:00:00+08:00"`).
    Moment,
    /// Its first and its last day (`[2024-09-11, 2024-09-20]`).
    Period,
    /// Pairs of whole numbers from 1, the first of each strictly ascending (`[[1, 1], [2, 2]]`).
    Steps,
    /// As said, or `"none"`: not used.
    OrNone(&'static Kind),
    /// As said, or `"tender"`: every tender must state it.
    OrTender(&'static Kind),
}

/// A value that was read and found to be of its key's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Decimal(Dec),
    Decimals(Vec<Dec>),
    Whole(i64),
    Flag(bool),
    Word(String),
    Day(NaiveDate),
    Period(NaiveDate, NaiveDate),
    Steps(Vec<(i64, i64)>),
    /// Not used.
    None,
    /// Every tender must state it.
    Tender,
}

/// On what a value rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// It stands in a document of the law.
    Document,
    /// It is known from public results or reports.
    Public,
    /// It is our choice, to be replaced by the province.
    Choice,
}

impl Basis {
    pub fn as_str(self) -> &'static str {
        match self {
            Basis::Document => "document",
            Basis::Public => "public",
            Basis::Choice => "choice",
        }
    }
}

/// One parameter of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub value: Value,
    /// Clause id, or several joined by a comma.
    pub clause: String,
    /// Where the value is taken from.
    pub source: String,
    pub basis: Basis,
    pub effective_from: NaiveDate,
}

/// Why a profile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Everything that is wrong with a file, one sentence each.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
    #[error("no policy profile {0} is in force on {1}")]
    NotInForce(String, NaiveDate),
    #[error("there is no policy profile {0}")]
    Unknown(String),
    /// The profile leaves the value to the tender and the tender does not state it.
    #[error("POLICY_VALUE_REQUIRED: {0} must be stated by the tender, the policy leaves it open")]
    Required(String),
    /// A rule asks for a key that is not declared, or as another kind: a mistake of ours.
    #[error("the policy has no {1} value {0}")]
    Undeclared(String, &'static str),
}

/// A whole profile: every declared key with its value.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name and version, such as `default@2024-07-08`.
    pub name: String,
    entries: BTreeMap<&'static str, Entry>,
    digest: String,
}

impl Policy {
    pub(super) fn new(name: String, entries: BTreeMap<&'static str, Entry>) -> Result<Self, PolicyError> {
        let values: Map<String, Json> =
            entries.iter().map(|(key, entry)| ((*key).to_owned(), entry.to_json())).collect();
        let digest = canonical::digest(&Json::Object(values))
            .map_err(|error| PolicyError::Invalid(vec![format!("{name}: {error}")]))?;
        Ok(Policy { name, entries, digest })
    }

    /// Lower-case hex SHA-256 over the canonical JSON of all keys with value, clause, source, basis and day.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// All parameters in the order of their names.
    pub fn entries(&self) -> impl Iterator<Item = (&'static str, &Entry)> {
        self.entries.iter().map(|(key, entry)| (*key, entry))
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The first clause that an entry names; empty for a key that is not declared.
    pub fn first_clause(&self, key: &str) -> &str {
        self.entries.get(key).and_then(|entry| entry.clause.split(',').next()).unwrap_or_default().trim()
    }

    /// The value; `Required` if it is left to the tender.
    pub fn value(&self, key: &str) -> Result<&Value, PolicyError> {
        match self.entries.get(key).map(|entry| &entry.value) {
            Some(Value::Tender) => Err(PolicyError::Required(key.to_owned())),
            Some(value) => Ok(value),
            None => Err(PolicyError::Undeclared(key.to_owned(), "declared")),
        }
    }

    pub fn dec(&self, key: &str) -> Result<Dec, PolicyError> {
        match self.value(key)? {
            Value::Decimal(value) => Ok(value.clone()),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "decimal")),
        }
    }

    /// A decimal, or nothing if it is not used.
    pub fn opt_dec(&self, key: &str) -> Result<Option<Dec>, PolicyError> {
        match self.value(key)? {
            Value::None => Ok(None),
            _ => self.dec(key).map(Some),
        }
    }

    pub fn decs(&self, key: &str) -> Result<&[Dec], PolicyError> {
        match self.value(key)? {
            Value::Decimals(values) => Ok(values),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "list of decimals")),
        }
    }

    pub fn whole(&self, key: &str) -> Result<i64, PolicyError> {
        match self.value(key)? {
            Value::Whole(value) => Ok(*value),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "whole-number")),
        }
    }

    pub fn flag(&self, key: &str) -> Result<bool, PolicyError> {
        match self.value(key)? {
            Value::Flag(value) => Ok(*value),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "true-or-false")),
        }
    }

    pub fn word(&self, key: &str) -> Result<&str, PolicyError> {
        match self.value(key)? {
            Value::Word(value) => Ok(value),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "word")),
        }
    }

    pub fn day(&self, key: &str) -> Result<NaiveDate, PolicyError> {
        match self.value(key)? {
            Value::Day(value) => Ok(*value),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "day")),
        }
    }

    pub fn period(&self, key: &str) -> Result<(NaiveDate, NaiveDate), PolicyError> {
        match self.value(key)? {
            Value::Period(first, last) => Ok((*first, *last)),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "period")),
        }
    }

    pub fn steps(&self, key: &str) -> Result<&[(i64, i64)], PolicyError> {
        match self.value(key)? {
            Value::Steps(pairs) => Ok(pairs),
            _ => Err(PolicyError::Undeclared(key.to_owned(), "table")),
        }
    }
}

/// A parameter that differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'p> {
    pub key: &'static str,
    pub old: &'p Entry,
    pub new: &'p Entry,
}

/// Every parameter whose value or origin differs, in the order of their names.
pub fn changes<'p>(old: &'p Policy, new: &'p Policy) -> Vec<Change<'p>> {
    let pairs = new.entries().filter_map(|(key, entry)| Some((key, old.entry(key)?, entry)));
    pairs.filter(|(_, old, new)| old != new).map(|(key, old, new)| Change { key, old, new }).collect()
}

impl Entry {
    /// The entry as data: decimals as strings, days as `YYYY-MM-DD`.
    pub fn to_json(&self) -> Json {
        json!({
            "value": self.value.to_json(),
            "clause": self.clause,
            "source": self.source,
            "basis": self.basis.as_str(),
            "effective_from": self.effective_from.to_string(),
        })
    }
}

impl Value {
    /// The value as data: decimals as strings, days as `YYYY-MM-DD`, not used as null.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Decimal(value) => json!(value),
            Value::Decimals(values) => json!(values),
            Value::Whole(value) => json!(value),
            Value::Flag(value) => json!(value),
            Value::Word(value) => json!(value),
            Value::Day(day) => json!(day.to_string()),
            Value::Period(first, last) => json!([first.to_string(), last.to_string()]),
            Value::Steps(pairs) => json!(pairs),
            Value::None => Json::Null,
            Value::Tender => json!("tender"),
        }
    }
}

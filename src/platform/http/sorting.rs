//! How a list is sorted: `?sort=amount` the least first, `?sort=-amount` the greatest first. Links in the heads of the columns
//! lead there, so that it works without script and can be sent to a colleague.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::place::{ListAddress, SORT};
use super::view::{Column, Order, sortable};

/// A key of the list, and which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort<K> {
    /// By what.
    pub by: K,
    /// The greatest first.
    pub down: bool,
}

impl<K: FromStr> FromStr for Sort<K> {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (down, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        let by = key.parse().map_err(|_| format!("不能按“{}”排序", super::number::shown(key)))?;
        Ok(Self { by, down })
    }
}

impl<K: fmt::Display> fmt::Display for Sort<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.down { "-" } else { "" }, self.by)
    }
}

impl<'de, K: FromStr> Deserialize<'de> for Sort<K> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The columns with links that sort by those named in `keys`; everything else in the address stays, but for the page. `usual` is
/// how the list is sorted where the address says nothing.
pub fn heads(columns: Vec<Column>, keys: &[&str], place: &ListAddress, usual: &str) -> Vec<Column> {
    let given = Some(place.value(SORT)).filter(|sort| !sort.is_empty()).unwrap_or(usual);
    let now = match given.strip_prefix('-') {
        Some(key) => (key, Order::Down),
        None => (given, Order::Up),
    };
    sortable(columns, keys, now, |key, order| {
        place.with(SORT, &format!("{}{key}", if order == Order::Down { "-" } else { "" }))
    })
}

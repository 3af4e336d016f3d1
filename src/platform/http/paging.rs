//! Keyset paging: `?after=…&limit=…`, answered with `next`. A cursor is the last row's sort key, opaque to the caller.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Refusal, Result};

/// Rows of a page where nothing is said.
pub const DEFAULT_LIMIT: i64 = 50;
/// Rows of a page at most.
pub const MAX_LIMIT: i64 = 200;

/// The query parameters of a list; flatten it into a list's own.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows wanted, 1 to 200; 50 where nothing is said.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    pub limit: Option<String>,
}

impl Paging {
    /// Rows wanted.
    ///
    /// # Errors
    /// 422 naming `limit`.
    pub fn limit(&self) -> Result<i64> {
        let Some(text) = &self.limit else { return Ok(DEFAULT_LIMIT) };
        match text.parse() {
            Ok(n) if (1..=MAX_LIMIT).contains(&n) => Ok(n),
            _ => {
                let detail =
                    format!("limit 应为 1 至 {MAX_LIMIT} 的整数，您填的是 {}", super::number::shown(text));
                Err(Refusal::field("/limit", detail).into())
            }
        }
    }

    /// The sort key after which the page starts.
    ///
    /// # Errors
    /// 422 naming `after`.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        let Some(text) = self.after.as_deref().filter(|t| !t.is_empty()) else { return Ok(None) };
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| !super::nul::in_json(bytes));
        let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        match key {
            Some(key) => Ok(Some(key)),
            None => {
                Err(Refusal::field("/after", "after 应取自上一页返回的 next，请从第一页重新开始。").into())
            }
        }
    }
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PageOf<T> {
    /// The rows.
    pub items: Vec<T>,
    /// `after` of the next page; none on the last.
    pub next: Option<String>,
}

impl<T> Default for PageOf<T> {
    fn default() -> Self {
        Self { items: Vec::new(), next: None }
    }
}

impl<T> PageOf<T> {
    /// From at most `limit + 1` rows: the one too many shows that there is a next page.
    pub fn new<K: Serialize>(mut rows: Vec<T>, limit: i64, key: impl Fn(&T) -> K) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).and_then(|last| serde_json::to_vec(&key(last)).ok());
        Self { items: rows, next: next.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)) }
    }

    /// The same page of something made from the rows.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> PageOf<U> {
        PageOf { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

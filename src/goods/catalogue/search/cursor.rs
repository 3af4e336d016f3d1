//! Where a page ended.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::nul;
use crate::platform::sql::Id;

/// The last row that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Cursor {
    /// In the whole list: sort key and product.
    #[serde(rename = "l")]
    List(String, Id),
    /// In a range of codes: the code.
    #[serde(rename = "c")]
    Code(String),
    /// Under a term: its place among the hits, then sort key and product.
    #[serde(rename = "t")]
    Term(TermKey, String, Id),
}

/// The place of a term among the hits: how well it fits, what it names, its length, its text.
pub(super) type TermKey = (u8, u8, usize, String);

impl Cursor {
    pub(super) fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    pub(super) fn decode(text: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|b| b.len() < 2000 && !nul::in_json(b));
        bytes.and_then(|b| serde_json::from_slice(&b).ok()).ok_or_else(foreign)
    }
}

/// A cursor that this search did not give.
pub(super) fn foreign() -> Error {
    Refusal::unreadable("翻页标记与本次查找不符，请从第一页重新查找。").into()
}

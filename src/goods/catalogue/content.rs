//! What a product holds, normalised, and the three-same group that follows from it (INJ-3.1).

use sha2::{Digest, Sha256};

use super::model::ThreeSameGroup;
use super::words;
use crate::platform::sql::{Id, Time};
use crate::rules::strength;

/// What a strength was read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Strength and fill volume as written, for lists.
    pub text: String,
    /// The normalised content; none where it cannot be read.
    pub key: Option<String>,
    /// Why it cannot.
    pub fault: Option<String>,
}

/// Reads strength and fill volume.
pub fn read(strength: &str, fill_volume: Option<&str>) -> Content {
    let text = match fill_volume.filter(|v| !v.trim().is_empty()) {
        Some(volume) => format!("{strength} {volume}"),
        None => strength.to_owned(),
    };
    match strength::parse_with_fill(strength, fill_volume) {
        Ok(read) => Content { text, key: Some(read.key()), fault: None },
        Err(reason) => Content { text, key: None, fault: Some(reason.chinese()) },
    }
}

impl Content {
    /// For the comparable key: what cannot be read is compared as it is written.
    pub fn comparable(&self) -> String {
        self.key.clone().unwrap_or_else(|| self.text.clone())
    }

    /// For the group. What cannot be read is a group of its own writing, apart from all that can, until a person has looked.
    pub fn group(&self) -> String {
        match &self.key {
            Some(key) => key.clone(),
            None => format!("未识别：{}", self.text),
        }
    }
}

/// The three-same group of generic name, brand and content. Its key is made of the three, so that bulk loads need no look-up.
pub fn group(
    generic_name: &str,
    brand: &str,
    content: &str,
    batch_id: Option<Id>,
    created_at: Time,
) -> ThreeSameGroup {
    let (generic_name, brand, content) = (generic_name.to_owned(), brand.to_owned(), content.to_owned());
    let id = group_id(&generic_name, &brand, &content);
    ThreeSameGroup { id, generic_name, brand, content, batch_id, created_at, version: 1 }
}

fn group_id(generic_name: &str, brand: &str, content: &str) -> Id {
    let digest = Sha256::digest([generic_name, brand, content].map(words::folded).join("\n"));
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    Id(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

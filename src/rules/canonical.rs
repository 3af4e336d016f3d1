//! Canonical JSON (RFC 8785): one text for one value, so that digests and signatures can be recomputed by
//! anyone.

mod direct;

pub use direct::canonical_of;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A value that has no canonical form here.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotCanonical {
    /// A number that not every reader keeps.
    #[error("the number {0} has no exact canonical form; write decimals as strings")]
    Number(String),
    /// What is no JSON.
    #[error("{0}")]
    Other(String),
}

/// The largest whole number that every JSON reader keeps exactly.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// The canonical text: no blanks, members sorted by their UTF-16 code units, numbers whole.
pub fn canonical(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

/// The canonical text of an object whose members are texts or null.
pub fn of_texts<const N: usize>(mut members: [(&str, Option<&str>); N]) -> String {
    members.sort_unstable_by(|one, two| by_code_units(one.0, two.0));
    let mut out = String::from("{");
    for (n, (name, text)) in members.into_iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        string(name, &mut out);
        out.push(':');
        match text {
            Some(text) => string(text, &mut out),
            None => out.push_str("null"),
        }
    }
    out.push('}');
    out
}

/// Lower-case hex SHA-256 of the canonical text.
pub fn digest(value: &Value) -> Result<String, NotCanonical> {
    Ok(hex::encode(Sha256::digest(canonical(value)?)))
}

fn write(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Number(number) => {
            let safe = number.as_i64().is_some_and(|whole| whole.unsigned_abs() <= MAX_SAFE);
            if !safe {
                return Err(NotCanonical::Number(number.to_string()));
            }
            out.push_str(&number.to_string());
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|one, two| by_code_units(one.0, two.0));
            out.push('{');
            for (n, (name, member)) in sorted.into_iter().enumerate() {
                if n > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
        Value::String(text) => string(text, out),
        Value::Null | Value::Bool(_) => out.push_str(&value.to_string()),
    }
    Ok(())
}

/// UTF-16 code units, which for ASCII are the bytes.
fn by_code_units(one: &str, two: &str) -> std::cmp::Ordering {
    if one.is_ascii() && two.is_ascii() {
        return one.cmp(two);
    }
    one.encode_utf16().cmp(two.encode_utf16())
}

/// The escapes of serde_json are those of RFC 8785: the short ones, and `\u00xx` in lower case.
fn string(text: &str, out: &mut String) {
    let plain = |b: u8| b >= 0x20 && b != b'"' && b != b'\\';
    // By pieces, each without a way out in its middle: so the machine looks at many bytes at once.
    if text.as_bytes().chunks(32).all(|piece| piece.iter().fold(true, |all, byte| all & plain(*byte))) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        // Writing text cannot fail; through `Display` it would take three times as long.
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

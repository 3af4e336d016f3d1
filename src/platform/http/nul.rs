//! U+0000, which PostgreSQL keeps in no text. It is refused once, before a handler reads anything.

use actix_web::http::Uri;

use super::Form;
use crate::error::{Refusal, Result};

/// Refuses a request that carries it: in the address, in JSON or in a form.
///
/// # Errors
/// 400 `UNREADABLE`.
pub fn check(uri: &Uri, media_type: &str, body: &[u8], form: Option<&Form>) -> Result<()> {
    let address = uri.path_and_query().is_some_and(|given| in_escapes(given.as_str().as_bytes()));
    let inside = match form {
        Some(form) => form.fields().iter().any(|(name, value)| name.contains('\0') || value.contains('\0')),
        None if media_type == "application/x-www-form-urlencoded" => body.contains(&0) || in_escapes(body),
        None => media_type.ends_with("json") && in_json(body),
    };
    if !address && !inside {
        return Ok(());
    }
    let detail = "提交的内容含有不可见的空字符（U+0000），平台不能保存。请删除后重新提交。";
    Err(Refusal::unreadable(detail).into())
}

fn in_escapes(text: &[u8]) -> bool {
    text.windows(3).any(|three| three == b"%00")
}

/// True where a string of this JSON says it. As itself it may not stand in JSON at all.
pub fn in_json(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        let (_, escape) = rest.split_at(at);
        if escape.starts_with(b"\\u0000") {
            return true;
        }
        // What follows a backslash is no beginning of another escape.
        rest = escape.get(2..).unwrap_or_default();
    }
    false
}

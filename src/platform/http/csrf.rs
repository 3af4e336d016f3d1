//! Forms are taken from our own pages only: the browser's Origin must be ours, and the form must carry the visitor's token.

use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::form::{Form, TOKEN_FIELD};
use super::site::Origin;
use crate::error::{Refusal, Result};
use crate::secret;

/// For scripts of our own pages, which send no form.
pub const TOKEN_HEADER: &str = "x-form-token";

/// Opens a token that is masked.
const MASKED: char = '.';

/// The token as one page shows it: another text each time, so that the length of a packed page tells nothing of it.
pub fn masked(token: &str) -> String {
    if token.is_empty() {
        return String::new();
    }
    let mut bytes: Vec<u8> = token.bytes().map(|_| rand::random()).collect();
    let hidden: Vec<u8> = bytes.iter().zip(token.bytes()).map(|(mask, byte)| mask ^ byte).collect();
    bytes.extend(hidden);
    format!("{MASKED}{}", URL_SAFE_NO_PAD.encode(bytes))
}

/// The token that was given, masked by a page or as it is.
pub fn plain(given: &str) -> String {
    let Some(bytes) = given.strip_prefix(MASKED).map(|text| URL_SAFE_NO_PAD.decode(text).unwrap_or_default())
    else {
        return given.to_owned();
    };
    let (mask, hidden) = bytes.split_at(bytes.len() / 2);
    let bytes = mask.iter().zip(hidden).map(|(mask, byte)| mask ^ byte).collect();
    String::from_utf8(bytes).unwrap_or_default()
}

/// True where a request of that method may change something.
pub fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Checks where a request comes from. Looked at before the body is read.
///
/// # Errors
/// 403 `FOREIGN_ORIGIN`.
pub fn check_origin(headers: &HeaderMap, allowed: &Origin) -> Result<()> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let good = match text(ORIGIN.as_str()) {
        Some(origin) => allowed.allows(origin, text(HOST.as_str()).unwrap_or_default()),
        // Every browser of the last years sends one of the two with a POST.
        None => text("sec-fetch-site") == Some("same-origin"),
    };
    if good {
        return Ok(());
    }
    let detail = "这次提交不是来自本平台的页面，已拒绝办理。请从本平台打开页面后重新提交。";
    Err(Refusal::new(403, "FOREIGN_ORIGIN", detail).into())
}

/// Checks the form token; `form` is read only where no header carries it.
///
/// # Errors
/// 403 `FORM_TOKEN`.
pub fn check_token(headers: &HeaderMap, form: impl FnOnce() -> Form, expected: &str) -> Result<()> {
    let given = match headers.get(TOKEN_HEADER).and_then(|v| v.to_str().ok()) {
        Some(header) => header.to_owned(),
        None => form().value(TOKEN_FIELD).to_owned(),
    };
    if !expected.is_empty() && secret::equal(&plain(&given), expected) {
        return Ok(());
    }
    let detail = "页面已失效（可能已重新登录，或停留过久），本次未办理。请返回并刷新页面后重新提交。";
    Err(Refusal::new(403, "FORM_TOKEN", detail).into())
}

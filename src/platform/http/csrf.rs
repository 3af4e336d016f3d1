//! Forms are taken from our own pages only: the browser's Origin must be ours, and the form must carry the visitor's token.

use actix_web::http::Method;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

use super::form::{Form, TOKEN_FIELD};
use super::site::Origin;
use crate::error::{Refusal, Result};
use crate::secret;

/// For scripts of our own pages, which send no form.
pub const TOKEN_HEADER: &str = "x-form-token";

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
    if !expected.is_empty() && secret::equal(&given, expected) {
        return Ok(());
    }
    let detail = "页面已失效（可能已重新登录，或停留过久），本次未办理。请返回并刷新页面后重新提交。";
    Err(Refusal::new(403, "FORM_TOKEN", detail).into())
}

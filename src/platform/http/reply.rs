//! Answers: JSON with an ETag, redirects, conditional writes.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_MATCH, LOCATION,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use futures_util::future::{Ready, ready};
use serde::Serialize;

use crate::error::{Error, Refusal, Result};

/// JSON with that status.
pub fn json(status: u16, body: &impl Serialize) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    HttpResponse::build(status).insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// 200 with JSON.
pub fn ok(body: &impl Serialize) -> HttpResponse {
    json(200, body)
}

/// 200 with JSON and the row's version as its ETag.
pub fn versioned(version: i64, body: &impl Serialize) -> HttpResponse {
    let mut response = ok(body);
    add_etag(&mut response, version);
    response
}

/// 201 with JSON, the address of what was made and its version.
pub fn created(location: &str, version: i64, body: &impl Serialize) -> HttpResponse {
    let mut response = json(201, body);
    if let Ok(value) = location.parse() {
        response.headers_mut().insert(LOCATION, value);
    }
    add_etag(&mut response, version);
    response
}

fn add_etag(response: &mut HttpResponse, version: i64) {
    if let Ok(value) = format!("\"{version}\"").parse() {
        response.headers_mut().insert(ETAG, value);
    }
}

/// The answer that a browser saves under a name, and never shows: whatever the content is, it runs nowhere.
pub fn download(name: &str, media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    // For programs that know ASCII names only.
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let disposition =
        format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", encoded.replace('+', "%20"));
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes)
}

/// 202: begun, and not finished by this answer.
pub fn accepted() -> HttpResponse {
    HttpResponse::Accepted().finish()
}

/// 204.
pub fn nothing() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// 303: after a POST the browser gets the page, so that a reload does not post again.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, "no-store")).finish()
}

/// The version that the caller has seen, from `If-Match: "3"`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(if_match(request))
    }
}

fn if_match(request: &HttpRequest) -> Result<IfMatch> {
    let Some(header) = request.headers().get(IF_MATCH) else {
        let detail = "请在 If-Match 中给出所依据的版本，例如 If-Match: \"3\"；版本见读取时返回的 ETag。";
        return Err(Refusal::new(400, "IF_MATCH_MISSING", detail).into());
    };
    let version = header.to_str().ok().and_then(|text| text.trim().trim_matches('"').parse().ok());
    version.map(IfMatch).ok_or_else(|| {
        Refusal::new(400, "IF_MATCH_UNREADABLE", "If-Match 应为读取时返回的 ETag，例如 \"3\"。").into()
    })
}

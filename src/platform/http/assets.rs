//! Style sheets, scripts and pictures, embedded in the program: it runs alone in an empty directory and asks no other host.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;

use crate::error::{Refusal, Result};
use crate::who::guard::Anyone;

#[derive(RustEmbed)]
#[folder = "../../static/"]
struct Static;

/// One file of `static/`. An address with the program's version is good for a year, any other is asked again each time.
///
/// # Errors
/// 404.
pub async fn serve(_: Anyone, path: web::Path<String>, request: HttpRequest) -> Result<HttpResponse> {
    let file = Static::get(&path).ok_or_else(|| Refusal::not_found("文件"))?;
    let etag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let versioned = !cfg!(debug_assertions) && request.query_string().starts_with("v=");
    let cache = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let seen = request.headers().get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if seen.is_some_and(|seen| seen.split(',').any(|one| one.trim() == etag)) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, etag))
            .insert_header((CACHE_CONTROL, cache))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type(&path, file.metadata.mimetype())))
        .insert_header((ETAG, etag))
        .insert_header((CACHE_CONTROL, cache))
        .body(file.data.into_owned()))
}

fn content_type(path: &str, guessed: &str) -> String {
    let text = guessed.starts_with("text/") || guessed.ends_with("javascript") || path.ends_with(".txt");
    if text { format!("{guessed}; charset=utf-8") } else { guessed.to_owned() }
}

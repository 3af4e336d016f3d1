//! Style sheets, scripts and pictures, embedded in the program: it runs alone in an empty directory and asks no other host.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::{Refusal, Result};
use crate::who::guard::Anyone;

#[derive(RustEmbed)]
#[folder = "../../static/"]
struct Static;

/// Files as they travel, packed once, by the hash of what they hold: while the program is written they change under it.
static PACKED: Mutex<BTreeMap<[u8; 32], Bytes>> = Mutex::new(BTreeMap::new());

fn pack(file: &EmbeddedFile) -> Option<Bytes> {
    let mut all = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(packed) = all.get(&file.metadata.sha256_hash()) {
        return Some(packed.clone());
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(&file.data).ok()?;
    let packed = Bytes::from(packer.finish().ok()?);
    all.insert(file.metadata.sha256_hash(), packed.clone());
    Some(packed)
}

/// The packed file, where it is text and the browser takes it so.
fn packed(path: &str, file: &EmbeddedFile, request: &HttpRequest) -> Option<Bytes> {
    let taken = request.headers().get(ACCEPT_ENCODING)?.to_str().ok()?;
    let takes = taken.split(',').any(|one| one.trim() == "gzip");
    let is_text = [".css", ".js", ".svg"].iter().any(|end| path.ends_with(end));
    if takes && is_text { pack(file) } else { None }
}

/// The address of a file with what it holds in short, so that a changed file is never answered from a cache.
#[must_use]
pub fn address(path: &str) -> String {
    let hash = Static::get(path).map(|file| version(&file)).unwrap_or_default();
    format!("/static/{path}?v={hash}")
}

fn version(file: &EmbeddedFile) -> String {
    hex::encode(file.metadata.sha256_hash()).chars().take(12).collect()
}

/// One file of `static/`. An address with what the file holds is good for a year, any other is asked again each time.
///
/// # Errors
/// 404.
pub async fn serve(_: Anyone, path: web::Path<String>, request: HttpRequest) -> Result<HttpResponse> {
    let file = Static::get(&path).ok_or_else(|| Refusal::not_found("文件"))?;
    let packed = packed(&path, &file, &request);
    let form = if packed.is_some() { "-gzip" } else { "" };
    let etag = format!("\"{}{form}\"", hex::encode(file.metadata.sha256_hash()));
    let versioned = request.query_string().strip_prefix("v=") == Some(version(&file).as_str());
    let cache = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let seen = request.headers().get(IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if seen.is_some_and(|seen| seen.split(',').any(|one| one.trim() == etag)) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, etag))
            .insert_header((CACHE_CONTROL, cache))
            .finish());
    }
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, content_type(&path, file.metadata.mimetype())))
        .insert_header((ETAG, etag))
        .insert_header((VARY, "accept-encoding"))
        .insert_header((CACHE_CONTROL, cache));
    Ok(match packed {
        Some(bytes) => answer.insert_header((CONTENT_ENCODING, "gzip")).body(bytes),
        None => answer.body(file.data.into_owned()),
    })
}

fn content_type(path: &str, guessed: &str) -> String {
    let text = guessed.starts_with("text/") || guessed.ends_with("javascript") || path.ends_with(".txt");
    if text { format!("{guessed}; charset=utf-8") } else { guessed.to_owned() }
}

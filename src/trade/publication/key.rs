//! The verification key, and the blocks of the audit as documents that it signs: anybody checks them with ordinary tools.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde_json::json;

use super::views::{KeyPage, KeyRow};
use crate::accounts::door::Auth;
use crate::platform::audit::seal::{self, Block};
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::page::{self, Page};
use crate::platform::http::reply;
use crate::platform::signing::{self, PublicKey};
use crate::platform::who::guard::Anyone;
use crate::rules::canonical::canonical;

/// `GET /verification-key`: the key, its fingerprint, how to use it, and the earlier ones.
pub async fn show(_: Anyone, auth: Data<Auth>, db: Data<Db>, mut page: Page) -> Result<HttpResponse> {
    let now = auth.tokens.signing()?.public.clone();
    let (kept, last) = db.read(|c| Ok((signing::kept(c)?, seal::latest(c, 1)?.into_iter().next()))).await?;
    let since = kept.iter().find(|key| key.fingerprint == now.fingerprint).and_then(|key| key.since);
    page.frame.viewer = None;
    page::html(&KeyPage {
        frame: page.frame,
        fingerprint: now.fingerprint.clone(),
        since: since.map(|at| at.minute()).unwrap_or_default(),
        pem: now.pem,
        block: last.map(|block| block.no.to_string()).unwrap_or_default(),
        earlier: kept.iter().filter(|key| key.fingerprint != now.fingerprint).map(row).collect(),
    })
}

fn row(key: &PublicKey) -> KeyRow {
    KeyRow {
        fingerprint: key.fingerprint.clone(),
        since: key.since.map(|at| at.minute()).unwrap_or_default(),
        pem: key.pem.clone(),
    }
}

/// `GET /verification-key.pem`.
///
/// # Errors
/// Internal, where there is no key.
pub async fn pem(_: Anyone, auth: Data<Auth>) -> Result<HttpResponse> {
    let pem = auth.tokens.signing()?.public.pem.clone();
    Ok(reply::download("verification-key.pem", "application/x-pem-file", pem.into_bytes()))
}

/// `GET /audit/blocks/{no}.json`: a block of the audit, byte for byte as it is signed: canonical JSON (RFC 8785).
///
/// # Errors
/// 404.
pub async fn block(_: Anyone, auth: Data<Auth>, db: Data<Db>, no: Path<i64>) -> Result<HttpResponse> {
    let bytes = document(&auth, &found(&db, *no).await?)?;
    Ok(reply::download(&format!("audit-block-{no}.json"), "application/json", bytes))
}

/// `GET /audit/blocks/{no}.sig`: the signature over that document, DER.
///
/// # Errors
/// 404.
pub async fn signature(_: Anyone, auth: Data<Auth>, db: Data<Db>, no: Path<i64>) -> Result<HttpResponse> {
    let bytes = document(&auth, &found(&db, *no).await?)?;
    let signature = auth.tokens.signing()?.sign(&bytes)?;
    Ok(reply::download(&format!("audit-block-{no}.sig"), "application/octet-stream", signature))
}

async fn found(db: &Db, no: i64) -> Result<Block> {
    let found = db.read(move |c| seal::block(c, no)).await?;
    found.ok_or_else(|| Refusal::not_found("存证块").into())
}

/// Everything that the block's hash is made of, and the key by its fingerprint.
fn document(auth: &Auth, block: &Block) -> Result<Vec<u8>> {
    let key = &auth.tokens.signing()?.public.fingerprint;
    let content = json!({
        "no": block.no, "prev_hash": block.prev_hash, "merkle_root": block.merkle_root,
        "entry_count": block.entry_count, "sealed_at": block.sealed_at, "hash": block.hash, "key": key,
    });
    Ok(canonical(&content).map_err(Error::internal)?.into())
}

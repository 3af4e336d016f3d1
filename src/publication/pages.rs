//! Pages that everybody may see.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::views::{AuditBlock, AuditHead};
use crate::platform::audit::seal::{self, Block};
use crate::platform::auth::guard::Anyone;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;

/// Blocks on the page.
const SHOWN: i64 = 50;

/// `GET /audit/head`: the latest blocks of the audit. Whoever writes a hash down can later prove what stood before it.
///
/// # Errors
/// Of the database.
pub async fn audit_head(_: Anyone, db: Data<Db>, mut page: Page) -> Result<HttpResponse> {
    let mut blocks = db.read(|c| seal::latest(c, SHOWN)).await?.into_iter().map(block);
    let head = blocks.next().unwrap_or_default();
    page.frame.viewer = None;
    page::html(&AuditHead {
        frame: page.frame,
        block: head.block,
        sealed_at: head.sealed_at,
        entries: head.entries,
        hash: head.hash,
        earlier: blocks.collect(),
    })
}

fn block(block: Block) -> AuditBlock {
    AuditBlock {
        block: whole(block.no),
        sealed_at: block.sealed_at.minute(),
        entries: whole(block.entry_count),
        hash: block.hash,
    }
}

//! Pages that everybody may see.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::views::{AuditBlock, AuditHead, Welcome};
use crate::platform::audit::seal::{self, Block};
use crate::platform::auth::guard::Anyone;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;
use crate::platform::http::view::Link;

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

/// `GET /` for whoever is not logged in: what the platform is, and what everybody may look up.
///
/// # Errors
/// Of the database.
pub async fn welcome(db: &Db, page: Page) -> Result<HttpResponse> {
    let head = db.read(|c| seal::latest(c, 1)).await?.into_iter().next();
    let links = vec![
        Link::new("存证公示：各块校验值", "/audit/head"),
        Link::new("接口说明：供医院和企业的信息系统对接", "/api/docs"),
    ];
    page::html(&Welcome { frame: page.frame, block: head.map(block).unwrap_or_default(), links })
}

fn block(block: Block) -> AuditBlock {
    AuditBlock {
        block: whole(block.no),
        sealed_at: block.sealed_at.minute(),
        entries: whole(block.entry_count),
        hash: block.hash,
    }
}

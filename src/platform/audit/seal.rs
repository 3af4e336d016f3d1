//! Sealing: entries that no block holds yet get into the next one.

use diesel::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::head::{Head, head};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::on_db;
use crate::rules::canonical::canonical;
use crate::rules::merkle::Tree;
use crate::schema::{audit_block, audit_sealed, audit_unsealed};
use crate::sql::{AnyConn, Id, Time};

/// Entries in one block at most; keeps the write that seals it short.
pub const BLOCK: i64 = 200;
/// What the first block is chained to.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One block as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_block)]
pub struct Block {
    /// 1, 2, 3 …
    pub no: i64,
    /// Hash of the block before, hex; zeros for the first.
    pub prev_hash: String,
    /// Root over the leaf hashes in the order in which they were sealed, hex.
    pub merkle_root: String,
    /// How many entries it holds.
    pub entry_count: i64,
    /// When it was sealed.
    pub sealed_at: Time,
    /// SHA-256 over all of the above as canonical JSON, hex.
    pub hash: String,
}

impl Block {
    /// The hash that belongs to the block's content.
    pub fn computed_hash(&self) -> Result<String> {
        let content = json!({
            "no": self.no, "prev_hash": self.prev_hash, "merkle_root": self.merkle_root,
            "entry_count": self.entry_count, "sealed_at": self.sealed_at,
        });
        Ok(hex::encode(Sha256::digest(canonical(&content).map_err(Error::internal)?)))
    }
}

/// Seals everything that waits; returns how many blocks that took. Right on any number of instances: the block's number is its
/// key, so of two that seal at once one fails and leaves the work to the other.
pub async fn run(db: &Db, clock: &Clock) -> Result<usize> {
    let mut sealed = 0;
    loop {
        let (last, entries) = db.read(|conn| Ok((head(conn)?, waiting(conn)?))).await?;
        if entries.is_empty() {
            return Ok(sealed);
        }
        let block = next(last.as_ref(), &entries, clock.now())?;
        match db.write_unaudited("audit.seal", move |conn| insert_block(conn, &block, &entries)).await {
            Ok(()) => sealed += 1,
            Err(error) if error.is_unique_violation() => return Ok(sealed),
            Err(error) => return Err(error),
        }
    }
}

/// How many entries wait for a block.
pub fn unsealed(conn: &mut AnyConn) -> Result<i64> {
    Ok(audit_unsealed::table.count().get_result(conn)?)
}

/// An entry that no block holds: its time, key and leaf hash.
type Waiting = (Time, Id, String);

fn waiting(conn: &mut AnyConn) -> Result<Vec<Waiting>> {
    Ok(audit_unsealed::table.order((audit_unsealed::at, audit_unsealed::id)).limit(BLOCK).load(conn)?)
}

fn next(last: Option<&Head>, entries: &[Waiting], now: Time) -> Result<Block> {
    let mut tree = Tree::default();
    for (.., leaf) in entries {
        tree.push(leaf.as_bytes());
    }
    let mut block = Block {
        no: last.map_or(1, |head| head.no + 1),
        prev_hash: last.map_or_else(|| GENESIS.into(), |head| head.hash.clone()),
        merkle_root: hex::encode(tree.root()),
        entry_count: i64::try_from(entries.len()).map_err(Error::internal)?,
        sealed_at: now,
        hash: String::new(),
    };
    block.hash = block.computed_hash()?;
    Ok(block)
}

fn insert_block(conn: &mut AnyConn, block: &Block, entries: &[Waiting]) -> Result<()> {
    diesel::insert_into(audit_block::table).values(block).execute(conn)?;
    let sealed = |(place, (_, id, _)): (i64, &Waiting)| {
        (audit_sealed::block_no.eq(block.no), audit_sealed::place.eq(place), audit_sealed::entry_id.eq(*id))
    };
    let rows: Vec<_> = (1..).zip(entries).map(sealed).collect();
    on_db!(conn, c => diesel::insert_into(audit_sealed::table).values(&rows).execute(c))?;
    let ids = entries.iter().map(|(_, id, _)| *id);
    // Their times bound the search, for the key begins with the time.
    let latest = entries.last().map_or(block.sealed_at, |(at, ..)| *at);
    let these = audit_unsealed::at.le(latest).and(audit_unsealed::id.eq_any(ids));
    let free = diesel::delete(audit_unsealed::table.filter(these)).execute(conn)?;
    if free == entries.len() {
        return Ok(());
    }
    Err(Error::internal(format!("audit block {}: {free} of {} entries were free", block.no, entries.len())))
}

/// A block by its number.
pub fn block(conn: &mut AnyConn, no: i64) -> Result<Option<Block>> {
    Ok(audit_block::table.find(no).select(Block::as_select()).first(conn).optional()?)
}

/// The latest blocks, latest first.
pub fn latest(conn: &mut AnyConn, limit: i64) -> Result<Vec<Block>> {
    Ok(audit_block::table.order(audit_block::no.desc()).select(Block::as_select()).limit(limit).load(conn)?)
}

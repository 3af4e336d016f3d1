//! What is known by its hash, recomputed: the versions of the rules, and the files that people handed in.

use chrono::NaiveDate;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::finding::Finding;
use crate::error::Result;
use crate::schema::{policy_version, stored_file, stored_file_chunk};
use crate::sql::AnyConn;

/// Names held at once.
const PAGE: i64 = 500;

/// Compares every version of the rules and every file with the hash that it is known by.
pub(super) fn compare(conn: &mut AnyConn, found: &mut dyn FnMut(Finding)) -> Result<()> {
    policies(conn, found)?;
    files(conn, found)
}

fn policies(conn: &mut AnyConn, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let mut last = String::new();
    loop {
        let page: Vec<(String, String, NaiveDate, String)> = policy_version::table
            .filter(policy_version::digest.gt(&last))
            .order(policy_version::digest)
            .limit(PAGE)
            .select((
                policy_version::digest,
                policy_version::name,
                policy_version::effective_from,
                policy_version::content,
            ))
            .load(conn)?;
        let Some((end, ..)) = page.last() else { return Ok(()) };
        last.clone_from(end);
        for (digest, name, from, content) in page {
            if hex::encode(Sha256::digest(content.as_bytes())) != digest {
                found(Finding::ContentAltered { kind: "policy_version", key: format!("{name}@{from}") });
            }
        }
    }
}

fn files(conn: &mut AnyConn, found: &mut dyn FnMut(Finding)) -> Result<()> {
    let mut last = String::new();
    loop {
        let page: Vec<(String, i64)> = stored_file::table
            .filter(stored_file::sha256.gt(&last))
            .order(stored_file::sha256)
            .limit(PAGE)
            .select((stored_file::sha256, stored_file::size))
            .load(conn)?;
        let Some((end, _)) = page.last() else { return Ok(()) };
        last.clone_from(end);
        for (sha256, size) in page {
            // One that broke off while it came in is nobody's and is swept.
            if content_differs(conn, &sha256, size)? {
                found(Finding::ContentAltered { kind: "stored_file", key: sha256 });
            }
        }
    }
}

/// Chunk by chunk, so that one file is never held whole.
fn content_differs(conn: &mut AnyConn, sha256: &str, size: i64) -> Result<bool> {
    let (mut hasher, mut bytes, mut n) = (Sha256::new(), 0_i64, 0_i32);
    loop {
        let chunk: Option<Vec<u8>> = stored_file_chunk::table
            .find((sha256, n))
            .select(stored_file_chunk::content)
            .first(conn)
            .optional()?;
        let Some(chunk) = chunk else { break };
        hasher.update(&chunk);
        bytes = bytes.saturating_add(i64::try_from(chunk.len()).unwrap_or(i64::MAX));
        n += 1;
    }
    Ok(bytes >= size && hex::encode(hasher.finalize()) != sha256)
}

//! Imports that become visible at once: rows are staged under a batch in small writes, one short write publishes it.

use diesel::prelude::*;

use super::model::ImportBatch;
use crate::platform::db::Tx;
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::import_batch;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::versioned::in_state;

/// Opens a batch; inside `db.write_unaudited`. Called again for the same job it changes nothing.
pub fn open(conn: &mut AnyConn, id: Id, kind: &str, sha256: &str, now: Time) -> Result<()> {
    let known: i64 = import_batch::table.find(id).count().get_result(conn)?;
    if known == 0 {
        let (kind, sha256) = (kind.to_owned(), sha256.to_owned());
        let row = ImportBatch { id, kind, row_count: 0, sha256, published_at: None, created_at: now };
        diesel::insert_into(import_batch::table).values(&row).execute(conn)?;
    }
    Ok(())
}

/// Makes all rows of the batch exist. The audit entry holds their number and the file's hash.
///
/// # Errors
/// 404 for an unknown batch, 409 if it is published already.
pub fn publish(tx: &mut Tx, id: Id, row_count: i64) -> Result<ImportBatch> {
    let before = find(tx.conn, id)?;
    in_state(before.published_at.is_none(), || "该批数据已发布，无需重复发布。")?;
    let after = ImportBatch { row_count, published_at: Some(tx.now()), ..before.clone() };
    diesel::update(import_batch::table.find(id))
        .set((import_batch::row_count.eq(row_count), import_batch::published_at.eq(after.published_at)))
        .execute(tx.conn)?;
    tx.record("import.publish", Some(&before), Some(&after), None)?;
    Ok(after)
}

/// A batch by its key.
pub fn find(conn: &mut AnyConn, id: Id) -> Result<ImportBatch> {
    let found = import_batch::table.find(id).select(ImportBatch::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("导入批次").into())
}

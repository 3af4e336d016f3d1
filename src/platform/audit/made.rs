//! The rows that an import made, known by their count and one digest a table from its publication on.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Audited;
use super::finding::{Finding, Tally};
use crate::error::{Error, Result};
use crate::keyset;
use crate::rules::canonical::canonical_of;
use crate::schema::{audit_entry, import_batch};
use crate::sql::{AnyConn, Id, Time};

/// The act under which an import's digests stand in the audit, in the write that publishes it.
pub const ACTION: &str = "import.rows";
/// Type of the object of that entry.
pub const OBJECT: &str = "import_batch";
/// Entries and batches held at once.
const PAGE: i64 = 500;
/// Batches remembered at once.
const MOST_BATCHES: usize = 10_000;

/// A row as it is now.
#[derive(Debug)]
pub struct Row {
    /// Its key.
    pub id: Id,
    /// As it is recorded, canonical JSON; none where it cannot be read.
    pub text: Option<String>,
}

impl Row {
    /// A row as the audit would record it.
    pub fn of(row: &impl Audited) -> Result<Self> {
        let text = canonical_of(row).map_err(Error::internal)?;
        Ok(Self { id: row.id(), text: Some(text) })
    }
}

/// Loads rows of a batch behind a key, in the order of keys.
pub type OfBatch = fn(conn: &mut AnyConn, batch: Id, after: Option<Id>, limit: i64) -> Result<Vec<Row>>;

/// Where the rows of a table that an import makes come from.
#[derive(Clone, Copy)]
pub struct MadeSource {
    /// [`super::Audited::TYPE`].
    pub object_type: &'static str,
    /// Rows of the batch.
    pub load: OfBatch,
}

/// The source of a table with `batch_id`: `made_source!(table by key, Type)`.
#[macro_export]
macro_rules! made_source {
    ($table:ident by $key:ident, $row:ty) => {{
        fn load(
            conn: &mut $crate::sql::AnyConn,
            batch: $crate::sql::Id,
            after: Option<$crate::sql::Id>,
            limit: i64,
        ) -> $crate::error::Result<Vec<$crate::audit::Row>> {
            use diesel::prelude::*;
            let mut query = $table::table
                .filter($table::batch_id.eq(batch))
                .order($table::$key)
                .limit(limit)
                .select(<$row>::as_select())
                .into_boxed();
            if let Some(after) = after {
                query = query.filter($table::$key.gt(after));
            }
            let rows: Vec<$row> = query.load(conn)?;
            rows.iter().map($crate::audit::Row::of).collect()
        }
        $crate::audit::made::MadeSource { object_type: <$row as $crate::audit::Audited>::TYPE, load }
    }};
}

/// Count and digest of rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// How many.
    pub rows: i64,
    /// SHA-256 over the rows' canonical texts in the order of their keys, each behind its length, hex.
    pub sha256: String,
}

/// Rows that are taken in one by one, in the order of their keys.
#[derive(Debug, Clone, Default)]
pub struct Making {
    rows: i64,
    hasher: Sha256,
}

impl Making {
    /// Takes a row's canonical text in.
    pub fn add(&mut self, text: &str) {
        self.rows += 1;
        self.hasher.update((text.len() as u64).to_be_bytes());
        self.hasher.update(text.as_bytes());
    }

    /// What was taken in.
    pub fn end(self) -> Made {
        Made { rows: self.rows, sha256: hex::encode(self.hasher.finalize()) }
    }
}

/// What `verify` finds under each batch, table by table; as large as the number of imports.
#[derive(Default)]
pub(super) struct MadeRows {
    found: BTreeMap<(Id, &'static str), Making>,
}

impl MadeRows {
    pub(super) fn add(&mut self, kind: &'static str, batch: Id, text: &str) {
        self.found.entry((batch, kind)).or_default().add(text);
    }

    /// Compares with what the publications recorded.
    pub(super) fn compare(
        mut self,
        conn: &mut AnyConn,
        kinds: &[&'static str],
        tally: &mut Tally,
        found: &mut dyn FnMut(Finding),
    ) -> Result<()> {
        let mut last: Option<Id> = None;
        loop {
            let query = import_batch::table
                .filter(import_batch::published_at.is_not_null())
                .limit(PAGE)
                .select(import_batch::id)
                .into_boxed();
            let page: Vec<Id> = keyset!(query, last, import_batch::id => asc).load(conn)?;
            let Some(end) = page.last() else { return Ok(()) };
            last = Some(*end);
            for batch in page {
                match recorded(conn, batch)? {
                    None => tally.undigested += 1,
                    Some(made) => self.compare_batch(batch, made, kinds, found),
                }
            }
        }
    }

    fn compare_batch(
        &mut self,
        batch: Id,
        mut made: BTreeMap<String, Made>,
        kinds: &[&'static str],
        found: &mut dyn FnMut(Finding),
    ) {
        for &kind in kinds {
            let there = self.found.remove(&(batch, kind)).unwrap_or_default().end();
            let made = made.remove(kind).unwrap_or_else(|| Making::default().end());
            if there != made {
                found(Finding::MadeDiffers { kind, batch, made: made.rows, there: there.rows });
            }
        }
    }
}

/// What the publication of a batch recorded; a second record counts for nothing.
fn recorded(conn: &mut AnyConn, batch: Id) -> Result<Option<BTreeMap<String, Made>>> {
    let text: Option<(Time, Option<String>)> = audit_entry::table
        .filter(audit_entry::object_type.eq(OBJECT))
        .filter(audit_entry::object_id.eq(batch))
        .filter(audit_entry::action.eq(ACTION))
        .order((audit_entry::at, audit_entry::id))
        .select((audit_entry::at, audit_entry::after))
        .first(conn)
        .optional()?;
    let Some(text) = text.and_then(|(_, after)| after) else { return Ok(None) };
    let mut entry: Value = serde_json::from_str(&text).map_err(Error::internal)?;
    let note = entry.get_mut("note").map(Value::take).unwrap_or_default();
    // What cannot be read any more is named with its entry, and agrees with nothing.
    Ok(Some(serde_json::from_value(note).unwrap_or_default()))
}

/// Rows that came with an import have no entry of their own until they are changed: the batch has one, with the count and the
/// digest of its rows. A batch that is not published yet has none either, and its rows do not count.
#[derive(Default)]
pub(super) struct Imported {
    known: BTreeSet<Id>,
}

impl Imported {
    pub(super) fn covers(&mut self, conn: &mut AnyConn, batch: Id) -> Result<bool> {
        if !self.known.contains(&batch) {
            let there: i64 = import_batch::table.find(batch).count().get_result(conn)?;
            if there == 0 {
                return Ok(false);
            }
            if self.known.len() >= MOST_BATCHES {
                self.known.clear();
            }
            self.known.insert(batch);
        }
        Ok(true)
    }
}

/// The import that a row came with, of its canonical text: a quotation mark within a text is escaped, so nothing else reads so.
pub(super) fn batch_of(row: &str) -> Option<Id> {
    let (_, rest) = row.split_once(r#""batch_id":""#)?;
    rest.split_once('"')?.0.parse().ok()
}

/// True for what nobody published yet, such as a batch that is being filled.
pub(super) fn is_unpublished(row: &str) -> bool {
    serde_json::from_str::<Value>(row).is_ok_and(|row| row.get("published_at").is_some_and(Value::is_null))
}

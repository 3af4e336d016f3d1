//! What an import would do, row by row, before somebody confirms it.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Cells, Run, Spec, Staged, Verdict};
use crate::platform::db::{AnyConn, Id};
use crate::platform::error::{Error, Result};
use crate::platform::schema::staged_row;

/// A cell of the preview.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewCell {
    /// What would stand there.
    pub value: String,
    /// What stands there now, where the import changes it.
    pub now: Option<String>,
}

/// A row of the preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PreviewRow {
    /// The row as Excel counts.
    pub row: u32,
    /// True for something new, false for a change.
    pub adds: bool,
    /// Its cells in the order of the heads.
    pub cells: Vec<PreviewCell>,
}

/// The heads of the kind's columns, and the first rows that would do something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    /// The heads as our template has them.
    pub heads: Vec<String>,
    /// The rows.
    pub rows: Vec<PreviewRow>,
}

/// The first rows of a checked run that are new, and the first that change something; at most `most` of each.
///
/// # Errors
/// Of the database.
pub fn preview(conn: &mut AnyConn, spec: &Spec, run: &Run, most: i64) -> Result<Preview> {
    let heads = spec.columns.iter().map(|column| column.head.to_owned()).collect();
    let added = rows(conn, run.id, "%\"v\":\"a\"%", most)?;
    let changed = rows(conn, run.id, "%\"v\":\"c\"%", most)?;
    let cells: Vec<Cells> = changed.iter().map(|row| row.cells.clone()).collect();
    let now = match spec.now.filter(|_| !cells.is_empty()) {
        Some(now) => now(conn, &cells)?,
        None => Vec::new(),
    };
    let mut all: Vec<PreviewRow> = added.iter().map(|row| shown(spec, row, true, None)).collect();
    for (n, row) in changed.iter().enumerate() {
        all.push(shown(spec, row, false, now.get(n).and_then(Option::as_ref)));
    }
    all.sort_by_key(|row| row.row);
    Ok(Preview { heads, rows: all })
}

fn rows(conn: &mut AnyConn, run: Id, like: &str, most: i64) -> Result<Vec<Staged>> {
    let texts: Vec<String> = staged_row::table
        .filter(staged_row::job_id.eq(run))
        .filter(staged_row::content.like(like))
        .filter(staged_row::content.not_like("%\"f\":[%"))
        .order(staged_row::row_no)
        .limit(most)
        .select(staged_row::content)
        .load(conn)?;
    texts.iter().map(|text| serde_json::from_str(text).map_err(Error::internal)).collect()
}

fn shown(spec: &Spec, row: &Staged, adds: bool, now: Option<&Vec<String>>) -> PreviewRow {
    let cell = |n: usize| {
        let value = row.cells.get(n).to_owned();
        // A cell left empty, and a column that the office does not know the present content of, show no change.
        let before = now.and_then(|now| now.get(n)).filter(|before| **before != value && !value.is_empty());
        PreviewCell { now: before.cloned(), value }
    };
    let cells = (0..spec.columns.len()).map(cell).collect();
    PreviewRow { row: row.cells.number, adds: adds || row.verdict == Verdict::Add, cells }
}

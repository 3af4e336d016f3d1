//! What an import would do, row by row, before somebody confirms it.

use serde::Serialize;
use utoipa::ToSchema;

use super::run::{Run, RunState};
use super::{Cells, Spec, Staged, Verdict, sheets};
use crate::error::Result;
use crate::sql::{AnyConn, Id};

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
    /// What somebody is to look at in it.
    pub questions: Vec<String>,
}

/// The heads of the kind's columns, and the first rows that would do something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    /// The heads as our template has them.
    pub heads: Vec<String>,
    /// The rows.
    pub rows: Vec<PreviewRow>,
}

/// The first rows of a checked run that are new, the first that change something, and the first with a question; at most `most` of
/// each. Empty once it was confirmed or given up.
///
/// # Errors
/// Of the database.
pub fn preview(conn: &mut AnyConn, spec: &Spec, run: &Run, most: i64) -> Result<Preview> {
    if run.state != RunState::Ready {
        return Ok(Preview::default());
    }
    let heads = spec.columns.iter().map(|column| column.head.to_owned()).collect();
    let mut added = rows(conn, run.id, run.added, "%\"v\":\"a\"%", most)?;
    let mut changed = rows(conn, run.id, run.changed, "%\"v\":\"c\"%", most)?;
    for row in rows(conn, run.id, run.source()?.questions, "%\"q\":[%", most)? {
        let of_kind = if row.verdict == Verdict::Add { &mut added } else { &mut changed };
        if row.is_good() && of_kind.iter().all(|other| other.cells.number != row.cells.number) {
            of_kind.push(row);
        }
    }
    let cells: Vec<Cells> = changed.iter().map(|row| row.cells.clone()).collect();
    let now = match spec.now.filter(|_| !cells.is_empty()) {
        Some(now) => now(conn, &cells)?,
        None => Vec::new(),
    };
    let mut all: Vec<PreviewRow> = added.iter().map(|row| shown(spec, row, None)).collect();
    for (n, row) in changed.iter().enumerate() {
        all.push(shown(spec, row, now.get(n).and_then(Option::as_ref)));
    }
    all.sort_by_key(|row| row.row);
    Ok(Preview { heads, rows: all })
}

/// Where the check counted none, none of the staged rows is looked at.
fn rows(conn: &mut AnyConn, run: Id, count: i64, like: &str, most: i64) -> Result<Vec<Staged>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    sheets::staged(conn, run, like, most)
}

fn shown(spec: &Spec, row: &Staged, now: Option<&Vec<String>>) -> PreviewRow {
    let cell = |n: usize| {
        let value = row.cells.get(n).to_owned();
        let before = now.and_then(|now| now.get(n)).filter(|before| **before != value && !before.is_empty());
        PreviewCell { now: before.cloned(), value }
    };
    let cells = (0..spec.columns.len()).map(cell).collect();
    let questions = row.questions.iter().map(|(_, question)| question.clone()).collect();
    PreviewRow { row: row.cells.number, adds: row.verdict == Verdict::Add, cells, questions }
}

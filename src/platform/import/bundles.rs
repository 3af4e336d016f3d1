//! Rows of a run that only together make sense, wherever they stand in the file.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::{Basis, Bundle, Cells, Judge, Judged, Staged, Verdict};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::schema::staged_row;
use crate::sql::Id;
use crate::staging;

/// Rows that are read at once.
const READ: i64 = 500;

/// The places of the good rows that would do something, bundle by bundle.
pub(super) async fn grouped(db: &Db, run: Id, of: Bundle) -> Result<Vec<Vec<i64>>> {
    let mut groups: BTreeMap<u128, Vec<i64>> = BTreeMap::new();
    let mut after = 0;
    loop {
        let rows = parsed(db.read(move |conn| staging::rows(conn, run, after, READ)).await?)?;
        let Some((last, _)) = rows.last() else { return Ok(groups.into_values().collect()) };
        after = *last;
        let due: Vec<(i64, Staged)> =
            rows.into_iter().filter(|(_, r)| r.is_good() && r.verdict != Verdict::Same).collect();
        let cells: Vec<Cells> = due.iter().map(|(_, row)| row.cells.clone()).collect();
        let keys = db.read(move |conn| of(conn, &cells)).await?;
        for ((number, _), key) in due.iter().zip(keys) {
            groups.entry(key.unwrap_or_else(|| Id::new().0.as_u128())).or_default().push(*number);
        }
    }
}

/// Bundles in lots of about `most` rows.
pub(super) fn batches(all: Vec<Vec<i64>>, most: usize) -> Vec<Vec<Vec<i64>>> {
    let mut batches: Vec<Vec<Vec<i64>>> = Vec::new();
    let mut rows = most;
    for bundle in all {
        if rows + bundle.len() > most {
            batches.push(Vec::new());
            rows = 0;
        }
        rows += bundle.len();
        if let Some(batch) = batches.last_mut() {
            batch.push(bundle);
        }
    }
    batches
}

/// What an office says of each row of some bundles.
pub(super) async fn judged(
    db: &Db,
    run: Id,
    basis: &Basis,
    judge: Judge,
    bundles: Vec<Vec<i64>>,
) -> Result<Vec<(i64, Judged)>> {
    let mut rows = BTreeMap::new();
    let numbers: Vec<i64> = bundles.iter().flatten().copied().collect();
    for part in numbers.chunks(staging::CHUNK) {
        let part = numbered(db, run, part.to_vec()).await?;
        rows.extend(part.into_iter().map(|(number, row)| (number, row.cells)));
    }
    let cells: Vec<Vec<Cells>> =
        bundles.iter().map(|of| of.iter().filter_map(|number| rows.get(number).cloned()).collect()).collect();
    let basis = basis.clone();
    let said = db.read(move |conn| judge(conn, &basis, &cells)).await?;
    Ok(bundles.into_iter().flatten().zip(said.into_iter().flatten()).collect())
}

/// Staged rows by their places.
pub(super) async fn numbered(db: &Db, run: Id, numbers: Vec<i64>) -> Result<Vec<(i64, Staged)>> {
    let read = move |conn: &mut crate::sql::AnyConn| {
        Ok(staged_row::table
            .filter(staged_row::job_id.eq(run))
            .filter(staged_row::row_no.eq_any(&numbers))
            .order(staged_row::row_no)
            .select((staged_row::row_no, staged_row::content))
            .load(conn)?)
    };
    parsed(db.read(read).await?)
}

/// Staged rows with their places.
pub(super) fn parsed(rows: Vec<(i64, String)>) -> Result<Vec<(i64, Staged)>> {
    rows.into_iter()
        .map(|(number, text)| Ok((number, serde_json::from_str(&text).map_err(Error::internal)?)))
        .collect()
}

//! Rows of long work before they count: written in chunks under their job's id, invisible until one short write publishes the
//! job, swept if that never happens.

use chrono::Duration;
use std::time::Instant;

use diesel::prelude::*;

use super::db::Db;
use super::error::{Error, Result};
use super::jobs::JobState;
use super::schema::{job, staged_row};
use super::sql::{AnyConn, Id, Time};

/// Rows in one write at most, so that orders go on meanwhile.
pub const CHUNK: usize = 500;

/// Inserts many rows: PostgreSQL's `COPY`, or batches of 500 on SQLite. `$rows` is a slice of a struct that derives
/// `Insertable` with `treat_none_as_default_value = false`. The answer is the count of rows.
#[macro_export]
macro_rules! insert_many {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::sql::AnyConn::Pg(c) => diesel::copy_from($table).from_insertable($rows).execute(c),
            $crate::sql::AnyConn::Sqlite(c) => $rows
                .chunks($crate::staging::CHUNK)
                .try_fold(0, |sum, chunk| Ok(sum + diesel::insert_into($table).values(chunk).execute(c)?)),
        }
    };
}

#[derive(Insertable)]
#[diesel(table_name = staged_row, treat_none_as_default_value = false)]
struct StagedRow<'a> {
    job_id: Id,
    row_no: i64,
    content: &'a str,
}

/// Stages one chunk of at most [`CHUNK`] rows; the first has number `first`. Rows with the same numbers are replaced, so that a
/// job that was interrupted may repeat its last chunk. Takes its time twice, so that half of the machine is left to those who
/// order meanwhile.
pub async fn put(db: &Db, job: Id, first: i64, contents: Vec<String>) -> Result<()> {
    if contents.len() > CHUNK {
        return Err(Error::internal("a staged chunk holds 500 rows at most"));
    }
    let begun = Instant::now();
    db.write_unaudited("staging.put", move |conn| {
        let rows: Vec<StagedRow> = (first..)
            .zip(&contents)
            .map(|(row_no, content)| StagedRow { job_id: job, row_no, content })
            .collect();
        let end = rows.last().map_or(first, |row| row.row_no);
        diesel::delete(
            staged_row::table
                .filter(staged_row::job_id.eq(job))
                .filter(staged_row::row_no.between(first, end)),
        )
        .execute(conn)?;
        insert_many!(conn, staged_row::table, &rows)?;
        Ok(())
    })
    .await?;
    tokio::time::sleep(begun.elapsed()).await;
    Ok(())
}

/// How many rows are staged for a job.
pub fn count(conn: &mut AnyConn, job: Id) -> Result<i64> {
    Ok(staged_row::table.filter(staged_row::job_id.eq(job)).count().get_result(conn)?)
}

/// Staged rows behind number `after`, in order, at most `limit`.
pub fn rows(conn: &mut AnyConn, job: Id, after: i64, limit: i64) -> Result<Vec<(i64, String)>> {
    Ok(staged_row::table
        .filter(staged_row::job_id.eq(job))
        .filter(staged_row::row_no.gt(after))
        .order(staged_row::row_no)
        .limit(limit)
        .select((staged_row::row_no, staged_row::content))
        .load(conn)?)
}

/// Removes a job's rows, chunk by chunk.
pub async fn clear(db: &Db, job: Id) -> Result<()> {
    loop {
        let removed = db.write_unaudited("staging.clear", move |conn| remove_chunk(conn, job)).await?;
        if removed == 0 {
            return Ok(());
        }
    }
}

fn remove_chunk(conn: &mut AnyConn, job: Id) -> Result<usize> {
    let numbers: Vec<i64> = staged_row::table
        .filter(staged_row::job_id.eq(job))
        .order(staged_row::row_no)
        .limit(i64::try_from(CHUNK).unwrap_or(i64::MAX))
        .select(staged_row::row_no)
        .load(conn)?;
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(0) };
    let range = staged_row::row_no.between(*first, *last);
    Ok(diesel::delete(staged_row::table.filter(staged_row::job_id.eq(job)).filter(range)).execute(conn)?)
}

/// Hours for which the rows of a job that is done wait for somebody to confirm them.
const CONFIRM_HOURS: i64 = 24;

/// Removes the rows of jobs that failed, are gone, or were done a day ago and never confirmed; returns of how many jobs.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let mut swept = 0;
    let old = now.plus(-Duration::hours(CONFIRM_HOURS));
    loop {
        let found: Option<Id> = db
            .read(move |conn| {
                let alive = job::table
                    .filter(job::id.eq(staged_row::job_id))
                    .filter(job::state.ne(JobState::Failed))
                    .filter(job::finished_at.is_null().or(job::finished_at.gt(old)));
                Ok(staged_row::table
                    .filter(diesel::dsl::not(diesel::dsl::exists(alive)))
                    .select(staged_row::job_id)
                    .first(conn)
                    .optional()?)
            })
            .await?;
        let Some(job) = found else { return Ok(swept) };
        clear(db, job).await?;
        swept += 1;
    }
}

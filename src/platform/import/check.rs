//! Reading a file and staging its rows with what was found.

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::reading::{Chunk, Reading, repeated};
use super::run::{self, Run, RunState};
use super::{Basis, Cells, Compared, Judged, Loader, Source, Spec, Staged, Verdict, bundles, end};
use crate::clock::{self, Clock};
use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::schema::{import_run, staged_row};
use crate::sql::{Id, Time};
use crate::staging;
/// Chunks that wait for the database at most, so that memory does not grow with the file.
const WAITING: usize = 2;

/// The hash by which a file is known.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Puts the run's row there; in `db.write_unaudited` or a write.
pub fn insert_run(conn: &mut crate::sql::AnyConn, run: &Run) -> Result<()> {
    diesel::insert_into(import_run::table).values(run).execute(conn)?;
    Ok(())
}

/// Reads the file of a run, stages its rows, and makes it ready to be looked at. What was staged before is put aside.
///
/// # Errors
/// 422 where the file is no sheet or lacks a column: then the run has failed with the same words.
pub async fn check(db: &Db, clock: &Clock, loader: &Loader, id: Id, bytes: Arc<[u8]>) -> Result<Run> {
    staging::clear(db, id).await?;
    let run = db.read(move |conn| run::find(conn, id)).await?;
    let spec = loader.spec(&run.kind).ok_or_else(|| Error::internal("an unknown kind of sheet"))?;
    match staged(db, clock, loader, spec, run, bytes).await {
        Ok(run) => Ok(run),
        Err(Error::Refused(refusal)) => {
            end::fail(db, loader, id, refusal.detail.clone(), clock.now()).await?;
            Err(Error::Refused(refusal))
        }
        Err(other) => Err(other),
    }
}

async fn staged(
    db: &Db,
    clock: &Clock,
    loader: &Loader,
    spec: &'static Spec,
    mut run: Run,
    bytes: Arc<[u8]>,
) -> Result<Run> {
    let now = clock.now();
    let today = db.read(move |conn| clock::legal_day(conn, now)).await?;
    let basis = Basis { today, policies: loader.policies.clone() };
    let (sender, mut chunks) = mpsc::channel(WAITING);
    let reader = tokio::task::spawn_blocking(move || Reading::new(spec, sender).run(&bytes));
    let mut questions = 0;
    while let Some(chunk) = chunks.recv().await {
        let rows = compared(db, spec, &basis, chunk).await?;
        let first = run.total + 1;
        rows.iter().for_each(|row| count(&mut run, row, 1));
        run.total += i64::try_from(rows.len()).map_err(Error::internal)?;
        questions += asked(&rows);
        let contents = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        staging::put(db, run.id, first, contents.map_err(Error::internal)?).await?;
        save_progress(db, &mut run, clock.now()).await?;
    }
    let found = reader.await.map_err(Error::internal)??;
    if run.total == 0 {
        let notes = found.source.notes().concat();
        let detail = format!("表头下面没有数据，请填写后再上传。{notes}");
        return Err(Refusal::field("/file", detail).into());
    }
    let said =
        |number: u32| Judged { faults: vec![(spec.key_column, repeated(number))], ..Judged::default() };
    let repeats: Vec<(i64, Judged)> = found.repeated.into_iter().map(|(n, by)| (n, said(by))).collect();
    for part in repeats.chunks(staging::CHUNK) {
        questions += amend(db, &mut run, part.to_vec()).await?;
        save_progress(db, &mut run, clock.now()).await?;
    }
    if let Some((of, judge)) = spec.bundle {
        for part in bundles::batches(bundles::grouped(db, run.id, of).await?, staging::CHUNK) {
            let judged = bundles::judged(db, run.id, &basis, judge, part).await?;
            questions += amend(db, &mut run, judged).await?;
            save_progress(db, &mut run, clock.now()).await?;
        }
    }
    run.source = serde_json::to_string(&Source { questions, ..found.source }).map_err(Error::internal)?;
    run.heads = serde_json::to_string(&found.heads.names).map_err(Error::internal)?;
    run.state = RunState::Ready;
    save_progress(db, &mut run, clock.now()).await?;
    Ok(run)
}

/// Holds the rows without faults against the database.
async fn compared(db: &Db, spec: &'static Spec, basis: &Basis, chunk: Chunk) -> Result<Vec<Staged>> {
    let fine: Vec<Cells> = chunk.iter().filter(|(_, f)| f.is_empty()).map(|(c, _)| c.clone()).collect();
    let basis = basis.clone();
    let mut found = match fine.is_empty() {
        true => Vec::new(),
        false => db.read(move |conn| (spec.compare)(conn, &basis, &fine)).await?,
    }
    .into_iter();
    let mut rows = Vec::with_capacity(chunk.len());
    for (cells, faults) in chunk {
        let answer = if faults.is_empty() { found.next() } else { None };
        let answer = answer.unwrap_or_else(|| Compared::faults(faults));
        let Compared { verdict, faults, questions } = answer;
        rows.push(Staged { cells, verdict, faults, questions });
    }
    Ok(rows)
}

fn asked(rows: &[Staged]) -> i64 {
    let asked = rows.iter().filter(|row| row.is_good() && !row.questions.is_empty()).count();
    i64::try_from(asked).unwrap_or(i64::MAX)
}

/// Adds to staged rows what was found when all had been read; answers how many more have a question now.
async fn amend(db: &Db, run: &mut Run, said: Vec<(i64, Judged)>) -> Result<i64> {
    let mut said: BTreeMap<i64, Judged> =
        said.into_iter().filter(|(_, said)| !said.faults.is_empty() || !said.questions.is_empty()).collect();
    if said.is_empty() {
        return Ok(0);
    }
    let numbers: Vec<i64> = said.keys().copied().collect();
    let (mut contents, mut more) = (Vec::new(), 0);
    for (number, mut row) in bundles::numbered(db, run.id, numbers).await? {
        let Some(Judged { faults, questions }) = said.remove(&number) else { continue };
        count(run, &row, -1);
        more -= asked(std::slice::from_ref(&row));
        row.faults.extend(faults);
        row.questions.extend(questions);
        count(run, &row, 1);
        more += asked(std::slice::from_ref(&row));
        contents.push((number, serde_json::to_string(&row).map_err(Error::internal)?));
    }
    write_again(db, run.id, "import.amend", contents).await?;
    Ok(more)
}

/// Puts staged rows in the place of what they were.
pub(super) async fn write_again(db: &Db, run: Id, what: &str, rows: Vec<(i64, String)>) -> Result<()> {
    db.write_unaudited(what, move |conn| {
        for (number, content) in &rows {
            diesel::update(staged_row::table.find((run, number)))
                .set(staged_row::content.eq(content))
                .execute(conn)?;
        }
        Ok(())
    })
    .await
}

/// Counts a row in, or out again.
fn count(run: &mut Run, row: &Staged, by: i64) {
    match row.verdict {
        _ if !row.is_good() => run.bad += by,
        Verdict::Add => run.added += by,
        Verdict::Change => run.changed += by,
        Verdict::Same => run.same += by,
    }
}

/// Writes the run's figures with a sign of life.
pub(super) async fn save_progress(db: &Db, run: &mut Run, now: Time) -> Result<()> {
    run.touched_at = now;
    let row = run.clone();
    db.write_unaudited("import.progress", move |conn| {
        diesel::update(import_run::table.find(row.id)).set(&row).execute(conn)?;
        Ok(())
    })
    .await
}

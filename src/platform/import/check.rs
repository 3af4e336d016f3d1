//! Reading a file and staging its rows with what was found.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::prelude::*;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::heads::{Finder, Heads};
use super::run::{self, Run, RunState};
use super::{Cells, Compared, Faults, Loader, Spec, Staged, Verdict, end};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, Refusal, Result};
use crate::schema::import_run;
use crate::sheet::{self, Limits};
use crate::sql::{Id, Time};
use crate::staging;

/// Rows of one file at most, its head among them.
const ROWS: u32 = 500_000;
/// Bytes of a spreadsheet's parts once they are inflated: half a million rows have about 250 MiB.
const INFLATED: u64 = 512 * 1024 * 1024;
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
    match staged(db, clock, spec, run, bytes).await {
        Ok(run) => Ok(run),
        Err(Error::Refused(refusal)) => {
            end::fail(db, loader, id, refusal.detail.clone(), clock.now()).await?;
            Err(Error::Refused(refusal))
        }
        Err(other) => Err(other),
    }
}

async fn staged(db: &Db, clock: &Clock, spec: &'static Spec, mut run: Run, bytes: Arc<[u8]>) -> Result<Run> {
    let (sender, mut chunks) = mpsc::channel(WAITING);
    let reader = tokio::task::spawn_blocking(move || Reading::new(spec, sender).run(&bytes));
    while let Some(chunk) = chunks.recv().await {
        let rows = compared(db, spec, chunk).await?;
        let first = run.total + 1;
        count(&mut run, &rows);
        let contents = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        staging::put(db, run.id, first, contents.map_err(Error::internal)?).await?;
        save_progress(db, &mut run, clock.now()).await?;
    }
    let heads = reader.await.map_err(Error::internal)??;
    if run.total == 0 {
        return Err(Refusal::field("/file", "表头下面没有数据，请填写后再上传。").into());
    }
    run.heads = serde_json::to_string(&heads.names).map_err(Error::internal)?;
    run.state = RunState::Ready;
    save_progress(db, &mut run, clock.now()).await?;
    Ok(run)
}

/// Holds the rows without faults against the database.
async fn compared(db: &Db, spec: &'static Spec, chunk: Vec<(Cells, Faults)>) -> Result<Vec<Staged>> {
    let fine: Vec<Cells> = chunk.iter().filter(|(_, f)| f.is_empty()).map(|(c, _)| c.clone()).collect();
    let mut found = match fine.is_empty() {
        true => Vec::new(),
        false => db.read(move |conn| (spec.compare)(conn, &fine)).await?,
    }
    .into_iter();
    let mut rows = Vec::with_capacity(chunk.len());
    for (cells, faults) in chunk {
        let answer = if faults.is_empty() { found.next() } else { None };
        let Compared { verdict, faults } = answer.unwrap_or(Compared { verdict: Verdict::Same, faults });
        rows.push(Staged { cells, verdict, faults });
    }
    Ok(rows)
}

fn count(run: &mut Run, rows: &[Staged]) {
    for row in rows {
        run.total += 1;
        match row.verdict {
            _ if !row.is_good() => run.bad += 1,
            Verdict::Add => run.added += 1,
            Verdict::Change => run.changed += 1,
            Verdict::Same => run.same += 1,
        }
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

/// The reading thread: rows in chunks, each with its own faults.
struct Reading {
    spec: &'static Spec,
    sender: mpsc::Sender<Vec<(Cells, Faults)>>,
    heads: Option<Heads>,
    finder: Finder,
    /// Hash of each key, and the row that has it.
    keys: HashMap<u64, u32>,
    chunk: Vec<(Cells, Faults)>,
}

impl Reading {
    fn new(spec: &'static Spec, sender: mpsc::Sender<Vec<(Cells, Faults)>>) -> Self {
        let (heads, finder, keys) = (None, Finder::default(), HashMap::new());
        Self { spec, sender, heads, finder, keys, chunk: Vec::with_capacity(staging::CHUNK) }
    }

    fn run(mut self, bytes: &[u8]) -> Result<Heads> {
        let limits = Limits { rows: ROWS, inflated: INFLATED, ..Limits::default() };
        sheet::read("/file", bytes, limits, &mut |row| {
            let Some(heads) = &self.heads else {
                self.heads = self.finder.look(self.spec.columns, &row)?;
                return Ok(());
            };
            let cells = heads.cells(&row);
            let mut faults = (self.spec.check)(&cells);
            faults.extend(self.twice(&cells));
            self.chunk.push((cells, faults));
            if self.chunk.len() == staging::CHUNK { self.send() } else { Ok(()) }
        })?;
        self.send()?;
        let columns = self.spec.columns;
        self.heads.take().ok_or_else(|| self.finder.not_found(columns).into())
    }

    /// The fault of a row that is about the same as an earlier one. The earlier row is taken: it came first.
    fn twice(&mut self, cells: &Cells) -> Option<(usize, String)> {
        let key = (self.spec.key)(cells);
        if key.is_empty() {
            return None;
        }
        let digest = Sha256::digest(key.as_bytes());
        let hash = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let first = *self.keys.entry(hash).or_insert(cells.number);
        (first != cells.number).then(|| {
            let detail = format!("与第 {first} 行重复，请只保留一行；本行不会导入");
            (self.spec.key_column, detail)
        })
    }

    fn send(&mut self) -> Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(staging::CHUNK));
        if chunk.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(chunk).map_err(|_| Error::internal("the import was stopped"))
    }
}

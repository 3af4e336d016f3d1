//! The one writer of the embedded database.
//!
//! A thread drains its queue into one `BEGIN IMMEDIATE`, gives each request a savepoint and answers after COMMIT. SQLite may
//! roll the whole transaction back by itself (disk full, I/O), after which released work is gone and later work runs outside
//! any transaction. So whatever is not a refusal of ours or a broken constraint poisons the batch: the connection is dropped
//! and each closure runs again, alone, on a fresh one; only that run is answered.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use tokio::sync::mpsc;

use crate::error::{Error, Result};
use crate::loading;
use crate::sql::{AnyConn, Target};

/// How one run of a closure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// Keep its changes.
    Done,
    /// A typed refusal or a broken constraint: undo its changes, the transaction is sound.
    Refused,
    /// Anything else: the transaction cannot be trusted.
    Poison,
}

/// A queued write: runs as often as it must, then answers once.
pub(super) trait Job: Send {
    /// Runs the closure and keeps its result for [`Job::answer`].
    fn run(&mut self, conn: &mut AnyConn) -> Ran;
    /// Sends the kept result, or `failure` in its place.
    fn answer(self: Box<Self>, failure: Option<Error>);
    /// For the log and the metrics.
    fn name(&self) -> &str;
}

/// The sending side of the writer's queue. The thread ends when the last sender is gone.
pub(super) type Queue = mpsc::Sender<Box<dyn Job>>;

/// Requests in one transaction at most; bounds the time between two answers.
const BATCH: usize = 256;
/// A batch takes no further request after this long, so that one slow closure does not hold all others back.
const BATCH_TIME_MS: u128 = 20;
/// No closure may hold the writer longer than this.
const SLOW_MS: u128 = 50;

/// How long another program may hold the lock on writing; after that the request fails.
const LOCK_WAIT: Duration = Duration::from_secs(10);
/// Pause between two checkpoints at least. Measured, short ones keep the disk from being busy for long: with 100 ms, or 300, one
/// order in a hundred waits two to three times as long as with 10.
const CHECKPOINT_PAUSE: Duration = Duration::from_millis(10);
/// Pages of the log (64 MiB) from which it is to start again, also under a load that never ends.
const LOG_PAGES: i64 = 16_000;
/// As many may be left for the writer to copy then.
const LAST_PAGES: i64 = 1_000;
/// Starts the writer thread, and beside it the one that copies the log into the database: measured, the writer that does it
/// itself, every 1,000 pages, keeps one order in a hundred waiting for tens of milliseconds.
pub(super) fn start(target: Target, capacity: usize) -> Result<Queue, String> {
    let conn = open(&target)?;
    let copier = target.open()?;
    let full = Arc::new(AtomicBool::new(false));
    let seen = full.clone();
    let (sender, receiver) = mpsc::channel(capacity);
    let (committed, wake) = std::sync::mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("jicai-checkpoint".into())
        .spawn(move || checkpoints(copier, &wake, &seen))
        .map_err(|e| e.to_string())?;
    std::thread::Builder::new()
        .name("jicai-writer".into())
        .spawn(move || Writer { target, conn: Some(conn), committed, full }.serve(receiver))
        .map_err(|e| e.to_string())?;
    Ok(sender)
}

fn open(target: &Target) -> Result<AnyConn, String> {
    let mut conn = target.open()?;
    // Copying is the other thread's alone: beside an import by another program each commit here would copy what that one wrote.
    execute(&mut conn, "PRAGMA wal_autocheckpoint = 0")?;
    // The one writer keeps the upper pages of every index at hand, also while an import fills them. Not more: a commit after
    // which a page was divided looks through the whole cache, and four times as much of it gained nothing.
    execute(&mut conn, "PRAGMA cache_size = -8000")?;
    execute(&mut conn, "PRAGMA busy_timeout = 0")?;
    Ok(conn)
}

/// After commits, until the writer ends. A passive checkpoint waits for nobody and keeps nobody waiting. A long one, beside an
/// import, is followed by a pause as long: what is changed twice meanwhile is copied once.
fn checkpoints(mut conn: AnyConn, wake: &std::sync::mpsc::Receiver<()>, full: &AtomicBool) {
    while wake.recv().is_ok() {
        let begun = Instant::now();
        match checkpoint(&mut conn) {
            Ok(copied) => {
                // A long reader keeps the rest from being copied: until it ends there is nothing to begin again.
                let full_and_copied = copied.log > LOG_PAGES && copied.log - copied.checkpointed < LAST_PAGES;
                full.store(full_and_copied, Ordering::Relaxed);
            }
            Err(cause) => tracing::warn!(cause, "checkpoint"),
        }
        std::thread::sleep(CHECKPOINT_PAUSE.max(begun.elapsed()));
    }
}

#[derive(QueryableByName)]
struct Copied {
    /// Pages in the log.
    #[diesel(sql_type = BigInt)]
    log: i64,
    /// Those of them that are in the database.
    #[diesel(sql_type = BigInt)]
    checkpointed: i64,
}

fn checkpoint(conn: &mut AnyConn) -> Result<Copied, String> {
    diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)")
        .get_result(conn)
        .map_err(|e| format!("copying the log: {e}"))
}

struct Writer {
    target: Target,
    conn: Option<AnyConn>,
    committed: std::sync::mpsc::SyncSender<()>,
    /// The log has grown long, and nearly all of it is copied.
    full: Arc<AtomicBool>,
}

impl Writer {
    fn serve(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(first) = queue.blocking_recv() {
            let mut ran = Vec::new();
            if let Err(cause) = self.batch(first, &mut queue, &mut ran) {
                tracing::warn!(cause, requests = ran.len(), "batch poisoned; each request runs again alone");
                metrics::counter!("jicai_db_batches_poisoned_total").increment(1);
                self.conn = None;
                for (job, _) in ran {
                    self.alone(job);
                }
                continue;
            }
            metrics::histogram!("jicai_db_batch_requests")
                .record(u32::try_from(ran.len()).unwrap_or(u32::MAX));
            for (job, _) in ran {
                job.answer(None);
            }
            // Where a wake-up waits already, or the copier is gone, this one is not needed.
            let _ = self.committed.try_send(());
            self.begin_log_anew();
        }
    }

    /// The copier alone never finds the moment under a load that does not end: between two transactions the writer copies the
    /// little that is left. Where somebody reads or writes just then, the next time will do.
    fn begin_log_anew(&mut self) {
        if !self.full.swap(false, Ordering::Relaxed) {
            return;
        }
        if let Some(conn) = &mut self.conn
            && let Err(cause) = execute(conn, "PRAGMA wal_checkpoint(RESTART)")
        {
            tracing::warn!(cause, "beginning the log anew");
        }
    }

    /// Runs requests until the queue is empty or the batch is full, then commits. Every request taken is in `ran`, whatever
    /// happens.
    fn batch(
        &mut self,
        first: Box<dyn Job>,
        queue: &mut mpsc::Receiver<Box<dyn Job>>,
        ran: &mut Vec<(Box<dyn Job>, Ran)>,
    ) -> Result<(), String> {
        let started = Instant::now();
        let mut next = Some(first);
        // The request is taken before anything can fail, so that it is never lost.
        if let Some(job) = next.take() {
            ran.push((job, Ran::Poison));
        }
        let conn = open_if_needed(&self.target, &mut self.conn)?;
        begin(conn)?;
        loop {
            if let Some((job, outcome)) = ran.last_mut() {
                *outcome = in_savepoint(conn, job.as_mut())?;
            }
            if ran.len() >= BATCH || started.elapsed().as_millis() >= BATCH_TIME_MS {
                break;
            }
            match queue.try_recv() {
                Ok(job) => ran.push((job, Ran::Poison)),
                Err(_) => break,
            }
        }
        execute(conn, "COMMIT")
    }

    /// Runs one request in a transaction of its own and answers from that run.
    fn alone(&mut self, mut job: Box<dyn Job>) {
        let failure = match self.try_alone(job.as_mut()) {
            Ok(()) => None,
            Err(cause) => {
                self.conn = None;
                Some(Error::internal(cause))
            }
        };
        job.answer(failure);
    }

    fn try_alone(&mut self, job: &mut dyn Job) -> Result<(), String> {
        let conn = open_if_needed(&self.target, &mut self.conn)?;
        begin(conn)?;
        match timed(conn, job)? {
            Ran::Done => execute(conn, "COMMIT"),
            Ran::Refused => execute(conn, "ROLLBACK"),
            Ran::Poison => {
                // The closure's own error is the answer; the connection is not used again.
                self.conn = None;
                Ok(())
            }
        }
    }
}

fn open_if_needed<'a>(target: &Target, slot: &'a mut Option<AnyConn>) -> Result<&'a mut AnyConn, String> {
    match slot {
        Some(conn) => Ok(conn),
        None => Ok(slot.insert(open(target)?)),
    }
}

fn in_savepoint(conn: &mut AnyConn, job: &mut dyn Job) -> Result<Ran, String> {
    execute(conn, "SAVEPOINT request")?;
    let outcome = timed(conn, job)?;
    match outcome {
        Ran::Done => execute(conn, "RELEASE request")?,
        Ran::Refused => execute(conn, "ROLLBACK TO request; RELEASE request")?,
        Ran::Poison => return Err(format!("{} failed", job.name())),
    }
    Ok(outcome)
}

fn timed(conn: &mut AnyConn, job: &mut dyn Job) -> Result<Ran, String> {
    let started = Instant::now();
    let outcome =
        catch_unwind(AssertUnwindSafe(|| job.run(conn))).map_err(|_| format!("{} panicked", job.name()))?;
    let millis = started.elapsed().as_millis();
    if millis > SLOW_MS && !loading::is_under_way() {
        tracing::warn!(write = job.name(), millis, "a write held the database too long");
        metrics::counter!("jicai_db_slow_writes_total").increment(1);
    }
    Ok(outcome)
}

/// Another program, an import by command, may hold the lock for one chunk after the other and lets go of it for milliseconds only.
/// SQLite's own waiting looks ever more rarely, at last every 100 ms, and misses them: orders waited for seconds.
fn begin(conn: &mut AnyConn) -> Result<(), String> {
    let until = Instant::now() + LOCK_WAIT;
    loop {
        match execute(conn, "BEGIN IMMEDIATE") {
            Err(cause) if cause.contains("database is locked") && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(1));
            }
            ended => return ended,
        }
    }
}

fn execute(conn: &mut AnyConn, sql: &str) -> Result<(), String> {
    conn.batch_execute(sql).map_err(|e| format!("{sql}: {e}"))
}

//! The database: two engines, two doors.
//!
//! [`Db::read`] serves pages and lists, each from one picture of the data. [`Db::write`] is the only way to change what the law looks at: the closure loads,
//! checks, calls the law, changes rows and leaves an audit entry, in one transaction; it may run again, so it does nothing
//! but database work. [`Db::write_unaudited`] is a small side door of `write` for the platform's own book-keeping (leases, mail states,
//! sessions): READ COMMITTED on PostgreSQL and without the audit.

mod announce;
pub mod migrate;
mod pg_writer;
mod pool;
mod prepared;
mod probe;
mod sqlite_writer;
mod tx;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

pub use announce::{Announced, Work, due};
pub use prepared::{Prepared, Together, padded};
pub use tx::{Actor, Tx, suspended};

use super::error::{Error, Result};
use super::sql::{AnyConn, Id, Target};
use super::turns::Turns;
use announce::Bell;
use pg_writer::Isolation;
use pool::{Pool, Pooled};
use sqlite_writer::{Job, Queue, Ran};

/// Connections and queue lengths; the defaults suit two cores.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections that read.
    pub readers: u32,
    /// Connections of their own for reads that look through much.
    pub heavy: u32,
    /// PostgreSQL connections that write.
    pub writers: u32,
    /// Requests that may wait for either; one more is answered 503.
    pub queue: usize,
    /// How long each may wait; shorter than the 30 seconds within which every request ends.
    pub wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { readers: 6, heavy: 3, writers: 16, queue: 4096, wait: Duration::from_secs(20) }
    }
}

/// Reads that look through much, at once for one person.
const HEAVY_AT_ONCE: usize = 2;
/// How long one waits for its turn.
const HEAVY_WAIT: Duration = Duration::from_secs(20);

/// The two doors. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Pool,
    /// For what looks through much; see [`Db::read_much`].
    heavy: Pool,
    turns: Turns<Id>,
    writer: Writer,
    target: Arc<Target>,
    bell: Bell,
    probed: probe::Probed,
}

#[derive(Clone)]
enum Writer {
    Sqlite(Queue),
    Pg(Pool),
}

impl Db {
    /// Opens a migrated database.
    ///
    /// # Errors
    /// A Chinese sentence for the operator.
    pub fn open(target: &Target, limits: Limits) -> Result<Self, String> {
        target.keep_private()?;
        migrate::check(target)?;
        let writer = match target {
            Target::Sqlite(_) => Writer::Sqlite(sqlite_writer::start(target.clone(), limits.queue)?),
            Target::Postgres(_) => Writer::Pg(Pool::new(target.clone(), false, limits.writers, limits)?),
        };
        let readers = Pool::new(target.clone(), true, limits.readers, limits)?;
        let heavy = Pool::new(target.clone(), true, limits.heavy, limits)?;
        let turns = Turns::new(HEAVY_AT_ONCE);
        let (bell, probed) = (Bell::new(target), probe::Probed::default());
        Ok(Self { readers, heavy, turns, writer, target: Arc::new(target.clone()), bell, probed })
    }

    /// Which database this is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// For anyone who waits for such work; see [`due`].
    pub fn announced(&self, work: Work) -> Announced {
        self.bell.announced(work)
    }

    /// Reads: everything that the closure asks shows the data as they were at one moment. It cannot write.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&mut AnyConn) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.readers.run(move |pooled| pooled.picture(work)).await
    }

    /// As [`Self::read`], for what looks through many rows: on connections of its own, and a few at once for one person, so that
    /// nobody's searches keep others from looking at one row.
    pub async fn read_much<T, F>(&self, person: Id, work: F) -> Result<T>
    where
        F: FnOnce(&mut AnyConn) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let turn = self.turns.take(person, HEAVY_WAIT).await.ok_or(Error::Busy)?;
        let read = self.heavy.run(move |pooled| pooled.picture(work)).await;
        drop(turn);
        read
    }

    /// Writes, all or nothing, serializable. The answer comes after the commit. A closure that changes rows must leave an
    /// audit entry, else nothing is kept.
    pub async fn write<T, F>(&self, actor: &Actor, work: F) -> Result<T>
    where
        F: Fn(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let actor = actor.clone();
        let name = actor.name.clone();
        let audited = move |conn: &mut AnyConn| {
            let mut tx = Tx::begin(conn, &actor)?;
            let value = work(&mut tx)?;
            tx.check_audited()?;
            Ok(value)
        };
        self.submit(name, Isolation::Serializable, audited).await
    }

    /// Book-keeping of the platform itself: leases, mail states, sessions, staged rows. Not for anything that the law looks
    /// at. READ COMMITTED on PostgreSQL, so each statement must be right by itself; no audit entry is asked for.
    pub async fn write_unaudited<T, F>(&self, what: &str, work: F) -> Result<T>
    where
        F: Fn(&mut AnyConn) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.submit(what.into(), Isolation::ReadCommitted, work).await
    }

    async fn submit<T, F>(&self, name: String, isolation: Isolation, work: F) -> Result<T>
    where
        F: Fn(&mut AnyConn) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        metrics::counter!("jicai_db_writes_total").increment(1);
        let bell = self.bell.clone();
        match &self.writer {
            Writer::Pg(pool) => {
                let write = move |pooled: &mut Pooled| {
                    let mut due = 0;
                    let value = pg_writer::run(pooled, isolation, &name, |conn| {
                        let (result, marked) = announce::marked(|| work(conn));
                        due = marked;
                        result
                    })?;
                    bell.ring(due);
                    Ok(value)
                };
                pool.run(write).await
            }
            Writer::Sqlite(queue) => {
                let (sender, receiver) = oneshot::channel();
                let job = Queued { name, work, result: None, due: 0, bell, sender };
                queue.try_send(Box::new(job)).map_err(|e| match e {
                    mpsc::error::TrySendError::Full(_) => Error::Busy,
                    mpsc::error::TrySendError::Closed(_) => Error::internal("the writer has stopped"),
                })?;
                receiver.await.map_err(|_| Error::internal("the writer has stopped"))?
            }
        }
    }
}

struct Queued<T, F> {
    name: String,
    work: F,
    result: Option<Result<T>>,
    due: u8,
    bell: Bell,
    sender: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Queued<T, F>
where
    F: Fn(&mut AnyConn) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, conn: &mut AnyConn) -> Ran {
        let (result, due) = announce::marked(|| (self.work)(conn));
        self.due = if result.is_ok() { due } else { 0 };
        let ran = match &result {
            Ok(_) => Ran::Done,
            Err(Error::Refused(_)) => Ran::Refused,
            Err(e) if e.is_constraint() => Ran::Refused,
            Err(_) => Ran::Poison,
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, failure: Option<Error>) {
        let result = match failure {
            Some(error) => Err(error),
            None => {
                self.bell.ring(self.due);
                self.result.unwrap_or_else(|| Err(Error::internal("the write did not run")))
            }
        };
        // The client may be gone; what was committed stays committed.
        let _ = self.sender.send(result);
    }

    fn name(&self) -> &str {
        &self.name
    }
}

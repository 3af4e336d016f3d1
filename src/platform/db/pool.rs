//! Pooled connections with a bounded wait, for reads on both engines and writes on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, ManageConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limits;
use crate::error::{Error, Result};
use crate::sql::{AnyConn, Target};

/// A connection that knows whether it may be used again.
pub(super) struct Pooled {
    pub conn: AnyConn,
    pub broken: bool,
    /// When it answered last.
    answered: Instant,
}

impl Pooled {
    /// Runs `work` so that all it asks shows one moment; nothing it does is kept.
    pub(super) fn picture<T>(&mut self, work: impl FnOnce(&mut AnyConn) -> Result<T>) -> Result<T> {
        let begin = match &self.conn {
            AnyConn::Pg(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            AnyConn::Sqlite(_) => "BEGIN",
        };
        // Whatever panics, a connection inside a transaction does not go back to the pool.
        self.broken = true;
        self.conn.batch_execute(begin)?;
        let result = work(&mut self.conn);
        // Also after an error there is nothing to undo: COMMIT of what only read is the cheapest end on either engine.
        self.broken = self.conn.batch_execute("COMMIT").is_err();
        result
    }
}

pub(super) struct Manager {
    target: Target,
    read_only: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ConnectError(String);

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = ConnectError;

    fn connect(&self) -> Result<Pooled, ConnectError> {
        let conn = if self.read_only { self.target.open_reader() } else { self.target.open() };
        conn.map(|conn| Pooled { conn, broken: false, answered: Instant::now() }).map_err(ConnectError)
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ConnectError> {
        pooled.conn.batch_execute("SELECT 1").map_err(|e| ConnectError(e.to_string()))
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken
    }
}

/// How long somebody waits for a connection that is not there.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// As long while the server is known to be away: a page that reads in several places waits once.
const AWAY_WAIT: Duration = Duration::from_millis(50);
/// A connection that was idle for longer is asked whether it still works; a switch to another server leaves none that does.
const TRUSTED: Duration = Duration::from_millis(100);

/// What became known of the server.
#[derive(Default)]
struct Line {
    /// When a connection last broke off or could not be had: those that did not answer since are asked first.
    lost: Option<Instant>,
    /// Nobody got a connection since then.
    away: bool,
}

/// Connections of one kind and the places for those who wait for one; anyone who waits too long is told that the house is full.
#[derive(Clone)]
pub(super) struct Pool {
    connections: r2d2::Pool<Manager>,
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    line: Arc<Mutex<Line>>,
    limits: Limits,
}

impl Pool {
    pub(super) fn new(target: Target, read_only: bool, size: u32, limits: Limits) -> Result<Self, String> {
        let connections = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(CONNECT_WAIT)
            .error_handler(Box::new(LogErrors))
            .build(Manager { target, read_only })
            .map_err(|e| e.to_string())?;
        Ok(Self {
            connections,
            places: Arc::new(Semaphore::new(size as usize)),
            waiting: Arc::new(AtomicUsize::new(0)),
            line: Arc::default(),
            limits,
        })
    }

    /// Runs `work` with a connection, off the async threads.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&mut Pooled) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let permit = self.place().await?;
        let pool = self.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut pooled = pool.connection()?;
            let result = work(&mut pooled);
            pooled.answered = Instant::now();
            match result {
                Err(Error::Database(cause)) if is_connection_loss(&cause) || is_cut(&pooled) => {
                    tracing::error!(%cause, "the database connection broke off");
                    pooled.broken = true;
                    pool.line().lost = Some(Instant::now());
                    Err(Error::Unreachable)
                }
                ended => ended,
            }
        })
        .await
        .map_err(|e| Error::internal(format!("a database closure panicked: {e}")))?
    }

    fn line(&self) -> std::sync::MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that works, as far as that is known without asking each time.
    fn connection(&self) -> Result<r2d2::PooledConnection<Manager>> {
        let (lost, away) = {
            let line = self.line();
            (line.lost, line.away)
        };
        loop {
            let wait = if away { AWAY_WAIT } else { CONNECT_WAIT };
            let mut pooled = self.connections.get_timeout(wait).map_err(|cause| {
                tracing::error!(%cause, "no database connection");
                *self.line() = Line { lost: Some(Instant::now()), away: true };
                Error::Unreachable
            })?;
            let idle = pooled.answered.elapsed() > TRUSTED;
            let doubted = matches!(pooled.conn, AnyConn::Pg(_)) && (idle || lost > Some(pooled.answered));
            if !doubted || pooled.conn.batch_execute("SELECT 1").is_ok() {
                self.line().away = false;
                return Ok(pooled);
            }
            pooled.broken = true;
        }
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = self.places.clone().try_acquire_owned() {
            return Ok(permit);
        }
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= self.limits.queue {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Error::Busy);
        }
        let permit = tokio::time::timeout(self.limits.wait, self.places.clone().acquire_owned()).await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        permit.map_err(|_| Error::Busy)?.map_err(Error::internal)
    }
}

/// The library tells it from the state of the line, whatever language the server speaks.
fn is_connection_loss(cause: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error as Db};
    matches!(cause, Db::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _))
}

/// Not even the end of its transaction could be said.
fn is_cut(pooled: &Pooled) -> bool {
    pooled.broken && matches!(pooled.conn, AnyConn::Pg(_))
}

#[derive(Debug)]
struct LogErrors;

impl r2d2::HandleError<r2d2::Error> for LogErrors {
    fn handle_error(&self, error: r2d2::Error) {
        tracing::warn!(cause = %error, "database connection");
    }
}

impl r2d2::HandleError<ConnectError> for LogErrors {
    fn handle_error(&self, error: ConnectError) {
        tracing::warn!(cause = %error, "database connection");
    }
}

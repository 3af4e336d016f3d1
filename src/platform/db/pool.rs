//! Pooled connections with a bounded wait, for reads on both engines and writes on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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
        conn.map(|conn| Pooled { conn, broken: false }).map_err(ConnectError)
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ConnectError> {
        pooled.conn.batch_execute("SELECT 1").map_err(|e| ConnectError(e.to_string()))
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken
    }
}

/// Connections of one kind and the places for those who wait for one; anyone who waits too long is told that the house is full.
#[derive(Clone)]
pub(super) struct Pool {
    connections: r2d2::Pool<Manager>,
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    limits: Limits,
}

impl Pool {
    pub(super) fn new(target: Target, read_only: bool, size: u32, limits: Limits) -> Result<Self, String> {
        let connections = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(5))
            .error_handler(Box::new(LogErrors))
            .build(Manager { target, read_only })
            .map_err(|e| e.to_string())?;
        Ok(Self {
            connections,
            places: Arc::new(Semaphore::new(size as usize)),
            waiting: Arc::new(AtomicUsize::new(0)),
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
        let connections = self.connections.clone();
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut pooled = connections.get().map_err(|e| {
                tracing::error!(cause = %e, "no database connection");
                Error::Busy
            })?;
            let result = work(&mut pooled);
            if let Err(Error::Database(cause)) = &result
                && is_connection_loss(cause)
            {
                pooled.broken = true;
            }
            result
        })
        .await
        .map_err(|e| Error::internal(format!("a database closure panicked: {e}")))?
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

fn is_connection_loss(cause: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error as Db};
    match cause {
        Db::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => true,
        Db::DatabaseError(Kind::Unknown, info) => {
            let text = info.message();
            text.contains("server closed the connection")
                || text.contains("terminating connection")
                || text.contains("SSL connection")
        }
        _ => false,
    }
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

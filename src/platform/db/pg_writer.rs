//! Writes on PostgreSQL: SERIALIZABLE, run again with jitter when the server could not order them.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind as Kind, Error as Db};
use rand::RngExt;

use super::pool::Pooled;
use crate::error::{Error, Result};
use crate::sql::AnyConn;

/// Attempts in all. 64 clients on one row need about a dozen.
const ATTEMPTS: u32 = 40;
/// A unique key that was taken may be a concurrent twin's: the next run sees the twin's row and answers for it.
const UNIQUE_ATTEMPTS: u32 = 3;
/// A deadlock has no kind of its own in the library, and its words are in the server's language: whatever has no kind runs
/// again, a few times,
const UNKNOWN_ATTEMPTS: u32 = 6;
/// and not where each run waits long for its failure.
const UNKNOWN_TIME: Duration = Duration::from_secs(5);

/// Isolation of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isolation {
    Serializable,
    ReadCommitted,
}

/// Runs `work` in a transaction, again where the server asks for it.
pub(super) fn run<T>(
    pooled: &mut Pooled,
    isolation: Isolation,
    name: &str,
    mut work: impl FnMut(&mut AnyConn) -> Result<T>,
) -> Result<T> {
    let begin = match isolation {
        Isolation::Serializable => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        Isolation::ReadCommitted => "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    let (mut attempt, begun) = (1, Instant::now());
    loop {
        let result = once(pooled, begin, &mut work);
        let Err(error) = &result else { return result };
        let again = match error {
            Error::Database(cause) if is_retryable(cause) => attempt < ATTEMPTS,
            Error::Database(Db::DatabaseError(Kind::Unknown, _)) => {
                attempt < UNKNOWN_ATTEMPTS && begun.elapsed() < UNKNOWN_TIME && !pooled.broken
            }
            e if e.is_unique_violation() => attempt < UNIQUE_ATTEMPTS,
            _ => false,
        };
        if !again {
            if matches!(error, Error::Database(cause) if is_retryable(cause)) {
                tracing::warn!(write = name, attempt, "gave up after too many serialization failures");
                return Err(Error::Busy);
            }
            return result;
        }
        metrics::counter!("jicai_db_retries_total").increment(1);
        std::thread::sleep(back_off(attempt));
        attempt += 1;
    }
}

fn once<T>(pooled: &mut Pooled, begin: &str, work: &mut impl FnMut(&mut AnyConn) -> Result<T>) -> Result<T> {
    // Until the transaction has ended cleanly the connection must not go back to the pool, whatever panics.
    pooled.broken = true;
    pooled.conn.batch_execute(begin)?;
    let result = work(&mut pooled.conn).and_then(|value| {
        pooled.conn.batch_execute("COMMIT")?;
        Ok(value)
    });
    match result {
        Ok(value) => {
            pooled.broken = false;
            Ok(value)
        }
        Err(error) => {
            if pooled.conn.batch_execute("ROLLBACK").is_ok() {
                pooled.broken = false;
            }
            Err(error)
        }
    }
}

fn is_retryable(cause: &Db) -> bool {
    matches!(cause, Db::DatabaseError(Kind::SerializationFailure, _))
}

fn back_off(attempt: u32) -> Duration {
    let most = 2u64.saturating_pow(attempt.min(6)).min(64);
    Duration::from_micros(rand::rng().random_range(200..=most * 1000))
}

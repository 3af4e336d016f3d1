//! Deadlines as data: one runner for all offices.
//!
//! A row that something falls due for keeps the earliest instant in a column (`next_check`), which a pure function of the row
//! gives. An office names in a [`Deadline`] how such rows are found and what is done with one of them; a periodic task hands
//! all of them to [`run_all`]. Right on any number of instances and as often as it runs: each row is looked at again in its
//! own write.

use chrono::Duration;

use super::clock;
use super::db::{Actor, Db, Tx};
use super::error::Result;
use super::sql::{AnyConn, Id, Time};

/// A request that came in time may still be on its way for so long after a deadline.
const GRACE_SECONDS: i64 = 60;
/// Rows looked at in one round.
const BATCH: i64 = 200;

/// What time does to the rows of one table.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    /// The act, such as `order.overdue`; the audit shows it as who acts.
    pub name: &'static str,
    /// The rows whose earliest instant is at or before the given one, at most so many, the earliest first.
    pub due: fn(&mut AnyConn, Time, i64) -> Result<Vec<Id>>,
    /// Applies to one row what is past at the given instant, and moves its next instant on; false where nothing was due any
    /// more.
    pub apply: fn(&mut Tx, Id, Time) -> Result<bool>,
}

impl Deadline {
    /// Applies everything that is past; returns to how many rows something was done. A row that fails does not stop the
    /// others: the first fault is returned after all rows of the round.
    pub async fn run(&self, db: &Db, actor: &Actor) -> Result<usize> {
        let Self { due, apply, .. } = *self;
        let now = actor.received_at;
        let mut done = 0;
        loop {
            let rows = db
                .read(move |conn| {
                    let past = past(clock::legal_now(conn, now)?);
                    due(conn, past, BATCH)
                })
                .await?;
            let before = done;
            let mut fault = None;
            for id in rows {
                let applied = db.write(actor, move |tx| {
                    let past = past(tx.legal_now()?);
                    apply(tx, id, past)
                });
                match applied.await {
                    Ok(applied) => done += usize::from(applied),
                    Err(error) => fault = fault.or(Some(error)),
                }
            }
            if let Some(error) = fault {
                return Err(error);
            }
            // Nothing is due, or another instance does it.
            if done == before {
                return Ok(done);
            }
        }
    }
}

/// Runs the deadlines of all offices; a fault in one does not keep the others from theirs.
pub async fn run_all(db: &Db, now: Time, deadlines: &[Deadline]) -> Result<()> {
    let mut fault = None;
    for deadline in deadlines {
        let ran = deadline.run(db, &Actor::system(deadline.name, now)).await;
        fault = fault.or(ran.err());
    }
    fault.map_or(Ok(()), Err)
}

fn past(now: Time) -> Time {
    now.plus(-Duration::seconds(GRACE_SECONDS))
}

//! Leases on jobs. What decides is always one statement whose conditions the engine looks at again on the row as it then is,
//! so it is right at READ COMMITTED.

use std::collections::BTreeMap;

use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use serde_json::Value;

use super::{Job, JobState};
use crate::db::{self, Db};
use crate::error::{Error, Result};
use crate::schema::job;
use crate::sql::{AnyConn, Id, MultiBackend, Time};

/// Seconds for which an instance has a job to itself without a sign of life.
pub(super) const LEASE_SECONDS: i64 = 60;

/// Runs of one job before it is given up.
const MOST_ATTEMPTS: i32 = 5;

/// No job is put off for longer.
const FURTHEST: Duration = Duration::hours(1);

fn lease_from(now: Time) -> Time {
    now.plus(Duration::seconds(LEASE_SECONDS))
}

type Condition<T> = Box<dyn BoxableExpression<job::table, MultiBackend, SqlType = T>>;

/// Its time has come. What is due later than ever was said was put off by a clock that was ahead, and is due now.
fn ripe(now: Time, furthest: Duration) -> Condition<Bool> {
    Box::new(job::run_after.le(now).or(job::run_after.gt(now.plus(furthest))))
}

/// No instance has it; nobody can hold it for longer than a lease lasts.
fn free(now: Time) -> Condition<Nullable<Bool>> {
    let longest = now.plus(Duration::seconds(2 * LEASE_SECONDS));
    Box::new(job::lease_until.is_null().or(job::lease_until.lt(now)).or(job::lease_until.gt(longest)))
}

/// The job among `kinds` that has been due longest, if there is one.
pub(super) async fn due(db: &Db, kinds: Vec<&'static str>, now: Time) -> Result<Option<Id>> {
    db.read(move |conn| {
        let id = job::table
            .filter(job::kind.eq_any(&kinds))
            .filter(job::state.eq(JobState::Waiting).or(job::state.eq(JobState::Running)))
            .filter(ripe(now, FURTHEST))
            .filter(free(now))
            .order(job::run_after)
            .select(job::id)
            .first(conn)
            .optional()?;
        Ok(id)
    })
    .await
}

/// Which of `kinds` have work that no instance has, and since or from when it is due; one statement for all of them. A time
/// further off than `furthest` says of its kind is now.
pub(super) async fn waiting(
    db: &Db,
    kinds: Vec<(String, Option<Duration>)>,
    now: Time,
) -> Result<Vec<(String, Time)>> {
    db.read(move |conn| {
        let furthest: BTreeMap<String, Duration> =
            kinds.iter().map(|(kind, every)| (kind.clone(), every.unwrap_or(FURTHEST))).collect();
        let found: Vec<(String, Option<Time>)> = job::table
            .filter(job::kind.eq_any(furthest.keys()))
            .filter(job::state.eq(JobState::Waiting).or(job::state.eq(JobState::Running)))
            .filter(free(now))
            .group_by(job::kind)
            .select((job::kind, diesel::dsl::min(job::run_after)))
            .load(conn)?;
        let due = |(kind, at): (String, Option<Time>)| {
            let at = at?;
            let far = furthest.get(&kind).is_some_and(|most| at > now.plus(*most));
            Some((kind, if far { now } else { at }))
        };
        Ok(found.into_iter().filter_map(due).collect())
    })
    .await
}

/// Takes job `id`, unless another instance has it. `every` is the interval of a periodic task.
pub(super) async fn take(
    db: &Db,
    id: Id,
    owner: Id,
    now: Time,
    every: Option<Duration>,
) -> Result<Option<Job>> {
    let furthest = every.unwrap_or(FURTHEST);
    db.write_unaudited("job.claim", move |conn| {
        let changed = diesel::update(
            job::table
                .find(id)
                .filter(job::state.eq(JobState::Waiting).or(job::state.eq(JobState::Running)))
                .filter(ripe(now, furthest))
                .filter(free(now)),
        )
        .set((
            job::state.eq(JobState::Running),
            job::lease_owner.eq(Some(owner)),
            job::lease_until.eq(Some(lease_from(now))),
            job::attempts.eq(job::attempts + 1),
        ))
        .execute(conn)?;
        if changed == 0 {
            return Ok(None);
        }
        Ok(Some(job::table.find(id).select(Job::as_select()).get_result(conn)?))
    })
    .await
}

/// Prolongs a lease; false where another instance has taken it.
pub(super) async fn renew(db: &Db, id: Id, owner: Id, now: Time) -> Result<bool> {
    db.write_unaudited("job.lease", move |conn| {
        let changed = diesel::update(job::table.find(id).filter(job::lease_owner.eq(owner)))
            .set(job::lease_until.eq(Some(lease_from(now))))
            .execute(conn)?;
        Ok(changed == 1)
    })
    .await
}

/// Writes how far a job is; fails where another instance has taken it.
pub(super) async fn progress(db: &Db, id: Id, owner: Id, done: i64, total: Option<i64>) -> Result<()> {
    db.write_unaudited("job.progress", move |conn| {
        let changed = diesel::update(job::table.find(id).filter(job::lease_owner.eq(owner)))
            .set((job::done.eq(done), job::total.eq(total)))
            .execute(conn)?;
        if changed == 0 { Err(Error::internal("the job was taken over by another instance")) } else { Ok(()) }
    })
    .await
}

/// Keeps in the write itself what a job has reached; fails where another instance has taken it.
pub(super) fn reach(conn: &mut AnyConn, id: Id, owner: Id, payload: &Value) -> Result<()> {
    let changed = diesel::update(job::table.find(id).filter(job::lease_owner.eq(owner)))
        .set(job::payload.eq(payload.to_string()))
        .execute(conn)?;
    if changed == 0 { Err(Error::internal("the job was taken over by another instance")) } else { Ok(()) }
}

/// How one run ended.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    /// With this JSON.
    Done(String),
    /// For good, for this reason.
    Failed(String),
    /// To be run again at that time, if it was not tried too often.
    Again(Time, String),
    /// The instance stops; another may take it at once, and this run does not count.
    Released,
}

/// Ends this instance's run of a job. Nothing happens where another instance has taken it.
pub(super) async fn end(db: &Db, taken: &Job, owner: Id, ending: Ending, now: Time) -> Result<()> {
    let (id, attempts) = (taken.id, taken.attempts);
    db.write_unaudited("job.end", move |conn| {
        let mine = || job::table.find(id).filter(job::lease_owner.eq(owner));
        let free = (job::lease_owner.eq(None::<Id>), job::lease_until.eq(None::<Time>));
        match &ending {
            Ending::Done(result) => diesel::update(mine())
                .set((
                    job::state.eq(JobState::Done),
                    job::result.eq(Some(result)),
                    job::error.eq(None::<String>),
                    job::finished_at.eq(Some(now)),
                    free,
                ))
                .execute(conn)?,
            Ending::Again(when, reason) if attempts < MOST_ATTEMPTS => diesel::update(mine())
                .set((
                    job::state.eq(JobState::Waiting),
                    job::run_after.eq(*when),
                    job::error.eq(Some(reason)),
                    free,
                ))
                .execute(conn)?,
            Ending::Failed(reason) | Ending::Again(_, reason) => diesel::update(mine())
                .set((
                    job::state.eq(JobState::Failed),
                    job::error.eq(Some(reason)),
                    job::finished_at.eq(Some(now)),
                    free,
                ))
                .execute(conn)?,
            Ending::Released => {
                db::due(db::Work::Job);
                diesel::update(mine())
                    .set((job::state.eq(JobState::Waiting), job::attempts.eq(attempts - 1), free))
                    .execute(conn)?
            }
        };
        Ok(())
    })
    .await
}

/// Key and kind of the row that keeps a periodic task single.
pub(super) fn periodic_key(name: &str) -> String {
    format!("periodic:{name}")
}

/// Makes the row of a periodic task where there is none.
pub(super) fn ensure_periodic(conn: &mut AnyConn, name: &str, now: Time) -> Result<()> {
    let key = periodic_key(name);
    let there: i64 = job::table.filter(job::dedup_key.eq(&key)).count().get_result(conn)?;
    if there > 0 {
        return Ok(());
    }
    let row = Job {
        id: Id::new(),
        kind: key.clone(),
        dedup_key: Some(key),
        payload: "{}".into(),
        state: JobState::Waiting,
        done: 0,
        total: None,
        attempts: 0,
        run_after: now,
        lease_owner: None,
        lease_until: None,
        error: None,
        result: None,
        organisation_id: None,
        created_by: None,
        created_at: now,
        finished_at: None,
    };
    diesel::insert_into(job::table).values(&row).execute(conn)?;
    Ok(())
}

/// The row of a periodic task, where it is due.
pub(super) async fn due_periodic(
    db: &Db,
    name: &'static str,
    now: Time,
    furthest: Duration,
) -> Result<Option<Id>> {
    db.read(move |conn| {
        let id = job::table
            .filter(job::dedup_key.eq(periodic_key(name)))
            .filter(ripe(now, furthest))
            .filter(free(now))
            .select(job::id)
            .first(conn)
            .optional()?;
        Ok(id)
    })
    .await
}

/// Ends a run of a periodic task: due again at `next`, with what went wrong, if anything did.
pub(super) async fn end_periodic(
    db: &Db,
    id: Id,
    owner: Id,
    next: Time,
    error: Option<String>,
) -> Result<()> {
    db.write_unaudited("task.end", move |conn| {
        diesel::update(job::table.find(id).filter(job::lease_owner.eq(owner)))
            .set((
                job::state.eq(JobState::Waiting),
                job::run_after.eq(next),
                job::error.eq(&error),
                job::lease_owner.eq(None::<Id>),
                job::lease_until.eq(None::<Time>),
            ))
            .execute(conn)?;
        Ok(())
    })
    .await
}

//! Long work outside requests: jobs that survive a restart, and tasks that come round by themselves.
//!
//! An operation stores a job with [`enqueue`] in its own write, which announces it. Each instance's [`runner`] claims what is
//! due with a lease; the lease is renewed while the handler runs, so that a job whose instance died is taken up by another. A handler therefore
//! starts from what it finds (its progress, its staged rows) and may run more than once. Offices register handlers and
//! periodic tasks in a [`Registry`], which `cli/serve` assembles.

mod claim;
mod registry;
pub mod runner;

use diesel::prelude::*;
use serde_json::Value;

use super::db;
use super::error::{Error, Refusal, Result};
use super::schema::job;
use super::sql::{AnyConn, Id, Time};
use crate::text_enum;

pub use registry::{JobContext, Registry, TaskContext};

text_enum! {
    /// How far a job is.
    pub enum JobState {
        /// To be run, for the first time or again.
        Waiting = "waiting" | "排队中",
        /// Some instance runs it, or died while running it.
        Running = "running" | "处理中",
        /// It ended and its result stays.
        Done = "done" | "已完成",
        /// It was refused, or failed too often; the reason stands beside it.
        Failed = "failed" | "未完成",
    }
}

/// What an operation asks for.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Name of the registered handler, such as `catalogue.import`.
    pub kind: &'static str,
    /// Where given, a second job with the same key is the first one.
    pub dedup_key: Option<String>,
    /// What the handler needs, without secrets.
    pub payload: Value,
    /// Not before this time; at once where none.
    pub run_after: Option<Time>,
    /// Whose job it is: only this organisation sees it.
    pub organisation: Option<Id>,
    /// Who asked for it.
    pub created_by: Option<Id>,
    /// Steps in all, where known.
    pub total: Option<i64>,
}

impl NewJob {
    /// A job of the platform itself, to be run at once.
    pub fn new(kind: &'static str, payload: Value) -> Self {
        Self {
            kind,
            dedup_key: None,
            payload,
            run_after: None,
            organisation: None,
            created_by: None,
            total: None,
        }
    }
}

/// A job as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = job, treat_none_as_default_value = false)]
pub struct Job {
    /// Key.
    pub id: Id,
    /// Name of the handler.
    pub kind: String,
    /// Key that makes it single.
    pub dedup_key: Option<String>,
    /// JSON for the handler.
    pub payload: String,
    /// How far it is.
    pub state: JobState,
    /// Steps done.
    pub done: i64,
    /// Steps in all, where known.
    pub total: Option<i64>,
    /// How often it was taken up.
    pub attempts: i32,
    /// Not before this time.
    pub run_after: Time,
    /// The instance that runs it.
    pub lease_owner: Option<Id>,
    /// Until then that instance has it to itself.
    pub lease_until: Option<Time>,
    /// Chinese sentence: why it was not done.
    pub error: Option<String>,
    /// JSON that the handler answered.
    pub result: Option<String>,
    /// Whose it is.
    pub organisation_id: Option<Id>,
    /// Who asked for it.
    pub created_by: Option<Id>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
}

impl Job {
    /// What the handler was given.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.payload)
            .map_err(|e| Error::internal(format!("payload of job {}: {e}", self.id)))
    }

    /// Whole percent done, where the total is known.
    pub fn percent(&self) -> Option<i64> {
        let total = self.total.filter(|t| *t > 0)?;
        Some(self.done.clamp(0, total).saturating_mul(100) / total)
    }
}

/// Stores a job in the running write (`tx.conn`) or in `db.write_unaudited`. Returns its key, or that of the job with the same
/// `dedup_key`.
pub fn enqueue(conn: &mut AnyConn, new: &NewJob, now: Time) -> Result<Id> {
    if let Some(key) = &new.dedup_key {
        let twin: Option<Id> =
            job::table.filter(job::dedup_key.eq(key)).select(job::id).get_result(conn).optional()?;
        if let Some(id) = twin {
            return Ok(id);
        }
    }
    let row = Job {
        id: Id::new(),
        kind: new.kind.into(),
        dedup_key: new.dedup_key.clone(),
        payload: new.payload.to_string(),
        state: JobState::Waiting,
        done: 0,
        total: new.total,
        attempts: 0,
        run_after: new.run_after.unwrap_or(now),
        lease_owner: None,
        lease_until: None,
        error: None,
        result: None,
        organisation_id: new.organisation,
        created_by: new.created_by,
        created_at: now,
        finished_at: None,
    };
    diesel::insert_into(job::table).values(&row).execute(conn)?;
    db::due(db::Work::Job);
    Ok(row.id)
}

/// Stores the row of work that a command does by itself and no instance takes up: its staged rows live as long as those of a
/// job that has just ended. In `db.write_unaudited`.
pub fn enqueue_done(conn: &mut AnyConn, new: &NewJob, now: Time) -> Result<Id> {
    let id = enqueue(conn, new, now)?;
    diesel::update(job::table.find(id))
        .set((job::state.eq(JobState::Done), job::finished_at.eq(Some(now))))
        .execute(conn)?;
    Ok(id)
}

/// A job of `organisation`, for its progress bar and its result page.
pub fn find(conn: &mut AnyConn, organisation: Id, id: Id) -> Result<Job> {
    let found: Option<Job> = job::table
        .filter(job::id.eq(id))
        .filter(job::organisation_id.eq(organisation))
        .select(Job::as_select())
        .first(conn)
        .optional()?;
    Ok(found.ok_or_else(|| Refusal::not_found("任务"))?)
}

fn clock_plus(clock: &super::clock::Clock, seconds: i64) -> Time {
    clock.now().plus(chrono::Duration::seconds(seconds))
}

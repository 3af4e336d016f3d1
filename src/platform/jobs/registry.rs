//! Which handler runs which job, and what runs by itself from time to time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Job, claim};
use crate::clock::Clock;
use crate::db::{Actor, Db, Tx, Work as Due};
use crate::error::Result;
use crate::sql::{Id, Time};

pub(super) type Work<C, T> = Arc<dyn Fn(C) -> Pin<Box<dyn Future<Output = Result<T>> + Send>> + Send + Sync>;

/// Handlers by kind of job, and periodic tasks by name.
#[derive(Clone)]
pub struct Registry {
    pub(super) handlers: BTreeMap<&'static str, Work<JobContext, Value>>,
    pub(super) periodic: BTreeMap<&'static str, Periodic>,
    pub(super) net: Duration,
}

/// What an instance looks for by itself, in case that nobody told it: what an announcement was lost for, what waits for a
/// second try, what another instance died over.
const NET: Duration = Duration::from_secs(15);

impl Default for Registry {
    fn default() -> Self {
        Self { handlers: BTreeMap::new(), periodic: BTreeMap::new(), net: NET }
    }
}

#[derive(Clone)]
pub(super) struct Periodic {
    pub every: Duration,
    pub turns: Turns,
    pub work: Work<TaskContext, ()>,
}

/// Who runs a periodic task, and when.
#[derive(Clone, Copy)]
pub(super) enum Turns {
    /// The whole platform, once an interval.
    Single,
    /// Each instance, once an interval.
    Each,
    /// Each instance when such work is announced, at most once an interval.
    Announced(Due),
}

impl Registry {
    /// How often an instance looks for work that it was not told of.
    pub fn look_every(&mut self, net: Duration) {
        self.net = net;
    }

    /// Registers the handler of `kind`. Its value is the job's result. A refusal ends the job with its words; any other error
    /// is tried again later, five times in all.
    pub fn job<F, R>(&mut self, kind: &'static str, handler: F)
    where
        F: Fn(JobContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Value>> + Send + 'static,
    {
        self.handlers.insert(kind, Arc::new(move |context| Box::pin(handler(context))));
    }

    /// Registers a task that one instance at a time runs, `every` so long after it last ended (a second at least).
    pub fn every<F, R>(&mut self, name: &'static str, every: Duration, task: F)
    where
        F: Fn(TaskContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.insert(name, every, Turns::Single, task);
    }

    /// Registers a task that each instance runs for itself. It must be right when two run at once, and begin with a cheap
    /// read, for it leaves no trace in the database where there is nothing to do.
    pub fn tick<F, R>(&mut self, name: &'static str, every: Duration, task: F)
    where
        F: Fn(TaskContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.insert(name, every, Turns::Each, task);
    }

    /// As [`Registry::tick`], run when such work is announced: at once, but not again within `least`, so that what is asked
    /// for in quick succession is done together.
    pub fn when<F, R>(&mut self, due: Due, name: &'static str, least: Duration, task: F)
    where
        F: Fn(TaskContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.insert(name, least, Turns::Announced(due), task);
    }

    fn insert<F, R>(&mut self, name: &'static str, every: Duration, turns: Turns, task: F)
    where
        F: Fn(TaskContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        let work: Work<TaskContext, ()> = Arc::new(move |context| Box::pin(task(context)));
        self.periodic.insert(name, Periodic { every, turns, work });
    }
}

/// What a periodic task works with.
#[derive(Clone)]
pub struct TaskContext {
    /// The database.
    pub db: Db,
    /// Real time.
    pub clock: Clock,
    /// The task's name, as the audit shows it.
    pub name: &'static str,
}

impl TaskContext {
    /// For `db.write`: the platform itself, now.
    pub fn actor(&self) -> Actor {
        Actor::system(self.name, self.clock.now())
    }

    /// Real time now.
    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

/// What a handler works with.
#[derive(Clone)]
pub struct JobContext {
    /// The database.
    pub db: Db,
    /// Real time.
    pub clock: Clock,
    /// The job as it was when it was claimed: `done` is what an earlier run reached.
    pub job: Job,
    pub(super) owner: Id,
}

impl JobContext {
    /// For `db.write`: who asked for the job, by the job's name, now.
    pub fn actor(&self) -> Actor {
        Actor {
            user: self.job.created_by,
            organisation: self.job.organisation_id,
            ..Actor::system(&self.job.kind, self.clock.now())
        }
    }

    /// Shows how far the work is. Fails where another instance has taken the job over: the handler then stops.
    pub async fn progress(&self, done: i64, total: Option<i64>) -> Result<()> {
        claim::progress(&self.db, self.job.id, self.owner, done, total).await
    }

    /// Keeps `payload` in the write of the step that it speaks of: a run that is interrupted goes on behind that step.
    ///
    /// # Errors
    /// Where another instance has taken the job over; then the step is undone.
    pub fn reached(&self, tx: &mut Tx, payload: &Value) -> Result<()> {
        claim::reach(tx.conn, self.job.id, self.owner, payload)
    }
}

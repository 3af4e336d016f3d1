//! Runs what the registry holds, on this instance, until told to stop.
//!
//! One part looks for all others what is due in the table of jobs ([`look`]): when a job is announced, when the next one is due,
//! and now and then. An instance with nothing to do asks one statement a look, however many workers and tasks it has.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rand::RngExt;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::claim::{self, Ending, LEASE_SECONDS};
use super::registry::{JobContext, Periodic, Registry, TaskContext, Turns, Work};
use super::{Job, clock_plus};
use crate::clock::Clock;
use crate::db::{Db, Work as Due};
use crate::error::{Error, Result};
use crate::sql::{Id, Time};

/// Pause after the database did not answer.
const FAULT: Duration = Duration::from_secs(5);
/// Kinds of jobs and periodic tasks that are due.
type Kinds = BTreeSet<String>;

/// What runs; stops when told so or dropped.
pub struct Running {
    stop: watch::Sender<bool>,
    parts: Vec<JoinHandle<()>>,
}

impl Running {
    /// Tells every part to stop and waits for it. A job in the middle is released for another instance.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for part in self.parts {
            let _ = part.await;
        }
    }
}

struct Worker {
    db: Db,
    clock: Clock,
    registry: Registry,
    owner: Id,
    /// Something ended here, and something later may be due before the next look.
    ended: Notify,
}

/// Starts `workers` job workers and every periodic task on the current runtime.
///
/// # Errors
/// Where the rows of the periodic tasks cannot be made.
pub async fn start(db: &Db, clock: &Clock, registry: Registry, workers: usize) -> Result<Running> {
    let (stop, told) = watch::channel(false);
    let singles: Vec<&'static str> =
        registry.periodic.iter().filter(|(_, p)| p.is_single()).map(|(n, _)| *n).collect();
    let now = clock.now();
    for name in singles {
        db.write_unaudited("task.ensure", move |conn| claim::ensure_periodic(conn, name, now)).await?;
    }
    let worker = Arc::new(Worker::new(db, clock, registry));
    let (found, due) = watch::channel(Kinds::new());
    let mut parts = Vec::new();
    for _ in 0..workers {
        parts.push(tokio::spawn(work(worker.clone(), due.clone(), told.clone())));
    }
    for (name, periodic) in worker.registry.periodic.clone() {
        parts.push(tokio::spawn(come_round(worker.clone(), name, periodic, due.clone(), told.clone())));
    }
    parts.push(tokio::spawn(look(worker, found, told)));
    Ok(Running { stop, parts })
}

/// Runs every job that is due now and returns how many ran; for tests and commands.
pub async fn drain(db: &Db, clock: &Clock, registry: &Registry) -> Result<usize> {
    let worker = Worker::new(db, clock, registry.clone());
    let (_stop, told) = watch::channel(false);
    let mut ran = 0;
    while worker.one_job(&told).await? {
        ran += 1;
    }
    Ok(ran)
}

/// Looks what is due and tells those who do it.
async fn look(worker: Arc<Worker>, found: watch::Sender<Kinds>, mut told: watch::Receiver<bool>) {
    let singles = worker.registry.periodic.iter().filter(|(_, p)| p.is_single());
    let mut kinds: Vec<_> =
        singles.map(|(name, p)| (claim::periodic_key(name), Some(p.furthest()))).collect();
    kinds.extend(worker.registry.handlers.keys().map(|kind| ((*kind).to_owned(), None)));
    if kinds.is_empty() {
        return;
    }
    let mut announced = worker.db.announced(Due::Job);
    while !*told.borrow() {
        announced.looking();
        let now = worker.clock.now();
        let mut wait = jittered(worker.registry.net);
        match claim::waiting(&worker.db, kinds.clone(), now).await {
            Ok(waiting) => {
                let later = waiting.iter().filter(|(_, at)| *at > now);
                let until = |at: &Time| (at.0 - now.0).to_std().unwrap_or_default();
                wait = later.map(|(_, at)| until(at)).fold(wait, Duration::min);
                let past = waiting.iter().filter(|(_, at)| *at <= now);
                found.send_replace(past.map(|(kind, _)| kind.clone()).collect());
            }
            Err(cause) => tracing::error!(%cause, "the job queue"),
        }
        tokio::select! {
            _ = told.wait_for(|stop| *stop) => return,
            () = announced.heard() => {}
            () = worker.ended.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn work(worker: Arc<Worker>, mut due: watch::Receiver<Kinds>, mut told: watch::Receiver<bool>) {
    let mine = |kinds: &Kinds| kinds.iter().any(|k| worker.registry.handlers.contains_key(k.as_str()));
    while next_look(&mut due, &mut told).await {
        if !mine(&due.borrow_and_update()) {
            continue;
        }
        let mut ran = false;
        while !*told.borrow() {
            match worker.one_job(&told).await {
                Ok(true) => ran = true,
                Ok(false) => break,
                Err(cause) => {
                    tracing::error!(%cause, "the job queue");
                    pause(&mut told, FAULT).await;
                }
            }
        }
        if ran {
            worker.ended.notify_one();
        }
    }
}

/// Waits for the next look at what is due; false where told to stop.
async fn next_look(due: &mut watch::Receiver<Kinds>, told: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = told.wait_for(|stop| *stop) => false,
        looked = due.changed() => looked.is_ok(),
    }
}

/// Sleeps, jittered so that instances do not march in step; wakes up when told to stop.
async fn pause(told: &mut watch::Receiver<bool>, about: Duration) {
    tokio::select! {
        _ = told.wait_for(|stop| *stop) => {}
        () = tokio::time::sleep(jittered(about)) => {}
    }
}

fn jittered(about: Duration) -> Duration {
    let millis = u64::try_from(about.as_millis()).unwrap_or(u64::MAX).max(2);
    Duration::from_millis(rand::rng().random_range(millis - millis / 4..=millis))
}

impl Periodic {
    fn is_single(&self) -> bool {
        matches!(self.turns, Turns::Single)
    }

    /// It is never put off further; two clocks may be a second apart.
    fn furthest(&self) -> chrono::Duration {
        let every = chrono::Duration::from_std(self.every).unwrap_or(chrono::Duration::MAX);
        every.checked_add(&chrono::Duration::seconds(2)).unwrap_or(every)
    }
}

impl Worker {
    fn new(db: &Db, clock: &Clock, registry: Registry) -> Self {
        let (db, clock, ended) = (db.clone(), clock.clone(), Notify::new());
        Self { db, clock, registry, owner: Id::new(), ended }
    }

    /// Claims and runs one job; false where there is none due.
    async fn one_job(&self, told: &watch::Receiver<bool>) -> Result<bool> {
        let kinds: Vec<&'static str> = self.registry.handlers.keys().copied().collect();
        let Some(id) = claim::due(&self.db, kinds, self.clock.now()).await? else { return Ok(false) };
        // Another worker may have been quicker; there may be more.
        let Some(job) = claim::take(&self.db, id, self.owner, self.clock.now(), None).await? else {
            return Ok(true);
        };
        let Some(handler) = self.registry.handlers.get(job.kind.as_str()).cloned() else {
            return Err(Error::internal(format!("no handler for {}", job.kind)));
        };
        let ending = self.run(handler, job.clone(), told.clone()).await;
        metrics::counter!("jicai_jobs_total", "kind" => job.kind.clone(), "ending" => word(&ending))
            .increment(1);
        claim::end(&self.db, &job, self.owner, ending, self.clock.now()).await?;
        Ok(true)
    }

    async fn run(
        &self,
        handler: Work<JobContext, serde_json::Value>,
        job: Job,
        mut told: watch::Receiver<bool>,
    ) -> Ending {
        let context = JobContext {
            db: self.db.clone(),
            clock: self.clock.clone(),
            job: job.clone(),
            owner: self.owner,
        };
        let work = AssertUnwindSafe(async move { handler(context).await }).catch_unwind();
        let outcome = tokio::select! {
            outcome = work => outcome,
            () = self.keep_lease(job.id) => return Ending::Released,
            _ = told.wait_for(|stop| *stop) => return Ending::Released,
        };
        let error = match outcome {
            Ok(Ok(value)) => return Ending::Done(value.to_string()),
            Ok(Err(Error::Refused(refusal))) => return Ending::Failed(refusal.detail),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the handler panicked".into(),
        };
        tracing::error!(job = %job.id, kind = job.kind, attempt = job.attempts, cause = error, "a job failed");
        let seconds = 5 * i64::from(job.attempts).pow(3);
        let words = "平台处理该任务时出现异常，将自动重试；若最终未能完成，请联系平台运维人员。";
        Ending::Again(clock_plus(&self.clock, seconds), words.into())
    }

    /// Renews the lease again and again; returns when it was lost.
    async fn keep_lease(&self, id: Id) {
        loop {
            tokio::time::sleep(Duration::from_secs(LEASE_SECONDS.unsigned_abs() / 4)).await;
            match claim::renew(&self.db, id, self.owner, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(cause) => tracing::warn!(job = %id, %cause, "the lease could not be renewed"),
            }
        }
    }

    /// Runs a periodic task where it is due.
    async fn one_round(&self, name: &'static str, periodic: &Periodic) -> Result<()> {
        if !periodic.is_single() {
            return self.task(name, periodic).await;
        }
        let now = self.clock.now();
        let furthest = periodic.furthest();
        let Some(id) = claim::due_periodic(&self.db, name, now, furthest).await? else { return Ok(()) };
        let taken = claim::take(&self.db, id, self.owner, now, Some(furthest)).await?;
        if taken.is_none() {
            return Ok(());
        }
        let result = tokio::select! {
            result = self.task(name, periodic) => result,
            () = self.keep_lease(id) => return Ok(()),
        };
        let every = i64::try_from(periodic.every.as_secs()).unwrap_or(i64::MAX).max(1);
        let error = result.as_ref().err().map(ToString::to_string);
        claim::end_periodic(&self.db, id, self.owner, clock_plus(&self.clock, every), error).await?;
        self.ended.notify_one();
        result
    }

    async fn task(&self, name: &'static str, periodic: &Periodic) -> Result<()> {
        let context = TaskContext { db: self.db.clone(), clock: self.clock.clone(), name };
        let work = periodic.work.clone();
        AssertUnwindSafe(async move { work(context).await })
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(Error::internal("the task panicked")))
    }
}

async fn come_round(
    worker: Arc<Worker>,
    name: &'static str,
    periodic: Periodic,
    mut due: watch::Receiver<Kinds>,
    mut told: watch::Receiver<bool>,
) {
    let key = claim::periodic_key(name);
    let mut announced = match periodic.turns {
        Turns::Announced(work) => Some(worker.db.announced(work)),
        Turns::Single | Turns::Each => None,
    };
    while !*told.borrow() {
        if periodic.is_single() {
            if !next_look(&mut due, &mut told).await {
                return;
            }
            if !due.borrow_and_update().contains(&key) {
                continue;
            }
        }
        if let Some(announced) = &mut announced {
            announced.looking();
        }
        let round = tokio::select! {
            round = worker.one_round(name, &periodic) => round,
            _ = told.wait_for(|stop| *stop) => return,
        };
        if let Err(cause) = round {
            tracing::error!(task = name, %cause, "a periodic task failed");
            metrics::counter!("jicai_task_failures_total", "task" => name).increment(1);
        }
        if !periodic.is_single() {
            pause(&mut told, periodic.every).await;
        }
        if let Some(announced) = &mut announced {
            tokio::select! {
                _ = told.wait_for(|stop| *stop) => return,
                () = announced.heard() => {}
                () = tokio::time::sleep(jittered(worker.registry.net)) => {}
            }
        }
    }
}

fn word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done(_) => "done",
        Ending::Failed(_) => "failed",
        Ending::Again(..) => "again",
        Ending::Released => "released",
    }
}

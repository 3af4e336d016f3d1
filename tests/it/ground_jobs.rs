//! Jobs: progress, refusals, second tries, restarts, one instance at a time; staged rows.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use jicai::platform::clock::Clock;
use jicai::platform::db::{Db, Limits};
use jicai::platform::error::{Error, Refusal, Result};
use jicai::platform::jobs::{self, Job, JobState, NewJob, Registry, runner};
use jicai::platform::schema::job;
use jicai::platform::sql::Id;
use jicai::platform::staging;
use jicai::platform::who::OrgKind;
use serde_json::json;

use crate::support::both_engines;
use crate::support::people::{actor, organisation};

async fn enqueue(db: &Db, new: NewJob) -> Id {
    let now = Clock::default().now();
    db.write_unaudited("test.enqueue", move |c| jobs::enqueue(c, &new, now)).await.unwrap()
}

async fn job_of(db: &Db, id: Id) -> Job {
    db.read(move |c| Ok(job::table.find(id).select(Job::as_select()).first(c)?)).await.unwrap()
}

async fn a_job_runs_once_and_shows_its_progress(db: Db) {
    let organisation = organisation(&db, OrgKind::Manufacturer, 1).await;
    let new = NewJob {
        organisation: Some(organisation),
        total: Some(4),
        ..NewJob::new("test.count", json!({"to": 4}))
    };
    let id = enqueue(&db, new).await;
    let mut registry = Registry::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = seen.clone();
    registry.job("test.count", move |cx| {
        let watched = watched.clone();
        async move {
            #[derive(serde::Deserialize)]
            struct Payload {
                to: i64,
            }
            let to = cx.job.payload::<Payload>()?.to;
            for n in 1..=to {
                cx.progress(n, Some(to)).await?;
                let percent = job_of(&cx.db, cx.job.id).await.percent();
                watched.lock().unwrap().push(percent);
            }
            Ok(json!({"counted": to}))
        }
    });
    assert_eq!(runner::drain(&db, &Clock::default(), &registry).await.unwrap(), 1);
    assert_eq!(*seen.lock().unwrap(), [Some(25), Some(50), Some(75), Some(100)]);
    let done = db.read(move |c| jobs::find(c, organisation, id)).await.unwrap();
    assert_eq!((done.state, done.done, done.attempts), (JobState::Done, 4, 1));
    assert_eq!(done.result.as_deref(), Some(r#"{"counted":4}"#));
    assert!(done.finished_at.is_some() && done.lease_owner.is_none());
    assert_eq!(runner::drain(&db, &Clock::default(), &registry).await.unwrap(), 0, "once");
    let foreign = db.read(move |c| jobs::find(c, Id::new(), id)).await;
    assert!(matches!(foreign, Err(Error::Refused(r)) if r.status == 404));
}
both_engines!(a_job_runs_once_and_shows_its_progress);

async fn equal_keys_are_one_job(db: Db) {
    let new = || NewJob { dedup_key: Some("import:7".into()), ..NewJob::new("test.once", json!({})) };
    let ids = futures_util::future::join_all((0..16).map(|_| enqueue(&db, new()))).await;
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}
both_engines!(equal_keys_are_one_job);

async fn a_refusal_ends_a_job_and_a_fault_is_tried_five_times(db: Db) {
    let mut registry = Registry::default();
    registry.job("test.refused", |_| async {
        Err(Refusal::wrong_state("文件第 3 行的价格不对。").into())
    });
    registry.job("test.faulty", |_| async { Err(Error::internal("secret cause")) });
    registry.job("test.panics", |cx| async move {
        assert!(cx.job.attempts > 1, "the test wants this");
        Ok(json!("second time"))
    });
    let refused = enqueue(&db, NewJob::new("test.refused", json!({}))).await;
    let faulty = enqueue(&db, NewJob::new("test.faulty", json!({}))).await;
    let panics = enqueue(&db, NewJob::new("test.panics", json!({}))).await;
    let clock = Clock::default();
    for _ in 0..8 {
        runner::drain(&db, &clock, &registry).await.unwrap();
        clock.advance(chrono::Duration::hours(1));
    }
    let job = job_of(&db, refused).await;
    assert_eq!(
        (job.state, job.attempts, job.error.as_deref()),
        (JobState::Failed, 1, Some("文件第 3 行的价格不对。"))
    );
    let job = job_of(&db, faulty).await;
    assert_eq!((job.state, job.attempts), (JobState::Failed, 5));
    assert!(job.error.is_some_and(|e| !e.contains("secret")), "the cause goes to the log");
    let job = job_of(&db, panics).await;
    assert_eq!(
        (job.state, job.attempts, job.result.as_deref()),
        (JobState::Done, 2, Some("\"second time\""))
    );
}
both_engines!(a_refusal_ends_a_job_and_a_fault_is_tried_five_times);

/// The first instance is killed in the middle; another takes the job over when the lease has run out, and goes on where the
/// first stopped.
async fn a_job_survives_the_death_of_its_instance(db: Db) {
    let id = enqueue(&db, NewJob::new("test.long", json!({}))).await;
    let steps = Arc::new(Mutex::new(Vec::new()));
    let mut registry = Registry::default();
    let written = steps.clone();
    registry.job("test.long", move |cx| {
        let written = written.clone();
        async move {
            for step in cx.job.done + 1..=6 {
                written.lock().unwrap().push(step);
                cx.progress(step, Some(6)).await?;
                if step == 3 && cx.job.attempts == 1 {
                    std::future::pending::<()>().await;
                }
            }
            Ok(json!({}))
        }
    });
    let clock = Clock::default();
    // Dropped, not stopped: nothing is tidied up, as after kill -9.
    tokio::select! {
        ran = runner::drain(&db, &clock, &registry) => panic!("it ended: {ran:?}"),
        () = wait_until(|| async { job_of(&db, id).await.done == 3 }) => {}
    }
    assert_eq!(job_of(&db, id).await.state, JobState::Running);
    let second = Db::open(db.target(), Limits::default()).unwrap();
    assert_eq!(runner::drain(&second, &clock, &registry).await.unwrap(), 0, "leased");
    clock.advance(chrono::Duration::seconds(61));
    assert_eq!(runner::drain(&second, &clock, &registry).await.unwrap(), 1);
    assert_eq!(*steps.lock().unwrap(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(job_of(&db, id).await.state, JobState::Done);
}
both_engines!(a_job_survives_the_death_of_its_instance);

async fn an_instance_that_stops_gives_its_job_back(db: Db) {
    let id = enqueue(&db, NewJob::new("test.endless", json!({}))).await;
    let mut registry = Registry::default();
    registry.job("test.endless", |cx| async move {
        if cx.job.done == 0 {
            cx.progress(1, None).await?;
            std::future::pending::<()>().await;
        }
        Ok(json!({}))
    });
    let clock = Clock::default();
    let running = runner::start(&db, &clock, registry.clone(), 1).await.unwrap();
    wait_until(|| async { job_of(&db, id).await.done == 1 }).await;
    running.stop().await;
    let job = job_of(&db, id).await;
    assert_eq!((job.state, job.attempts), (JobState::Waiting, 0));
    assert_eq!(
        runner::drain(&db, &clock, &registry).await.unwrap(),
        1,
        "at once, without waiting for a lease"
    );
    assert_eq!(job_of(&db, id).await.state, JobState::Done);
}
both_engines!(an_instance_that_stops_gives_its_job_back);

async fn wait_until<F: Future<Output = bool>>(mut is_so: impl FnMut() -> F) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(60), "it never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Two servers with two workers each on one database: each job once; a single task never twice at a time.
async fn two_servers_run_each_job_once(db: Db) {
    const JOBS: usize = 40;
    let second = Db::open(db.target(), Limits::default()).unwrap();
    let ran: Arc<Mutex<Vec<Id>>> = Arc::default();
    let (at_once, overlaps, rounds) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut registry = Registry::default();
    let list = ran.clone();
    registry.job("test.many", move |cx| {
        let list = list.clone();
        async move {
            list.lock().unwrap().push(cx.job.id);
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(json!({}))
        }
    });
    let counters = (at_once.clone(), overlaps.clone(), rounds.clone());
    registry.every("test.single", Duration::from_secs(1), move |_| {
        let (at_once, overlaps, rounds) = counters.clone();
        async move {
            overlaps.fetch_add(at_once.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(30)).await;
            rounds.fetch_add(1, Ordering::SeqCst);
            at_once.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    });
    for n in 0..JOBS {
        enqueue(&db, NewJob::new("test.many", json!({"n": n}))).await;
    }
    let clock = Clock::default();
    let started = Instant::now();
    let one = runner::start(&db, &clock, registry.clone(), 2).await.unwrap();
    let two = runner::start(&second, &clock, registry, 2).await.unwrap();
    wait_until(|| async { ran.lock().unwrap().len() >= JOBS && rounds.load(Ordering::SeqCst) >= 2 }).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    one.stop().await;
    two.stop().await;
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
    let mut ids = ran.lock().unwrap().clone();
    assert_eq!(ids.len(), JOBS);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), JOBS, "each once");
    assert_eq!(overlaps.load(Ordering::SeqCst), 0, "never two at a time");
    assert!(
        rounds.load(Ordering::SeqCst) <= seconds + 1,
        "{} rounds in {seconds} s",
        rounds.load(Ordering::SeqCst)
    );
    let open: i64 = db
        .read(|c| {
            Ok(job::table
                .filter(job::kind.eq("test.many"))
                .filter(job::state.ne(JobState::Done))
                .count()
                .get_result(c)?)
        })
        .await
        .unwrap();
    assert_eq!(open, 0);
}
both_engines!(two_servers_run_each_job_once);

async fn a_task_that_fails_comes_round_again(db: Db) {
    let rounds = Arc::new(AtomicUsize::new(0));
    let counter = rounds.clone();
    let mut registry = Registry::default();
    registry.tick("test.shaky", Duration::from_millis(20), move |_| {
        let counter = counter.clone();
        async move {
            match counter.fetch_add(1, Ordering::SeqCst) {
                0 => Err(Error::internal("the test wants this")),
                1 => panic!("the test wants this"),
                _ => Ok(()),
            }
        }
    });
    let running = runner::start(&db, &Clock::default(), registry, 0).await.unwrap();
    wait_until(|| async { rounds.load(Ordering::SeqCst) >= 4 }).await;
    running.stop().await;
}
both_engines!(a_task_that_fails_comes_round_again);

fn numbered(from: i64, count: i64) -> Vec<String> {
    (from..from + count).map(|n| format!("{{\"n\":{n}}}")).collect()
}

async fn staged_rows_are_kept_in_chunks_and_swept(db: Db) {
    let clock = Clock::default();
    let id = enqueue(&db, NewJob::new("test.import", json!({}))).await;
    for chunk in 0..3 {
        staging::put(&db, id, chunk * 500 + 1, numbered(chunk * 500 + 1, 500)).await.unwrap();
    }
    // An interrupted job repeats its last chunk.
    staging::put(&db, id, 1001, numbered(1001, 500)).await.unwrap();
    assert_eq!(db.read(move |c| staging::count(c, id)).await.unwrap(), 1500);
    let page = db.read(move |c| staging::rows(c, id, 998, 4)).await.unwrap();
    let numbers: Vec<i64> = page.iter().map(|(n, _)| *n).collect();
    assert_eq!(numbers, [999, 1000, 1001, 1002]);
    assert_eq!(page[2].1, "{\"n\":1001}");
    assert!(staging::put(&db, id, 1, numbered(1, 501)).await.is_err(), "501 rows are no chunk");

    // Rows of a job that has yet to end stay; those of one that is gone go.
    let gone = Id::new();
    staging::put(&db, gone, 1, numbered(1, 500)).await.unwrap();
    assert_eq!(staging::sweep(&db, clock.now()).await.unwrap(), 1);
    assert_eq!(db.read(move |c| staging::count(c, gone)).await.unwrap(), 0);
    assert_eq!(db.read(move |c| staging::count(c, id)).await.unwrap(), 1500);

    // A job that was done waits a day for somebody to confirm its rows.
    let mut registry = Registry::default();
    registry.job("test.import", |_| async { Ok(json!({})) });
    runner::drain(&db, &clock, &registry).await.unwrap();
    assert_eq!(staging::sweep(&db, clock.now()).await.unwrap(), 0);
    clock.advance(chrono::Duration::hours(25));
    assert_eq!(staging::sweep(&db, clock.now()).await.unwrap(), 1);
    assert_eq!(db.read(move |c| staging::count(c, id)).await.unwrap(), 0);
}
both_engines!(staged_rows_are_kept_in_chunks_and_swept);

/// A job stored in a write that is refused was never asked for.
async fn a_refused_write_asks_for_no_job(db: Db) {
    let refused: Result<()> = db
        .write(&actor(), |tx| {
            let now = tx.now();
            jobs::enqueue(tx.conn, &NewJob::new("test.never", json!({})), now)?;
            Err(Refusal::wrong_state("不可以").into())
        })
        .await;
    assert!(refused.is_err());
    let count: i64 = db.read(|c| Ok(job::table.count().get_result(c)?)).await.unwrap();
    assert_eq!(count, 0);
}
both_engines!(a_refused_write_asks_for_no_job);

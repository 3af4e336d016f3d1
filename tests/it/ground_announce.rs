//! Work that is due is announced, so that an instance with nothing to do asks next to nothing.

use std::time::{Duration, Instant};

use jicai::accounts::keys::Keys;
use jicai::cli::instance;
use jicai::platform::clock::Clock;
use jicai::platform::config::Config;
use jicai::platform::db::{Db, Limits, Work};
use jicai::platform::error::{Refusal, Result};
use jicai::platform::http::Site;
use jicai::platform::jobs::{self, NewJob, Registry, runner};
use jicai::platform::outbox::sender::Sender;
use jicai::platform::outbox::worker::{self, Mailer};
use jicai::platform::outbox::{self, Letter, Topic};
use jicai::platform::sql::Target;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use crate::support::people::actor;
use crate::support::statements::Watch;
use crate::support::{TestDb, both_engines};

/// An instance of these tests looks so seldom by itself that only an announcement explains what it does.
const NET: Duration = Duration::from_secs(3600);
/// Enough for the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A registry whose jobs and mails are told of.
fn telling(told: &mpsc::UnboundedSender<&'static str>) -> Registry {
    let mut registry = Registry::default();
    registry.look_every(NET);
    let of_jobs = told.clone();
    registry.job("test.told", move |_| {
        let told = of_jobs.clone();
        async move {
            told.send("job").expect("the test listens");
            Ok(json!({}))
        }
    });
    let mailer = Mailer {
        sender: Sender::memory(),
        from: "集中采购平台 <noreply@jicai.test>".parse().expect("a mailbox"),
        origin: "https://jicai.test".into(),
    };
    let of_mails = told.clone();
    registry.when(Work::Mail, "test.mail", Duration::from_millis(50), move |cx| {
        let (told, mailer) = (of_mails.clone(), mailer.clone());
        async move {
            if worker::run(&cx.db, &cx.clock, &mailer).await? > 0 {
                told.send("mail").expect("the test listens");
            }
            Ok(())
        }
    });
    registry
}

async fn ask_for_a_job(db: &Db) {
    let now = Clock::default().now();
    db.write_unaudited("test.job", move |c| jobs::enqueue(c, &NewJob::new("test.told", json!({})), now))
        .await
        .unwrap();
}

async fn ask_for_a_mail(db: &Db) {
    let letter = Letter {
        subject: "订单待确认".into(),
        text: "您好，有一张订单待确认。".into(),
        html: "<p>您好，有一张订单待确认。</p>".into(),
        kind: Topic::Order,
        due: None,
        link: "/orders/7".into(),
    };
    db.write(&actor(), move |tx| {
        outbox::mail(tx, "li.si@supplier.test", &letter)?;
        tx.note("test.mail", "test", jicai::platform::sql::Id::new(), &json!({}))
    })
    .await
    .unwrap();
}

/// Until whatever begins with an instance has been done: nothing is asked for so long.
async fn settled(watch: &Watch, quiet: Duration) {
    let started = Instant::now();
    loop {
        let before = watch.count();
        tokio::time::sleep(quiet).await;
        if watch.count() == before {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "it never comes to rest");
    }
}

/// `asks` works on the database of the instance on `db`, through the same doors or as another process.
async fn told_at_once(watch: &Watch, db: &Db, asks: &Db) {
    let (told, mut heard) = mpsc::unbounded_channel();
    let running = runner::start(db, &Clock::default(), telling(&told), 2).await.unwrap();
    settled(watch, Duration::from_secs(1)).await;
    for _ in 0..2 {
        ask_for_a_job(asks).await;
        assert_eq!(tokio::time::timeout(PATIENCE, heard.recv()).await, Ok(Some("job")));
        ask_for_a_mail(asks).await;
        assert_eq!(tokio::time::timeout(PATIENCE, heard.recv()).await, Ok(Some("mail")));
    }
    running.stop().await;
}

async fn a_job_and_a_mail_start_when_they_are_asked_for(db: Db) {
    let (watch, db) = Watch::anew(&db);
    told_at_once(&watch, &db, &db).await;
}
both_engines!(a_job_and_a_mail_start_when_they_are_asked_for);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_they_start_also_in_another_process() {
    let Some(test) = TestDb::postgres() else { return };
    let watch = Watch::over(test.target());
    let (db, other) = (test.open(), test.open());
    told_at_once(&watch, &db, &other).await;
}

/// A command that ends with its write says so before it goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_words_of_a_process_are_heard() {
    let Some(test) = TestDb::postgres() else { return };
    let watch = Watch::over(test.target());
    let db = test.open();
    let (told, mut heard) = mpsc::unbounded_channel();
    let running = runner::start(&db, &Clock::default(), telling(&told), 1).await.unwrap();
    settled(&watch, Duration::from_secs(1)).await;
    let command = Db::open(test.target(), Limits::default()).unwrap();
    ask_for_a_job(&command).await;
    drop(command);
    assert_eq!(tokio::time::timeout(PATIENCE, heard.recv()).await, Ok(Some("job")));
    running.stop().await;
}

async fn what_was_refused_is_not_announced(db: Db) {
    let (mut job, mut mail) = (db.announced(Work::Job), db.announced(Work::Mail));
    if matches!(db.target(), Target::Postgres(_)) {
        // Whoever begins to listen looks once at everything.
        tokio::time::timeout(PATIENCE, async { (job.heard().await, mail.heard().await) }).await.unwrap();
    }
    let refused: Result<()> = db
        .write(&actor(), |tx| {
            let now = tx.now();
            jobs::enqueue(tx.conn, &NewJob::new("test.never", json!({})), now)?;
            Err(Refusal::wrong_state("不可以").into())
        })
        .await;
    assert!(refused.is_err());
    ask_for_a_mail(&db).await;
    tokio::time::timeout(PATIENCE, mail.heard()).await.expect("the mail");
    let nothing = tokio::time::timeout(Duration::from_millis(1), job.heard()).await;
    assert!(nothing.is_err(), "a job that was never asked for");
    ask_for_a_job(&db).await;
    tokio::time::timeout(PATIENCE, job.heard()).await.expect("the job");
}
both_engines!(what_was_refused_is_not_announced);

/// The whole instance as `serve` starts it: at most two statements a second, those around transactions among them.
async fn an_idle_server_asks_at_most_twice_a_second(db: Db) {
    const SECONDS: u64 = 10;
    let (watch, db) = Watch::anew(&db);
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("test.key");
    Keys::load_or_create(&key).unwrap();
    let variables =
        [("JICAI_SERVER_BIND", "127.0.0.1:0".to_owned()), ("JICAI_KEYS_FILE", key.display().to_string())]
            .map(|(name, value)| (name.to_owned(), value));
    let config = Config::from_parts(Some("[metrics]\nbind = \"\"\n"), &variables).unwrap();
    let site = Site::default();
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, is_ready) = oneshot::channel();
    let running = tokio::spawn(async move {
        let ready = |address| ready.send(address).expect("the test listens");
        let stop = async { drop(stopped.await) };
        instance::run(&config, db, site, ready, stop).await
    });
    is_ready.await.expect("it starts");
    settled(&watch, Duration::from_secs(2)).await;
    watch.take();
    tokio::time::sleep(Duration::from_secs(SECONDS)).await;
    let asked = watch.take();
    stop.send(()).expect("it runs");
    running.await.unwrap().unwrap();
    let most = usize::try_from(2 * SECONDS + 4).unwrap();
    assert!(asked.len() <= most, "{} statements in {SECONDS} idle seconds: {asked:#?}", asked.len());
}
both_engines!(an_idle_server_asks_at_most_twice_a_second);

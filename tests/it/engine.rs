//! The two doors of the database under fault: no audit entry, panic, full disk, kill −9.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use jicai::platform::clock::Clock;
use jicai::platform::db::{Actor, Db, Limits, Tx, migrate};
use jicai::platform::error::{Error, Refusal, Result};
use jicai::platform::schema::{audit_entry, setting};
use jicai::platform::sql::{AnyConn, Id, Target, Time};
use serde_json::json;

use crate::support::{TestDb, both_engines};

fn actor() -> Actor {
    Actor::system("engine test", Clock::default().now())
}

fn put(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    diesel::insert_into(setting::table)
        .values((setting::key.eq(key), setting::value.eq(value)))
        .execute(tx.conn)?;
    tx.note("test.put", "setting", Id::new(), &json!({ "key": key }))
}

async fn keys(db: &Db) -> BTreeSet<String> {
    db.read(|c| Ok(setting::table.filter(setting::key.like("t%")).select(setting::key).load::<String>(c)?))
        .await
        .expect("read")
        .into_iter()
        .collect()
}

async fn a_write_without_an_audit_entry_is_rolled_back(db: Db) {
    let silent = db
        .write(&actor(), |tx| {
            diesel::insert_into(setting::table)
                .values((setting::key.eq("t-silent"), setting::value.eq("x")))
                .execute(tx.conn)?;
            Ok(())
        })
        .await;
    assert!(matches!(silent, Err(Error::Internal(_))), "{silent:?}");
    db.write(&actor(), |tx| put(tx, "t-audited", "x")).await.expect("an audited write is kept");
    assert_eq!(keys(&db).await, BTreeSet::from(["t-audited".to_owned()]));
    let entries: i64 = db.read(|c| Ok(audit_entry::table.count().get_result(c)?)).await.expect("count");
    assert_eq!(entries, 1);
}
both_engines!(a_write_without_an_audit_entry_is_rolled_back);

async fn a_write_that_only_reads_needs_no_entry(db: Db) {
    let n: i64 =
        db.write(&actor(), |tx| Ok(setting::table.count().get_result(tx.conn)?)).await.expect("reads");
    assert!(n >= 0);
}
both_engines!(a_write_that_only_reads_needs_no_entry);

/// Of many concurrent writes some panic, some refuse, some break a constraint: each gets its own answer, the others are kept.
async fn one_bad_closure_harms_nobody_else(db: Db) {
    db.write(&actor(), |tx| put(tx, "t-taken", "x")).await.expect("first");
    let mut running = Vec::new();
    for i in 0..60 {
        let db = db.clone();
        running.push(tokio::spawn(async move {
            let answer = db
                .write(&actor(), move |tx| {
                    let key = if i % 5 == 4 { "t-taken".to_owned() } else { format!("t{i:02}") };
                    put(tx, &key, "x")?;
                    match i % 5 {
                        1 => panic!("the test wants this"),
                        2 => Err(Refusal::field("/x", "不可以").into()),
                        _ => Ok(i),
                    }
                })
                .await;
            (i, answer)
        }));
    }
    let mut expected = BTreeSet::from(["t-taken".to_owned()]);
    for task in running {
        let (i, answer) = task.await.expect("the caller does not panic");
        match (i % 5, answer) {
            (0 | 3, Ok(_)) => {
                expected.insert(format!("t{i:02}"));
            }
            (1, Err(Error::Internal(_))) | (2, Err(Error::Refused(_))) => {}
            (4, Err(e)) if e.is_unique_violation() => {}
            (kind, other) => panic!("write {i} of kind {kind} was answered {other:?}"),
        }
    }
    assert_eq!(keys(&db).await, expected);
}
both_engines!(one_bad_closure_harms_nobody_else);

/// Nobody who was told yes is missing, nobody who was told no is present, and service goes on when there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().expect("tempdir");
    let target = Target::Sqlite(dir.path().join("full.sqlite"));
    migrate::run(&target).expect("migrate");
    let db = Db::open(&target, Limits::default()).expect("open");
    let limit = 40 + pages(&db).await;
    let mut running = Vec::new();
    for i in 0..120 {
        let db = db.clone();
        running.push(tokio::spawn(async move {
            let key = format!("t{i:03}");
            let wanted = key.clone();
            let answer = db
                .write(&actor(), move |tx| {
                    // Every closure sets the limit, because a poisoned batch goes on with a new connection.
                    tx.conn.batch_execute(&format!("PRAGMA max_page_count = {limit}"))?;
                    put(tx, &key, &"x".repeat(6000))
                })
                .await;
            (wanted, answer)
        }));
    }
    let (mut kept, mut refused) = (BTreeSet::new(), 0);
    for task in running {
        match task.await.expect("no panic") {
            (key, Ok(())) => {
                kept.insert(key);
            }
            (_, Err(Error::Internal(_) | Error::Database(_))) => refused += 1,
            (_, Err(other)) => panic!("{other:?}"),
        }
    }
    assert!(!kept.is_empty() && refused > 0, "kept {}, refused {refused}", kept.len());
    assert_eq!(keys(&db).await, kept);

    db.write(&actor(), |tx| {
        tx.conn.batch_execute("PRAGMA max_page_count = 1000000")?;
        put(tx, "t-after", "x")
    })
    .await
    .expect("service goes on");
    kept.insert("t-after".into());
    assert_eq!(keys(&db).await, kept);
}

#[derive(diesel::QueryableByName)]
struct PageCount {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    page_count: i64,
}

async fn pages(db: &Db) -> i64 {
    db.read(|c| match c {
        AnyConn::Sqlite(c) => {
            Ok(diesel::sql_query("PRAGMA page_count").get_result::<PageCount>(c)?.page_count)
        }
        AnyConn::Pg(_) => unreachable!("an SQLite test"),
    })
    .await
    .expect("page_count")
}

const CHILD: &str = "JICAI_TEST_ENGINE_CHILD";

/// The child of the next test: writes for ever and says on standard output what was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_that_writes_until_killed() {
    let Ok(url) = std::env::var(CHILD) else {
        // Run by itself it has nothing to do; the parent runs it with the variable set.
        return;
    };
    let db = Db::open(&Target::parse(&url).expect("url"), Limits::default()).expect("open");
    let writers: Vec<_> = (0..32)
        .map(|w| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..100_000 {
                    let (key, refuse) = (format!("t-{w}-{n}"), n % 3 == 2);
                    let inside = key.clone();
                    let answer = db
                        .write(&actor(), move |tx| {
                            put(tx, &inside, "x")?;
                            if refuse { Err(Refusal::field("/x", "不可以").into()) } else { Ok(()) }
                        })
                        .await;
                    println!("{} {key}", if answer.is_ok() { "KEPT" } else { "REFUSED" });
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("writer");
    }
}

async fn kill_minus_nine_loses_nothing_that_was_acknowledged(db: Db) {
    let url = match db.target() {
        Target::Postgres(url) => url.clone(),
        Target::Sqlite(path) => format!("sqlite:{}", path.display()),
    };
    let mut child = Command::new(std::env::current_exe().expect("exe"))
        .args(["--exact", "engine::child_that_writes_until_killed", "--nocapture"])
        .env(CHILD, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("child");
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    for line in lines.by_ref() {
        let line = line.expect("utf-8");
        match line.split_once(' ') {
            Some(("KEPT", key)) => kept.push(key.to_owned()),
            Some(("REFUSED", key)) => refused.push(key.to_owned()),
            _ => {}
        }
        if kept.len() >= 300 && refused.len() >= 50 {
            break;
        }
    }
    child.kill().expect("kill");
    child.wait().expect("wait");
    assert!(kept.len() >= 300, "the child said too little: {} kept", kept.len());
    let present = keys(&db).await;
    let missing: Vec<_> = kept.iter().filter(|k| !present.contains(*k)).collect();
    let ghosts: Vec<_> = refused.iter().filter(|k| present.contains(*k)).collect();
    assert!(
        missing.is_empty() && ghosts.is_empty(),
        "missing {missing:?}, present though refused {ghosts:?}"
    );
    db.write(&actor(), |tx| put(tx, "t-after", "x")).await.expect("service goes on");
}
both_engines!(kill_minus_nine_loses_nothing_that_was_acknowledged);

/// Added without looking first: on PostgreSQL only the retry of serialization failures keeps the sum right.
async fn concurrent_writers_of_one_row_lose_no_update(db: Db) {
    db.write(&actor(), |tx| put(tx, "t-sum", "0")).await.expect("first");
    let running: Vec<_> = (0..64)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(&actor(), |tx| {
                    let old: String = setting::table.find("t-sum").select(setting::value).first(tx.conn)?;
                    let new = old.parse::<i64>().expect("a number") + 1;
                    diesel::update(setting::table.find("t-sum"))
                        .set(setting::value.eq(new.to_string()))
                        .execute(tx.conn)?;
                    tx.note("test.add", "setting", Id::new(), &json!({ "sum": new }))
                })
                .await
            })
        })
        .collect();
    for task in running {
        task.await.expect("no panic").expect("no failure");
    }
    let sum: String =
        db.read(|c| Ok(setting::table.find("t-sum").select(setting::value).first(c)?)).await.expect("read");
    assert_eq!(sum, "64");
}
both_engines!(concurrent_writers_of_one_row_lose_no_update);

/// Both read before either writes, so that the server cannot order them: one runs again, and that is counted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_met_another_runs_again_and_is_counted() {
    let Some(test) = crate::support::TestDb::postgres() else { return };
    let metrics = jicai::platform::metrics::recorder().expect("recorder");
    let db = test.open();
    db.write(&actor(), |tx| put(tx, "t-sum", "0")).await.expect("first");
    let (meet, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
    let running: Vec<_> = (0..2)
        .map(|_| {
            let (db, meet, runs) = (db.clone(), meet.clone(), runs.clone());
            tokio::spawn(async move {
                db.write(&actor(), move |tx| {
                    let old: String = setting::table.find("t-sum").select(setting::value).first(tx.conn)?;
                    if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                        meet.wait();
                    }
                    let new = old.parse::<i64>().expect("a number") + 1;
                    diesel::update(setting::table.find("t-sum"))
                        .set(setting::value.eq(new.to_string()))
                        .execute(tx.conn)?;
                    tx.note("test.add", "setting", Id::new(), &json!({ "sum": new }))
                })
                .await
            })
        })
        .collect();
    for task in running {
        task.await.expect("no panic").expect("no failure");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 3);
    let sum: String =
        db.read(|c| Ok(setting::table.find("t-sum").select(setting::value).first(c)?)).await.expect("read");
    assert_eq!(sum, "2");
    assert!(metrics.render().contains("jicai_db_retries_total"), "retries are counted");
}

/// The server and an import by command: two programs on one file, each with a writer of its own.
#[tokio::test(flavor = "multi_thread")]
async fn two_programs_write_in_turn_on_the_embedded_database() {
    let test = TestDb::sqlite();
    let (server, command) = (test.open(), test.open());
    let import = tokio::spawn(async move {
        for n in 0..20 {
            let chunk = move |tx: &mut Tx| {
                std::thread::sleep(std::time::Duration::from_millis(20));
                put(tx, &format!("t-import-{n:02}"), "x")
            };
            command.write(&actor(), chunk).await.expect("a chunk");
        }
    });
    for n in 0..20 {
        server.write(&actor(), move |tx| put(tx, &format!("t-order-{n:02}"), "x")).await.expect("an order");
    }
    import.await.expect("no panic");
    assert_eq!(keys(&server).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_while_another_program_holds_the_lock() {
    let test = TestDb::sqlite();
    let db = test.open();
    let mut other = test.target().open().expect("connection");
    other.batch_execute("BEGIN IMMEDIATE").expect("lock");
    let waiting = tokio::spawn({
        let db = db.clone();
        async move { db.write(&actor(), |tx| put(tx, "t-waited", "x")).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(keys(&db).await.is_empty(), "it goes in only when the lock is free");
    other.batch_execute("COMMIT").expect("free");
    waiting.await.expect("no panic").expect("it was kept");
    assert_eq!(keys(&db).await, BTreeSet::from(["t-waited".to_owned()]));
}

#[test]
fn a_database_url_is_never_guessed() {
    let sqlite = |p: &str| Ok(Target::Sqlite(p.into()));
    assert_eq!(Target::parse("sqlite:data/jicai.sqlite"), sqlite("data/jicai.sqlite"));
    assert_eq!(Target::parse("sqlite:///var/lib/j.sqlite"), sqlite("/var/lib/j.sqlite"));
    assert!(matches!(Target::parse("postgresql://u@h/d"), Ok(Target::Postgres(_))));
    for wrong in [
        "postgress://u:secret@h/d",
        "jicai.sqlite",
        "",
        "sqlite:",
        "sqlite::memory:",
        "mysql://h/d",
        "postgres:h",
    ] {
        let sentence = Target::parse(wrong).expect_err(wrong);
        assert!(sentence.contains("DATABASE_URL") && sentence.contains("sqlite:"), "{sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

/// The platform writes instants into SQLite by itself: to the letter what diesel would write, or they would not compare.
#[tokio::test]
async fn instants_in_sqlite_are_written_as_diesel_writes_them() {
    let test = crate::support::TestDb::sqlite();
    let mut conn = test.target().open().unwrap();
    let AnyConn::Sqlite(conn) = &mut conn else { panic!("SQLite") };
    for micros in [
        0,
        1,
        999_999,
        1_000_000,
        1_234_000,
        1_722_819_600_120_000,
        1_722_819_600_000_001,
        -1,
        -86_400_000_000,
    ] {
        let at = chrono::DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
        let select = |value: &str| format!("SELECT {value} AS text");
        let theirs =
            diesel::sql_query(select("?")).bind::<Timestamp, _>(at).get_result::<Written>(conn).unwrap();
        let ours = diesel::sql_query(select("?"))
            .bind::<Timestamp, _>(Time(at))
            .get_result::<Written>(conn)
            .unwrap();
        assert_eq!(ours.text, theirs.text);
        assert!(ours.text.len() >= 19, "{}", ours.text);
    }
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = Text)]
    text: String,
}

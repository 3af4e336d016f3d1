//! What attackers and bad days do to the ground: figures without end, U+0000, faults told as slips, a full disk, a server that
//! goes away, a clock that jumps, restarts without end.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jicai::accounts::keys::Keys;
use jicai::cli::instance;
use jicai::platform::audit;
use jicai::platform::clock::Clock;
use jicai::platform::config::Config;
use jicai::platform::db::{Actor, Db, Limits, migrate};
use jicai::platform::error::Error;
use jicai::platform::http::Site;
use jicai::platform::jobs::{Registry, runner};
use jicai::platform::schema::{job, setting};
use jicai::platform::sheet;
use jicai::platform::sql::{AnyConn, Id, Target};
use jicai::platform::{health, metrics as metrics_page};
use serde_json::json;
use tokio::sync::oneshot;

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test, both_engines};

/// F1: whatever methods a stranger invents, the figures name the known ones and one for all others.
async fn invented_methods_make_no_series(app: &TestApp) {
    let figures = metrics_page::recorder().expect("the recorder");
    let stranger = app.api(Who::Anonymous).await;
    for n in 0..1000 {
        stranger.send(stranger.request(&format!("INVENTED{n}"), "/healthz")).await;
    }
    let page = figures.render();
    let series = page.lines().filter(|line| line.starts_with("jicai_http_requests_total"));
    let methods: BTreeSet<&str> = series
        .filter_map(|line| line.split_once("method=\"")?.1.split_once('"').map(|(name, _)| name))
        .collect();
    let known = BTreeSet::from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"]);
    assert!(methods.contains("other") && methods.is_subset(&known), "{methods:?}");
    assert!(!page.contains("INVENTED"));
}
app_test!(invented_methods_make_no_series);

/// F7: refused once, wherever text is read.
async fn the_empty_character_is_refused_where_text_is_read(app: &TestApp) {
    let stranger = app.api(Who::Anonymous).await;
    let login = r#"{"login":"hospi\u0000tal","password":"x"}"#;
    stranger.raw("POST", "/api/v1/tokens", login).await.problem(400, "UNREADABLE");
    // A backslash before it makes it six plain characters.
    let plain = r#"{"login":"hospi\\u0000tal","password":"x"}"#;
    stranger.raw("POST", "/api/v1/tokens", plain).await.problem(401, "LOGIN_FAILED");
    let mine = app.api(Who::Hospital).await;
    for address in ["/api/v1/orders?q=%00", "/api/v1/products?q=a%00b", "/api/v1/policies/a%00b"] {
        mine.get(address).await.problem(400, "UNREADABLE");
    }
    let cursor = URL_SAFE_NO_PAD.encode(br#"["a\u0000b","0190a5a0-0000-7000-8000-000000000001"]"#);
    let answer = app.api(Who::Officer).await.get(&format!("/api/v1/organisations?after={cursor}")).await;
    answer.problem(422, "INVALID");
    let portal = app.portal(Who::Hospital).await;
    portal.get("/orders?q=%00").await.expect(400);
    portal.form("/account/password", &[("old", "a\0b"), ("password", "x")]).await.expect(400);
    let visitor = app.visitor().await;
    visitor.form("/login", &[("login", "a\0b"), ("password", "x")]).await.expect(400);
    let file: &[u8] = b"%PDF-1.4 something";
    let mine = app.portal(Who::Officer).await;
    mine.upload("/imports", &[("kind", "a\0b")], &[("sheet", "a.csv", file)]).await.expect(400);
}
app_test!(the_empty_character_is_refused_where_text_is_read);

#[test]
fn a_sheet_with_the_empty_character_is_refused() {
    let bytes = "药品名称,价格\n阿莫\0西林,5.80\n".as_bytes();
    let read = sheet::Book::open("/sheet", bytes, sheet::Limits::default())
        .and_then(|mut book| book.read(0, &mut |_| Ok(true)));
    assert!(matches!(read, Err(Error::Refused(no)) if no.status == 422 && no.detail.contains("第 2 行")));
}

/// F5: a fault of the database stays one.
async fn a_fault_of_the_database_is_not_told_as_a_slip(app: &TestApp) {
    let shop = Shop::open(app).await;
    let order = json!({
        "supplier_id": app.organisation(Who::Distributor).id, "address_id": shop.address.id,
        "wanted_on": "2024-08-20", "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 10 }],
    });
    let mut wrong = order.clone();
    wrong["address_id"] = json!(Id::new());
    let mine = app.api(Who::Hospital).await;
    mine.post("/api/v1/orders", &wrong).await.problem(422, "INVALID");
    app.db
        .write_unaudited("test", |c| {
            c.batch_execute("ALTER TABLE delivery_address RENAME TO not_there")?;
            Ok(())
        })
        .await
        .expect("renamed");
    mine.post("/api/v1/orders", &order).await.problem(500, "INTERNAL");
    app.take_mails().await;
}
app_test!(a_fault_of_the_database_is_not_told_as_a_slip);

/// F15: nobody else on the machine reads the embedded database.
#[tokio::test]
async fn the_embedded_database_is_its_owners_alone() {
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    let dir = tempfile::tempdir().expect("tempdir");
    let path = dir.path().join("fresh.sqlite");
    migrate::run(&Target::Sqlite(path.clone())).expect("migrate");
    assert_eq!(mode(&path), 0o600);
    // One that an earlier version made.
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("mode");
    let db = Db::open(&Target::Sqlite(path.clone()), Limits::default()).expect("open");
    health::ready(&db).await.expect("it writes");
    for ending in ["", "-wal", "-shm"] {
        let file = dir.path().join(format!("fresh.sqlite{ending}"));
        assert_eq!(mode(&file), 0o600, "{ending}");
    }
}

/// F8: an instance that cannot write is not ready, and is asked once a second at most.
async fn ready_means_that_writes_are_kept(db: Db) {
    health::ready(&db).await.expect("ready");
    let full = match db.target() {
        Target::Sqlite(_) => {
            "CREATE TRIGGER full BEFORE UPDATE ON setting BEGIN SELECT RAISE(FAIL, 'full'); END"
        }
        Target::Postgres(_) => {
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''full''; END';
             CREATE TRIGGER full_disk BEFORE UPDATE ON setting FOR EACH ROW EXECUTE FUNCTION full_disk()"
        }
    };
    db.write_unaudited("test", move |c| Ok(c.batch_execute(full)?)).await.expect("trigger");
    for _ in 0..20 {
        health::ready(&db).await.expect("as a moment ago");
    }
    tokio::time::sleep(Duration::from_millis(1100)).await;
    health::ready(&db).await.expect_err("nothing can be written");
}
both_engines!(ready_means_that_writes_are_kept);

/// All connections to the database of the test break off; on PostgreSQL alone.
fn cut(db: &Db, allow: bool) {
    let Target::Postgres(url) = db.target() else { return };
    let (server, rest) = url.rsplit_once('/').expect("a database");
    let name = rest.split('?').next().expect("a name");
    let query = rest.strip_prefix(name).expect("a query");
    let mut admin = PgConnection::establish(&format!("{server}/postgres{query}")).expect("the server");
    let sql = format!(
        "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {allow};
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    for statement in sql.split(';') {
        admin.batch_execute(statement).expect("as superuser");
    }
}

/// F17: connections that died while nobody used them are replaced before anybody meets them.
async fn a_server_that_was_started_anew_is_met_without_a_failure(db: Db) {
    let ask = || async {
        db.read(|c| Ok(setting::table.count().get_result::<i64>(c)?)).await.expect("reads");
        db.write_unaudited("test", |c| Ok(diesel::delete(setting::table.find("none")).execute(c)?))
            .await
            .expect("writes");
    };
    futures_util::future::join_all((0..20).map(|_| ask())).await;
    cut(&db, true);
    tokio::time::sleep(Duration::from_millis(300)).await;
    futures_util::future::join_all((0..20).map(|_| ask())).await;
}
both_engines!(a_server_that_was_started_anew_is_met_without_a_failure);

/// F17: a server that is away is told as such, and waited for once.
async fn a_lost_server_is_503_and_one_wait(app: &TestApp) {
    let page = app.portal(Who::Hospital).await;
    page.get("/orders").await.expect(200);
    if matches!(app.db.target(), Target::Sqlite(_)) {
        return;
    }
    cut(&app.db, false);
    let begun = Instant::now();
    for _ in 0..5 {
        let answer = page.get("/orders").await.expect(503);
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    cut(&app.db, true);
    let until = Instant::now() + Duration::from_secs(20);
    while page.get("/orders").await.status != 200 {
        assert!(Instant::now() < until, "it does not come back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
app_test!(a_lost_server_is_503_and_one_wait);

/// A deadlock is told by its code, whatever language the server speaks, and the write runs again.
async fn a_deadlock_in_chinese_runs_again(db: Db) {
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let write = db.write_unaudited("test.deadlock", move |c| {
        if counted.fetch_add(1, Ordering::SeqCst) == 0
            && let AnyConn::Pg(c) = c
        {
            c.batch_execute("DO $$ BEGIN RAISE EXCEPTION '检测到死锁' USING ERRCODE = '40P01'; END $$")?;
        }
        Ok(())
    });
    write.await.expect("the second run");
    let expected = if matches!(db.target(), Target::Postgres(_)) { 2 } else { 1 };
    assert_eq!(runs.load(Ordering::SeqCst), expected);
}
both_engines!(a_deadlock_in_chinese_runs_again);

/// F10: what a clock that was a day ahead put off is due at once when it is right again.
async fn a_clock_that_jumps_and_comes_back_stops_nothing(db: Db) {
    let clock = Clock::default();
    clock.jump(chrono::Duration::days(1));
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = runs.clone();
    let mut registry = Registry::default();
    registry.look_every(Duration::from_millis(100));
    registry.every("test.task", Duration::from_secs(60), move |_| {
        let counted = counted.clone();
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    });
    let came_to = |n: usize| {
        let runs = runs.clone();
        async move {
            let until = Instant::now() + Duration::from_secs(20);
            while runs.load(Ordering::SeqCst) < n {
                assert!(Instant::now() < until, "run {n} does not come");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let running = runner::start(&db, &clock, registry, 1).await.expect("it starts");
    came_to(1).await;
    clock.jump(chrono::Duration::days(-1));
    came_to(2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2, "the next is due in a minute");
    running.stop().await;
}
both_engines!(a_clock_that_jumps_and_comes_back_stops_nothing);

/// F10: failures while the clock was ahead lock nobody out for a day.
async fn limits_do_not_look_at_the_machines_clock(app: &TestApp) {
    let stranger = app.api(Who::Anonymous).await;
    let wrong = json!({ "login": "nobody", "password": "x" });
    app.clock.jump(chrono::Duration::days(1));
    for _ in 0..5 {
        stranger.json("POST", "/api/v1/tokens", &wrong).await.problem(401, "LOGIN_FAILED");
    }
    app.clock.jump(chrono::Duration::days(-1));
    let right = json!({ "login": "hospital", "password": crate::support::app::PASSWORD });
    stranger.json("POST", "/api/v1/tokens", &right).await.expect(201);
    // The lock of the name ended with the jump.
    stranger.json("POST", "/api/v1/tokens", &wrong).await.problem(401, "LOGIN_FAILED");
}
app_test!(limits_do_not_look_at_the_machines_clock);

/// F16: an instance that is started anew before its turn comes seals all the same.
async fn an_instance_seals_when_it_starts(db: Db) {
    let clock = Clock::default();
    let actor = Actor::system("test", clock.now());
    db.write(&actor, |tx| tx.note("test.note", "setting", Id::new(), &json!({}))).await.expect("an entry");
    // As an instance leaves it that was killed a moment ago.
    let later = clock.now().plus(chrono::Duration::seconds(50));
    let registry = {
        let mut registry = Registry::default();
        registry.every("audit.seal", Duration::from_secs(60), |_| async { Ok(()) });
        registry
    };
    runner::start(&db, &clock, registry, 1).await.expect("a first start").stop().await;
    db.write_unaudited("test", move |c| {
        let row = job::table.filter(job::dedup_key.eq("periodic:audit.seal"));
        diesel::update(row).set(job::run_after.eq(later)).execute(c)?;
        Ok(())
    })
    .await
    .expect("put off");
    let dir = tempfile::tempdir().expect("tempdir");
    let key = dir.path().join("test.key");
    Keys::load_or_create(&key).expect("a key");
    let variables =
        [("JICAI_SERVER_BIND", "127.0.0.1:0".to_owned()), ("JICAI_KEYS_FILE", key.display().to_string())]
            .map(|(name, value)| (name.to_owned(), value));
    let config = Config::from_parts(Some("[metrics]\nbind = \"\"\n"), &variables).expect("config");
    let (stop, stopped) = oneshot::channel::<()>();
    let served = db.clone();
    let running = tokio::spawn(async move {
        let stop = async { drop(stopped.await) };
        instance::run(&config, served, Site::default(), |_| {}, stop).await
    });
    let until = Instant::now() + Duration::from_secs(20);
    // Tasks of the first minute may leave entries of their own behind the first block.
    while db.read(audit::head).await.expect("head").is_none() {
        assert!(Instant::now() < until, "nothing is sealed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(()).expect("it runs");
    running.await.expect("no panic").expect("an orderly end");
}
both_engines!(an_instance_seals_when_it_starts);

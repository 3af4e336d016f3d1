//! A read shows one moment; what stands on every page costs next to nothing.

use diesel::prelude::*;
use jicai::platform::clock::Clock;
use jicai::platform::db::Db;
use jicai::platform::error::Result;
use jicai::platform::jobs::{self, NewJob};
use jicai::platform::schema::job;
use jicai::platform::sql::AnyConn;
use serde_json::json;
use tokio::sync::oneshot;

use crate::support::statements::Watch;
use crate::support::{TestApp, Who, both_engines};

/// Each read begins and ends a transaction.
const PICTURE: usize = 2;

fn count(conn: &mut AnyConn) -> Result<i64> {
    Ok(job::table.count().get_result(conn)?)
}

fn put(conn: &mut AnyConn) -> Result<()> {
    jobs::enqueue(conn, &NewJob::new("test.seen", json!({})), Clock::default().now()).map(drop)
}

async fn a_read_shows_one_moment(db: Db) {
    let (looked, has_looked) = oneshot::channel();
    let (commit, has_committed) = oneshot::channel();
    let reading = tokio::spawn({
        let db = db.clone();
        async move {
            db.read(move |c| {
                let before = count(c)?;
                looked.send(()).expect("the test goes on");
                has_committed.blocking_recv().expect("the test goes on");
                Ok((before, count(c)?))
            })
            .await
        }
    });
    has_looked.await.unwrap();
    db.write_unaudited("test.put", put).await.unwrap();
    commit.send(()).unwrap();
    assert_eq!(reading.await.unwrap().unwrap(), (0, 0), "before and after the other's commit");
    assert_eq!(db.read(count).await.unwrap(), 1, "the next read");
}
both_engines!(a_read_shows_one_moment);

async fn a_read_cannot_write_and_harms_no_other(db: Db) {
    for _ in 0..20 {
        assert!(db.read(put).await.is_err());
        let panicking = db.read(|c| -> Result<()> {
            count(c)?;
            panic!("the test wants this")
        });
        assert!(panicking.await.is_err());
    }
    assert_eq!(db.read(count).await.unwrap(), 0);
    db.write_unaudited("test.put", put).await.unwrap();
    assert_eq!(db.read(count).await.unwrap(), 1);
}
both_engines!(a_read_cannot_write_and_harms_no_other);

async fn cost(app: &TestApp, watch: &Watch, who: Who, path: &str) -> usize {
    let actor = app.portal(who).await;
    watch.take();
    let answer = actor.get(path).await;
    assert_eq!(answer.status, 200, "{who:?} {path}: {}", answer.text);
    watch.take().len()
}

/// The page asks nothing itself: who it is by one statement, all that the frame shows by another.
async fn the_frame_of_a_page_costs_two_statements(db: Db) {
    let (watch, db) = Watch::anew(&db);
    let app = TestApp::start(db).await;
    for who in Who::ALL.iter().copied().filter(|who| *who != Who::Anonymous) {
        let asked = cost(&app, &watch, who, "/account/password").await;
        assert_eq!(asked, 2 * (1 + PICTURE), "{who:?}");
    }
    let asked = cost(&app, &watch, Who::Anonymous, "/login").await;
    assert_eq!(asked, 1 + PICTURE, "nobody in particular");
    app.finish().await;
}
both_engines!(the_frame_of_a_page_costs_two_statements);

async fn a_file_of_the_program_costs_none(db: Db) {
    let (watch, db) = Watch::anew(&db);
    let app = TestApp::start(db).await;
    for who in [Who::Anonymous, Who::Hospital, Who::Officer] {
        assert_eq!(cost(&app, &watch, who, "/static/css/theme.css").await, 0, "{who:?}");
    }
    app.finish().await;
}
both_engines!(a_file_of_the_program_costs_none);

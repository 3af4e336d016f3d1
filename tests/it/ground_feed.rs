//! The change feed: nothing lost, nothing twice, whatever the order of commits.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use jicai::platform::db::{Db, Limits};
use jicai::platform::feed::{self, Readers};
use jicai::platform::sql::Id;
use jicai::platform::who::{OrgKind, Region};
use serde_json::json;

use crate::support::both_engines;
use crate::support::office::organisation;
use crate::support::people::actor;

async fn emit(db: &Db, readers: Vec<Id>, n: usize) {
    db.write(&actor(), move |tx| {
        let object = Id::new();
        feed::emit(tx, "order.submitted", "purchase_order", object, &readers, &json!({"n": n}))?;
        tx.note("test.emit", "test", object, &json!({}))
    })
    .await
    .unwrap();
}

async fn read(db: &Db, reader: Id, after: i64) -> Vec<(i64, String)> {
    let events = db.read(move |c| feed::read(c, &Readers::Of(reader), after, 1000)).await.unwrap();
    events.into_iter().map(|e| (e.position.unwrap(), e.body)).collect()
}

async fn each_reader_sees_its_own_events_in_order(db: Db) {
    let (one, two) = (Id::new(), Id::new());
    emit(&db, vec![one, two, one], 1).await;
    emit(&db, vec![two], 2).await;
    emit(&db, vec![one], 3).await;
    assert!(read(&db, one, 0).await.is_empty(), "no position yet");
    assert_eq!(feed::place(&db).await.unwrap(), 3);
    assert_eq!(feed::place(&db).await.unwrap(), 0);
    let bodies = |events: Vec<(i64, String)>| events.into_iter().map(|(_, b)| b).collect::<Vec<_>>();
    assert_eq!(bodies(read(&db, one, 0).await), [r#"{"n":1}"#, r#"{"n":3}"#]);
    assert_eq!(bodies(read(&db, two, 0).await), [r#"{"n":1}"#, r#"{"n":2}"#]);
    let first = read(&db, one, 0).await[0].0;
    assert_eq!(bodies(read(&db, one, first).await), [r#"{"n":3}"#], "resumed behind the first");
    assert!(read(&db, Id::new(), 0).await.is_empty());
}
both_engines!(each_reader_sees_its_own_events_in_order);

/// An event that began first and commits last still comes behind everything that a reader has seen.
#[tokio::test]
async fn a_slow_commit_is_not_lost_on_postgres() {
    let Some(test) = crate::support::TestDb::postgres() else { return };
    let db = test.open();
    let reader = Id::new();
    let mut slow = test.target().open().unwrap();
    let event = Id::new();
    slow.batch_execute(&format!(
        "BEGIN; INSERT INTO feed_event (id, kind, object_type, object_id, body, created_at)
           VALUES ('{event}', 'slow', 'test', '{event}', '\"slow\"', '2020-01-01 00:00:00');
         INSERT INTO feed_reader (event_id, organisation_id) VALUES ('{event}', '{reader}')"
    ))
    .unwrap();
    emit(&db, vec![reader], 1).await;
    assert_eq!(feed::place(&db).await.unwrap(), 1);
    let seen = read(&db, reader, 0).await;
    assert_eq!(seen.len(), 1);
    slow.batch_execute("COMMIT").unwrap();
    assert_eq!(feed::place(&db).await.unwrap(), 1);
    let further = read(&db, reader, seen[0].0).await;
    assert_eq!(further.iter().map(|(_, b)| b.as_str()).collect::<Vec<_>>(), ["\"slow\""]);
}

async fn two_servers_give_each_position_once(db: Db) {
    const EVENTS: usize = 120;
    let second = Db::open(db.target(), Limits::default()).unwrap();
    let reader = Id::new();
    let writers = (0..4).map(|w| {
        let db = db.clone();
        tokio::spawn(async move {
            for n in 0..EVENTS / 4 {
                emit(&db, vec![reader], w * 1000 + n).await;
            }
        })
    });
    let placers = (0..4).map(|p| {
        let db = if p % 2 == 0 { db.clone() } else { second.clone() };
        tokio::spawn(async move {
            for _ in 0..30 {
                // One of two that place at once may be told that the house is busy; it comes round again.
                let _ = feed::place(&db).await;
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
    });
    for task in writers.chain(placers).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    feed::place(&db).await.unwrap();
    let events = read(&db, reader, 0).await;
    assert_eq!(events.len(), EVENTS);
    let positions: Vec<i64> = events.iter().map(|(p, _)| *p).collect();
    assert_eq!(positions, (1..=i64::try_from(EVENTS).unwrap()).collect::<Vec<_>>(), "no gap, no twin");
    assert_eq!(events.into_iter().map(|(_, b)| b).collect::<BTreeSet<_>>().len(), EVENTS);
}
both_engines!(two_servers_give_each_position_once);

async fn a_local_bureau_sees_what_concerns_the_hospitals_of_its_city(db: Db) {
    let hospital = organisation(&db, OrgKind::PublicHospital, "澜州市第一人民医院", 1).await;
    let maker = organisation(&db, OrgKind::Manufacturer, "澜州青禾制药有限公司", 2).await;
    let bureau = organisation(&db, OrgKind::CityBureau, "澜州市医疗保障局", 3).await;
    emit(&db, vec![hospital.id, maker.id], 1).await;
    emit(&db, vec![maker.id], 2).await;
    emit(&db, vec![bureau.id], 3).await;
    emit(&db, vec![Id::new()], 4).await;
    assert_eq!(feed::place(&db).await.unwrap(), 4);
    let bodies = async |readers: Readers| {
        let events = db.read(move |c| feed::read(c, &readers, 0, 10)).await.unwrap();
        events.into_iter().map(|e| e.body).collect::<Vec<_>>()
    };
    let of_city = Readers::Region { own: bureau.id, region: Region::City("澜州".into()) };
    assert_eq!(bodies(of_city).await, [r#"{"n":1}"#, r#"{"n":3}"#]);
    let elsewhere = Readers::Region { own: bureau.id, region: Region::City("云浦".into()) };
    assert_eq!(bodies(elsewhere).await, [r#"{"n":3}"#]);
    assert_eq!(bodies(Readers::Region { own: bureau.id, region: Region::Province }).await.len(), 4);
}
both_engines!(a_local_bureau_sees_what_concerns_the_hospitals_of_its_city);

//! The runner of deadlines and the reader of an object's history, with rows of the ground.

use diesel::prelude::*;
use jicai::platform::audit::history::history;
use jicai::platform::clock::Clock;
use jicai::platform::db::{Actor, Db, Tx};
use jicai::platform::deadlines::{Deadline, run_all};
use jicai::platform::error::{Refusal, Result};
use jicai::platform::schema::organisation;
use jicai::platform::sql::{AnyConn, Id, Time};
use jicai::platform::who::OrgKind;
use serde_json::json;

use crate::support::{both_engines, people};

/// Organisations fall due when they are made; an observer cannot be dealt with.
const MADE: Deadline = Deadline { name: "test.made", due, apply };
/// A table that cannot be read.
const BROKEN: Deadline = Deadline { name: "test.broken", due: |_, _, _| Err(broken()), apply };

fn broken() -> jicai::platform::error::Error {
    Refusal::wrong_state("不可以").into()
}

fn due(conn: &mut AnyConn, past: Time, limit: i64) -> Result<Vec<Id>> {
    Ok(organisation::table
        .filter(organisation::created_at.le(past))
        .filter(organisation::city.ne("已办"))
        .order(organisation::kind.desc())
        .select(organisation::id)
        .limit(limit)
        .load(conn)?)
}

fn apply(tx: &mut Tx, id: Id, past: Time) -> Result<bool> {
    let row = organisation::table.find(id).filter(organisation::city.ne("已办"));
    let found: Option<(OrgKind, Time)> =
        row.select((organisation::kind, organisation::created_at)).first(tx.conn).optional()?;
    match found {
        Some((OrgKind::Observer, _)) => Err(broken()),
        Some((_, made)) if made <= past => {
            diesel::update(organisation::table.find(id))
                .set(organisation::city.eq("已办"))
                .execute(tx.conn)?;
            tx.note("test.made", "organisation", id, &json!({}))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

async fn open(db: &Db) -> i64 {
    db.read(|c| Ok(organisation::table.filter(organisation::city.ne("已办")).count().get_result(c)?))
        .await
        .unwrap()
}

async fn each_row_is_dealt_with_once_after_the_grace(db: Db) {
    for n in 1..=3 {
        people::organisation(&db, OrgKind::Distributor, n).await;
    }
    let now = Clock::default().now();
    assert_eq!(MADE.run(&db, &Actor::system("test", now)).await.unwrap(), 0, "a request may be on its way");
    let later = Actor::system("test", now.plus(chrono::Duration::seconds(61)));
    let (a, b) = tokio::join!(MADE.run(&db, &later), MADE.run(&db, &later));
    assert_eq!((a.unwrap() + b.unwrap(), open(&db).await), (3, 0));
    assert_eq!(MADE.run(&db, &later).await.unwrap(), 0);
}
both_engines!(each_row_is_dealt_with_once_after_the_grace);

async fn a_fault_keeps_nothing_else_from_its_turn(db: Db) {
    people::organisation(&db, OrgKind::Observer, 1).await;
    people::organisation(&db, OrgKind::Distributor, 2).await;
    people::organisation(&db, OrgKind::Manufacturer, 3).await;
    let later = Clock::default().now().plus(chrono::Duration::seconds(61));
    assert!(run_all(&db, later, &[BROKEN, MADE]).await.is_err(), "the fault is told");
    assert_eq!(open(&db).await, 1, "the observer stands first and is left");
}
both_engines!(a_fault_keeps_nothing_else_from_its_turn);

async fn a_history_is_in_the_order_of_the_acts(db: Db) {
    let (id, other) = (Id::new(), Id::new());
    let organisation = people::organisation(&db, OrgKind::Distributor, 1).await;
    let now = Clock::default().now();
    let person =
        Actor { organisation: Some(organisation), name: "张三".into(), ..Actor::system("test", now) };
    db.write(&person, move |tx| {
        tx.note("test.send", "thing", id, &json!({}))?;
        tx.note("test.make", "thing", id, &json!({}))?;
        tx.note("test.make", "thing", other, &json!({}))
    })
    .await
    .unwrap();
    let later = Actor::system("test", now.plus(chrono::Duration::seconds(1)));
    db.write(&later, move |tx| tx.note("test.end", "thing", id, &json!({}))).await.unwrap();
    let acts = [("test.make", "建立"), ("test.send", "提交")];
    let events = db.read(move |c| history(c, "thing", id, &acts)).await.unwrap();
    let told: Vec<_> =
        events.iter().map(|e| (e.text.as_str(), e.who.as_str(), e.organisation.is_empty())).collect();
    assert_eq!(told, [("建立", "张三", false), ("提交", "张三", false), ("test.end", "平台", true)]);
}
both_engines!(a_history_is_in_the_order_of_the_acts);

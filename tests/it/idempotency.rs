//! The same request twice: one effect, one answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Duration;
use diesel::prelude::*;
use jicai::platform::clock::Clock;
use jicai::platform::db::{Actor, Db, Tx};
use jicai::platform::error::{Error, Refusal, Result};
use jicai::platform::idempotency::{self, Answer, Key};
use jicai::platform::schema::setting;
use jicai::platform::sql::Id;
use serde_json::{Value, json};

use crate::support::both_engines;

fn key(name: &str, body: &str) -> Key {
    Key {
        user: Id(uuid::Uuid::nil()),
        method: "POST".into(),
        route: "/api/v1/orders".into(),
        key: name.into(),
        body_sha256: body.into(),
    }
}

/// An effect that can be counted: one row.
fn effect(tx: &mut Tx) -> Result<(u16, Value)> {
    let name = Id::new().to_string();
    diesel::insert_into(setting::table)
        .values((setting::key.eq(format!("effect {name}")), setting::value.eq("1")))
        .execute(tx.conn)?;
    tx.note("test.effect", "setting", Id::new(), &json!({}))?;
    Ok((201, json!({ "number": name })))
}

async fn run(db: &Db, key: &Key) -> Result<Answer> {
    let key = key.clone();
    let actor = Actor::system("test", Clock::default().now());
    db.write(&actor, move |tx| idempotency::run(tx, &key, effect)).await
}

async fn effects(db: &Db) -> i64 {
    db.read(|c| Ok(setting::table.filter(setting::key.like("effect %")).count().get_result(c)?))
        .await
        .expect("count")
}

async fn sixty_four_twins_have_one_effect_and_equal_answers(db: Db) {
    let key = key("one", "body");
    let answers = futures_util::future::join_all((0..64).map(|_| run(&db, &key))).await;
    let answers: Vec<Answer> = answers.into_iter().map(|a| a.expect("an answer")).collect();
    assert!(answers.iter().all(|a| a.status == 201 && a.body == answers[0].body));
    assert_eq!(answers.iter().filter(|a| !a.repeated).count(), 1);
    assert_eq!(effects(&db).await, 1);
}
both_engines!(sixty_four_twins_have_one_effect_and_equal_answers);

async fn a_key_is_scoped_to_user_method_address_and_content(db: Db) {
    let first = key("one", "body");
    run(&db, &first).await.expect("answer");
    let Err(Error::Refused(refusal)) = run(&db, &Key { body_sha256: "other".into(), ..first.clone() }).await
    else {
        panic!("another body was answered")
    };
    assert_eq!((refusal.status, refusal.code), (422, "IDEMPOTENCY_KEY_REUSED"));
    let others = [
        Key { user: Id::new(), ..first.clone() },
        Key { method: "PUT".into(), ..first.clone() },
        Key { route: "/api/v1/orders/1".into(), ..first.clone() },
        Key { key: "two".into(), ..first.clone() },
    ];
    for other in &others {
        assert!(!run(&db, other).await.expect("answer").repeated, "{other:?}");
    }
    assert!(run(&db, &first).await.expect("answer").repeated);
    assert_eq!(effects(&db).await, 5);
}
both_engines!(a_key_is_scoped_to_user_method_address_and_content);

/// What was refused may be tried again with the same key.
async fn a_refusal_is_not_kept(db: Db) {
    let tries = Arc::new(AtomicUsize::new(0));
    let actor = Actor::system("test", Clock::default().now());
    let attempt = || {
        let (key, tries) = (key("one", "body"), tries.clone());
        db.write(&actor, move |tx| {
            idempotency::run(tx, &key, |tx| match tries.fetch_add(1, Ordering::SeqCst) {
                0 => Err(Refusal::wrong_state("还不行").into()),
                _ => effect(tx),
            })
        })
    };
    assert!(matches!(attempt().await, Err(Error::Refused(r)) if r.code == "WRONG_STATE"));
    assert!(!attempt().await.expect("the second is taken").repeated);
    assert!(attempt().await.expect("the third finds it").repeated);
}
both_engines!(a_refusal_is_not_kept);

async fn answers_are_kept_for_seven_days(db: Db) {
    let key = key("one", "body");
    run(&db, &key).await.expect("answer");
    let now = Clock::default().now();
    assert_eq!(idempotency::sweep(&db, now.plus(Duration::hours(7 * 24 - 1))).await.expect("sweep"), 0);
    assert!(run(&db, &key).await.expect("answer").repeated);
    assert_eq!(idempotency::sweep(&db, now.plus(Duration::hours(7 * 24 + 1))).await.expect("sweep"), 1);
    assert!(!run(&db, &key).await.expect("answer").repeated);
}
both_engines!(answers_are_kept_for_seven_days);

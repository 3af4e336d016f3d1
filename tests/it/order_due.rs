//! Time and orders: the supplier's silence, old codes, days.

use diesel::prelude::*;
use jicai::order::deadlines::{self, Due, deadlines};
use jicai::order::input::{QuantityUnit, SubmitInput};
use jicai::order::{OrderState, answer, draft, show};
use jicai::platform::db::{Actor, Db};
use jicai::platform::outbox;
use jicai::platform::schema::{feed_event, purchase_order};

use crate::support::both_engines;
use crate::support::office::*;

fn clock(text: &str) -> Actor {
    Actor::system("order.overdue", at(text))
}

async fn overdue_letters(db: &Db) -> Vec<String> {
    let mails = db.read(|conn| outbox::mails(conn, None, None, 100)).await.expect("mails");
    let mut to: Vec<_> =
        mails.into_iter().filter(|m| m.subject.contains("逾期未确认")).map(|m| m.recipient).collect();
    to.sort();
    to
}

async fn silence_is_told_once(db: Db) {
    let scene = Scene::new(db).await;
    let sent = scene.waiting().await;
    let id = id_of(&sent);
    let order = show::show(&scene.db, &scene.buyer, id).await.expect("order").view.order;
    assert_eq!(deadlines(&order), [(at("2024-08-07T09:00:00+08:00"), Due::Answer)]);
    // A request that was received in time may still be on its way: a minute's grace.
    for early in ["2024-08-07T08:59:59+08:00", "2024-08-07T09:00:59+08:00"] {
        assert_eq!(deadlines::apply_due(&scene.db, &clock(early)).await.expect("due"), 0, "{early}");
    }
    assert_eq!(overdue_letters(&scene.db).await, Vec::<String>::new());
    let due = clock("2024-08-07T09:01:00+08:00");
    // Three instances at once.
    let (a, b, c) = tokio::join!(
        deadlines::apply_due(&scene.db, &due),
        deadlines::apply_due(&scene.db, &due),
        deadlines::apply_due(&scene.db, &due)
    );
    assert_eq!(a.expect("due") + b.expect("due") + c.expect("due"), 1);
    assert_eq!(deadlines::apply_due(&scene.db, &clock("2024-08-09T09:00:00+08:00")).await.expect("due"), 0);
    assert_eq!(overdue_letters(&scene.db).await, ["buyer@example.cn", "seller@example.cn"]);
    let told: i64 = scene
        .db
        .read(|c| Ok(feed_event::table.filter(feed_event::kind.eq("order.overdue")).count().get_result(c)?))
        .await
        .expect("feed");
    assert_eq!(told, 1);
    let now = later(&scene.buyer, at("2024-08-09T09:00:00+08:00"));
    let view = show::show(&scene.db, &now, id).await.expect("order").view;
    assert_eq!((view.order.state, view.overdue, view.order.next_check), (OrderState::Submitted, true, None));
    // A late answer counts and stays marked as late.
    let seller = later(&scene.seller, at("2024-08-09T10:00:00+08:00"));
    let done =
        answer::confirm(&scene.db, &seller, id, view.order.version).await.expect("late, but an answer");
    assert_eq!((done.order.state, done.overdue), (OrderState::Confirmed, true));
}
both_engines!(silence_is_told_once);

async fn an_answer_in_time_is_never_told_as_silence(db: Db) {
    let scene = Scene::new(db).await;
    let sent = scene.waiting().await;
    let last = later(&scene.seller, at("2024-08-07T08:59:59.999999+08:00"));
    let done = answer::confirm(&scene.db, &last, id_of(&sent), version_of(&sent)).await.expect("confirmed");
    assert!(!done.overdue);
    assert_eq!(deadlines::apply_due(&scene.db, &clock("2024-08-08T09:00:00+08:00")).await.expect("due"), 0);
    // The instant itself is late, and so is what comes before the job looked.
    let sent = scene.waiting().await;
    let late = later(&scene.seller, at("2024-08-07T09:00:00+08:00"));
    let done = answer::confirm(&scene.db, &late, id_of(&sent), version_of(&sent)).await.expect("confirmed");
    assert!(done.overdue);
    assert_eq!(deadlines::apply_due(&scene.db, &clock("2024-08-08T09:00:00+08:00")).await.expect("due"), 0);
    assert_eq!(overdue_letters(&scene.db).await, Vec::<String>::new());
}
both_engines!(an_answer_in_time_is_never_told_as_silence);

/// INJ-6.1: 2024-10-31 accepted and mapped, 2024-11-01 refused.
async fn an_old_code_is_mapped_until_it_stops(db: Db) {
    let scene = Scene::new(db).await;
    let mut input = scene.draft(vec![line(&scene.red, 20)]);
    input.wanted_on = day("2024-11-10");
    input.lines[0].listing_id = None;
    input.lines[0].code = Some(drug_code(OLD_CODE));
    input.lines[0].quantity_unit = Some(QuantityUnit::Unit);
    let last_day = later(&scene.buyer, at("2024-10-31T23:59:59+08:00"));
    let mapped = scene.saved(&last_day, input.clone()).await;
    let line = &mapped["lines"][0];
    assert_eq!(
        (line["code"].as_str(), line["given_code"].as_str()),
        (Some(&*drug_code(101)), Some(&*drug_code(OLD_CODE)))
    );
    assert_eq!(
        (line["quantity"].as_i64(), line["amount"].as_str()),
        (Some(20), Some("300.20")),
        "units, whatever the code"
    );
    let first_day = later(&scene.buyer, at("2024-11-01T00:00:00+08:00"));
    let new = refusal(draft::create(&scene.db, &first_day, None, input.clone()).await);
    assert_eq!((new.status, new.code, new.clause), (422, "CODE_STOPPED", Some("INJ-6.1")));
    assert_eq!(new.extra["replaced_by"], drug_code(101));
    assert_eq!(new.extra["stopped_from"], "2024-11-01");
    assert_eq!(new.extra["listing_id"], scene.red.listing.id.to_string());
    assert!(new.detail.contains(&drug_code(101)));
    // The day of submission counts, not that of the draft.
    let late =
        refusal(scene.submit(&first_day, &mapped, acknowledged(1, "重症患者治疗，其余品种暂时缺货")).await);
    assert_eq!((late.code, late.clause), ("CODE_STOPPED", Some("INJ-6.1")));
    let in_time = scene.submit(&last_day, &mapped, acknowledged(1, "重症患者治疗，其余品种暂时缺货")).await;
    assert_eq!(in_time.expect("submitted").body["state"], "submitted");
    input.lines[0].code = Some(drug_code(101));
    assert_eq!(
        scene.saved(&first_day, input.clone()).await["lines"][0]["given_code"],
        serde_json::Value::Null
    );
    input.lines[0].code = Some("XJ01DDT133B001099999999".into());
    assert_eq!(
        refusal(draft::create(&scene.db, &first_day, None, input).await).errors[0].pointer,
        "/lines/0/code"
    );
}
both_engines!(an_old_code_is_mapped_until_it_stops);

async fn goods_cannot_be_wanted_yesterday(db: Db) {
    let scene = Scene::new(db).await;
    let mut input = scene.draft(vec![line(&scene.tablet, 1)]);
    input.wanted_on = day("2024-08-04");
    assert_eq!(
        refusal(draft::create(&scene.db, &scene.buyer, None, input.clone()).await).errors[0].pointer,
        "/wanted_on"
    );
    input.wanted_on = day("2024-08-05");
    let made = scene.saved(&scene.buyer, input).await;
    let tomorrow = later(&scene.buyer, at("2024-08-06T00:00:00+08:00"));
    let late = refusal(scene.submit(&tomorrow, &made, SubmitInput::default()).await);
    assert_eq!(late.errors[0].pointer, "/wanted_on");
    let state: OrderState = scene
        .db
        .read(move |c| Ok(purchase_order::table.find(id_of(&made)).select(purchase_order::state).first(c)?))
        .await
        .expect("state");
    assert_eq!(state, OrderState::Draft);
}
both_engines!(goods_cannot_be_wanted_yesterday);

//! An order's way: draft, submission, answer, and who sees what.

use diesel::prelude::*;
use jicai::order::input::{SubmitInput, SubmitLine};
use jicai::order::list::{self, OrderFilter};
use jicai::order::{OrderState, answer, cancel, draft, show};
use jicai::platform::audit::verify;
use jicai::platform::db::Db;
use jicai::platform::http::number::Price;
use jicai::platform::idempotency::Key;
use jicai::platform::outbox;
use jicai::platform::schema::feed_event;
use jicai::platform::who::{OrgKind, Post};

use crate::support::both_engines;
use crate::support::office::*;

async fn subjects(db: &Db) -> Vec<(String, String)> {
    let mails = db.read(|conn| outbox::mails(conn, None, None, 100)).await.expect("mails");
    mails.into_iter().map(|m| (m.recipient, m.subject)).collect()
}

async fn feed(db: &Db) -> Vec<String> {
    db.read(|conn| Ok(feed_event::table.select(feed_event::kind).load(conn)?)).await.expect("feed")
}

async fn an_order_is_made_submitted_and_confirmed(db: Db) {
    let scene = Scene::new(db).await;
    let mut input = scene.draft(vec![line(&scene.tablet, 10), line(&scene.cheap, 3)]);
    let refused = refusal(draft::create(&scene.db, &scene.buyer, None, input.clone()).await);
    assert_eq!(
        refused.errors[0].pointer, "/lines/1/listing_id",
        "the enterprise delivers its own products only"
    );
    input.lines.truncate(1);
    input.remark = Some("上午送达".into());
    let made = scene.saved(&scene.buyer, input).await;
    assert_eq!((made["state"].as_str(), made["total"].as_str()), (Some("draft"), Some("123.00")));
    assert_eq!(made["lines"][0]["amount"], "123.00");
    assert_eq!(made["address"], "澜州市人民路 1 号药库");
    let number = made["number"].as_str().expect("number");
    assert!(number.starts_with("240805-") && number.len() == 15, "{number}");
    assert!(subjects(&scene.db).await.is_empty(), "nobody hears of a draft");
    // A draft is the hospital's own.
    assert_eq!(refusal(show::show(&scene.db, &scene.seller, id_of(&made)).await).status, 404);
    let sent = scene.submit(&scene.buyer, &made, SubmitInput::default()).await.expect("submitted").body;
    assert_eq!((sent["state"].as_str(), sent["legal_day"].as_str()), (Some("submitted"), Some("2024-08-05")));
    assert_eq!(sent["respond_by"], "2024-08-07T09:00:00+08:00", "48 hours");
    assert_eq!(
        subjects(&scene.db).await,
        [("seller@example.cn".to_owned(), format!("【集采】订单 {number} 待确认"))]
    );
    let seen = show::show(&scene.db, &scene.seller, id_of(&sent)).await.expect("the supplier sees it");
    assert_eq!(seen.view.may.iter().map(|a| a.as_str()).collect::<Vec<_>>(), ["confirm", "refuse"]);
    let done =
        answer::confirm(&scene.db, &scene.seller, id_of(&sent), version_of(&sent)).await.expect("confirmed");
    assert_eq!((done.order.state, done.overdue), (OrderState::Confirmed, false));
    assert!(
        subjects(&scene.db)
            .await
            .contains(&("buyer@example.cn".into(), format!("【集采】订单 {number} 已确认")))
    );
    let mut kinds = feed(&scene.db).await;
    kinds.sort();
    assert_eq!(kinds, ["order.confirmed", "order.submitted"]);
    let told = show::show(&scene.db, &scene.buyer, id_of(&sent)).await.expect("order");
    let events: Vec<_> = told.events.iter().map(|e| e.action.as_str()).collect();
    assert_eq!(events.len(), 3);
    assert!(["order.create", "order.submit", "order.confirm"].iter().all(|a| events.contains(a)));
    let by_number =
        show::show_number(&scene.db, &scene.buyer, &number.to_lowercase()).await.expect("by number");
    assert_eq!(by_number.view.order.id, id_of(&sent));
    for late in [
        answer::confirm(&scene.db, &scene.seller, id_of(&sent), version_of(&sent) + 1).await,
        answer::refuse(&scene.db, &scene.seller, id_of(&sent), version_of(&sent) + 1, "缺货").await,
        cancel::cancel(&scene.db, &scene.buyer, id_of(&sent), version_of(&sent) + 1, "").await,
    ] {
        assert_eq!(refusal(late).code, "WRONG_STATE");
    }
}
both_engines!(an_order_is_made_submitted_and_confirmed);

async fn foreign_orders_do_not_exist(db: Db) {
    let scene = Scene::new(db).await;
    let made = scene.saved(&scene.buyer, scene.draft(vec![line(&scene.tablet, 10)])).await;
    let (id, version) = (id_of(&made), version_of(&made));
    let input = scene.draft(vec![line(&scene.tablet, 1)]);
    assert_eq!(refusal(show::show(&scene.db, &scene.other_buyer, id).await).status, 404);
    assert_eq!(
        refusal(draft::replace(&scene.db, &scene.other_buyer, id, version, input.clone()).await).status,
        404
    );
    assert_eq!(refusal(draft::delete(&scene.db, &scene.other_buyer, id, version).await).status, 404);
    assert_eq!(refusal(scene.submit(&scene.other_buyer, &made, SubmitInput::default()).await).status, 404);
    // Another hospital's address cannot be used.
    let foreign = refusal(draft::create(&scene.db, &scene.other_buyer, None, input).await);
    assert_eq!(foreign.errors[0].pointer, "/address_id");
    let sent = scene.waiting().await;
    let (id, version) = (id_of(&sent), version_of(&sent));
    assert_eq!(refusal(cancel::cancel(&scene.db, &scene.other_buyer, id, version, "").await).status, 404);
    assert_eq!(refusal(answer::confirm(&scene.db, &scene.distributor_clerk, id, version).await).status, 404);
    assert_eq!(refusal(answer::confirm(&scene.db, &scene.buyer, id, version).await).status, 403);
    let viewer = person(&scene.hospital, Post::Viewer, morning());
    assert_eq!(refusal(cancel::cancel(&scene.db, &viewer, id, version, "").await).status, 403);
    assert!(show::show(&scene.db, &viewer, id).await.is_ok(), "a colleague may look");
    assert!(show::show(&scene.db, &scene.officer, id).await.is_ok());
    let bureau = |name: &'static str, n| organisation(&scene.db, OrgKind::CityBureau, name, n);
    let here = person(&bureau("澜州市医疗保障局", 50).await, Post::Officer, morning());
    assert!(show::show(&scene.db, &here, id).await.is_ok());
    let mut away = bureau("云浦市医疗保障局", 51).await;
    away.city = "云浦".into();
    let moved = away.clone();
    scene
        .db
        .write_unaudited("test", move |c| {
            use jicai::platform::schema::organisation::dsl as o;
            Ok(diesel::update(o::organisation.find(moved.id)).set(o::city.eq("云浦")).execute(c)?)
        })
        .await
        .expect("moved");
    let away = person(&away, Post::Officer, morning());
    assert_eq!(refusal(show::show(&scene.db, &away, id).await).status, 404, "another region");
    let observer =
        person(&organisation(&scene.db, OrgKind::Observer, "义务监督员", 52).await, Post::Viewer, morning());
    assert_eq!(refusal(show::show(&scene.db, &observer, id).await).status, 403);
}
both_engines!(foreign_orders_do_not_exist);

async fn a_stale_version_changes_nothing(db: Db) {
    let scene = Scene::new(db).await;
    let made = scene.saved(&scene.buyer, scene.draft(vec![line(&scene.tablet, 10)])).await;
    let id = id_of(&made);
    let input = scene.draft(vec![line(&scene.yellow, 7), line(&scene.tablet, 1)]);
    let edited = draft::replace(&scene.db, &scene.buyer, id, 1, input.clone()).await.expect("edited");
    assert_eq!((edited.order.version, edited.order.total, edited.lines.len()), (2, yuan("75.37"), 2));
    assert_eq!(edited.order.summary, "注射用头孢他啶 等 2 个品种");
    for stale in [
        refusal(draft::replace(&scene.db, &scene.buyer, id, 1, input).await),
        refusal(draft::delete(&scene.db, &scene.buyer, id, 1).await),
        refusal(scene.submit(&scene.buyer, &made, SubmitInput::default()).await),
    ] {
        assert_eq!((stale.status, stale.code), (409, "STALE_VERSION"));
    }
    draft::delete(&scene.db, &scene.buyer, id, 2).await.expect("deleted");
    assert_eq!(refusal(show::show(&scene.db, &scene.buyer, id).await).status, 404);
}
both_engines!(a_stale_version_changes_nothing);

async fn a_supplier_refuses_and_a_hospital_takes_back(db: Db) {
    let scene = Scene::new(db).await;
    let sent = scene.waiting().await;
    let (id, version) = (id_of(&sent), version_of(&sent));
    let mute = refusal(answer::refuse(&scene.db, &scene.seller, id, version, " ").await);
    assert_eq!(mute.errors[0].pointer, "/reason");
    let refused =
        answer::refuse(&scene.db, &scene.seller, id, version, "原料缺货，九月恢复").await.expect("refused");
    assert_eq!(refused.order.refusal_reason.as_deref(), Some("原料缺货，九月恢复"));
    let number = refused.order.number;
    assert!(
        subjects(&scene.db)
            .await
            .contains(&("buyer@example.cn".into(), format!("【集采】订单 {number} 被拒绝")))
    );
    let sent = scene.waiting().await;
    let taken = cancel::cancel(&scene.db, &scene.buyer, id_of(&sent), version_of(&sent), "重复下单")
        .await
        .expect("taken");
    assert_eq!(
        (taken.order.state, taken.order.cancel_reason.as_deref()),
        (OrderState::Cancelled, Some("重复下单"))
    );
    let number = taken.order.number;
    assert!(
        subjects(&scene.db)
            .await
            .contains(&("seller@example.cn".into(), format!("【集采】订单 {number} 已撤销")))
    );
}
both_engines!(a_supplier_refuses_and_a_hospital_takes_back);

async fn a_named_distributor_delivers(db: Db) {
    let scene = Scene::new(db).await;
    let mut input = scene.draft(vec![line(&scene.tablet, 10)]);
    input.supplier_id = scene.stranger.id;
    assert_eq!(
        refusal(draft::create(&scene.db, &scene.buyer, None, input.clone()).await).errors[0].pointer,
        "/lines/0/listing_id"
    );
    input.supplier_id = scene.hospital.id;
    assert_eq!(
        refusal(draft::create(&scene.db, &scene.buyer, None, input.clone()).await).errors[0].pointer,
        "/supplier_id"
    );
    input.supplier_id = scene.distributor.id;
    let made = scene.saved(&scene.buyer, input).await;
    jicai::party::appointment::end(&scene.db, &scene.seller, scene.distributor.id).await.expect("ended");
    let ended = refusal(scene.submit(&scene.buyer, &made, SubmitInput::default()).await);
    assert_eq!(ended.errors[0].pointer, "/lines/0/listing_id", "no longer named");
    jicai::party::appointment::appoint(&scene.db, &scene.seller, scene.distributor.id)
        .await
        .expect("named again");
    let sent = scene.submit(&scene.buyer, &made, SubmitInput::default()).await.expect("submitted").body;
    let done = answer::confirm(&scene.db, &scene.distributor_clerk, id_of(&sent), version_of(&sent)).await;
    assert_eq!(done.expect("confirmed").order.state, OrderState::Confirmed);
}
both_engines!(a_named_distributor_delivers);

async fn a_price_that_changed_is_shown_and_asked_again(db: Db) {
    let scene = Scene::new(db).await;
    let made = scene.saved(&scene.buyer, scene.draft(vec![line(&scene.tablet, 10)])).await;
    let lower = jicai::listing::change_price::NewPrice {
        unit_price: Price::parse("价格", "11.90").expect("price"),
        from_day: day("2024-08-06"),
        confirm_far: false,
    };
    let id = scene.tablet.listing.id;
    jicai::listing::change_price::change_price(&scene.db, &scene.seller, &scene.policies, id, 1, lower)
        .await
        .expect("cut");
    let tomorrow = later(&scene.buyer, at("2024-08-06T08:00:00+08:00"));
    let changed = refusal(scene.submit(&tomorrow, &made, SubmitInput::default()).await);
    assert_eq!((changed.status, changed.code), (409, "PRICE_CHANGED"));
    let told = &changed.extra["lines"][0];
    assert_eq!(
        (told["shown_price"].as_str(), told["current_price"].as_str()),
        (Some("12.30"), Some("11.90"))
    );
    assert_eq!(changed.extra["total"], "119.00");
    // The draft holds the new price: the same act with its version succeeds.
    let held = show::show(&scene.db, &tomorrow, id_of(&made)).await.expect("draft").view;
    assert_eq!((held.order.total, held.order.state), (yuan("119.00"), OrderState::Draft));
    assert_eq!(changed.extra["version"], held.order.version);
    assert_eq!(refusal(scene.submit(&tomorrow, &made, SubmitInput::default()).await).code, "STALE_VERSION");
    let draft = serde_json::json!({"id": held.order.id, "version": held.order.version});
    let shown = |price: &str| SubmitInput {
        lines: vec![SubmitLine {
            line_no: 1,
            unit_price: Some(Price::parse("价格", price).expect("price")),
            risk_acknowledged: false,
            risk_reason: None,
        }],
    };
    assert_eq!(
        refusal(scene.submit(&tomorrow, &draft, shown("12.30")).await).code,
        "PRICE_CHANGED",
        "an old screen"
    );
    let sent = scene.submit(&tomorrow, &draft, shown("11.9")).await.expect("submitted").body;
    assert_eq!((sent["total"].as_str(), sent["legal_day"].as_str()), (Some("119.00"), Some("2024-08-06")));
}
both_engines!(a_price_that_changed_is_shown_and_asked_again);

async fn the_same_request_twice_is_one_order(db: Db) {
    let scene = Scene::new(db).await;
    let key = |key: &str, body: &str| Key {
        user: scene.buyer.user,
        method: "POST".into(),
        route: "/api/v1/orders".into(),
        key: key.into(),
        body_sha256: body.into(),
    };
    let input = || scene.draft(vec![line(&scene.tablet, 10)]);
    let mut twins = Vec::new();
    for _ in 0..16 {
        let (db, who, input, key) = (scene.db.clone(), scene.buyer.clone(), input(), key("k1", "b1"));
        twins.push(tokio::spawn(async move { draft::create(&db, &who, Some(key), input).await }));
    }
    let mut answers = Vec::new();
    for twin in twins {
        answers.push(twin.await.expect("joined").expect("answered"));
    }
    assert_eq!(answers.iter().filter(|a| !a.repeated).count(), 1);
    assert!(answers.iter().all(|a| a.body == answers[0].body && a.status == 201));
    let other = refusal(draft::create(&scene.db, &scene.buyer, Some(key("k1", "b2")), input()).await);
    assert_eq!(other.code, "IDEMPOTENCY_KEY_REUSED");
    let all = list::list(&scene.db, &scene.buyer, OrderFilter::default(), None, 50).await.expect("list");
    assert_eq!(all.totals.count, 1);
}
both_engines!(the_same_request_twice_is_one_order);

async fn of_many_answers_one_counts(db: Db) {
    let scene = Scene::new(db).await;
    let sent = scene.waiting().await;
    let mut clients = Vec::new();
    for _ in 0..64 {
        let (db, who, id, version) =
            (scene.db.clone(), scene.seller.clone(), id_of(&sent), version_of(&sent));
        clients.push(tokio::spawn(async move { answer::confirm(&db, &who, id, version).await }));
    }
    let (mut confirmed, mut conflicts) = (0, 0);
    for client in clients {
        match client.await.expect("joined") {
            Ok(_) => confirmed += 1,
            other => {
                assert_eq!(refusal(other).status, 409);
                conflicts += 1;
            }
        }
    }
    assert_eq!((confirmed, conflicts), (1, 63));
}
both_engines!(of_many_answers_one_counts);

async fn lists_are_filtered_counted_and_paged(db: Db) {
    let scene = Scene::new(db).await;
    for n in 0..7 {
        let who = later(&scene.buyer, at(&format!("2024-08-05T10:0{n}:00+08:00")));
        scene.saved(&who, scene.draft(vec![line(&scene.tablet, n + 1)])).await;
    }
    let sent = scene.waiting().await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = list::list(&scene.db, &scene.buyer, OrderFilter::default(), after, 3).await.expect("list");
        assert_eq!(
            (page.totals.count, page.left_out.count, page.totals.total, page.left_out.total),
            (8, 7, yuan("123.00").into(), yuan("344.40").into()),
            "10 times 12.30 stand, drafts of 28 times do not"
        );
        seen.extend(page.page.items.iter().map(|o| (o.created_at, o.id)));
        match page.page.items.last().filter(|_| page.page.next.is_some()) {
            Some(last) => {
                let at = last.created_at.0.and_utc().timestamp_micros();
                after = Some(("-created".into(), at, last.id));
            }
            None => break,
        }
    }
    assert_eq!(seen.len(), 8);
    assert!(seen.windows(2).all(|w| w[0] > w[1]), "the latest first, each once");
    let only = |filter| list::list(&scene.db, &scene.buyer, filter, None, 50);
    let waiting = only(OrderFilter { state: Some(OrderState::Submitted), ..OrderFilter::default() })
        .await
        .expect("list");
    assert_eq!(waiting.page.items.iter().map(|o| o.id).collect::<Vec<_>>(), [id_of(&sent)]);
    let number = sent["number"].as_str().expect("number").to_owned();
    for (q, count) in [(number.as_str(), 1), ("阿莫西林", 8), ("青禾制药", 8), ("头孢", 0), ("100%", 0)]
    {
        let found = only(OrderFilter { q: Some(q.into()), ..OrderFilter::default() }).await.expect("list");
        assert_eq!(found.totals.count, count, "{q}");
    }
    let later_days = OrderFilter { from: Some(day("2024-08-06")), ..OrderFilter::default() };
    assert_eq!(only(later_days).await.expect("list").totals.count, 0);
    let today =
        OrderFilter { from: Some(day("2024-08-05")), to: Some(day("2024-08-05")), ..OrderFilter::default() };
    assert_eq!(only(today).await.expect("list").totals.count, 8);
    let suppliers =
        list::list(&scene.db, &scene.seller, OrderFilter::default(), None, 50).await.expect("list");
    assert_eq!(suppliers.totals.count, 1, "no drafts");
    let foreign =
        list::list(&scene.db, &scene.other_buyer, OrderFilter::default(), None, 50).await.expect("list");
    assert_eq!((foreign.totals.count, foreign.page.items.len()), (0, 0));
    let rows = list::all(&scene.db, &scene.buyer, OrderFilter::default(), 100).await.expect("all");
    assert_eq!(rows.rows.len(), 8);
    assert!(jicai::order::export::list(&rows).bytes().expect("xlsx").len() > 1000);
}
both_engines!(lists_are_filtered_counted_and_paged);

/// Every row of the offices agrees with the audit; a price changed by hand is named.
async fn the_audit_knows_every_row(db: Db) {
    let scene = Scene::new(db).await;
    let draft =
        scene.saved(&scene.buyer, scene.draft(vec![line(&scene.red, 1), line(&scene.tablet, 2)])).await;
    scene
        .submit(&scene.buyer, &draft, acknowledged(1, "重症患者治疗，其余品种暂时缺货"))
        .await
        .expect("submitted");
    let gone = scene.saved(&scene.buyer, scene.draft(vec![line(&scene.tablet, 1)])).await;
    draft::delete(&scene.db, &scene.buyer, id_of(&gone), 1).await.expect("deleted");
    let check = || {
        scene.db.read(|conn| {
            let mut found = Vec::new();
            verify::run(conn, &[], &jicai::offices::ALL.rows(), &mut |f| found.push(f.to_string()))?;
            Ok(found)
        })
    };
    assert_eq!(check().await.expect("verified"), Vec::<String>::new());
    let listing = scene.cheap.listing.id;
    scene
        .db
        .write_unaudited("by hand", move |c| {
            use jicai::platform::schema::listing_price::dsl as p;
            let row = p::listing_price.filter(p::listing_id.eq(listing));
            Ok(diesel::update(row).set(p::unit_price.eq(1_000_000_i64)).execute(c)?)
        })
        .await
        .expect("changed");
    let found = check().await.expect("verified");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(&listing.to_string()) && found[0].contains("unit_price"), "{found:?}");
}
both_engines!(the_audit_knows_every_row);

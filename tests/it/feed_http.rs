//! The change feed over HTTP: resumable, nothing lost, nothing twice, and nobody sees what is not theirs.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use jicai::platform::feed;
use serde_json::{Value, json};

use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, Who, app_test};

/// Orders of each hospital.
const ORDERS: usize = 12;

/// Makes and submits an order; answers with its key.
async fn order(app: &TestApp, shop: &Shop, buyer: &Actor, address: &str) -> String {
    let draft = json!({
        "supplier_id": app.organisation(Who::Enterprise).id,
        "address_id": address,
        "wanted_on": "2024-08-12",
        "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 10 }],
    });
    let made = buyer.post("/api/v1/orders", &draft).await.expect(201).json();
    let id = made["id"].as_str().expect("id").to_owned();
    let submit = buyer
        .request("POST", &format!("/api/v1/orders/{id}/submit"))
        .header("if-match", "\"1\"")
        .header("idempotency-key", &id);
    buyer.send(submit.json(&json!({}))).await.expect(200);
    id
}

/// Goes on from `after` until nothing more comes; returns the events and where to go on.
async fn read_on(reader: &Actor, mut after: String, limit: usize) -> (Vec<Value>, String) {
    let mut all = Vec::new();
    loop {
        let page = reader.get(&format!("/api/v1/feed?after={after}&limit={limit}")).await.expect(200).json();
        let items = page["items"].as_array().expect("items").clone();
        after = page["next"].as_str().expect("next, always").to_owned();
        if items.is_empty() {
            return (all, after);
        }
        assert!(items.len() <= limit);
        all.extend(items);
    }
}

fn submitted(events: &[Value]) -> Vec<String> {
    let submitted = events.iter().filter(|e| e["kind"] == "order.submitted");
    submitted.map(|e| e["object_id"].as_str().expect("a key").to_owned()).collect()
}

async fn nothing_is_lost_or_seen_twice_while_orders_come_in(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (one, two) = (app.api(Who::Hospital).await, app.api(Who::OtherHospital).await);
    let street = json!({"recipient": "药库", "phone": "0771-2345678", "address": "北州市和平路 9 号"});
    let other_address = two.post("/api/v1/addresses", &street).await.expect(201).json();
    let other_address = other_address["id"].as_str().expect("id").to_owned();
    let own_address = shop.address.id.to_string();
    let officer = app.api(Who::Officer).await;
    let (_, start) = read_on(&officer, "0".into(), 7).await;
    let done = AtomicBool::new(false);
    let buying = async {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for _ in 0..ORDERS {
            let both =
                tokio::join!(order(app, &shop, &one, &own_address), order(app, &shop, &two, &other_address));
            first.push(both.0);
            second.push(both.1);
        }
        done.store(true, Ordering::SeqCst);
        (first, second)
    };
    // Two servers give positions at once; one of them may be told that the house is busy.
    let placing = async {
        while !done.load(Ordering::SeqCst) {
            let _ = tokio::join!(feed::place(&app.db), feed::place(&app.db));
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        feed::place(&app.db).await.expect("placed");
    };
    let reading = async {
        let (mut all, mut after) = (Vec::new(), start);
        loop {
            let last = done.load(Ordering::SeqCst);
            let (more, next) = read_on(&officer, after, 3).await;
            all.extend(more);
            after = next;
            if last {
                return (all, after);
            }
        }
    };
    let ((first, second), (), (mut seen, after)) = tokio::join!(buying, placing, reading);
    feed::place(&app.db).await.expect("placed");
    seen.extend(read_on(&officer, after, 3).await.0);
    let positions: Vec<i64> = seen.iter().map(|e| e["position"].as_i64().expect("position")).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let keys = submitted(&seen);
    assert_eq!(keys.len(), 2 * ORDERS, "none twice, none lost");
    let everything: BTreeSet<&String> = first.iter().chain(&second).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>(), everything);
    // Each hospital sees its own, the supplier both, somebody else nothing.
    assert_eq!(submitted(&read_on(&one, String::new(), 5).await.0).len(), ORDERS);
    let own: BTreeSet<String> = submitted(&read_on(&two, String::new(), 200).await.0).into_iter().collect();
    assert_eq!(own, second.into_iter().collect());
    let supplier = app.api(Who::Enterprise).await;
    assert_eq!(submitted(&read_on(&supplier, String::new(), 50).await.0).len(), 2 * ORDERS);
    for nobody in [Who::OtherEnterprise, Who::Distributor, Who::Observer] {
        let (events, next) = read_on(&app.api(nobody).await, String::new(), 50).await;
        assert_eq!((submitted(&events).len(), next.as_str()), (0, "0"), "{nobody:?}");
    }
    app.take_mails().await;
}
app_test!(nothing_is_lost_or_seen_twice_while_orders_come_in);

async fn an_event_says_what_happened_and_a_wrong_place_is_named(app: &TestApp) {
    let shop = Shop::open(app).await;
    let hospital = app.api(Who::Hospital).await;
    let id = order(app, &shop, &hospital, &shop.address.id.to_string()).await;
    assert!(hospital.get("/api/v1/feed").await.expect(200).json()["items"][0].is_null(), "no position yet");
    feed::place(&app.db).await.expect("placed");
    let page = hospital.get("/api/v1/feed?limit=1").await.expect(200).json();
    let event = &page["items"][0];
    assert_eq!((event["kind"].as_str(), event["object_id"].as_str()), (Some("order.submitted"), Some(&*id)));
    assert_eq!(
        (event["body"]["state"].as_str(), event["body"]["total"].as_str()),
        (Some("submitted"), Some("12.50"))
    );
    let next = page["next"].as_str().expect("next");
    let end = hospital.get(&format!("/api/v1/feed?after={next}")).await.expect(200).json();
    assert_eq!((end["items"].as_array().map(Vec::len), end["next"].as_str()), (Some(0), Some(next)));
    for (query, pointer) in
        [("after=x", "/after"), ("after=-1", "/after"), ("limit=0", "/limit"), ("limit=201", "/limit")]
    {
        let problem = hospital.get(&format!("/api/v1/feed?{query}")).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
    }
    app.take_mails().await;
}
app_test!(an_event_says_what_happened_and_a_wrong_place_is_named);

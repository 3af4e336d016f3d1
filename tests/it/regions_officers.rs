//! An officer of a city sees its city, one of a county its county: in orders, marked purchases, the feed and the directory.

use std::collections::BTreeSet;

use jicai::platform::feed;
use jicai::platform::who::{OrgKind, Post, Principal};
use serde_json::Value;

use crate::support::bureau::{HOSPITALS, api, order, organisation, person, portal};
use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

fn texts(all: &Value, member: &str) -> BTreeSet<String> {
    let all = all.as_array().expect("a list");
    all.iter().map(|one| one[member].as_str().expect(member).to_owned()).collect()
}

/// What one officer finds: which of the hospitals of [`HOSPITALS`] with their orders, and of these nothing else.
async fn sees(app: &TestApp, officer: &Principal, orders: &[String], expected: &[usize]) {
    let who = &officer.organisation_name;
    let names: BTreeSet<String> = expected.iter().map(|n| HOSPITALS[*n].0.to_owned()).collect();
    let keys: BTreeSet<String> = expected.iter().map(|n| orders[*n].clone()).collect();
    let (api, portal) = (api(app, officer).await, portal(app, officer).await);

    let listed = api.get("/api/v1/orders").await.expect(200).json();
    assert_eq!(texts(&listed["items"], "id"), keys, "orders of {who}");
    assert_eq!(listed["totals"]["count"], expected.len(), "their number for {who}");
    let marked = api.get("/api/v1/marked-purchases").await.expect(200).json();
    assert_eq!(texts(&marked["items"], "order_id"), keys, "marked purchases of {who}");
    assert_eq!(texts(&marked["hospitals"], "hospital"), names, "their hospitals for {who}");
    assert_eq!(marked["totals"]["lines"], expected.len(), "their lines for {who}");
    let events = api.get("/api/v1/feed").await.expect(200).json();
    let events = events["items"].as_array().expect("events").iter();
    let submitted = events.filter(|event| event["kind"] == "order.submitted").cloned().collect();
    assert_eq!(texts(&Value::Array(submitted), "object_id"), keys, "feed of {who}");
    let known = texts(&api.get("/api/v1/organisations").await.expect(200).json()["items"], "name");

    let pages = ["/orders", "/supervision/marked", "/organisations"];
    let mut shown = Vec::new();
    for page in pages {
        shown.push((page, portal.get(page).await.expect(200).text));
    }
    for (n, (name, ..)) in HOSPITALS.iter().enumerate() {
        let own = expected.contains(&n);
        assert_eq!(known.contains(*name), own, "{name} in the directory of {who}");
        for (page, text) in &shown {
            assert_eq!(text.contains(name), own, "{name} on {page} of {who}");
        }
        let status = if own { 200 } else { 404 };
        api.get(&format!("/api/v1/orders/{}", orders[n])).await.expect(status);
        portal.get(&format!("/orders/{}", orders[n])).await.expect(status);
    }
}

async fn officers_see_their_region_everywhere(app: &TestApp) {
    let shop = Shop::open(app).await;
    let mut orders = Vec::new();
    for (n, hospital) in (0_u32..).zip(HOSPITALS) {
        let of = organisation(app, 700 + n, hospital).await;
        let clerk = person(app, &of, Post::Order, &format!("clerk{n}")).await;
        orders.push(order(app, &shop, &clerk).await);
    }
    feed::place(&app.db).await.expect("placed");
    let bureaus = [
        ("南州市医疗保障局", OrgKind::CityBureau, "南州", "", vec![0, 1, 2]),
        ("北州市医疗保障局", OrgKind::CityBureau, "北州", "", vec![3, 4]),
        ("临江县医疗保障局", OrgKind::CountyBureau, "南州", "临江县", vec![1]),
        ("青山县医疗保障局", OrgKind::CountyBureau, "南州", "青山县", vec![2]),
        ("北州临江县医疗保障局", OrgKind::CountyBureau, "北州", "临江县", vec![4]),
    ];
    for (n, (name, kind, city, district, expected)) in (0_u32..).zip(bureaus) {
        let of = organisation(app, 720 + n, (name, kind, city, district)).await;
        let officer = person(app, &of, Post::Officer, &format!("bureau{n}")).await;
        sees(app, &officer, &orders, &expected).await;
    }
    sees(app, &app.person(Who::Bureau), &orders, &[0, 1, 2, 3, 4]).await;
    app.take_mails().await;
}
app_test!(officers_see_their_region_everywhere);

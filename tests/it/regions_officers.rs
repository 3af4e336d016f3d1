//! An officer of a city sees its city, one of a county its county: in orders, marked purchases, the feed and the directory.

use std::collections::BTreeSet;

use jicai::accounts::login::Proven;
use jicai::accounts::session;
use jicai::accounts::users::{self, NewUser};
use jicai::party::Organisation;
use jicai::party::address::{self, AddressInput};
use jicai::party::organisation::{NewOrganisation, register};
use jicai::platform::feed;
use jicai::platform::who::{Kinds, OrgKind, Post, Principal};
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::office::credit_code;
use crate::support::shop::Shop;
use crate::support::{Actor, Credential, TestApp, Who, app_test};

/// Hospitals by city and county; Linjiang stands in two cities, and the clinic of Qingshan is a hospital second.
const HOSPITALS: [(&str, OrgKind, &str, &str); 5] = [
    ("南州市中心医院", OrgKind::PublicHospital, "南州", ""),
    ("临江县人民医院", OrgKind::PublicHospital, "南州", "临江县"),
    ("青山县中医院", OrgKind::Clinic, "南州", "青山县"),
    ("北州市中心医院", OrgKind::PublicHospital, "北州", ""),
    ("北州临江县医院", OrgKind::PublicHospital, "北州", "临江县"),
];

async fn organisation(app: &TestApp, n: u32, of: (&str, OrgKind, &str, &str)) -> Organisation {
    let (name, kind, city, district) = of;
    let others = if kind == OrgKind::Clinic { vec![OrgKind::PrivateHospital] } else { Vec::new() };
    let new = NewOrganisation {
        kind,
        name: name.into(),
        credit_code: credit_code(n),
        city: city.into(),
        other_kinds: Kinds(others),
        district: district.into(),
    };
    register(&app.db, &app.system(), new).await.expect("organisation")
}

async fn person(app: &TestApp, of: &Organisation, post: Post, login: &str) -> Principal {
    let new = NewUser {
        organisation: of.id,
        login: login.into(),
        display_name: login.into(),
        email: String::new(),
        function: post,
        password: PASSWORD.into(),
    };
    let user = users::create(&app.db, &app.auth.passwords, &app.system(), new).await.expect("user");
    Principal {
        user: user.id,
        organisation: of.id,
        kind: of.kind,
        other_kinds: of.other_kinds.clone(),
        post,
        name: user.display_name,
        organisation_name: of.name.clone(),
        request_id: None,
        received_at: app.clock.now(),
    }
}

async fn api(app: &TestApp, who: &Principal) -> Actor {
    let stamp = app.stamp(who.user).await;
    let token = app.auth.tokens.issue(who.user, stamp, app.clock.now()).expect("token");
    Actor::new(&app.base, Credential::Bearer(token))
}

async fn portal(app: &TestApp, who: &Principal) -> Actor {
    let proven = Proven::new(who.clone(), app.stamp(who.user).await);
    let secret = session::open(&app.auth, &proven).await.expect("session");
    Actor::new(&app.base, Credential::Session { secret, form_token: String::new() })
}

/// Orders something that is marked yellow; returns the order's key.
async fn order(app: &TestApp, shop: &Shop, clerk: &Principal) -> String {
    let input = AddressInput {
        recipient: "药库 王药师".into(),
        phone: "0771-2345678".into(),
        address: "民主路 1 号药库".into(),
        is_default: true,
    };
    let address = address::add(&app.db, clerk, input).await.expect("address").id;
    let clerk = api(app, clerk).await;
    let supplier = app.organisation(Who::Enterprise).id;
    let lines = json!([{ "listing_id": shop.yellow.listing.id, "quantity": 10 }]);
    let draft = json!({
        "supplier_id": supplier, "address_id": address, "wanted_on": "2024-08-12", "lines": lines,
    });
    let made = clerk.post("/api/v1/orders", &draft).await.expect(201).json();
    let id = made["id"].as_str().expect("id").to_owned();
    let request = clerk.request("POST", &format!("/api/v1/orders/{id}/submit")).header("if-match", "\"1\"");
    let request = request.header("idempotency-key", uuid::Uuid::new_v4().to_string());
    clerk.send(request.json(&json!({}))).await.expect(200);
    id
}

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

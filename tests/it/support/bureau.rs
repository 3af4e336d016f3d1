//! Hospitals by city and county with an order each, and the bureaus that look after them.

use jicai::accounts::login::Proven;
use jicai::accounts::session;
use jicai::accounts::users::{self, NewUser};
use jicai::party::Organisation;
use jicai::party::address::{self, AddressInput};
use jicai::party::organisation::{NewOrganisation, register};
use jicai::platform::who::{Kinds, OrgKind, Post, Principal};
use serde_json::json;

use super::app::PASSWORD;
use super::office::credit_code;
use super::shop::Shop;
use super::{Actor, Credential, TestApp, Who};

/// Hospitals by city and county; Linjiang stands in two cities, and the clinic of Qingshan is a hospital second.
pub const HOSPITALS: [(&str, OrgKind, &str, &str); 5] = [
    ("南州市中心医院", OrgKind::PublicHospital, "南州", ""),
    ("临江县人民医院", OrgKind::PublicHospital, "南州", "临江县"),
    ("青山县中医院", OrgKind::Clinic, "南州", "青山县"),
    ("北州市中心医院", OrgKind::PublicHospital, "北州", ""),
    ("北州临江县医院", OrgKind::PublicHospital, "北州", "临江县"),
];

pub async fn organisation(app: &TestApp, n: u32, of: (&str, OrgKind, &str, &str)) -> Organisation {
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

pub async fn person(app: &TestApp, of: &Organisation, post: Post, login: &str) -> Principal {
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

pub async fn api(app: &TestApp, who: &Principal) -> Actor {
    let stamp = app.stamp(who.user).await;
    let token = app.auth.tokens.issue(who.user, stamp, app.clock.now()).expect("token");
    Actor::new(&app.base, Credential::Bearer(token))
}

pub async fn portal(app: &TestApp, who: &Principal) -> Actor {
    let proven = Proven::new(who.clone(), app.stamp(who.user).await);
    let secret = session::open(&app.auth, &proven).await.expect("session");
    Actor::new(&app.base, Credential::Session { secret, form_token: String::new() })
}

/// Orders something that is marked yellow; returns the order's key.
pub async fn order(app: &TestApp, shop: &Shop, clerk: &Principal) -> String {
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

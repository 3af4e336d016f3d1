//! What people of an enterprise do: each post opens its own doors and no others.

use jicai::accounts::users::{self, NewUser};
use jicai::party::appointment;
use jicai::platform::sql::{AnyConn, Id};
use jicai::platform::who::{Kinds, OrgKind, Post};
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::door::{bearer, tokens};
use crate::support::office::organisation;
use crate::support::shop::Shop;
use crate::support::{Actor, TestApp, Who, app_test};

/// Somebody of the first manufacturer, at the API.
async fn colleague(app: &TestApp, post: Post) -> Actor {
    member(app, app.organisation(Who::Enterprise).id, "colleague", post).await
}

/// Somebody of an organisation, at the API.
async fn member(app: &TestApp, organisation: Id, name: &str, post: Post) -> Actor {
    let login = format!("{name}.{post}");
    let new = NewUser {
        organisation,
        login: login.clone(),
        display_name: "陈一".into(),
        email: format!("{login}@example.cn"),
        function: post,
        password: PASSWORD.into(),
    };
    users::create(&app.db, &app.auth.passwords, &app.system(), new).await.expect("an account");
    let pair = tokens(app, &login, PASSWORD, None).await.expect(201).json();
    bearer(app, &pair["access_token"])
}

/// An order of twenty of the plain product that waits for the enterprise's answer.
async fn submitted(app: &TestApp, shop: &Shop) -> String {
    submitted_to(app, shop, app.organisation(Who::Enterprise).id).await
}

async fn submitted_to(app: &TestApp, shop: &Shop, supplier: Id) -> String {
    let hospital = app.api(Who::Hospital).await;
    let draft = json!({
        "supplier_id": supplier,
        "address_id": shop.address.id,
        "wanted_on": "2024-08-12",
        "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 20 }],
    });
    let made = hospital.post("/api/v1/orders", &draft).await.expect(201);
    let path = made.header("location").to_owned();
    let request = hospital.request("POST", &format!("{path}/submit")).header("if-match", "\"1\"");
    let body = json!({ "lines": [{ "line_no": 1, "unit_price": "1.25" }] });
    hospital.send(request.header("idempotency-key", "submit").json(&body)).await.expect(200);
    path
}

async fn confirm(who: &Actor, path: &str) -> crate::support::Answer {
    who.send(who.request("POST", &format!("{path}/confirm")).header("if-match", "\"2\"")).await
}

async fn who_lists_does_not_answer_orders_and_the_other_way_round(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (lists, answers) = (colleague(app, Post::Listing).await, colleague(app, Post::Fulfilment).await);
    let (pays, admin) = (colleague(app, Post::Finance).await, colleague(app, Post::Admin).await);
    let path = submitted(app, &shop).await;
    // The letter goes to those who answer orders: one who does everything, one who does only that.
    let mut told: Vec<String> = app.take_mails().await.into_iter().map(|(to, _)| to).collect();
    told.sort();
    assert_eq!(told, ["colleague.fulfilment@example.cn", "enterprise@example.cn"]);
    // Everybody reads; only who answers is offered it and may.
    for (who, may) in [(&lists, json!([])), (&pays, json!([])), (&answers, json!(["confirm", "refuse"]))] {
        assert_eq!(who.get(&path).await.expect(200).json()["may"], may);
    }
    for who in [&lists, &pays, &admin] {
        confirm(who, &path).await.problem(403, "FORBIDDEN");
    }
    confirm(&answers, &path).await.expect(200);
    app.take_mails().await;
    // Prices, products, claims and distributors are the lister's.
    let distributor = app.organisation(Who::Distributor).id;
    let cuts = format!("/api/v1/listings/{}/price-cuts", shop.plain.listing.id);
    let cut = json!({ "unit_price": "1.20", "from_day": "2024-08-06" });
    let cut_by = async |who: &Actor| {
        let key = uuid::Uuid::new_v4().to_string();
        let request = who.request("POST", &cuts).header("if-match", "\"1\"").header("idempotency-key", key);
        who.send(request.json(&cut)).await
    };
    for who in [&answers, &pays, &admin] {
        cut_by(who).await.problem(403, "FORBIDDEN");
        // What the enterprise has everybody there may read; a claim is the lister's.
        who.get("/api/v1/my/products").await.expect(200);
        let claim = [("code", "10001"), ("note", "批准文号由本单位持有")];
        who.upload("/api/v1/my/claims", &claim, &[]).await.problem(403, "FORBIDDEN");
        who.get("/api/v1/distributors").await.problem(403, "FORBIDDEN");
        let body = json!({ "distributor_id": distributor });
        who.post("/api/v1/distributors", &body).await.problem(403, "FORBIDDEN");
    }
    let products = lists.get("/api/v1/my/products").await.expect(200).json();
    assert!(products["items"].as_array().is_some_and(|items| !items.is_empty()), "{products}");
    cut_by(&lists).await.expect(200);
    lists.get("/api/v1/distributors").await.expect(200);
    // People are the administrator's.
    for who in [&lists, &answers, &pays] {
        who.get("/api/v1/users").await.problem(403, "FORBIDDEN");
        who.get("/api/v1/clients").await.problem(403, "FORBIDDEN");
    }
    let users = admin.get("/api/v1/users").await.expect(200).json();
    assert_eq!(users["items"].as_array().map(Vec::len), Some(5), "{users}");
}
app_test!(who_lists_does_not_answer_orders_and_the_other_way_round);

async fn functions_fit_the_organisation(app: &TestApp) {
    let fitting = |kind: jicai::platform::who::OrgKind| -> Vec<&str> {
        Post::ALL.iter().filter(|f| f.fits(kind)).map(|f| f.as_str()).collect()
    };
    use jicai::platform::who::OrgKind::{Distributor, Manufacturer, PublicHospital};
    assert_eq!(fitting(Manufacturer), ["admin", "finance", "trade", "listing", "fulfilment", "viewer"]);
    assert_eq!(
        fitting(Distributor),
        ["admin", "finance", "trade", "fulfilment", "viewer"],
        "it lists nothing"
    );
    assert_eq!(fitting(PublicHospital), ["admin", "order", "report", "check", "finance", "viewer"]);
    let admin = app.api(Who::HospitalAdmin).await;
    let person = |function: &str| -> Value {
        json!({ "login": "li.si", "display_name": "李四", "email": "li.si@example.cn", "function": function })
    };
    for foreign in ["listing", "fulfilment", "trade", "officer"] {
        let refused = admin.post("/api/v1/users", &person(foreign)).await.problem(422, "INVALID");
        assert_eq!(refused["errors"][0]["pointer"], "/function");
    }
    let unknown = admin.post("/api/v1/users", &person("cook")).await.problem(422, "INVALID");
    assert_eq!(unknown["errors"][0]["pointer"], "/function");
}
app_test!(functions_fit_the_organisation);

/// A hospital that also delivers: its buyer orders, its clerk answers, and neither does the other's work.
async fn who_is_two_at_once_stands_on_both_sides(app: &TestApp) {
    use diesel::prelude::*;
    use jicai::platform::schema::organisation as table;
    let shop = Shop::open(app).await;
    let both = organisation(&app.db, OrgKind::PrivateHospital, "澜江医院", 801).await.id;
    let distributes = move |c: &mut AnyConn| {
        let row = diesel::update(table::table.find(both));
        Ok(row.set(table::other_kinds.eq(Kinds(vec![OrgKind::Distributor]))).execute(c)?)
    };
    app.db.write_unaudited("test.kinds", distributes).await.expect("kinds");
    appointment::appoint(&app.db, &app.person(Who::Enterprise), both).await.expect("appointment");
    let buyer = member(app, both, "both", Post::Order).await;
    let clerk = member(app, both, "both", Post::Fulfilment).await;
    let received = submitted_to(app, &shop, both).await;
    let count = async |who: &Actor| {
        let page = who.get("/api/v1/orders").await.expect(200).json();
        page["items"].as_array().map(Vec::len)
    };
    assert_eq!((count(&buyer).await, count(&clerk).await), (Some(0), Some(1)));
    assert_eq!(clerk.get(&received).await.expect(200).json()["may"], json!(["confirm", "refuse"]));
    confirm(&buyer, &received).await.problem(403, "FORBIDDEN");
    confirm(&clerk, &received).await.expect(200);
    let address = json!({
        "recipient": "药库 陈药师", "phone": "0771-2345678", "address": "澜州市江滨路 2 号", "is_default": true,
    });
    let address = buyer.post("/api/v1/addresses", &address).await.expect(201).json();
    let draft = json!({
        "supplier_id": app.organisation(Who::Enterprise).id,
        "address_id": address["id"],
        "wanted_on": "2024-08-12",
        "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 20 }],
    });
    let own = buyer.post("/api/v1/orders", &draft).await.expect(201);
    clerk.post("/api/v1/orders", &draft).await.problem(403, "FORBIDDEN");
    assert_eq!((count(&buyer).await, count(&clerk).await), (Some(1), Some(1)));
    clerk.get(own.header("location")).await.problem(404, "NOT_FOUND");
    app.take_mails().await;
}
app_test!(who_is_two_at_once_stands_on_both_sides);

//! Orders over HTTP: headers, problem documents, and what a machine can get wrong.

use jicai::catalogue;
use jicai::listing::convert::{GroupListing, list_injection_group};
use jicai::listing::direct::{DirectListing, list_direct};
use jicai::listing::{ListingRecord, PriceSource};
use jicai::platform::clock;
use jicai::platform::policy::Policies;
use jicai::rules::injection::Basis;
use serde_json::{Value, json};

use crate::support::office::{day, drug_code, morning, new_product, pack, yuan};
use crate::support::{TestApp, Who, app_test};

/// The law's day is 2024-08-05; a red product of the enterprise, a cheaper one of the other, one without a mark.
struct Shop {
    red: ListingRecord,
    cheap: ListingRecord,
    plain: ListingRecord,
    address: String,
}

impl Shop {
    async fn open(app: &TestApp) -> Self {
        let now = app.now();
        app.db
            .write_unaudited("test.clock", move |c| clock::set_legal(c, now, morning()))
            .await
            .expect("clock");
        let (maker, other) = (app.organisation(Who::Enterprise), app.organisation(Who::OtherEnterprise));
        let (before, after) = (Basis::BeforeEvaluation, Basis::AfterEvaluation);
        let packs = vec![pack(11, 5, "25.00", before), pack(12, 10, "150.10", after)];
        let red = listed(app, new_product(maker, "华南", "注射用头孢曲松钠", "1.0g", 1), packs).await;
        let packs = vec![pack(13, 10, "58.00", Basis::Normal)];
        let cheap = listed(app, new_product(other, "江北", "注射用头孢曲松钠", "1.0g", 2), packs).await;
        let new = new_product(maker, "华南", "注射用青霉素钠", "0.8g", 3);
        let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
        let (unit_price, price_source, from_day) = (yuan("1.25"), PriceSource::General, day("2024-08-01"));
        let plain = DirectListing { product, unit_price, price_source, from_day, term: None };
        let policies = Policies::shipped().expect("policies");
        let plain = list_direct(&app.db, &app.system(), &policies, plain).await.expect("listing");
        let street = json!({"recipient": "药库", "phone": "0771-2345678", "address": "南州市民主路 1 号"});
        let hospital = app.api(Who::Hospital).await;
        let address = hospital.post("/api/v1/addresses", &street).await.expect(201).json();
        let address = address["id"].as_str().expect("id").to_owned();
        Self { red, cheap, plain, address }
    }

    fn draft(&self, app: &TestApp, lines: Value) -> Value {
        json!({
            "supplier_id": app.organisation(Who::Enterprise).id,
            "address_id": self.address,
            "wanted_on": "2024-08-12",
            "lines": lines,
        })
    }
}

async fn listed(
    app: &TestApp,
    new: catalogue::NewProduct,
    packs: Vec<jicai::listing::convert::OldPack>,
) -> ListingRecord {
    let product = catalogue::create::create(&app.db, &app.system(), new).await.expect("product").id;
    let group = GroupListing {
        product,
        packs,
        evaluated: vec![yuan("16.00")],
        originator: vec![yuan("30.00")],
        other_brands: Some(Vec::new()),
        accept_high: true,
        from_day: day("2024-08-01"),
    };
    let policies = Policies::shipped().expect("policies");
    list_injection_group(&app.db, &app.system(), &policies, group).await.expect("listing")
}

async fn the_walking_path(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (hospital, enterprise) = (app.api(Who::Hospital).await, app.api(Who::Enterprise).await);
    // Finds it, and sees why its price is what it is.
    let found = hospital.get("/api/v1/products?q=tbqs").await.expect(200).json();
    let red =
        &found["items"].as_array().expect("items").iter().find(|p| p["mark"] == "red").expect("red").clone();
    assert_eq!((red["unit_price"].as_str(), red["orderable"].as_bool()), (Some("15.01"), Some(true)));
    let listing = red["listing_id"].as_str().expect("listing");
    let why = hospital.get(&format!("/api/v1/listings/{listing}/explanation")).await.expect(200).json();
    assert_eq!(why["explanation"]["result"], "挂网价 15.01 元/支，标识为红色");
    // Is warned, sees the cheaper ones, orders all the same.
    let lines = json!([{"listing_id": listing, "quantity": 20}, {"listing_id": shop.plain.listing.id, "quantity": "3"}]);
    let preview = hospital
        .json("POST", "/api/v1/orders/preview", &shop.draft(app, lines.clone()))
        .await
        .expect(200)
        .json();
    assert_eq!(preview["risks"][0]["code"], "RISK_WARNING");
    let made = hospital.post("/api/v1/orders", &shop.draft(app, lines)).await.expect(201);
    assert_eq!(made.header("etag"), "\"1\"");
    let path = made.header("location").to_owned();
    assert_eq!(made.json()["total"], "303.95");
    let submit = format!("{path}/submit");
    let send = async |version: &str, body: &Value| {
        let key = uuid::Uuid::new_v4().to_string();
        let request = hospital.request("POST", &submit).header("if-match", format!("\"{version}\""));
        hospital.send(request.header("idempotency-key", key).json(body)).await
    };
    let problem = send("1", &json!({})).await.problem(422, "RISK_ACK_REQUIRED");
    assert_eq!(problem["clause"], "INJ-4.3");
    assert_eq!((problem["mark"].as_str(), problem["unit_price"].as_str()), (Some("red"), Some("15.01")));
    assert_eq!((problem["low"].as_str(), problem["ratio"].as_str()), (Some("5.00"), Some("3.0020")));
    assert_eq!(problem["alternatives"][0]["listing_id"], shop.cheap.listing.id.to_string());
    assert_eq!(problem["errors"][0]["pointer"], "/lines/0/risk_acknowledged");
    let reason = "重症患者治疗急需，其余品种暂时缺货";
    let said = json!({"lines": [{"line_no": 1, "unit_price": "15.01", "risk_acknowledged": true, "risk_reason": reason}]});
    let stale = send("9", &said).await.problem(409, "STALE_VERSION");
    assert_eq!(stale["version"], 1);
    let old = json!({"lines": [{"line_no": 1, "unit_price": "15.00", "risk_acknowledged": true, "risk_reason": reason}]});
    let changed = send("1", &old).await.problem(409, "PRICE_CHANGED");
    assert_eq!(
        (changed["lines"][0]["shown_price"].as_str(), changed["lines"][0]["current_price"].as_str()),
        (Some("15.00"), Some("15.01"))
    );
    let sent = send("1", &said).await.expect(200);
    assert_eq!(
        (sent.header("etag"), sent.json()["state"].as_str().map(str::to_owned)),
        ("\"2\"", Some("submitted".into()))
    );
    // The supplier confirms.
    let confirm = format!("{path}/confirm");
    enterprise.json("POST", &confirm, &json!({})).await.problem(400, "IF_MATCH_MISSING");
    let done = enterprise
        .send(enterprise.request("POST", &confirm).header("if-match", "\"2\""))
        .await
        .expect(200)
        .json();
    assert_eq!(
        (done["state"].as_str(), done["answered_at"].as_str().map(|t| &t[..10])),
        (Some("confirmed"), Some("2024-08-05"))
    );
    let again = enterprise.send(enterprise.request("POST", &confirm).header("if-match", "\"3\"")).await;
    again.problem(409, "WRONG_STATE");
    let officer = app.api(Who::Officer).await;
    let marked = officer.get("/api/v1/marked-purchases?mark=red").await.expect(200).json();
    assert_eq!(
        (marked["totals"]["amount"].as_str(), marked["items"][0]["reason"].as_str()),
        (Some("300.20"), Some(reason))
    );
    let sheet = officer.get("/api/v1/marked-purchases.xlsx").await.expect(200);
    assert!(sheet.header("content-disposition").starts_with("attachment"));
    assert_eq!(app.take_mails().await.len(), 2, "one to the supplier, one to the hospital");
}
app_test!(the_walking_path);

async fn a_request_sent_again_is_one_order(app: &TestApp) {
    let shop = Shop::open(app).await;
    let hospital = app.api(Who::Hospital).await;
    let body = shop.draft(app, json!([{"listing_id": shop.plain.listing.id, "quantity": 5}]));
    let send = async |key: &str, body: &Value| {
        hospital
            .send(hospital.request("POST", "/api/v1/orders").header("idempotency-key", key).json(body))
            .await
    };
    let first = send("k1", &body).await.expect(201).json();
    assert_eq!(send("k1", &body).await.expect(201).json(), first);
    let other = shop.draft(app, json!([{"listing_id": shop.plain.listing.id, "quantity": 6}]));
    send("k1", &other).await.problem(422, "IDEMPOTENCY_KEY_REUSED");
    hospital.json("POST", "/api/v1/orders", &body).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
    let list = hospital.get("/api/v1/orders").await.expect(200).json();
    assert_eq!(list["totals"]["count"], 1);
}
app_test!(a_request_sent_again_is_one_order);

async fn what_is_wrong_is_named(app: &TestApp) {
    let shop = Shop::open(app).await;
    let hospital = app.api(Who::Hospital).await;
    let listing = shop.plain.listing.id;
    for quantity in ["0", "-1", "1.5", "1000000000000", "12345678901234567.89", "\"1e3\""] {
        let body = shop.draft(app, json!([{"listing_id": listing, "quantity": "HERE"}])).to_string();
        let request = hospital.request("POST", "/api/v1/orders").header("idempotency-key", "k");
        let request =
            request.header("content-type", "application/json").body(body.replace("\"HERE\"", quantity));
        let problem = hospital.send(request).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], "/lines/0/quantity", "{quantity}");
    }
    let unknown = shop.draft(app, json!([{"listing_id": uuid::Uuid::new_v4(), "quantity": 1}]));
    let problem = hospital.post("/api/v1/orders", &unknown).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/lines/0/listing_id");
    let stray = shop.draft(app, json!([{"listing_id": listing, "quantity": 1, "unit_price": "0.01"}]));
    hospital.post("/api/v1/orders", &stray).await.problem(422, "INVALID");
    let old = shop.draft(app, json!([{"code": drug_code(12), "quantity": 20, "quantity_unit": "unit"}]));
    let mapped = hospital.post("/api/v1/orders", &old).await.expect(201).json();
    assert_eq!(mapped["lines"][0]["code"], drug_code(1));
    assert_eq!(mapped["lines"][0]["listing_id"], shop.red.listing.id.to_string());
    // From its legal day on the old code is refused.
    app.clock.advance(chrono::Duration::days(88));
    let (stopped, mut late) = (app.api(Who::Hospital).await, old);
    late["wanted_on"] = "2024-11-10".into();
    let problem = stopped.post("/api/v1/orders", &late).await.problem(422, "CODE_STOPPED");
    assert_eq!(
        (problem["clause"].as_str(), problem["replaced_by"].as_str()),
        (Some("INJ-6.1"), Some(&*drug_code(1)))
    );
    let nobody = uuid::Uuid::new_v4();
    for path in
        [format!("/api/v1/orders/{nobody}"), format!("/api/v1/products/{nobody}"), "/api/v1/orders/x".into()]
    {
        stopped.get(&path).await.problem(404, "NOT_FOUND");
    }
    stopped.get("/api/v1/products?after=x&q=a").await.problem(400, "UNREADABLE");
    stopped.get("/api/v1/orders?limit=0").await.problem(422, "INVALID");
}
app_test!(what_is_wrong_is_named);

async fn officers_move_the_day_forward_only(app: &TestApp) {
    Shop::open(app).await;
    let officer = app.api(Who::Officer).await;
    let now = officer.get("/api/v1/legal-clock").await.expect(200).json();
    assert_eq!((now["day"].as_str(), now["movable"].as_bool()), (Some("2024-08-05"), Some(true)));
    let moved = officer.post("/api/v1/legal-clock", &json!({"to": "2024-08-07T10:00:00+08:00"})).await;
    assert_eq!(moved.expect(200).json()["day"], "2024-08-07");
    let hospital = app.api(Who::Hospital).await;
    assert_eq!(hospital.get("/api/v1/legal-clock").await.expect(200).json()["day"], "2024-08-07");
    let back = officer.post("/api/v1/legal-clock", &json!({"to": "2024-08-06T10:00:00+08:00"})).await;
    back.problem(422, "CLOCK_FORWARD_ONLY");
    let unclear = officer.post("/api/v1/legal-clock", &json!({"to": "2024-08-09 10:00"})).await;
    assert_eq!(unclear.problem(422, "INVALID")["errors"][0]["pointer"], "/to");
}
app_test!(officers_move_the_day_forward_only);

//! What the office sets: two officers of the agency, a reason, and nobody of any bureau.

use jicai::platform::who::{OrgKind, Post};
use serde_json::{Value, json};

use crate::support::bureau::{api, organisation, person, portal};
use crate::support::shop::Shop;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

const REASON: &str = "省级核定文件〔2024〕12 号";

async fn propose(actor: &Actor, listing: &str, version: i64, body: &Value) -> Answer {
    let request = actor.request("POST", &format!("/api/v1/listings/{listing}/prices"));
    let key = uuid::Uuid::new_v4().to_string();
    let request = request.header("if-match", format!("\"{version}\"")).header("idempotency-key", key);
    actor.send(request.json(body)).await
}

fn price(yuan: &str, from: &str) -> Value {
    json!({ "unit_price": yuan, "from_day": from, "reason": REASON })
}

async fn no_bureau_changes_what_is_the_provinces(app: &TestApp) {
    let shop = Shop::open(app).await;
    let listing = shop.plain.listing.id.to_string();
    let bureaus = [
        ("南州市医疗保障局", OrgKind::CityBureau, "南州", ""),
        ("临江县医疗保障局", OrgKind::CountyBureau, "南州", "临江县"),
    ];
    for (n, bureau) in (0_u32..).zip(bureaus) {
        let of = organisation(app, 740 + n, bureau).await;
        let officer = person(app, &of, Post::Officer, &format!("local{n}")).await;
        let (api, portal) = (api(app, &officer).await, portal(app, &officer).await);
        let now = json!({ "to": "2031-01-01T09:00:00+08:00" });
        let acts: [(&str, String, Value); 8] = [
            ("POST", format!("/api/v1/listings/{listing}/prices"), price("999.00", "2024-08-06")),
            (
                "POST",
                format!("/api/v1/listings/{listing}/renewals"),
                json!({ "until": "2030-01-01", "reason": REASON }),
            ),
            ("POST", "/api/v1/legal-clock".into(), now),
            (
                "POST",
                format!("/api/v1/products/{}/changes", shop.plain.listing.product_id),
                json!({ "changes": { "brand": "新厂牌" }, "reason": REASON }),
            ),
            (
                "PUT",
                format!("/api/v1/organisations/{}/state", app.organisation(Who::Hospital).id),
                json!({ "state": "suspended", "reason": REASON }),
            ),
            ("POST", "/api/v1/policy/proposals".into(), json!({})),
            ("GET", "/api/v1/price-proposals".into(), Value::Null),
            ("GET", "/api/v1/product-work".into(), Value::Null),
        ];
        for (method, path, body) in acts {
            let request = api.request(method, &path).header("if-match", "\"1\"");
            let request = request.header("idempotency-key", uuid::Uuid::new_v4().to_string());
            api.send(request.json(&body)).await.problem(403, "FORBIDDEN");
        }
        for path in
            ["/listings/work", "/products/work", "/registrations", "/imports", "/demo/clock", "/demo/outbox"]
        {
            portal.get(path).await.expect(403);
        }
        let product = portal.get(&format!("/catalogue/{}", shop.plain.listing.product_id)).await.expect(200);
        assert!(!product.text.contains("提出调价"), "a bureau is offered a price");
    }
    let bureau = app.api(Who::Bureau).await;
    propose(&bureau, &listing, 1, &price("999.00", "2024-08-06")).await.problem(403, "FORBIDDEN");
    let still =
        app.api(Who::Hospital).await.get(&format!("/api/v1/listings/{listing}")).await.expect(200).json();
    assert_eq!((&still["unit_price"], &still["listing_version"]), (&json!("1.25"), &json!(1)));
}
app_test!(no_bureau_changes_what_is_the_provinces);

async fn a_price_of_the_office_takes_two_officers_and_a_reason(app: &TestApp) {
    let shop = Shop::open(app).await;
    let listing = shop.plain.listing.id.to_string();
    let (one, other) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let silent = json!({ "unit_price": "1.50", "from_day": "2024-08-06" });
    propose(&one, &listing, 1, &silent).await.expect(422);
    let short = json!({ "unit_price": "1.50", "from_day": "2024-08-06", "reason": "涨" });
    let wrong = propose(&one, &listing, 1, &short).await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/reason");
    propose(&one, &listing, 7, &price("1.50", "2024-08-06")).await.problem(409, "STALE_VERSION");

    let row = propose(&one, &listing, 1, &price("1.50", "2024-08-06")).await.expect(201).json();
    propose(&other, &listing, 1, &price("1.60", "2024-08-06")).await.problem(409, "WRONG_STATE");
    let now = async || {
        let reader = app.api(Who::Hospital).await;
        reader.get(&format!("/api/v1/listings/{listing}")).await.expect(200).json()["history"].clone()
    };
    assert_eq!(now().await.as_array().map(Vec::len), Some(1), "nothing changed yet");
    let decision = format!("/api/v1/price-proposals/{}/decision", row["id"].as_str().expect("id"));
    one.post(&decision, &json!({ "confirm": true })).await.problem(403, "FOUR_EYES");
    let waiting = other.get("/api/v1/price-proposals").await.expect(200).json();
    assert_eq!(waiting["items"][0]["reason"], REASON);
    assert!(app.take_mails().await.is_empty(), "nobody is told of what does not stand");

    let done = other.post(&decision, &json!({ "confirm": true })).await.expect(200).json();
    assert_eq!((&done["state"], &done["decided_name"]), (&json!("confirmed"), &json!("SecondOfficer")));
    other.post(&decision, &json!({ "confirm": true })).await.problem(409, "WRONG_STATE");
    let history = now().await;
    assert_eq!((&history[0]["unit_price"], &history[0]["reason"]), (&json!("1.50"), &json!("rise")));
    let mails = app.take_mails_about("挂网价自 2024-08-06 起调整").await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].0, "enterprise@example.cn");

    // A proposal that was refused, and one that the enterprise's own cut overtook.
    let row = propose(&one, &listing, 2, &price("1.70", "2024-08-09")).await.expect(201).json();
    let path = |row: &Value| format!("/api/v1/price-proposals/{}/decision", row["id"].as_str().expect("id"));
    other.post(&path(&row), &json!({ "confirm": false })).await.expect(200);
    let row = propose(&one, &listing, 2, &price("1.80", "2024-08-10")).await.expect(201).json();
    let maker = app.api(Who::Enterprise).await;
    let cut = maker.request("POST", &format!("/api/v1/listings/{listing}/price-cuts"));
    let cut = cut.header("if-match", "\"2\"").header("idempotency-key", uuid::Uuid::new_v4().to_string());
    maker.send(cut.json(&json!({ "unit_price": "1.30", "from_day": "2024-08-07" }))).await.expect(200);
    other.post(&path(&row), &json!({ "confirm": true })).await.problem(409, "WRONG_STATE");
    assert_eq!(now().await.as_array().map(Vec::len), Some(3));
    assert!(app.take_mails().await.is_empty());
}
app_test!(a_price_of_the_office_takes_two_officers_and_a_reason);

async fn officers_propose_and_decide_on_pages(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (product, listing) = (shop.plain.listing.product_id, shop.plain.listing.id);
    let (one, other) = (app.portal(Who::Officer).await, app.portal(Who::SecondOfficer).await);
    let page = format!("/catalogue/{product}");
    assert!(one.get(&page).await.expect(200).text.contains("提出调价"));
    let act = format!("/listings/{listing}/prices");
    let wrong = [("version", "1"), ("unit_price", "1.50"), ("from_day", "2024-08-06"), ("reason", "涨")];
    let again = one.form(&act, &wrong).await.expect(422).text;
    assert!(again.contains("1.50") && again.contains("调价依据"), "what was typed is kept");
    let right = [("version", "1"), ("unit_price", "1.50"), ("from_day", "2024-08-06"), ("reason", REASON)];
    one.form(&act, &right).await.expect(303);
    let own = one.get("/listings/work").await.expect(200).text;
    assert!(own.contains(REASON) && !own.contains("复核通过"), "who proposed does not decide");
    assert!(other.get("/").await.expect(200).text.contains("复核调价"));
    let work = other.get("/listings/work").await.expect(200).text;
    let decision = work.split("action=\"").map(|rest| rest.split('"').next().unwrap_or_default());
    let decision = decision.into_iter().find(|to| to.starts_with("/price-proposals/")).expect("a decision");
    one.form(decision, &[("verdict", "confirm")]).await.expect(403);
    other.form(decision, &[("verdict", "confirm")]).await.expect(303);
    assert!(!other.get("/listings/work").await.expect(200).text.contains(REASON));
    assert!(other.get(&page).await.expect(200).text.contains("已生效"), "the product's page keeps it");
    assert_eq!(app.take_mails_about("挂网价自").await.len(), 1);
}
app_test!(officers_propose_and_decide_on_pages);

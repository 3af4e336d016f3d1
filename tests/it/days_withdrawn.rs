//! What is decided for a day to come is asked about where the day is far, and can be taken back until it comes.

use diesel::prelude::*;
use jicai::listing::store;
use jicai::platform::schema::{audit_entry, listing_price, outbox_mail};
use jicai::platform::sql::Id;
use serde_json::{Value, json};

use crate::support::office::{day, yuan};
use crate::support::shop::Shop;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

async fn act(who: &Actor, path: &str, version: i64, body: Value) -> Answer {
    let request = who.request("POST", path).header("if-match", format!("\"{version}\""));
    who.send(request.header("idempotency-key", Id::new().to_string()).json(&body)).await
}

async fn prices(app: &TestApp, id: Id) -> Vec<(String, String)> {
    app.take_mails_about("挂网价自").await;
    let record = app.db.read(move |c| store::record(c, id)).await.expect("record");
    record.prices.iter().map(|p| (p.from_day.to_string(), p.unit_price.to_string())).collect()
}

async fn letters(app: &TestApp, about: &str) -> Vec<String> {
    let about = about.to_owned();
    let all: Vec<(String, String)> = app
        .db
        .read(|c| Ok(outbox_mail::table.select((outbox_mail::subject, outbox_mail::body_text)).load(c)?))
        .await
        .expect("mails");
    all.into_iter().filter(|(subject, _)| subject.contains(&about)).map(|(_, text)| text).collect()
}

async fn reasons(app: &TestApp, object: Id, action: &'static str) -> Vec<Option<String>> {
    let query = audit_entry::table
        .filter(audit_entry::object_id.eq(object))
        .filter(audit_entry::action.eq(action))
        .select(audit_entry::reason);
    app.db.read(move |c| Ok(query.load(c)?)).await.expect("entries")
}

/// A price that one officer proposes and another confirms; its key.
async fn set_by_two(app: &TestApp, id: Id, (price, from): (&str, &str)) -> String {
    let (one, other) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let far = json!({ "unit_price": price, "from_day": "2042-09-01", "reason": "省级核定文件〔2024〕1 号" });
    let asked = act(&one, &format!("/api/v1/listings/{id}/prices"), 1, far).await.problem(422, "INVALID");
    assert_eq!(asked["errors"][0]["pointer"], "/from_day");
    let new = json!({ "unit_price": price, "from_day": from, "reason": "省级核定文件〔2024〕1 号" });
    let made = act(&one, &format!("/api/v1/listings/{id}/prices"), 1, new).await.expect(201).json();
    let path = format!("/api/v1/price-proposals/{}/decision", made["id"].as_str().expect("a key"));
    act(&other, &path, 1, json!({ "confirm": true })).await.expect(200);
    let record = app.db.read(move |c| store::record(c, id)).await.expect("record");
    record.prices.last().expect("a price").id.to_string()
}

/// R-02 (a): 2042 for 2024.
async fn a_slip_in_a_prices_day_is_asked_about_and_taken_back(app: &TestApp) {
    let shop = Shop::open(app).await;
    let id = shop.red.listing.id;
    let (maker, officer) = (app.api(Who::Enterprise).await, app.api(Who::Officer).await);
    let cuts = format!("/api/v1/listings/{id}/price-cuts");
    let back = format!("/api/v1/listings/{id}/price-withdrawals");
    let slip = |far: bool| match far {
        true => json!({ "unit_price": "14.00", "from_day": "2042-09-01", "confirm_far": true }),
        false => json!({ "unit_price": "14.00", "from_day": "2042-09-01" }),
    };
    let asked = act(&maker, &cuts, 1, slip(false)).await.problem(422, "INVALID");
    let pointers: Vec<_> = asked["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/from_day", "/confirm_far"]);
    // Two years to the day need no question.
    act(&maker, &cuts, 1, json!({ "unit_price": "14.50", "from_day": "2026-08-06" }))
        .await
        .problem(422, "INVALID");
    let done = act(&maker, &cuts, 1, slip(true)).await.expect(200).json();
    assert_eq!(done["listing_version"], 2);
    let early = json!({ "unit_price": "14.00", "from_day": "2024-08-10" });
    let told = act(&maker, &cuts, 2, early.clone()).await.problem(422, "INVALID");
    assert!(told["detail"].as_str().unwrap().contains("请先撤回该价格"), "{told}");
    // The price in force is 15.01, whatever was decided for 2042.
    let further = json!({ "unit_price": "14.20", "from_day": "2042-10-01", "confirm_far": true });
    let told = act(&maker, &cuts, 2, further).await.problem(422, "INVALID");
    assert!(told["detail"].as_str().unwrap().contains("现价 15.01 元"), "{told}");
    let price = done["history"][0]["id"].clone();
    let withdrawal = json!({ "price": price, "reason": "年份填错，应为 2024 年" });
    let other = app.api(Who::OtherEnterprise).await;
    act(&other, &back, 2, withdrawal.clone()).await.problem(404, "NOT_FOUND");
    act(&app.api(Who::Hospital).await, &back, 2, withdrawal.clone()).await.problem(404, "NOT_FOUND");
    act(&maker, &back, 1, withdrawal.clone()).await.problem(409, "STALE_VERSION");
    let empty = json!({ "price": price, "reason": " " });
    let empty = act(&maker, &back, 2, empty).await.problem(422, "INVALID");
    assert_eq!(empty["errors"][0]["pointer"], "/reason");
    let in_force = json!({ "price": done["history"][1]["id"], "reason": "不该成功的撤回" });
    act(&maker, &back, 2, in_force).await.problem(409, "WRONG_STATE");
    // Its own it is offered to take back.
    let page = format!("/catalogue/{}", shop.red.listing.product_id);
    assert!(app.portal(Who::Enterprise).await.get(&page).await.expect(200).text.contains("撤回价格"));
    let done = act(&maker, &back, 2, withdrawal.clone()).await.expect(200).json();
    assert_eq!((&done["listing_version"], done["history"].as_array().unwrap().len()), (&json!(3), 1));
    assert_eq!(reasons(app, id, "listing.withdraw_price").await, [Some("年份填错，应为 2024 年".to_owned())]);
    let mails = letters(app, "起的价格已撤回").await;
    assert!(mails.len() >= 2, "the enterprise and the agency");
    assert!(mails[0].contains("2042-09-01") && mails[0].contains("年份填错"), "{}", mails[0]);
    act(&maker, &back, 3, withdrawal).await.problem(404, "NOT_FOUND");
    act(&maker, &cuts, 3, early).await.expect(200);
    assert_eq!(prices(app, id).await.last().unwrap(), &("2024-08-10".into(), "14.00".into()));
    drop(officer);
    app.take_mails_about("已撤回").await;
}
app_test!(a_slip_in_a_prices_day_is_asked_about_and_taken_back);

/// The same on the product's page, by the officer.
async fn a_price_to_come_is_taken_back_on_the_page(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (id, page) = (shop.plain.listing.id, format!("/catalogue/{}", shop.plain.listing.product_id));
    let officer = app.portal(Who::Officer).await;
    assert!(!officer.get(&page).await.expect(200).text.contains("撤回价格"), "nothing is to come");
    let price = set_by_two(app, id, ("1.10", "2024-09-01")).await;
    // What the office has set its enterprise does not take back.
    let back = json!({ "price": price, "reason": "企业不能撤回核定价格" });
    let api = app.api(Who::Enterprise).await;
    act(&api, &format!("/api/v1/listings/{id}/price-withdrawals"), 2, back).await.problem(409, "WRONG_STATE");
    for (who, seen) in [
        (Who::Officer, true),
        (Who::Enterprise, false),
        (Who::OtherEnterprise, false),
        (Who::Hospital, false),
    ] {
        let text = app.portal(who).await.get(&page).await.expect(200).text;
        assert_eq!(text.contains("撤回价格"), seen, "{who:?}");
    }
    let path = format!("/listings/{id}/price-withdrawals");
    let short = [("version", "2"), ("price", price.as_str()), ("reason", "错")];
    let shown = officer.form(&path, &short).await.expect(422).text;
    assert!(shown.contains("撤回原因应为") && shown.contains("撤回价格"), "{shown}");
    let good = [("version", "2"), ("price", price.as_str()), ("reason", "该上调未获批准")];
    assert_eq!(officer.form(&path, &good).await.expect(303).header("location"), page);
    assert_eq!(prices(app, id).await, [("2024-08-01".into(), "1.25".to_owned())]);
    assert!(!officer.get(&page).await.expect(200).text.contains("撤回价格"));
    app.take_mails_about("已撤回").await;
}
app_test!(a_price_to_come_is_taken_back_on_the_page);

/// R-02 (b): a listing whose first price has a day in years is overtaken by an officer's.
async fn a_first_price_to_come_is_overtaken(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (id, price) = (shop.plain.listing.id, shop.plain.prices[0].id);
    app.db
        .write_unaudited("test.slip", move |c| {
            let row = diesel::update(listing_price::table.find(price));
            Ok(row.set(listing_price::from_day.eq(day("2042-08-01"))).execute(c)?)
        })
        .await
        .expect("a slip");
    let (maker, officer) = (app.api(Who::Enterprise).await, app.api(Who::Officer).await);
    let back = format!("/api/v1/listings/{id}/price-withdrawals");
    let only = json!({ "price": price, "reason": "首个价格不能撤回" });
    act(&officer, &back, 1, only).await.problem(409, "WRONG_STATE");
    let right = json!({ "unit_price": "1.25", "from_day": "2024-08-06" });
    act(&maker, &format!("/api/v1/listings/{id}/price-cuts"), 1, right.clone()).await.problem(422, "INVALID");
    set_by_two(app, id, ("1.25", "2024-08-06")).await;
    let record = app.db.read(move |c| store::record(c, id)).await.expect("record");
    let all: Vec<_> = record.prices.iter().map(|p| (p.from_day, p.unit_price, p.reason)).collect();
    assert_eq!(all, [(day("2024-08-06"), yuan("1.25"), shop.plain.prices[0].reason)]);
    app.take_mails_about("挂网价自").await;
}
app_test!(a_first_price_to_come_is_overtaken);

const API: &str = "/api/v1/policy/proposals";

fn file(value: &str) -> String {
    format!(
        "extends = \"default@2024-07-08\"\n[inj.mark]\nred_gt = {{ value = {value}, clause = \"INJ-4.1\", \
         source = \"省医保局〔2026〕1号\", basis = \"document\", effective_from = 2026-12-01 }}\n"
    )
}

/// A version of a far day is asked about; one that is confirmed is taken back until its day, and its day is free again.
async fn a_confirmed_version_to_come_is_taken_back(app: &TestApp) {
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let far = app.now().plus(chrono::Duration::days(3000)).day().to_string();
    let new = |text: &str, sure: bool| json!({ "effective_from": far, "text": text, "note": "按省医保局〔2026〕1号调整", "confirm_far": sure });
    let asked = first.post(API, &new(&file("4"), false)).await.problem(422, "INVALID");
    assert_eq!(asked["errors"][0]["pointer"], "/effective_from");
    let made = first.post(API, &new(&file("4"), true)).await.expect(201).json();
    let path = format!("{API}/{}", made["id"].as_str().expect("a key"));
    let why = json!({ "reason": "年份填错" });
    act(&first, &format!("{path}/withdraw"), 1, why.clone()).await.problem(409, "WRONG_STATE");
    act(&second, &format!("{path}/confirm"), 1, json!({})).await.expect(200);
    let page = format!("/policy/proposals/{}", made["id"].as_str().unwrap());
    let portal = app.portal(Who::Officer).await;
    assert!(portal.get("/policy").await.expect(200).text.contains(&page), "the way to it");
    assert!(portal.get(&page).await.expect(200).text.contains("撤回"));
    let on = format!("/api/v1/policy?day={far}");
    assert_eq!(first.get(&on).await.expect(200).json()["name"], format!("default@{far}"));
    act(&first, &format!("{path}/withdraw"), 2, json!({ "reason": "" })).await.problem(422, "INVALID");
    let row = act(&first, &format!("{path}/withdraw"), 2, why).await.expect(200).json();
    assert_eq!((&row["state"], &row["reason"]), (&json!("withdrawn"), &json!("年份填错")));
    assert_eq!(first.get(&on).await.expect(200).json()["name"], "default@2024-07-08");
    let id: Id = row["id"].as_str().unwrap().parse().expect("a key");
    assert_eq!(reasons(app, id, "policy.withdraw").await, [Some("年份填错".to_owned())]);
    let mails = letters(app, "已撤回").await;
    assert!(mails.len() >= 2 && mails[0].contains(&far), "{mails:?}");
    // Another of the same day with other content.
    let again = first.post(API, &new(&file("5"), true)).await.expect(201).json();
    let path = format!("{API}/{}", again["id"].as_str().expect("a key"));
    act(&second, &format!("{path}/confirm"), 1, json!({})).await.expect(200);
    assert_eq!(first.get(&on).await.expect(200).json()["parameters"]["inj.mark.red_gt"]["value"], "5");
    app.take_mails_about("已撤回").await;
}
app_test!(a_confirmed_version_to_come_is_taken_back);

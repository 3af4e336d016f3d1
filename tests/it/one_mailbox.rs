//! One mailbox is one person: what such an account may not confirm is refused, and its pages say why in place of the acts.

use diesel::prelude::*;
use jicai::platform::schema::app_user;
use jicai::platform::sql::Id;
use serde_json::{Value, json};

use crate::support::shop::Shop;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

/// Gives the second officer the first one's mailbox, written otherwise.
async fn share_a_mailbox(app: &TestApp) {
    let (one, two) = (app.person(Who::Officer).user, app.person(Who::SecondOfficer).user);
    app.db
        .write_unaudited("test.mailbox", move |c| {
            let mailbox: String = app_user::table.find(one).select(app_user::email).first(c)?;
            assert!(!mailbox.is_empty());
            let shared = app_user::email.eq(mailbox.to_uppercase());
            Ok(diesel::update(app_user::table.find(two)).set(shared).execute(c)?)
        })
        .await
        .expect("mailbox");
}

async fn act(who: &Actor, path: &str, body: Value) -> Answer {
    let request = who.request("POST", path).header("if-match", "\"1\"");
    who.send(request.header("idempotency-key", Id::new().to_string()).json(&body)).await
}

fn key(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("a key").to_owned()
}

/// The page of `who` offers the act, or says in its place that somebody else must.
async fn offers(app: &TestApp, who: Who, page: &str, act: &str, offered: bool) {
    let text = app.portal(who).await.get(page).await.expect(200).text;
    assert_eq!(text.contains(&format!("action=\"{act}\"")), offered, "{who:?} {page}: {text}");
    assert_eq!(text.contains("同一邮箱的账号"), !offered, "{who:?} {page}: {text}");
}

async fn a_price_of_the_office(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let listing = shop.plain.listing.id;
    let new = json!({ "unit_price": "1.10", "from_day": "2024-09-01", "reason": "省级核定文件〔2024〕1 号" });
    let id = key(&act(&first, &format!("/api/v1/listings/{listing}/prices"), new.clone()).await.expect(201));
    let (page, decision) =
        (format!("/catalogue/{}", shop.plain.listing.product_id), format!("/price-proposals/{id}/decision"));
    for place in [page.as_str(), "/listings/work"] {
        offers(app, Who::Officer, place, &decision, false).await;
        offers(app, Who::SecondOfficer, place, &decision, true).await;
    }
    // While one waits, nobody is offered to propose another.
    let propose = format!("action=\"/listings/{listing}/prices\"");
    for who in [Who::Officer, Who::SecondOfficer] {
        assert!(!app.portal(who).await.get(&page).await.expect(200).text.contains(&propose), "{who:?}");
    }
    share_a_mailbox(app).await;
    for place in [page.as_str(), "/listings/work"] {
        offers(app, Who::SecondOfficer, place, &decision, false).await;
    }
    act(&second, &format!("/api/v1{decision}"), json!({ "confirm": true })).await.problem(403, "FOUR_EYES");
}
app_test!(a_price_of_the_office);

async fn a_change_of_a_product(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let product = shop.plain.listing.product_id;
    let change = json!({ "changes": { "brand": "另一厂牌" }, "reason": "按注册证更正厂牌" });
    let waits = act(&first, &format!("/api/v1/products/{product}/changes"), change).await.expect(200).json();
    let id = waits["waits"]["id"].as_str().expect("a key").to_owned();
    let decision = format!("/product-proposals/{id}/decision");
    let page = format!("/products/{product}");
    offers(app, Who::Officer, &page, &decision, false).await;
    offers(app, Who::SecondOfficer, &page, &decision, true).await;
    share_a_mailbox(app).await;
    offers(app, Who::SecondOfficer, &page, &decision, false).await;
    act(&second, &format!("/api/v1{decision}"), json!({ "confirm": true })).await.problem(403, "FOUR_EYES");
}
app_test!(a_change_of_a_product);

async fn a_version_of_the_policy(app: &TestApp) {
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let day = app.now().plus(chrono::Duration::days(3)).day().to_string();
    let text = "extends = \"default@2024-07-08\"\n[inj.mark]\nred_gt = { value = 4, clause = \"INJ-4.1\", \
                source = \"省医保局〔2026〕1号\", basis = \"document\", effective_from = 2026-12-01 }\n";
    let new = json!({ "effective_from": day, "text": text, "note": "按省医保局〔2026〕1号调整红标界线" });
    let id = key(&first.post("/api/v1/policy/proposals", &new).await.expect(201));
    let page = format!("/policy/proposals/{id}");
    let confirm = format!("{page}/confirm");
    offers(app, Who::Officer, &page, &confirm, false).await;
    offers(app, Who::SecondOfficer, &page, &confirm, true).await;
    share_a_mailbox(app).await;
    offers(app, Who::SecondOfficer, &page, &confirm, false).await;
    act(&second, &format!("/api/v1{confirm}"), Value::Null).await.problem(403, "SAME_PERSON");
}
app_test!(a_version_of_the_policy);

async fn a_notice_on_holidays(app: &TestApp) {
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let new =
        json!({ "number": "国办发明电〔2026〕10号", "issued": "2024-08-05", "days_worked": ["2026-12-31"] });
    let id = key(&first.post("/api/v1/calendar/notices", &new).await.expect(201));
    let page = format!("/calendar/notices/{id}");
    let confirm = format!("{page}/confirm");
    offers(app, Who::Officer, &page, &confirm, false).await;
    offers(app, Who::SecondOfficer, &page, &confirm, true).await;
    share_a_mailbox(app).await;
    offers(app, Who::SecondOfficer, &page, &confirm, false).await;
    act(&second, &format!("/api/v1{confirm}"), Value::Null).await.problem(403, "SAME_PERSON");
}
app_test!(a_notice_on_holidays);

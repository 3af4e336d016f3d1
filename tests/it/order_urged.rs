//! An answer that is late: the hospital reminds the supplier once a day, calls it, or takes the order back and orders again.

use chrono::Duration;
use serde_json::{Value, json};

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn submitted(app: &TestApp, shop: &Shop) -> String {
    let clerk = app.api(Who::Hospital).await;
    let lines = json!([{ "listing_id": shop.plain.listing.id, "quantity": 10 }]);
    let supplier = app.organisation(Who::Enterprise).id;
    let draft = json!({
        "supplier_id": supplier, "address_id": shop.address.id, "wanted_on": "2024-08-12", "lines": lines,
    });
    let made = clerk.post("/api/v1/orders", &draft).await.expect(201).json();
    let id = made["id"].as_str().expect("id").to_owned();
    let submit = clerk.request("POST", &format!("/api/v1/orders/{id}/submit")).header("if-match", "\"1\"");
    let submit = submit.header("idempotency-key", uuid::Uuid::new_v4().to_string());
    clerk.send(submit.json(&json!({}))).await.expect(200);
    id
}

async fn urge(app: &TestApp, id: &str, status: u16) -> Value {
    let clerk = app.api(Who::Hospital).await;
    let request = clerk.request("POST", &format!("/api/v1/orders/{id}/urge")).header("if-match", "\"2\"");
    clerk.send(request).await.expect(status).json()
}

async fn a_late_answer_is_asked_for_once_a_day(app: &TestApp) {
    let shop = Shop::open(app).await;
    let id = submitted(app, &shop).await;
    let early = urge(app, &id, 409).await;
    assert_eq!(early["code"], "WRONG_STATE");
    assert!(early["detail"].as_str().expect("words").contains("未到，逾期未确认的订单才能催办"), "{early}");
    let page = app.portal(Who::Hospital).await.get(&format!("/orders/{id}")).await.expect(200);
    assert!(!page.text.contains("催办"), "{}", page.text);
    app.take_mails().await;

    app.clock.advance(Duration::days(3));
    let portal = app.portal(Who::Hospital).await;
    let page = portal.get(&format!("/orders/{id}")).await.expect(200);
    assert!(page.text.contains("每日限催办一次"), "{}", page.text);
    portal.form(&format!("/orders/{id}/urge"), &[("version", "2")]).await.expect(303);
    let told: Vec<_> = app.take_mails_about("请尽快确认订单").await;
    assert_eq!(told.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["enterprise@example.cn"]);
    let again = urge(app, &id, 409).await;
    assert!(again["detail"].as_str().expect("words").contains("每日一次"), "{again}");
    app.clock.advance(Duration::days(1));
    assert_eq!(urge(app, &id, 200).await["version"], 2, "the order stays as it is");
    assert_eq!(app.take_mails_about("请尽快确认订单").await.len(), 1);
    let detail = app.api(Who::Hospital).await.get(&format!("/api/v1/orders/{id}")).await.expect(200).json();
    let urged = detail["events"].as_array().expect("events").iter().filter(|e| e["action"] == "order.urge");
    assert_eq!(urged.count(), 2);
    // The supplier is asked in its own words.
    let own = app.portal(Who::Enterprise).await.get(&format!("/orders/{id}")).await.expect(200);
    assert!(own.text.contains("现已逾期，请尽快办理") && !own.text.contains("等待"), "{}", own.text);
}
app_test!(a_late_answer_is_asked_for_once_a_day);

/// Cancelled and ordered again in one go: the form has the same lines.
async fn an_order_is_taken_back_and_changed(app: &TestApp) {
    let shop = Shop::open(app).await;
    let id = submitted(app, &shop).await;
    let portal = app.portal(Who::Hospital).await;
    let page = portal.get(&format!("/orders/{id}")).await.expect(200);
    for word in ["撤销并改订", "照此单再订", "撤销订单"] {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
    let form = [("version", "2"), ("again", "true"), ("reason", "数量有误")];
    let answer = portal.form(&format!("/orders/{id}/cancel"), &form).await.expect(303);
    let to = answer.header("location").to_owned();
    assert!(to.starts_with(&format!("/orders/new?copy={id}")), "{to}");
    let opened = portal.get(&to).await.expect(200);
    assert!(opened.text.contains("value=\"10\""), "{}", opened.text);
    app.take_mails().await;
}
app_test!(an_order_is_taken_back_and_changed);

/// Whom to call: set by the administrator, seen by the other side of an order and by nobody else.
async fn both_sides_know_whom_to_call(app: &TestApp) {
    let shop = Shop::open(app).await;
    let id = submitted(app, &shop).await;
    let admin = app.api(Who::HospitalAdmin).await;
    let path = "/api/v1/organisation/contact";
    let set = async |version: &str, phone: &str| {
        let request = admin.request("PUT", path).header("if-match", format!("\"{version}\""));
        admin.send(request.json(&json!({ "name": "药剂科采购组", "phone": phone }))).await
    };
    let wrong = set("0", "零七九一").await.expect(422).json();
    assert_eq!(wrong["errors"][0]["pointer"], "/phone");
    assert_eq!(set("0", "0791-5550132").await.expect(200).json()["version"], 1);
    assert_eq!(set("0", "0791-5550133").await.expect(409).json()["code"], "STALE_VERSION");
    let portal = app.portal(Who::HospitalAdmin).await;
    let form = [("version", "1"), ("name", ""), ("phone", "0791-5550134")];
    let page = portal.form("/organisation/contact", &form).await.expect(422);
    assert!(page.text.contains("联系人") && page.text.contains("0791-5550134"), "{}", page.text);
    for (who, sees) in [(Who::Enterprise, true), (Who::Hospital, false), (Who::Officer, false)] {
        let page = app.portal(who).await.get(&format!("/orders/{id}")).await.expect(200);
        assert_eq!(page.text.contains("药剂科采购组，0791-5550132"), sees, "{who:?}");
    }
    let officer = app.portal(Who::Officer).await;
    let own = format!("/organisations/{}", app.organisation(Who::Hospital).id);
    assert!(officer.get(&own).await.expect(200).text.contains("0791-5550132"));
    app.take_mails().await;
}
app_test!(both_sides_know_whom_to_call);

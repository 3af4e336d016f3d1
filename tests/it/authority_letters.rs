//! A letter to an organisation without active people reaches its administrator, and the agency has a line about it.

use diesel::prelude::*;
use jicai::platform::outbox::{self, MailState};
use jicai::platform::schema::app_user;
use serde_json::json;

use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn set_state(app: &TestApp, who: &[Who], state: &'static str) {
    let users: Vec<_> = who.iter().map(|who| app.person(*who).user).collect();
    app.db
        .write_unaudited("test.state", move |c| {
            let of = app_user::table.filter(app_user::id.eq_any(&users));
            Ok(diesel::update(of).set(app_user::state.eq(state)).execute(c)?)
        })
        .await
        .expect("state");
}

/// Orders and lets the enterprise refuse.
async fn refused_order(app: &TestApp, shop: &Shop, clerks: &[Who]) {
    let clerk = app.api(Who::Hospital).await;
    let supplier = app.organisation(Who::Enterprise).id;
    let lines = json!([{ "listing_id": shop.plain.listing.id, "quantity": 10 }]);
    let draft = json!({ "supplier_id": supplier, "address_id": shop.address.id, "wanted_on": "2024-08-12", "lines": lines });
    let made = clerk.post("/api/v1/orders", &draft).await.expect(201).json();
    let path = format!("/api/v1/orders/{}", made["id"].as_str().expect("id"));
    let key = uuid::Uuid::new_v4().to_string();
    let submit = clerk.request("POST", &format!("{path}/submit")).header("if-match", "\"1\"");
    clerk.send(submit.header("idempotency-key", key).json(&json!({}))).await.expect(200);
    app.take_mails().await;
    set_state(app, clerks, "disabled").await;
    let supplier = app.api(Who::Enterprise).await;
    let refuse = supplier.request("POST", &format!("{path}/refuse")).header("if-match", "\"2\"");
    let refuse = refuse.header("idempotency-key", uuid::Uuid::new_v4().to_string());
    supplier.send(refuse.json(&json!({ "reason": "暂时无货，请改订其他企业" }))).await.expect(200);
}

async fn a_letter_without_a_reader_is_not_lost(app: &TestApp) {
    let shop = Shop::open(app).await;
    refused_order(app, &shop, &[Who::Hospital]).await;
    let hospital = app.organisation(Who::Hospital).name.clone();
    let mails = app.take_mails().await;
    let to: Vec<&str> = mails.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to.len(), 2, "{mails:?}");
    assert!(to.contains(&"hospitaladmin@example.cn") && to.contains(&hospital.as_str()), "{mails:?}");
    let admin = app.person(Who::HospitalAdmin).user;
    let messages = app.db.read(move |c| outbox::messages(c, admin, None, 5)).await.expect("messages");
    assert!(
        messages.iter().any(|m| m.title.contains("已被拒绝") || m.title.contains("拒绝")),
        "{messages:?}"
    );

    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/supervision/mails").await.expect(200).text;
    assert!(page.contains(&hospital) && page.contains("已转送单位管理员"), "{page}");
    let row = app.db.read(|c| outbox::mails(c, Some(MailState::Refused), None, 5)).await.expect("mails");
    assert_eq!(row.len(), 1);
    // Once somebody is there again, it goes to them.
    set_state(app, &[Who::Hospital], "active").await;
    let key = row[0].id.to_string();
    officer.form("/supervision/mails", &[("one", &key)]).await.expect(303);
    let mails = app.take_mails().await;
    assert!(mails.iter().any(|(to, _)| to == "hospital@example.cn"), "{mails:?}");
    let rest = app.db.read(|c| outbox::count(c, MailState::Refused)).await.expect("count");
    assert_eq!(rest, 0);
}
app_test!(a_letter_without_a_reader_is_not_lost);

async fn a_letter_to_nobody_at_all_is_the_agencys_to_do(app: &TestApp) {
    let shop = Shop::open(app).await;
    let all = [Who::Hospital, Who::HospitalAdmin, Who::Finance, Who::HospitalViewer];
    refused_order(app, &shop, &all).await;
    let hospital = app.organisation(Who::Hospital).name.clone();
    let mails = app.take_mails().await;
    assert_eq!(mails.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), [hospital.as_str()]);
    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/supervision/mails").await.expect(200).text;
    assert!(page.contains("没有在用的经办人员和管理员"), "{page}");
    // Sent again while nobody is there, it stays.
    let row = app.db.read(|c| outbox::mails(c, Some(MailState::Refused), None, 5)).await.expect("mails");
    officer.form("/supervision/mails", &[("one", &row[0].id.to_string())]).await.expect(303);
    let rest = app.db.read(|c| outbox::count(c, MailState::Refused)).await.expect("count");
    assert_eq!(rest, 1);
}
app_test!(a_letter_to_nobody_at_all_is_the_agencys_to_do);

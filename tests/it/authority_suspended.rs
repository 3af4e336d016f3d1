//! A supplier is suspended while orders wait for its answer: the hospital is told, and the orders are somebody's to do.

use diesel::prelude::*;
use jicai::platform::jobs::JobState;
use jicai::platform::schema::job;
use jicai::platform::sql::Id;
use serde_json::{Value, json};

use crate::support::sheets::work;
use crate::support::shop::Shop;
use crate::support::{TestApp, Who, app_test};

async fn set(app: &TestApp, state: &str) {
    let officer = app.api(Who::Officer).await;
    let path = format!("/api/v1/organisations/{}", app.organisation(Who::Enterprise).id);
    let version = officer.get(&path).await.header("etag").to_owned();
    let request = officer.request("PUT", &format!("{path}/state")).header("if-match", version);
    officer.send(request.json(&json!({ "state": state, "reason": "质量问题，正在核查" }))).await.expect(200);
}

async fn orders_at_a_suspended_supplier_are_told_and_to_do(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.api(Who::Hospital).await;
    let mut orders = Vec::new();
    for quantity in [10, 20] {
        let lines = json!([{ "listing_id": shop.plain.listing.id, "quantity": quantity }]);
        let supplier = app.organisation(Who::Enterprise).id;
        let draft = json!({ "supplier_id": supplier, "address_id": shop.address.id, "wanted_on": "2024-08-12", "lines": lines });
        let made = clerk.post("/api/v1/orders", &draft).await.expect(201).json();
        let id = made["id"].as_str().expect("id").to_owned();
        let submit =
            clerk.request("POST", &format!("/api/v1/orders/{id}/submit")).header("if-match", "\"1\"");
        let submit = submit.header("idempotency-key", uuid::Uuid::new_v4().to_string());
        clerk.send(submit.json(&json!({}))).await.expect(200);
        orders.push(id);
    }
    app.take_mails().await;
    set(app, "suspended").await;
    work(app).await;
    let told = app.take_mails_about("2 张订单待处理").await;
    assert_eq!(told.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["hospital@example.cn"]);
    app.take_mails().await;
    // Stopped between its last write and its end, the job is taken up again and tells nobody twice.
    let again = app.db.write_unaudited("test.again", |c| {
        let own = job::table.filter(job::kind.eq("order.supplier_suspended"));
        let as_taken = (job::state.eq(JobState::Waiting), job::lease_owner.eq(None::<Id>));
        Ok(diesel::update(own).set(as_taken).execute(c)?)
    });
    let again = again.await;
    assert_eq!(again.expect("the job"), 1);
    work(app).await;
    assert_eq!(app.take_mails_about("订单待处理").await, []);

    let flagged = |page: &Value| {
        page["items"].as_array().is_some_and(|rows| {
            rows.len() == 2
                && rows.iter().all(|row| row["supplier_suspended"] == true && row["overdue"] == false)
        })
    };
    assert!(flagged(&clerk.get("/api/v1/orders").await.expect(200).json()));
    let one = clerk.get(&format!("/api/v1/orders/{}", orders[0])).await.expect(200).json();
    assert!(one["next"].as_str().expect("next").contains("已暂停办理业务"), "{one}");
    let portal = app.portal(Who::Hospital).await;
    assert!(portal.get("/orders").await.expect(200).text.contains("供货企业已暂停业务"));
    assert_eq!(portal.get("/").await.expect(200).text.matches("供货企业已暂停，请撤销后另选").count(), 2);
    let officer = app.portal(Who::Officer).await;
    assert!(officer.get("/orders").await.expect(200).text.contains("供货企业已暂停业务"));
    assert_eq!(officer.get("/").await.expect(200).text.matches("供货企业已暂停，订单无人答复").count(), 2);

    // The hospital takes one back; the other waits on where the supplier acts again.
    let cancel =
        clerk.request("POST", &format!("/api/v1/orders/{}/cancel", orders[0])).header("if-match", "\"2\"");
    let cancel = cancel.header("idempotency-key", uuid::Uuid::new_v4().to_string());
    clerk.send(cancel.json(&json!({ "reason": "" }))).await.expect(200);
    assert_eq!(portal.get("/").await.expect(200).text.matches("供货企业已暂停，请撤销后另选").count(), 1);
    set(app, "active").await;
    work(app).await;
    assert!(!portal.get("/").await.expect(200).text.contains("供货企业已暂停"));
    app.take_mails().await;
}
app_test!(orders_at_a_suspended_supplier_are_told_and_to_do);

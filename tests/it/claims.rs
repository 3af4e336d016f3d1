//! Who owns a product: claims with evidence, contested ones, another organisation's, four eyes; changes by two officers.

use diesel::prelude::*;
use jicai::catalogue::Product;
use jicai::platform::schema::{audit_entry, product};
use serde_json::{Value, json};

use crate::support::sheets::{checked, confirmed, drug, drugs_xlsx, work};
use crate::support::{TestApp, Who, app_test};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n a licence";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

async fn claimed(app: &TestApp, who: Who, code: &str) -> Value {
    let actor = app.api(who).await;
    let fields = [("code", code), ("note", "批准文号由本单位持有")];
    actor.upload("/api/v1/my/claims", &fields, &[("evidence", "批件.png", PNG)]).await.expect(201).json()
}

async fn judged(app: &TestApp, who: Who, claim: &Value, confirm: bool) -> Value {
    let path = format!("/api/v1/claims/{}/decision", claim["id"].as_str().expect("id"));
    let body = json!({ "confirm": confirm, "reason": "材料与登记信息不符" });
    let officer = app.api(who).await;
    let answer = officer.json("POST", &path, &body).await.expect(200).json();
    work(app).await;
    answer
}

async fn products(app: &TestApp) -> Vec<Product> {
    app.db
        .read(|c| Ok(product::table.order(product::approval_no).select(Product::as_select()).load(c)?))
        .await
        .expect("products")
}

async fn imported(app: &TestApp) {
    // The names are of neither organisation: the codes decide.
    let rows = vec![drug(1, 10_001), drug(2, 10_001), drug(3, 10_002)];
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&rows)).await;
    assert_eq!(confirmed(app, &run).await.added, 3);
}

/// The message comes in any case; the mail where it is wanted.
async fn a_decision_comes_by_mail_where_it_is_wanted(app: &TestApp) {
    let mine = app.api(Who::Enterprise).await;
    let choice = json!({ "by_mail": ["order", "tender"] });
    mine.json("PUT", "/api/v1/messages/choices", &choice).await.expect(200);
    let claim = claimed(app, Who::Enterprise, "10001").await;
    judged(app, Who::Officer, &claim, false).await;
    assert_eq!(app.take_mails().await, [], "declined");
    let messages = mine.get("/api/v1/messages?kind=listing").await.expect(200).json();
    assert_eq!(messages["items"].as_array().map(Vec::len), Some(1), "{messages}");
    mine.json("PUT", "/api/v1/messages/choices", &json!({ "by_mail": ["listing"] })).await.expect(200);
    let claim = claimed(app, Who::Enterprise, "10002").await;
    judged(app, Who::Officer, &claim, false).await;
    assert_eq!(app.take_mails().await.len(), 1);
}
app_test!(a_decision_comes_by_mail_where_it_is_wanted);

async fn a_confirmed_code_brings_its_products(app: &TestApp) {
    imported(app).await;
    let mine = app.api(Who::Enterprise).await;
    assert_eq!(mine.get("/api/v1/my/products").await.expect(200).json()["items"], json!([]));
    let claim = claimed(app, Who::Enterprise, "10001").await;
    let work_list = app.api(Who::Officer).await.get("/api/v1/product-work").await.expect(200).json();
    assert_eq!((work_list["unowned_count"].as_i64(), work_list["contested"].clone()), (Some(3), json!([])));
    let done = judged(app, Who::Officer, &claim, true).await;
    assert_eq!(done["state"], "confirmed");
    assert_eq!(app.take_mails().await.len(), 1, "the claimant is told");
    let items = mine.get("/api/v1/my/products").await.expect(200).json();
    let codes: Vec<&str> = items["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|p| p["codes"][0]["code"].as_str())
        .collect();
    assert_eq!(codes.len(), 2, "{items}");
    assert!(codes.iter().all(|code| code.ends_with("10001")));
    let enterprise = app.organisation(Who::Enterprise).id;
    let owners: Vec<_> = products(app).await.iter().map(|p| p.manufacturer_id).collect();
    assert_eq!(owners, [Some(enterprise), Some(enterprise), None]);
    let page = app.portal(Who::Enterprise).await.get("/my/products").await.expect(200);
    assert!(page.text.contains("试验片1") && !page.text.contains("试验片3"), "{}", page.text);
    // What comes later under the code is theirs at once.
    let run = checked(app, "drugs", "b.xlsx", drugs_xlsx(&[drug(4, 10_001)])).await;
    confirmed(app, &run).await;
    assert_eq!(products(app).await[3].manufacturer_id, Some(enterprise));
    let again = mine
        .upload(
            "/api/v1/my/claims",
            &[("code", "10001"), ("note", "再次认领企业代码")],
            &[("evidence", "a.png", PNG)],
        )
        .await;
    again.problem(409, "WRONG_STATE");
}
app_test!(a_confirmed_code_brings_its_products);

async fn a_contested_code_is_shown_and_decided_once(app: &TestApp) {
    imported(app).await;
    let first = claimed(app, Who::Enterprise, "10001").await;
    let second = claimed(app, Who::OtherEnterprise, "１０００１").await;
    // Another organisation's claim is not there, neither at the API nor at the portal nor its evidence.
    let id = first["id"].as_str().expect("id");
    let other = app.api(Who::OtherEnterprise).await;
    other.get(&format!("/api/v1/my/claims/{id}")).await.problem(404, "NOT_FOUND");
    other
        .json("POST", &format!("/api/v1/my/claims/{id}/withdraw"), &json!({}))
        .await
        .problem(404, "NOT_FOUND");
    app.portal(Who::OtherEnterprise).await.form(&format!("/my/claims/{id}/withdraw"), &[]).await.expect(404);
    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/products/work").await.expect(200);
    assert!(page.text.contains("有争议：多家单位认领"), "{}", page.text);
    let work_list = app.api(Who::Officer).await.get("/api/v1/product-work").await.expect(200).json();
    assert_eq!(work_list["contested"], json!(["10001"]));
    let file = page
        .text
        .split("/files/")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("evidence")
        .to_owned();
    app.portal(Who::Officer).await.get(&format!("/files/{file}")).await.expect(200);
    app.portal(Who::Hospital).await.get(&format!("/files/{file}")).await.expect(404);
    judged(app, Who::Officer, &second, true).await;
    let first_now =
        app.api(Who::Enterprise).await.get(&format!("/api/v1/my/claims/{id}")).await.expect(200).json();
    assert_eq!(first_now["state"], "refused");
    assert!(first_now["reason"].as_str().is_some_and(|r| r.contains("已确认归属其他单位")));
    let path = format!("/api/v1/claims/{id}/decision");
    app.api(Who::SecondOfficer)
        .await
        .json("POST", &path, &json!({ "confirm": true }))
        .await
        .problem(409, "WRONG_STATE");
    // Claimed once more, the officer sees whose it is now; confirmed, all products move.
    let third = claimed(app, Who::Enterprise, "10001").await;
    let page = officer.get("/products/work").await.expect(200);
    let holder = &app.organisation(Who::OtherEnterprise).name;
    assert!(page.text.contains(&format!("有争议：该代码现归属{holder}")), "{}", page.text);
    judged(app, Who::SecondOfficer, &third, true).await;
    let enterprise = app.organisation(Who::Enterprise).id;
    assert_eq!(products(app).await[0].manufacturer_id, Some(enterprise));
    app.take_mails().await;
}
app_test!(a_contested_code_is_shown_and_decided_once);

async fn a_claim_needs_a_code_a_reason_and_evidence(app: &TestApp) {
    let api = app.api(Who::Enterprise).await;
    let problem = api
        .upload("/api/v1/my/claims", &[("code", "1000"), ("note", "有")], &[])
        .await
        .problem(422, "INVALID");
    let pointers: Vec<&str> =
        problem["errors"].as_array().expect("errors").iter().filter_map(|e| e["pointer"].as_str()).collect();
    assert_eq!(pointers, ["/code", "/note", "/evidence"]);
    let svg = [("code", "10001"), ("note", "批准文号由本单位持有")];
    let problem =
        api.upload("/api/v1/my/claims", &svg, &[("evidence", "批件.png", SVG)]).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/evidence");
    let page = app.portal(Who::Enterprise).await;
    let answer =
        page.upload("/my/claims", &[("code", "1000"), ("note", "说明文字在此")], &[]).await.expect(422);
    assert!(
        answer.text.contains("5 位数字")
            && answer.text.contains("说明文字在此")
            && answer.text.contains("请上传证明材料")
    );
    let claim = claimed(app, Who::Enterprise, "C12345").await;
    let path = format!("/api/v1/claims/{}/decision", claim["id"].as_str().expect("id"));
    let refused = app.api(Who::Officer).await.json("POST", &path, &json!({ "confirm": false })).await;
    assert_eq!(refused.problem(422, "INVALID")["errors"][0]["pointer"], "/reason");
    assert_eq!(judged(app, Who::Officer, &claim, false).await["state"], "refused");
    app.take_mails().await;
}
app_test!(a_claim_needs_a_code_a_reason_and_evidence);

async fn what_touches_prices_needs_two_officers(app: &TestApp) {
    imported(app).await;
    let row = products(app).await.remove(0);
    let (path, officer) = (format!("/api/v1/products/{}/changes", row.id), app.api(Who::Officer).await);
    let change = |version: i64, changes: Value| {
        let body = json!({ "changes": changes, "reason": "按批准文件更正" });
        let request = officer.request("POST", &path).header("if-match", format!("\"{version}\"")).json(&body);
        officer.send(request)
    };
    let now = change(1, json!({ "special_class": "shortage" })).await.expect(200).json();
    assert_eq!(now["now"]["special_class"], "shortage", "no price hangs on it");
    let waits = change(2, json!({ "strength": "0.5g" })).await.expect(200).json();
    let id = waits["waits"]["id"].as_str().expect("a proposal").to_owned();
    assert_eq!(products(app).await[0].strength, row.strength, "one officer changes nothing");
    change(2, json!({ "brand": "新厂牌" })).await.problem(409, "WRONG_STATE");
    let decision = format!("/api/v1/product-proposals/{id}/decision");
    officer.json("POST", &decision, &json!({ "confirm": true })).await.problem(403, "FOUR_EYES");
    let page = app.portal(Who::Officer).await.get("/products/work").await.expect(200);
    assert!(page.text.contains("规格：0.5g") && !page.text.contains("复核通过"), "{}", page.text);
    let second = app.api(Who::SecondOfficer).await;
    second.json("POST", &decision, &json!({ "confirm": true })).await.expect(200);
    let after = products(app).await.remove(0);
    assert_eq!(
        (after.strength.as_str(), after.content_key.as_deref(), after.version),
        ("0.5g", Some("500mg"), 3)
    );
    let entries: i64 = app
        .db
        .read(move |c| {
            let of = audit_entry::table.filter(audit_entry::object_id.eq(row.id));
            Ok(of.filter(audit_entry::action.eq("product.change")).count().get_result(c)?)
        })
        .await
        .expect("entries");
    assert_eq!(entries, 2);
    change(3, json!({ "state": "draft" })).await.problem(422, "INVALID");
}
app_test!(what_touches_prices_needs_two_officers);

async fn an_unread_strength_is_settled_by_a_person(app: &TestApp) {
    let mut rows = vec![drug(1, 10_001), drug(2, 10_001)];
    for (row, strength) in rows.iter_mut().zip(["0.5g", "一支量"]) {
        (row[1], row[3], row[4]) = ("注射用试验钠".into(), "注射剂".into(), strength.into());
    }
    let run = checked(app, "drugs", "a.xlsx", drugs_xlsx(&rows)).await;
    confirmed(app, &run).await;
    let all = products(app).await;
    let (read, unread) = (&all[0], &all[1]);
    assert_ne!(read.group_id, unread.group_id, "what cannot be read is a group of its own");
    let page = app.portal(Who::Officer).await;
    let list = page.get("/products/work").await.expect(200);
    assert!(list.text.contains("未识别的规格（1）") && list.text.contains("没有含量或装量"), "{}", list.text);
    let form = page.get(&format!("/products/{}", unread.id)).await.expect(200);
    let group = read.group_id.expect("a group").to_string();
    assert!(form.text.contains(&group) && form.text.contains("确认三同组"), "{}", form.text);
    let path = format!("/products/{}/group", unread.id);
    page.form(&path, &[("version", "1"), ("group", &group), ("group_reason", "")]).await.expect(422);
    page.form(&path, &[("version", "1"), ("group", &group), ("group_reason", "经核对批件为 0.5g")])
        .await
        .expect(303);
    let after = products(app).await.remove(1);
    assert_eq!((after.group_id, after.content_fault), (read.group_id, None));
    assert_eq!(after.comparable_key, read.comparable_key);
    assert!(page.get("/products/work").await.expect(200).text.contains("未识别的规格（0）"));
}
app_test!(an_unread_strength_is_settled_by_a_person);

//! How an organisation comes in: over HTTP, as the applicant and the officers do it.

use chrono::Duration;
use diesel::prelude::*;
use jicai::platform::schema::{app_user, audit_entry};
use serde_json::{Value, json};

use crate::support::office::credit_code;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";
const MAIL: &str = "zhou@example.cn";
const SECRET: &str = "a long enough password";

/// The form as somebody fills it in who makes no mistake.
fn filled(code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("name", "霁阳康宁医院".into()),
        ("credit_code", code.into()),
        ("kind", "private_hospital".into()),
        ("other_kinds", "pharmacy".into()),
        ("city", "霁阳市".into()),
        ("district", String::new()),
        ("address", "霁阳市滨江路 18 号".into()),
        ("contact_name", "周文清".into()),
        ("phone", "０７７０－5550188".into()),
        ("email", MAIL.into()),
    ]
}

async fn send(actor: &Actor, path: &str, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    actor.form(path, &fields).await
}

/// With one field typed differently.
fn but(code: &str, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut fields = filled(code);
    fields.retain(|(n, _)| *n != name);
    fields.push((name, value.into()));
    fields
}

fn key_of(location: &str) -> String {
    location.split_once("key=").expect("a key").1.to_owned()
}

/// Begins an application, hands in evidence and submits it. Returns the key of its link.
async fn applied(actor: &Actor, fields: &[(&'static str, String)]) -> String {
    let begun = send(actor, "/registration", fields).await.expect(303);
    let key = key_of(begun.header("location"));
    let file = [("files", "licence.pdf", PDF)];
    actor.upload("/registration/files", &[("key", &key)], &file).await.expect(303);
    actor.form("/registration/submit", &[("key", &key), ("statement", "")]).await.expect(303);
    key
}

/// The one application that officers see.
async fn waiting(app: &TestApp) -> Value {
    let list = app.api(Who::Officer).await.get("/api/v1/registrations").await.expect(200).json();
    list["items"][0].clone()
}

async fn decide(app: &TestApp, who: Who, row: &Value, act: &str, words: &str) -> Answer {
    let actor = app.api(who).await;
    let path = format!("/api/v1/registrations/{}/decisions", row["id"].as_str().expect("id"));
    let request = actor.request("POST", &path).header("if-match", format!("\"{}\"", row["version"]));
    actor.send(request.json(&json!({ "act": act, "words": words }))).await
}

async fn admitted(app: &TestApp) -> String {
    let row = decide(app, Who::Officer, &waiting(app).await, "approve", "").await.expect(200).json();
    decide(app, Who::SecondOfficer, &row, "confirm", "").await.expect(200);
    key_of(app.links_to(MAIL).await.last().expect("a mail"))
}

async fn open(actor: &Actor, key: &str, login: &str) -> Answer {
    let fields =
        [("key", key), ("login", login), ("display_name", "周文清"), ("password", SECRET), ("again", SECRET)];
    actor.form("/welcome", &fields).await
}

async fn an_organisation_comes_in_through_two_officers_and_a_link(app: &TestApp) {
    let visitor = app.visitor().await;
    let key = applied(&visitor, &filled(&credit_code(501))).await;
    let page = visitor.get(&format!("/registration/status?key={key}")).await.expect(200);
    assert!(
        page.text.contains("待初审")
            && page.text.contains("社会办医疗机构、零售药店")
            && page.text.contains("licence.pdf")
    );
    // The applicant sees the own evidence, a stranger with another key does not.
    let row = waiting(app).await;
    assert_eq!((&row["city"], &row["phone"]), (&json!("霁阳"), &json!("0770-5550188")));
    let detail = app
        .api(Who::Officer)
        .await
        .get(&format!("/api/v1/registrations/{}", row["id"].as_str().unwrap()))
        .await;
    let file = detail.expect(200).json()["files"][0]["id"].as_str().expect("a file").to_owned();
    visitor.get(&format!("/registration/files/{file}?key={key}")).await.expect(200);
    visitor.get(&format!("/registration/files/{file}?key=other")).await.expect(404);
    app.portal(Who::Hospital).await.get(&format!("/files/{file}")).await.expect(404);
    // Asked for more, answered.
    decide(app, Who::Officer, &row, "ask_more", "短").await.problem(422, "INVALID");
    decide(app, Who::Officer, &row, "ask_more", "请补充医疗机构执业许可证").await.expect(200);
    let link = app.links_to(MAIL).await.last().expect("a mail").clone();
    let page = visitor.get(&link).await.expect(200);
    assert!(page.text.contains("请补充医疗机构执业许可证") && page.text.contains("待补正"));
    let again = key_of(&link);
    visitor
        .upload("/registration/files", &[("key", &again)], &[("files", "permit.pdf", PDF)])
        .await
        .expect(303);
    let fields = [("key", again.as_str()), ("statement", "已补充 <b>许可证</b>")];
    visitor.form("/registration/submit", &fields).await.expect(303);
    visitor.form("/registration/submit", &fields).await.expect(409);
    // One agrees; the same one may not confirm; a stale version is refused.
    let row = waiting(app).await;
    let officer = app.portal(Who::Officer).await;
    let path = format!("/registrations/{}", row["id"].as_str().unwrap());
    let page = officer.get(&path).await.expect(200);
    assert!(page.text.contains("已补充 &#60;b&#62;许可证&#60;/b&#62;"), "{}", page.text);
    let version = row["version"].to_string();
    let act =
        |act: &'static str, version: &str| vec![("act", act.to_owned()), ("version", version.to_owned())];
    let decide_at = format!("{path}/decide");
    send(&officer, &decide_at, &act("approve", "1")).await.expect(409);
    send(&officer, &decide_at, &act("refuse", &version)).await.expect(422);
    send(&officer, &decide_at, &act("approve", &version)).await.expect(303);
    // Neither is offered to the one who reviewed first; asking for more and refusing stay.
    let page = officer.get(&path).await.expect(200).text;
    assert!(page.contains("复核应由另一位经办人员办理") && page.contains("要求补正"), "{page}");
    assert!(!page.contains("value=\"confirm\"") && !page.contains("value=\"send_back\""), "{page}");
    let page = app.portal(Who::SecondOfficer).await.get(&path).await.expect(200).text;
    assert!(page.contains("value=\"confirm\"") && page.contains("value=\"send_back\""), "{page}");
    let row = waiting(app).await;
    let refused = decide(app, Who::Officer, &row, "confirm", "").await.problem(403, "SAME_PERSON");
    assert_eq!(refused["clause"], "SD-9");
    app.api(Who::Hospital).await.get("/api/v1/registrations").await.problem(403, "FORBIDDEN");
    decide(app, Who::SecondOfficer, &row, "confirm", "").await.expect(200);
    decide(app, Who::SecondOfficer, &row, "confirm", "").await.problem(409, "STALE_VERSION");
    assert!(visitor.get(&format!("/registration/status?key={key}")).await.text.contains("已准入"));
    // The link: opening it twice, as a mail scanner does, uses nothing.
    let link = app.links_to(MAIL).await.last().expect("a mail").clone();
    assert!(link.starts_with("/welcome?key="));
    for _ in 0..2 {
        assert!(visitor.get(&link).await.expect(200).text.contains("霁阳康宁医院"));
    }
    let key = key_of(&link);
    let fields = [
        ("key", key.as_str()),
        ("login", "jiyang"),
        ("display_name", "周文清"),
        ("password", "short"),
        ("again", "short"),
    ];
    visitor.form("/welcome", &fields).await.expect(422);
    // Neither the organisation's name nor the mailbox makes a password.
    for own in ["霁阳康宁医院的第一个密码", "jiyangkangningyiyuan-7", "zhou-zhou-zhou-kq7-v2"] {
        let fields = [("key", key.as_str()), ("login", "first.admin"), ("display_name", "李文清")];
        let fields: Vec<_> = fields.into_iter().chain([("password", own), ("again", own)]).collect();
        let refused = visitor.form("/welcome", &fields).await.expect(422);
        assert!(refused.text.contains("不能含有登录名"), "{own}: {}", refused.text);
    }
    assert!(open(&visitor, &key, "hospital").await.expect(422).text.contains("已有人使用"));
    assert_eq!(open(&visitor, &key, "jiyang").await.expect(303).header("location"), "/login");
    let tokens =
        visitor.post("/api/v1/tokens", &json!({ "login": "jiyang", "password": SECRET })).await.expect(201);
    let mut admin = app.api(Who::Anonymous).await;
    admin.credential =
        crate::support::Credential::Bearer(tokens.json()["access_token"].as_str().unwrap().into());
    let me = admin.get("/api/v1/me").await.expect(200).json();
    assert_eq!((&me["function"], &me["organisation_kind"]), (&json!("admin"), &json!("private_hospital")));
    let own = admin.get("/api/v1/organisation").await.expect(200).json();
    assert_eq!((&own["other_kinds"], own["files"].as_array().map(Vec::len)), (&json!(["pharmacy"]), Some(2)));
    // Used twice, altered.
    for (key, status, said) in [(key.as_str(), 409, "已经使用过"), (&key[..42], 404, "链接不完整或不正确")]
    {
        let page = visitor.get(&format!("/welcome?key={key}")).await.expect(status);
        assert!(page.text.contains(said), "{}", page.text);
        assert!(open(&visitor, key, "jiyang2").await.expect(status).text.contains(said));
    }
    let row = waiting(app).await;
    decide(app, Who::Officer, &row, "send_again", "").await.problem(409, "WRONG_STATE");
    app.take_mails().await;
}
app_test!(an_organisation_comes_in_through_two_officers_and_a_link);

async fn a_link_expires_and_a_new_one_replaces_it(app: &TestApp) {
    let visitor = app.visitor().await;
    applied(&visitor, &filled(&credit_code(502))).await;
    let first = admitted(app).await;
    let row = waiting(app).await;
    decide(app, Who::Officer, &row, "send_again", "").await.expect(200);
    let second = key_of(app.links_to(MAIL).await.last().expect("a mail"));
    assert_ne!(first, second);
    assert!(open(&visitor, &first, "jiyang").await.expect(409).text.contains("过期或已被新的链接取代"));
    app.clock.advance(Duration::days(7));
    assert!(visitor.get(&format!("/welcome?key={second}")).await.expect(409).text.contains("过期"));
    open(&visitor, &second, "jiyang").await.expect(409);
    let query = app_user::table.filter(app_user::login.eq("jiyang")).count();
    let made: i64 = app.db.read(move |c| Ok(query.get_result(c)?)).await.expect("count");
    assert_eq!(made, 0);
    app.take_mails().await;
}
app_test!(a_link_expires_and_a_new_one_replaces_it);

async fn what_is_wrong_is_named_and_nothing_is_lost(app: &TestApp) {
    let visitor = app.visitor().await;
    let code = credit_code(503);
    let last = if code.ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{last}", &code[..17]);
    for (fields, said) in [
        (but(&code, "credit_code", &wrong), "校验位不符"),
        (but(&code, "credit_code", &code[..17]), "应为 18 位，您填了 17 位"),
        (but(&code, "name", "<script>alert(1)</script>医院"), "不能含有 &#60; 或 &#62;"),
        (but(&code, "kind", ""), "请选择单位类别"),
        (but(&code, "email", "zhou@"), "电子邮箱的写法不对"),
        (but(&code, "phone", "abc12345"), "联系电话只能由数字"),
        (but(&code, "other_kinds", "agency"), "不能同时登记为企业、医疗机构或药店"),
    ] {
        let page = send(&visitor, "/registration", &fields).await.expect(422);
        assert!(page.text.contains(said), "{said}: {}", page.text);
        assert!(page.text.contains("霁阳市滨江路 18 号") && !page.text.contains("<script>alert"));
    }
    // Two mistakes, one answer.
    let mut both = but(&code, "kind", "");
    both.retain(|(n, _)| *n != "address");
    let page = send(&visitor, "/registration", &both).await.expect(422);
    assert!(page.text.contains("还差 2 处") && page.text.contains("请填写注册地址"), "{}", page.text);
    // A code that an organisation has, and one that another application has.
    let page = send(&visitor, "/registration", &filled(&credit_code(1))).await.expect(422);
    assert!(page.text.contains("已在平台登记，不能重复登记"));
    applied(&visitor, &filled(&code)).await;
    // Anybody could have made that one up: it stands in nobody's way.
    send(&visitor, "/registration", &but(&code, "email", "other@example.cn")).await.expect(303);
    // Full-width and small letters of an input method are taken; without evidence nothing is submitted.
    let narrow = credit_code(504).to_lowercase();
    let begun = send(&visitor, "/registration", &filled(&narrow)).await.expect(303);
    let key = key_of(begun.header("location"));
    let page = visitor.form("/registration/submit", &[("key", &key)]).await.expect(422);
    assert!(page.text.contains("请先上传营业执照"), "{}", page.text);
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let page =
        visitor.upload("/registration/files", &[("key", &key)], &[("files", "a.svg", svg)]).await.expect(422);
    assert!(page.text.contains("a.svg：不接受该类文件"));
    visitor.get("/registration/status?key=unknown").await.expect(404);
    visitor.get("/registration/status").await.expect(404);
    // What was typed can be changed before it is submitted.
    let mut changed = but(&credit_code(505), "contact_name", "钱文");
    changed.push(("key", key.clone()));
    send(&visitor, "/registration/change", &changed).await.expect(303);
    assert!(visitor.get(&format!("/registration/status?key={key}")).await.text.contains("钱文"));
    app.take_mails().await;
}
app_test!(what_is_wrong_is_named_and_nothing_is_lost);

async fn nobody_decides_on_their_own_application(app: &TestApp) {
    // An officer who is logged in applies for somebody.
    let officer = app.portal(Who::Officer).await;
    applied(&officer, &filled(&credit_code(506))).await;
    let row = waiting(app).await;
    for act in ["approve", "refuse", "ask_more"] {
        let problem =
            decide(app, Who::Officer, &row, act, "没有任何问题").await.problem(403, "OWN_SUBMISSION");
        assert_eq!(problem["clause"], "SD-9");
    }
    let approved = decide(app, Who::SecondOfficer, &row, "approve", "").await.expect(200).json();
    decide(app, Who::Officer, &approved, "confirm", "").await.problem(403, "OWN_SUBMISSION");
    let back =
        decide(app, Who::Bureau, &approved, "send_back", "许可证已过期，请再核对").await.expect(200).json();
    assert_eq!((&back["state"], &back["reviewer_id"]), (&json!("submitted"), &Value::Null));
    decide(app, Who::Bureau, &back, "refuse", "不在本省执业，不予准入").await.expect(200);
    let link = app.links_to(MAIL).await.last().expect("a mail").clone();
    let page = app.visitor().await.get(&link).await.expect(200);
    assert!(page.text.contains("未通过") && page.text.contains("不在本省执业，不予准入"));
    // The audit says who did what.
    let query = audit_entry::table
        .filter(audit_entry::object_type.eq("registration"))
        .order((audit_entry::at, audit_entry::id))
        .select(audit_entry::action);
    let mut actions: Vec<String> = app.db.read(move |c| Ok(query.load(c)?)).await.expect("actions");
    actions.sort();
    assert_eq!(
        actions,
        ["begin", "submit", "approve", "send_back", "refuse"]
            .map(|a| format!("registration.{a}"))
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
    );
    app.take_mails().await;
}
app_test!(nobody_decides_on_their_own_application);

/// What stands beside 登记申请 in the menu.
async fn beside_the_menu(app: &TestApp, who: Who) -> String {
    let page = app.portal(who).await.get("/registrations").await.expect(200).text;
    let item = page.split("href=\"/registrations\"").nth(1).expect("the menu").split("</a>").next();
    item.expect("its end").chars().filter(char::is_ascii_digit).collect()
}

async fn the_menu_counts_what_this_officer_can_decide(app: &TestApp) {
    applied(&app.visitor().await, &filled(&credit_code(506))).await;
    assert_eq!(beside_the_menu(app, Who::Officer).await, "1");
    decide(app, Who::Officer, &waiting(app).await, "approve", "").await.expect(200);
    assert_eq!(beside_the_menu(app, Who::Officer).await, "", "the second officer is another");
    assert_eq!(beside_the_menu(app, Who::SecondOfficer).await, "1");
    app.take_mails().await;
}
app_test!(the_menu_counts_what_this_officer_can_decide);

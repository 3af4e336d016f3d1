//! The directory of organisations, suspension, and what everybody may see.

use std::io::Read;

use diesel::prelude::*;
use jicai::order::draft;
use jicai::order::input::DraftInput;
use jicai::party::organisation::{NewOrganisation, register};
use jicai::platform::schema::audit_entry;
use jicai::platform::who::{Kinds, OrgKind};
use serde_json::json;

use crate::support::app::PASSWORD;
use crate::support::office::{credit_code, refusal};
use crate::support::shop::Shop;
use crate::support::{Actor, Answer, TestApp, Who, app_test};

async fn set(app: &TestApp, who: Who, of: Who, state: &str, reason: &str) -> Answer {
    let (actor, id) = (app.api(who).await, app.organisation(of).id);
    let there = app.api(Who::Officer).await.get(&format!("/api/v1/organisations/{id}")).await;
    let version = there.header("etag").to_owned();
    let request = actor.request("PUT", &format!("/api/v1/organisations/{id}/state"));
    actor.send(request.header("if-match", version).json(&json!({ "state": state, "reason": reason }))).await
}

fn order(app: &TestApp, shop: &Shop) -> serde_json::Value {
    json!({
        "supplier_id": app.organisation(Who::Enterprise).id, "address_id": shop.address.id, "wanted_on": "2024-08-12",
        "lines": [{ "listing_id": shop.plain.listing.id, "quantity": 10 }],
    })
}

async fn submit(clerk: &Actor, draft: &serde_json::Value) -> Answer {
    let path = format!("/api/v1/orders/{}/submit", draft["id"].as_str().expect("id"));
    let key = uuid::Uuid::new_v4().to_string();
    let request = clerk.request("POST", &path).header("if-match", format!("\"{}\"", draft["version"]));
    clerk.send(request.header("idempotency-key", key).json(&json!({}))).await
}

async fn a_suspension_takes_effect_at_once_and_keeps_the_draft(app: &TestApp) {
    let shop = Shop::open(app).await;
    let (clerk, page) = (app.api(Who::Hospital).await, app.portal(Who::Hospital).await);
    let draft = clerk.post("/api/v1/orders", &order(app, &shop)).await.expect(201).json();
    let on_its_way = app.person(Who::Hospital);
    set(app, Who::Officer, Who::Hospital, "suspended", "短").await.problem(422, "INVALID");
    set(app, Who::Hospital, Who::Hospital, "suspended", "没有资格暂停").await.problem(403, "FORBIDDEN");
    set(app, Who::Officer, Who::SecondOfficer, "suspended", "自己的单位不行")
        .await
        .problem(403, "OWN_ORGANISATION");
    set(app, Who::Officer, Who::Hospital, "suspended", "提供虚假材料，正在核查").await.expect(200);
    set(app, Who::Officer, Who::Hospital, "suspended", "提供虚假材料，正在核查")
        .await
        .problem(409, "WRONG_STATE");
    // The token and the session of before the suspension, a new log-in, and a request that was already on its way.
    let told = submit(&clerk, &draft).await.problem(403, "ORGANISATION_SUSPENDED");
    assert!(told["detail"].as_str().expect("words").contains("草稿仍然保留"), "{told}");
    assert!(page.get("/orders").await.expect(303).header("location").starts_with("/login"));
    let login = json!({ "login": "hospital", "password": PASSWORD });
    clerk.post("/api/v1/tokens", &login).await.problem(403, "ORGANISATION_SUSPENDED");
    let wrong = json!({ "login": "hospital", "password": "not the password" });
    clerk.post("/api/v1/tokens", &wrong).await.problem(401, "LOGIN_FAILED");
    let input: DraftInput = serde_json::from_str(&order(app, &shop).to_string()).expect("a draft");
    let late = refusal(draft::create(&app.db, &on_its_way, None, input).await);
    assert_eq!((late.status, late.code), (403, "ORGANISATION_SUSPENDED"));
    // Others go on; the people were told; the audit knows why.
    app.api(Who::OtherHospital).await.get("/api/v1/orders").await.expect(200);
    let mails = app.take_mails().await;
    assert_eq!(
        mails.iter().filter(|(_, s)| s.contains("第一人民医院已暂停办理业务")).count(),
        4,
        "{mails:?}"
    );
    let id = app.organisation(Who::Hospital).id;
    let query = audit_entry::table
        .filter(audit_entry::object_id.eq(id))
        .filter(audit_entry::action.eq("organisation.suspend"))
        .select(audit_entry::reason);
    let reasons: Vec<Option<String>> = app.db.read(move |c| Ok(query.load(c)?)).await.expect("entries");
    assert_eq!(reasons, [Some("提供虚假材料，正在核查".into())]);
    // Lifted: the draft is as it was.
    set(app, Who::Bureau, Who::Hospital, "active", "核查结束，材料属实").await.expect(200);
    let sent = submit(&app.api(Who::Hospital).await, &draft).await.expect(200).json();
    assert_eq!(sent["state"], "submitted");
    let mails = app.take_mails().await;
    assert!(mails.iter().any(|(_, s)| s.contains("已恢复办理业务")), "{mails:?}");
}
app_test!(a_suspension_takes_effect_at_once_and_keeps_the_draft);

async fn a_suspended_supplier_gets_no_order_from_a_draft(app: &TestApp) {
    let shop = Shop::open(app).await;
    let clerk = app.api(Who::Hospital).await;
    let draft = clerk.post("/api/v1/orders", &order(app, &shop)).await.expect(201).json();
    set(app, Who::Officer, Who::Enterprise, "suspended", "质量问题，暂停供货").await.expect(200);
    let problem = submit(&clerk, &draft).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/supplier_id");
    assert!(problem["detail"].as_str().expect("words").contains("停止供货"));
    app.take_mails().await;
}
app_test!(a_suspended_supplier_gets_no_order_from_a_draft);

async fn the_directory_is_filtered_sorted_and_exported_without_formulas(app: &TestApp) {
    let formula = "=cmd|'/C calc'!A0";
    for (name, n) in [(formula, 601), ("+1+1 医药有限公司", 602), ("@SUM(A1) 医药有限公司", 603)]
    {
        let new = NewOrganisation {
            kind: OrgKind::Manufacturer,
            name: name.into(),
            credit_code: credit_code(n),
            city: "南州".into(),
            other_kinds: Kinds(vec![OrgKind::Distributor]),
            district: "城东区".into(),
        };
        register(&app.db, &app.system(), new).await.expect("registered");
    }
    let officer = app.portal(Who::Officer).await;
    let names = |page: &Answer| -> Vec<String> {
        let rows = page.text.split("<th scope=\"row\">").skip(1);
        rows.map(|r| r.split("<span").next().expect("a name").to_owned()).collect()
    };
    let page = officer.get("/organisations?kind=distributor&sort=-time").await.expect(200);
    assert_eq!(names(&page).len(), 4, "the distributor, and three manufacturers that distribute too");
    let hospitals = officer.get("/organisations?kind=public_hospital&city=北州").await.expect(200);
    assert_eq!(names(&hospitals), ["第二人民医院"]);
    let up = names(&officer.get("/organisations").await);
    let mut down = names(&officer.get("/organisations?sort=-name").await);
    down.reverse();
    assert_eq!((up.len(), &up), (11, &down));
    assert!(officer.get("/organisations?q=100%25").await.expect(200).text.contains("没有符合条件的单位"));
    let sheet = officer.request("GET", "/organisations.xlsx?kind=distributor").send().await.expect("a sheet");
    let bytes = sheet.bytes().await.expect("bytes").to_vec();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    let names: Vec<String> =
        archive.file_names().flatten().map(|n| n.to_string()).filter(|n| n.starts_with("xl/")).collect();
    for name in names {
        archive.by_name(&name).expect("a part").read_to_string(&mut text).expect("text");
    }
    assert!(text.contains("=cmd|") && text.contains("@SUM(A1)"), "the names are there, as text");
    assert!(!text.contains("<f>") && !text.contains("<f "), "and no cell is a formula");
    app.portal(Who::Observer).await.get("/organisations").await.expect(403);
}
app_test!(the_directory_is_filtered_sorted_and_exported_without_formulas);

async fn everybody_reads_announcements_and_prices(app: &TestApp) {
    Shop::open(app).await;
    let (officer, stranger) = (app.portal(Who::Officer).await, app.portal(Who::Anonymous).await);
    let fields = [("title", "关于挂网价格的通知"), ("body", "第一段\r\n\r\n<script>alert(1)</script>")];
    app.portal(Who::Hospital).await.form("/announcements", &fields).await.expect(403);
    assert!(
        officer
            .form("/announcements", &[("title", ""), ("body", "短")])
            .await
            .expect(422)
            .text
            .contains("还差 2 处")
    );
    // Asked once, with what it is; nothing is published, and what was typed is there again on the way back.
    let step = |act: &'static str| [fields.as_slice(), &[("act", act)]].concat();
    let asked = officer.form("/announcements", &step("ask")).await.expect(200).text;
    assert!(asked.contains("发布这份公告吗") && asked.contains("2 段，28 个字"), "{asked}");
    assert!(!stranger.get("/announcements").await.expect(200).text.contains("关于挂网价格的通知"));
    let again = officer.form("/announcements", &step("edit")).await.expect(200).text;
    assert!(again.contains("value=\"关于挂网价格的通知\"") && again.contains("第一段"), "{again}");
    officer.form("/announcements", &[("title", ""), ("body", "短"), ("act", "ask")]).await.expect(422);
    let path = officer.form("/announcements", &fields).await.expect(303).header("location").to_owned();
    assert!(stranger.get("/announcements").await.expect(200).text.contains("关于挂网价格的通知"));
    let page = stranger.get(&path).await.expect(200);
    assert!(page.text.contains("<p>第一段</p>") && page.text.contains("&#60;script&#62;"), "{}", page.text);
    assert!(!page.text.contains("<script>alert") && !page.text.contains("撤回公告"));
    let withdraw = format!("{path}/withdraw");
    officer.form(&withdraw, &[("version", "1"), ("reason", "短")]).await.expect(422);
    officer.form(&withdraw, &[("version", "1"), ("reason", "文号有误，另行发布")]).await.expect(303);
    officer.form(&withdraw, &[("version", "2"), ("reason", "文号有误，另行发布")]).await.expect(409);
    let page = stranger.get(&path).await.expect(200);
    assert!(page.text.contains("文号有误，另行发布") && !page.text.contains("第一段"));
    assert!(!stranger.get("/announcements").await.text.contains("关于挂网价格的通知"));
    // Prices: without a log-in, searchable, in pages.
    let page = stranger.get("/prices?q=头孢曲松").await.expect(200);
    assert_eq!(page.text.matches("<th scope=\"row\">").count(), 3, "{}", page.text);
    assert!(page.text.contains("15.01") && page.text.contains("红标") && !page.text.contains("青霉素"));
    assert!(stranger.get("/prices?q=没有这个药").await.expect(200).text.contains("没有找到"));
    assert!(stranger.get("/prices?q=青霉素").await.expect(200).text.contains("1.25"));
}
app_test!(everybody_reads_announcements_and_prices);

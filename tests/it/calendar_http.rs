//! Notices on holidays: two officers put one in force without a new build; days of delivery go on over New Year, provisional
//! beyond what is settled, and are counted again and told when the notice comes.

use diesel::prelude::*;
use jicai::platform::calendar::{Days, RECOUNT, read_days};
use jicai::platform::clock;
use jicai::platform::jobs::{self, NewJob};
use jicai::platform::schema::{app_user, audit_entry, feed_event, outbox_mail};
use serde_json::{Value, json};

use crate::ground_cli::{jicai, run};
use crate::support::office::{at, day};
use crate::support::people::credit_code;
use crate::support::sheets::work;
use crate::support::shop::Shop;
use crate::support::{Actor, Answer, TestApp, TestDb, Who, app_test};

const API: &str = "/api/v1/calendar/notices";

fn arrangement() -> Value {
    json!({
        "number": "国办发明电〔2026〕9号",
        "issued": "2026-12-20",
        "arranges": 2027,
        "days_off": ["2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"],
        "days_worked": ["2027-01-16"],
    })
}

async fn set_clock(app: &TestApp, text: &str) {
    let (now, to) = (app.now(), at(text));
    app.db.write_unaudited("test.clock", move |c| clock::set_legal(c, now, to)).await.expect("clock");
}

/// As an officer does in the demonstration.
async fn move_clock(app: &TestApp, text: &str) {
    app.api(Who::Officer).await.post("/api/v1/legal-clock", &json!({ "to": text })).await.expect(200);
}

async fn decide(who: &Actor, id: &str, act: &str, seen: i64, body: Option<Value>) -> Answer {
    let request = who.request("POST", &format!("{API}/{id}/{act}")).header("if-match", format!("\"{seen}\""));
    who.send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

/// Orders on the legal day `today`, the goods being wanted some days later; returns the order's address.
async fn ordered(app: &TestApp, shop: &Shop, today: &str) -> String {
    let hospital = app.api(Who::Hospital).await;
    let draft = json!({
        "supplier_id": app.organisation(Who::Enterprise).id,
        "address_id": shop.address.id,
        "wanted_on": day(today) + chrono::Days::new(7),
        "lines": [{"listing_id": shop.plain.listing.id, "quantity": 3}],
    });
    let made = hospital.post("/api/v1/orders", &draft).await.expect(201);
    assert!(made.json().get("deliver_by").is_none(), "a draft has no day of delivery");
    let path = made.header("location").to_owned();
    let request = hospital.request("POST", &format!("{path}/submit")).header("if-match", "\"1\"");
    let key = uuid::Uuid::new_v4().to_string();
    let sent =
        hospital.send(request.header("idempotency-key", key).json(&json!({}))).await.expect(200).json();
    assert_eq!(sent["state"], "submitted");
    assert!(sent["respond_by"].is_string(), "the answer's deadline");
    path
}

async fn due(app: &TestApp, path: &str) -> (String, bool) {
    let order = app.api(Who::Enterprise).await.get(path).await.expect(200).json();
    let provisional = order.get("deliver_by_provisional").is_some_and(|flag| flag == true);
    (order["deliver_by"].as_str().expect("a day of delivery").to_owned(), provisional)
}

/// What was written so far under a subject that says so: to whom, and the words.
async fn letters(app: &TestApp, subject: &str) -> Vec<(String, String)> {
    let like = format!("%{subject}%");
    app.db
        .read(move |c| {
            Ok(outbox_mail::table
                .filter(outbox_mail::subject.like(like))
                .select((outbox_mail::recipient, outbox_mail::body_text))
                .load(c)?)
        })
        .await
        .expect("mails")
}

/// From 2026-11-20 to 2027-01-10: nothing is refused, what passes 28 December is provisional, the notice settles it.
async fn deadlines_go_on_over_new_year(app: &TestApp) {
    let shop = Shop::open(app).await;
    set_clock(app, "2026-11-20T09:00:00+08:00").await;
    let mut orders = Vec::new();
    for (today, expected, provisional) in [
        ("2026-11-20", "2026-12-04", false),
        ("2026-12-14", "2026-12-28", false),
        ("2026-12-15", "2026-12-29", true),
        ("2026-12-18", "2027-01-04", true),
        ("2027-01-10", "2027-01-22", true),
    ] {
        if today != "2026-11-20" {
            move_clock(app, &format!("{today}T09:00:00+08:00")).await;
        }
        let path = ordered(app, &shop, today).await;
        assert_eq!(due(app, &path).await, (expected.to_owned(), provisional), "{today}");
        orders.push(path);
    }
    let page = orders[3].replace("/api/v1", "");
    let marked = "2027-01-04（暂定，放假安排公布后重新计算）";
    for who in [Who::Hospital, Who::Enterprise, Who::Officer] {
        let portal = app.portal(who).await;
        assert!(portal.get(&page).await.expect(200).text.contains(marked), "{who:?}");
        assert!(portal.get("/orders?columns=delivery").await.expect(200).text.contains("暂定"), "{who:?}");
    }
    let sent = letters(app, "待确认").await;
    assert!(sent.iter().any(|(_, text)| text.contains(&format!("最迟 {marked} 配送到位"))), "{sent:?}");

    let id = brought(app, &arrangement()).await;
    decide(&app.api(Who::SecondOfficer).await, &id, "confirm", 1, None).await.expect(200);
    work(app).await;
    let now: Vec<_> = [
        due(app, &orders[0]).await,
        due(app, &orders[1]).await,
        due(app, &orders[2]).await,
        due(app, &orders[3]).await,
        due(app, &orders[4]).await,
    ]
    .into();
    let settled = ["2026-12-04", "2026-12-28", "2026-12-29", "2027-01-05", "2027-01-21"];
    assert_eq!(now, settled.map(|day| (day.to_owned(), false)));
    told(app).await;
    app.take_mails().await;
    // The job runs again and finds nothing.
    let again = NewJob::new(RECOUNT, json!({ "notice": "国办发明电〔2026〕9号" }));
    let now = app.now();
    app.db.write_unaudited("test.again", move |c| jobs::enqueue(c, &again, now)).await.expect("a job");
    work(app).await;
    assert_eq!(app.take_mails().await, []);
}
app_test!(deadlines_go_on_over_new_year);

/// Both sides of the three orders, in letters and in the feed; the audit says by which notice.
async fn told(app: &TestApp) {
    let letters = letters(app, "重新计算").await;
    for words in
        ["的配送期限为 2027-01-05；此前暂定为 2027-01-04", "的配送期限为 2026-12-29；此前暂定为 2026-12-29"]
    {
        let to = letters.iter().filter(|(_, text)| text.contains(words)).count();
        assert!(to >= 2, "{words}: {letters:?}");
    }
    assert!(letters.iter().all(|(_, text)| text.contains("按国办发明电〔2026〕9号重新计算")));
    let (events, reasons) = app
        .db
        .read(|c| {
            let events: i64 =
                feed_event::table.filter(feed_event::kind.eq("order.recounted")).count().get_result(c)?;
            let reasons: Vec<Option<String>> = audit_entry::table
                .filter(audit_entry::action.eq("order.recount"))
                .select(audit_entry::reason)
                .load(c)?;
            Ok((events, reasons))
        })
        .await
        .expect("read");
    assert_eq!(events, 3);
    assert_eq!(reasons, vec![Some("国办发明电〔2026〕9号".to_owned()); 3]);
}

async fn brought(app: &TestApp, notice: &Value) -> String {
    let answer = app.api(Who::Officer).await.post(API, notice).await.expect(201);
    answer.json()["id"].as_str().expect("id").to_owned()
}

async fn two_officers_put_a_notice_in_force(app: &TestApp) {
    set_clock(app, "2026-12-21T09:00:00+08:00").await;
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let id = brought(app, &arrangement()).await;
    first.post(API, &arrangement()).await.problem(409, "NOTICE_KNOWN");
    let shipped =
        json!({ "number": "国办发明电〔2025〕7号", "issued": "2025-11-04", "days_off": ["2026-01-01"] });
    first.post(API, &shipped).await.problem(409, "NOTICE_KNOWN");
    let settled = async || first.get("/api/v1/calendar").await.expect(200).json()["settled_until"].clone();
    assert_eq!(settled().await, "2026-12-28");
    decide(&first, &id, "confirm", 1, None).await.problem(403, "SAME_PERSON");
    decide(&second, &id, "confirm", 2, None).await.problem(409, "STALE_VERSION");
    // A second account of the same mailbox is the same person.
    let (one, two) = (app.person(Who::Officer).user, app.person(Who::SecondOfficer).user);
    let own = app
        .db
        .write_unaudited("test.mailbox", move |c| {
            let own: String = app_user::table.find(two).select(app_user::email).first(c)?;
            let other: String = app_user::table.find(one).select(app_user::email).first(c)?;
            let shared = app_user::email.eq(other.to_uppercase());
            diesel::update(app_user::table.find(two)).set(shared).execute(c)?;
            Ok(own)
        })
        .await
        .expect("mailbox");
    decide(&second, &id, "confirm", 1, None).await.problem(403, "SAME_PERSON");
    app.db
        .write_unaudited("test.mailbox", move |c| {
            Ok(diesel::update(app_user::table.find(two)).set(app_user::email.eq(own.clone())).execute(c)?)
        })
        .await
        .expect("mailbox");
    let row = decide(&second, &id, "confirm", 1, None).await.expect(200).json();
    assert_eq!((&row["state"], &row["version"]), (&json!("confirmed"), &json!(2)));
    assert_eq!(settled().await, "2027-12-28");
    decide(&second, &id, "confirm", 2, None).await.problem(409, "WRONG_STATE");
    // One that is turned down leaves its number free.
    let amendment =
        json!({ "number": "国办发明电〔2026〕10号", "issued": "2026-12-21", "days_worked": ["2026-12-31"] });
    let id = brought(app, &amendment).await;
    decide(&first, &id, "reject", 1, Some(json!({ "reason": "日期抄错" }))).await.expect(200);
    brought(app, &amendment).await;
}
app_test!(two_officers_put_a_notice_in_force);

async fn what_is_wrong_with_a_notice_is_named(app: &TestApp) {
    set_clock(app, "2026-12-21T09:00:00+08:00").await;
    let officer = app.api(Who::Officer).await;
    for (member, value, pointer) in [
        ("number", json!("号"), "/number"),
        ("issued", json!("2026-12-22"), "/issued"),
        ("issued", json!("1999-12-01"), "/issued"),
        ("arranges", json!(2029), "/arranges"),
        ("arranges", json!(2026), "/days_off"),
        ("days_off", json!([]), "/days_off"),
        ("days_off", json!(["2072-01-01"]), "/days_off"),
        ("days_worked", json!(["2027-01-01"]), "/days_worked"),
    ] {
        let mut notice = arrangement();
        notice[member] = value;
        if pointer == "/days_off" && member == "arranges" {
            notice["days_off"] = json!(["2027-01-01"]);
        }
        let problem = officer.post(API, &notice).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{member}: {problem}");
    }
}
app_test!(what_is_wrong_with_a_notice_is_named);

async fn an_officer_types_a_notice_into_the_page(app: &TestApp) {
    set_clock(app, "2026-12-21T09:00:00+08:00").await;
    let (first, second) = (app.portal(Who::Officer).await, app.portal(Who::SecondOfficer).await);
    let fields = |off: &'static str| {
        [
            ("number", "国办发明电〔2026〕9号"),
            ("issued", "2026-12-20"),
            ("arranges", "2027"),
            ("days_off", off),
            ("days_worked", "2027-01-16"),
        ]
    };
    let wrong = first.form("/calendar/propose", &fields("2027年1月1日")).await.expect(422);
    assert!(wrong.text.contains("放假的日子应逐日填写") && wrong.text.contains("2027年1月1日"));
    let sent = first.form("/calendar/propose", &fields("2026-12-31 至 2027-01-03")).await.expect(303);
    let page = sent.header("location").split('?').next().expect("a page").to_owned();
    let shown = second.get(&page).await.expect(200);
    assert!(shown.text.contains("2026-12-31 至 2027-01-03") && shown.text.contains("确认执行"));
    assert!(!first.get(&page).await.expect(200).text.contains("确认执行"), "not for who brought it");
    second.form(&format!("{page}/confirm"), &[("version", "1")]).await.expect(303);
    let list = first.get("/calendar").await.expect(200);
    assert!(list.text.contains("2027-12-28") && list.text.contains("国办发明电〔2026〕9号"));
}
app_test!(an_officer_types_a_notice_into_the_page);

#[test]
fn days_are_read_as_they_are_typed() {
    let read = |typed: &str| read_days("放假的日子", typed).map(|days| days.shown());
    assert_eq!(
        read("2027-02-05 至 2027-02-07，2027-04-05"),
        Ok("2027-02-05 至 2027-02-07、2027-04-05".into())
    );
    assert_eq!(read("２０２７-04-05\n2027-04-03~2027-04-04"), Ok("2027-04-03 至 2027-04-05".into()));
    assert_eq!(read(""), Ok(String::new()));
    assert!(read("2027-02-05 至").is_err() && read("2027-02-07 至 2027-02-05").is_err());
    assert!(read("2027-01-01 至 2027-12-31").is_err() && read("2027-02-30").is_err());
    assert_eq!(Days(vec![day("2027-01-01")]).shown(), "2027-01-01");
}

/// A notice that is brought by command waits for another officer like any other.
async fn an_operator_brings_a_notice_in_an_officers_name(test: TestDb) {
    let dir = tempfile::tempdir().expect("tempdir");
    let command = || {
        let mut command = jicai(dir.path());
        command.env("DATABASE_URL", test.url());
        command
    };
    run(command().arg("migrate"), 0);
    for (n, role, login) in [(1, "agency.officer", "zhang.san"), (2, "public_hospital.order", "li.si")] {
        let code = credit_code(n).to_lowercase();
        let name = format!("第{n}单位");
        let mut add = command();
        add.args(["user", "add", "--organisation", &code, "--organisation-name", &name, "--city", "澜州"]);
        run(add.args(["--role", role, "--login", login, "--name", "张三"]), 0);
    }
    let file = "year = 2027\nnotice = \"国办发明电〔2026〕9号\"\nissued = \"2024-11-12\"\nholidays = [\"2025-01-02\"]\n";
    let path = dir.path().join("2027.toml");
    std::fs::write(&path, format!("{file}workdays = []\n")).expect("written");
    let propose =
        |by: &str, status: i32| run(command().args(["calendar", "propose", "2027.toml", "--by", by]), status);
    assert!(propose("li.si", 2).contains("没有可以录入放假安排的经办人"));
    let said = propose("zhang.san", 2);
    assert!(said.contains("应为印发当年或次年"), "{said}");
    std::fs::write(&path, format!("{}workdays = []\n", file.replace("2027", "2025"))).expect("written");
    let said = propose("zhang.san", 0);
    assert!(said.contains("请另一位经办人"), "{said}");
    let shown = run(command().args(["calendar", "show"]), 0);
    assert!(shown.contains("2026-12-28") && !shown.contains("9号，"), "not before it is confirmed: {shown}");
}

mod an_operator_brings_a_notice_in_an_officers_name {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        super::an_operator_brings_a_notice_in_an_officers_name(crate::support::TestDb::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        if let Some(test) = crate::support::TestDb::postgres() {
            super::an_operator_brings_a_notice_in_an_officers_name(test).await;
        }
    }
}

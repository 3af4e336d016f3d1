//! A new version of the parameters: one officer brings it, a second confirms it, it is in force from its day.

use chrono::Duration;
use diesel::prelude::*;
use jicai::platform::db::Actor as DbActor;
use jicai::platform::error::Error;
use jicai::platform::policy::proposal::Proposal;
use jicai::platform::policy::{Policies, group, label};
use jicai::platform::schema::{audit_entry, policy_proposal, policy_version};
use jicai::platform::sql::Id;
use jicai::rules::profiles::Library;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp, Who, app_test};

const API: &str = "/api/v1/policy/proposals";

/// A day that is to come.
fn later(app: &TestApp, days: i64) -> String {
    app.now().plus(Duration::days(days)).day().to_string()
}

fn file(value: &str) -> String {
    format!(
        "extends = \"default@2024-07-08\"\n[inj.mark]\nred_gt = {{ value = {value}, clause = \"INJ-4.1\", \
         source = \"省医保局〔2026〕1号\", basis = \"document\", effective_from = 2026-12-01 }}\n"
    )
}

fn version(day: &str, text: &str) -> Value {
    json!({ "effective_from": day, "text": text, "note": "按省医保局〔2026〕1号调整红标界线" })
}

async fn decide(who: &Actor, id: &str, act: &str, seen: i64, body: Option<Value>) -> Answer {
    let request = who.request("POST", &format!("{API}/{id}/{act}")).header("if-match", format!("\"{seen}\""));
    who.send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

async fn proposed(app: &TestApp, day: &str, text: &str) -> String {
    let answer = app.api(Who::Officer).await.post(API, &version(day, text)).await.expect(201);
    assert_eq!(answer.header("etag"), "\"1\"");
    answer.json()["id"].as_str().expect("id").to_owned()
}

async fn two_officers_put_a_version_in_force_from_its_day(app: &TestApp) {
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::SecondOfficer).await);
    let day = later(app, 3);
    let id = proposed(app, &day, &file("4")).await;
    decide(&first, &id, "confirm", 1, None).await.problem(403, "SAME_PERSON");
    decide(&second, &id, "confirm", 2, None).await.problem(409, "STALE_VERSION");
    let on = |day: &str| format!("/api/v1/policy?day={day}");
    assert_eq!(first.get(&on(&day)).await.expect(200).json()["name"], "default@2024-07-08", "not confirmed");
    let row = decide(&second, &id, "confirm", 1, None).await.expect(200).json();
    assert_eq!((&row["state"], &row["version"]), (&json!("confirmed"), &json!(2)));
    let held = first.get(&on(&day)).await.expect(200).json();
    assert_eq!(
        (&held["name"], &held["before"]),
        (&json!(format!("default@{day}")), &json!("default@2024-07-08"))
    );
    assert_eq!(held["parameters"]["inj.mark.red_gt"]["value"], "4");
    assert_eq!(held["changes"].as_object().expect("changes").keys().collect::<Vec<_>>(), ["inj.mark.red_gt"]);
    let change = &held["changes"]["inj.mark.red_gt"];
    assert_eq!((&change["old"]["value"], &change["new"]["value"]), (&json!("3"), &json!("4")));
    let eve = later(app, 2);
    assert_eq!(first.get(&on(&eve)).await.expect(200).json()["parameters"]["inj.mark.red_gt"]["value"], "3");
    decide(&second, &id, "confirm", 2, None).await.problem(409, "WRONG_STATE");
    decide(&first, &id, "reject", 2, Some(json!({ "reason": "不再需要" }))).await.problem(409, "WRONG_STATE");
    kept(app, held["digest"].as_str().expect("digest"), &id).await;
}
app_test!(two_officers_put_a_version_in_force_from_its_day);

/// The database holds it by its digest, the audit holds both acts, another instance finds it.
async fn kept(app: &TestApp, digest: &str, id: &str) {
    let (wanted, id): (String, Id) = (digest.to_owned(), id.parse().expect("id"));
    let (versions, acts) = app
        .db
        .read(move |c| {
            let versions: i64 =
                policy_version::table.filter(policy_version::digest.eq(&wanted)).count().get_result(c)?;
            let acts: Vec<(String, Option<String>)> = audit_entry::table
                .filter(audit_entry::object_id.eq(id))
                .order(audit_entry::action)
                .select((audit_entry::action, audit_entry::reason))
                .load(c)?;
            Ok((versions, acts))
        })
        .await
        .expect("read");
    assert_eq!(versions, 1);
    let actions: Vec<_> = acts.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["policy.confirm", "policy.propose"]);
    assert_eq!(acts[1].1.as_deref(), Some("按省医保局〔2026〕1号调整红标界线"));
    let other = Policies::shipped().expect("policies");
    assert_eq!(other.versions().len(), 1);
    other.refresh(&app.db).await.expect("refreshed");
    let (_, latest) = other.versions().pop().expect("versions");
    assert_eq!(latest.digest(), digest);
}

async fn a_wrong_file_is_named_key_by_key(app: &TestApp) {
    let officer = app.api(Who::Officer).await;
    let day = later(app, 3);
    let cases = [
        (file("4").replace("red_gt", "red_gr"), "没有名为 inj.mark.red_gr 的参数"),
        (file("4").replace("extends = \"default@2024-07-08\"\n", ""), "缺少参数 award.entrusted.min"),
        (file("\"high\""), "inj.mark.red_gt: value 应为小数，范围"),
        (
            file("4").replace("basis = \"document\"", "basis = \"law\""),
            "inj.mark.red_gt: basis 应为 \"document\"",
        ),
        (file("4").replace("clause = \"INJ-4.1\", ", ""), "inj.mark.red_gt: clause 缺失"),
        (file("4").replace("@2024-07-08", ""), "extends 应写明从哪个版本开始"),
        (file("4").replace("@2024-07-08", "@2024-07-09"), "default@2024-07-09 不存在"),
        (file("4").replace("red_gt = {", "red_gt = {{"), "第 3 行第"),
        ("extends = \"default@2024-07-08\"\n".to_owned(), "与 default@2024-07-08 完全相同"),
    ];
    for (text, said) in cases {
        let problem = officer.post(API, &version(&day, &text)).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], "/text", "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(said)), "{said}: {problem}");
        let english = problem["detail"].as_str().is_some_and(|detail| detail.contains("must be"));
        assert!(!english, "{problem}");
    }
}
app_test!(a_wrong_file_is_named_key_by_key);

async fn a_version_takes_effect_tomorrow_at_the_earliest_and_once(app: &TestApp) {
    let officer = app.api(Who::Officer).await;
    for day in [later(app, 0), later(app, -1), "2025-01-01".to_owned()] {
        let problem = officer.post(API, &version(&day, &file("4"))).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], "/effective_from", "{problem}");
    }
    let day = later(app, 3);
    let mut bare = version(&day, &file("4"));
    bare["note"] = "改".into();
    let problem = officer.post(API, &bare).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/note");
    bare["colour"] = "red".into();
    assert!(officer.post(API, &bare).await.status >= 400, "an unknown member");
    officer.json("POST", API, &version(&day, &file("4"))).await.problem(400, "IDEMPOTENCY_KEY_MISSING");
    proposed(app, &day, &file("4")).await;
    officer.post(API, &version(&day, &file("5"))).await.problem(409, "PROPOSAL_WAITS");
    // The same request again gets the same answer.
    let (key, body) = ("one-and-the-same", version(&later(app, 4), &file("6")));
    let send = || officer.request("POST", API).header("idempotency-key", key).json(&body);
    let ids = [officer.send(send()).await.expect(201).json(), officer.send(send()).await.expect(201).json()];
    assert_eq!(ids[0]["id"], ids[1]["id"]);
}
app_test!(a_version_takes_effect_tomorrow_at_the_earliest_and_once);

async fn a_version_may_be_turned_down_or_taken_back(app: &TestApp) {
    let (first, second) = (app.api(Who::Officer).await, app.api(Who::Bureau).await);
    let day = later(app, 3);
    for (who, name) in [(&second, "Bureau"), (&first, "Officer")] {
        let id = proposed(app, &day, &file("4")).await;
        let without =
            decide(who, &id, "reject", 1, Some(json!({ "reason": " " }))).await.problem(422, "INVALID");
        assert_eq!(without["errors"][0]["pointer"], "/reason");
        let row =
            decide(who, &id, "reject", 1, Some(json!({ "reason": "文件文号有误" }))).await.expect(200).json();
        assert_eq!((&row["state"], &row["decided_by_name"]), (&json!("rejected"), &json!(name)));
        decide(&second, &id, "confirm", 2, None).await.problem(409, "WRONG_STATE");
    }
    let held = first.get(&format!("/api/v1/policy?day={day}")).await.expect(200).json();
    assert_eq!(held["name"], "default@2024-07-08");
    let unknown = Id::new().to_string();
    decide(&second, &unknown, "confirm", 1, None).await.problem(404, "NOT_FOUND");
}
app_test!(a_version_may_be_turned_down_or_taken_back);

/// What was confirmed is not edited afterwards: an instance that finds it changed refuses it.
async fn an_edited_version_is_refused(app: &TestApp) {
    let id = proposed(app, &later(app, 3), &file("4")).await;
    decide(&app.api(Who::Bureau).await, &id, "confirm", 1, None).await.expect(200);
    let (id, text): (Id, String) = (id.parse().expect("id"), file("5"));
    app.db
        .write(&DbActor::system("by hand", app.now()), move |tx| {
            let row = policy_proposal::table.find(id);
            diesel::update(row).set(policy_proposal::text.eq(&text)).execute(tx.conn)?;
            tx.note("test.edit", "policy_proposal", id, &json!({}))
        })
        .await
        .expect("edited");
    let policies = Policies::shipped().expect("policies");
    match policies.refresh(&app.db).await {
        Err(Error::Refused(no)) => assert_eq!(no.code, "POLICY_EDITED"),
        other => panic!("{other:?}"),
    }
    assert_eq!(policies.versions().len(), 1, "what was read before stays");
}
app_test!(an_edited_version_is_refused);

/// A program with more parameters reads a version of before: what it said then still stands in it, so it goes on.
async fn a_version_of_an_earlier_program_goes_on(app: &TestApp) {
    let id = proposed(app, &later(app, 3), &file("4")).await;
    decide(&app.api(Who::Bureau).await, &id, "confirm", 1, None).await.expect(200);
    let id: Id = id.parse().expect("id");
    let as_before = async |value: Option<Value>| {
        let actor = DbActor::system("by hand", app.now());
        let written = app.db.write(&actor, move |tx| {
            let row = policy_proposal::table.find(id);
            let digest: String = row.select(policy_proposal::digest).first(tx.conn)?;
            let kept = policy_version::table.find(&digest);
            let content: String = kept.select(policy_version::content).first(tx.conn)?;
            let mut content: Value = serde_json::from_str(&content).expect("JSON");
            let parameters = content.as_object_mut().expect("parameters");
            match &value {
                None => drop(parameters.remove("calendar.provisional")),
                Some(value) => parameters["order.response_hours"]["value"] = value.clone(),
            }
            let content = policy_version::content.eq(content.to_string());
            diesel::update(kept).set((policy_version::digest.eq("earlier"), content)).execute(tx.conn)?;
            diesel::update(row).set(policy_proposal::digest.eq("earlier")).execute(tx.conn)?;
            tx.note("test.edit", "policy_proposal", id, &json!({}))
        });
        written.await.expect("written");
    };
    as_before(None).await;
    let policies = Policies::shipped().expect("policies");
    policies.refresh(&app.db).await.expect("goes on");
    assert_eq!(policies.versions().len(), 2);
    let (_, latest) = policies.versions().pop().expect("a version");
    let keep = move |tx: &mut jicai::platform::db::Tx| {
        jicai::platform::policy::keep(tx, &latest)?;
        tx.note("test.keep", "policy_proposal", id, &json!({}))
    };
    app.db.write(&DbActor::system("a listing", app.now()), keep).await.expect("is used as before");
    as_before(Some(json!(1))).await;
    match policies.refresh(&app.db).await {
        Err(Error::Refused(no)) => assert_eq!(no.code, "POLICY_EDITED"),
        other => panic!("{other:?}"),
    }
}
app_test!(a_version_of_an_earlier_program_goes_on);

async fn the_portal_shows_checks_and_confirms(app: &TestApp) {
    let (first, second) = (app.portal(Who::Officer).await, app.portal(Who::SecondOfficer).await);
    let page = first.get("/policy").await.expect(200).text;
    for part in [
        "default@2024-07-08",
        "现行",
        "红标：与最低换算价之比大于",
        "INJ-4.1",
        "医保办函〔2024〕61号",
        "文件规定",
        "这是第一个版本",
    ] {
        assert!(page.contains(part), "{part} is missing");
    }
    let form = first.get("/policy/propose").await.expect(200).text;
    assert!(form.contains("extends = &#34;default@2024-07-08&#34;"), "{form}");
    let (day, text) = (later(app, 3), file("4"));
    let fields =
        [("effective_from", day.as_str()), ("note", "按省医保局〔2026〕1号调整"), ("text", text.as_str())];
    let checked = first.upload("/policy/propose", &[&fields[..], &[("act", "check")]].concat(), &[]).await;
    let checked = checked.expect(200).text;
    assert!(
        checked.contains("检查通过，将有这些变化") && checked.contains("<strong>4</strong>"),
        "{checked}"
    );
    let wrong = text.replace("red_gt", "red_gr");
    let answer =
        first.upload("/policy/propose", &fields[..2], &[("file", "new.toml", wrong.as_bytes())]).await;
    let answer = answer.expect(422).text;
    assert!(answer.contains("没有名为 inj.mark.red_gr 的参数") && answer.contains("red_gr = {"), "{answer}");
    let answer = first.upload("/policy/propose", &fields, &[]).await.expect(303);
    let path = answer.header("location").to_owned();
    let own = first.get(&path).await.expect(200).text;
    assert!(own.contains("由您（或同一邮箱的账号）提交") && !own.contains("确认执行"));
    assert!(first.get("/policy").await.expect(200).text.contains("待确认"));
    first.form(&format!("{path}/confirm"), &[("version", "1")]).await.expect(403);
    second.form(&format!("{path}/confirm"), &[("version", "7")]).await.expect(409);
    let empty =
        second.form(&format!("{path}/reject"), &[("version", "1"), ("reason", "")]).await.expect(422).text;
    assert!(empty.contains("请写明退回的原因") && empty.contains("确认执行"));
    second.form(&format!("{path}/confirm"), &[("version", "1")]).await.expect(303);
    let page = second.get("/policy").await.expect(200).text;
    assert!(page.contains("待生效") && page.contains("Officer 提交，SecondOfficer 确认"), "{page}");
    let page = second.get(&format!("/policy/versions/{day}")).await.expect(200).text;
    assert!(page.contains("与 default@2024-07-08 相比，1 项不同") && page.contains("省医保局〔2026〕1号"));
    second.get("/policy/versions/2020-01-01").await.expect(404);
    assert!(second.get(&path).await.expect(200).text.contains("已确认"));
}
app_test!(the_portal_shows_checks_and_confirms);

/// Each parameter has a name for people, and each value of the shipped profiles reads as words.
#[test]
fn every_parameter_has_a_name() {
    let library = Library::shipped().expect("profiles");
    for (name, from) in library.versions() {
        for (key, entry) in library.named(&format!("{name}@{from}")).expect("a profile").entries() {
            assert_ne!(label(key), key, "{key} has no name");
            assert_ne!(group(key), "其他", "{key} belongs nowhere");
            let shown = jicai::platform::policy::shown(key, &entry.value);
            let word = entry.value.to_json().as_str().map(str::to_owned);
            let plain = shown.chars().any(|c| c.is_ascii_lowercase());
            assert!(!plain || word.is_none(), "{key}: {shown}");
        }
    }
}

/// The state words of a row, so that a change of theirs is seen here.
#[test]
fn a_proposal_is_recorded_whole() {
    let row = json!({
        "id": Id::new(), "name": "default", "effective_from": "2026-12-01", "text": "", "digest": "", "note": "",
        "state": "proposed", "slot": null, "proposed_by": Id::new(), "proposed_by_name": "", "proposed_at": "2026-11-22T00:00:00+08:00",
        "decided_by": null, "decided_by_name": null, "decided_at": null, "reason": null, "version": 1,
    });
    let read: Proposal = serde_json::from_value(row.clone()).expect("a row");
    assert_eq!(read.version_name(), "default@2026-12-01");
    assert_eq!(serde_json::to_value(read).expect("JSON"), row);
}

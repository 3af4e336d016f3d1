//! An organisation's administrator and its people: invitations, functions, the end of access.

use chrono::Duration;
use jicai::accounts::users::UserState;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::door::{audited, bearer, key_of, last_link, log_in, session_of, stranger, tokens};
use crate::support::{TestApp, Who, app_test};

const NEW_PASSWORD: &str = "green otter on a ladder";

fn newcomer() -> Value {
    json!({ "login": "Wang.Wu", "display_name": " 王　五 ", "email": "wang.wu@example.cn", "function": "report" })
}

/// Invites somebody; the link's key.
async fn invite(app: &TestApp) -> (Value, String) {
    let admin = app.api(Who::HospitalAdmin).await;
    let made = admin.post("/api/v1/users", &newcomer()).await.expect(201).json();
    let link = last_link(app, "wang.wu@example.cn").await;
    assert!(link.starts_with("/invitation?key="), "{link}");
    app.take_mails().await;
    (made, key_of(&link).to_owned())
}

async fn accept(app: &TestApp, key: &str, password: &str) -> crate::support::Answer {
    let page = format!("/invitation?key={key}");
    let fields = [("key", key), ("password", password), ("again", password)];
    stranger(app, &page, "/invitation", &fields).await
}

async fn an_invitation_makes_an_account_that_only_its_person_opens(app: &TestApp) {
    let (made, key) = invite(app).await;
    assert_eq!((&made["login"], &made["display_name"]), (&json!("wang.wu"), &json!("王 五")));
    assert_eq!((&made["state"], &made["function"]), (&json!("invited"), &json!("report")));
    log_in(app, "wang.wu", PASSWORD).await.expect(422);
    // A mail scanner follows the link, twice; nothing is used up by that.
    let page = format!("/invitation?key={key}");
    for _ in 0..2 {
        let opened = app.portal(Who::Anonymous).await.get(&page).await.expect(200);
        assert!(opened.text.contains("第一人民医院") && opened.text.contains("wang.wu"), "{}", opened.text);
    }
    let short = accept(app, &key, "too short").await.expect(422);
    assert!(short.text.contains("至少 12 个字符"));
    let own = accept(app, &key, "wangwu-wangwu-kq7").await.expect(422);
    assert!(own.text.contains("不能含有登录名"), "the name in pinyin");
    accept(app, &key, NEW_PASSWORD).await.expect(303);
    log_in(app, "wang.wu", NEW_PASSWORD).await.expect(303);
    // Used twice, altered, for another purpose.
    for wrong in [key.clone(), format!("{key}x"), "x".into(), String::new()] {
        let answer = accept(app, &wrong, "another good sentence").await.expect(404);
        assert!(answer.text.contains("无效、已使用或已过期"), "{}", answer.text);
    }
    let reset = format!("/password/reset?key={key}");
    app.portal(Who::Anonymous).await.get(&reset).await.expect(404);
    log_in(app, "wang.wu", "another good sentence").await.expect(422);
    assert_eq!(audited(app, "user.accept").await.len(), 1);
}
app_test!(an_invitation_makes_an_account_that_only_its_person_opens);

async fn an_invitation_lasts_seven_days_and_can_be_sent_again(app: &TestApp) {
    let (made, key) = invite(app).await;
    app.clock.advance(Duration::days(7));
    accept(app, &key, NEW_PASSWORD).await.expect(404);
    let admin = app.api(Who::HospitalAdmin).await;
    let again = format!("/api/v1/users/{}/invitation", made["id"].as_str().expect("id"));
    admin.post(&again, &json!({})).await.expect(204);
    let first = key_of(&last_link(app, "wang.wu@example.cn").await).to_owned();
    app.clock.advance(Duration::seconds(1));
    let admin = app.api(Who::HospitalAdmin).await;
    admin.post(&again, &json!({})).await.expect(204);
    let second = key_of(&last_link(app, "wang.wu@example.cn").await).to_owned();
    assert_eq!(app.take_mails().await.len(), 2);
    accept(app, &first, NEW_PASSWORD).await.expect(404);
    accept(app, &second, NEW_PASSWORD).await.expect(303);
    admin.post(&again, &json!({})).await.problem(409, "WRONG_STATE");
}
app_test!(an_invitation_lasts_seven_days_and_can_be_sent_again);

/// A mistyped mailbox is put right; what went to the wrong one opens nothing any more.
async fn a_mistyped_invitation_goes_to_the_right_mailbox(app: &TestApp) {
    let (made, key) = invite(app).await;
    let id = made["id"].as_str().expect("id");
    let admin = app.api(Who::HospitalAdmin).await;
    let again = format!("/api/v1/users/{id}/invitation");
    let to = |email: &str| json!({ "email": email });
    let wrong = admin.json("POST", &again, &to("wang.wu@")).await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/email");
    admin.json("POST", &again, &json!({ "mail": "x@example.cn" })).await.problem(422, "INVALID");
    app.clock.advance(Duration::seconds(1));
    let admin = app.api(Who::HospitalAdmin).await;
    admin.json("POST", &again, &to(" wu.wang@example.cn ")).await.expect(204);
    let mails = app.take_mails().await;
    assert!(mails.len() == 1 && mails[0].0 == "wu.wang@example.cn", "{mails:?}");
    accept(app, &key, NEW_PASSWORD).await.expect(404);
    let shown = admin.get(&format!("/api/v1/users/{id}")).await.expect(200).json();
    assert_eq!((&shown["email"], &shown["state"]), (&json!("wu.wang@example.cn"), &json!("invited")));
    let entries = audited(app, "user.email").await;
    assert!(entries.len() == 1 && format!("{entries:?}").contains("wu.wang@example.cn"));
    // Without a body, or with the same mailbox, it goes where it went before.
    admin.send(admin.request("POST", &again)).await.expect(204);
    admin.json("POST", &again, &to("wu.wang@example.cn")).await.expect(204);
    assert!(app.take_mails().await.iter().all(|(to, _)| to == "wu.wang@example.cn"));
    // In the portal the mailbox stands in the form.
    app.clock.advance(Duration::seconds(1));
    let portal = app.portal(Who::HospitalAdmin).await;
    let (page, again) = (format!("/users/{id}"), format!("/users/{id}/invite"));
    assert!(portal.get(&page).await.expect(200).text.contains("value=\"wu.wang@example.cn\""));
    let refused = portal.form(&again, &[("email", "wang wu")]).await.expect(422);
    assert!(refused.text.contains("电子邮箱的写法不对") && refused.text.contains("value=\"wang wu\""));
    portal.form(&again, &[("email", "")]).await.expect(422);
    portal.form(&again, &[("email", "third@example.cn")]).await.expect(303);
    let key = key_of(&last_link(app, "third@example.cn").await).to_owned();
    app.take_mails().await;
    accept(app, &key, NEW_PASSWORD).await.expect(303);
    portal.form(&again, &[("email", "fourth@example.cn")]).await.expect(409);
}
app_test!(a_mistyped_invitation_goes_to_the_right_mailbox);

/// Who was stopped before the first password gets a new link with the account.
async fn an_account_that_never_began_is_invited_anew(app: &TestApp) {
    let (made, key) = invite(app).await;
    let id = made["id"].as_str().expect("id");
    let admin = app.api(Who::HospitalAdmin).await;
    let act = |word: &str, version: i64| {
        let request = admin.request("POST", &format!("/api/v1/users/{id}/{word}"));
        admin.send(request.header("if-match", format!("\"{version}\"")))
    };
    assert_eq!(act("disable", 1).await.expect(200).json()["state"], "disabled");
    assert!(app.take_mails().await.is_empty());
    app.clock.advance(Duration::seconds(1));
    assert_eq!(act("enable", 2).await.expect(200).json()["state"], "invited");
    let new = key_of(&last_link(app, "wang.wu@example.cn").await).to_owned();
    assert_eq!(app.take_mails().await.len(), 1);
    accept(app, &key, NEW_PASSWORD).await.expect(404);
    accept(app, &new, NEW_PASSWORD).await.expect(303);
    // Who has a password needs no link.
    act("disable", 4).await.expect(200);
    assert_eq!(act("enable", 5).await.expect(200).json()["state"], "active");
    assert!(app.take_mails().await.is_empty());
}
app_test!(an_account_that_never_began_is_invited_anew);

/// Two browsers press the button at the same time: one gets the account.
async fn a_link_pressed_twice_at_once_works_once(app: &TestApp) {
    let (_, key) = invite(app).await;
    let (one, other) =
        tokio::join!(accept(app, &key, NEW_PASSWORD), accept(app, &key, "quite another sentence"));
    let mut answers = [one.status, other.status];
    answers.sort_unstable();
    assert_eq!(answers[0], 303, "{answers:?}");
    assert!(matches!(answers[1], 404 | 409), "{answers:?}");
    let opened =
        [log_in(app, "wang.wu", NEW_PASSWORD).await, log_in(app, "wang.wu", "quite another sentence").await];
    assert_eq!(opened.iter().filter(|a| a.status == 303).count(), 1);
}
app_test!(a_link_pressed_twice_at_once_works_once);

async fn wrong_names_are_refused_by_name(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    for (member, value, said) in [
        ("login", "\u{430}dmin.one", "不是英文字母"),
        ("login", "ab", "3 至 64"),
        ("display_name", "李\u{202e}明", "不可见字符"),
        ("display_name", "\u{41b}\u{438} \u{41c}\u{438}\u{43d}", "只能用汉字"),
        ("email", "", "请填写电子邮箱"),
        ("email", "wang@\u{435}xample.cn", "写法不对"),
    ] {
        let mut body = newcomer();
        body[member] = json!(value);
        let problem = admin.post("/api/v1/users", &body).await.problem(422, "INVALID");
        assert_eq!(problem["errors"][0]["pointer"], format!("/{member}"), "{problem}");
        assert!(problem["detail"].as_str().expect("words").contains(said), "{problem}");
    }
    let mut body = newcomer();
    body["login"] = json!("hospital");
    admin.post("/api/v1/users", &body).await.problem(409, "LOGIN_TAKEN");
    body = newcomer();
    body["function"] = json!("officer");
    let problem = admin.post("/api/v1/users", &body).await.problem(422, "INVALID");
    assert_eq!(problem["errors"][0]["pointer"], "/function");
}
app_test!(wrong_names_are_refused_by_name);

/// The first hospital's administrator reaches nobody of the second, and nobody's list shows others.
async fn another_organisations_people_are_not_there(app: &TestApp) {
    let admin = app.api(Who::HospitalAdmin).await;
    let list = admin.get("/api/v1/users").await.expect(200).json();
    let logins: Vec<&str> =
        list["items"].as_array().expect("items").iter().filter_map(|u| u["login"].as_str()).collect();
    assert_eq!(logins, ["finance", "hospital", "hospitaladmin", "hospitalviewer"]);
    let foreign = app.person(Who::OtherHospital).user;
    admin.get(&format!("/api/v1/users/{foreign}")).await.problem(404, "NOT_FOUND");
    let request = |path: &str| admin.request("POST", &format!("/api/v1/users/{foreign}/{path}"));
    for path in ["disable", "enable"] {
        admin.send(request(path).header("if-match", "\"1\"")).await.problem(404, "NOT_FOUND");
    }
    admin.send(request("invitation")).await.problem(404, "NOT_FOUND");
    let portal = app.portal(Who::HospitalAdmin).await;
    portal.get(&format!("/users/{foreign}")).await.expect(404);
    portal.form(&format!("/users/{foreign}/disable"), &[("version", "1")]).await.expect(404);
    app.api(Who::OtherHospital).await.get("/api/v1/me").await.expect(200);
}
app_test!(another_organisations_people_are_not_there);

async fn a_disabled_person_is_out_at_once(app: &TestApp) {
    let session = app.portal(Who::Hospital).await;
    let pair = tokens(app, "hospital", PASSWORD, None).await.expect(201).json();
    let api = bearer(app, &pair["access_token"]);
    api.get("/api/v1/me").await.expect(200);
    session.get("/orders").await.expect(200);
    let user = app.person(Who::Hospital).user;
    let admin = app.portal(Who::HospitalAdmin).await;
    admin.form(&format!("/users/{user}/disable"), &[("version", "1")]).await.expect(303);
    api.get("/api/v1/me").await.problem(401, "TOKEN_REVOKED");
    assert!(session.get("/orders").await.expect(303).header("location").starts_with("/login"));
    let refresh = json!({ "refresh_token": pair["refresh_token"] });
    app.api(Who::Anonymous)
        .await
        .json("POST", "/api/v1/tokens/refresh", &refresh)
        .await
        .problem(401, "REFRESH_INVALID");
    log_in(app, "hospital", PASSWORD).await.expect(422);
    admin.form(&format!("/users/{user}/disable"), &[("version", "1")]).await.expect(409);
    admin.form(&format!("/users/{user}/enable"), &[("version", "2")]).await.expect(303);
    assert!(
        session.get("/orders").await.expect(303).header("location").starts_with("/login"),
        "the old session stays dead"
    );
    log_in(app, "hospital", PASSWORD).await.expect(303);
}
app_test!(a_disabled_person_is_out_at_once);

async fn the_last_administrator_stays(app: &TestApp) {
    let me = app.person(Who::HospitalAdmin).user;
    let admin = app.api(Who::HospitalAdmin).await;
    let change = |function: &str, version: i64| {
        let request = admin.request("PUT", &format!("/api/v1/users/{me}/function"));
        admin
            .send(request.header("if-match", format!("\"{version}\"")).json(&json!({ "function": function })))
    };
    change("viewer", 1).await.problem(409, "LAST_ADMINISTRATOR");
    let disable = admin.request("POST", &format!("/api/v1/users/{me}/disable")).header("if-match", "\"1\"");
    admin.send(disable).await.problem(409, "LAST_ADMINISTRATOR");
    // An invited administrator cannot come in yet and does not count.
    let mut body = newcomer();
    body["function"] = json!("admin");
    admin.post("/api/v1/users", &body).await.expect(201);
    change("viewer", 1).await.problem(409, "LAST_ADMINISTRATOR");
    let key = key_of(&last_link(app, "wang.wu@example.cn").await).to_owned();
    accept(app, &key, NEW_PASSWORD).await.expect(303);
    change("viewer", 1).await.expect(200);
    // At once: the same token is no administrator's any more.
    admin.get("/api/v1/users").await.problem(403, "FORBIDDEN");
    let mails = app.take_mails().await;
    assert!(
        mails
            .iter()
            .any(|(to, s)| to == "hospitaladmin@example.cn" && s.contains("岗位由“单位管理员”改为“查阅”")),
        "{mails:?}"
    );
    let entries = audited(app, "user.function").await;
    assert!(
        entries[0].0.as_deref().is_some_and(|b| b.contains("\"admin\""))
            && entries[0].1.as_deref().is_some_and(|a| a.contains("\"viewer\""))
    );
}
app_test!(the_last_administrator_stays);

/// Two administrators take the function from each other at the same moment: one of them stays.
async fn two_administrators_cannot_remove_each_other(app: &TestApp) {
    let mut body = newcomer();
    body["function"] = json!("admin");
    let made = app.api(Who::HospitalAdmin).await.post("/api/v1/users", &body).await.expect(201).json();
    let key = key_of(&last_link(app, "wang.wu@example.cn").await).to_owned();
    accept(app, &key, NEW_PASSWORD).await.expect(303);
    let other = session_of(app, &log_in(app, "wang.wu", NEW_PASSWORD).await.expect(303)).await;
    let first = app.portal(Who::HospitalAdmin).await;
    let (me, them) = (app.person(Who::HospitalAdmin).user, made["id"].as_str().expect("id"));
    let (to_me, to_them) = (format!("/users/{me}/disable"), format!("/users/{them}/disable"));
    let (one, two) =
        tokio::join!(other.form(&to_me, &[("version", "1")]), first.form(&to_them, &[("version", "2")]));
    // Whoever comes second is refused, or has no session any more.
    let done = [&one, &two].iter().filter(|a| a.status == 303 && a.header("location") == "/users").count();
    assert_eq!(done, 1, "{} {}", one.status, two.status);
    use diesel::prelude::*;
    use jicai::platform::schema::app_user;
    let hospital = app.person(Who::HospitalAdmin).organisation;
    let query = app_user::table
        .filter(app_user::organisation_id.eq(hospital))
        .filter(app_user::function.eq("admin"))
        .filter(app_user::state.eq(UserState::Active))
        .count();
    let left: i64 = app.db.read(move |c| Ok(query.get_result(c)?)).await.expect("count");
    assert_eq!(left, 1);
    app.take_mails().await;
}
app_test!(two_administrators_cannot_remove_each_other);

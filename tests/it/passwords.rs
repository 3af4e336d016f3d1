//! Passwords: changed by their owner, reset by mail, hashed anew, guessed at.

use std::net::IpAddr;

use chrono::Duration;
use diesel::prelude::*;
use jicai::accounts::limit::BURST;
use jicai::platform::http::caller::Caller;
use jicai::platform::schema::app_user;

use crate::support::app::PASSWORD;
use crate::support::door::{audited, bearer, key_of, last_link, log_in, stranger, tokens};
use crate::support::{TestApp, Who, app_test};

const NEW_PASSWORD: &str = "green otter on a ladder";

async fn change(actor: &crate::support::Actor, old: &str, new: &str, again: &str) -> crate::support::Answer {
    actor.form("/account/password", &[("old", old), ("password", new), ("again", again)]).await
}

async fn ones_own_password_is_changed_against_the_old_one(app: &TestApp) {
    let (mine, other) = (app.portal(Who::Hospital).await, app.portal(Who::Hospital).await);
    let pair = tokens(app, "hospital", PASSWORD, None).await.expect(201).json();
    for (old, new, again, said) in [
        ("not the password", NEW_PASSWORD, NEW_PASSWORD, "登录密码不正确"),
        (PASSWORD, NEW_PASSWORD, "something else here", "不一致"),
        (PASSWORD, PASSWORD, PASSWORD, "与原密码相同"),
        (PASSWORD, "woaini1314520", "woaini1314520", "太常见"),
        (PASSWORD, "第一人民医院的药房很好找", "第一人民医院的药房很好找", "不能含有"),
    ] {
        let answer = change(&mine, old, new, again).await.expect(422);
        assert!(answer.text.contains(said) && !answer.text.contains(new), "{said}: {}", answer.text);
    }
    let changed = change(&mine, PASSWORD, NEW_PASSWORD, NEW_PASSWORD).await.expect(303);
    // One's own session goes on under another secret.
    assert!(mine.get("/account").await.expect(303).header("location").starts_with("/login"));
    mine.renewed(&changed).get("/account").await.expect(200);
    assert!(other.get("/account").await.expect(303).header("location").starts_with("/login"));
    bearer(app, &pair["access_token"]).get("/api/v1/me").await.problem(401, "TOKEN_REVOKED");
    log_in(app, "hospital", PASSWORD).await.expect(422);
    log_in(app, "hospital", NEW_PASSWORD).await.expect(303);
    let mails = app.take_mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].1.contains("修改了登录密码"), "{mails:?}");
    let entries = audited(app, "user.password").await;
    let text = format!("{entries:?}");
    assert!(entries.len() == 1 && !text.contains("argon2") && !text.contains(NEW_PASSWORD), "{text}");
}
app_test!(ones_own_password_is_changed_against_the_old_one);

/// An input method writes full width, a keyboard half: it is the same password.
async fn a_password_is_the_same_in_any_width(app: &TestApp) {
    log_in(app, "hospital", "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ　ｂａｔｔｅｒｙ").await.expect(303);
}
app_test!(a_password_is_the_same_in_any_width);

async fn ask(app: &TestApp, account: &str) -> crate::support::Answer {
    stranger(app, "/password/forgotten", "/password/forgotten", &[("account", account)]).await
}

async fn reset(app: &TestApp, key: &str, new: &str) -> crate::support::Answer {
    let page = format!("/password/reset?key={key}");
    stranger(app, &page, "/password/reset", &[("key", key), ("password", new), ("again", new)]).await
}

async fn a_forgotten_password_is_reset_by_mail(app: &TestApp) {
    let session = app.portal(Who::Hospital).await;
    let known = ask(app, " Ｈospital ").await.expect(303);
    let unknown = ask(app, "nobody-here").await.expect(303);
    assert_eq!(known.header("location"), unknown.header("location"));
    assert_eq!(known.cookie("jicai-flash"), unknown.cookie("jicai-flash"), "the same words");
    let mails = app.take_mails().await;
    assert_eq!(mails, [("hospital@example.cn".to_owned(), "【集采】重置登录密码".to_owned())]);
    let key = key_of(&last_link(app, "hospital@example.cn").await).to_owned();
    // Failed log-ins lock the name; the reset opens it again.
    for _ in 0..5 {
        log_in(app, "hospital", "not the password").await;
    }
    log_in(app, "hospital", PASSWORD).await.expect(429);
    app.portal(Who::Anonymous).await.get(&format!("/password/reset?key={key}")).await.expect(200);
    reset(app, &key, "short").await.expect(422);
    reset(app, &key, NEW_PASSWORD).await.expect(303);
    for wrong in [key.as_str(), "x", ""] {
        reset(app, wrong, "another good sentence").await.expect(404);
    }
    assert!(session.get("/account").await.expect(303).header("location").starts_with("/login"));
    log_in(app, "hospital", NEW_PASSWORD).await.expect(303);
    let mails = app.take_mails().await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].1.contains("重置了登录密码"), "{mails:?}");
}
app_test!(a_forgotten_password_is_reset_by_mail);

async fn a_reset_link_lasts_half_an_hour(app: &TestApp) {
    ask(app, "hospital").await.expect(303);
    let key = key_of(&last_link(app, "hospital@example.cn").await).to_owned();
    app.clock.advance(Duration::minutes(30));
    reset(app, &key, NEW_PASSWORD).await.expect(404);
    log_in(app, "hospital", PASSWORD).await.expect(303);
    app.take_mails().await;
}
app_test!(a_reset_link_lasts_half_an_hour);

/// Nobody's mailbox is filled: three in an hour, and only the last link works.
async fn resets_do_not_fill_a_mailbox(app: &TestApp) {
    let mut keys = Vec::new();
    for _ in 0..5 {
        ask(app, "hospital").await.expect(303);
        keys.push(key_of(&last_link(app, "hospital@example.cn").await).to_owned());
        app.clock.advance(Duration::seconds(1));
    }
    assert_eq!(app.take_mails().await.len(), 3);
    reset(app, &keys[1], NEW_PASSWORD).await.expect(404);
    reset(app, &keys[2], NEW_PASSWORD).await.expect(303);
    app.take_mails().await;
}
app_test!(resets_do_not_fill_a_mailbox);

/// One person who tries one password on many names meets the limit of the address, whatever names they are.
async fn many_names_from_one_address_meet_a_limit(app: &TestApp) {
    let from: IpAddr = "127.0.0.1".parse().expect("address");
    for _ in 0..BURST {
        app.auth.limit.take(from, app.now()).expect("room");
    }
    let refused = tokens(app, "hospital", PASSWORD, None).await;
    assert!(!refused.header("retry-after").is_empty());
    refused.problem(429, "TOO_MANY_TRIES");
    ask(app, "hospital").await.expect(429);
    // No header makes the caller somebody else.
    let body = serde_json::json!({ "login": "hospital", "password": PASSWORD });
    let liar = app.api(Who::Anonymous).await;
    let request = liar.request("POST", "/api/v1/tokens").header("x-forwarded-for", "203.0.113.7").json(&body);
    liar.send(request).await.problem(429, "TOO_MANY_TRIES");
    app.clock.advance(Duration::seconds(6));
    tokens(app, "hospital", PASSWORD, None).await.expect(201);
    let caller = Caller { address: from, device: String::new(), request_id: None };
    assert_eq!(caller.network(), from);
}
app_test!(many_names_from_one_address_meet_a_limit);

async fn a_megabyte_is_no_password(app: &TestApp) {
    let book = "x".repeat(1_000_000);
    tokens(app, "hospital", &book, None).await.problem(401, "LOGIN_FAILED");
    let mine = app.portal(Who::Hospital).await;
    let answer = change(&mine, PASSWORD, &book, &book).await.expect(422);
    assert!(answer.text.contains("至多 128 个字符") && answer.text.len() < 100_000);
    change(&mine, &book, NEW_PASSWORD, NEW_PASSWORD).await.expect(422);
}
app_test!(a_megabyte_is_no_password);

/// A hash of another cost is made anew at the next log-in; sessions go on, and the audit says so.
async fn an_older_hash_is_made_anew(app: &TestApp) {
    let old =
        jicai::accounts::password::Passwords::new(jicai::accounts::password::Cost::Real).expect("hasher");
    let hash = old.hash(PASSWORD.into()).await.expect("hash");
    let user = app.person(Who::Hospital).user;
    let kept = hash.clone();
    app.db
        .write_unaudited("test", move |c| {
            let row = app_user::table.find(user);
            diesel::update(row).set(app_user::password_hash.eq(&kept)).execute(c)?;
            Ok(())
        })
        .await
        .expect("an older hash");
    let session = app.portal(Who::Hospital).await;
    log_in(app, "hospital", PASSWORD).await.expect(303);
    let query = app_user::table.find(user).select(app_user::password_hash);
    let now: String = app.db.read(move |c| Ok(query.first(c)?)).await.expect("hash");
    assert!(now != hash && now.contains("$m=8,"), "{now}");
    session.get("/account").await.expect(200);
    log_in(app, "hospital", PASSWORD).await.expect(303);
    assert_eq!(audited(app, "user.rehash").await.len(), 1);
}
app_test!(an_older_hash_is_made_anew);

async fn who_came_in_and_who_did_not_stands_in_the_audit(app: &TestApp) {
    for _ in 0..5 {
        log_in(app, "hospital", "not the password").await.expect(422);
    }
    log_in(app, "hospital", PASSWORD).await.expect(429);
    log_in(app, "no-such-name", "not the password").await.expect(422);
    app.clock.advance(Duration::seconds(61));
    log_in(app, "hospital", PASSWORD).await.expect(303);
    let failed = audited(app, "login.failed").await;
    assert_eq!(failed.len(), 5, "four of the name and one of an unknown one");
    let locked = audited(app, "login.locked").await;
    assert_eq!(locked.len(), 1);
    assert!(locked[0].1.as_deref().is_some_and(|t| t.contains("locked_until") && t.contains("127.0.0.1")));
    assert_eq!(audited(app, "login.done").await.len(), 1);
    let all = format!("{failed:?}{locked:?}");
    assert!(
        !all.contains("not the password") && !all.contains("no-such-name"),
        "nothing that was typed is kept"
    );
}
app_test!(who_came_in_and_who_did_not_stands_in_the_audit);

//! One's own account at the API: the second step with its recovery codes, and where one is logged in.

use chrono::Duration;
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::door::{NEXT_CODE, audited, bearer, code, key_of, last_link, stranger, tokens};
use crate::support::{Actor, TestApp, Who, app_test};

const TOTP: &str = "/api/v1/account/totp";

/// Logs in and sets the second step up; who did it, the secret and the recovery codes.
async fn enrolled(app: &TestApp) -> (Actor, String, Vec<String>) {
    let pair = tokens(app, "hospital", PASSWORD, None).await.expect(201).json();
    let mine = bearer(app, &pair["access_token"]);
    let begun = mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.expect(201);
    assert_eq!(begun.header("cache-control"), "no-store");
    let begun = begun.json();
    let secret = begun["secret"].as_str().expect("a secret").to_owned();
    let uri = begun["otpauth_uri"].as_str().expect("a URI");
    assert!(uri.starts_with("otpauth://totp/") && uri.contains(&format!("secret={secret}&")), "{uri}");
    let body = json!({ "code": code(&secret, app) });
    let on = mine.json("POST", &format!("{TOTP}/confirmation"), &body).await.expect(200).json();
    let codes = words(&on["recovery_codes"]);
    assert_eq!(codes.len(), 10);
    app.clock.advance(NEXT_CODE);
    (mine, secret, codes)
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
}

async fn the_second_step_is_set_up_and_taken_away(app: &TestApp) {
    let (mine, secret, codes) = enrolled(app).await;
    let status = mine.get(TOTP).await.expect(200).json();
    assert_eq!((&status["enabled"], &status["recovery_codes_left"]), (&json!(true), &json!(10)));
    assert_eq!((&status["begun"], &status["obligatory"]), (&json!(false), &json!(false)));
    tokens(app, "hospital", PASSWORD, None).await.problem(401, "TOTP_REQUIRED");
    tokens(app, "hospital", PASSWORD, Some(&codes[0])).await.expect(201);
    assert_eq!(mine.get(TOTP).await.json()["recovery_codes_left"], 9);
    mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.problem(409, "WRONG_STATE");
    let renew = format!("{TOTP}/recovery-codes");
    let wrong = mine.json("POST", &renew, &json!({ "code": "000000" })).await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/code");
    let new = mine.json("POST", &renew, &json!({ "code": code(&secret, app) })).await.expect(200).json();
    let new = words(&new["recovery_codes"]);
    assert!(new.len() == 10 && new.iter().all(|code| !codes.contains(code)));
    tokens(app, "hospital", PASSWORD, Some(&codes[1])).await.problem(401, "TOTP_WRONG");
    let off = async |password: &str, code: &str| {
        mine.json("POST", &format!("{TOTP}/removal"), &json!({ "password": password, "code": code })).await
    };
    let wrong = off("not the password", &new[0]).await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/password");
    let wrong = off(PASSWORD, "000000").await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/code");
    off(PASSWORD, &new[0]).await.expect(204);
    off(PASSWORD, &new[1]).await.problem(409, "WRONG_STATE");
    tokens(app, "hospital", PASSWORD, None).await.expect(201);
    assert_eq!(app.take_mails().await.len(), 3, "on, new codes, off");
    for action in ["totp.begin", "totp.on", "totp.new_codes", "totp.off"] {
        let entries = audited(app, action).await;
        let text = format!("{entries:?}");
        assert!(entries.len() == 1 && !text.contains(&secret) && !text.contains(&new[0]), "{action}: {text}");
    }
}
app_test!(the_second_step_is_set_up_and_taken_away);

async fn what_is_wrong_is_named(app: &TestApp) {
    let mine = app.api(Who::Hospital).await;
    let wrong = mine.json("POST", TOTP, &json!({ "password": "no" })).await.problem(422, "INVALID");
    assert_eq!(wrong["errors"][0]["pointer"], "/password");
    let missing = mine.json("POST", TOTP, &json!({})).await.problem(422, "INVALID");
    assert_eq!(missing["errors"][0]["pointer"], "/password");
    mine.json("POST", TOTP, &json!({ "password": PASSWORD, "old": "x" })).await.problem(422, "INVALID");
    let confirm = format!("{TOTP}/confirmation");
    mine.json("POST", &confirm, &json!({ "code": "123456" })).await.problem(409, "WRONG_STATE");
    let first = mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.expect(201).json();
    assert_eq!(mine.get(TOTP).await.json()["begun"], true);
    // Begun is not on, and beginning again makes the first secret nothing.
    let second = mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.expect(201).json();
    assert_ne!(first["secret"], second["secret"]);
    let old = code(first["secret"].as_str().expect("text"), app);
    let refused = mine.json("POST", &confirm, &json!({ "code": old })).await.problem(422, "INVALID");
    assert_eq!(refused["errors"][0]["pointer"], "/code");
    tokens(app, "hospital", PASSWORD, None).await.expect(201);
    // Wrong passwords count towards the lock here too.
    for _ in 0..4 {
        mine.json("POST", TOTP, &json!({ "password": "no" })).await;
    }
    mine.json("POST", TOTP, &json!({ "password": "no" })).await;
    mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.problem(429, "LOGIN_LOCKED");
}
app_test!(what_is_wrong_is_named);

async fn ones_own_log_ins_are_listed_and_ended(app: &TestApp) {
    let first = tokens(app, "hospital", PASSWORD, None).await.expect(201).json();
    app.clock.advance(Duration::seconds(1));
    let second = tokens(app, "hospital", PASSWORD, None).await.expect(201).json();
    let (mine, other) = (bearer(app, &first["access_token"]), bearer(app, &second["access_token"]));
    let browser = app.portal(Who::Hospital).await;
    let path = "/api/v1/account/sessions";
    let list = mine.get(path).await.expect(200).json();
    let items = list["items"].as_array().expect("items");
    assert_eq!(items.len(), 3, "{list}");
    let current: Vec<&Value> = items.iter().filter(|item| item["current"] == true).collect();
    assert!(current.len() == 1 && current[0]["api"] == true, "{list}");
    let portal = items.iter().find(|item| item["api"] == false).expect("the browser");
    let id = |item: &Value| item["id"].as_str().expect("id").to_owned();
    let theirs = other.get(path).await.expect(200).json();
    let theirs = theirs["items"].as_array().expect("items").iter().find(|item| item["current"] == true);
    let theirs = id(theirs.expect("the second log-in"));
    assert_ne!(theirs, id(current[0]));
    let end = async |who: &Actor, id: &str| who.send(who.request("DELETE", &format!("{path}/{id}"))).await;
    end(&app.api(Who::OtherHospital).await, &theirs).await.problem(404, "NOT_FOUND");
    other.get("/api/v1/me").await.expect(200);
    end(&mine, &theirs).await.expect(204);
    end(&mine, &theirs).await.problem(404, "NOT_FOUND");
    other.get("/api/v1/me").await.problem(401, "TOKEN_REVOKED");
    end(&mine, &id(portal)).await.expect(204);
    assert_eq!(browser.get("/account").await.expect(303).header("location"), "/login?next=%2Faccount");
    assert_eq!(audited(app, "session.revoke").await.len(), 2);
    // All at once, this one too.
    mine.send(mine.request("DELETE", path)).await.expect(204);
    mine.get("/api/v1/me").await.problem(401, "TOKEN_REVOKED");
    let refresh = json!({ "refresh_token": first["refresh_token"] });
    let stranger = app.api(Who::Anonymous).await;
    stranger.json("POST", "/api/v1/tokens/refresh", &refresh).await.expect(401);
    assert_eq!(audited(app, "user.end_sessions").await.len(), 1);
}
app_test!(ones_own_log_ins_are_listed_and_ended);

/// Whoever reads mails resets passwords: the change needs the password, both mailboxes are told, and nothing changes before the
/// new one has shown that its mails are read.
async fn mails_go_elsewhere_once_the_new_mailbox_answers(app: &TestApp) {
    let mine = app.api(Who::Hospital).await;
    let change = async |password: &str, email: &str| {
        let body = json!({ "password": password, "email": email });
        mine.json("PUT", "/api/v1/account/email", &body).await
    };
    for (password, email, pointer) in [
        ("not the password", "new@example.cn", "/password"),
        (PASSWORD, "new", "/email"),
        (PASSWORD, "", "/email"),
        (PASSWORD, "hospital@example.cn", "/email"),
    ] {
        let wrong = change(password, email).await.problem(422, "INVALID");
        assert_eq!(wrong["errors"][0]["pointer"], pointer, "{wrong}");
    }
    change(PASSWORD, " new@example.cn ").await.expect(202);
    let mut told: Vec<String> = app.take_mails().await.into_iter().map(|(to, _)| to).collect();
    told.sort();
    assert_eq!(told, ["hospital@example.cn", "new@example.cn"]);
    // Until the link is followed a reset goes to the old one.
    let ask = [("account", "hospital")];
    stranger(app, "/password/forgotten", "/password/forgotten", &ask).await.expect(303);
    let reset = last_link(app, "hospital@example.cn").await;
    assert!(reset.starts_with("/password/reset"), "{reset}");
    app.take_mails().await;
    app.clock.advance(Duration::seconds(1));
    let link = last_link(app, "new@example.cn").await;
    assert!(link.starts_with("/account/email/confirm?key="), "{link}");
    for _ in 0..2 {
        // A mail scanner follows the link; nothing is used up by that.
        let page = app.api(Who::Anonymous).await.get(&link).await.expect(200).text;
        assert!(page.contains("new@example.cn") && page.contains("登录名：hospital"), "{page}");
    }
    assert!(audited(app, "user.email").await.is_empty());
    let confirm = async |link: &str| {
        let fields = [("key", key_of(link)), ("password", PASSWORD)];
        stranger(app, link, "/account/email/confirm", &fields).await
    };
    confirm(&link).await.expect(303);
    confirm(&link).await.expect(404);
    let mut told: Vec<String> = app.take_mails().await.into_iter().map(|(to, _)| to).collect();
    told.sort();
    assert_eq!(told, ["hospital@example.cn", "new@example.cn"]);
    // What was on its way to the old mailbox opens nothing; the next reset goes to the new one.
    app.api(Who::Anonymous).await.get(&reset).await.expect(404);
    stranger(app, "/password/forgotten", "/password/forgotten", &ask).await.expect(303);
    let mails = app.take_mails().await;
    assert!(mails.len() == 1 && mails[0].0 == "new@example.cn", "{mails:?}");
    let entries = audited(app, "user.email").await;
    assert!(entries.len() == 1 && format!("{entries:?}").contains("new@example.cn"));
}
app_test!(mails_go_elsewhere_once_the_new_mailbox_answers);

async fn a_new_mailbox_is_asked_for_in_the_portal(app: &TestApp) {
    let browser = app.portal(Who::Hospital).await;
    let fields = [("email", "new@example.cn"), ("password", "not the password")];
    let refused = browser.form("/account/email", &fields).await.expect(422);
    assert!(refused.text.contains("登录密码不正确") && refused.text.contains("value=\"new@example.cn\""));
    let ask = async |email: &str| {
        app.clock.advance(Duration::seconds(1));
        browser.form("/account/email", &[("email", email), ("password", PASSWORD)]).await
    };
    ask("new@example.cn").await.expect(303);
    let first = last_link(app, "new@example.cn").await;
    assert!(browser.get("/account").await.expect(200).text.contains("hospital@example.cn"), "not yet");
    // A later one ends the earlier, a new password ends both, and nobody's mailbox is filled.
    ask("newer@example.cn").await.expect(303);
    app.api(Who::Anonymous).await.get(&first).await.expect(404);
    let second = last_link(app, "newer@example.cn").await;
    let new = "green otter on a ladder";
    let fields = [("old", PASSWORD), ("password", new), ("again", new)];
    let browser = browser.renewed(&browser.form("/account/password", &fields).await.expect(303));
    app.api(Who::Anonymous).await.get(&second).await.expect(404);
    browser.form("/account/email", &[("email", "third@example.cn"), ("password", new)]).await.expect(303);
    let third = last_link(app, "third@example.cn").await;
    browser.form("/account/email", &[("email", "fourth@example.cn"), ("password", new)]).await.expect(429);
    app.clock.advance(Duration::hours(24));
    app.api(Who::Anonymous).await.get(&third).await.expect(404);
    app.take_mails().await;
}
app_test!(a_new_mailbox_is_asked_for_in_the_portal);

//! Tokens of the API: what is taken for one, and how refresh tokens live and end.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use jicai::accounts::jwt::Tokens;
use jicai::accounts::keys::Keys;
use jicai::platform::schema::app_user;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::app::PASSWORD;
use crate::support::door::audited;
use crate::support::{Actor, Answer, Credential, TestApp, Who, app_test};

async fn bearing(app: &TestApp, token: impl Into<String>) -> Actor {
    let mut actor = app.api(Who::Anonymous).await;
    actor.credential = Credential::Bearer(token.into());
    actor
}

async fn me(app: &TestApp, token: impl Into<String>) -> Answer {
    bearing(app, token).await.get("/api/v1/me").await
}

async fn good_token(app: &TestApp) -> String {
    match app.api(Who::Hospital).await.credential {
        Credential::Bearer(token) => token,
        other => panic!("{other:?}"),
    }
}

fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.');
    let mut next = || {
        let bytes = URL_SAFE_NO_PAD.decode(parts.next().expect("part")).expect("base64");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (next(), next())
}

fn encode(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

async fn nobody_without_a_token(app: &TestApp) {
    let answer = app.api(Who::Anonymous).await.get("/api/v1/me").await;
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"jicai\"");
    answer.problem(401, "LOGIN_REQUIRED");
}
app_test!(nobody_without_a_token);

async fn a_token_says_no_more_than_it_must(app: &TestApp) {
    let (header, claims) = parts(&good_token(app).await);
    assert_eq!(header["alg"], "HS256");
    let mut names: Vec<&str> = claims.as_object().expect("claims").keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["aud", "exp", "iat", "iss", "jti", "stamp", "sub"]);
    assert_eq!(claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat"), 900);
}
app_test!(a_token_says_no_more_than_it_must);

async fn expired_to_the_second(app: &TestApp) {
    let token = good_token(app).await;
    app.clock.advance(Duration::seconds(890));
    me(app, &token).await.expect(200);
    app.clock.advance(Duration::seconds(11));
    me(app, &token).await.problem(401, "TOKEN_EXPIRED");
}
app_test!(expired_to_the_second);

async fn forgeries_are_refused(app: &TestApp) {
    let token = good_token(app).await;
    let (header, claims) = parts(&token);
    let signature = token.rsplit('.').next().expect("signature");
    let stranger = Tokens::new(Keys::ephemeral().expect("key"));
    let user = app.person(Who::Hospital).user;
    let other_key = stranger.issue(user, app.stamp(user).await, app.now()).expect("token");
    me(app, other_key).await.problem(401, "TOKEN_INVALID");
    // Another key under the kid that the server knows.
    let mut known = Header::new(Algorithm::HS256);
    known.kid = header["kid"].as_str().map(Into::into);
    let signed = jsonwebtoken::encode(&known, &claims, &EncodingKey::from_secret(&[7; 64])).expect("token");
    me(app, signed).await.problem(401, "TOKEN_INVALID");
    for alg in ["none", "None", "NONE", "HS384", "RS256"] {
        let mut other = header.clone();
        other["alg"] = json!(alg);
        me(app, format!("{}.{}.", encode(&other), encode(&claims))).await.problem(401, "TOKEN_INVALID");
        me(app, format!("{}.{}.{signature}", encode(&other), encode(&claims)))
            .await
            .problem(401, "TOKEN_INVALID");
    }
    let mut forged = claims.clone();
    forged["sub"] = json!(app.person(Who::Officer).user);
    me(app, format!("{}.{}.{signature}", encode(&header), encode(&forged)))
        .await
        .problem(401, "TOKEN_INVALID");
    for rubbish in ["", "x", "a.b.c", "....", &token[1..], &"x".repeat(5000)] {
        let answer = me(app, rubbish).await.expect(401);
        assert!(["TOKEN_INVALID", "LOGIN_REQUIRED"].contains(&answer.json()["code"].as_str().expect("code")));
    }
}
app_test!(forgeries_are_refused);

/// Signed with our own key, but for another purpose or by another issuer, or without an end.
async fn a_token_for_another_purpose_is_none(app: &TestApp) {
    let line = Keys::fresh_line();
    let secret = line.split_whitespace().nth(1).expect("secret").to_owned();
    let kid = line.split_whitespace().next().expect("kid").to_owned();
    let mut auth = app.auth.clone();
    auth.tokens = Tokens::new(Keys::parse(&line).expect("keys"));
    let user = app.person(Who::Hospital).user;
    let stamp = app.stamp(user).await;
    let (_, claims) = parts(&auth.tokens.issue(user, stamp, app.now()).expect("token"));
    let key = EncodingKey::from_base64_secret(&secret).expect("key");
    let header = Header { kid: Some(kid), ..Header::new(Algorithm::HS256) };
    let check = async |claims: &Value| {
        let token = jsonwebtoken::encode(&header, claims, &key).expect("token");
        jicai::accounts::token::holder(&auth, &token, None).await.map(|holder| holder.principal.user)
    };
    assert_eq!(check(&claims).await.expect("the honest one is taken"), user);
    for (member, value) in [
        ("aud", json!("jicai:password-reset")),
        ("aud", json!(["x"])),
        ("iss", json!("elsewhere")),
        ("exp", json!(0)),
        ("sub", json!("x")),
    ] {
        let mut other = claims.clone();
        other[member] = value.clone();
        assert!(check(&other).await.is_err(), "{member} = {value} was taken");
    }
    for member in ["aud", "iss", "exp", "sub", "stamp"] {
        let mut other = claims.clone();
        other.as_object_mut().expect("claims").remove(member);
        assert!(check(&other).await.is_err(), "without {member} it was taken");
    }
}
app_test!(a_token_for_another_purpose_is_none);

/// The new line on top signs, the old one below still verifies; removed, it verifies no more.
async fn keys_change_without_a_break(app: &TestApp) {
    let (old, new) = (Keys::fresh_line(), Keys::fresh_line());
    let tokens = |text: &str| Tokens::new(Keys::parse(text).expect("keys"));
    let user = app.person(Who::Hospital).user;
    let stamp = app.stamp(user).await;
    let before = tokens(&old).issue(user, stamp, app.now()).expect("token");
    let mut auth = app.auth.clone();
    auth.tokens = tokens(&format!("# rotated\n{new}{old}"));
    let check = async |auth: &jicai::accounts::door::Auth, token: &str| {
        jicai::accounts::token::holder(auth, token, None).await.is_ok()
    };
    assert!(check(&auth, &before).await);
    let after = auth.tokens.issue(user, stamp, app.now()).expect("token");
    assert_ne!(parts(&before).0["kid"], parts(&after).0["kid"]);
    auth.tokens = tokens(&new);
    assert!(!check(&auth, &before).await && check(&auth, &after).await);
}
app_test!(keys_change_without_a_break);

async fn a_new_stamp_and_a_closed_account_end_everything(app: &TestApp) {
    use diesel::prelude::*;
    let token = good_token(app).await;
    let portal = app.portal(Who::Hospital).await;
    let pair = log_in(app).await;
    portal.get("/login").await.expect(303);
    let user = app.person(Who::Hospital).user;
    let fresh = jicai::platform::sql::Id::new();
    app.db
        .write_unaudited("stamp", move |c| {
            diesel::update(app_user::table.find(user)).set(app_user::stamp.eq(fresh)).execute(c)?;
            Ok(())
        })
        .await
        .expect("stamp");
    me(app, &token).await.problem(401, "TOKEN_REVOKED");
    portal.get("/login").await.expect(200);
    refresh(app, &pair["refresh_token"]).await.problem(401, "REFRESH_INVALID");
    let token = good_token(app).await;
    me(app, &token).await.expect(200);
    app.db
        .write_unaudited("state", move |c| {
            diesel::update(app_user::table.find(user)).set(app_user::state.eq("disabled")).execute(c)?;
            Ok(())
        })
        .await
        .expect("state");
    me(app, &token).await.problem(401, "TOKEN_REVOKED");
    let body = json!({ "login": "hospital", "password": PASSWORD });
    app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens", &body).await.problem(401, "LOGIN_FAILED");
}
app_test!(a_new_stamp_and_a_closed_account_end_everything);

async fn log_in(app: &TestApp) -> Value {
    let body = json!({ "login": "hospital", "password": PASSWORD });
    app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens", &body).await.expect(201).json()
}

async fn refresh(app: &TestApp, token: &Value) -> Answer {
    let body = json!({ "refresh_token": token });
    app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens/refresh", &body).await
}

async fn a_refresh_token_is_good_for_one_exchange(app: &TestApp) {
    let first = log_in(app).await;
    let second = refresh(app, &first["refresh_token"]).await.expect(201).json();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(
        first["refresh_expires_at"], second["refresh_expires_at"],
        "refreshing does not prolong the log-in"
    );
    me(app, second["access_token"].as_str().expect("token")).await.expect(200);
    // A client that lost the answer asks again within ten seconds.
    app.clock.advance(Duration::seconds(9));
    let again = refresh(app, &first["refresh_token"]).await.expect(201).json();
    assert_eq!(again, second, "a family has one branch");
    refresh(app, &second["refresh_token"]).await.expect(201);
    // Later than that somebody has a copy: the whole family ends.
    app.clock.advance(Duration::seconds(2));
    refresh(app, &first["refresh_token"]).await.problem(401, "REFRESH_REUSED");
    refresh(app, &again["refresh_token"]).await.problem(401, "REFRESH_INVALID");
    assert_eq!(audited(app, "session.reused").await.len(), 1);
    // Another log-in of the same person goes on.
    let other = log_in(app).await;
    let other = refresh(app, &other["refresh_token"]).await.expect(201).json();
    // Who leaves stands in the audit, once.
    let body = json!({ "refresh_token": other["refresh_token"] });
    for _ in 0..2 {
        app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens/revoke", &body).await.expect(204);
    }
    assert_eq!(audited(app, "session.log_out").await.len(), 1);
}
app_test!(a_refresh_token_is_good_for_one_exchange);

async fn a_refresh_token_ends_twelve_hours_after_the_log_in(app: &TestApp) {
    let mut pair = log_in(app).await;
    for _ in 0..11 {
        app.clock.advance(Duration::hours(1));
        pair = refresh(app, &pair["refresh_token"]).await.expect(201).json();
    }
    app.clock.advance(Duration::hours(1));
    refresh(app, &pair["refresh_token"]).await.problem(401, "REFRESH_INVALID");
    refresh(app, &json!("never handed out")).await.problem(401, "REFRESH_INVALID");
}
app_test!(a_refresh_token_ends_twelve_hours_after_the_log_in);

async fn a_revoked_log_in_is_over(app: &TestApp) {
    let pair = log_in(app).await;
    let next = refresh(app, &pair["refresh_token"]).await.expect(201).json();
    let body = json!({ "refresh_token": next["refresh_token"] });
    let anonymous = app.api(Who::Anonymous).await;
    anonymous.json("POST", "/api/v1/tokens/revoke", &body).await.expect(204);
    refresh(app, &next["refresh_token"]).await.problem(401, "REFRESH_INVALID");
    anonymous.json("POST", "/api/v1/tokens/revoke", &json!({ "refresh_token": "x" })).await.expect(204);
}
app_test!(a_revoked_log_in_is_over);

/// Twenty twins of one exchange: each gets a pair, none ends the family.
async fn twins_of_one_exchange_all_get_an_answer(app: &TestApp) {
    let pair = log_in(app).await;
    let answers = futures_util::future::join_all((0..20).map(|_| refresh(app, &pair["refresh_token"]))).await;
    assert!(answers.iter().all(|a| a.status == 201));
    refresh(app, &answers[7].json()["refresh_token"]).await.expect(201);
}
app_test!(twins_of_one_exchange_all_get_an_answer);

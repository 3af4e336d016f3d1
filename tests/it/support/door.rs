//! What people do in front of the door: follow links in mails, log in with and without a code.

use chrono::Duration;
use diesel::prelude::*;
use jicai::platform::schema::{audit_entry, outbox_mail, portal_session};
use jicai::platform::secret;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use super::app::PASSWORD;
use super::{Actor, Answer, Credential, FormFields, TestApp, Who};

/// When a code that was just taken is followed by the next.
pub const NEXT_CODE: Duration = Duration::seconds(30);

/// Opens a page as a stranger and sends a form with its token.
pub async fn stranger(app: &TestApp, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
    let browser = app.portal(Who::Anonymous).await;
    let opened = browser.get(page).await;
    let cookie = opened.cookie("jicai-form").unwrap_or_default();
    let token = cookie.split(';').next().expect("a value").to_owned();
    let all: Vec<(&str, &str)> = [("form_token", token.as_str())].iter().chain(fields).copied().collect();
    let request = browser
        .request("POST", to)
        .header("origin", &app.base)
        .header("cookie", format!("jicai-form={token}"))
        .form_fields(&all);
    browser.send(request).await
}

/// Somebody whose answer brought a session.
pub async fn session_of(app: &TestApp, answer: &Answer) -> Actor {
    let cookie = answer.cookie("jicai-session").expect("a session");
    let secret = cookie.split(';').next().expect("a value").to_owned();
    let query = portal_session::table.find(secret::hash(&secret)).select(portal_session::form_token);
    let form_token = app.db.read(move |c| Ok(query.first(c)?)).await.expect("form token");
    Actor::new(&app.base, Credential::Session { secret, form_token })
}

/// Logs in at the portal.
pub async fn log_in(app: &TestApp, login: &str, password: &str) -> Answer {
    stranger(app, "/login", "/login", &[("account", login), ("password", password)]).await
}

/// Asks the API for tokens.
pub async fn tokens(app: &TestApp, login: &str, password: &str, totp: Option<&str>) -> Answer {
    let mut body = json!({ "login": login, "password": password });
    if let Some(code) = totp {
        body["totp"] = json!(code);
    }
    app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens", &body).await
}

/// Somebody with a token at the API.
pub fn bearer(app: &TestApp, token: &Value) -> Actor {
    Actor::new(&app.base, Credential::Bearer(token.as_str().expect("a token").to_owned()))
}

/// Path and key of the latest mail to somebody.
pub async fn last_link(app: &TestApp, recipient: &str) -> String {
    let query = outbox_mail::table
        .filter(outbox_mail::recipient.eq(recipient.to_owned()))
        .order((outbox_mail::created_at.desc(), outbox_mail::id))
        .select(outbox_mail::link);
    app.db.read(move |c| Ok(query.first(c)?)).await.expect("a mail")
}

/// The key in a link.
pub fn key_of(link: &str) -> &str {
    link.split_once("key=").expect("a key").1
}

/// The code of a secret as the app would show it.
pub fn code(typed: &str, app: &TestApp) -> String {
    let secret = Secret::try_from_base32(typed.replace(' ', "")).expect("base32");
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(0)
        .with_step_duration(30)
        .with_secret(secret)
        .build()
        .expect("totp");
    let now = u64::try_from(app.now().0.and_utc().timestamp()).expect("after 1970");
    totp.generate(now).to_string()
}

/// The secret that an enrolment page shows.
pub fn secret_on(page: &str) -> String {
    let rest = page.split_once("<code id=\"secret\">").expect("a secret").1;
    rest.split_once("</code>").expect("its end").0.to_owned()
}

/// Goes through the enrolment; the secret and the recovery codes.
pub async fn enrol(app: &TestApp, actor: &Actor) -> (String, Vec<String>) {
    actor.form("/account/totp", &[("password", PASSWORD)]).await.expect(303);
    let page = actor.get("/account/totp/confirm").await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    let secret = secret_on(&page.text);
    let shown = actor.form("/account/totp/confirm", &[("code", &code(&secret, app))]).await.expect(200);
    let codes: Vec<String> = shown
        .text
        .split("<li><code>")
        .skip(1)
        .map(|rest| rest.split("</code>").next().expect("a code").to_owned())
        .collect();
    app.take_mails().await;
    // The code that confirmed is used up; the next one comes.
    app.clock.advance(NEXT_CODE);
    (secret, codes)
}

/// The half of a log-in that waits for its code.
pub fn half(page: &Answer) -> String {
    let rest = page.text.split_once("name=\"half\" value=\"").expect("a waiting log-in").1;
    rest.split_once('"').expect("its end").0.to_owned()
}

/// Gives the code of a log-in that waits for it.
pub async fn second(app: &TestApp, half: &str, code: &str) -> Answer {
    stranger(app, "/login", "/login/code", &[("half", half), ("code", code)]).await
}

/// Everything the audit holds of an action, as (before, after).
pub async fn audited(app: &TestApp, action: &str) -> Vec<(Option<String>, Option<String>)> {
    let query = audit_entry::table
        .filter(audit_entry::action.eq(action.to_owned()))
        .order((audit_entry::at, audit_entry::id))
        .select((audit_entry::before, audit_entry::after));
    app.db.read(move |c| Ok(query.load(c)?)).await.expect("entries")
}

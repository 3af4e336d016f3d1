//! Sessions of the portal, and forms that come from elsewhere.

use chrono::Duration;

use crate::support::app::PASSWORD;
use crate::support::door::audited;
use crate::support::{Actor, Answer, Credential, FormFields, TestApp, Who, app_test};

/// Goes through the log-in as a browser would: the page, its cookie, the form.
async fn log_in(app: &TestApp, next: &str, password: &str) -> Answer {
    let browser = app.portal(Who::Anonymous).await;
    let page = browser.get("/login").await.expect(200);
    let token = form_cookie(&page);
    assert!(!page.text.contains(&token), "the form carries the token masked");
    let shown = page.text.split_once("name=\"form_token\" value=\"").expect("a form").1;
    let shown = shown.split_once('"').expect("its end").0;
    let fields = [("form_token", shown), ("account", "hospital"), ("password", password), ("next", next)];
    let request = browser
        .request("POST", "/login")
        .header("origin", &app.base)
        .header("cookie", format!("jicai-form={token}"))
        .form_fields(&fields);
    browser.send(request).await
}

fn form_cookie(page: &Answer) -> String {
    page.cookie("jicai-form").expect("a cookie").split(';').next().expect("a value").to_owned()
}

/// A session is alive where the log-in page leads on instead of asking.
async fn is_alive(actor: &Actor) -> bool {
    actor.get("/login").await.status == 303
}

async fn the_log_in_sets_a_cookie_that_scripts_cannot_read(app: &TestApp) {
    let answer = log_in(app, "/orders?state=submitted", PASSWORD).await.expect(303);
    assert_eq!(answer.header("location"), "/orders?state=submitted");
    let cookie = answer.cookie("jicai-session").expect("a session");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(
        !cookie.contains("Max-Age") && !cookie.contains("Expires") && !cookie.contains("Domain"),
        "{cookie}"
    );
    let secret = cookie.split(';').next().expect("value").to_owned();
    let mut actor = app.portal(Who::Anonymous).await;
    actor.credential = Credential::Session { secret, form_token: String::new() };
    assert!(is_alive(&actor).await);
}
app_test!(the_log_in_sets_a_cookie_that_scripts_cannot_read);

async fn the_log_in_leads_nowhere_else(app: &TestApp) {
    for next in
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "", "/login"]
    {
        let answer = log_in(app, next, PASSWORD).await.expect(303);
        assert_eq!(answer.header("location"), "/", "{next}");
    }
}
app_test!(the_log_in_leads_nowhere_else);

async fn a_refused_log_in_keeps_the_name_and_not_the_password(app: &TestApp) {
    let answer = log_in(app, "/orders", "not the password").await.expect(422);
    assert!(answer.text.contains("登录名或密码不正确") && answer.text.contains("value=\"hospital\""));
    assert!(!answer.text.contains("not the password"));
    assert_eq!(answer.cookie("jicai-session"), None);
}
app_test!(a_refused_log_in_keeps_the_name_and_not_the_password);

async fn half_an_hour_without_a_request_ends_it(app: &TestApp) {
    let actor = app.portal(Who::Hospital).await;
    for _ in 0..3 {
        app.clock.advance(Duration::minutes(29));
        assert!(is_alive(&actor).await);
    }
    app.clock.advance(Duration::minutes(30));
    assert!(!is_alive(&actor).await);
}
app_test!(half_an_hour_without_a_request_ends_it);

async fn twelve_hours_end_it_in_any_case(app: &TestApp) {
    let actor = app.portal(Who::Hospital).await;
    for _ in 0..35 {
        app.clock.advance(Duration::minutes(20));
        assert!(is_alive(&actor).await);
    }
    app.clock.advance(Duration::minutes(20));
    assert!(!is_alive(&actor).await);
}
app_test!(twelve_hours_end_it_in_any_case);

/// Reading pages writes the last request down once a minute, not at every request.
async fn reading_does_not_write_at_every_request(app: &TestApp) {
    use diesel::prelude::*;
    use jicai::platform::schema::portal_session;
    let actor = app.portal(Who::Hospital).await;
    let seen = async || {
        let query = portal_session::table.select(portal_session::last_seen_at);
        let at: jicai::platform::sql::Time = app.db.read(move |c| Ok(query.first(c)?)).await.expect("row");
        at
    };
    let opened = seen().await;
    app.clock.advance(Duration::seconds(40));
    assert!(is_alive(&actor).await);
    assert_eq!(seen().await, opened);
    app.clock.advance(Duration::seconds(40));
    assert!(is_alive(&actor).await);
    assert!(seen().await >= opened.plus(Duration::seconds(80)));
}
app_test!(reading_does_not_write_at_every_request);

async fn the_log_out_ends_it_at_once(app: &TestApp) {
    let actor = app.portal(Who::Hospital).await;
    let answer = actor.form("/logout", &[]).await.expect(303);
    assert_eq!(answer.header("location"), "/login");
    assert!(answer.cookie("jicai-session").expect("removed").contains("Max-Age=0"));
    assert!(!is_alive(&actor).await);
    assert_eq!(audited(app, "session.log_out").await.len(), 1);
    let flash = answer.cookie("jicai-flash").expect("a notice");
    let value = flash.split(';').next().expect("value");
    let request = app.portal(Who::Anonymous).await;
    let next =
        request.send(request.request("GET", "/login").header("cookie", format!("jicai-flash={value}"))).await;
    assert!(next.text.contains("您已退出登录。"));
    assert!(next.cookie("jicai-flash").expect("removed").contains("Max-Age=0"), "a notice is shown once");
}
app_test!(the_log_out_ends_it_at_once);

async fn forms_are_taken_from_our_own_pages_only(app: &TestApp) {
    let actor = app.portal(Who::Hospital).await;
    let Credential::Session { form_token, .. } = actor.credential.clone() else { panic!("a session") };
    let good = [("form_token", form_token.as_str())];
    let port = app.base.rsplit(':').next().expect("port");
    for origin in
        ["https://evil.example", "null", "http://127.0.0.1:1", &format!("https://127.0.0.1:{port}"), ""]
    {
        let request = actor.request("POST", "/logout").header("origin", origin).form_fields(&good);
        let answer = actor.send(request).await.expect(403);
        assert!(answer.text.contains("不是来自本平台的页面"), "{origin}: {}", answer.text);
    }
    // No origin at all, as an old script would.
    actor.send(actor.request("POST", "/logout").form_fields(&good)).await.expect(403);
    let foreign = actor.request("POST", "/logout").header("sec-fetch-site", "cross-site").form_fields(&good);
    actor.send(foreign).await.expect(403);
    // Our origin, but without the token, with another's or with an empty one.
    let other = app.portal(Who::OtherHospital).await;
    let Credential::Session { form_token: others, .. } = other.credential.clone() else {
        panic!("a session")
    };
    for token in ["", "x", others.as_str()] {
        let answer = actor.form("/logout", &[("form_token", token)]).await.expect(403);
        assert!(answer.text.contains("页面已失效"), "{}", answer.text);
    }
    assert!(is_alive(&actor).await, "nothing of that ended the session");
    actor.form("/logout", &[]).await.expect(303);
}
app_test!(forms_are_taken_from_our_own_pages_only);

/// The browser of a victim must not be logged in by a foreign page: the log-in form has a token of its own.
async fn the_log_in_form_has_a_token_too(app: &TestApp) {
    let browser = app.portal(Who::Anonymous).await;
    let fields = [("form_token", ""), ("account", "hospital"), ("password", PASSWORD)];
    let request = browser.request("POST", "/login").header("origin", &app.base).form_fields(&fields);
    browser.send(request).await.expect(403);
    let fields = [("form_token", "chosen"), ("account", "hospital"), ("password", PASSWORD)];
    let request = browser.request("POST", "/login").header("origin", &app.base).form_fields(&fields);
    browser.send(request).await.expect(403);
}
app_test!(the_log_in_form_has_a_token_too);

/// A token is nothing at the portal, a session nothing at the API: no request is forged with a browser's cookie there.
async fn a_cookie_is_nothing_at_the_api(app: &TestApp) {
    let portal = app.portal(Who::Hospital).await;
    portal.get("/api/v1/me").await.problem(401, "LOGIN_REQUIRED");
    let api = app.api(Who::Hospital).await;
    assert_eq!(api.get("/login").await.status, 200);
}
app_test!(a_cookie_is_nothing_at_the_api);

//! Whose tries are counted together: behind a proxy that the operator named, those of the address that it tells.

use jicai::accounts::limit::BURST;
use jicai::platform::db::Db;
use serde_json::json;

use crate::support::app::{PASSWORD, Setup};
use crate::support::door::{audited, bearer, enrol, half, log_in, second, tokens};
use crate::support::{Answer, TestApp, Who, both_engines};

async fn knock(app: &TestApp, forwarded: &[&str], password: &str) -> Answer {
    let stranger = app.api(Who::Anonymous).await;
    let mut request = stranger.request("POST", "/api/v1/tokens");
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    stranger.send(request.json(&json!({ "login": "hospital", "password": password }))).await
}

fn use_up(app: &TestApp, address: &str) {
    let address = address.parse().expect("an address");
    while app.auth.limit.take(address, app.now()).is_ok() {}
}

async fn behind_a_named_proxy_each_address_has_its_own_limit(db: Db) {
    let proxies = vec!["127.0.0.1".parse().expect("address"), "10.0.0.7".parse().expect("address")];
    let app = TestApp::start_as(db, Setup { trusted_proxies: proxies, ..Setup::default() }).await;
    use_up(&app, "203.0.113.7");
    knock(&app, &["203.0.113.7"], PASSWORD).await.problem(429, "TOO_MANY_TRIES");
    // What stands before the nearest foreign hop was made up by the caller.
    knock(&app, &["203.0.113.8, 203.0.113.7"], PASSWORD).await.problem(429, "TOO_MANY_TRIES");
    knock(&app, &["203.0.113.8", "203.0.113.7"], PASSWORD).await.problem(429, "TOO_MANY_TRIES");
    knock(&app, &["203.0.113.8, 203.0.113.7, 10.0.0.7"], PASSWORD).await.problem(429, "TOO_MANY_TRIES");
    knock(&app, &["203.0.113.7, 203.0.113.8"], PASSWORD).await.expect(201);
    knock(&app, &["unknown"], PASSWORD).await.expect(201);
    knock(&app, &[], PASSWORD).await.expect(201);
    // One household's IPv6 addresses are one.
    use_up(&app, "2001:db8:1:2::");
    knock(&app, &["2001:db8:1:2:3:4:5:6"], PASSWORD).await.problem(429, "TOO_MANY_TRIES");
    knock(&app, &["2001:db8:1:3:3:4:5:6"], PASSWORD).await.expect(201);
    // The same address stands in the audit and in the list of log-ins.
    let pair = knock(&app, &["198.51.100.23"], PASSWORD).await.expect(201).json();
    let sessions = bearer(&app, &pair["access_token"]).get("/api/v1/account/sessions").await.expect(200);
    assert!(sessions.text.contains("198.51.100.23"), "{}", sessions.text);
    assert!(format!("{:?}", audited(&app, "login.done").await).contains("198.51.100.23"));
    app.finish().await;
}
both_engines!(behind_a_named_proxy_each_address_has_its_own_limit);

async fn without_a_named_proxy_nobody_is_somebody_else(db: Db) {
    let app = TestApp::start(db).await;
    for n in 0..BURST {
        let body = json!({ "login": format!("nobody-{n}"), "password": "not the password" });
        let stranger = app.api(Who::Anonymous).await;
        let request =
            stranger.request("POST", "/api/v1/tokens").header("x-forwarded-for", format!("203.0.113.{n}"));
        stranger.send(request.json(&body)).await.problem(401, "LOGIN_FAILED");
    }
    let refused = knock(&app, &["203.0.113.250"], PASSWORD).await;
    let seconds: i64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds), "{seconds}");
    refused.problem(429, "TOO_MANY_TRIES");
    assert!(!format!("{:?}", audited(&app, "login.failed").await).contains("203.0.113."));
    app.finish().await;
}
both_engines!(without_a_named_proxy_nobody_is_somebody_else);

/// Colleagues behind one address who all give a code use none of its allowance.
async fn a_log_in_with_a_code_costs_the_address_nothing(db: Db) {
    let app = TestApp::start(db).await;
    let (_, codes) = enrol(&app, &app.portal(Who::Hospital).await).await;
    let here = "127.0.0.1".parse().expect("an address");
    // Room for one more try.
    use_up(&app, "127.0.0.1");
    app.auth.limit.give_back(here);
    for given in &codes[..5] {
        let waiting = half(&log_in(&app, "hospital", PASSWORD).await.expect(200));
        second(&app, &waiting, given).await.expect(303);
    }
    // Who lacks the code at the API gave the right password, too.
    tokens(&app, "hospital", PASSWORD, None).await.problem(401, "TOTP_REQUIRED");
    tokens(&app, "hospital", PASSWORD, Some(&codes[5])).await.expect(201);
    use_up(&app, "127.0.0.1");
    // The right password passes where it got in before; somebody new meets the limit.
    tokens(&app, "hospital", PASSWORD, Some(&codes[6])).await.expect(201);
    tokens(&app, "otherhospital", PASSWORD, None).await.problem(429, "TOO_MANY_TRIES");
    app.finish().await;
}
both_engines!(a_log_in_with_a_code_costs_the_address_nothing);

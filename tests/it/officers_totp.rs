//! Where officers must have a second step, as in production: what they reach without it, and how they get it.

use jicai::platform::db::Db;

use crate::support::app::{PASSWORD, Setup};
use crate::support::door::{NEXT_CODE, bearer, code, log_in, secret_on, session_of, stranger, tokens};
use crate::support::{TestApp, both_engines};

async fn an_officer_reaches_nothing_before_the_second_step(db: Db) {
    let app = TestApp::start_as(db, Setup { officers_need_totp: true, ..Setup::default() }).await;
    tokens(&app, "officer", PASSWORD, None).await.problem(403, "TOTP_ENROLMENT_REQUIRED");
    let officer = session_of(&app, &log_in(&app, "officer", PASSWORD).await.expect(303)).await;
    for path in ["/", "/orders", "/account", "/account/password", "/messages", "/imports", "/policy"] {
        assert_eq!(officer.get(path).await.expect(303).header("location"), "/account/totp", "{path}");
    }
    officer.form("/messages", &[]).await.expect(303);
    let page = officer.get("/account/totp").await.expect(200);
    assert!(page.text.contains("管理部门的账号须启用两步验证"), "{}", page.text);
    officer.form("/account/totp", &[("password", PASSWORD)]).await.expect(303);
    let secret = secret_on(&officer.get("/account/totp/confirm").await.expect(200).text);
    officer.form("/account/totp/confirm", &[("code", &code(&secret, &app))]).await.expect(200);
    officer.get("/orders").await.expect(200);
    // It cannot be switched off again, here or at the API.
    app.clock.advance(NEXT_CODE);
    let off = [("off-password", PASSWORD), ("off-code", &code(&secret, &app))];
    officer.form("/account/totp/off", &off).await.expect(409);
    let pair = tokens(&app, "officer", PASSWORD, Some(&code(&secret, &app))).await.expect(201).json();
    let api = bearer(&app, &pair["access_token"]);
    let body = serde_json::json!({ "password": PASSWORD, "code": code(&secret, &app) });
    api.json("POST", "/api/v1/account/totp/removal", &body).await.problem(409, "WRONG_STATE");
    assert_eq!(api.get("/api/v1/account/totp").await.expect(200).json()["obligatory"], true);
    // From the second log-in on it is the code that opens.
    app.clock.advance(NEXT_CODE);
    let waiting = log_in(&app, "officer", PASSWORD).await.expect(200);
    let half = waiting.text.split_once("name=\"half\" value=\"").expect("a waiting log-in").1;
    let half = half.split_once('"').expect("its end").0;
    let fields = [("half", half), ("code", &code(&secret, &app))];
    let entered = stranger(&app, "/login", "/login/code", &fields).await.expect(303);
    session_of(&app, &entered).await.get("/orders").await.expect(200);
    // Nobody else is asked.
    let hospital = session_of(&app, &log_in(&app, "hospital", PASSWORD).await.expect(303)).await;
    hospital.get("/orders").await.expect(200);
    tokens(&app, "enterprise", PASSWORD, None).await.expect(201);
    tokens(&app, "observer", PASSWORD, None).await.expect(201);
    tokens(&app, "bureau", PASSWORD, None).await.problem(403, "TOTP_ENROLMENT_REQUIRED");
    assert_eq!(app.take_mails().await.len(), 1, "the letter that it is on");
    app.finish().await;
}
both_engines!(an_officer_reaches_nothing_before_the_second_step);

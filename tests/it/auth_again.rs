//! Passwords and codes that somebody gives again behind the door, and log-ins that have come half-way: counted and written
//! down like those at the door.

use diesel::prelude::*;
use jicai::accounts::users::UserState;
use jicai::platform::schema::{app_user, organisation};
use jicai::platform::secret;
use serde_json::json;

use crate::support::app::PASSWORD;
use crate::support::door::{audited, code, enrol, half, log_in, second, tokens};
use crate::support::{Actor, Answer, TestApp, Who, app_test};

const TOTP: &str = "/api/v1/account/totp";

async fn take_off(mine: &Actor, password: &str, code: &str) -> Answer {
    mine.json("POST", &format!("{TOTP}/removal"), &json!({ "password": password, "code": code })).await
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

/// Whoever stole a session and the password guesses no code: the right password does not take back wrong codes.
async fn codes_cannot_be_guessed_behind_the_door(app: &TestApp) {
    enrol(app, &app.portal(Who::Hospital).await).await;
    let mine = app.api(Who::Hospital).await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(take_off(&mine, PASSWORD, "000000").await);
    }
    assert_eq!(statuses(&answers), [vec![422; 5], vec![429; 15]].concat());
    answers.pop().expect("the last").problem(429, "LOGIN_LOCKED");
    log_in(app, "hospital", PASSWORD).await.expect(429);
    // What happened is written down like failures at the door.
    assert_eq!(audited(app, "login.failed").await.len(), 4);
    let locked = audited(app, "login.locked").await;
    assert_eq!(locked.len(), 1);
    let words = locked[0].1.as_deref().expect("content");
    assert!(words.contains("\"wrong\":\"code\"") && words.contains("127.0.0.1"), "{words}");
    assert!(words.contains("\"locked_until\""), "{words}");
}
app_test!(codes_cannot_be_guessed_behind_the_door);

/// Four failures at the door stay counted whatever the right password does behind it.
async fn the_right_password_forgets_no_wrong_codes(app: &TestApp) {
    let (key, codes) = enrol(app, &app.portal(Who::Hospital).await).await;
    let mine = app.api(Who::Hospital).await;
    for _ in 0..4 {
        tokens(app, "hospital", PASSWORD, Some("000000")).await.problem(401, "TOTP_WRONG");
    }
    mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.problem(409, "WRONG_STATE");
    let body = json!({ "password": PASSWORD, "email": "elsewhere@example.cn" });
    mine.json("PUT", "/api/v1/account/email", &body).await.expect(202);
    app.take_mails().await;
    take_off(&mine, PASSWORD, "000000").await.problem(422, "INVALID");
    tokens(app, "hospital", PASSWORD, Some(&code(&key, app))).await.problem(429, "LOGIN_LOCKED");
    // A right code behind the door forgets them.
    app.clock.advance(chrono::Duration::seconds(62));
    take_off(&app.api(Who::Hospital).await, PASSWORD, &codes[0]).await.expect(204);
    for _ in 0..4 {
        log_in(app, "hospital", "not the password").await.expect(422);
    }
    log_in(app, "hospital", PASSWORD).await.expect(303);
    app.take_mails().await;
}
app_test!(the_right_password_forgets_no_wrong_codes);

async fn wrong_passwords_behind_the_door_are_written_down(app: &TestApp) {
    let mine = app.api(Who::Hospital).await;
    for _ in 0..5 {
        mine.json("POST", TOTP, &json!({ "password": "no" })).await.problem(422, "INVALID");
    }
    mine.json("POST", TOTP, &json!({ "password": PASSWORD })).await.problem(429, "LOGIN_LOCKED");
    let (failed, locked) = (audited(app, "login.failed").await, audited(app, "login.locked").await);
    assert_eq!((failed.len(), locked.len()), (4, 1));
    assert!(locked[0].1.as_deref().is_some_and(|t| t.contains("password") && t.contains("locked_until")));
}
app_test!(wrong_passwords_behind_the_door_are_written_down);

/// What is refused for another reason than a wrong code is no failure.
async fn asking_for_codes_that_are_off_locks_nobody(app: &TestApp) {
    let mine = app.api(Who::Hospital).await;
    for _ in 0..6 {
        let answer = mine.json("POST", &format!("{TOTP}/recovery-codes"), &json!({ "code": "123456" })).await;
        answer.problem(409, "WRONG_STATE");
    }
    log_in(app, "hospital", PASSWORD).await.expect(303);
    assert!(audited(app, "login.failed").await.is_empty());
}
app_test!(asking_for_codes_that_are_off_locks_nobody);

async fn a_half_log_in_of_a_closed_account_is_written_down(app: &TestApp) {
    let (key, _) = enrol(app, &app.portal(Who::Hospital).await).await;
    let waiting = half(&log_in(app, "hospital", PASSWORD).await.expect(200));
    let user = app.person(Who::Hospital).user;
    app.db
        .write_unaudited("test", move |c| {
            let row = app_user::table.find(user);
            diesel::update(row).set(app_user::state.eq(UserState::Disabled)).execute(c)?;
            Ok(())
        })
        .await
        .expect("closed");
    second(app, &waiting, &code(&key, app)).await.expect(422);
    assert_eq!(audited(app, "login.failed").await.len(), 1);
}
app_test!(a_half_log_in_of_a_closed_account_is_written_down);

/// Whoever gave the old password and waits before the second step begins anew after a change.
async fn a_half_log_in_ends_with_the_password(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    let (key, _) = enrol(app, &mine).await;
    let waiting = half(&log_in(app, "hospital", PASSWORD).await.expect(200));
    let new = "green otter on a ladder";
    let fields = [("old", PASSWORD), ("password", new), ("again", new)];
    let mine = mine.renewed(&mine.form("/account/password", &fields).await.expect(303));
    second(app, &waiting, &code(&key, app)).await.expect(404);
    let waiting = half(&log_in(app, "hospital", new).await.expect(200));
    mine.form("/account/sessions/end-others", &[]).await.expect(303);
    second(app, &waiting, &code(&key, app)).await.expect(404);
    let waiting = half(&log_in(app, "hospital", new).await.expect(200));
    second(app, &waiting, &code(&key, app)).await.expect(303);
    app.take_mails().await;
}
app_test!(a_half_log_in_ends_with_the_password);

async fn suspend(app: &TestApp, who: Who) {
    let id = app.organisation(who).id;
    app.db
        .write_unaudited("test", move |c| {
            let row = organisation::table.find(id);
            diesel::update(row).set(organisation::state.eq("suspended")).execute(c)?;
            Ok(())
        })
        .await
        .expect("suspended");
}

/// The right password of a suspended organisation is no failure, neither of the name nor of the address.
async fn a_suspension_locks_nobody_out(app: &TestApp) {
    let (key, _) = enrol(app, &app.portal(Who::Hospital).await).await;
    let waiting = half(&log_in(app, "hospital", PASSWORD).await.expect(200));
    suspend(app, Who::Hospital).await;
    // Room for one more try of the address.
    let here = "127.0.0.1".parse().expect("address");
    while app.auth.limit.take(here, app.now()).is_ok() {}
    app.auth.limit.give_back(here);
    for _ in 0..6 {
        tokens(app, "hospitaladmin", PASSWORD, None).await.problem(403, "ORGANISATION_SUSPENDED");
    }
    second(app, &waiting, &code(&key, app)).await.expect(403);
    tokens(app, "otherhospital", PASSWORD, None).await.expect(201);
    assert!(audited(app, "login.failed").await.is_empty());
}
app_test!(a_suspension_locks_nobody_out);

/// People type their password where the name belongs: not even its hash is kept for good.
async fn what_was_typed_as_a_name_is_not_kept(app: &TestApp) {
    let typed = "my own password, in the wrong field";
    for _ in 0..5 {
        log_in(app, typed, "").await.expect(422);
    }
    let ask = [("account", typed)];
    crate::support::door::stranger(app, "/password/forgotten", "/password/forgotten", &ask).await.expect(303);
    let mut all = String::new();
    for action in ["login.failed", "login.locked", "password.ask_reset"] {
        let entries = audited(app, action).await;
        assert!(!entries.is_empty(), "{action}");
        all.push_str(&format!("{entries:?}"));
    }
    assert!(!all.contains(typed) && !all.contains(&secret::hash(typed)), "{all}");
}
app_test!(what_was_typed_as_a_name_is_not_kept);

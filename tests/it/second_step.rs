//! The second step of the log-in: enrolment, codes, recovery, its loss; and one's own sessions.

use chrono::Duration;
use jicai::accounts::keys::Keys;
use jicai::accounts::login::Proven;
use jicai::accounts::{session, totp};
use jicai::platform::schema::{portal_session, totp_reset, user_totp};

use crate::support::app::PASSWORD;
use crate::support::door::{audited, bearer, code, enrol, half, log_in, second, session_of, tokens};
use crate::support::{Actor, TestApp, Who, app_test};

async fn the_log_in_asks_for_a_code_and_takes_each_once(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    let (secret, codes) = enrol(app, &mine).await;
    assert_eq!(codes.len(), 10);
    mine.get("/account").await.expect(200);
    let waiting = log_in(app, "hospital", PASSWORD).await.expect(200);
    assert!(waiting.cookie("jicai-session").is_none() && waiting.text.contains("输入验证码"));
    let half = half(&waiting);
    assert!(second(app, &half, "000000").await.expect(422).text.contains("验证码不正确"));
    let now = code(&secret, app);
    let entered = second(app, &half, &format!(" {} {} ", &now[..3], &now[3..])).await.expect(303);
    session_of(app, &entered).await.get("/account").await.expect(200);
    second(app, &half, &now).await.expect(404);
    // The same code again, here and at the API; then the next one.
    let another = crate::support::door::half(&log_in(app, "hospital", PASSWORD).await.expect(200));
    second(app, &another, &now).await.expect(422);
    tokens(app, "hospital", PASSWORD, Some(&now)).await.problem(401, "TOTP_WRONG");
    tokens(app, "hospital", PASSWORD, None).await.problem(401, "TOTP_REQUIRED");
    app.clock.advance(Duration::seconds(30));
    tokens(app, "hospital", "not the password", Some(&code(&secret, app))).await.problem(401, "LOGIN_FAILED");
    app.clock.advance(Duration::minutes(2));
    let pair = tokens(app, "hospital", PASSWORD, Some(&code(&secret, app))).await.expect(201).json();
    bearer(app, &pair["access_token"]).get("/api/v1/me").await.expect(200);
}
app_test!(the_log_in_asks_for_a_code_and_takes_each_once);

/// Two log-ins with one code at the same moment: one comes in.
async fn a_code_given_twice_at_once_opens_once(app: &TestApp) {
    let (secret, codes) = enrol(app, &app.portal(Who::Hospital).await).await;
    for given in [code(&secret, app), codes[0].clone()] {
        let (one, two) = tokio::join!(
            tokens(app, "hospital", PASSWORD, Some(&given)),
            tokens(app, "hospital", PASSWORD, Some(&given))
        );
        let mut answers = [one.status, two.status];
        answers.sort_unstable();
        assert_eq!(answers, [201, 401], "{given}: {} {}", one.text, two.text);
    }
}
app_test!(a_code_given_twice_at_once_opens_once);

async fn wrong_codes_count_towards_the_lock(app: &TestApp) {
    let (secret, _) = enrol(app, &app.portal(Who::Hospital).await).await;
    let half = half(&log_in(app, "hospital", PASSWORD).await.expect(200));
    for _ in 0..4 {
        second(app, &half, "000000").await.expect(422);
    }
    second(app, &half, &code(&secret, app)).await.expect(429);
    tokens(app, "hospital", PASSWORD, Some(&code(&secret, app))).await.problem(429, "LOGIN_LOCKED");
    assert_eq!(audited(app, "login.locked").await.len(), 1);
    app.clock.advance(Duration::seconds(62));
    second(app, &half, &code(&secret, app)).await.expect(303);
    let again = crate::support::door::half(&log_in(app, "hospital", PASSWORD).await.expect(200));
    app.clock.advance(Duration::minutes(5));
    assert!(second(app, &again, &code(&secret, app)).await.expect(404).text.contains("重新输入账号和密码"));
}
app_test!(wrong_codes_count_towards_the_lock);

async fn a_recovery_code_works_once(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    let (secret, codes) = enrol(app, &mine).await;
    tokens(app, "hospital", PASSWORD, Some(&codes[0].to_lowercase())).await.expect(201);
    tokens(app, "hospital", PASSWORD, Some(&codes[0])).await.problem(401, "TOTP_WRONG");
    assert!(mine.get("/account").await.expect(200).text.contains("还有 9 个恢复码"));
    mine.form("/account/totp/codes", &[("code", "000000")]).await.expect(422);
    let renewed = mine.form("/account/totp/codes", &[("codes-code", &code(&secret, app))]).await.expect(200);
    assert_eq!(renewed.text.matches("<li><code>").count(), 10);
    tokens(app, "hospital", PASSWORD, Some(&codes[1])).await.problem(401, "TOTP_WRONG");
    assert_eq!(app.take_mails().await.len(), 1);
}
app_test!(a_recovery_code_works_once);

async fn nothing_secret_is_kept_readable(app: &TestApp) {
    use diesel::prelude::*;
    let (secret, codes) = enrol(app, &app.portal(Who::Hospital).await).await;
    let plain = secret.replace(' ', "");
    let sealed: String =
        app.db.read(|c| Ok(user_totp::table.select(user_totp::secret).first(c)?)).await.expect("a row");
    assert!(!sealed.contains(&plain), "{sealed}");
    let mut all = String::new();
    for action in ["totp.begin", "totp.on", "login.done", "totp.new_codes"] {
        all.push_str(&format!("{:?}", audited(app, action).await));
    }
    assert!(
        all.contains("confirmed_at")
            && !all.contains(&plain)
            && !all.contains("secret")
            && !all.contains(&codes[0]),
        "{all}"
    );
    // Another key file does not open it; with the old key behind a new one it is sealed anew.
    let other = Keys::ephemeral().expect("a key");
    assert_eq!(totp::seal_anew(&app.db, &other).await.expect("run"), 0);
    tokens(app, "hospital", PASSWORD, Some(&code(&secret, app))).await.expect(201);
}
app_test!(nothing_secret_is_kept_readable);

async fn begun_is_not_on_and_off_needs_password_and_code(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    mine.get("/account/totp/confirm").await.expect(409);
    mine.form("/account/totp", &[("password", "not the password")]).await.expect(422);
    mine.form("/account/totp", &[("password", PASSWORD)]).await.expect(303);
    log_in(app, "hospital", PASSWORD).await.expect(303);
    mine.form("/account/totp/confirm", &[("code", "12345")]).await.expect(422);
    let (secret, codes) = enrol(app, &mine).await;
    mine.form("/account/totp", &[("password", PASSWORD)]).await.expect(409);
    mine.get("/account/totp/confirm").await.expect(409);
    mine.form("/account/totp/off", &[("password", "not the password"), ("code", &codes[0])])
        .await
        .expect(422);
    mine.form("/account/totp/off", &[("password", PASSWORD), ("code", "000000")]).await.expect(422);
    mine.form("/account/totp/off", &[("off-password", PASSWORD), ("off-code", &code(&secret, app))])
        .await
        .expect(303);
    log_in(app, "hospital", PASSWORD).await.expect(303);
    assert_eq!(audited(app, "totp.off").await.len(), 1);
    app.take_mails().await;
}
app_test!(begun_is_not_on_and_off_needs_password_and_code);

/// What a session that may only set up the second step reaches.
async fn an_officer_without_it_sets_it_up_first(app: &TestApp) {
    let person = app.person(Who::Officer);
    let stamp = app.stamp(person.user).await;
    let proven = Proven { confined: true, ..Proven::new(person, stamp) };
    let secret = session::open(&app.auth, &proven).await.expect("session");
    let answer = Actor::new(
        &app.base,
        crate::support::Credential::Session { secret: secret.clone(), form_token: String::new() },
    );
    for path in ["/", "/orders", "/account", "/messages", "/totp-resets"] {
        assert_eq!(answer.get(path).await.expect(303).header("location"), "/account/totp", "{path}");
    }
    assert!(
        answer.get("/account/totp").await.expect(200).text.contains("须启用两步验证")
            || !app.auth.officers_need_totp
    );
    use diesel::prelude::*;
    let hash = jicai::platform::secret::hash(&secret);
    let query = portal_session::table.find(hash).select(portal_session::form_token);
    let form_token = app.db.read(move |c| Ok(query.first(c)?)).await.expect("form token");
    let officer = Actor::new(&app.base, crate::support::Credential::Session { secret, form_token });
    enrol(app, &officer).await;
    officer.get("/orders").await.expect(200);
}
app_test!(an_officer_without_it_sets_it_up_first);

/// The administrator asks, an officer of the agency confirms; nobody for oneself, nobody alone, nobody of elsewhere.
async fn a_lost_second_step_is_taken_away_by_two(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    enrol(app, &mine).await;
    let (secret, _) = enrol(app, &app.portal(Who::HospitalAdmin).await).await;
    let admin = app.portal(Who::HospitalAdmin).await;
    let ask = async |login: &str| {
        admin.form("/totp-resets", &[("login", login), ("reason", "手机遗失，已当面核对工作证")]).await
    };
    assert!(ask("hospitaladmin").await.expect(422).text.contains("不能为自己申请"));
    assert!(ask("otherhospital").await.expect(422).text.contains("没有找到"));
    assert!(ask("finance").await.expect(422).text.contains("没有启用两步验证"));
    ask("hospital").await.expect(303);
    ask("hospital").await.expect(422);
    app.take_mails().await;
    let page = admin.get("/totp-resets").await.expect(200);
    assert!(page.text.contains("等待另一人确认") && !page.text.contains("确认重置"));
    let officer = app.portal(Who::Officer).await;
    let page = officer.get("/totp-resets").await.expect(200);
    let action =
        page.text.split("action=\"/totp-resets/").nth(1).expect("an act").split('"').next().expect("its end");
    let confirm = format!("/totp-resets/{action}");
    assert!(confirm.ends_with("/confirm"), "{confirm}");
    assert!(admin.form(&confirm, &[]).await.expect(403).text.contains("申请人不能自己确认"));
    officer.form(&confirm, &[]).await.expect(303);
    officer.form(&confirm, &[]).await.expect(409);
    assert!(
        mine.get("/account").await.expect(303).header("location").starts_with("/login"),
        "its sessions ended"
    );
    log_in(app, "hospital", PASSWORD).await.expect(303);
    let mails = app.take_mails().await;
    assert!(
        mails.iter().any(|(to, s)| to == "hospital@example.cn" && s.contains("两步验证已被重置")),
        "{mails:?}"
    );
    assert_eq!(audited(app, "totp.reset").await.len(), 1);
    // An officer who asks needs another one, even for an administrator.
    let fields = [("login", "hospitaladmin"), ("reason", "唯一管理员手机遗失，已核实")];
    officer.form("/totp-resets", &fields).await.expect(303);
    let second = app.portal(Who::SecondOfficer).await;
    let page = second.get("/totp-resets").await.expect(200);
    let action =
        page.text.split("action=\"/totp-resets/").nth(1).expect("an act").split('"').next().expect("its end");
    let confirm = format!("/totp-resets/{action}");
    officer.form(&confirm, &[]).await.expect(403);
    admin.form(&confirm, &[]).await.expect(403);
    second.form(&confirm.replace("/confirm", "/refuse"), &[]).await.expect(303);
    tokens(app, "hospitaladmin", PASSWORD, Some(&code(&secret, app))).await.expect(201);
    app.take_mails().await;
}
app_test!(a_lost_second_step_is_taken_away_by_two);

/// Path under which an officer confirms the one request that waits.
async fn request_to_decide(officer: &Actor) -> String {
    let page = officer.get("/totp-resets").await.expect(200).text;
    let action =
        page.split("action=\"/totp-resets/").nth(1).expect("an act").split('"').next().expect("its end");
    format!("/totp-resets/{action}")
}

/// Who found the phone again and set the step up anew keeps it: the request was about the one before.
async fn a_request_about_an_earlier_second_step_takes_no_new_one(app: &TestApp) {
    use diesel::prelude::*;
    let mine = app.portal(Who::Hospital).await;
    let (_, codes) = enrol(app, &mine).await;
    let admin = app.portal(Who::HospitalAdmin).await;
    let fields = [("login", "hospital"), ("reason", "手机遗失，已当面核对工作证")];
    admin.form("/totp-resets", &fields).await.expect(303);
    let officer = app.portal(Who::Officer).await;
    let confirm = request_to_decide(&officer).await;
    mine.form("/account/totp/off", &[("password", PASSWORD), ("code", &codes[0])]).await.expect(303);
    assert!(officer.get("/totp-resets").await.expect(200).text.contains("没有等待确认的申请"));
    let (secret, _) = enrol(app, &mine).await;
    officer.form(&confirm, &[]).await.expect(409);
    let ended = audited(app, "totp_reset.end").await;
    assert!(
        ended.len() == 1 && ended[0].1.as_deref().is_some_and(|after| after.contains("refused")),
        "{ended:?}"
    );
    // One that was left open by an earlier version takes nothing away either, and can be refused.
    app.db
        .write_unaudited("test", |c| {
            diesel::update(totp_reset::table).set(totp_reset::state.eq("asked")).execute(c)?;
            Ok(())
        })
        .await
        .expect("left open");
    officer.form(&confirm, &[]).await.expect(409);
    tokens(app, "hospital", PASSWORD, Some(&code(&secret, app))).await.expect(201);
    mine.get("/account").await.expect(200);
    officer.form(&confirm.replace("/confirm", "/refuse"), &[]).await.expect(303);
    // A new request about the new step is possible.
    admin.form("/totp-resets", &fields).await.expect(303);
    officer.form(&request_to_decide(&officer).await, &[]).await.expect(303);
    log_in(app, "hospital", PASSWORD).await.expect(303);
    app.take_mails().await;
}
app_test!(a_request_about_an_earlier_second_step_takes_no_new_one);

/// Whoever may be the second person is told, by mail and in the portal; who asked and who is concerned know it.
async fn the_second_person_is_told(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    let (_, codes) = enrol(app, &mine).await;
    let officer = app.portal(Who::Officer).await;
    let fields = [("login", "hospital"), ("reason", "手机遗失，已当面核对工作证")];
    officer.form("/totp-resets", &fields).await.expect(303);
    let told: Vec<String> = app
        .take_mails()
        .await
        .into_iter()
        .filter(|(_, subject)| subject.contains("申请重置两步验证，等待第二人确认"))
        .map(|(to, _)| to)
        .collect();
    assert!(told.contains(&"hospitaladmin@example.cn".into()), "{told:?}");
    assert!(told.contains(&"secondofficer@example.cn".into()), "{told:?}");
    assert!(!told.contains(&"officer@example.cn".into()) && !told.contains(&"finance@example.cn".into()));
    let admin = app.portal(Who::HospitalAdmin).await;
    let item = async |actor: &Actor| {
        let page = actor.get("/account").await.expect(200).text;
        let rest = page.split_once("href=\"/totp-resets\"").expect("the item").1;
        rest.split_once("</a>").expect("its end").0.to_owned()
    };
    assert!(item(&admin).await.contains("件待办"), "{}", item(&admin).await);
    assert!(!item(&officer).await.contains("件待办"), "who asked waits for another");
    mine.form("/account/totp/off", &[("password", PASSWORD), ("code", &codes[0])]).await.expect(303);
    assert!(!item(&admin).await.contains("件待办"));
    app.take_mails().await;
}
app_test!(the_second_person_is_told);

/// Recovery codes have letters, which a phone's keyboard of digits does not.
async fn a_phone_shows_letters_where_a_recovery_code_is_taken(app: &TestApp) {
    let mine = app.portal(Who::Hospital).await;
    mine.form("/account/totp", &[("password", PASSWORD)]).await.expect(303);
    assert!(mine.get("/account/totp/confirm").await.expect(200).text.contains("inputmode=\"numeric\""));
    enrol(app, &mine).await;
    let waiting = log_in(app, "hospital", PASSWORD).await.expect(200).text;
    let own = mine.get("/account/totp").await.expect(200).text;
    assert!(waiting.contains("name=\"code\"") && own.matches("-code\"").count() >= 2);
    assert!(!waiting.contains("inputmode=\"numeric\"") && !own.contains("inputmode=\"numeric\""));
}
app_test!(a_phone_shows_letters_where_a_recovery_code_is_taken);

/// An organisation may be several things: the agency's officers are known by any of them.
async fn an_agency_by_its_second_kind_decides_too(app: &TestApp) {
    use diesel::prelude::*;
    use jicai::platform::schema::organisation;
    use jicai::platform::who::{Kinds, OrgKind};
    let id = app.organisation(Who::Bureau).id;
    let bureau = app.portal(Who::Bureau).await;
    bureau.get("/totp-resets").await.expect(403);
    assert!(!bureau.get("/").await.expect(200).text.contains("href=\"/totp-resets\""));
    app.db
        .write_unaudited("test", move |c| {
            let also = organisation::other_kinds.eq(Kinds(vec![OrgKind::Agency]));
            diesel::update(organisation::table.find(id)).set(also).execute(c)?;
            Ok(())
        })
        .await
        .expect("an agency as well");
    bureau.get("/totp-resets").await.expect(200);
    assert!(bureau.get("/").await.expect(200).text.contains("href=\"/totp-resets\""));
}
app_test!(an_agency_by_its_second_kind_decides_too);

async fn ones_own_log_ins_are_listed_and_ended(app: &TestApp) {
    let agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
    let first = session_of(app, &log_in(app, "hospital", PASSWORD).await.expect(303)).await;
    let body = serde_json::json!({ "login": "hospital", "password": PASSWORD });
    let stranger = app.api(Who::Anonymous).await;
    let request = stranger.request("POST", "/api/v1/tokens").header("user-agent", agent).json(&body);
    let pair = stranger.send(request).await.expect(201).json();
    let api = bearer(app, &pair["access_token"]);
    let third = session_of(app, &log_in(app, "hospital", PASSWORD).await.expect(303)).await;
    let foreign = app.portal(Who::OtherHospital).await;
    let page = first.get("/account").await.expect(200).text;
    assert!(
        page.contains("本次登录")
            && page.contains("接口：Windows，Edge 浏览器")
            && page.contains("127.0.0.1"),
        "{page}"
    );
    let ends: Vec<String> = page
        .split("action=\"/account/sessions/")
        .skip(1)
        .map(|rest| format!("/account/sessions/{}", rest.split('"').next().expect("end")))
        .filter(|path| path.ends_with("/end"))
        .collect();
    assert_eq!(ends.len(), 2, "not the one that looks: {ends:?}");
    for end in &ends {
        foreign.form(end, &[]).await.expect(404);
    }
    api.get("/api/v1/me").await.expect(200);
    for end in &ends {
        first.form(end, &[]).await.expect(303);
        first.form(end, &[]).await.expect(404);
    }
    api.get("/api/v1/me").await.problem(401, "TOKEN_REVOKED");
    assert_eq!(third.get("/account").await.status, 303);
    first.get("/account").await.expect(200);
    let fourth = session_of(app, &log_in(app, "hospital", PASSWORD).await.expect(303)).await;
    first.form("/account/sessions/end-others", &[]).await.expect(303);
    assert_eq!(fourth.get("/account").await.status, 303);
    first.get("/account").await.expect(200);
    assert_eq!(audited(app, "session.revoke").await.len(), 2);
}
app_test!(ones_own_log_ins_are_listed_and_ended);

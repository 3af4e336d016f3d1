//! Nothing typed is lost when a session ends: it is kept for its person and given back after the next log-in.

use crate::support::{Actor, Answer, Credential, TestApp, Who, app_test};

const BODY: &str = "自八月十二日起，配送企业须在两个工作日内送达。";

/// Where the log-in leads afterwards.
#[track_caller]
fn next(answer: &Answer) -> String {
    let to = answer.header("location").to_owned();
    let next = to.strip_prefix("/login?next=").unwrap_or_else(|| panic!("{to}")).replace("%2F", "/");
    assert!(answer.cookie("jicai-flash").is_some(), "the log-in page says what happened");
    next
}

/// The key's tail of `/resume/KEY`.
#[track_caller]
fn kept(to: &str) -> &str {
    to.strip_prefix("/resume/").unwrap_or_else(|| panic!("{to}"))
}

async fn announce(who: &Actor, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("title", "配送时限"), ("body", BODY)];
    fields.extend_from_slice(more);
    who.form("/announcements", &fields).await
}

async fn what_was_typed_comes_back_after_the_log_in(app: &TestApp) {
    let officer = app.portal(Who::Officer).await;
    app.clock.advance(chrono::Duration::minutes(31));
    let to = next(&announce(&officer, &[]).await.expect(303));
    let id = kept(&to).to_owned();
    let other = app.portal(Who::SecondOfficer).await;
    assert_eq!(other.get(&to).await.status, 404, "another person's");
    let again = app.portal(Who::Officer).await;
    assert!(again.get("/").await.expect(200).text.contains(&to), "the start page names it");
    let page = again.get(&to).await.expect(200).text;
    assert!(
        page.contains(BODY) && page.contains("配送时限") && page.contains("action=\"/announcements\""),
        "{page}"
    );
    announce(&again, &[("resumed", &id)]).await.expect(303);
    assert_eq!(again.get(&to).await.status, 404, "done");
    assert_eq!(again.get("/announcements").await.expect(200).text.matches("配送时限").count(), 1);
}
app_test!(what_was_typed_comes_back_after_the_log_in);

async fn a_page_of_an_earlier_session_keeps_it_too(app: &TestApp) {
    let old = app.portal(Who::Officer).await;
    let mut now = app.portal(Who::Officer).await;
    // The browser has the new session's cookie, the page the old session's token.
    let mixed = [("form_token", token(&old))];
    let fields: Vec<(&str, &str)> = mixed.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let sent = announce(&now, &fields).await.expect(303);
    let to = sent.header("location").to_owned();
    let page = now.get(&to).await.expect(200).text;
    assert!(page.contains(BODY), "{page}");
    // What is nobody's form is refused as before.
    announce(&now, &[("form_token", "guessed")]).await.expect(403);
    // Thrown away.
    now.form(&format!("{to}/drop"), &[]).await.expect(303);
    assert_eq!(now.get(&to).await.status, 404);
    now.credential = Credential::None;
    assert_eq!(now.get(&to).await.status, 303);
}
app_test!(a_page_of_an_earlier_session_keeps_it_too);

fn token(of: &Actor) -> String {
    match &of.credential {
        Credential::Session { form_token, .. } => form_token.clone(),
        other => panic!("{other:?}"),
    }
}

async fn files_are_chosen_again_and_passwords_never_kept(app: &TestApp) {
    let officer = app.portal(Who::Officer).await;
    let clerk = app.portal(Who::Hospital).await;
    app.clock.advance(chrono::Duration::minutes(31));
    let fields = [("text", "extends = \"2024-08\"\n# 中选比例说明")];
    let sent = officer.upload("/policy/propose", &fields, &[("file", "a.toml", b"x = 1")]).await.expect(303);
    let again = app.portal(Who::Officer).await;
    let page = again.get(&next(&sent)).await.expect(200).text;
    for words in ["请重新选择文件", "multipart/form-data", "中选比例说明", "name=\"file\""] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let secret = [("password", "old secret of mine"), ("new_password", "another secret"), ("repeated", "x")];
    assert_eq!(next(&clerk.form("/account/password", &secret).await.expect(303)), "/");
    // The form's own script is told, and keeps its page.
    let origin = app.base.clone();
    let request = clerk.request("POST", "/orders/draft").header("origin", origin);
    let request = request.header("accept", "application/json");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body("remark=x");
    clerk.send(request).await.problem(401, "LOGIN_REQUIRED");
}
app_test!(files_are_chosen_again_and_passwords_never_kept);

async fn the_oldest_form_never_gives_way(app: &TestApp) {
    let clerk = app.portal(Who::Hospital).await;
    let mut first = String::new();
    for n in 0..51 {
        let draft = uuid::Uuid::new_v4().to_string();
        let line = uuid::Uuid::new_v4().to_string();
        let fields = [("draft", draft.as_str()), ("line-0-listing", &line), ("remark", "留着")];
        let saved = clerk.form("/orders/draft", &fields).await.expect(200).json();
        match n {
            50 => assert!(saved["error"].as_str().expect("told").contains("50 张"), "{saved}"),
            _ => assert!(saved["saved_at"].is_string(), "{n}: {saved}"),
        }
        if n == 0 {
            first = draft;
        }
    }
    clerk.get(&format!("/orders/new?draft={first}")).await.expect(200);
}
app_test!(the_oldest_form_never_gives_way);

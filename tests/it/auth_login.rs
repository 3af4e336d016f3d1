//! The door: who gets in, who does not, and what a guesser learns.

use chrono::Duration;
use jicai::accounts::password;
use jicai::accounts::users::{self, NewUser};
use jicai::platform::error::Error;
use jicai::platform::who::Post;
use serde_json::json;

use crate::support::app::PASSWORD;
use crate::support::{TestApp, Who, app_test};

async fn attempt(app: &TestApp, login: &str, password: &str) -> crate::support::Answer {
    let body = json!({ "login": login, "password": password });
    app.api(Who::Anonymous).await.json("POST", "/api/v1/tokens", &body).await
}

async fn a_log_in_gives_a_pair_that_works(app: &TestApp) {
    let pair = attempt(app, "Hospital", PASSWORD).await.expect(201).json();
    assert_eq!((&pair["token_type"], &pair["expires_in"]), (&json!("Bearer"), &json!(900)));
    let mut somebody = app.api(Who::Anonymous).await;
    somebody.credential =
        crate::support::Credential::Bearer(pair["access_token"].as_str().expect("a token").to_owned());
    let me = somebody.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["organisation_name"], "第一人民医院");
    assert_eq!((&me["function"], &me["organisation_kind"]), (&json!("order"), &json!("public_hospital")));
}
app_test!(a_log_in_gives_a_pair_that_works);

async fn names_are_taken_in_any_case_and_width(app: &TestApp) {
    attempt(app, " ＨＯＳＰＩＴＡＬ　", PASSWORD).await.expect(201);
}
app_test!(names_are_taken_in_any_case_and_width);

async fn a_wrong_name_and_a_wrong_password_read_the_same(app: &TestApp) {
    let unknown = attempt(app, "nobody", PASSWORD).await.problem(401, "LOGIN_FAILED");
    let wrong = attempt(app, "hospital", "not the password").await.problem(401, "LOGIN_FAILED");
    assert_eq!(unknown["detail"], wrong["detail"]);
}
app_test!(a_wrong_name_and_a_wrong_password_read_the_same);

/// Four failures are free; then one minute, two, four. A name that does not exist is locked the same way.
async fn the_delay_grows_and_the_right_password_waits_too(app: &TestApp) {
    for login in ["hospital", "nobody"] {
        for _ in 0..5 {
            attempt(app, login, "not the password").await.problem(401, "LOGIN_FAILED");
        }
        let locked = attempt(app, login, PASSWORD).await;
        let seconds: i64 = locked.header("retry-after").parse().expect("seconds");
        assert!((55..=61).contains(&seconds), "{seconds}");
        let problem = locked.problem(429, "LOGIN_LOCKED");
        assert!(problem["detail"].as_str().expect("words").contains("1 分钟"), "{problem}");
    }
    app.clock.advance(Duration::seconds(62));
    attempt(app, "hospital", "not the password").await.problem(401, "LOGIN_FAILED");
    let locked = attempt(app, "hospital", PASSWORD).await;
    let seconds: i64 = locked.header("retry-after").parse().expect("seconds");
    assert!((115..=121).contains(&seconds), "{seconds}");
    app.clock.advance(Duration::seconds(122));
    attempt(app, "hospital", PASSWORD).await.expect(201);
    // A success forgets the failures.
    for _ in 0..4 {
        attempt(app, "hospital", "not the password").await.problem(401, "LOGIN_FAILED");
    }
    attempt(app, "hospital", PASSWORD).await.expect(201);
}
app_test!(the_delay_grows_and_the_right_password_waits_too);

/// Guessing in parallel gains nothing: five tries are answered, the others meet the lock.
async fn parallel_guesses_are_counted_one_by_one(app: &TestApp) {
    let tries = (0..20).map(|_| attempt(app, "hospital", "not the password"));
    let answers = futures_util::future::join_all(tries).await;
    let of = |status| answers.iter().filter(|a| a.status == status).count();
    assert_eq!((of(401), of(429)), (5, 15));
}
app_test!(parallel_guesses_are_counted_one_by_one);

async fn new_passwords_are_long_and_uncommon(app: &TestApp) {
    let new = |login: &str, password: &str| NewUser {
        organisation: app.organisation(Who::Hospital).id,
        login: login.into(),
        display_name: "新人".into(),
        email: "new@example.cn".into(),
        function: Post::Order,
        password: password.into(),
    };
    for (login, given, said) in [
        ("newcomer", "short", "至少 12 个字符，您填的有 5 个"),
        ("newcomer", "Password1234", "太常见"),
        ("newcomer", "121212121212", "太常见"),
        ("newcomer", "my-NEWCOMER-pass", "不能含有登录名"),
        ("newcomer", &"长".repeat(129), "至多 128 个字符"),
    ] {
        let refused = users::create(&app.db, &app.auth.passwords, &app.system(), new(login, given)).await;
        let Err(Error::Refused(refusal)) = refused else { panic!("{given} was taken") };
        assert_eq!(refusal.errors[0].pointer, "/password");
        assert!(refusal.detail.contains(said), "{}", refusal.detail);
        assert!(!refusal.detail.contains(given), "the password is repeated");
    }
    let create = async |new| users::create(&app.db, &app.auth.passwords, &app.system(), new).await;
    let user = create(new("newcomer", "十二个字的中文口令也可以用")).await.expect("a Chinese sentence");
    assert!(user.password_hash.starts_with("$argon2id$"));
    let again = create(new("Newcomer", PASSWORD)).await;
    assert!(matches!(again, Err(Error::Refused(r)) if r.code == "LOGIN_TAKEN"));
    let mut strange = new("stranger", PASSWORD);
    strange.function = Post::Officer;
    let strange = create(strange).await;
    assert!(matches!(strange, Err(Error::Refused(r)) if r.errors[0].pointer == "/function"));
}
app_test!(new_passwords_are_long_and_uncommon);

/// The one test at the real cost: 19 MiB, two passes, as OWASP recommends; an unknown name costs the same work.
#[tokio::test]
async fn a_real_hash_is_argon2id_at_the_recommended_cost() {
    let passwords = password::Passwords::new(password::Cost::Real).expect("hasher");
    let hash = passwords.hash(PASSWORD.into()).await.expect("hash");
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(passwords.verify(PASSWORD.into(), Some(hash.clone())).await.expect("verify"));
    assert!(!passwords.verify("another".into(), Some(hash.clone())).await.expect("verify"));
    passwords.verify(PASSWORD.into(), None).await.expect("the dummy is made");
    let timed = async |stored: Option<String>| {
        let started = std::time::Instant::now();
        for _ in 0..5 {
            assert!(!passwords.verify("another".into(), stored.clone()).await.expect("verify"));
        }
        started.elapsed()
    };
    let (known, unknown) = (timed(Some(hash.clone())).await, timed(None).await);
    assert!(unknown < known * 3 && known < unknown * 3, "known {known:?}, unknown {unknown:?}");
}

//! `jicai user reset-totp` and `jicai user unlock` beside a running server: the way back in where nobody else can help.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use jicai::platform::clock::Clock;
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use crate::ground_cli::{Server, jicai, run};
use crate::support::TestDb;
use crate::support::people::credit_code;

const PASSWORD: &str = "correct horse battery";

/// `jicai` with the test's database.
fn command(dir: &Path, test: &TestDb) -> Command {
    let mut command = jicai(dir);
    command.env("DATABASE_URL", test.url()).env("JICAI_LOGIN_OFFICERS_NEED_TOTP", "true");
    command
}

/// Adds a person and an organisation of that kind, with the password of all.
fn add(dir: &Path, test: &TestDb, n: u32, role: &str, login: &str) {
    let mut command = command(dir, test);
    let code = credit_code(n);
    command.args([
        "user",
        "add",
        "--organisation",
        &code,
        "--role",
        role,
        "--login",
        login,
        "--name",
        "张三",
    ]);
    let name = format!("第{n}单位");
    command.args(["--organisation-name", &name, "--city", "澜州", "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts");
    child.stdin.take().expect("stdin").write_all(PASSWORD.as_bytes()).expect("written");
    assert!(child.wait().expect("ends").success(), "{login}");
}

struct Api {
    base: String,
    client: reqwest::Client,
}

impl Api {
    async fn post(&self, path: &str, token: Option<&str>, body: Value) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.base)).json(&body);
        let request = token.map_or(request.try_clone().expect("a copy"), |token| request.bearer_auth(token));
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.expect("JSON"))
    }

    /// Status and code of a log-in; the code is empty where it opened.
    async fn log_in(&self, login: &str, password: &str) -> (u16, String, Value) {
        let body = json!({ "login": login, "password": password });
        let (status, answer) = self.post("/api/v1/tokens", None, body).await;
        (status, answer["code"].as_str().unwrap_or_default().to_owned(), answer)
    }
}

fn code_now(secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).expect("base32");
    let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(0);
    let totp = builder.with_step_duration(30).with_secret(secret).build().expect("totp");
    let now = Clock::default().now().0.and_utc().timestamp();
    totp.generate(now.try_into().expect("after 1970")).to_string()
}

async fn the_operator_lets_people_in_again(test: TestDb) {
    let dir = tempfile::tempdir().expect("tempdir");
    let d = dir.path();
    run(command(d, &test).arg("migrate"), 0);
    add(d, &test, 1, "agency.officer", "zhang.san");
    add(d, &test, 2, "public_hospital.order", "li.si");
    let server = Server::start(&mut command(d, &test));
    let client = reqwest::Client::builder().no_proxy().build().expect("client");
    let api = Api { base: format!("http://{}", server.address), client };
    let user =
        |act: &str, login: &str, status: i32| run(command(d, &test).args(["user", act, login]), status);

    // The configuration says that officers need a second step.
    let (status, code, _) = api.log_in("zhang.san", PASSWORD).await;
    assert_eq!((status, code.as_str()), (403, "TOTP_ENROLMENT_REQUIRED"));

    for _ in 0..5 {
        assert_eq!(api.log_in("li.si", "not the password").await.0, 401);
    }
    let (status, code, _) = api.log_in("li.si", PASSWORD).await;
    assert_eq!((status, code.as_str()), (429, "LOGIN_LOCKED"));
    let said = user("unlock", " Li.Si ", 0);
    assert!(said.contains("可以再次尝试登录"), "{said}");
    let (status, _, pair) = api.log_in("li.si", PASSWORD).await;
    assert_eq!(status, 201, "{pair}");
    let said = user("unlock", "nobody", 2);
    assert!(said.contains("没有找到"), "{said}");

    let token = pair["access_token"].as_str().expect("a token");
    let begin = json!({ "password": PASSWORD });
    let said = user("reset-totp", "li.si", 2);
    assert!(said.contains("没有启用两步验证"), "{said}");
    let (status, begun) = api.post("/api/v1/account/totp", Some(token), begin).await;
    assert_eq!(status, 201, "{begun}");
    let first = json!({ "code": code_now(begun["secret"].as_str().expect("a secret")) });
    assert_eq!(api.post("/api/v1/account/totp/confirmation", Some(token), first).await.0, 200);
    assert_eq!(api.log_in("li.si", PASSWORD).await.1, "TOTP_REQUIRED");
    let said = user("reset-totp", "li.si", 0);
    assert!(said.contains("已取消") && said.contains("登录已全部失效"), "{said}");
    let (status, gone) = api.post("/api/v1/account/totp", Some(token), json!({ "password": PASSWORD })).await;
    assert_eq!((status, gone["code"].as_str()), (401, Some("TOKEN_REVOKED")));
    assert_eq!(api.log_in("li.si", PASSWORD).await.0, 201);
    let said = user("reset-totp", "nobody", 2);
    assert!(said.contains("没有找到"), "{said}");
    assert_eq!(server.stop(), 0);

    let db = test.open();
    let actions: Vec<String> = db
        .read(|c| {
            use diesel::prelude::*;
            use jicai::platform::schema::audit_entry::dsl;
            let found = dsl::audit_entry.filter(dsl::action.eq_any(["login.unlock", "totp.reset"]));
            Ok(found.order((dsl::at, dsl::id)).select(dsl::action).load(c)?)
        })
        .await
        .expect("entries");
    assert_eq!(actions, ["login.unlock", "totp.reset"]);
}

mod the_operator_lets_people_in_again {
    use crate::support::TestDb;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        super::the_operator_lets_people_in_again(TestDb::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        if let Some(test) = TestDb::postgres() {
            super::the_operator_lets_people_in_again(test).await;
        }
    }
}

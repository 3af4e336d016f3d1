//! `jicai demo` as a newcomer starts it, on an unkind machine, and after it was killed.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// Zone, language and rights that once broke somebody's program; not root where we are root.
fn unkind(dir: &Path, data: &Path, port: u16) -> Command {
    let binary = env!("CARGO_BIN_EXE_jicai");
    let script = format!(
        "umask 077; cd '{}'; exec '{binary}' demo --dir '{}' --port {port}",
        dir.display(),
        data.display()
    );
    let root = std::fs::read_to_string("/proc/self/status").is_ok_and(|s| s.contains("\nUid:\t0\t"));
    let mut command = if root && reachable(binary) {
        let mut c = Command::new("setpriv");
        c.args(["--reuid=nobody", "--clear-groups", "--", "sh", "-c", &script]);
        c
    } else {
        let mut c = Command::new("sh");
        c.args(["-c", &script]);
        c
    };
    command
        .env("TZ", "America/New_York")
        .env("LANG", "C")
        .env("LC_ALL", "C")
        .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/never-used-by-the-demo")
        .stdout(Stdio::piped());
    command
}

/// True where another user may come to the file.
fn reachable(file: &str) -> bool {
    Path::new(file)
        .ancestors()
        .all(|p| std::fs::metadata(p).is_ok_and(|m| m.permissions().mode() & 0o001 != 0))
}

struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("starts");
        let mut url = None;
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some(at) = line.find("http://") {
                url = Some(line[at..].trim().to_owned());
            }
            if line.contains("按 Ctrl+C 停止") {
                break;
            }
        }
        let url = url.unwrap_or_else(|| panic!("no address; it ended with {:?}", child.wait()));
        Self { child, url }
    }

    fn kill(mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("wait");
    }

    async fn token(&self, login: &str) -> String {
        let body = json!({ "login": login, "password": "jicai-demo-2024" });
        let answer =
            reqwest::Client::new().post(format!("{}/api/v1/tokens", self.url)).json(&body).send().await;
        let answer: Value = answer.expect("answer").json().await.expect("JSON");
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn get(&self, token: &str, path: &str) -> Value {
        let answer =
            reqwest::Client::new().get(format!("{}{path}", self.url)).bearer_auth(token).send().await;
        answer.expect("answer").json().await.expect("JSON")
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address").port()
}

fn open_to_all(dir: &Path) {
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o777)).expect("chmod");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_made_once_survives_a_kill_and_keeps_what_was_done() {
    let home = tempfile::tempdir().expect("tempdir");
    open_to_all(home.path());
    let installation = home.path().join("read-only");
    std::fs::create_dir(&installation).expect("directory");
    std::fs::set_permissions(&installation, std::fs::Permissions::from_mode(0o555)).expect("chmod");
    let data = home.path().join("data");

    // Killed while its data is being made: the next start makes it anew.
    let mut first = unkind(&installation, &data, free_port()).spawn().expect("starts");
    let mut line = String::new();
    BufReader::new(first.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    assert!(line.contains("正在准备演示数据"), "{line}");
    std::thread::sleep(std::time::Duration::from_millis(400));
    first.kill().expect("kill -9");
    first.wait().expect("wait");

    let demo = Running::start(unkind(&installation, &data, free_port()));
    let clerk = demo.token("hospital1a").await;
    let found = demo.get(&clerk, "/api/v1/products?q=amxl").await;
    let names: Vec<&str> =
        found["items"].as_array().expect("items").iter().filter_map(|p| p["generic_name"].as_str()).collect();
    assert!(names.contains(&"阿莫西林颗粒") && names.contains(&"注射用阿莫西林钠"), "{names:?}");
    let orders = demo.get(&clerk, "/api/v1/orders").await;
    assert_eq!(orders["items"].as_array().map(Vec::len), Some(3), "{orders}");
    let draft =
        orders["items"].as_array().expect("items").iter().find(|o| o["state"] == "draft").expect("a draft");
    let (id, version) = (draft["id"].as_str().expect("id"), &draft["version"]);
    let deleted = reqwest::Client::new()
        .delete(format!("{}/api/v1/orders/{id}", demo.url))
        .bearer_auth(&clerk)
        .header("If-Match", format!("\"{version}\""))
        .send()
        .await
        .expect("answer");
    assert!(deleted.status().is_success(), "{}", deleted.text().await.expect("text"));
    demo.kill();

    let again = Running::start(unkind(&installation, &data, free_port()));
    let clerk = again.token("hospital1b").await;
    let orders = again.get(&clerk, "/api/v1/orders").await;
    assert_eq!(
        orders["items"].as_array().map(Vec::len),
        Some(2),
        "the deleted draft stays deleted: {orders}"
    );
    for account in
        ["officer1", "officer2", "agency-admin", "hospital1-admin", "enterprise24a", "distributor1a"]
    {
        let who = again.get(&again.token(account).await, "/api/v1/me").await;
        assert!(who["name"].is_string(), "{account}: {who}");
    }
    again.kill();
}

#[test]
fn a_mistyped_database_is_a_sentence_and_no_file() {
    let dir = tempfile::tempdir().expect("tempdir");
    for command in [&["serve"][..], &["migrate"], &["audit", "verify"]] {
        let out = Command::new(env!("CARGO_BIN_EXE_jicai"))
            .args(command)
            .current_dir(dir.path())
            .env("DATABASE_URL", "postgress://u:secret@h/d")
            .output()
            .expect("runs");
        let said = String::from_utf8(out.stderr).expect("utf-8");
        assert!(!out.status.success() && said.contains("postgress") && said.contains("sqlite:"), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).expect("dir").count(), 0, "nothing was made");
}

#[test]
fn a_directory_that_cannot_be_written_is_a_sentence() {
    let out = Command::new(env!("CARGO_BIN_EXE_jicai"))
        .args(["demo", "--dir", "/proc/jicai-demo"])
        .output()
        .expect("runs");
    let said = String::from_utf8(out.stderr).expect("utf-8");
    assert!(!out.status.success() && said.contains("--dir"), "{said}");
}

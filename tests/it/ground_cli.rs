//! The command line on a real process: first start, backup of a running server, verification, what is refused and how.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::TestDb;
use crate::support::people::credit_code;

/// `jicai` in a directory of its own, with nothing of ours in its environment.
pub fn jicai(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jicai"));
    command.current_dir(dir).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("JICAI_METRICS_BIND", "").env("JICAI_SERVER_BIND", "127.0.0.1:0").stdin(Stdio::null());
    command
}

fn out(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub fn run(command: &mut Command, status: i32) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{command:?}: {}", out(&output));
    out(&output)
}

/// A server that is told to end, in good order, when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("监听 ").nth(1).and_then(|rest| rest.split('）').next()).map(str::to_owned);
        Self { child, address: address.unwrap_or_else(|| panic!("no address in {line:?}")) }
    }

    pub fn stop(mut self) -> i32 {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(started.elapsed() < Duration::from_secs(90), "it does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn first_start_backup_and_verification() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    let said = run(jicai(d).arg("serve"), 2);
    assert!(said.contains("jicai migrate") && !d.join("data").exists(), "{said}");

    let said = run(jicai(d).arg("migrate"), 0);
    assert!(said.contains("已升级") && said.contains("密钥文件"), "{said}");
    let key = d.join("data/jicai.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let before = std::fs::read(&key).unwrap();
    let said = run(jicai(d).arg("migrate"), 0);
    assert!(said.contains("无需升级"), "{said}");
    assert_eq!(std::fs::read(&key).unwrap(), before, "the key stays");

    let code = credit_code(1);
    let add = |login: &str, role: &str, more: &[&str]| {
        let mut command = jicai(d);
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
        command.args(more);
        command
    };
    let said = run(&mut add("zhang.san", "provincial_bureau.officer", &[]), 2);
    assert!(said.contains("--organisation-name"), "{said}");
    let named = ["--organisation-name", "澜江省医疗保障局", "--city", "澜州"];
    let said = run(&mut add("zhang.san", "provincial_bureau.officer", &named), 0);
    assert!(said.contains("初始密码：") && said.contains("省医保局"), "{said}");
    let said = run(&mut add("zhang.san", "provincial_bureau.officer", &[]), 2);
    assert!(said.contains("已有人使用"), "{said}");
    for (role, words) in [
        ("provincial_bureau", "单位类型.岗位"),
        ("ministry.officer", "provincial_bureau"),
        ("agency.officer", "省医保局"),
        ("provincial_bureau.cook", "officer"),
    ] {
        let said = run(&mut add("li.si", role, &[]), 2);
        assert!(said.contains(words), "{role}: {said}");
    }

    let server = Server::start(&mut jicai(d));
    assert!(get(&server.address, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(&server.address, "/readyz").contains(r#"{"status":"ok"}"#));
    let anchor = d.join("anchors");
    let started = Instant::now();
    let line = loop {
        let output = jicai(d).args(["audit", "anchor"]).output().unwrap();
        if output.status.success() {
            break output.stdout;
        }
        assert!(
            out(&output).contains("尚未封存") && started.elapsed() < Duration::from_secs(90),
            "{}",
            out(&output)
        );
        std::thread::sleep(Duration::from_millis(100));
    };
    std::fs::write(&anchor, &line).unwrap();
    let said = run(jicai(d).args(["backup", "copy.db"]), 0);
    assert!(
        said.contains("完整性检查") && said.contains("data/jicai.key") && said.contains("恢复"),
        "{said}"
    );
    assert_eq!(std::fs::metadata(d.join("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    let said = run(jicai(d).args(["backup", "copy.db"]), 2);
    assert!(said.contains("不会覆盖"), "{said}");
    assert_eq!(server.stop(), 0, "an orderly end");

    let verify = |url: &str| {
        let mut command = jicai(d);
        command.args(["audit", "verify", "--rows", "--anchor", "anchors"]).env("DATABASE_URL", url);
        command
    };
    for url in ["sqlite:data/jicai.db", "sqlite:copy.db"] {
        let said = run(&mut verify(url), 0);
        assert!(said.contains("全部一致") && said.contains("1 个锚点") && said.contains("2 行"), "{said}");
    }
    tamper(&d.join("copy.db"), "UPDATE organisation SET name = '假冒医疗保障局'");
    let said = run(&mut verify("sqlite:copy.db"), 1);
    assert!(
        said.contains("organisation") && said.contains("假冒医疗保障局") && said.contains("发现 1 处"),
        "{said}"
    );
    std::fs::write(&anchor, "not an anchor\n").unwrap();
    let said = run(&mut verify("sqlite:copy.db"), 2);
    assert!(said.contains("第 1 行不是锚点"), "{said}");
}

fn tamper(path: &Path, sql: &str) {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(sql).unwrap();
}

#[test]
fn what_is_wrong_is_a_sentence_and_leaves_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    for (url, words) in [
        ("mysql://h/d", "mysql"),
        ("data.db", "无法识别"),
        ("sqlite:", "路径"),
        ("", "无法识别"),
        ("POSTGRES://h/d", "无法识别"),
    ] {
        for command in ["serve", "migrate"] {
            let said = run(jicai(d).arg(command).env("DATABASE_URL", url), 2);
            assert!(said.contains("database.url") && said.contains(words), "{url}: {said}");
        }
    }
    // Nobody listens there: refused with the server's words, and no file is made.
    let said = run(jicai(d).arg("migrate").env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"), 2);
    assert!(said.contains("127.0.0.1"), "{said}");
    let said = run(jicai(d).arg("migrate").env("JICAI_CONFIG", "missing.toml"), 2);
    assert!(said.contains("missing.toml") && said.contains("无法读取"), "{said}");
    let said = run(jicai(d).args(["backup", "x.db"]).env("DATABASE_URL", "postgres://u@h/d"), 2);
    assert!(said.contains("pg_dump"), "{said}");
    let mut left: Vec<_> = std::fs::read_dir(d).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, Vec::<std::ffi::OsString>::new());
}

#[test]
fn a_public_address_without_tls_is_refused_unless_insisted_on() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    run(jicai(d).arg("migrate"), 0);
    let public = |d: &Path| {
        let mut command = jicai(d);
        command.env("JICAI_PLATFORM_PUBLIC_URL", "http://jicai.example.cn");
        command
    };
    let said = run(public(d).arg("serve"), 2);
    assert!(said.contains("--insecure-http") && said.contains("明文"), "{said}");
    let mut child = public(d)
        .args(["serve", "--insecure-http"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("不受保护"), "{line}");
}

/// Other time zone, no locale, strict umask, a directory that may not be written: nothing changes.
#[test]
fn it_does_not_depend_on_where_it_runs() {
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    let (home, data) = (d.join("home"), d.join("data"));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(&data).unwrap();
    let odd = |dir: &Path| {
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(env!("CARGO_BIN_EXE_jicai"));
        shell.current_dir(dir).env_clear().stdin(Stdio::null());
        shell.envs([
            ("TZ", "America/New_York"),
            ("LANG", "C"),
            ("JICAI_METRICS_BIND", ""),
            ("JICAI_SERVER_BIND", "127.0.0.1:0"),
        ]);
        shell.env("DATABASE_URL", format!("sqlite:{}", data.join("j.db").display()));
        shell.env("JICAI_KEYS_FILE", data.join("j.key"));
        shell
    };
    run(odd(&home).arg("migrate"), 0);
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o555)).unwrap();
    let server = Server::start(&mut odd(&home));
    assert!(get(&server.address, "/readyz").starts_with("HTTP/1.1 200"));
    assert_eq!(server.stop(), 0);
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 0, "nothing is written where it was started");
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = jicai(dir.path());
    let mut child = command.arg("migrate").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

/// Two servers on one PostgreSQL: both answer, the audit is sealed once.
#[test]
fn two_servers_serve_one_postgres() {
    let Some(test) = TestDb::postgres() else { return };
    let dir = tempfile::tempdir().unwrap();
    let d = dir.path();
    let with = |d: &Path| {
        let mut command = jicai(d);
        command.env("DATABASE_URL", test.url());
        command
    };
    run(with(d).arg("migrate"), 0);
    let code = credit_code(9);
    run(
        with(d)
            .args(["user", "add", "--organisation", &code, "--role", "agency.officer", "--login", "wang.wu"])
            .args(["--name", "王五", "--organisation-name", "澜江省药械集中采购中心", "--city", "澜州"]),
        0,
    );
    let (one, two) = (Server::start(&mut with(d)), Server::start(&mut with(d)));
    for server in [&one, &two] {
        assert!(get(&server.address, "/readyz").starts_with("HTTP/1.1 200"));
    }
    let started = Instant::now();
    while !jicai(d)
        .args(["audit", "anchor"])
        .env("DATABASE_URL", test.url())
        .output()
        .unwrap()
        .status
        .success()
    {
        assert!(started.elapsed() < Duration::from_secs(90), "never sealed");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!((one.stop(), two.stop()), (0, 0));
    let said = run(with(d).args(["audit", "verify", "--rows"]), 0);
    // The mail of the head may have added an entry of its own meanwhile.
    assert!(said.contains("全部一致"), "{said}");
}

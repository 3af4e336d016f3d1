//! What `jicai demo` says on standard error to a newcomer with a PostgreSQL database: nothing of how long its own loading takes,
//! and no colours in a file.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::support::TestDb;

#[test]
fn a_newcomer_is_not_greeted_with_warnings() {
    let Some(test) = TestDb::postgres() else { return };
    let dir = tempfile::tempdir().expect("dir");
    let log = dir.path().join("stderr");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("port").local_addr().expect("address");
    let mut child = Command::new(env!("CARGO_BIN_EXE_jicai"))
        .args(["demo", "--dir"])
        .arg(dir.path().join("data"))
        .args(["--port", &free.port().to_string(), "--database", &test.url()])
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).expect("a file"))
        .spawn()
        .expect("starts");
    let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let ready = lines.map_while(Result::ok).any(|line| line.contains("演示平台已启动"));
    let said = std::fs::read_to_string(&log).expect("the log");
    child.kill().expect("kill");
    child.wait().expect("it ended");
    assert!(ready, "{said}");
    assert!(!said.contains("slow query") && !said.contains("held the database"), "{said}");
    assert!(!said.contains('\u{1b}'), "colours in a file: {said:?}");
}

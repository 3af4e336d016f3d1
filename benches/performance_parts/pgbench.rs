//! pgbench with the statements that the platform sent for one order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::client::Work;

/// Logs every statement of one order and makes a pgbench script of them.
pub async fn record(url: &str, log: &Path, work: &Work) -> String {
    let mut admin = PgConnection::establish(url).expect("PostgreSQL");
    set(
        &mut admin,
        &["ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_line_prefix = '#%p# '"],
    );
    // The statements of an order are prepared by the first few; those are not measured.
    for _ in 0..20 {
        work.one_order().await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let before = std::fs::read_to_string(log).expect("log").len();
    let order = work.one_order().await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let all = std::fs::read_to_string(log).expect("log");
    set(&mut admin, &["ALTER SYSTEM RESET log_statement"]);
    script(&all[before..], &order)
}

/// Each by itself, since none may run inside a transaction block.
fn set(admin: &mut PgConnection, statements: &[&str]) {
    for statement in statements.iter().chain(&["SELECT pg_reload_conf()"]) {
        admin.batch_execute(statement).expect("logging");
    }
}

/// One logged statement with its parameters put in.
fn statements(log: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in log.split("\n#") {
        let Some((process, rest)) = line.trim_start_matches('#').split_once("# ") else { continue };
        if let Some(statement) = rest.strip_prefix("LOG:  statement: ") {
            found.push((process.into(), statement.trim().into()));
        } else if let Some(statement) = rest.strip_prefix("LOG:  execute ") {
            let statement = statement.split_once(": ").map_or("", |(_, s)| s);
            found.push((process.into(), statement.trim().into()));
        } else if let Some(parameters) = rest.strip_prefix("DETAIL:  parameters: ")
            && let Some((_, last)) = found.iter_mut().rfind(|(p, _)| p == process)
        {
            *last = substituted(last, parameters.trim());
        }
    }
    found
}

/// `$1 = 'a', $2 = NULL` put into the statement, the highest number first.
fn substituted(statement: &str, parameters: &str) -> String {
    let mut values = Vec::new();
    let mut rest = parameters;
    while let Some(start) = rest.find(" = ") {
        let value = &rest[start + 3..];
        let end = if value.starts_with('\'') {
            let mut at = 1;
            loop {
                at += value[at..].find('\'').expect("closing quote") + 1;
                if !value[at..].starts_with('\'') {
                    break at;
                }
                at += 1;
            }
        } else {
            value.find(", $").unwrap_or(value.len())
        };
        values.push(without_colons(&value[..end]));
        rest = &value[end..];
    }
    let mut text = statement.to_owned();
    for (n, value) in values.iter().enumerate().rev() {
        text = text.replace(&format!("${}", n + 1), value);
    }
    text
}

/// pgbench takes `:word` for a variable, also inside a literal.
fn without_colons(literal: &str) -> String {
    if !literal.contains(':') {
        return literal.to_owned();
    }
    format!("E{}", literal.replace('\\', "\\\\").replace(':', "\\x3a"))
}

/// The order's own connection wrote; what other connections read for it comes first. Keys that the order made are made anew.
fn script(log: &str, order: &str) -> String {
    let all = statements(log);
    let writer = all
        .iter()
        .find(|(_, s)| s.contains("INSERT INTO \"purchase_order\"") && s.contains(order))
        .map(|(p, _)| p.clone())
        .expect("the order's insert is in the log");
    let write: Vec<&String> = all.iter().filter(|(p, _)| *p == writer).map(|(_, s)| s).collect();
    let begin = write.iter().position(|s| s.starts_with("BEGIN")).expect("BEGIN");
    let commit = write.iter().position(|s| s.starts_with("COMMIT")).expect("COMMIT");
    let reads: Vec<&String> = all
        .iter()
        .filter(|(p, s)| {
            *p != writer
                && s.starts_with("SELECT")
                && !s.contains("\"job\"")
                && !s.contains("outbox_mail")
                && !s.contains("feed_event")
        })
        .map(|(_, s)| s)
        .collect();
    let made = made_here(&write[begin..commit]);
    let variables: Vec<String> =
        made.iter().enumerate().map(|(n, _)| format!("gen_random_uuid() AS v{n}")).collect();
    let mut text =
        format!("SELECT {}, substr(md5(random()::text), 1, 16) AS word \\gset\n", variables.join(", "));
    for statement in reads.into_iter().chain(write[begin..=commit].iter().copied()) {
        let mut one = single(&statement.replace('\n', " "), &made);
        for (n, id) in made.iter().enumerate() {
            one = one.replace(&format!("'{id}'"), &format!(":v{n}"));
        }
        text.push_str(&anonymous(&one));
        text.push_str(";\n");
    }
    text
}

/// A list of keys that were made, written so that each stands by itself.
fn single(statement: &str, made: &[String]) -> String {
    let mut text = String::new();
    let mut rest = statement;
    while let Some(start) = rest.find("'{") {
        let Some(end) = rest[start..].find("}'").map(|end| start + end) else { break };
        let all: Vec<&str> = rest[start + 2..end].split(',').collect();
        text.push_str(&rest[..start]);
        if all.iter().any(|key| made.iter().any(|id| id == key)) {
            text.push_str(&format!("ARRAY['{}']::uuid[]", all.join("','")));
        } else {
            text.push_str(&rest[start..end + 2]);
        }
        rest = &rest[end + 2..];
    }
    text + rest
}

/// Keys that stand first in the values of an insert, or in the first list of one.
fn made_here(write: &[&String]) -> Vec<String> {
    let is_key = |id: &&str| id.len() == 36 && id.matches('-').count() == 4;
    let mut made = BTreeSet::new();
    for statement in write.iter().filter(|s| s.contains("INSERT INTO")) {
        for row in statement.split("VALUES").skip(1).flat_map(|values| values.split("('").skip(1)) {
            made.extend(row.get(..36).filter(is_key).map(ToOwned::to_owned));
        }
        for lists in statement.split("unnest('{").skip(1) {
            let first = lists.split('}').next().unwrap_or("");
            made.extend(first.split(',').filter(is_key).map(ToOwned::to_owned));
        }
    }
    made.into_iter().collect()
}

/// Order numbers and idempotency keys are single, so each run needs its own.
fn anonymous(statement: &str) -> String {
    let mut text = statement.to_owned();
    for mark in ["'bench-", "'240805-"] {
        while let Some(at) = text.find(mark) {
            let end = at + 1 + text[at + 1..].find('\'').expect("closing quote") + 1;
            text.replace_range(at..end, ":word");
        }
    }
    text
}

/// Transactions a second of the script.
pub fn run(bin: &Path, url: &str, script: &str, dir: &Path, clients: usize, seconds: u64) -> f64 {
    let file: PathBuf = dir.join("order.sql");
    std::fs::write(&file, script).expect("script");
    let out = Command::new(bin.join("pgbench"))
        .args(["-n", "-M", "prepared", "--max-tries=100", "-c", &clients.to_string(), "-j", "2"])
        .args(["-T", &seconds.to_string(), "-f"])
        .arg(&file)
        .arg(url)
        .output()
        .expect("pgbench");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let line = text.lines().find(|l| l.starts_with("tps = "));
    let line = line.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&out.stderr)));
    let failed = text.lines().find(|l| l.starts_with("number of failed transactions")).unwrap_or("");
    println!("pgbench: {line}; {failed}");
    line["tps = ".len()..].split_whitespace().next().expect("number").parse().expect("tps")
}

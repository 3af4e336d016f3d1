//! No fault of the database is swallowed or told as something else: only what is no result of ours may be turned away with
//! `.ok()` or `map_err(|_| …)`.

use std::fs;
use std::path::{Path, PathBuf};

/// What stands in a statement whose result is one of ours: it asks the database.
const OURS: [&str; 9] = ["(conn", "conn)", "(tx", "tx.", "(c)", "(c,", "db.", "&db", ".load("];
/// How a result is turned into something else without looking at it.
const SWALLOWS: [&str; 4] = [".ok()", "map_err(|_|", ".unwrap_or_default()", "is_ok_and("];

/// Statements that do so for a reason, by what they begin with.
const ALLOWED: [(&str, &str); 1] =
    // A panic of what a caller handed in.
    [("db/sqlite_writer.rs", "let outcome = catch_unwind")];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("src is readable") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The statements of a file that swallow what a database answered.
fn swallowing(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for word in SWALLOWS {
        for (at, _) in code.match_indices(word) {
            let before = &code[..at];
            let begin = before.rfind([';', '{', '}']).map_or(0, |n| n + 1);
            let statement = before[begin..].split_whitespace().collect::<Vec<_>>().join(" ");
            // `Option` has the same name for another thing.
            let of_option = word == ".unwrap_or_default()"
                && (statement.contains('?') || statement.contains(".optional()"));
            // A call gave the result; a name may stand for anything.
            let called = before.trim_end().ends_with([')', '.']) || before.trim_end().ends_with("await");
            if called && OURS.iter().any(|ours| statement.contains(ours)) && !of_option {
                found.push(format!("{statement}{word}"));
            }
        }
    }
    found
}

#[test]
fn no_fault_of_the_database_is_swallowed() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).expect("utf-8");
        for statement in swallowing(&text) {
            if !ALLOWED.iter().any(|(file, start)| path.ends_with(file) && statement.starts_with(start)) {
                wrong.push(format!("{}: {statement}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_test_above_sees_what_was_wrong() {
    let address =
        "let address = party::store::address(conn, order.hospital_id, id)\n    .map_err(|_| no())?;";
    assert_eq!(swallowing(address).len(), 1);
    assert_eq!(swallowing("let n = app_user::table.find(id).first(conn).ok();").len(), 1);
    assert!(swallowing("let n: u8 = text.parse().ok()?; db.read(x).await?;").is_empty());
}

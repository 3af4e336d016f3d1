//! `docs/FIELD.md` names files and tests that are there.

use std::fs;
use std::path::Path;

/// What stands in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn what_the_field_does_names_files_and_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/FIELD.md")).expect("the page");
    let mut tests = String::new();
    sources(&root.join("tests"), &mut tests);
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() >= 10, "{rows:?}");
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        for path in quoted(row).filter(|word| word.contains('/')) {
            assert!(root.join(path).exists(), "{path} is not there: {row}");
        }
        for test in quoted(cells[3]).filter(|word| !word.contains('/')) {
            let there = tests.contains(&format!("fn {test}("));
            assert!(there, "no test is called {test}: {row}");
        }
        assert!(!cells[3].is_empty(), "{row}");
    }
}

//! The house keeps its order: which room may know which, and how long a file may grow.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room may use itself and the rooms left of it.
const ROOMS: [&str; 16] = [
    "rules",
    "platform",
    "accounts",
    "party",
    "catalogue",
    "credit",
    "listing",
    "volume",
    "tender",
    "contract",
    "order",
    "payment",
    "supervision",
    "publication",
    "web",
    "cli",
];

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

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 10, "src was not found");
    found
}

fn room_of(path: &Path) -> Option<usize> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("below src");
    // A room stands by itself, or with others in the folder of their crate.
    let named = |part: std::path::Component<'_>| {
        let name = part.as_os_str().to_str()?.trim_end_matches(".rs");
        ROOMS.iter().position(|room| *room == name)
    };
    inside.components().take(2).find_map(named)
}

/// Every room that a line names after `crate::`, also inside a group.
fn rooms_named(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or("");
    code.split("crate::")
        .skip(1)
        .flat_map(|rest| {
            let group = rest.strip_prefix('{').map(|g| g.split('}').next().unwrap_or(g));
            match group {
                Some(g) => g.split(',').collect::<Vec<_>>(),
                None => vec![rest],
            }
        })
        .map(|name| {
            let name = name.trim();
            &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len())]
        })
        .collect()
}

#[test]
fn a_room_knows_only_the_rooms_left_of_it() {
    let mut wrong = Vec::new();
    for path in all_sources() {
        let Some(room) = room_of(&path) else { continue };
        let text = fs::read_to_string(&path).expect("utf-8");
        for (n, line) in text.lines().enumerate() {
            for name in rooms_named(line) {
                if ROOMS.iter().position(|r| *r == name).is_some_and(|other| other > room) {
                    wrong.push(format!("{}:{}: {} may not know {name}", path.display(), n + 1, ROOMS[room]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_arrow_test_sees_a_wrong_arrow() {
    assert_eq!(rooms_named("use crate::order::submit;"), ["order"]);
    assert_eq!(rooms_named("use crate::{order, platform::db};"), ["order", "platform"]);
    assert_eq!(rooms_named("// crate::order is later"), Vec::<&str>::new());
}

#[test]
fn files_stay_under_400_lines() {
    let long: Vec<_> = all_sources()
        .into_iter()
        .filter(|p| !p.ends_with("never"))
        .map(|p| (fs::read_to_string(&p).expect("utf-8").lines().count(), p))
        .filter(|(lines, _)| *lines > 400)
        .collect();
    assert!(long.is_empty(), "longer than 400 lines: {long:?}");
}

//! `docs/RULES.md`: which function holds which clause, and which tests. Made from the sources; the test fails if
//! the file differs, `JICAI_BLESS=1` writes it anew.
//!
//! A function holds the clauses that its doc comment names; a test those that its name begins with
//! (`inj_2_1_…`) or that its doc comment names. A doc line `/// Open: …` says what was chosen where the documents
//! leave a case open, `/// Counter-example: …` keeps what an official will want to know.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

struct Clause {
    id: String,
    title: String,
    computes: bool,
    office: String,
}

fn clauses() -> Vec<Clause> {
    let mut reader = csv::Reader::from_reader(include_bytes!("../data/clauses.csv").as_slice());
    let clause = |row: csv::StringRecord| Clause {
        id: row[0].to_owned(),
        title: row[1].to_owned(),
        computes: &row[2] == "yes",
        office: row[3].to_owned(),
    };
    reader.records().map(|row| clause(row.unwrap())).collect()
}

/// A function, its place and its doc comment.
#[derive(Clone)]
struct Function {
    name: String,
    file: String,
    line: usize,
    test: bool,
    doc: Vec<String>,
    /// The clauses that the doc comment names.
    holds: Vec<String>,
}

/// All Rust files under a folder, in a fixed order.
fn sources(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension() {
                _ if path.is_dir() => folders.push(path),
                Some(kind) if kind == "rs" => files.push(path),
                _ => {}
            }
        }
    }
    files.sort_unstable();
    files
}

/// The name of the function that a line begins, if it begins one.
fn begins(line: &str) -> Option<&str> {
    let words = line.trim_start().trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
    let words = words.trim_start_matches("pub ").trim_start_matches("async ").trim_start_matches("const ");
    let name = words.strip_prefix("fn ")?;
    name.split(['(', '<']).next()
}

/// The functions of all files under a folder with their doc comments.
fn functions(folder: &str, known: &[Clause]) -> Vec<Function> {
    let ids: HashSet<&str> = known.iter().map(|clause| clause.id.as_str()).collect();
    sources(folder).iter().flat_map(|path| functions_of(path, &ids)).collect()
}

fn functions_of(path: &Path, known: &HashSet<&str>) -> Vec<Function> {
    let text = fs::read_to_string(path).unwrap();
    let file = path.to_str().unwrap().replace('\\', "/");
    let (mut found, mut doc, mut test) = (Vec::new(), Vec::new(), false);
    for (n, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if let Some(said) = trimmed.strip_prefix("///") {
            doc.push(said.trim().to_owned());
        } else if let Some(name) = begins(line) {
            let (file, doc): (_, Vec<String>) = (file.clone(), std::mem::take(&mut doc));
            let holds = named(&doc.join(" "), known);
            found.push(Function { name: name.to_owned(), file, line: n + 1, test, doc, holds });
            test = false;
        } else if trimmed == "#[test]" || trimmed.starts_with("#[actix_web::test") {
            test = true;
        } else if !trimmed.starts_with("#[") && !trimmed.starts_with(['}', ')', ']']) {
            doc.clear();
        }
    }
    found
}

/// The clauses that a text names, ranges such as `SH-L-6…8` written out.
fn named(text: &str, known: &HashSet<&str>) -> Vec<String> {
    let mut ids = Vec::new();
    let bounds = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '…');
    for word in text.split(bounds) {
        let word = word.trim_matches(['.', '-']);
        let (first, last) = word.split_once('…').unwrap_or((word, ""));
        if !known.contains(first) {
            continue;
        }
        ids.push(first.to_owned());
        let stem = first.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = |text: &str| text.trim_start_matches(stem).parse::<u32>().ok();
        if let (Some(from), Some(to)) = (number(first), number(last)) {
            ids.extend((from + 1..=to).map(|n| format!("{stem}{n}")));
        }
    }
    ids
}

/// Whether a test's name begins with the clause, alone or among others: `inj_2_1_…`, `hn_3_hvc_9_and_yn_2_…`.
fn begins_with(test: &str, id: &str) -> bool {
    let prefix = format!("{}_", id.to_lowercase().replace(['-', '.'], "_"));
    test.starts_with(&prefix) || test.contains(&format!("_{prefix}"))
}

const HEAD: &str = "# Rules

Which function holds which clause of the catalogue, and which tests hold the function to it. This page is made from
the sources by the test `rules_doc`; after a change run `JICAI_BLESS=1 cargo test --test it rules_doc`.

Every rule can be run on a file with `jicai rule NAME`, without a server or a database.
";

/// The page as it should be.
fn page() -> String {
    let known = clauses();
    let all = functions("src", &known);
    let (law, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|f| f.file.starts_with("src/rules/"));
    let tests = [functions("tests/law", &known), functions("tests/it", &known)].concat();
    let mut out = HEAD.to_owned();
    table(&mut out, &known, &law, &tests);
    workflow(&mut out, &known, &law, &rest, &tests);
    let said = |prefix: &str| -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for function in law.iter().chain(&rest).chain(&tests) {
            for said in paragraphs(&function.doc).iter().filter_map(|said| said.strip_prefix(prefix)) {
                found.entry(place(function)).or_default().push(said.trim().to_owned());
            }
        }
        found
    };
    remarks(&mut out, "Where the documents leave a case open", &said("Open:"));
    remarks(&mut out, "Counter-examples", &said("Counter-example:"));
    out
}

/// The paragraphs of a doc comment, each in one line.
fn paragraphs(doc: &[String]) -> Vec<String> {
    let parts = doc.split(|line| line.is_empty());
    parts.filter(|part| !part.is_empty()).map(|part| part.join(" ")).collect()
}

fn place(function: &Function) -> String {
    format!("`{}` {}:{}", function.name, function.file, function.line)
}

impl Function {
    fn holds(&self, id: &str) -> bool {
        self.holds.iter().any(|held| held == id)
    }
}

fn tests_of(id: &str, tests: &[Function]) -> String {
    let of = |test: &&Function| test.test && (begins_with(&test.name, id) || test.holds(id));
    let names: Vec<_> = tests.iter().filter(of).map(|test| format!("`{}`", test.name)).collect();
    names.join("<br>")
}

/// The clauses that the law computes.
fn table(out: &mut String, known: &[Clause], law: &[Function], tests: &[Function]) {
    out.push_str("\n## Computed\n\n| clause | title | function | tests |\n|---|---|---|---|\n");
    for clause in known {
        let held: Vec<_> = law.iter().filter(|f| f.holds(&clause.id)).map(place).collect();
        if held.is_empty() && !clause.computes {
            continue;
        }
        let tests = tests_of(&clause.id, tests);
        let held = if held.is_empty() { "not yet".to_owned() } else { held.join("<br>") };
        let _ = writeln!(out, "| {} | {} | {held} | {tests} |", clause.id, clause.title);
    }
}

/// The clauses that are workflow, with the office that holds them.
fn workflow(out: &mut String, known: &[Clause], law: &[Function], rest: &[Function], tests: &[Function]) {
    out.push_str("\n## Workflow, by the office that holds it\n\n| clause | title | office | where | tests |\n|---|---|---|---|---|\n");
    for clause in known.iter().filter(|clause| !clause.computes) {
        if law.iter().any(|f| f.holds(&clause.id)) {
            continue;
        }
        let mut files: Vec<_> =
            rest.iter().filter(|f| f.holds(&clause.id)).map(|f| format!("`{}` {}", f.name, f.file)).collect();
        files.dedup();
        let tests = tests_of(&clause.id, tests);
        let (id, title, office) = (&clause.id, &clause.title, &clause.office);
        let _ = writeln!(out, "| {id} | {title} | {office} | {} | {tests} |", files.join("<br>"));
    }
}

fn remarks(out: &mut String, title: &str, found: &BTreeMap<String, Vec<String>>) {
    let _ = write!(out, "\n## {title}\n\n");
    for (place, lines) in found {
        for line in lines {
            let _ = writeln!(out, "- {line} ({place})");
        }
    }
}

#[test]
fn the_page_of_the_rules_is_that_of_the_sources() {
    let (page, path) = (page(), "docs/RULES.md");
    if std::env::var_os("JICAI_BLESS").is_some() {
        fs::create_dir_all("docs").unwrap();
        fs::write(path, &page).unwrap();
    }
    let there = fs::read_to_string(path).unwrap_or_default();
    let differs = page.lines().zip(there.lines()).find(|(one, two)| one != two);
    assert!(
        page == there,
        "docs/RULES.md is not that of the sources; run JICAI_BLESS=1 cargo test --test it rules_doc\n{differs:?}"
    );
}

#[test]
fn the_catalogue_has_226_clauses_71_of_them_computed() {
    let known = clauses();
    assert_eq!(known.len(), 226);
    assert_eq!(known.iter().filter(|clause| clause.computes).count(), 71);
    let map = fs::read_to_string("src/lib.rs").unwrap();
    let room = |line: &str| {
        let named = line
            .strip_prefix("pub mod ")
            .or_else(|| Some(line.strip_prefix("pub use ")?.split_once(" as ")?.1));
        named.map(|name| name.trim_end_matches(';').to_owned())
    };
    let offices: Vec<String> = map.lines().filter_map(room).collect();
    assert!(offices.contains(&"rules".to_owned()));
    assert!(known.iter().all(|clause| !clause.office.is_empty()));
}

#[test]
fn ranges_and_lists_of_clauses_are_read() {
    let all = clauses();
    let known = all.iter().map(|clause| clause.id.as_str()).collect();
    assert_eq!(named("of a lot (SH-L-6…8, HN-9).", &known), ["SH-L-6", "SH-L-7", "SH-L-8", "HN-9"]);
    assert_eq!(named("INJ-2.1. And INJ-3.3", &known), ["INJ-2.1", "INJ-3.3"]);
    assert_eq!(named("P-256, SHA-256, A4-1", &known), [""; 0]);
    assert!(begins_with("inj_2_1_rounding", "INJ-2.1"));
    assert!(!begins_with("vol_10_surge", "VOL-1"));
}

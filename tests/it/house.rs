//! The house keeps its order where the compiler does not see it: which office of a crate may know which, that no files know
//! each other in a circle, how long a file may grow, and that the offices are listed once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jicai::offices;

/// The folders of the crates' sources.
const CRATES: [&str; 7] =
    ["src/rules", "src/macros", "src/platform", "src/accounts", "src/goods", "src/trade", "src"];

/// Files of the counter and the command line that name an office, apart from `src/offices.rs` and the demonstration.
const NAME_AN_OFFICE: [&str; 2] = ["src/cli/user.rs", "src/web/pages/start.rs"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

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

/// A path of modules: `order::pages::new` is `[order, pages, new]`, the root of a crate is empty.
type Module = Vec<String>;

fn module(path: &str) -> Module {
    path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A crate's files by their modules.
struct Crate {
    files: BTreeMap<Module, String>,
    texts: BTreeMap<Module, String>,
}

impl Crate {
    fn read(folder: &str) -> Self {
        let base = root().join(folder);
        let mut found = Vec::new();
        sources(&base, &mut found);
        let inner = |path: &Path| {
            CRATES.iter().any(|other| {
                *other != folder && other.starts_with(folder) && path.starts_with(root().join(other))
            })
        };
        let files = found.into_iter().filter(|path| !inner(path)).map(|path| {
            let inside = path.strip_prefix(&base).expect("below").with_extension("");
            let name = inside.to_str().expect("utf-8").replace(std::path::MAIN_SEPARATOR, "::");
            let text = fs::read_to_string(&path).expect("utf-8");
            (name, path.strip_prefix(root()).expect("below").display().to_string(), text)
        });
        Self::of(files)
    }

    /// From each file's name in modules, its name for people and its text.
    fn of(files: impl IntoIterator<Item = (String, String, String)>) -> Self {
        let mut made = Self { files: BTreeMap::new(), texts: BTreeMap::new() };
        for (name, shown, text) in files {
            let mut of = module(&name);
            if of.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
                of.pop();
            }
            if name != "main" {
                made.texts.insert(of.clone(), code(&text));
                made.files.insert(of, shown);
            }
        }
        made
    }

    /// What a path from the root of the crate names: the longest part of it that is a file, behind re-exports.
    fn resolve(
        &self,
        path: &[String],
        exports: &BTreeMap<(Module, String), Module>,
        depth: u8,
    ) -> Option<Module> {
        let known = (0..=path.len()).rev().map(|n| &path[..n]).find(|part| self.files.contains_key(*part))?;
        let name = path.get(known.len());
        match name.and_then(|name| exports.get(&(known.to_vec(), name.clone()))) {
            Some(target) if depth > 0 => {
                let rest = &path[known.len() + 1..];
                self.resolve(&[target.as_slice(), rest].concat(), exports, depth - 1)
            }
            _ => Some(known.to_vec()),
        }
    }

    /// A path that begins with a part of the file's own folder. It is no arrow: in seven folders (`award`, `strength`, `json`,
    /// `config`, `policy`, `db`, `cli/rule`) the first file has the types that its parts are written in, and an entrance that
    /// calls the parts. Taken apart, each would need one more file for the types, which says nothing that the folder does not.
    fn child(&self, of: &Module, path: &[String]) -> Option<Module> {
        let whole = [of.as_slice(), path].concat();
        self.files.contains_key(&whole[..=of.len()]).then_some(whole)
    }

    /// Which file names which.
    fn arrows(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let mut exports = BTreeMap::new();
        let mut named: Vec<(&Module, Module)> = Vec::new();
        for (from, text) in &self.texts {
            let (uses, rest) = statements(text);
            let mut imported = BTreeMap::new();
            for Use { public, path, alias } in uses {
                if let (true, Some(path)) = (public, self.child(from, &path)) {
                    exports.insert((from.clone(), alias), path);
                } else if let Some(path) = absolute(from, &path) {
                    imported.insert(alias, path.clone());
                    named.push((from, path));
                }
            }
            for path in inline(&rest) {
                let of = path.first().and_then(|first| imported.get(first));
                let of = of.map(|of| [of.as_slice(), &path[1..]].concat());
                named.extend(of.or_else(|| absolute(from, &path)).map(|path| (from, path)));
            }
        }
        let mut arrows: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
        for (from, path) in named {
            if let Some(to) = self.resolve(&path, &exports, 8).filter(|to| to != from) {
                arrows.entry(from).or_default().insert(to);
            }
        }
        arrows
    }

    /// Files that know each other, directly or through others: one line a circle.
    fn circles(&self) -> Vec<String> {
        let arrows = self.arrows();
        let reach = |start: &Module| {
            let mut seen: BTreeSet<&Module> = BTreeSet::new();
            let mut next: Vec<&Module> = arrows.get(start).into_iter().flatten().collect();
            while let Some(at) = next.pop() {
                if seen.insert(at) {
                    next.extend(arrows.get(at).into_iter().flatten());
                }
            }
            seen
        };
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            self.files.keys().map(|m| (m, reach(m))).collect();
        let both = |a: &Module, b: &Module| reached[a].contains(b) && reached[b].contains(a);
        let mut circles = BTreeSet::new();
        for from in self.files.keys().filter(|from| reached[*from].contains(*from)) {
            let files = self.files.iter().filter(|(to, _)| both(from, to)).map(|(_, shown)| shown.as_str());
            let files: Vec<_> = files.collect();
            circles.insert(files.join(" ↔ "));
        }
        circles.into_iter().collect()
    }
}

/// A path as a file writes it, from the root of the crate; none where it leads out of it.
fn absolute(from: &Module, path: &[String]) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([from.as_slice(), rest].concat()),
        "super" => {
            let further = rest.iter().take_while(|part| *part == "super").count();
            let up = &from[..from.len().saturating_sub(1 + further)];
            Some([up, &rest[further..]].concat())
        }
        _ => None,
    }
}

/// A file without comments, its own tests and what macros name for their callers.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n").replace("$crate::", "")
}

/// One name that a `use` brings in.
struct Use {
    public: bool,
    path: Vec<String>,
    alias: String,
}

/// The names that `use` lines bring in, with groups taken apart, and the code without these lines.
fn statements(code: &str) -> (Vec<Use>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        let after =
            trimmed.split_once("use ").filter(|(before, _)| before.is_empty() || before.starts_with("pub"));
        let Some((before, first)) = after else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut statement = first.to_owned();
        while !statement.contains(';') {
            let Some(line) = lines.next() else { break };
            statement.push_str(line);
        }
        let public = !before.is_empty();
        let statement = statement.split(';').next().unwrap_or("");
        for path in apart(statement) {
            let (path, alias) = path.split_once(" as ").unwrap_or((&path, ""));
            let path: Vec<String> = module(&path.replace(' ', ""));
            let alias =
                if alias.is_empty() { path.last().cloned().unwrap_or_default() } else { alias.trim().into() };
            uses.push(Use { public, path, alias });
        }
    }
    (uses, rest)
}

/// `a::{b, c::{self, d}}` is `a::b`, `a::c`, `a::c::d`.
fn apart(path: &str) -> Vec<String> {
    let Some((prefix, group)) = path.split_once('{') else {
        let whole = path.trim();
        return vec![whole.strip_suffix("::self").unwrap_or(whole).to_owned()];
    };
    let group = group.rsplit_once('}').map_or(group, |(inside, _)| inside);
    let (mut depth, mut parts) = (0_u32, vec![String::new()]);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("a part").push(c);
    }
    let whole = |part: &String| apart(&format!("{}{}", prefix.trim(), part.trim()));
    parts.iter().filter(|part| !part.trim().is_empty()).flat_map(whole).collect()
}

/// Every path with more than one part that stands in the code itself.
fn inline(code: &str) -> Vec<Vec<String>> {
    code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .filter(|piece| piece.contains("::") && !piece.starts_with(':'))
        .map(module)
        .collect()
}

/// Each may use itself and those before it: the offices as they are listed, then the command line.
fn rooms() -> Vec<&'static str> {
    offices::ALL.0.iter().map(|office| office.name).chain(["cli"]).collect()
}

/// Files that name a file of a later room.
fn wrong_arrows(house: &Crate, rooms: &[&str]) -> Vec<String> {
    let place = |of: &Module| rooms.iter().position(|room| of.first().is_some_and(|first| first == room));
    let mut wrong = Vec::new();
    for (from, named) in house.arrows() {
        let later = |to: &&Module| place(from).zip(place(to)).is_some_and(|(from, to)| to > from);
        let told = |to: &Module| format!("{} may not know {}", house.files[from], house.files[to]);
        wrong.extend(named.iter().filter(later).map(told));
    }
    wrong
}

#[test]
fn a_room_knows_only_the_rooms_left_of_it() {
    let several = ["src/goods", "src/trade", "src"];
    let wrong = several.into_iter().flat_map(|folder| wrong_arrows(&Crate::read(folder), &rooms()));
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_arrow_test_sees_a_wrong_arrow() {
    let house = invented(&[
        ("order::submit", "use crate::{party,\n    publication::key as k};"),
        ("publication::mod", ""),
        ("publication::key", "// crate::web is later\nuse crate::order::submit;"),
        ("party::mod", "fn f() { crate::order::submit::g() }"),
    ]);
    let wrong = ["order::submit may not know publication::key", "party::mod may not know order::submit"];
    assert_eq!(wrong_arrows(&house, &["party", "order", "publication"]), wrong);
}

#[test]
fn no_files_know_each_other_in_a_circle() {
    let circles: Vec<_> = CRATES.into_iter().flat_map(|folder| Crate::read(folder).circles()).collect();
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

/// A crate of such files.
fn invented(files: &[(&str, &str)]) -> Crate {
    let file = |(name, text): &(&str, &str)| ((*name).to_owned(), (*name).to_owned(), (*text).to_owned());
    Crate::of(files.iter().map(file))
}

#[test]
fn the_circle_test_sees_a_circle() {
    let direct = [
        ("a", "use crate::{\n    b::{self, X},\n};"),
        ("b", "fn f() -> super::a::Y {}"),
        ("c", "use crate::a;"),
    ];
    assert_eq!(invented(&direct).circles(), ["a ↔ b"]);
    let open = [("a", "use crate::b::X;"), ("b", "// use crate::a;\nuse std::fmt;")];
    assert!(invented(&open).circles().is_empty());
    let through_a_name = [
        ("a", "use crate::rooms;\nfn f() { rooms::b::g() }"),
        ("rooms::mod", "mod b;"),
        ("rooms::b", "use crate::a::f;"),
    ];
    assert_eq!(invented(&through_a_name).circles(), ["a ↔ rooms::b"]);
    let through_an_export =
        [("m::mod", "pub use b::X;"), ("m::a", "use super::X;"), ("m::b", "use super::a;")];
    assert_eq!(invented(&through_an_export).circles(), ["m::a ↔ m::b"]);
}

#[test]
fn the_offices_are_listed_once() {
    let counters = ["accounts", "web", "cli"];
    let offices: Vec<&str> = rooms().into_iter().filter(|room| !counters.contains(room)).collect();
    let house = Crate::read("src");
    let names_one = |text: &String| {
        let (uses, rest) = statements(text);
        let mut paths = uses.into_iter().map(|used| used.path).chain(inline(&rest));
        paths.any(|path| {
            path.first().is_some_and(|p| p == "crate")
                && path.get(1).is_some_and(|p| offices.contains(&p.as_str()))
        })
    };
    let naming: Vec<&str> = house
        .texts
        .iter()
        .filter(|(_, text)| names_one(text))
        .map(|(of, _)| house.files[of].as_str())
        .filter(|file| *file != "src/offices.rs" && !file.starts_with("src/cli/demo/"))
        .collect();
    assert_eq!(naming, NAME_AN_OFFICE, "what an office has for the house stands in its OFFICE");
}

#[test]
fn files_stay_under_400_lines() {
    let mut found = Vec::new();
    sources(&root().join("src"), &mut found);
    assert!(found.len() > 10, "src was not found");
    let lines = |path: &PathBuf| fs::read_to_string(path).expect("utf-8").lines().count();
    let long: Vec<_> =
        found.iter().map(|path| (lines(path), path)).filter(|(lines, _)| *lines > 400).collect();
    assert!(long.is_empty(), "longer than 400 lines: {long:?}");
}

//! Policy profiles: what a file may say, which version is in force, and what is refused by name.

use chrono::NaiveDate;
use jicai_rules::injection::{InjPolicy, Rounding};
use jicai_rules::policy::{Basis, PolicyError, Value};
use jicai_rules::profiles::Library;

/// The folder of the profiles that ship.
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/policy");

fn shipped() -> Library {
    Library::shipped().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn value(value: &str) -> String {
    format!(
        "{{ value = {value}, clause = \"INJ-2.1\", source = \"文件\", basis = \"choice\", effective_from = 2025-01-01 }}"
    )
}

/// A file that starts from `default` and changes one key.
fn changed(key: &str, new: &str) -> String {
    format!("extends = \"default\"\n{key} = {}\n", value(new))
}

/// Every sentence that is said about a file.
fn complaints(text: &str) -> String {
    match shipped().read("mine.toml", text) {
        Err(PolicyError::Invalid(wrong)) => wrong.join("\n"),
        other => panic!("{text} gave {other:?}"),
    }
}

#[test]
fn the_default_profile_holds_every_key_with_its_origin() {
    let policy = shipped().named("default").unwrap();
    assert_eq!(policy.name, "default@2024-07-08");
    let yellow = policy.entry("inj.mark.yellow_gt").unwrap();
    assert_eq!(yellow.basis, Basis::Document);
    assert_eq!(yellow.clause, "INJ-4.1");
    assert_eq!(policy.dec("inj.mark.yellow_gt").unwrap().to_string(), "1.8");
    assert_eq!(Rounding::of(&policy).unwrap(), Rounding { threshold: 20_000, third_digit: false });
}

#[test]
fn a_file_gives_only_what_differs() {
    let policy = shipped().read("mine.toml", &changed("inj.round.residue", "\"third_digit\"")).unwrap();
    assert!(InjPolicy::of(&policy).unwrap().round.third_digit);
    assert_eq!(policy.dec("inj.mark.red_gt").unwrap().to_string(), "3");
    assert_eq!(policy.entry("inj.round.residue").unwrap().effective_from, day("2025-01-01"));
}

/// A decimal may be a number or a text; its digits are those that were written.
#[test]
fn decimals_never_pass_through_a_float() {
    for written in ["1.8000000000000000000000001", "\"1.8000000000000000000000001\""] {
        let policy = shipped().read("mine.toml", &changed("inj.mark.yellow_gt", written)).unwrap();
        assert_eq!(policy.dec("inj.mark.yellow_gt").unwrap().to_string(), "1.8000000000000000000000001");
    }
    for written in ["1.8e0", "inf", "nan", "\"1,8\"", "0x2", "true", "[1.8]"] {
        assert!(
            complaints(&changed("inj.mark.yellow_gt", written)).contains("inj.mark.yellow_gt: value must be")
        );
    }
}

#[test]
fn unknown_and_missing_keys_are_named() {
    assert_eq!(complaints(&changed("inj.round.reside", "1")), "mine.toml: unknown key inj.round.reside");
    assert_eq!(complaints("extends = \"default\"\n[injj]\n"), "mine.toml: unknown key injj");
    assert_eq!(complaints("extends = \"default\"\ninj = 1\n"), "mine.toml: inj must be a table");
    assert!(complaints("").contains("mine.toml: missing key inj.round.threshold_yuan\n"));
    let partly =
        "extends = \"default\"\n[inj.mark]\nred_gt = { value = 3, clause = \"INJ-4.1\", colour = 1 }";
    let named = complaints(partly);
    for part in
        ["unknown member colour", "source is missing", "basis is missing", "effective_from is missing"]
    {
        assert!(named.contains(&format!("inj.mark.red_gt: {part}")), "{named}");
    }
    assert!(complaints("extends = \"default\"\ninj.mark.red_gt = 3").contains("must be written as {"));
}

#[test]
fn wrong_types_and_values_out_of_range_are_named() {
    for (key, wrong) in [
        ("inj.decimals", "3"),
        ("inj.decimals", "2.0"),
        ("inj.round.residue", "\"sometimes\""),
        ("inj.round.residue", "\"tender\""),
        ("inj.mark.exemptions", "\"on\""),
        ("inj.mark.red_gt", "0.99"),
        ("inj.high.originator_ratio", "1.01"),
        ("inj.old_code_stop", "\"2024-11-01\""),
        ("inj.old_code_stop", "2024-11-01T00:00:00Z"),
        ("inj.upload_window", "[2024-09-20, 2024-09-11]"),
        ("inj.upload_window", "[2024-09-20]"),
    ] {
        let said = complaints(&changed(key, wrong));
        assert!(said.starts_with(&format!("mine.toml: {key}: value must be")), "{key} = {wrong}: {said}");
    }
    let basis = changed("inj.decimals", "2").replace("choice", "hearsay");
    assert!(complaints(&basis).contains("basis must be"));
    assert!(complaints("extends = \"default\"\ninj.round = [").contains("mine.toml: "));
}

#[test]
fn red_does_not_begin_before_yellow() {
    let policy = shipped().read("mine.toml", &changed("inj.mark.red_gt", "1.5")).unwrap();
    assert!(InjPolicy::of(&policy).unwrap_err().to_string().contains("inj.mark.red_gt"));
}

/// In force is the latest version not after the day; before the first there is none.
#[test]
fn the_version_in_force_is_the_latest_not_after_the_day() {
    let mut library = shipped();
    library.add("mine@2025-01-01.toml", &changed("inj.mark.red_gt", "4")).unwrap();
    library.add("mine@2026-01-01.toml", &changed("inj.mark.red_gt", "5")).unwrap();
    let red = |when| library.in_force("mine", day(when)).map(|policy| policy.dec("inj.mark.red_gt").unwrap());
    assert_eq!(red("2024-12-31"), Err(PolicyError::NotInForce("mine".to_owned(), day("2024-12-31"))));
    assert_eq!(red("2025-01-01").unwrap().to_string(), "4");
    assert_eq!(red("2025-12-31").unwrap().to_string(), "4");
    assert_eq!(red("2026-01-01").unwrap().to_string(), "5");
    assert_eq!(library.named("mine@2025-01-01").unwrap().name, "mine@2025-01-01");
    assert_eq!(library.named("mine").unwrap().name, "mine@2026-01-01");
    assert!(library.add("mine@2026-01-01", "").is_err());
    assert!(library.add("mine.toml", "").is_err());
    assert!(library.add("mine@soon.toml", "").is_err());
}

#[test]
fn extending_what_is_not_there_or_oneself_is_refused() {
    assert!(complaints("extends = \"nowhere\"").contains("extends names no known profile: nowhere"));
    let mut library = shipped();
    library.add("snake@2025-01-01", "extends = \"snake\"").unwrap();
    assert!(library.named("snake").unwrap_err().to_string().contains("circle"));
}

/// The digest sees every value and its origin, and nothing else: not order, blanks or comments.
#[test]
fn the_digest_is_that_of_the_values() {
    let digest = |text: &str| shipped().read("mine.toml", text).unwrap().digest().to_owned();
    let one = digest(&changed("inj.mark.red_gt", "4.0"));
    assert_eq!(one.len(), 64);
    assert_eq!(one, digest(&format!("# note\n{}", changed("inj . mark . red_gt", "\"4\""))));
    assert_ne!(one, digest(&changed("inj.mark.red_gt", "4.1")));
    assert_ne!(one, digest(&changed("inj.mark.red_gt", "4").replace("文件", "另一文件")));
    assert_eq!(digest("extends = \"default\""), shipped().named("default").unwrap().digest());
}

/// A shipped profile never changes because a newer version of another appears: it names the version that it
/// extends. And each file in the folder is one that ships.
#[test]
fn shipped_profiles_are_whole_and_pinned() {
    let library = shipped();
    let mut files: Vec<String> = std::fs::read_dir(SHIPPED)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap().replace(".toml", ""))
        .collect();
    files.sort_unstable();
    let mut versions: Vec<String> =
        library.versions().into_iter().map(|(name, from)| format!("{name}@{from}")).collect();
    versions.sort_unstable();
    assert_eq!(versions, files);
    for name in versions {
        let policy = library.named(&name).unwrap();
        assert!(
            policy.entries().all(|(_, entry)| entry.value != Value::Tender || entry.basis == Basis::Choice)
        );
        let text = std::fs::read_to_string(format!("{SHIPPED}/{name}.toml")).unwrap();
        let pinned = |line: &str| line.starts_with("extends") && !line.contains('@');
        assert!(!text.lines().any(pinned), "{name} must name the version that it extends");
    }
}

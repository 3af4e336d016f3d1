//! Corners of the `jicai rule` formats that a comparison with an independent program brought up.

use std::io::Write;
use std::process::{Command, Stdio};

fn jicai(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jicai"));
    command.args(["rule", name]).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Standard output for some input.
fn run(name: &str, input: &str) -> String {
    let mut child = jicai(name).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

/// The error code of the only object.
fn code(name: &str, input: &str) -> String {
    let out: serde_json::Value = serde_json::from_str(&run(name, input)).unwrap();
    out["error"].as_str().unwrap().split(':').next().unwrap().to_owned()
}

/// Section 11 says that blanks are ignored, section 10 does not: there a word is the word.
#[test]
fn words_of_price_ratio_are_exact() {
    let out = run(
        "price-ratio",
        "kind,representative_price,x_representative,x,dosage\npack_count ,1,1,2,\npack_count,1,1,3, granule_bag\n",
    );
    let rows: Vec<_> = out.lines().skip(1).collect();
    assert!(rows[0].starts_with("pack_count ,1,1,2,,,,\"UNKNOWN_KIND: "), "{}", rows[0]);
    // 1.95^log2(3) = e^(ln 1.95 × ln 3 ÷ ln 2); computed by hand with 30 digits: 2.8820…
    assert!(rows[1].starts_with("pack_count,1,1,3, granule_bag,2.882"), "{}", rows[1]);
}

/// \"4 or more = the last column\" has no upper end, nor has a number of days.
#[test]
fn whole_numbers_have_no_hidden_limit() {
    let many = "100000000000000000000";
    let volume = format!(r#"{{"lot":"a","winners":{many},"lines":[{{"hospital":"h","approved":"10"}}]}}"#);
    assert_eq!(
        run("agreed-volume", &volume),
        "{\"lot\":\"a\",\"ratio\":\"0.8\",\"lines\":[{\"hospital\":\"h\",\"agreed\":8}],\"total\":8}\n"
    );
    let due = |kind| format!(r#"{{"id":"a","kind":"{kind}","from":"2024-01-01","days":{many}}}"#);
    assert_eq!(code("due-date", &due("working_days")), "CALENDAR_UNKNOWN_YEAR");
    assert_eq!(code("due-date", &due("calendar_days")), "BAD_VALUE");
    assert_eq!(
        code("due-date", r#"{"id":"a","kind":"working_days","from":"2024-01-01","days":-1}"#),
        "BAD_VALUE"
    );
}

/// A number may be a string everywhere, so in the table of a policy too; below 1 it is a bad policy, not a bad value.
#[test]
fn a_table_of_strings_is_a_table() {
    let lot = |table: &str| {
        format!(
            r#"{{"lot":"a","bidders":[],"policy":{{"shortlist":{{"table":{table}}},"revival":{{"enabled":false}}}}}}"#
        )
    };
    let numbers = run("award", &lot("[[1,1],[20000000000,2]]"));
    assert!(numbers.contains("\"policy_digest\""), "{numbers}");
    assert_eq!(numbers, run("award", &lot("[[\"1\",\"1\"],[\"20000000000\",\"2\"]]")));
    assert_eq!(code("award", &lot("[[\"-0\",1]]")), "BAD_POLICY");
    assert_eq!(code("award", &lot("[[1.5,1]]")), "BAD_VALUE");
}

/// What cannot be read is named before what is missing for the computation.
#[test]
fn a_bad_deadline_comes_before_a_missing_cap() {
    let lot = r#"{"lot":"a","bidders":[],"policy":{"revival":{"deadline":"17:00"}}}"#;
    assert_eq!(code("award", lot), "BAD_VALUE");
    assert_eq!(code("award", r#"{"lot":"a","bidders":[]}"#), "POLICY_VALUE_REQUIRED");
}

/// Members that the format does not name are ignored, however they are nested, up to a depth that no stack fears.
#[test]
fn an_ignored_member_may_be_nested() {
    let line = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"x":{open}{close},"id":"a","kind":"calendar_days","from":"2024-09-02","days":30}}"#)
    };
    assert_eq!(run("due-date", &line(400)), "{\"id\":\"a\",\"due\":\"2024-10-02\"}\n");
    assert!(run("due-date", &line(100_000)).starts_with("{\"line\":1,\"error\":\"NOT_JSON: "));
}

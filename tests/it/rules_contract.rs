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

/// Beyond the years that are arranged a due day is an error, unless the policy takes a provisional one (section 8). The last
/// days of 2026 may still change; that is said only where provisional days are taken.
#[test]
fn a_due_day_beyond_the_notices_is_provisional_where_the_policy_takes_it() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("province.toml");
    std::fs::write(
        &policy,
        "extends = \"default\"\n[calendar]\nprovisional = { value = true, clause = \"JX-12\", source = \"本省\", \
         basis = \"choice\", effective_from = 2026-12-01 }\n",
    )
    .unwrap();
    let due = |id, from, days| {
        format!("{{\"id\":\"{id}\",\"kind\":\"working_days\",\"from\":\"{from}\",\"days\":{days}}}\n")
    };
    let input = [
        due("settled", "2024-09-02", 10),
        due("december", "2026-12-28", 1),
        due("january", "2026-12-18", 10),
        due("far", "2060-01-01", 1),
    ]
    .concat();
    let with = |policy: Option<&std::path::Path>| {
        let mut command = jicai("due-date");
        command
            .args(policy.into_iter().flat_map(|path| [std::ffi::OsStr::new("--policy"), path.as_os_str()]));
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let out = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        out.lines().map(|line| line.split(": ").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        with(None),
        [
            r#"{"id":"settled","due":"2024-09-14"}"#,
            r#"{"id":"december","due":"2026-12-29"}"#,
            r#"{"id":"january","error":"CALENDAR_UNKNOWN_YEAR"#,
            r#"{"id":"far","error":"CALENDAR_UNKNOWN_YEAR"#,
        ]
    );
    assert_eq!(
        with(Some(&policy)),
        [
            r#"{"id":"settled","due":"2024-09-14"}"#,
            r#"{"id":"december","due":"2026-12-29","provisional":true}"#,
            r#"{"id":"january","due":"2027-01-04","provisional":true}"#,
            r#"{"id":"far","error":"CALENDAR_UNKNOWN_YEAR"#,
        ]
    );
}

/// Section 11 as it stands: T with 10 or 20, J with 16, 869, digits in places 3 to 8, `trace_other`; nothing is cleaned.
#[test]
fn codes_are_judged_as_they_are() {
    let rows = [
        ("drug,T000100001", "true,"),
        ("drug,T00010000A", "false,ALPHABET"),
        ("drug,JA01ABD075A00201", "true,"),
        ("standard_code,86800594000342", "false,PREFIX"),
        ("uscc,9133A100799655058B", "false,ALPHABET"),
        ("uscc, 91330100799655058B ", "true,"),
        ("uscc,91330100 799655058B", "false,LENGTH"),
        ("uscc,91330100799655058b", "false,ALPHABET"),
        ("trace_other,(01)06901234567892(21)A1", "true,"),
        ("trace_other,a b", "false,ALPHABET"),
        ("trace_other,", "false,LENGTH"),
    ];
    let input = rows.map(|(row, _)| format!("{row}\n")).concat();
    let out = run("codes", &format!("kind,code\n{input}"));
    for (line, (row, expected)) in out.lines().skip(1).zip(rows) {
        assert_eq!(line, format!("{row},{expected},"), "{row}");
    }
    assert_eq!(out.lines().count(), rows.len() + 1);
}

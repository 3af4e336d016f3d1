//! Parameters tried on past lots. All figures are worked out here from the rules (NAT10-3 to NAT10-5), by hand.

use std::io::Write;
use std::process::{Command, Stdio};

/// Three lots and a broken line.
/// 1: ceiling 10; a bids 2.00 for a demand of 60, b 3.00 for 30, c 3.70 for 10. Cuts 80 %, 70 %, 63 %.
/// 2: ceiling 5; d bids 4.00 for 50 (cut 20 %), e 6.00 for 50, which is above the ceiling and invalid.
/// 3: ceiling 1; f bids 2.00 for nothing, invalid: no winner.
pub const LOTS: &str = r#"{"lot":"1","ceiling":"10","policy":{"shortlist":{"table":[[1,5]]},"revival":{"enabled":false}},"bidders":[{"id":"a","price":"2.00","demand":"60"},{"id":"b","price":"3.00","demand":"30"},{"id":"c","price":"3.70","demand":"10"}]}
{"lot":"2","ceiling":"5","policy":{"shortlist":{"table":[[1,5]]},"revival":{"enabled":false}},"bidders":[{"id":"d","price":"4.00","demand":"50"},{"id":"e","price":"6.00","demand":"50"}]}

{"lot":"3","ceiling":"1","policy":{"revival":{"enabled":false}},"bidders":[{"id":"f","price":"2.00"}]}
{"lot":"4","bidders":
"#;

const HEAD: &str = "parameter,value,lots,errors,lots_without_winner,winners,revived,demand_kept,mean_cut\n";

fn vary(vary: &str, lots: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jicai"))
        .args(["rule", "award", "--vary", vary])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A refused value closes the input early.
    child.stdin.take().unwrap().write_all(lots.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let said = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// At 1.5 the line is 2.00 × 1.5 = 3.00: a and b. At 1.8 it is 3.60: a and b. At 2.0 it is 4.00: all three.
/// With d that is 3, 3 and 4 winners. Demand kept of 200: 90 + 50, 90 + 50, 100 + 50. Mean cuts: (80 + 70 + 20) / 3 and
/// (80 + 70 + 63 + 20) / 4 percent.
#[test]
fn nat10_3_the_ratio_is_varied_over_a_file_of_lots() {
    let (status, out) = vary("selection.max_ratio=1.5,1.8,2.0", LOTS);
    let row = |value: &str, rest: &str| format!("selection.max_ratio,{value},4,1,1,{rest}\n");
    let rows =
        [row("1.5", "3,0,0.7000,0.5667"), row("1.8", "3,0,0.7000,0.5667"), row("2.0", "4,0,0.7500,0.5825")];
    assert_eq!((status, out), (1, format!("{HEAD}{}", rows.concat())), "1: a line could not be read");
}

/// Only the lowest is shortlisted: a and d, 110 of 200, (80 + 20) / 2. Two are: a, b and d.
#[test]
fn nat10_5_tables_are_separated_by_semicolons() {
    let (status, out) = vary("shortlist.table=[[1,1]];[[1,2]]", LOTS);
    assert_eq!(status, 1);
    assert!(out.contains("\"[[1,1]]\",4,1,1,2,0,0.5500,0.5000\n"), "{out}");
    assert!(out.contains("\"[[1,2]]\",4,1,1,3,0,0.7000,0.5667\n"), "{out}");
}

/// b bids 4.00, above 2.00 × 1.8 = 3.60, and answers 3.60: revived at 64 % below the ceiling. (80 + 64) / 2.
#[test]
fn nat10_4_revival_is_switched_off_and_on() {
    let lot = r#"{"lot":"1","ceiling":"10","policy":{"shortlist":{"table":[[1,5]]},"revival":{"cap":"ratio_of_lowest","ratio":"1.8"}},"bidders":[{"id":"a","price":"2","demand":"60"},{"id":"b","price":"4","demand":"40"}],"revival_answers":[{"id":"b","price":"3.60","submitted_at":"2024-12-12T16:00:00+08:00","complete":true}]}"#;
    let (status, out) = vary("revival.enabled=false,true", lot);
    let rows =
        "revival.enabled,false,1,0,0,1,0,0.6000,0.8000\nrevival.enabled,true,1,0,0,2,1,1.0000,0.7200\n";
    assert_eq!((status, out), (0, format!("{HEAD}{rows}")));
}

#[test]
fn what_cannot_be_varied_is_named() {
    for (given, said) in [
        ("selection.max_ration=1", "selection.max_ration"),
        ("selection.max_ratio=1.5,0.9", "max_ratio"),
        ("selection.max_ratio=1.5,x", "max_ratio"),
        ("selection.max_ratio", "KEY=VALUE"),
    ] {
        let (status, out) = vary(given, LOTS);
        assert_eq!(status, 2, "{given}: {out}");
        assert!(out.contains(said), "{given}: {out}");
    }
}

/// Without a demand and without a ceiling there is nothing to compare with: the columns stay empty.
#[test]
fn nothing_is_said_of_what_is_not_given() {
    let lot = r#"{"lot":"1","policy":{"revival":{"enabled":false}},"bidders":[{"id":"a","price":"2"}]}"#;
    assert_eq!(
        vary("selection.max_ratio=1.8", lot).1,
        format!("{HEAD}selection.max_ratio,1.8,1,0,0,1,0,,\n")
    );
}

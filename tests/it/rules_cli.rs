//! `jicai rule` as a program: exit status, files, streams, and the order of errors.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn jicai() -> Command {
    Command::new(env!("CARGO_BIN_EXE_jicai"))
}

/// Runs a rule on standard input.
fn rule(name: &str, args: &[&str], input: &[u8]) -> Output {
    let mut child = jicai()
        .args(["rule", name])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that refuses the header closes its input early.
    let feeder = std::thread::spawn(move || stdin.write_all(&input).ok());
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Exit status and standard output.
fn run(name: &str, args: &[&str], input: &str) -> (i32, String) {
    let output = rule(name, args, input.as_bytes());
    (output.status.code().unwrap(), text(&output.stdout).to_owned())
}

/// The error codes of a CSV column or of JSON members `error`, empty where there is none.
fn codes(output: &str, column: usize) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(output.as_bytes());
    let code = |row: csv::StringRecord| row[column].split(':').next().unwrap().to_owned();
    reader.records().map(|row| code(row.unwrap())).collect()
}

#[test]
fn rows_keep_their_fields_and_get_the_rules_columns() {
    let (status, out) = run(
        "injection-price",
        &[],
        "名称,pack_qty,备注,pack_price\r\n甲,10,\"a, \"\"b\"\"\",25.79\r\n\r\n乙,3,,3.07\r\n",
    );
    assert_eq!(status, 0);
    assert_eq!(
        out,
        "名称,pack_qty,备注,pack_price,unit_price,branch,error\n\
         甲,10,\"a, \"\"b\"\"\",25.79,2.57,truncate,\n\
         乙,3,,3.07,1.03,up,\n"
    );
}

#[test]
fn a_row_that_cannot_be_computed_does_not_stop_the_others() {
    let input = "pack_price,pack_qty\n1,0\n1\n1,2,3\n10.00,10\nx,1\n0,1\n1.00001,1\n1000000000000,1\n1,1.5\n";
    let (status, out) = run("injection-price", &[], input);
    assert_eq!(status, 1);
    assert_eq!(
        codes(&out, 4),
        [
            "QTY_OUT_OF_RANGE",
            "COLUMN_COUNT",
            "COLUMN_COUNT",
            "",
            "PRICE_NOT_A_NUMBER",
            "PRICE_NOT_POSITIVE",
            "PRICE_TOO_PRECISE",
            "PRICE_TOO_LARGE",
            "QTY_NOT_A_WHOLE_NUMBER",
        ]
    );
    // Cut or padded to the header's width, the added cells empty but the error.
    assert!(out.contains("\n1,,,,\"COLUMN_COUNT: "), "{out}");
    assert!(out.contains("\n1,2,,,\"COLUMN_COUNT: "), "{out}");
    assert!(out.contains("\n10.00,10,1.00,exact,\n"), "{out}");
    assert!(out.contains("pack_qty is \"\"1.5\"\", expected a whole number"), "{out}");
}

/// The count of fields is tested before the bytes, the bytes before the price.
#[test]
fn bytes_that_are_not_utf_8_are_a_rows_error() {
    let output = rule(
        "injection-price",
        &[],
        b"note,pack_price,pack_qty\n\xff,x,1\n\xff,1\n\xc3\xa9,1,1\n\xc3,\xa9,1\n",
    );
    assert_eq!(output.status.code(), Some(1));
    let lossy = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(codes(&lossy, 5), ["NOT_UTF8", "COLUMN_COUNT", "", "NOT_UTF8"]);
    assert!(output.stdout.windows(5).any(|bytes| bytes == b"\n\xff,x,"), "the row keeps its bytes");
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let (status, out) = run("injection-price", &[], "\u{feff}pack_price,pack_qty\n10,10\n");
    assert_eq!(
        (status, out.as_str()),
        (0, "pack_price,pack_qty,unit_price,branch,error\n10,10,1.00,exact,\n")
    );
    let (status, out) = run(
        "injection-listing",
        &[],
        "\u{feff}{\"id\":\"g\",\"candidates\":[{\"id\":\"a\",\"pack_price\":1,\"pack_qty\":1}]}",
    );
    assert_eq!(status, 0, "{out}");
}

#[test]
fn a_header_that_cannot_be_used_ends_with_2_and_nothing_written() {
    for input in [
        "",
        "\n\n",
        "pack_price\n1\n",
        "pack_price,pack_qty,pack_price\n1,1,1\n",
        "pack_price,pack_qty,error\n1,1,\n",
        "pack_price,pack_qty,branch\n1,1,\n",
        "Pack_price,pack_qty\n1,1\n",
    ] {
        let output = rule("injection-price", &[], input.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{input:?}");
        assert_eq!(text(&output.stdout), "", "{input:?}");
        assert!(text(&output.stderr).contains("the header cannot be used: "), "{input:?}");
    }
    let steps = "pack_price,pack_qty,steps\n1,1,\n";
    assert_eq!(run("injection-price", &[], steps).0, 0);
    assert_eq!(run("injection-price", &["--explain"], steps).0, 2);
}

#[test]
fn what_cannot_be_run_ends_with_2() {
    let good = "pack_price,pack_qty\n1,1\n";
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.toml");
    fs::write(&bad, "extends = \"default\"\n[inj.round]\nresidu = 1\n").unwrap();
    let bad = bad.to_str().unwrap();
    for (name, args, said) in [
        ("injection-prices", vec![], "there is no rule injection-prices"),
        ("injection-price", vec!["/nowhere.csv"], "/nowhere.csv"),
        ("injection-price", vec!["/"], "the input cannot be read"),
        ("injection-price", vec!["--policy", "/nowhere.toml"], "the policy /nowhere.toml cannot be read"),
        ("injection-price", vec!["--policy", bad], "unknown key inj.round.residu"),
        ("injection-price", vec!["--output", "/nowhere/out.csv"], "the output cannot be written"),
        ("injection-price", vec!["--output", "/"], "the output cannot be written"),
    ] {
        let output = rule(name, &args, good.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{name} {args:?}");
        assert_eq!(text(&output.stdout), "");
        assert!(text(&output.stderr).contains(said), "{}", text(&output.stderr));
    }
}

/// The names of the files in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn an_output_file_appears_when_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    fs::write(&input, "pack_price,pack_qty\n10,10\nx,1\n").unwrap();
    fs::write(&out, "before").unwrap();
    let run = |input: &Path, output: &Path| {
        let output =
            jicai().args(["rule", "injection-price"]).arg(input).arg("--output").arg(output).output();
        output.unwrap().status.code().unwrap()
    };
    assert_eq!(run(&input, &out), 1);
    let written = fs::read_to_string(&out).unwrap();
    assert!(
        written.starts_with("pack_price,pack_qty,unit_price,branch,error\n10,10,1.00,exact,\nx,1,,,\"PRICE")
    );
    assert_eq!(names(folder.path()), ["in.csv", "out.csv"]);
    // The input may be replaced by its own result.
    assert_eq!(run(&input, &input), 1);
    assert_eq!(fs::read_to_string(&input).unwrap(), written);
    // A run that computes nothing leaves the file of before.
    assert_eq!(run(&input, &out), 2);
    assert_eq!(fs::read_to_string(&out).unwrap(), written);
    assert_eq!(names(folder.path()), ["in.csv", "out.csv"]);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_written_to_and_not_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || fs::read_to_string(pipe).unwrap())
    };
    let output =
        rule("injection-price", &["--output", pipe.to_str().unwrap()], b"pack_price,pack_qty\n10,10\n");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(reader.join().unwrap(), "pack_price,pack_qty,unit_price,branch,error\n10,10,1.00,exact,\n");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn lines_are_computed_one_by_one() {
    let input = "\n{\"id\":\"a\",\"candidates\":[{\"id\":\"x\",\"pack_price\":\"58.00\",\"pack_qty\":10}]}\r\n  \nnonsense\n[1]\n\
        {\"id\":\"b\"}\n{\"candidates\":[]}\n{\"id\":7,\"candidates\":[]}\n{\"id\":\"c\",\"id\":\"c\"}\n\
        {\"id\":\"d\",\"candidates\":[]}\n{\"id\":\"e\",\"candidates\":[{\"id\":\"x\",\"pack_price\":1,\"pack_qty\":1},{\"id\":\"x\",\"pack_price\":1,\"pack_qty\":1}]}";
    let (status, out) = run("injection-listing", &[], input);
    assert_eq!(status, 1);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let code = line["error"].as_str().map(|error| error.split(':').next().unwrap());
            (line.get("line").cloned(), line.get("id").cloned(), code)
        })
        .collect();
    let id = |text: &str| Some(serde_json::json!(text));
    assert_eq!(
        told,
        [
            (None, id("a"), None),
            (Some(4.into()), None, Some("NOT_JSON")),
            (Some(5.into()), None, Some("NOT_JSON")),
            (None, id("b"), Some("MISSING")),
            (None, Some(serde_json::Value::Null), Some("MISSING")),
            (None, Some(7.into()), Some("BAD_VALUE")),
            (Some(9.into()), None, Some("NOT_JSON")),
            (None, id("d"), Some("BAD_VALUE")),
            (None, id("e"), Some("DUPLICATE_ID")),
        ]
    );
    let output = rule("injection-listing", &[], b"\xff\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("{\"line\":1,\"error\":\"NOT_JSON: "));
    assert_eq!(run("injection-listing", &[], ""), (0, String::new()));
}

#[test]
fn a_listing_is_written_as_the_contract_says() {
    let input = r#"{"id":"g","candidates":[{"id":"a","pack_price":45.05,"pack_qty":5,"basis":"after_evaluation"},{"id":"b","pack_price":"50.00","pack_qty":"10","basis":"before_evaluation"}],"peers":{"evaluated":["9.20"],"originator":[16],"other_brands":null},"accept_high":true,"more":[1]}"#;
    let expected = r#"{"id":"g","unit_prices":[{"id":"a","unit_price":"9.01"},{"id":"b","unit_price":"5.00"}],"low":"5.00","high":"9.01","high_eligible":true,"high_refused_because":[],"decision":"high","listing_price":"9.01","mark":"yellow","ratio":"1.8020","exempt":null}"#;
    assert_eq!(run("injection-listing", &[], input), (0, format!("{expected}\n")));
    let single = r#"{"id":"s","candidates":[{"id":"a","pack_price":"1","pack_qty":1,"basis":null}]}"#;
    let expected = r#"{"id":"s","unit_prices":[{"id":"a","unit_price":"1.00"}],"low":"1.00","high":"1.00","high_eligible":false,"high_refused_because":[],"decision":"single","listing_price":"1.00","mark":"none","ratio":null,"exempt":null}"#;
    assert_eq!(run("injection-listing", &[], single), (0, format!("{expected}\n")));
}

#[test]
fn a_listings_values_are_checked_one_by_one() {
    let candidate = |more: &str| format!("{{\"id\":\"g\",\"candidates\":[{{\"id\":\"a\",{more}}}]}}");
    let whole = |more: &str| {
        format!("{{\"id\":\"g\",\"candidates\":[{{\"id\":\"a\",\"pack_price\":1,\"pack_qty\":1}}],{more}}}")
    };
    for (line, code) in [
        (candidate("\"pack_price\":1e3,\"pack_qty\":1"), "BAD_VALUE: candidates[0].pack_price is 1e3"),
        (
            candidate("\"pack_price\":\"1e3\",\"pack_qty\":1"),
            "BAD_VALUE: candidates[0].pack_price is \"1e3\"",
        ),
        (candidate("\"pack_price\":0,\"pack_qty\":1"), "BAD_VALUE: candidates[0].pack_price is 0"),
        (candidate("\"pack_price\":1.00001,\"pack_qty\":1"), "BAD_VALUE: candidates[0].pack_price"),
        (
            candidate("\"pack_price\":12345678901234567.89,\"pack_qty\":1"),
            "BAD_VALUE: candidates[0].pack_price",
        ),
        (candidate("\"pack_price\":true,\"pack_qty\":1"), "BAD_VALUE: candidates[0].pack_price is true"),
        (candidate("\"pack_price\":1,\"pack_qty\":10.0"), "BAD_VALUE: candidates[0].pack_qty is 10.0"),
        (candidate("\"pack_price\":1,\"pack_qty\":1000001"), "BAD_VALUE: candidates[0].pack_qty"),
        (candidate("\"pack_price\":1"), "MISSING: candidates[0].pack_qty"),
        (candidate("\"pack_price\":1,\"pack_qty\":1,\"basis\":\"x\""), "BAD_VALUE: candidates[0].basis"),
        (whole("\"accept_high\":\"true\""), "BAD_VALUE: accept_high"),
        (whole("\"peers\":[]"), "BAD_VALUE: peers"),
        (whole("\"peers\":{\"evaluated\":[1,0]}"), "BAD_VALUE: peers.evaluated[1] is 0"),
        (whole("\"peers\":{\"originator\":[null]}"), "BAD_VALUE: peers.originator[0] is null"),
        (whole("\"peers\":{\"other_brands\":\"1\"}"), "BAD_VALUE: peers.other_brands"),
    ] {
        let (status, out) = run("injection-listing", &[], &line);
        let object: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!((status, &object["id"]), (1, &serde_json::json!("g")));
        assert!(object["error"].as_str().unwrap().starts_with(code), "{line} gave {out}");
    }
}

#[test]
fn codes_are_tested_and_unknown_kinds_are_errors() {
    let input = "kind,code,standard_code\nuscc, 91330100799655058B\t,\ndrug,XA01ABD075A002010100594,86900594000342\n\
        drug,XA01ABD075A002010100594,86900595000342\nUSCC,1,\ntrace,1,\n";
    let (status, out) = run("codes", &[], input);
    assert_eq!(status, 1);
    let lines: Vec<_> = out.lines().collect();
    assert_eq!(lines[0], "kind,code,standard_code,valid,reason,error");
    assert_eq!(lines[1], "uscc, 91330100799655058B\t,,true,,");
    assert_eq!(lines[2], "drug,XA01ABD075A002010100594,86900594000342,true,,");
    assert_eq!(lines[3], "drug,XA01ABD075A002010100594,86900595000342,false,STANDARD_CODE,");
    assert!(
        lines[4].starts_with("USCC,1,,,,\"UNKNOWN_KIND: ")
            || lines[4].starts_with("USCC,1,,,,UNKNOWN_KIND: ")
    );
    assert_eq!(lines[5], "trace,1,,false,LENGTH,");
}

#[test]
fn the_policy_of_a_file_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(
        &file,
        "extends = \"default\"\n[inj.round]\nresidue = { value = \"third_digit\", clause = \"INJ-2.1\", \
         source = \"省局\", basis = \"choice\", effective_from = 2024-07-08 }\n",
    )
    .unwrap();
    let input = "pack_price,pack_qty\n30.01,30\n";
    assert!(run("injection-price", &[], input).1.ends_with("30.01,30,1.01,up,\n"));
    let (status, out) = run("injection-price", &["--policy", file.to_str().unwrap()], input);
    assert_eq!(status, 0);
    assert!(out.ends_with("30.01,30,1.00,truncate,\n"), "{out}");
    assert_eq!(run("injection-price", &["--policy", "default"], input).0, 0);
}

#[test]
fn explained_results_carry_their_steps() {
    let (_, out) = run("injection-price", &["--explain"], "pack_price,pack_qty\n3.07,3\nx,1\n");
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next_back(), Some("steps"));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let steps: serde_json::Value = serde_json::from_str(&rows[0][5]).unwrap();
    assert_eq!(steps[0]["clause"], "INJ-2.1");
    assert_eq!(steps[0]["text"], "3.07 元 ÷ 3 = 1.023333… → 1.03 元（不高于 2 元，第 3 位小数直接进位）");
    assert_eq!(steps[0]["values"]["unit_price"], "1.03");
    assert_eq!(&rows[1][5], "");
    let line = r#"{"id":"s","candidates":[{"id":"a","pack_price":"1","pack_qty":1}]}"#;
    let (_, out) = run("injection-listing", &["--explain"], line);
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(object["steps"].as_array().unwrap().len(), 2);
}

/// A reader that stops listening is no reason to panic.
#[test]
fn a_closed_output_ends_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.csv");
    fs::write(&input, format!("pack_price,pack_qty\n{}", "10,10\n".repeat(200_000))).unwrap();
    let mut child = jicai()
        .args(["rule", "injection-price"])
        .arg(&input)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("the output cannot be written"));
}

/// Rows come out while others are still being written: memory does not grow with their number.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_rows() {
    let peak = |rows: usize| {
        let mut child = jicai()
            .args(["rule", "injection-price"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"pack_price,pack_qty\n").unwrap();
        stdin.write_all("25.79,10\n".repeat(rows).as_bytes()).unwrap();
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        drop(stdin);
        assert!(child.wait().unwrap().success());
        kib
    };
    let (few, many) = (peak(100_000), peak(2_000_000));
    // The allocator takes some MiB ahead; the rows of the longer run alone would be 17 MiB of text.
    assert!(many < few + 8 * 1024, "{few} KiB became {many} KiB");
}

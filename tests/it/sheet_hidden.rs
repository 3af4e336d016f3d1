//! Rows, columns and sheets that people do not see, and sheets beside the one that is read: all are named, none is read silently.

use jicai::platform::import::RunState;

use super::sheet_faults::shown;
use crate::support::raw_xlsx::{Raw, book, row, row_with, text, texts};
use crate::support::sheets::{DRUG_HEADS, checked, confirmed, drug, drug_code, drugs_xlsx};
use crate::support::{TestApp, Who, app_test};

fn drugs(of: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let mut rows = vec![row(1, &texts(&DRUG_HEADS))];
    for (number, n) in (2..).zip(of) {
        let cells: Vec<String> =
            drug(u32::try_from(n).expect("small"), 10_001).iter().map(|cell| text(cell)).collect();
        rows.push(row(number, &cells));
    }
    rows
}

async fn hidden_rows_and_columns_are_named(app: &TestApp) {
    let goods = (1..=3).map(|n| drug(n, 10_001)).collect::<Vec<_>>();
    let run = checked(app, "drugs", "goods.xlsx", drugs_xlsx(&goods)).await;
    confirmed(app, &run).await;
    let heads = ["药品代码", "包装挂网价", "起始日", "价格来源", "备注", "依据"];
    let line =
        |n: u32, price: &str| texts(&[&drug_code(n, 10_001), price, "2024-08-05", "一般", "内部", "整改"]);
    let rows = vec![
        row(1, &texts(&heads)),
        row(2, &line(1, "3.10")),
        row_with(3, "hidden=\"1\"", &line(2, "99.9")),
        row_with(4, "hidden=\"true\" ht=\"0\"", &line(3, "88.8")),
    ];
    let cols = "<cols><col min=\"5\" max=\"6\" width=\"9\" hidden=\"1\"/></cols>";
    let sheet = Raw { before: cols.into(), ..Raw::new("挂网", rows) };
    let run = checked(app, "old_listings", "hidden.xlsx", book(&[sheet])).await;
    assert_eq!((run.state, run.total, run.changed, run.bad), (RunState::Ready, 1, 1, 0), "{:?}", run.error);
    let detail = shown(app, run.id).await;
    assert_eq!(detail["source"]["hidden_rows"], 2);
    assert_eq!(detail["source"]["hidden_row_numbers"], serde_json::json!([3, 4]));
    let columns = serde_json::json!([{"column": "E", "head": "备注"}, {"column": "F", "head": "依据"}]);
    assert_eq!(detail["source"]["hidden_columns"], columns);
    let page = app.portal(Who::Officer).await.get(&format!("/imports/{}", run.id)).await.expect(200).text;
    for words in ["2 行被隐藏（第 3、4 行），没有读取", "2 列被隐藏（E 列“备注”、F 列“依据”），没有读取"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(confirmed(app, &run).await.refused, 0);
    // A price that nobody sees is not read in the place of the one that is seen.
    let rows = vec![
        row(1, &texts(&["药品代码", "挂网价", "新挂网价", "起始日", "价格来源"])),
        row(2, &texts(&[&drug_code(2, 10_001), "77.7", "3.1", "2024-08-05", "一般"])),
    ];
    let cols = "<cols><col min=\"2\" max=\"2\" width=\"0\"/></cols>";
    let sheet = Raw { before: cols.into(), ..Raw::new("挂网", rows) };
    let run = checked(app, "old_listings", "column.xlsx", book(&[sheet])).await;
    let error = run.error.unwrap_or_default();
    assert!(run.state == RunState::Failed && error.contains("“包装挂网价”列被隐藏"), "{error}");
}
app_test!(hidden_rows_and_columns_are_named);

async fn the_first_visible_sheet_with_the_heads_is_read(app: &TestApp) {
    let old = Raw { state: "veryHidden", ..Raw::new("去年", drugs(50..=59)) };
    let notes = Raw::new("说明", vec![row(1, &texts(&["本表由各企业填写"]))]);
    let (new, changed) = (Raw::new("新增", drugs(1..=3)), Raw::new("调整", drugs(4..=5)));
    let hidden = Raw { state: "hidden", ..Raw::new("历史数据", drugs(60..=60)) };
    let run = checked(app, "drugs", "sheets.xlsx", book(&[old, notes, new, changed, hidden])).await;
    assert_eq!((run.state, run.total, run.added), (RunState::Ready, 3, 3), "{:?}", run.error);
    let detail = shown(app, run.id).await;
    assert_eq!(detail["source"]["sheet"], "新增");
    let others: Vec<(&str, bool)> = detail["source"]["others"]
        .as_array()
        .expect("others")
        .iter()
        .map(|other| (other["name"].as_str().expect("name"), other["is_hidden"].as_bool().expect("hidden")))
        .collect();
    assert_eq!(others, [("说明", false), ("调整", false), ("去年", true), ("历史数据", true)]);
    let page = app.portal(Who::Officer).await.get(&format!("/imports/{}", run.id)).await.expect(200).text;
    for words in
        ["读取的是工作表“新增”", "工作表“说明”“调整”没有读取", "隐藏的工作表“去年”“历史数据”没有读取"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Heads in a hidden sheet only: refused, and the sheet is named.
    let old = Raw { state: "hidden", ..Raw::new("去年", drugs(50..=59)) };
    let notes = Raw::new("说明", vec![row(1, &texts(&["本表由各企业填写"]))]);
    let run = checked(app, "drugs", "none.xlsx", book(&[old, notes])).await;
    let error = run.error.unwrap_or_default();
    assert!(error.contains("没有找到表头") && error.contains("隐藏的工作表“去年”没有读取"), "{error}");
}
app_test!(the_first_visible_sheet_with_the_heads_is_read);

/// Each problem of a file is told where it is handed in by command too.
async fn the_command_names_what_it_did_not_read(test: crate::support::TestDb) {
    let dir = tempfile::tempdir().expect("dir");
    let mut rows = drugs(1..=2);
    rows[2] = rows[2].replace("<row r=\"3\"", "<row r=\"3\" hidden=\"1\"");
    let others = Raw { state: "hidden", ..Raw::new("去年", drugs(50..=59)) };
    std::fs::write(dir.path().join("a.xlsx"), book(&[Raw::new("新增", rows), others])).expect("file");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_jicai"));
    command.current_dir(dir.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("DATABASE_URL", test.url()).env("JICAI_METRICS_BIND", "").args(["import", "drugs", "a.xlsx"]);
    let output = command.output().expect("jicai");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for words in ["共 1 行", "读取的是工作表“新增”", "隐藏的工作表“去年”没有读取", "1 行被隐藏（第 3 行）"]
    {
        assert!(said.contains(words), "{words}: {said} {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_names_what_it_did_not_read_on_sqlite() {
    the_command_names_what_it_did_not_read(crate::support::TestDb::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_names_what_it_did_not_read_on_postgres() {
    if let Some(test) = crate::support::TestDb::postgres() {
        the_command_names_what_it_did_not_read(test).await;
    }
}

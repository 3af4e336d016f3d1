//! Cells that a spreadsheet program rewrote, could not compute or merged: each is named, none is taken for what it says.

use jicai::platform::import::{Run, RunState, Shape, shape};
use jicai::platform::sql::Id;
use serde_json::Value;

use crate::support::raw_xlsx::{Raw, book, dated, formula, number, row, text, texts};
use crate::support::sheets::{DRUG_HEADS, checked, confirmed, drug, drug_code, drugs_xlsx, standard_code};
use crate::support::{TestApp, Who, app_test};

/// A run as the API shows it.
pub async fn shown(app: &TestApp, id: Id) -> Value {
    app.api(Who::Officer).await.get(&format!("/api/v1/imports/{id}")).await.expect(200).json()
}

/// Its faults, or its questions, as row, column and sentence.
pub fn said(run: &Value, member: &str) -> Vec<(u64, String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let all = run[member].as_array().expect("a list").iter();
    all.map(|f| (f["row"].as_u64().unwrap_or(0), text(&f["column"]), text(&f["detail"]))).collect()
}

/// Whether a row has a sentence that begins or goes on like that.
pub fn has(all: &[(u64, String, String)], row: u64, column: &str, words: &str) -> bool {
    all.iter().any(|(r, c, d)| *r == row && c == column && d.contains(words))
}

fn cells(row: &[String]) -> Vec<String> {
    row.iter().map(|cell| text(cell)).collect()
}

/// A workbook of drugs with one cell of each row made by hand: row 2 and on, each with its column.
fn drugs_with(odd: &[(usize, String)]) -> Vec<u8> {
    let mut rows = vec![row(1, &texts(&DRUG_HEADS))];
    for (n, (column, cell)) in (2..).zip(odd) {
        let mut cells = cells(&drug(u32::try_from(n).expect("small"), 10_001));
        cells[*column] = cell.clone();
        rows.push(row(n, &cells));
    }
    book(&[Raw::new("药品", rows)])
}

#[test]
fn only_true_thousands_lose_their_commas() {
    for (typed, read) in [
        ("5.8", "5.80"),
        ("1,234.5", "1234.50"),
        ("1，234．5", "1234.50"),
        ("１２，３４５", "12345.00"),
        ("1,234,567", "1234567.00"),
        ("5,80", "5,80"),
        ("5，80", "5，80"),
        ("1,23", "1,23"),
        ("12,34,5", "12,34,5"),
        ("1.234,50", "1.234,50"),
        (",5", ",5"),
        ("5,", "5,"),
        ("1234,567", "1234,567"),
        ("1,234.", "1,234."),
        ("-1,234", "-1,234"),
    ] {
        assert_eq!(Shape::Price.canonical(typed), read, "{typed}");
    }
    assert_eq!(Shape::Whole.canonical("1,000"), "1000");
    assert_eq!(Shape::Whole.canonical("1,00"), "1,00");
}

#[test]
fn a_day_is_a_day_within_two_minutes_of_midnight() {
    for text in [
        "2024-09-10",
        "2024/9/10",
        "2024.9.10",
        "2024年9月10日",
        "２０２４－９－１０",
        "2024-09-10T00:00:00",
        "2024-09-10T00:00:00.000Z",
        "2024-09-10 00:00:00",
        "2024/9/10 0:00",
        "2024-09-10 00:00:43",
        "2024-09-10 00:02:00",
        "2024-09-09 23:58:00",
        "2024-09-09 23:59:59",
    ] {
        assert_eq!(shape::day(text).map(|day| day.to_string()), Ok("2024-09-10".into()), "{text}");
    }
    for (text, words) in [
        ("45545", "若指 2024-09-10"),
        ("45545.000497685185", "若指 2024-09-10"),
        ("2024-09-10 08:00:00", "不填时刻"),
        ("2024-09-10 00:02:01", "不填时刻"),
        ("2024-09-09T16:00:00.000Z", "不填时刻"),
        ("1989-12-31", "1990 至 2099"),
        ("2100-01-01", "1990 至 2099"),
        ("+10000-01-01", "应为日期"),
        ("10000-01-01", "应为日期"),
        ("2024-02-30", "应为日期"),
        ("24-9-10", "1990 至 2099"),
        ("9月10日", "应为日期"),
        ("12", "应为日期"),
        ("", "应为日期"),
    ] {
        let fault = shape::day(text).expect_err(text).chinese();
        assert!(fault.contains(words), "{text}: {fault}");
    }
}

async fn what_excel_could_not_compute_is_a_fault(app: &TestApp) {
    let odd = [
        (1, formula("e", "<v>#N/A</v>")),
        (1, formula("e", "<v>#SPILL!</v>")),
        (2, formula("n", "")),
        (2, formula("n", "<v></v>")),
        (9, "<c t=\"b\"><v>1</v></c>".to_owned()),
        (5, text("#REF!")),
        (2, formula("str", "<v></v>")),
        (6, formula("n", "<v>12</v>")),
        (6, formula("n", "<v>12.5</v>")),
        (4, dated("45545")),
        (2, text("########")),
    ];
    let run = checked(app, "drugs", "odd.xlsx", drugs_with(&odd)).await;
    assert_eq!((run.state, run.total, run.bad, run.added), (RunState::Ready, 11, 9, 2), "{:?}", run.error);
    let faults = said(&shown(app, run.id).await, "faults");
    for (row, column, words) in [
        (2, "注册名称", "单元格 B2 公式出错（#N/A）"),
        (3, "注册名称", "单元格 B3 公式出错（#SPILL!）"),
        (4, "商品名称", "单元格 C4 的公式没有计算结果"),
        (5, "商品名称", "单元格 C5 的公式没有计算结果"),
        (6, "药品企业", "单元格 J6 是逻辑值 TRUE"),
        (7, "包装材质", "单元格 F7 公式出错（#REF!）"),
        (10, "最小包装数量", "由公式算出"),
        (11, "注册规格", "单元格 E11 是日期 2024-09-10"),
        (12, "商品名称", "单元格 C12 公式出错（########）"),
    ] {
        assert!(has(&faults, row, column, words), "{row} {column} {words}: {faults:?}");
    }
    assert_eq!(faults.len(), 9, "one sentence a cell: {faults:?}");
    assert_eq!(confirmed(app, &run).await.added, 2);
    let page = app.portal(Who::Hospital).await.get("/catalogue?q=%23N%2FA").await.expect(200).text;
    assert!(!page.contains("国药准字H00000002"), "no product is called #N/A: {page}");
    // An error in a sheet of details takes nothing away.
    let heads = texts(&["药品代码", "厂牌", "装量"]);
    let bad = vec![text(&drug_code(8, 10_001)), formula("e", "<v>#N/A</v>"), text("")];
    let sheet = book(&[Raw::new("补充", vec![row(1, &heads), row(2, &bad)])]);
    let run = checked(app, "details", "details.xlsx", sheet).await;
    assert_eq!((run.bad, run.changed), (1, 0));
}
app_test!(what_excel_could_not_compute_is_a_fault);

async fn numbers_that_excel_rewrote_are_named(app: &TestApp) {
    let words = "Excel 已改写此数字，请把该列设为文本";
    let odd = [
        (11, number("8690100012345678")),
        (11, text("8.69012E+13")),
        (11, text("=\"86901000123456\"")),
        (11, text("'86901000123456")),
        (5, number("1234567890123456789")),
        (9, text("1.2E+15")),
        (11, number(&standard_code(10_001, 9))),
    ];
    let run = checked(app, "drugs", "long.xlsx", drugs_with(&odd)).await;
    assert_eq!((run.total, run.bad), (7, 6));
    let faults = said(&shown(app, run.id).await, "faults");
    for (row, column) in [
        (2, "药品本位码"),
        (3, "药品本位码"),
        (4, "药品本位码"),
        (5, "药品本位码"),
        (6, "包装材质"),
        (7, "药品企业"),
    ] {
        assert!(has(&faults, row, column, words), "{row} {column}: {faults:?}");
    }
    // The same in CSV, and codes that a hand broke.
    let mut rows: Vec<Vec<String>> = (1..=4).map(|n| drug(n, 10_001)).collect();
    rows[0][11] = "8.69E+13".into();
    rows[1][0] = rows[1][0].to_lowercase();
    rows[2][0].insert(7, ' ');
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    let file = format!("{}\n{}\n", DRUG_HEADS.join(","), lines.join("\n"));
    let run = checked(app, "drugs", "long.csv", file.into_bytes()).await;
    assert_eq!((run.total, run.bad), (4, 3));
    let faults = said(&shown(app, run.id).await, "faults");
    assert!(has(&faults, 2, "药品本位码", words), "{faults:?}");
    assert!(has(&faults, 3, "药品代码", "小写字母"), "{faults:?}");
    assert!(has(&faults, 4, "药品代码", "空格"), "{faults:?}");
}
app_test!(numbers_that_excel_rewrote_are_named);

async fn rows_have_the_numbers_of_the_sheet(app: &TestApp) {
    let mut bad = drug(2, 10_001);
    bad[6] = "一".into();
    let (heads, good, bad) = (DRUG_HEADS.join(","), drug(1, 10_001).join(","), bad.join(","));
    for (name, file, row) in [
        ("blank.csv", format!("{heads}\n{good}\n\n\n{bad}\n"), 5),
        ("crlf.csv", format!("{heads}\r\n\r\n{good}\r\n{bad}\r\n"), 4),
        ("title.csv", format!("\n国家药品编码\n\n{heads}\n{good}\n{bad}"), 6),
        ("commas.csv", format!("{heads}\n,,,\n{good}\n{bad}\n"), 4),
        ("within.csv", format!("{heads}\n{}\n{bad}\n", good.replace("铝塑包装", "\"铝塑\n\n包装\"")), 3),
    ] {
        let run = checked(app, "drugs", name, file.into_bytes()).await;
        let faults = said(&shown(app, run.id).await, "faults");
        assert!(has(&faults, row, "最小包装数量", "应为 1 至"), "{name}: {faults:?}");
    }
}
app_test!(rows_have_the_numbers_of_the_sheet);

async fn merged_cells_below_the_head_are_a_fault(app: &TestApp) {
    let mut rows = vec![row(1, &texts(&["国家药品编码"])), row(2, &texts(&DRUG_HEADS))];
    for n in 3..=6_usize {
        let mut cells = cells(&drug(u32::try_from(n).expect("small"), 10_001));
        if n == 4 {
            cells[9] = text("");
        }
        rows.push(row(n, &cells));
    }
    let merges = "<mergeCells><mergeCell ref=\"A1:L1\"/><mergeCell ref=\"J3:J4\"/><mergeCell ref=\"N5:N6\"/></mergeCells>";
    let sheet = Raw { behind: merges.into(), ..Raw::new("药品", rows) };
    let run = checked(app, "drugs", "merged.xlsx", book(&[sheet])).await;
    assert_eq!((run.state, run.total, run.bad, run.added), (RunState::Ready, 4, 2, 2), "{:?}", run.error);
    let faults = said(&shown(app, run.id).await, "faults");
    for row in [3, 4] {
        assert!(has(&faults, row, "药品企业", "属于合并单元格 J3:J4，请取消合并"), "{faults:?}");
    }
    assert_eq!(faults.len(), 2, "{faults:?}");
}
app_test!(merged_cells_below_the_head_are_a_fault);

/// What the marked sheet has in a cell, from 0.
async fn marked(app: &TestApp, run: &Run, cell: (usize, usize)) -> calamine::Data {
    use calamine::Reader;
    let officer = app.api(Who::Officer).await;
    let request = officer.request("GET", &format!("/api/v1/imports/{}/sheet.xlsx", run.id));
    let bytes = request.send().await.expect("answer").bytes().await.expect("bytes").to_vec();
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    range.get(cell).cloned().unwrap_or_default()
}

async fn the_marked_sheet_gives_numbers_back_as_numbers(app: &TestApp) {
    let drugs: Vec<Vec<String>> = (1..=3).map(|n| drug(n, 10_001)).collect();
    let run = checked(app, "drugs", "drugs.xlsx", drugs_xlsx(&drugs)).await;
    confirmed(app, &run).await;
    let line =
        |n: u32, price: String| vec![text(&drug_code(n, 10_001)), price, text("2024-08-05"), text("一般")];
    let sheet = book(&[Raw::new(
        "挂网",
        vec![
            row(1, &texts(&["药品代码", "包装挂网价", "起始日", "价格来源"])),
            row(2, &line(1, number("3.3000000000000003"))),
            row(3, &line(2, text("1,234.5"))),
            row(4, &line(3, text("5,80"))),
            row(5, &line(9, number("7.5"))),
        ],
    )]);
    let run = checked(app, "old_listings", "prices.xlsx", sheet).await;
    assert_eq!((run.changed, run.bad), (2, 2));
    let preview = &shown(app, run.id).await["preview"]["rows"];
    let values = |n: usize| preview[n]["cells"][1]["value"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (values(0), values(1)),
        ("3.30".into(), "1234.50".into()),
        "what was read, not what was typed"
    );
    for (row, value) in [
        (1, calamine::Data::Float(3.3)),
        (2, calamine::Data::Float(1234.5)),
        (3, calamine::Data::String("5,80".into())),
        (4, calamine::Data::Float(7.5)),
    ] {
        assert_eq!(marked(app, &run, (row, 1)).await, value, "row {row}");
    }
    assert_eq!(marked(app, &run, (1, 0)).await, calamine::Data::String(drug_code(1, 10_001)));
    let faults = said(&shown(app, run.id).await, "faults");
    assert!(has(&faults, 4, "包装挂网价", "应为只含数字"), "{faults:?}");
}
app_test!(the_marked_sheet_gives_numbers_back_as_numbers);

#[test]
fn a_sheet_of_more_than_a_hundred_thousand_rows_keeps_them_all() {
    use calamine::Reader;
    use jicai::platform::sheet::{Cell, Column, Sheet};
    let mut sheet = Sheet::new("订单", vec![Column::new("序号", 9)]);
    for n in 1..=100_010 {
        sheet.row(vec![Cell::Whole(n)]);
    }
    sheet.note("合计");
    let bytes = sheet.bytes().expect("bytes");
    let mut book: calamine::Xlsx<_> = calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    assert_eq!(range.get_value((100_010, 0)), Some(&calamine::Data::Float(100_010.0)));
    assert_eq!(range.get_value((100_011, 0)), Some(&calamine::Data::String("合计".into())));
}

/// Days as programs in China store them.
async fn days_of_a_workbook_are_days(app: &TestApp) {
    let drugs: Vec<Vec<String>> = (1..=9).map(|n| drug(n, 10_001)).collect();
    let run = checked(app, "drugs", "drugs.xlsx", drugs_xlsx(&drugs)).await;
    confirmed(app, &run).await;
    let iso = |text: &str| format!("<c t=\"d\"><v>{text}</v></c>");
    let days = [
        dated("45545"),
        dated("45545.000497685185"),
        dated("45544.99999999"),
        iso("2024-09-10T00:00:00"),
        text("2024-09-10 00:00:00"),
        dated("45545.5"),
        number("45545"),
        dated("80000"),
        dated("0.5"),
    ];
    let mut rows = vec![row(1, &texts(&["药品代码", "包装挂网价", "起始日", "价格来源"]))];
    for (n, day) in (2..).zip(&days) {
        let code = drug_code(u32::try_from(n - 1).expect("small"), 10_001);
        rows.push(row(n, &[text(&code), text("5.80"), day.clone(), text("一般")]));
    }
    let run = checked(app, "old_listings", "days.xlsx", book(&[Raw::new("挂网", rows)])).await;
    assert_eq!((run.state, run.bad, run.changed), (RunState::Ready, 4, 5), "{:?}", run.error);
    let detail = shown(app, run.id).await;
    for n in 0..5 {
        assert_eq!(detail["preview"]["rows"][n]["cells"][2]["value"], "2024-09-10", "row {}", n + 2);
    }
    let faults = said(&detail, "faults");
    for (row, words) in [(7, "不填时刻"), (8, "若指 2024-09-10"), (9, "1990 至 2099"), (10, "1990 至 2099")]
    {
        assert!(has(&faults, row, "起始日", words), "{row} {words}: {faults:?}");
    }
}
app_test!(days_of_a_workbook_are_days);

//! Files that cannot be right, or look as if they were not: what is said about them, and what goes back.

use std::io::{Cursor, Write};

use calamine::{Data, Reader, Xlsx};
use jicai::platform::import::RunState;

use crate::support::sheets::{DRUG_HEADS, REAL, checked, drug, drugs_xlsx, hand_in, xlsx};
use crate::support::{TestApp, Who, app_test};

fn owned(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|c| (*c).to_owned()).collect()
}

/// Faults of a run as (row, column, sentence).
async fn faults(app: &TestApp, id: jicai::platform::sql::Id) -> Vec<(u64, String, String)> {
    let run = app.api(Who::Officer).await.get(&format!("/api/v1/imports/{id}")).await.expect(200).json();
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    let faults = run["faults"].as_array().expect("faults").iter();
    faults.map(|f| (f["row"].as_u64().unwrap_or(0), text(&f["column"]), text(&f["detail"]))).collect()
}

async fn each_bad_cell_is_named(app: &TestApp) {
    let mut rows: Vec<Vec<String>> = (1..=8).map(|n| drug(n, 10_001)).collect();
    rows[1][0] = rows[0][0].clone();
    let other = if rows[2][11].ends_with('0') { "1" } else { "0" };
    rows[2][11].replace_range(13..14, other);
    rows[3][0].replace_range(18..23, "99999");
    rows[4][6] = "1.5".into();
    rows[5][1] = " ".into();
    rows[6][0] = "Y123".into();
    let run = checked(app, "drugs", "bad.xlsx", drugs_xlsx(&rows)).await;
    assert_eq!((run.state, run.total, run.bad, run.added), (RunState::Ready, 8, 7, 1));
    let found = faults(app, run.id).await;
    for (row, column, words) in [
        (2, "药品代码", "与第 3 行重复"),
        (3, "药品代码", "与第 2 行重复"),
        (4, "药品本位码", "校验码不符"),
        (5, "药品代码", "后 5 位与药品本位码第 4 至 8 位不一致"),
        (6, "最小包装数量", "应为 1 至 1000000 的整数，表中是“1.5”"),
        (7, "注册名称", "请填写注册名称"),
        (8, "药品代码", "开头不对"),
    ] {
        assert!(
            found.iter().any(|(r, c, d)| *r == row && c == column && d.contains(words)),
            "{row} {column} {words}: {found:?}"
        );
    }
    assert_eq!(found.len(), 7, "{found:?}");
}
app_test!(each_bad_cell_is_named);

async fn the_marked_sheet_comes_back_and_no_formula_with_it(app: &TestApp) {
    let mut rows: Vec<Vec<String>> = (1..=3).map(|n| drug(n, 10_001)).collect();
    rows[0][1] = "=cmd|' /C calc'!A0".into();
    rows[1][6] = "=HYPERLINK(\"http://x\")".into();
    let run = checked(app, "drugs", "bad.xlsx", drugs_xlsx(&rows)).await;
    let officer = app.api(Who::Officer).await;
    let request = officer.request("GET", &format!("/api/v1/imports/{}/sheet.xlsx", run.id));
    let bytes = request.send().await.expect("answer").bytes().await.expect("bytes").to_vec();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).expect("xlsx");
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).expect("range");
    let cell = |r: usize, c: usize| range.get((r, c)).cloned().unwrap_or(Data::Empty);
    assert_eq!(cell(0, 0), Data::String("药品代码".into()));
    assert_eq!(cell(0, 12), Data::String("需更正的内容".into()));
    assert_eq!(cell(1, 1), Data::String("=cmd|' /C calc'!A0".into()), "text, as it was");
    assert_eq!(cell(3, 12), Data::Empty);
    assert!(matches!(cell(2, 12), Data::String(s) if s.contains("最小包装数量应为")));
    assert_eq!(book.worksheet_formula(&name).expect("formulas").used_cells().count(), 0);
    // Text that looks like a formula is marked as text for whoever saves the sheet as CSV.
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("zip");
    let styles = std::io::read_to_string(archive.by_name("xl/styles.xml").expect("styles")).expect("text");
    assert!(styles.contains("quotePrefix=\"1\""), "{styles}");
    // Mended, it goes in as it is: the column with the reasons is passed over.
    let mut mended = vec![DRUG_HEADS.map(str::to_owned).to_vec()];
    mended[0].push("需更正的内容".into());
    mended.extend((1..=3).map(|n| drug(n, 10_001)));
    let run = checked(app, "drugs", "mended.xlsx", xlsx(&mended)).await;
    assert_eq!((run.bad, run.added), (0, 3));
}
app_test!(the_marked_sheet_comes_back_and_no_formula_with_it);

/// Heads as offices make them: a title over all columns, and each head over two rows, all of it merged.
fn merged() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let (sheet, plain) = (book.add_worksheet(), rust_xlsxwriter::Format::new());
    sheet.merge_range(0, 0, 0, 11, "国家医保药品编码（2024 年）", &plain).expect("title");
    for (n, head) in (0_u16..).zip(DRUG_HEADS) {
        sheet.merge_range(1, n, 2, n, head, &plain).expect("head");
    }
    for (n, row) in (3_u32..).zip([drug(1, 10_001), drug(2, 10_001)]) {
        for (column, text) in (0_u16..).zip(row) {
            sheet.write_string(n, column, text).expect("cell");
        }
    }
    book.save_to_buffer().expect("xlsx")
}

/// Several columns under one merged head: which is which cannot be known, and nothing is guessed.
fn merged_across() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let (sheet, plain) = (book.add_worksheet(), rust_xlsxwriter::Format::new());
    for (n, head) in (0_u16..).zip(DRUG_HEADS).filter(|(n, _)| !(6..=8).contains(n)) {
        sheet.write_string(0, n, head).expect("head");
    }
    sheet.merge_range(0, 6, 0, 8, "最小包装", &plain).expect("head");
    for (column, text) in (0_u16..).zip(drug(1, 10_001)) {
        sheet.write_string(1, column, text).expect("cell");
    }
    book.save_to_buffer().expect("xlsx")
}

async fn sheets_of_every_sort_are_read(app: &TestApp) {
    let heads = DRUG_HEADS.join(",");
    let row = |n: u32| drug(n, 10_001).join(",");
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let plain = format!("{heads}\n{}\n{}\n", row(1), row(2));
    let mixed = format!("{heads}\r\n{}\n{}\r\n\r\n", row(1), row(2));
    let wide = format!("{heads}\n{}\n{}", row(1).replace("12", "１２"), row(2));
    let mut titled = vec![owned(&["国家医保药品编码（2024 年）"]), owned(&[""])];
    titled.push(DRUG_HEADS.iter().rev().map(|h| (*h).to_owned()).collect());
    titled.extend((1..=2).map(|n| drug(n, 10_001).into_iter().rev().collect::<Vec<_>>()));
    let mut cached = vec![drug(1, 10_001), drug(2, 10_001)];
    cached[0][6] = "=cached:12".into();
    for (name, bytes) in [
        ("utf8.csv", plain.clone().into_bytes()),
        ("bom.csv", [b"\xef\xbb\xbf", plain.as_bytes()].concat()),
        ("gbk.csv", gbk(&plain)),
        ("mixed.csv", mixed.into_bytes()),
        ("wide.csv", wide.into_bytes()),
        ("renamed.xlsx", gbk(&plain).into_iter().chain(*b"\n").collect()),
        ("title.xlsx", xlsx(&titled)),
        ("merged.xlsx", merged()),
        ("formula.xlsx", drugs_xlsx(&cached)),
    ] {
        let run = checked(app, "drugs", name, bytes).await;
        assert_eq!((run.state, run.total, run.bad, run.added), (RunState::Ready, 2, 0, 2), "{name}: {run:?}");
    }
}
app_test!(sheets_of_every_sort_are_read);

/// An xlsx whose sheet inflates to more than any real one.
fn bomb() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("part", options).expect("part");
    archive.write_all(&vec![b' '; 16 << 20]).expect("blanks");
    let mut one = archive.finish_into_readable().expect("zip");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for n in 0..40 {
        let part = one.by_index_raw(0).expect("part");
        archive.raw_copy_file_rename(part, format!("xl/worksheets/sheet{n}.xml")).expect("copy");
    }
    archive.finish().expect("zip").into_inner()
}

async fn what_is_no_sheet_is_refused_in_words(app: &TestApp) {
    let lacking = format!("{}\n", DRUG_HEADS[..11].join(",").replace("批准文号", "文号"));
    let twice = format!("{},药品代码\n{}\n", DRUG_HEADS.join(","), drug(1, 1).join(","));
    for (name, bytes, words) in [
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff".to_vec(), "既不是 Excel"),
        ("broken.xlsx", b"PK\x03\x04 not an archive".to_vec(), "无法读取"),
        ("bomb.xlsx", bomb(), "表格过大"),
        ("lacking.csv", lacking.into_bytes(), "表头缺少“批准文号”列"),
        ("twice.csv", twice.into_bytes(), "“药品代码”出现了两次"),
        ("across.xlsx", merged_across(), "表头缺少“最小包装数量”“最小制剂单位”“最小包装单位”列"),
        ("heads.csv", DRUG_HEADS.join(",").into_bytes(), "表头下面没有数据"),
        ("other.csv", b"a,b\n1,2\n".to_vec(), "没有找到表头"),
    ] {
        let run = checked(app, "drugs", name, bytes).await;
        assert_eq!(run.state, RunState::Failed, "{name}");
        assert!(run.error.as_deref().is_some_and(|e| e.contains(words)), "{name}: {:?}", run.error);
        let page = app.portal(Who::Officer).await.get(&format!("/imports/{}", run.id)).await.expect(200);
        assert!(page.text.contains(words), "{name}: {}", page.text);
        assert!(!page.text.contains("检查结果"), "{name}: a table of zeros");
    }
    hand_in(app, "drugs", "empty.csv", Vec::new()).await.problem(422, "INVALID");
    hand_in(app, "unknown", "a.csv", REAL.as_bytes().to_vec()).await.problem(404, "NOT_FOUND");
    hand_in(app, "drugs", "large.csv", vec![b'x'; 21 << 20]).await.problem(413, "TOO_LARGE");
}
app_test!(what_is_no_sheet_is_refused_in_words);

async fn templates_have_every_column_and_can_be_filled_in(app: &TestApp) {
    for spec in jicai::offices::ALL.sheets() {
        let officer = app.api(Who::Officer).await;
        let request = officer.request("GET", &format!("/api/v1/import-templates/{}", spec.kind));
        let bytes = request.send().await.expect("answer").bytes().await.expect("bytes").to_vec();
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).expect("xlsx");
        let range = book.worksheet_range_at(0).expect("a sheet").expect("range");
        let heads: Vec<String> =
            range.rows().next().expect("heads").iter().map(ToString::to_string).collect();
        assert_eq!(heads, spec.columns.iter().map(|c| c.head).collect::<Vec<_>>(), "{}", spec.kind);
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("zip");
        let sheet = std::io::read_to_string(archive.by_name("xl/worksheets/sheet1.xml").expect("sheet"))
            .expect("text");
        let lists = spec.columns.iter().filter(|c| !c.choices.is_empty()).count();
        assert_eq!(sheet.matches("type=\"list\"").count(), lists, "{}", spec.kind);
    }
}
app_test!(templates_have_every_column_and_can_be_filled_in);

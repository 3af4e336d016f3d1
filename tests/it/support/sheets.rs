//! Sheets for tests of imports, and who carries their jobs out.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use jicai::offices;
use jicai::platform::import::{self, Run};
use jicai::platform::jobs::{Registry, runner};
use jicai::platform::policy::Policies;
use jicai::platform::sql::Id;
use rust_xlsxwriter::{Formula, Workbook};

use super::{Actor, Answer, TestApp, Who};

/// The heads of the national workbook as our template has them.
pub const DRUG_HEADS: [&str; 12] = [
    "药品代码",
    "注册名称",
    "商品名称",
    "注册剂型",
    "注册规格",
    "包装材质",
    "最小包装数量",
    "最小制剂单位",
    "最小包装单位",
    "药品企业",
    "批准文号",
    "药品本位码",
];

/// The 25 real rows.
pub const REAL: &str = include_str!("../../data/national_drugs.csv");

/// A standard code of an enterprise; the check digit is computed after its definition: from the right, even places count
/// three times.
pub fn standard_code(enterprise: u32, product: u32) -> String {
    let body = format!("869{enterprise:05}{product:05}");
    let digits: Vec<u32> = body.chars().map(|c| c.to_digit(10).expect("digit")).collect();
    let sum: u32 = digits.iter().rev().enumerate().map(|(n, d)| if n % 2 == 0 { d * 3 } else { *d }).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A drug code of an enterprise.
pub fn drug_code(n: u32, enterprise: u32) -> String {
    format!("XJ01DDT{n:011}{enterprise:05}")
}

/// A row of the national workbook.
pub fn drug(n: u32, enterprise: u32) -> Vec<String> {
    let cells: [String; 12] = [
        drug_code(n, enterprise),
        format!("试验片{}", n % 50),
        "无".into(),
        "片剂".into(),
        format!("{}mg", n % 9 + 1),
        "铝塑包装".into(),
        "12".into(),
        "片".into(),
        "盒".into(),
        format!("第{enterprise}制药有限公司"),
        format!("国药准字H{n:08}"),
        standard_code(enterprise, n % 100_000),
    ];
    cells.to_vec()
}

/// A sheet as xlsx; numbers stay text.
pub fn xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in (0_u32..).zip(rows) {
        for (c, text) in (0_u16..).zip(row) {
            match text.strip_prefix("=cached:") {
                Some(cached) => {
                    sheet.write_formula(r, c, Formula::new("=1+1").set_result(cached)).expect("cell");
                }
                None => {
                    sheet.write_string(r, c, text).expect("cell");
                }
            }
        }
    }
    book.save_to_buffer().expect("xlsx")
}

/// Heads and rows of the national workbook as xlsx.
pub fn drugs_xlsx(rows: &[Vec<String>]) -> Vec<u8> {
    let mut all = vec![DRUG_HEADS.map(str::to_owned).to_vec()];
    all.extend_from_slice(rows);
    xlsx(&all)
}

/// All cells of the first sheet at an address; a whole number is written without a point.
pub async fn cells(who: &Actor, path: &str) -> Vec<String> {
    let answer = who.request("GET", path).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{path}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes().await.expect("bytes"))).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    range.used_cells().map(|(_, _, cell): (usize, usize, &Data)| cell.to_string()).collect()
}

/// Runs what the jobs have to do.
pub async fn work(app: &TestApp) {
    let mut registry = Registry::default();
    offices::ALL.register(&mut registry, &Policies::shipped().expect("policies"));
    runner::drain(&app.db, &app.clock, &registry).await.expect("jobs");
}

/// Hands a sheet in at the API, lets it be checked, and answers the run.
pub async fn checked(app: &TestApp, kind: &str, name: &str, bytes: Vec<u8>) -> Run {
    let run = hand_in(app, kind, name, bytes).await.expect(201).json();
    work(app).await;
    of(app, run["id"].as_str().expect("id").parse().expect("key")).await
}

/// Hands a sheet in at the API.
pub async fn hand_in(app: &TestApp, kind: &str, name: &str, bytes: Vec<u8>) -> Answer {
    let officer = app.api(Who::Officer).await;
    let path = format!("/api/v1/imports?kind={kind}&name={name}");
    let request = officer.request("POST", &path).header("content-type", "application/octet-stream");
    officer.send(request.body(bytes)).await
}

/// Confirms a run and lets it be loaded.
pub async fn confirmed(app: &TestApp, run: &Run) -> Run {
    let officer = app.api(Who::Officer).await;
    let path = format!("/api/v1/imports/{}/confirm", run.id);
    officer.send(officer.request("POST", &path)).await.expect(200);
    work(app).await;
    let run = of(app, run.id).await;
    // Whoever confirmed it is told of its end.
    let told = app.take_mails_about(&run.file_name).await;
    assert_eq!(told.len(), usize::from(!run.state.is_busy()), "{told:?}");
    run
}

/// A run as it is now.
pub async fn of(app: &TestApp, id: Id) -> Run {
    app.db.read(move |conn| import::find(conn, id)).await.expect("a run")
}

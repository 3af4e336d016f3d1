//! `jicai audit verify --rows` over the national workbook, beside reading the same rows once.

use std::path::Path;
use std::time::Instant;

use diesel::prelude::*;
use diesel::query_dsl::methods::LoadQuery;
use diesel::sqlite::SqliteConnection;
use jicai::catalogue::model::{MiCode, Product};
use jicai::platform::schema::{mi_code, product};
use jicai::platform::sql::{AnyConn, Target};

use super::catalogue;
use super::report::Report;
use super::server::{BINARY, Demo, command, installation};

const ROUNDS: usize = 3;

/// Imports the workbook into a fresh demo on SQLite and verifies it; nobody serves it meanwhile.
pub async fn measure(report: &mut Report, dir: &Path) {
    drop(Demo::run(Path::new(BINARY), dir, None).await);
    let database = dir.join("demo.sqlite");
    catalogue::imported(Path::new(BINARY), &format!("sqlite:{}", database.display()), dir).await;
    let (mut reading, mut with_rows, mut without, mut said) = (vec![], vec![], vec![], String::new());
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        rows = read_all(&database);
        reading.push(begun.elapsed().as_secs_f64());
        let (seconds, words) = verify(dir, &["--rows"]);
        with_rows.push(seconds);
        without.push(verify(dir, &[]).0);
        said = words;
    }
    let [reading, with_rows, without] = [reading, with_rows, without].map(crate::median);
    let note =
        format!("{rows} rows of products and their codes, each into its fields; medians of three rounds");
    report.add("SQLite: 300,000 products read once with SELECT *, s", reading, &note);
    report.add("SQLite: audit verify without rows, s", without, "the demo's own entries");
    report.add(
        "SQLite: audit verify --rows over 300,000 products, s",
        with_rows,
        &format!("the whole command; {said}"),
    );
    report.add("SQLite: SELECT * / audit verify --rows", reading / with_rows, "promised: at least 0.5");
}

/// Seconds, and how it ended.
fn verify(dir: &Path, more: &[&str]) -> (f64, String) {
    let begun = Instant::now();
    let ran = command(Path::new(BINARY))
        .args(["audit", "verify"])
        .args(more)
        .envs(installation(dir))
        .output()
        .expect("the binary");
    let seconds = begun.elapsed().as_secs_f64();
    let ended = match ran.status.code() {
        Some(0) => "all agrees".to_owned(),
        Some(1) => format!("{} lines of findings", String::from_utf8_lossy(&ran.stdout).lines().count()),
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&ran.stderr)),
    };
    (seconds, ended)
}

/// Every row that came with the workbook and that the audit knows, once, in the order of the disk.
fn read_all(database: &Path) -> usize {
    let Ok(AnyConn::Sqlite(mut conn)) = Target::Sqlite(database.into()).open() else { panic!("no database") };
    counted::<Product, _>(&mut conn, product::table) + counted::<MiCode, _>(&mut conn, mi_code::table)
}

fn counted<'a, Row, Query>(conn: &'a mut SqliteConnection, query: Query) -> usize
where
    Query: RunQueryDsl<SqliteConnection> + LoadQuery<'a, SqliteConnection, Row> + 'a,
    Row: 'a,
{
    let rows = query.load_iter::<Row, diesel::connection::DefaultLoadingMode>(conn).expect("rows");
    rows.inspect(|row| assert!(std::hint::black_box(row).is_ok(), "a row")).count()
}

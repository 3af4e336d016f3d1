//! May an instance start, is it ready, what does it measure; files and sheets.

use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

use chrono::Duration;
use jicai::platform::clock::{self, Clock};
use jicai::platform::config::Config;
use jicai::platform::db::Db;
use jicai::platform::error::Error;
use jicai::platform::sheet::template::{Field, REASONS, Template};
use jicai::platform::sheet::{Book, Cell, Limits, Sheet, SheetRow};
use jicai::platform::sql::Target;
use jicai::platform::{files, health, log, metrics as metrics_page};

use crate::support::both_engines;

fn production() -> Config {
    let file = include_str!("../../config/production.example.toml");
    Config::from_parts(Some(file), &[("JICAI_MAIL_SMTP_PASSWORD".into(), "x".into())]).unwrap()
}

async fn an_instance_whose_clock_is_off_refuses_to_start(db: Db) {
    let clock = Clock::default();
    health::check_clock(&db, &clock).await.unwrap();
    for off in [3, -3] {
        let clock = Clock::default();
        clock.advance(Duration::seconds(off));
        let checked = health::check_clock(&db, &clock).await;
        match db.target() {
            // The embedded database has no clock of its own.
            Target::Sqlite(_) => checked.unwrap(),
            Target::Postgres(_) => {
                let Err(Error::Internal(said)) = checked else { panic!("{off} s were accepted") };
                assert!(said.contains("相差超过 1 秒"), "{said}");
            }
        }
    }
}
both_engines!(an_instance_whose_clock_is_off_refuses_to_start);

async fn production_refuses_a_moved_legal_clock(db: Db) {
    let demo = Config::from_parts(None, &[]).unwrap();
    health::check_legal_clock(&db, &production()).await.unwrap();
    let now = Clock::default().now();
    db.write_unaudited("test.clock", move |c| clock::set_legal(c, now, now.plus(Duration::days(3))))
        .await
        .unwrap();
    health::check_legal_clock(&db, &demo).await.unwrap();
    let Err(Error::Internal(said)) = health::check_legal_clock(&db, &production()).await else {
        panic!("accepted")
    };
    assert!(said.contains("法定时间") && said.contains("training"), "{said}");
}
both_engines!(production_refuses_a_moved_legal_clock);

async fn it_is_ready_while_the_database_answers(db: Db) {
    assert_eq!(health::ready(&db).await.unwrap().status, "ok");
}
both_engines!(it_is_ready_while_the_database_answers);

/// A slow statement is logged without its values, and counted. Who listens to the log and what is slow is the whole process's
/// matter, so it happens in a process of its own.
#[test]
fn slow_statements_are_logged_without_their_values() {
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ground_health::child_with_a_slow_statement", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    assert!(
        alone.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&alone.stderr)
    );
}

const CHILD: &str = "JICAI_TEST_SLOW_STATEMENT";

/// The process of the test above.
#[test]
fn child_with_a_slow_statement() {
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Text};

    if std::env::var_os(CHILD).is_none() {
        return;
    }

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }

    let test = crate::support::TestDb::sqlite();
    log::watch_slow_queries(std::time::Duration::from_millis(20)).unwrap();
    let lines = Lines::default();
    let written = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || written.clone()).finish();
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let counted = recorder.handle();
    let n = metrics::with_local_recorder(&recorder, || {
        tracing::subscriber::with_default(subscriber, || {
            let mut conn = test.target().open().unwrap();
            let slow = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000)
                        SELECT count(*) AS n FROM c WHERE CAST(x AS TEXT) <> $1";
            diesel::sql_query(slow).bind::<Text, _>("patient-4711").get_result::<Count>(&mut conn).unwrap().n
        })
    });
    assert_eq!(n, 2_000_000);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let entry: serde_json::Value =
        serde_json::from_str(text.lines().find(|l| l.contains("WITH RECURSIVE")).unwrap()).unwrap();
    assert_eq!(entry["fields"]["message"], "slow query");
    assert!(entry["fields"]["millis"].as_u64().is_some_and(|m| m >= 20), "{entry}");
    assert!(!text.contains("4711"), "values stay out of the log: {text}");
    let slow = text.lines().filter(|line| line.contains("slow query")).count();
    assert!(
        counted.render().contains(&format!("jicai_db_slow_queries_total {slow}\n")),
        "{}",
        counted.render()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_have_a_listener_of_their_own() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = metrics_page::serve(listener, metrics_page::recorder().unwrap()).unwrap();
    let handle = server.handle();
    let running = tokio::spawn(server);
    metrics::counter!("jicai_mails_total", "outcome" => "test").increment(3);
    metrics::histogram!("jicai_test_seconds").record(0.02);
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    assert!(text.contains("# HELP jicai_mails_total mails handed on, by outcome"), "{text}");
    assert!(text.contains(r#"jicai_mails_total{outcome="test"} 3"#), "{text}");
    assert!(text.contains(r#"jicai_test_seconds_bucket{le="0.01"} 0"#), "{text}");
    assert!(text.contains(r#"jicai_test_seconds_bucket{le="0.025"} 1"#), "{text}");
    let other = reqwest::get(format!("http://{address}/")).await.unwrap().status();
    assert_eq!(other.as_u16(), 404);
    handle.stop(false).await;
    running.await.unwrap().unwrap();
}

const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3];

async fn files_come_back_as_they_were(db: Db) {
    let now = Clock::default().now();
    // Two and a half chunks.
    let mut big = b"%PDF-1.7\n".to_vec();
    big.extend((0..files::CHUNK * 5 / 2).map(|n| u8::try_from(n % 251).unwrap()));
    for (bytes, kind) in [(PNG.to_vec(), "image/png"), (big, "application/pdf")] {
        let kept = files::store(&db, now, "/file", bytes.clone()).await.unwrap();
        assert_eq!((kept.media_type.as_str(), kept.size), (kind, i64::try_from(bytes.len()).unwrap()));
        let again = files::store(&db, now.plus(Duration::days(1)), "/file", bytes.clone()).await.unwrap();
        assert_eq!(again, kept, "the same file is kept once");
        assert_eq!(files::content(&db, &kept.sha256).await.unwrap(), (kept, bytes));
    }
    assert!(matches!(files::content(&db, &"0".repeat(64)).await, Err(Error::Refused(r)) if r.status == 404));
}
both_engines!(files_come_back_as_they_were);

async fn a_file_altered_in_the_database_is_not_given_out(db: Db) {
    use diesel::connection::SimpleConnection;
    let kept = files::store(&db, Clock::default().now(), "/file", PNG.to_vec()).await.unwrap();
    let other = if matches!(db.target(), Target::Sqlite(_)) { "x'00'" } else { "'\\x00'" };
    db.target()
        .open()
        .unwrap()
        .batch_execute(&format!("UPDATE stored_file_chunk SET content = {other}"))
        .unwrap();
    assert!(matches!(files::content(&db, &kept.sha256).await, Err(Error::Internal(_))));
    db.target().open().unwrap().batch_execute("DELETE FROM stored_file_chunk").unwrap();
    assert!(matches!(files::content(&db, &kept.sha256).await, Err(Error::Refused(r)) if r.status == 404));
}
both_engines!(a_file_altered_in_the_database_is_not_given_out);

fn archive(parts: &[(&str, usize)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, size) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&vec![b' '; *size]).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[tokio::test]
async fn files_that_can_hold_scripts_are_refused() {
    let test = crate::support::TestDb::sqlite();
    let db = test.open();
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(), "不接受该类文件"),
        ("html", b"<!doctype html><script>1</script>".to_vec(), "不接受该类文件"),
        ("text", b"just words".to_vec(), "不接受该类文件"),
        ("exe", b"MZ\x90\x00".to_vec(), "不接受该类文件"),
        ("zip", archive(&[("a.html", 3)]), "不接受该类文件"),
        ("macros", archive(&[("xl/workbook.xml", 3), ("xl/vbaProject.bin", 3)]), "不接受该类文件"),
        ("nothing", Vec::new(), "空的"),
        ("too much", [b"%PDF-".to_vec(), vec![0; files::LIMIT]].concat(), "20 MB"),
    ];
    for (what, bytes, words) in cases {
        match files::store(&db, Clock::default().now(), "/licence", bytes).await {
            Err(Error::Refused(r)) => {
                assert_eq!((r.status, r.errors[0].pointer.as_str()), (422, "/licence"), "{what}");
                assert!(r.detail.contains(words), "{what}: {}", r.detail);
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    assert_eq!(
        files::sniff(&archive(&[("word/document.xml", 3)])).map(|k| k.ends_with("wordprocessingml.document")),
        Some(true)
    );
    assert_eq!(files::sniff(&archive(&[("OFD.xml", 3)])), Some("application/ofd"));
}

fn rows(bytes: &[u8], limits: Limits) -> Result<Vec<SheetRow>, String> {
    let mut rows = Vec::new();
    let read = Book::open("/file", bytes, limits).and_then(|mut book| {
        book.read(0, &mut |read| {
            rows.push(read.row);
            Ok(true)
        })
    });
    match read {
        Ok(()) => Ok(rows),
        Err(Error::Refused(r)) => Err(r.detail),
        Err(other) => panic!("{other:?}"),
    }
}

fn row(number: u32, cells: &[&str]) -> SheetRow {
    SheetRow { number, cells: cells.iter().map(|c| (*c).to_owned()).collect() }
}

fn bytes_of(mut file: tempfile::NamedTempFile) -> Vec<u8> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(file.as_file_mut(), &mut bytes).unwrap();
    bytes
}

#[test]
fn a_sheet_is_read_cell_by_cell() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    page.write_string(0, 0, "品名").unwrap();
    page.write_string(0, 2, "数量（盒）").unwrap();
    page.write_string(3, 0, "　阿莫西林 ").unwrap();
    page.write_number(3, 1, 5.8).unwrap();
    page.write_string(3, 2, "１０").unwrap();
    page.write_formula(3, 3, rust_xlsxwriter::Formula::new("=B4*2").set_result("11.6")).unwrap();
    page.write_boolean(4, 0, true).unwrap();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
    let day = rust_xlsxwriter::ExcelDateTime::parse_from_str("2024-08-05").unwrap();
    page.write_datetime_with_format(4, 1, &day, &date).unwrap();
    page.write_number(4, 2, 123_456_789_012.0).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let expected = [
        row(1, &["品名", "", "数量（盒）"]),
        row(4, &["阿莫西林", "5.8", "10", "11.6"]),
        row(5, &["true", "2024-08-05", "123456789012"]),
    ];
    assert_eq!(rows(&bytes, Limits::default()).unwrap(), expected);
}

#[test]
fn csv_is_read_in_the_encodings_that_excel_writes() {
    let text = "品名,数量\r\n\"阿莫西林, 胶囊\",１０\r\n\r\n,\r\n头孢,5\r\n";
    let expected = [row(1, &["品名", "数量"]), row(2, &["阿莫西林, 胶囊", "10"]), row(5, &["头孢", "5"])];
    let (gbk, _, _) = encoding_rs::GB18030.encode(text);
    let with_bom = format!("\u{feff}{text}");
    for bytes in [text.as_bytes(), with_bom.as_bytes(), &gbk] {
        assert_eq!(rows(bytes, Limits::default()).unwrap(), expected);
    }
    let said = rows(&[0xff, 0xfe, 0, 0, 1], Limits::default()).unwrap_err();
    assert!(said.contains("另存为 xlsx"), "{said}");
}

#[test]
fn a_sheet_that_is_too_much_is_refused_before_it_fills_the_memory() {
    let small = Limits { rows: 3, columns: 2, inflated: 1 << 20 };
    let said = rows(b"a\nb\nc\nd\n", small).unwrap_err();
    assert!(said.contains("最多 3 行"), "{said}");
    let said = rows(b"a,b,c\n", small).unwrap_err();
    assert!(said.contains("2 列"), "{said}");
    let mut far = Sheet::new("x", vec![]);
    far.row(vec!["a".into(), "b".into(), "c".into()]);
    assert!(rows(&far.bytes().unwrap(), small).unwrap_err().contains("2 列"));
    // 64 MiB of blanks in 64 KiB.
    let bomb = archive(&[("xl/workbook.xml", 10), ("xl/worksheets/sheet1.xml", 64 << 20)]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    assert!(rows(&bomb, small).unwrap_err().contains("过大"));
    for broken in [b"PK\x03\x04 and nothing more".to_vec(), archive(&[("a", 1)])] {
        assert!(rows(&broken, Limits::default()).unwrap_err().contains("无法读取"));
    }
}

#[test]
fn templates_and_marked_uploads_are_sheets_again() {
    let fields =
        [Field::new("品名", 20), Field::new("数量", 10), Field::new("类别", 10).choices(&["甲", "乙"])];
    let mut template = Template::new("报量", &fields, false).unwrap();
    template.row(&["阿莫西林".into(), Cell::Whole(10), "甲".into()]).unwrap();
    let bytes = bytes_of(template.finish().unwrap());
    let expected = [row(1, &["品名", "数量", "类别"]), row(2, &["阿莫西林", "10", "甲"])];
    assert_eq!(rows(&bytes, Limits::default()).unwrap(), expected);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet)
        .unwrap();
    assert!(sheet.contains("<dataValidation ") && sheet.contains("甲,乙"), "the list to choose from");

    let mut marked = Template::new("报量", &fields, true).unwrap();
    let faults = [(1, "数量须为正整数".to_owned()), (2, "类别只能为甲或乙".to_owned())];
    marked.annotated(&row(2, &["=cmd|calc", "-1", "丙"]), &faults).unwrap();
    marked.annotated(&row(3, &["头孢", "5"]), &[]).unwrap();
    let bytes = bytes_of(marked.finish().unwrap());
    let expected = [
        row(1, &["品名", "数量", "类别", REASONS]),
        row(2, &["=cmd|calc", "-1", "丙", "数量须为正整数；类别只能为甲或乙"]),
        row(3, &["头孢", "5"]),
    ];
    assert_eq!(rows(&bytes, Limits::default()).unwrap(), expected);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet)
        .unwrap();
    assert!(!sheet.contains("<f>"), "no formula");
}

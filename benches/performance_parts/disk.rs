//! What the disk and a bare loop can do.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jicai::platform::sql::{AnyConn, Target};

/// 4 KiB written and synced, again and again, for two seconds.
pub fn syncs_a_second(dir: &Path) -> f64 {
    let mut file = File::create(dir.join("sync")).expect("file");
    let begun = Instant::now();
    let mut count = 0_u32;
    while begun.elapsed() < Duration::from_secs(2) {
        file.seek(SeekFrom::Start(0)).expect("seek");
        file.write_all(&[0_u8; 4096]).expect("write");
        file.sync_data().expect("fdatasync");
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

/// A copy of a database that nobody serves.
pub fn copy(database: &Path, to: &Path) {
    let Ok(AnyConn::Sqlite(mut conn)) = Target::Sqlite(database.into()).open() else { panic!("no database") };
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("checkpoint");
    std::fs::copy(database, to).expect("copy");
}

/// Copies all rows that the platform wrote for one order, under new keys, one transaction each; orders a second.
pub fn bare_loop(database: &Path, order: &str, seconds: u64) -> f64 {
    // Anew each time, because the copies of one round would be templates of the next.
    let scratch = tempfile::tempdir_in(database.parent().expect("a directory")).expect("a directory");
    let file = scratch.path().join("bare.sqlite");
    std::fs::copy(database, &file).expect("copy");
    let Ok(AnyConn::Sqlite(mut conn)) = Target::Sqlite(file).open() else { panic!("no database") };
    let template = order.replace('-', "");
    let statements = copies(&mut conn, &template);
    let first = jicai::platform::sql::Id::new().0.as_u128() >> 32 << 32;
    let mut count = 0_u32;
    let mut order = || {
        conn.batch_execute("BEGIN IMMEDIATE").expect("begin");
        let id = format!("{:032x}", first | u128::from(count));
        for statement in &statements {
            conn.batch_execute(&statement.replace("NEWID", &id)).expect("insert");
        }
        conn.batch_execute("COMMIT").expect("commit");
        count += 1;
    };
    // A log that still grows makes each sync slower; that of the platform does not grow any more.
    let warm = Instant::now();
    while warm.elapsed() < Duration::from_secs(1) {
        order();
    }
    let begun = Instant::now();
    let mut measured = 0_u32;
    while begun.elapsed() < Duration::from_secs(seconds) {
        order();
        measured += 1;
    }
    f64::from(measured) / begun.elapsed().as_secs_f64()
}

#[derive(diesel::QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// `INSERT … SELECT` for each table that one order touches.
fn copies(conn: &mut SqliteConnection, template: &str) -> Vec<String> {
    let answer = format!("answer LIKE '%{}%'", dashed(template));
    let tables = [
        ("purchase_order", "id", format!("id = x'{template}'")),
        ("order_line", "id", format!("order_id = x'{template}'")),
        ("audit_entry", "id", format!("object_id = x'{template}'")),
        ("audit_unsealed", "id", format!("object_id = x'{template}'")),
        ("idempotency", "id", answer),
    ];
    tables
        .into_iter()
        .map(|(table, key, filter)| {
            let columns: Vec<Column> =
                diesel::sql_query(format!("SELECT name FROM pragma_table_info('{table}')"))
                    .load(conn)
                    .expect("columns");
            let selected: Vec<String> = columns
                .iter()
                .map(|c| match (table, c.name.as_str()) {
                    ("purchase_order", "id") | ("order_line", "order_id") => "x'NEWID'".into(),
                    ("purchase_order", "number") => "'NEWID'".into(),
                    (_, name) if name == key => "randomblob(16)".into(),
                    (_, name) => name.into(),
                })
                .collect();
            // The rows of the template are found once, so that the loop only writes. Its entries may be sealed by now.
            let source = if table == "audit_unsealed" { "audit_entry" } else { table };
            let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
            let (temp, names) = (format!("bare_{table}"), names.join(", "));
            let rows = format!("SELECT {names} FROM {source} WHERE {filter}");
            conn.batch_execute(&format!("CREATE TEMP TABLE {temp} AS {rows}")).expect("template rows");
            format!("INSERT INTO {table} SELECT {} FROM {temp}", selected.join(", "))
        })
        .collect()
}

fn dashed(hex: &str) -> String {
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

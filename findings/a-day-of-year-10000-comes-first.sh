#!/bin/sh
# Expected: a day in JSON has four digits of a year, so that anything else is refused where it is read; and a day that is read sorts among
#   days.
# Happens: chrono's serde takes "+10000-01-01" (and up to +262142) as well as "2024-08- 5" with a blank. diesel writes it to SQLite as
#   the text "+10000-01-01", and "+" stands before every digit: the latest day of the table is its earliest, and `>=` does not find it.
# Why it matters: a browser's script writes a mistyped year in just that way (`toISOString` gives "+020240-08-05"), so an agreement that
#   should end in 2024 is taken without a word as one of the year 20240, and the job that asks for what is past finds it expired on SQLite
#   and in force on PostgreSQL, which sorts by the day.
# Seen with chrono 0.4.45, diesel 2.3.14, libsqlite3-sys 0.38.2 (bundled), serde_json 1.0.154 on 2026-11-30.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/src"
cat > "$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
chrono = { version = "=0.4.45", default-features = false, features = ["std", "serde"] }
diesel = { version = "=2.3.14", default-features = false, features = ["sqlite", "chrono"] }
libsqlite3-sys = { version = "=0.38.2", features = ["bundled"] }
serde_json = "=1.0.154"
[profile.dev]
debug = false
TOML
cat > "$dir/src/main.rs" <<'RUST'
use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! { agreement (id) { id -> Integer, ends -> Date, } }

fn main() {
    println!("chrono 0.4.45, diesel 2.3.14, libsqlite3-sys 0.38.2, serde_json 1.0.154");
    let mut conn = SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute("CREATE TABLE agreement (id INTEGER PRIMARY KEY, ends DATE NOT NULL)").expect("a table");
    for (id, text) in (1..).zip(["2024-08- 5", "2027-12-31", "+020240-08-05"]) {
        let day = serde_json::from_str::<NaiveDate>(&format!("\"{text}\""));
        println!("{text:?} is read as {day:?}");
        let Ok(day) = day else { continue };
        let row = (agreement::id.eq(id), agreement::ends.eq(day));
        diesel::insert_into(agreement::table).values(row).execute(&mut conn).expect("a row");
    }
    let today = NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
    let ids = agreement::table.select(agreement::id);
    let sorted: Vec<i32> = ids.order(agreement::ends).load(&mut conn).expect("rows");
    let expired: Vec<i32> = ids.filter(agreement::ends.lt(today)).order(agreement::id).load(&mut conn).expect("rows");
    let read: Vec<NaiveDate> =
        agreement::table.select(agreement::ends).order(agreement::ends).load(&mut conn).expect("rows");
    println!("sorted by day on SQLite: {sorted:?}, that is {read:?}");
    println!("sorted in Rust: {:?}", { let mut days = read.clone(); days.sort(); days });
    println!("expired on {today}: {expired:?}");
    if sorted != [3, 1, 2] || expired != [1, 3] {
        println!("it behaves differently now");
        std::process::exit(1);
    }
}
RUST
cd "$dir" && CARGO_TARGET_DIR="$dir/target" cargo run --quiet

#!/bin/sh
# Expected: a NUMERIC column behind diesel's `Numeric` and `BigDecimal` gives back the decimal that was written, as on PostgreSQL; the
#   whole point of the two types is that 12.30 stays 12.30.
# Happens: on SQLite diesel binds and reads a float. 12.30 comes back as 12.300000000000000710542735760100185871124267578125 and is not
#   equal to what was written, though a query for 12.30 finds the row; beyond 15 digits the figure itself changes.
# Why it matters: a platform that runs on SQLite in a hospital and on PostgreSQL in the province shows, compares and signs other prices on
#   the one than on the other, from the first price on, and rounding for display hides it.
# Seen with diesel 2.3.14, bigdecimal 0.4.8, libsqlite3-sys 0.38.2 (bundled) on 2026-11-30.
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
bigdecimal = "=0.4.8"
diesel = { version = "=2.3.14", default-features = false, features = ["sqlite", "numeric"] }
libsqlite3-sys = { version = "=0.38.2", features = ["bundled"] }
[profile.dev]
debug = false
TOML
cat > "$dir/src/main.rs" <<'RUST'
use bigdecimal::BigDecimal;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! { price (id) { id -> Integer, yuan -> Numeric, } }

fn main() {
    println!("diesel 2.3.14, bigdecimal 0.4.8, libsqlite3-sys 0.38.2");
    let mut conn = SqliteConnection::establish(":memory:").expect("a database");
    conn.batch_execute("CREATE TABLE price (id INTEGER PRIMARY KEY, yuan NUMERIC NOT NULL)").expect("a table");
    let mut all = true;
    for (id, (text, known)) in (1..).zip([
        ("0.5", "0.5"),
        ("12.30", "12.300000000000000710542735760100185871124267578125"),
        ("99999999.999999", "99999999.99999900162220001220703125"),
        ("12345678901234567.89", "12345678901234568"),
    ]) {
        let written: BigDecimal = text.parse().expect("a decimal");
        let row = (price::id.eq(id), price::yuan.eq(&written));
        diesel::insert_into(price::table).values(row).execute(&mut conn).expect("a row");
        let read: BigDecimal = price::table.find(id).select(price::yuan).first(&mut conn).expect("a row");
        let query = price::table.find(id).filter(price::yuan.eq(&written)).count();
        let found: i64 = query.get_result(&mut conn).expect("a count");
        println!("{text} is read as {read}; equal: {}; found by its value: {}", written == read, found == 1);
        all &= read.to_string() == known && found == 1 && (written == read) == (text == "0.5");
    }
    if !all {
        println!("it behaves differently now");
        std::process::exit(1);
    }
}
RUST
cd "$dir" && CARGO_TARGET_DIR="$dir/target" cargo run --quiet

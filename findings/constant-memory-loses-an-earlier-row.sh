#!/bin/sh
# Expected: rust_xlsxwriter in constant-memory mode answers a cell of an earlier row with an error, as it does for a row or column
#   outside the sheet, because that row has gone to the file already.
# Happens: `write_string` and `write_number` answer Ok and the cell is missing from the file. A line on standard error is all that is said.
# Why it matters: constant memory is what one takes for an export of a year's orders; a total written above its rows after they are
#   known, or two columns written one after the other, come out as empty cells in a sheet that saved without an error.
# Seen with rust_xlsxwriter 0.102.0 (feature constant_memory), read back with calamine 0.38.0, on 2026-11-30.
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
calamine = "=0.38.0"
rust_xlsxwriter = { version = "=0.102.0", features = ["constant_memory"] }
[profile.dev]
debug = false
TOML
cat > "$dir/src/main.rs" <<'RUST'
use std::io::Cursor;

use calamine::{Reader, Xlsx};
use rust_xlsxwriter::Workbook;

fn main() {
    println!("rust_xlsxwriter 0.102.0, calamine 0.38.0");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().expect("a sheet");
    let mut said = Vec::new();
    for (row, text) in [(1, "order A"), (2, "order B"), (0, "sum of both")] {
        let done = sheet.write_string(row, 0, text).map(|_| ());
        println!("row {row} {text:?}: {done:?}");
        said.push(done.is_ok());
    }
    let bytes = book.save_to_buffer().expect("saved");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).expect("xlsx");
    let range = book.worksheet_range_at(0).expect("a sheet").expect("cells");
    let kept: Vec<String> =
        (0..3).map(|row| range.get_value((row, 0)).map_or("(empty)".into(), |cell| cell.to_string())).collect();
    println!("rows 0 to 2 of the file: {kept:?}");
    if said != [true, true, true] || kept != ["(empty)", "order A", "order B"] {
        println!("it behaves differently now");
        std::process::exit(1);
    }
}
RUST
cd "$dir" && CARGO_TARGET_DIR="$dir/target" cargo run --quiet

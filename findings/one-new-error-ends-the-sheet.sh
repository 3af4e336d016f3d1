#!/bin/sh
# Expected: a cell with an error is read as an error, whatever the error; calamine has `Data::Error` for it, and #N/A arrives so.
# Happens: calamine knows seven errors. At any other, such as #SPILL!, #CALC! or #FIELD!, which spreadsheet programs have written for years,
#   the whole sheet is refused: no row of it is read, not even those above, and the message names neither row nor column.
# Why it matters: a remark beside a price list that spills over its neighbours makes three hundred prices unreadable, and the enterprise is
#   told that its file is broken. The cell reader goes on after its error, but does not say where it stood.
# Seen with calamine 0.38.0, zip 9.4.1 on 2026-11-30.
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
zip = { version = "=9.4.1", default-features = false, features = ["deflate"] }
[profile.dev]
debug = false
TOML
cat > "$dir/src/main.rs" <<'RUST'
use std::io::{Cursor, Write};

use calamine::{Reader, Xlsx};

/// A sheet of two prices with an error beside the second.
fn book(error: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let related = |kind: &str, part: &str| {
        format!("<Relationships xmlns='{package}'><Relationship Id='r' Type='{office}/{kind}' Target='{part}'/></Relationships>")
    };
    let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (part, text) in [
        ("_rels/.rels", related("officeDocument", "xl/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", related("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns='{main}' xmlns:r='{office}'><sheets><sheet name='p' sheetId='1' r:id='r'/></sheets></workbook>"),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns='{main}'><sheetData><row r='1'><c r='A1'><v>5.8</v></c></row><row r='2'><c r='A2'><v>6.2</v></c>\
                 <c r='B2' t='e'><f>SEQUENCE(9)</f><v>{error}</v></c></row></sheetData></worksheet>"
            ),
        ),
    ] {
        file.start_file(part, zip::write::SimpleFileOptions::default()).expect("a part");
        file.write_all(text.as_bytes()).expect("its text");
    }
    file.finish().expect("a file").into_inner()
}

fn main() {
    println!("calamine 0.38.0, zip 9.4.1");
    let mut all = true;
    for (error, known) in [("#N/A", true), ("#SPILL!", false), ("#CALC!", false), ("#FIELD!", false)] {
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(book(error))).expect("a workbook");
        let read = book.worksheet_range("p");
        match &read {
            Ok(range) => println!("{error}: {:?}", range.used_cells().map(|(_, _, cell)| cell.to_string()).collect::<Vec<_>>()),
            Err(refused) => println!("{error}: no cell is read; \"{refused}\""),
        }
        all &= read.is_ok() == known;
    }
    if !all {
        println!("it behaves differently now");
        std::process::exit(1);
    }
}
RUST
cd "$dir" && CARGO_TARGET_DIR="$dir/target" cargo run --quiet

//! Workbooks written by hand, with what no library for writing them makes: cells as other programs leave them.

use std::io::{Cursor, Write};

/// A sheet: its name, its state (`visible`, `hidden`, `veryHidden`), what stands before its rows, its rows, and what stands behind
/// them.
#[derive(Default)]
pub struct Raw {
    pub name: &'static str,
    pub state: &'static str,
    pub before: String,
    pub rows: Vec<String>,
    pub behind: String,
}

impl Raw {
    /// A sheet that people see.
    pub fn new(name: &'static str, rows: Vec<String>) -> Self {
        Self { name, state: "visible", rows, ..Self::default() }
    }
}

/// A row of cells from column A on.
pub fn row(number: usize, cells: &[String]) -> String {
    row_with(number, "", cells)
}

/// As [`row`], with attributes.
pub fn row_with(number: usize, attributes: &str, cells: &[String]) -> String {
    let mut text = format!("<row r=\"{number}\" {attributes}>");
    for (column, cell) in (b'A'..).zip(cells) {
        text.push_str(&cell.replace("<c", &format!("<c r=\"{}{number}\"", char::from(column))));
    }
    text + "</row>"
}

/// A cell of text.
pub fn text(value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;");
    format!("<c t=\"inlineStr\"><is><t>{value}</t></is></c>")
}

/// Cells of text.
pub fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| text(value)).collect()
}

/// A number as it is stored.
pub fn number(value: &str) -> String {
    format!("<c><v>{value}</v></c>")
}

/// A number in the format of a day.
pub fn dated(value: &str) -> String {
    format!("<c s=\"1\"><v>{value}</v></c>")
}

/// A formula with what is stored behind it.
pub fn formula(kind: &str, stored: &str) -> String {
    format!("<c t=\"{kind}\"><f>A1</f>{stored}</c>")
}

/// The file.
pub fn book(sheets: &[Raw]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, content: String| {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("part");
        archive.write_all(content.as_bytes()).expect("content");
    };
    part(
        "_rels/.rels",
        format!(
            "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" \
             Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    );
    let (mut list, mut relations) = (String::new(), String::new());
    for (n, sheet) in (1..).zip(sheets) {
        let Raw { name, state, .. } = sheet;
        list.push_str(&format!("<sheet name=\"{name}\" sheetId=\"{n}\" state=\"{state}\" r:id=\"r{n}\"/>"));
        relations.push_str(&format!(
            "<Relationship Id=\"r{n}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
        ));
    }
    relations.push_str(&format!("<Relationship Id=\"s\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/>"));
    part(
        "xl/workbook.xml",
        format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets></workbook>"),
    );
    part(
        "xl/_rels/workbook.xml.rels",
        format!("<Relationships xmlns=\"{PACKAGE}\">{relations}</Relationships>"),
    );
    part(
        "xl/styles.xml",
        format!(
            "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
        ),
    );
    for (n, sheet) in (1..).zip(sheets) {
        let Raw { before, rows, behind, .. } = sheet;
        let rows = rows.concat();
        part(
            &format!("xl/worksheets/sheet{n}.xml"),
            format!("<worksheet xmlns=\"{MAIN}\">{before}<sheetData>{rows}</sheetData>{behind}</worksheet>"),
        );
    }
    archive.finish().expect("zip").into_inner()
}

//! Spreadsheets. Here: lists as xlsx, written with constant memory, one sheet, a head that stays in view.
//!
//! [`read`] reads what people upload, cell by cell; [`template`] makes what they fill in and what comes back with marks. All of
//! it blocks, so call it off the async threads where a sheet may be large.

mod read;
pub mod template;

use actix_web::HttpResponse;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

pub use read::{Limits, SheetRow, read};

use super::error::{Error, Result};
use super::http::reply;
use super::sql::{Money, Time};

/// Rows that one sheet holds at most, so that a slip in a filter cannot fill the memory.
pub const MOST_ROWS: usize = 100_000;
/// Digits that a spreadsheet keeps of a number; longer ones are written as text.
const EXACT_DIGITS: usize = 15;
const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A column: its head and its width in characters.
#[derive(Debug, Clone)]
pub struct Column {
    head: String,
    width: u16,
}

impl Column {
    /// A column; a unit stands in the head: `单价（元）`.
    pub fn new(head: impl Into<String>, width: u16) -> Self {
        Self { head: head.into(), width }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text, never a formula.
    Text(String),
    /// Yuan.
    Money(Money),
    /// A whole number.
    Whole(i64),
    /// Nothing.
    Empty,
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl From<Time> for Cell {
    fn from(time: Time) -> Self {
        Self::Text(time.minute())
    }
}

/// Nothing where there is none.
impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A sheet that is being written.
pub struct Sheet {
    title: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    notes: Vec<String>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { title: title.into(), columns, rows: Vec::new(), notes: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        if self.rows.len() < MOST_ROWS {
            self.rows.push(cells);
        }
    }

    /// Adds a line under the rows.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// Internal, where it cannot be written.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        self.written().map_err(Error::internal)
    }

    fn written(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet
            .set_name(self.title.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect::<String>())?;
        let head =
            Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_align(FormatAlign::Left);
        let formats = Formats::new();
        for (n, column) in (0_u16..).zip(&self.columns) {
            sheet.set_column_width(n, column.width)?;
        }
        for (n, column) in (0_u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, n, &column.head, &head)?;
        }
        sheet.set_freeze_panes(1, 1)?;
        let mut at = 1_u32;
        for row in &self.rows {
            for (n, cell) in (0_u16..).zip(row) {
                write_cell(sheet, at, n, cell, &formats)?;
            }
            at += 1;
        }
        for note in &self.notes {
            sheet.write_string_with_format(at, 0, note, &formats.note)?;
            at += 1;
        }
        book.save_to_buffer()
    }

    /// The answer that a browser saves under `name`.xlsx.
    ///
    /// # Errors
    /// Internal, where it cannot be written.
    pub fn download(&self, name: &str) -> Result<HttpResponse> {
        Ok(attachment(name, self.bytes()?))
    }
}

/// The answer that a browser saves under `name`.xlsx.
pub fn attachment(name: &str, bytes: Vec<u8>) -> HttpResponse {
    reply::download(&format!("{name}.xlsx"), MEDIA_TYPE, bytes)
}

struct Formats {
    money: Format,
    whole: Format,
    note: Format,
    quoted: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            money: Format::new().set_num_format("#,##0.00####"),
            whole: Format::new().set_num_format("#,##0"),
            note: Format::new().set_italic(),
            quoted: Format::new().set_quote_prefix(),
        }
    }
}

/// It is text here; marked as such it stays text when a spreadsheet program writes it on as CSV.
fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if looks_like_formula(text) => {
            sheet.write_string_with_format(row, column, text, &formats.quoted)?;
        }
        Cell::Text(text) => {
            sheet.write_string(row, column, text)?;
        }
        Cell::Money(money) => number(sheet, row, column, &money.to_string(), &formats.money)?,
        Cell::Whole(n) => number(sheet, row, column, &n.to_string(), &formats.whole)?,
    }
    Ok(())
}

/// A spreadsheet knows no decimals, only binary numbers; up to 15 digits their shortest text is the decimal that we mean. We
/// compute nothing with them.
fn number(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match text.parse::<f64>() {
        Ok(number) if digits <= EXACT_DIGITS => {
            sheet.write_number_with_format(row, column, number, format)?
        }
        _ => sheet.write_string(row, column, text)?,
    };
    Ok(())
}

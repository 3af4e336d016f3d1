//! Spreadsheets. Here: lists as xlsx, written with constant memory, one sheet, a head that stays in view.
//!
//! [`Book`] reads what people upload, cell by cell; [`template`] makes what they fill in and what comes back with marks. All of
//! it blocks, so call it off the async threads where a sheet may be large.

mod cell;
mod layout;
mod read;
pub mod template;

use actix_web::HttpResponse;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

pub use cell::{Mark, nearest_day};
pub use layout::{Limits, column_name};
pub use read::{Book, ReadRow, SheetName, SheetRow};

use super::error::{Error, Refusal, Result};
use super::http::reply;
use super::sql::{Money, Time, Total};

/// Rows that a sheet can hold, its head among them.
const MOST_ROWS: u32 = 1_048_576;
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

/// A sum that is more than one amount can be stands as text.
impl From<Total> for Cell {
    fn from(total: Total) -> Self {
        total.money().map_or_else(|| Self::Text(total.display()), Self::Money)
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

/// A sheet that is being written: each row goes to the file at once, so that it holds no cells.
pub struct Sheet {
    book: std::result::Result<Workbook, XlsxError>,
    next: u32,
    formats: Formats,
    total: Vec<(u16, Cell)>,
    all: u32,
    notes: Vec<String>,
}

impl Sheet {
    /// A sheet with its heads.
    pub fn new(title: impl Into<String>, columns: Vec<Column>) -> Self {
        let book = begun(&title.into(), &columns);
        Self { book, next: 1, formats: Formats::new(), total: Vec::new(), all: 0, notes: Vec::new() }
    }

    /// Adds a row. What cannot be written is told by [`Self::bytes`]: no row is left out.
    pub fn row(&mut self, cells: Vec<Cell>) {
        let (at, formats) = (self.next, &self.formats);
        self.next = self.next.saturating_add(1);
        if at >= MOST_ROWS {
            return;
        }
        if let Ok(book) = &mut self.book
            && let Err(fault) = written(book, at, &cells, formats)
        {
            self.book = Err(fault);
        }
    }

    /// Says how many rows there are in all, where the sheet may hold only the first of them.
    pub fn of(&mut self, all: i64) {
        self.all = u32::try_from(all).unwrap_or(u32::MAX);
    }

    /// The sums under the rows, by column.
    pub fn total(&mut self, cells: impl IntoIterator<Item = (u16, Cell)>) {
        self.total = cells.into_iter().collect();
    }

    /// 「前 n 行，共 m 行」, where rows are missing.
    pub fn missing(&self) -> Option<String> {
        let held = self.next.saturating_sub(1);
        (self.all > held).then(|| format!("前 {held} 行，共 {} 行", self.all))
    }

    /// Adds a line under the rows.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// 422 where there were more rows than a sheet can hold; internal, where it cannot be written.
    pub fn bytes(self) -> Result<Vec<u8>> {
        let (missing, has_total) = (self.missing(), !self.total.is_empty());
        let under = self.notes.len() + usize::from(missing.is_some()) + usize::from(has_total);
        let rows = usize::try_from(self.next).unwrap_or(usize::MAX).saturating_add(under);
        if rows > MOST_ROWS as usize {
            let detail = "行数超过 Excel 工作表的上限，请缩小筛选范围后分次导出。";
            return Err(Refusal::field("/filter", detail).into());
        }
        let missing =
            missing.map(|rows| format!("本表只有{rows}；合计为全部行的合计。请缩小筛选范围后分次导出。"));
        let mut book = self.book.map_err(Error::internal)?;
        let sheet = book.worksheet_from_index(0).map_err(Error::internal)?;
        for (n, cell) in &self.total {
            write_cell(sheet, self.next, *n, cell, &self.formats).map_err(Error::internal)?;
        }
        let after = self.next.saturating_add(u32::from(has_total));
        for (at, note) in (after..).zip(missing.iter().chain(&self.notes)) {
            sheet.write_string_with_format(at, 0, note, &self.formats.note).map_err(Error::internal)?;
        }
        book.save_to_buffer().map_err(Error::internal)
    }
}

fn begun(title: &str, columns: &[Column]) -> std::result::Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(title.chars().filter(|c| !"[]:*?/\\".contains(*c)).take(31).collect::<String>())?;
    let head = Format::new().set_bold().set_border_bottom(FormatBorder::Thin).set_align(FormatAlign::Left);
    sheet.set_freeze_panes(1, 1)?;
    for (n, column) in (0_u16..).zip(columns) {
        sheet.set_column_width(n, column.width)?;
    }
    for (n, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, n, &column.head, &head)?;
    }
    Ok(book)
}

fn written(
    book: &mut Workbook,
    row: u32,
    cells: &[Cell],
    formats: &Formats,
) -> std::result::Result<(), XlsxError> {
    let sheet = book.worksheet_from_index(0)?;
    (0_u16..).zip(cells).try_for_each(|(n, cell)| write_cell(sheet, row, n, cell, formats))
}

/// What makes a sheet, later and on another thread.
pub type Make = Box<dyn FnOnce() -> Sheet + Send>;

/// The answer that a browser saves under `name`.xlsx. Making a sheet takes long, so `make` runs beside those who wait for others.
/// The name says where rows are missing.
///
/// # Errors
/// As [`Sheet::bytes`].
pub async fn download(name: &str, make: impl FnOnce() -> Sheet + Send + 'static) -> Result<HttpResponse> {
    let made = tokio::task::spawn_blocking(move || {
        let sheet = make();
        Ok::<_, Error>((sheet.missing(), sheet.bytes()?))
    });
    let (missing, bytes) = made.await.map_err(Error::internal)??;
    let missing = missing.map(|rows| format!("（{rows}）")).unwrap_or_default();
    Ok(attachment(&format!("{name}{missing}"), bytes))
}

/// The answer that a browser saves under `name`.xlsx.
pub fn attachment(name: &str, bytes: Vec<u8>) -> HttpResponse {
    reply::download(&format!("{name}.xlsx"), MEDIA_TYPE, bytes)
}

struct Formats {
    money: Format,
    whole: Format,
    plain: Format,
    note: Format,
    quoted: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            money: Format::new().set_num_format("#,##0.00####"),
            whole: Format::new().set_num_format("#,##0"),
            plain: Format::new(),
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

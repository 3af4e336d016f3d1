//! Reading: the sheets of an xlsx file, or CSV in UTF-8 or GB 18030 (what Excel writes in China).

use std::borrow::Cow;
use std::io::Cursor;
use std::iter::Peekable;

use calamine::{Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::cell::{self, Mark};
use super::layout::{self, Fault, Layout, Limits, Merged};
use crate::error::{Error, Refusal, Result};

/// A row that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SheetRow {
    /// As Excel counts: the first is 1.
    pub number: u32,
    /// From column A on, without blanks around them, full-width digits and letters made half-width; what a formula last gave.
    pub cells: Vec<String>,
}

impl SheetRow {
    /// The cell in a column, empty where the row is shorter.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    fn set(&mut self, column: usize, text: String) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = text;
        }
    }
}

/// A row with what is to be known beside its texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadRow {
    /// The row; cells of hidden columns are empty.
    pub row: SheetRow,
    /// What is odd about cells, by their column.
    pub marks: Vec<(usize, Mark)>,
    /// What stands in hidden columns.
    pub concealed: Vec<(usize, String)>,
    /// Whether the row itself is hidden.
    pub is_hidden: bool,
}

/// Sees a row, and answers whether the next is wanted.
pub type See<'a> = dyn FnMut(ReadRow) -> Result<bool> + 'a;

/// A file with its sheets.
pub struct Book<'a> {
    reading: Reading<'a>,
    content: Content<'a>,
}

enum Content<'a> {
    Csv(Cow<'a, str>),
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>, Vec<SheetName>, Vec<Layout>),
}

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetName {
    /// Its name; empty for CSV.
    pub name: String,
    /// Whether people see it.
    pub is_hidden: bool,
    /// Whether it has cells; a chart has none.
    has_cells: bool,
}

impl<'a> Book<'a> {
    /// Opens a file. Faults name `pointer`.
    ///
    /// # Errors
    /// 422: the file is no sheet, is broken, or larger than `limits`.
    pub fn open(pointer: &'a str, bytes: &'a [u8], limits: Limits) -> Result<Self> {
        let reading = Reading { pointer, limits };
        if !bytes.starts_with(b"PK\x03\x04") {
            return Ok(Self { content: Content::Csv(reading.decoded(bytes)?), reading });
        }
        let layouts = layout::layouts(bytes, limits).map_err(|fault| match fault {
            Fault::Broken(cause) => reading.broken(cause),
            Fault::TooLarge => reading.too_large(),
        })?;
        let book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| reading.broken(e))?;
        let name = |sheet: &calamine::Sheet| SheetName {
            name: sheet.name.clone(),
            is_hidden: sheet.visible != SheetVisible::Visible,
            has_cells: sheet.typ == SheetType::WorkSheet,
        };
        let names: Vec<SheetName> = book.sheets_metadata().iter().map(name).collect();
        if names.len() != layouts.len() || names.is_empty() {
            return Err(reading.broken("the list of sheets"));
        }
        Ok(Self { reading, content: Content::Xlsx(Box::new(book), names, layouts) })
    }

    /// The sheets that have cells, with their places.
    pub fn sheets(&self) -> Vec<(usize, SheetName)> {
        match &self.content {
            Content::Csv(_) => {
                vec![(0, SheetName { name: String::new(), is_hidden: false, has_cells: true })]
            }
            Content::Xlsx(_, names, _) => {
                names.iter().cloned().enumerate().filter(|(_, sheet)| sheet.has_cells).collect()
            }
        }
    }

    /// Reads the sheet in that place row by row, until `see` wants no more.
    ///
    /// # Errors
    /// 422 where the sheet is broken or larger than the limits; those of `see`.
    pub fn read(&mut self, place: usize, see: &mut See) -> Result<()> {
        let Self { reading, content } = self;
        // PostgreSQL keeps U+0000 in no text.
        let see: &mut See = &mut |read| match read.row.cells.iter().any(|cell| cell.contains('\0')) {
            true => {
                let detail =
                    format!("第 {} 行含有不可见的空字符（U+0000），请删除后重新上传。", read.row.number);
                Err(reading.no(detail))
            }
            false => see(read),
        };
        match content {
            Content::Csv(text) => reading.csv(text, see),
            Content::Xlsx(book, names, layouts) => match (names.get(place), layouts.get(place)) {
                (Some(sheet), Some(layout)) => reading.xlsx(book, &sheet.name, layout, see),
                _ => Err(Error::internal("no such sheet")),
            },
        }
    }
}

struct Reading<'a> {
    pointer: &'a str,
    limits: Limits,
}

impl Reading<'_> {
    fn no(&self, detail: impl Into<String>) -> Error {
        Refusal::field(self.pointer, detail).into()
    }

    fn broken(&self, cause: impl std::fmt::Display) -> Error {
        tracing::info!(%cause, "a sheet could not be read");
        self.no("文件无法读取，可能已损坏或不是 Excel（xlsx）文件。请用 Excel 打开后另存为 xlsx，再上传。")
    }

    fn too_large(&self) -> Error {
        self.no(format!(
            "表格过大：最多 {} 行、{} 列。请拆分后分次上传。",
            self.limits.rows, self.limits.columns
        ))
    }

    fn xlsx(&self, book: &mut Xlsx<Cursor<&[u8]>>, name: &str, layout: &Layout, see: &mut See) -> Result<()> {
        let mut cells = book.worksheet_cells_reader(name).map_err(|e| self.broken(e))?;
        let mut rows = Rows {
            reading: self,
            layout,
            unnamed: layout.errors.iter(),
            row: None,
            merged: Vec::new(),
            later: layout.merged.iter().peekable(),
        };
        loop {
            let (place, text, mark) = match cells.next_cell_with_formula_metadata() {
                Ok(None) => break,
                Ok(Some(cell)) => {
                    let (text, mark) = cell::value(&cell.value, cell.formula.is_some());
                    (cell.pos, text, mark)
                }
                Err(XlsxError::CellError(error)) => {
                    let place = rows.unnamed.next().ok_or_else(|| self.broken("an error without a cell"))?;
                    (*place, error, Some(Mark::Error))
                }
                Err(other) => return Err(self.broken(other)),
            };
            if (!text.is_empty() || mark.is_some()) && !rows.cell(place, text, mark, see)? {
                return Ok(());
            }
        }
        rows.hand_on(see).map(drop)
    }

    fn decoded<'b>(&self, bytes: &'b [u8]) -> Result<Cow<'b, str>> {
        let (text, wrong) = match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text.trim_start_matches('\u{feff}')), false),
            Err(_) => {
                let (text, _, wrong) = encoding_rs::GB18030.decode(bytes);
                let wrong = wrong || text.contains('\0');
                (Cow::Owned(text.into_owned()), wrong)
            }
        };
        if wrong {
            return Err(self.no(
                "文件既不是 Excel（xlsx），也不是 UTF-8 或 GB 18030 编码的 CSV。请另存为 xlsx 后上传。",
            ));
        }
        Ok(text)
    }

    fn csv(&self, text: &str, see: &mut See) -> Result<()> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut number = 0_u32;
        loop {
            let at = usize::try_from(reader.position().byte()).map_err(Error::internal)?;
            if !reader.read_record(&mut record).map_err(|e| self.broken(e))? {
                return Ok(());
            }
            number = number.saturating_add(blank_lines(text.as_bytes(), at)).saturating_add(1);
            if number > self.limits.rows || record.len() > self.limits.columns as usize {
                return Err(self.too_large());
            }
            let mut read = ReadRow { row: SheetRow { number, ..SheetRow::default() }, ..ReadRow::default() };
            for (column, raw) in record.iter().enumerate() {
                let (text, mark) = cell::text(raw);
                read.row.cells.push(text);
                read.marks.extend(mark.map(|mark| (column, mark)));
            }
            if read.row.cells.iter().any(|cell| !cell.is_empty()) && !see(read)? {
                return Ok(());
            }
        }
    }
}

/// Lines without anything before the next record: the reader passes over them, a spreadsheet program counts them.
fn blank_lines(text: &[u8], at: usize) -> u32 {
    let mut rest = text.get(at..).unwrap_or_default();
    // The record before ended within its line break.
    let within = at > 0 && text.get(at - 1) == Some(&b'\r') && rest.first() == Some(&b'\n');
    rest = rest.get(usize::from(within)..).unwrap_or_default();
    let mut blank = 0;
    loop {
        let skipped = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return blank,
        };
        blank += 1;
        rest = rest.get(skipped..).unwrap_or_default();
    }
}

/// Rows of a sheet in the making.
struct Rows<'a> {
    reading: &'a Reading<'a>,
    layout: &'a Layout,
    /// Where errors stand that the cell reader does not know.
    unnamed: std::slice::Iter<'a, (u32, u32)>,
    row: Option<ReadRow>,
    /// Merged ranges that have begun and not ended.
    merged: Vec<Merged>,
    /// Those that begin further down.
    later: Peekable<std::slice::Iter<'a, Merged>>,
}

impl Rows<'_> {
    /// Takes a cell in, and hands on the row before it.
    fn cell(
        &mut self,
        (line, column): (u32, u32),
        text: String,
        mark: Option<Mark>,
        see: &mut See,
    ) -> Result<bool> {
        if line >= self.reading.limits.rows || column >= self.reading.limits.columns {
            return Err(self.reading.too_large());
        }
        let (number, mut go_on) = (line + 1, true);
        match self.row.as_ref().map(|read| read.row.number) {
            Some(before) if before > number => return Err(self.reading.broken("rows out of order")),
            Some(before) if before < number => go_on = self.hand_on(see)?,
            _ => {}
        }
        let is_concealed = self.layout.is_hidden_column(column);
        let is_hidden = self.layout.is_hidden_row(line);
        let read = self.row.get_or_insert_with(|| ReadRow {
            row: SheetRow { number, ..SheetRow::default() },
            is_hidden,
            ..ReadRow::default()
        });
        let column = usize::try_from(column).map_err(Error::internal)?;
        match is_concealed {
            true => read.concealed.push((column, text)),
            false => {
                read.row.set(column, text);
                read.marks.extend(mark.map(|mark| (column, mark)));
            }
        }
        Ok(go_on)
    }

    /// Passes a finished row on.
    fn hand_on(&mut self, see: &mut See) -> Result<bool> {
        let Some(mut read) = self.row.take() else { return Ok(true) };
        let line = read.row.number.saturating_sub(1);
        self.merged.retain(|merged| merged.last.0 >= line);
        while let Some(merged) = self.later.next_if(|merged| merged.first.0 <= line) {
            self.merged.extend(Some(*merged).filter(|merged| merged.last.0 >= line));
        }
        if self.merged.len() > self.reading.limits.columns as usize {
            return Err(self.reading.broken("merged ranges overlap"));
        }
        for Merged { first, last } in &self.merged {
            let range = [*first, *last].map(|(row, column)| layout::cell_name(row, column as usize));
            let mark = Mark::Merged(first.0 + 1, range.join(":"));
            let last = last.1.min(self.reading.limits.columns);
            read.marks.extend((first.1..=last).map(|column| (column as usize, mark.clone())));
        }
        see(read)
    }
}

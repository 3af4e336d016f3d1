//! Reading: the first sheet of an xlsx file, or CSV in UTF-8 or GB 18030 (what Excel writes in China).

use std::io::{Cursor, Read};

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx};

use crate::error::{Error, Refusal, Result};
use crate::input::trimmed;

/// What a sheet may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows, the head among them.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Bytes of all parts of the file once they are inflated.
    pub inflated: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 100_000, columns: 100, inflated: 256 * 1024 * 1024 }
    }
}

/// A row that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// Reads a sheet row by row; stops at the first error of `see`.
///
/// # Errors
/// 422 that names `pointer`: the file is no sheet, is broken, or larger than `limits`.
pub fn read(
    pointer: &str,
    bytes: &[u8],
    limits: Limits,
    see: &mut dyn FnMut(SheetRow) -> Result<()>,
) -> Result<()> {
    let reading = Reading { pointer, limits };
    if bytes.starts_with(b"PK\x03\x04") { reading.xlsx(bytes, see) } else { reading.csv(bytes, see) }
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

    /// Inflates every part once into nothing: what a file says of its own size is not believed.
    fn check_inflated(&self, bytes: &[u8]) -> Result<()> {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| self.broken(e))?;
        let mut left = self.limits.inflated;
        for n in 0..archive.len() {
            let part = archive.by_index(n).map_err(|e| self.broken(e))?;
            let read =
                std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|e| self.broken(e))?;
            left = left.checked_sub(read).ok_or_else(|| self.too_large())?;
        }
        Ok(())
    }

    fn xlsx(&self, bytes: &[u8], see: &mut dyn FnMut(SheetRow) -> Result<()>) -> Result<()> {
        self.check_inflated(bytes)?;
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| self.broken(e))?;
        let Some(first) = book.sheet_names().into_iter().next() else { return Err(self.broken("no sheet")) };
        let mut cells = book.worksheet_cells_reader(&first).map_err(|e| self.broken(e))?;
        let mut row = SheetRow { number: 0, cells: Vec::new() };
        while let Some(cell) = cells.next_cell().map_err(|e| self.broken(e))? {
            let (line, column) = cell.get_position();
            let text = text(cell.get_value());
            if text.is_empty() {
                continue;
            }
            if line >= self.limits.rows || column >= self.limits.columns {
                return Err(self.too_large());
            }
            let number = line + 1;
            if number != row.number {
                self.hand_on(&mut row, number, see)?;
            }
            let column = usize::try_from(column).map_err(Error::internal)?;
            if row.cells.len() <= column {
                row.cells.resize(column + 1, String::new());
            }
            if let Some(place) = row.cells.get_mut(column) {
                *place = text;
            }
        }
        self.hand_on(&mut row, 0, see)
    }

    /// Passes a finished row on and begins the next.
    fn hand_on(
        &self,
        row: &mut SheetRow,
        next: u32,
        see: &mut dyn FnMut(SheetRow) -> Result<()>,
    ) -> Result<()> {
        if next != 0 && next < row.number {
            return Err(self.broken("rows out of order"));
        }
        let done = std::mem::replace(row, SheetRow { number: next, cells: Vec::new() });
        if done.cells.is_empty() { Ok(()) } else { see(done) }
    }

    fn csv(&self, bytes: &[u8], see: &mut dyn FnMut(SheetRow) -> Result<()>) -> Result<()> {
        let decoded;
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}'),
            Err(_) => {
                let (text, _, wrong) = encoding_rs::GB18030.decode(bytes);
                if wrong || text.contains('\0') {
                    return Err(self.no("文件既不是 Excel（xlsx），也不是 UTF-8 或 GB 18030 编码的 CSV。请另存为 xlsx 后上传。"));
                }
                decoded = text.into_owned();
                decoded.as_str()
            }
        };
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut number = 0_u32;
        for record in reader.records() {
            let record = record.map_err(|e| self.broken(e))?;
            number += 1;
            if number > self.limits.rows || record.len() > self.limits.columns as usize {
                return Err(self.too_large());
            }
            let cells: Vec<String> = record.iter().map(tidy).collect();
            if cells.iter().any(|cell| !cell.is_empty()) {
                see(SheetRow { number, cells })?;
            }
        }
        Ok(())
    }
}

/// Digits and letters that a Chinese keyboard typed wide become narrow; punctuation belongs to names and stays.
fn tidy(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{3000}' => ' ',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    trimmed(text).chars().map(narrow).collect()
}

/// A number's shortest form is what Excel shows and what the clerk typed: 5.8, not 5.7999999999999998.
fn text(value: &DataRef) -> String {
    match value {
        DataRef::String(text) => tidy(text),
        DataRef::SharedString(text) => tidy(text),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTime(instant) => day(instant),
        other => Data::from(other.clone()).to_string(),
    }
}

fn day(instant: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = instant.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

//! Sheets that go to a clerk and come back: templates with lists to choose from, and uploads with each bad cell marked.
//! Written row by row with constant memory, to a temporary file.

use std::io::{Seek, SeekFrom};

use rust_xlsxwriter::{Color, DataValidation, Format, FormatBorder, Workbook, Worksheet, XlsxError};
use tempfile::NamedTempFile;

use super::{Cell, Formats, SheetRow, looks_like_formula, number, write_cell};
use crate::error::{Error, Result};
use crate::http::number::plain;

/// Rows for which the lists of a template are offered.
const TEMPLATE_ROWS: u32 = 5000;
/// Head of the column that says what is wrong.
pub const REASONS: &str = "需更正的内容";

/// One column.
#[derive(Debug, Clone)]
pub struct Field {
    /// Head.
    pub title: String,
    /// Width in characters.
    pub width: u16,
    /// What may be chosen; empty for anything.
    pub choices: Vec<String>,
    /// Whether numbers stand in it: then a clerk's sum counts them.
    pub numeric: bool,
}

impl Field {
    /// A column of any content.
    pub fn new(title: &str, width: u16) -> Self {
        Self { title: title.into(), width, choices: Vec::new(), numeric: false }
    }

    /// A column of numbers.
    #[must_use]
    pub fn numeric(self, numeric: bool) -> Self {
        Self { numeric, ..self }
    }

    /// Offers a list to choose from; Excel takes 255 characters in all.
    #[must_use]
    pub fn choices(mut self, choices: &[&str]) -> Self {
        self.choices = choices.iter().map(|c| (*c).to_owned()).collect();
        self
    }
}

/// A sheet in the making.
pub struct Template {
    book: Workbook,
    numeric: Vec<bool>,
    next: u32,
    formats: Formats,
    bad: Format,
}

fn fault(error: XlsxError) -> Error {
    Error::internal(format!("xlsx: {error}"))
}

impl Template {
    /// Begins a sheet with a head that stays in sight; with `reasons` it has a last column for what is wrong.
    pub fn new(sheet: &str, fields: &[Field], reasons: bool) -> Result<Self> {
        let mut book = Workbook::new();
        let page = book.add_worksheet_with_constant_memory().map_err(fault)?;
        let mut columns = fields.to_vec();
        if reasons {
            columns.push(Field::new(REASONS, 50));
        }
        head(page, sheet, &columns).map_err(fault)?;
        let bad = Format::new().set_background_color(Color::RGB(0x00FD_E2E1)).set_border(FormatBorder::Thin);
        Ok(Self {
            book,
            numeric: fields.iter().map(|field| field.numeric).collect(),
            next: 1,
            formats: Formats::new(),
            bad,
        })
    }

    /// Appends a row.
    pub fn row(&mut self, cells: &[Cell]) -> Result<()> {
        let page = self.book.worksheet_from_index(0).map_err(fault)?;
        for (n, cell) in (0_u16..).zip(cells) {
            write_cell(page, self.next, n, cell, &self.formats).map_err(fault)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Appends a row that was uploaded: each bad cell in colour, and the reasons in the last column, so that they are read
    /// without the colour too. `faults` holds columns, from 0, and Chinese sentences.
    pub fn annotated(&mut self, row: &SheetRow, faults: &[(usize, String)]) -> Result<()> {
        let page = self.book.worksheet_from_index(0).map_err(fault)?;
        let mut column = 0_u16;
        for (n, numeric) in self.numeric.iter().enumerate() {
            let text = row.cell(n);
            let is_bad = faults.iter().any(|(bad, _)| *bad == n);
            match plain(text) {
                Some(_) if *numeric => {
                    let format = if is_bad { &self.bad } else { &self.formats.plain };
                    number(page, self.next, column, text, format).map_err(fault)?;
                }
                _ if is_bad => {
                    let quoted = looks_like_formula(text);
                    let format = if quoted { self.bad.clone().set_quote_prefix() } else { self.bad.clone() };
                    page.write_string_with_format(self.next, column, text, &format).map_err(fault)?;
                }
                _ => write_cell(page, self.next, column, &Cell::from(text), &self.formats).map_err(fault)?,
            }
            column += 1;
        }
        let reasons: Vec<&str> = faults.iter().map(|(_, reason)| reason.as_str()).collect();
        page.write_string(self.next, column, reasons.join("；")).map_err(fault)?;
        self.next += 1;
        Ok(())
    }

    /// Writes the file and returns it, to be read from its beginning; it is removed when dropped.
    pub fn finish(mut self) -> Result<NamedTempFile> {
        let mut file = NamedTempFile::new().map_err(Error::internal)?;
        self.book.save_to_writer(file.as_file_mut()).map_err(fault)?;
        file.as_file_mut().seek(SeekFrom::Start(0)).map_err(Error::internal)?;
        Ok(file)
    }
}

fn head(page: &mut Worksheet, sheet: &str, fields: &[Field]) -> Result<(), XlsxError> {
    let format = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_EEF4));
    page.set_name(sheet)?;
    page.set_freeze_panes(1, 0)?;
    for (n, field) in (0_u16..).zip(fields) {
        page.set_column_width(n, field.width)?;
        page.write_string_with_format(0, n, &field.title, &format)?;
        if !field.choices.is_empty() {
            let choices = DataValidation::new().allow_list_strings(&field.choices)?;
            page.add_data_validation(1, n, TEMPLATE_ROWS, n, &choices)?;
        }
    }
    Ok(())
}

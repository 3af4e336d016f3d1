//! CSV to CSV: every row keeps its fields and gets the rule's columns and `error`.

use std::io::{Read, Write};

use csv::{ByteRecord, QuoteStyle, ReaderBuilder, Terminator, Writer, WriterBuilder};

use super::{Failure, Tally};
use crate::rules::explain::Steps;
use crate::rules::injection::Fen;
use crate::rules::json::RowError;
use crate::rules::policy::{Policy, PolicyError};

/// A rule that adds columns.
pub(super) struct Form {
    /// Columns that must be there; a row reads them as 0, 1, …
    pub needed: &'static [&'static str],
    /// Columns that may be there; a row reads them after the needed ones, empty if they are not.
    pub optional: &'static [&'static str],
    /// Columns that are added, without `error`, which is always the last of them.
    pub added: &'static [&'static str],
    /// Takes what it needs out of the policy and returns the rule.
    pub prepare: fn(&Policy) -> Result<Rule, PolicyError>,
}

/// Computes one row: fills the added cells, or refuses.
pub(super) type Rule = Box<dyn FnMut(&Row<'_>, &mut Cells, &mut Steps) -> Result<(), RowError>>;

/// The columns of one row that the rule reads. All of the row is UTF-8.
pub(super) struct Row<'r> {
    record: &'r ByteRecord,
    columns: &'r [Option<usize>],
}

impl Row<'_> {
    /// The bytes of the `n`-th column of needed and optional; an optional one that is not there is empty.
    pub fn bytes(&self, n: usize) -> &[u8] {
        let column = self.columns.get(n).copied().flatten();
        column.and_then(|column| self.record.get(column)).unwrap_or_default()
    }

    /// The same as text.
    pub fn text(&self, n: usize) -> &str {
        std::str::from_utf8(self.bytes(n)).unwrap_or_default()
    }
}

/// The added cells of one row, empty until they are set.
#[derive(Default)]
pub(super) struct Cells(Vec<Vec<u8>>);

impl Cells {
    /// Writes into the `n`-th added cell.
    pub fn set(&mut self, n: usize, text: impl std::fmt::Display) {
        if let Some(cell) = self.0.get_mut(n) {
            // Writing to memory cannot fail.
            let _ = write!(cell, "{text}");
        }
    }

    /// The same for text as it is; the fastest way.
    pub fn put(&mut self, n: usize, text: &[u8]) {
        if let Some(cell) = self.0.get_mut(n) {
            cell.extend_from_slice(text);
        }
    }

    /// A price in yuan with two decimals.
    pub fn put_fen(&mut self, n: usize, price: Fen) {
        self.set(n, price);
    }

    fn clear(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }
}

/// The header and what follows from it.
struct Header {
    width: usize,
    columns: Vec<Option<usize>>,
}

impl Form {
    /// Reads all rows; memory does not grow with their number.
    pub fn run(
        &self,
        input: impl Read,
        output: &mut impl Write,
        policy: &Policy,
        explain: bool,
    ) -> Result<Tally, Failure> {
        let mut rule = (self.prepare)(policy)?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(128 * 1024)
            .from_reader(input);
        let mut record = ByteRecord::new();
        reader.read_byte_record(&mut record).map_err(unreadable)?;
        let header = self.header(&record, explain)?;
        let mut writer = WriterBuilder::new()
            .flexible(true)
            .terminator(Terminator::Any(b'\n'))
            .quote_style(QuoteStyle::Necessary)
            .buffer_capacity(128 * 1024)
            .from_writer(output);
        self.added.iter().for_each(|name| record.push_field(name.as_bytes()));
        record.push_field(b"error");
        if explain {
            record.push_field(b"steps");
        }
        writer.write_byte_record(&record).map_err(unwritable)?;

        let mut tally = Tally::default();
        let mut cells = Cells(vec![Vec::new(); self.added.len()]);
        let mut steps = if explain { Steps::on() } else { Steps::off() };
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            cells.clear();
            let result = header.check(&record).and_then(|()| {
                rule(&Row { record: &record, columns: &header.columns }, &mut cells, &mut steps)
            });
            tally.errors |= result.is_err();
            append(&mut record, header.width, &mut cells, result.err(), &mut steps);
            writer.write_byte_record(&record).map_err(unwritable)?;
        }
        finish(writer)?;
        Ok(tally)
    }

    /// Finds the columns; a header that lacks a needed one, names one twice or has an added one is refused.
    fn header(&self, record: &ByteRecord, explain: bool) -> Result<Header, Failure> {
        if record.is_empty() {
            return Err(Failure::Header(format!("there is none; expected are {}", self.needed.join(", "))));
        }
        if record.iter().any(|name| std::str::from_utf8(name).is_err()) {
            return Err(Failure::Header("it is not UTF-8".to_owned()));
        }
        let places = |name: &str| -> Vec<usize> {
            let found = record.iter().enumerate().filter(|(_, column)| *column == name.as_bytes());
            found.map(|(n, _)| n).collect()
        };
        let steps = if explain { &["error", "steps"][..] } else { &["error"] };
        if let Some(name) = self.added.iter().chain(steps).find(|name| !places(name).is_empty()) {
            return Err(Failure::Header(format!("it already has the column {name}, which is added")));
        }
        let mut columns = Vec::new();
        for name in self.needed.iter().chain(self.optional) {
            match places(name).as_slice() {
                [] if self.needed.contains(name) => {
                    return Err(Failure::Header(format!("the column {name} is missing")));
                }
                [] => columns.push(None),
                [place] => columns.push(Some(*place)),
                _ => return Err(Failure::Header(format!("it names the column {name} twice"))),
            }
        }
        Ok(Header { width: record.len(), columns })
    }
}

impl Header {
    /// What every row must be, whatever the rule.
    fn check(&self, record: &ByteRecord) -> Result<(), RowError> {
        if record.len() != self.width {
            let problem = format!("the row has {} fields, the header {}", record.len(), self.width);
            return Err(RowError::new("COLUMN_COUNT", "", problem));
        }
        if record.as_slice().is_ascii() {
            return Ok(());
        }
        match record.iter().position(|field| std::str::from_utf8(field).is_err()) {
            None => Ok(()),
            Some(n) => {
                Err(RowError::new("NOT_UTF8", "", format!("field {} holds bytes that are not UTF-8", n + 1)))
            }
        }
    }
}

/// Brings a row to the header's width and appends the added cells, empty ones if it carries an error.
fn append(
    record: &mut ByteRecord,
    width: usize,
    cells: &mut Cells,
    error: Option<RowError>,
    steps: &mut Steps,
) {
    record.truncate(width);
    (record.len()..width).for_each(|_| record.push_field(b""));
    if error.is_some() {
        cells.clear();
    }
    cells.0.iter().for_each(|cell| record.push_field(cell));
    let taken = steps.take();
    match &error {
        Some(error) => record.push_field(error.to_string().as_bytes()),
        None => record.push_field(b""),
    }
    if steps.is_on() {
        let told = if error.is_some() { String::new() } else { serde_json::json!(taken).to_string() };
        record.push_field(told.as_bytes());
    }
}

fn finish<W: Write>(mut writer: Writer<W>) -> Result<(), Failure> {
    writer.flush().map_err(Failure::Output)
}

fn unreadable(error: csv::Error) -> Failure {
    Failure::Input(io(error))
}

fn unwritable(error: csv::Error) -> Failure {
    Failure::Output(io(error))
}

fn io(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => std::io::Error::other(format!("{other:?}")),
    }
}

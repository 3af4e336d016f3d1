//! CSV to CSV: every row keeps its fields and gets the rule's columns and `error`.

use std::io::{Read, Write};

use super::records::{Record, Records, write_field};
use super::{Failure, Tally};
use crate::rules::explain::Steps;
use crate::rules::injection::Fen;
use crate::rules::json::RowError;
use crate::rules::policy::{Policy, PolicyError};

/// Bytes that are written at once.
const FLUSH: usize = 64 * 1024;

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
pub(super) type Rule = Box<dyn FnMut(&InputRow<'_>, &mut Cells, &mut Steps) -> Result<(), RowError>>;

/// The columns of one row that the rule reads. All of the row is UTF-8.
pub(super) struct InputRow<'r> {
    record: &'r Record,
    columns: &'r [Option<usize>],
}

impl InputRow<'_> {
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

    /// A price in yuan with two decimals, digit by digit: the formatter would cost more than the sum itself.
    pub fn put_fen(&mut self, n: usize, price: Fen) {
        let Some(cell) = self.0.get_mut(n) else { return };
        let (mut rest, mut places) = (price.0, 0);
        while rest > 0 || places < 3 {
            if places == 2 {
                cell.push(b'.');
            }
            cell.extend(u8::try_from(rest % 10).map(|digit| b'0' + digit));
            rest /= 10;
            places += 1;
        }
        cell.reverse();
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
        let mut records = Records::new(input);
        let mut record = Record::default();
        records.read(&mut record).map_err(Failure::Input)?;
        let header = self.header(&record, explain)?;
        let mut out = Vec::with_capacity(2 * FLUSH);
        record.write(&mut out, header.width);
        let last = if explain { ",error,steps\n" } else { ",error\n" };
        out.extend(self.added.iter().flat_map(|name| [",", name]).chain([last]).flat_map(str::bytes));

        let mut tally = Tally::default();
        let mut cells = Cells(vec![Vec::new(); self.added.len()]);
        let mut steps = if explain { Steps::on() } else { Steps::off() };
        while records.read(&mut record).map_err(Failure::Input)? {
            cells.clear();
            let row = InputRow { record: &record, columns: &header.columns };
            let result = header.check(&record).and_then(|()| rule(&row, &mut cells, &mut steps));
            tally.errors |= result.is_err();
            record.write(&mut out, header.width);
            append(&mut out, &mut cells, result.err(), &mut steps);
            if out.len() >= FLUSH {
                output.write_all(&out).map_err(Failure::Output)?;
                out.clear();
            }
        }
        output.write_all(&out).map_err(Failure::Output)?;
        Ok(tally)
    }

    /// Finds the columns; a header that lacks a needed one, names one twice or has an added one is refused.
    fn header(&self, record: &Record, explain: bool) -> Result<Header, Failure> {
        if record.width() == 0 {
            return Err(Failure::Header(format!("there is none; expected are {}", self.needed.join(", "))));
        }
        if record.not_utf8().is_some() {
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
        Ok(Header { width: record.width(), columns })
    }
}

impl Header {
    /// What every row must be, whatever the rule.
    fn check(&self, record: &Record) -> Result<(), RowError> {
        if record.width() != self.width {
            let problem = format!("the row has {} fields, the header {}", record.width(), self.width);
            return Err(RowError::new("COLUMN_COUNT", "", problem));
        }
        match record.not_utf8() {
            None => Ok(()),
            Some(n) => {
                Err(RowError::new("NOT_UTF8", "", format!("field {} holds bytes that are not UTF-8", n + 1)))
            }
        }
    }
}

/// Appends the added cells, empty ones if the row carries an error, and ends the line.
fn append(out: &mut Vec<u8>, cells: &mut Cells, error: Option<RowError>, steps: &mut Steps) {
    if error.is_some() {
        cells.clear();
    }
    for cell in &cells.0 {
        out.push(b',');
        write_field(out, cell);
    }
    out.push(b',');
    if let Some(error) = &error {
        write_field(out, error.to_string().as_bytes());
    }
    if steps.is_on() {
        let taken = steps.take();
        out.push(b',');
        if error.is_none() {
            write_field(out, serde_json::json!(taken).to_string().as_bytes());
        }
    }
    out.push(b'\n');
}

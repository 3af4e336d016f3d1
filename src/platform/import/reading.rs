//! The reading thread: the rows of a file in chunks, each with the faults that it has by itself.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::heads::{Finder, Heads};
use super::source::{OtherSheet, Source};
use super::{Cells, Column, Faults, Shape, Spec};
use crate::error::{Error, Refusal, Result};
use crate::sheet::{Book, Limits, Mark, ReadRow, SheetName};
use crate::staging;

/// Rows of one file at most, its head among them.
const ROWS: u32 = 500_000;
/// Bytes of a spreadsheet's parts once they are inflated: half a million rows have about 250 MiB.
const INFLATED: u64 = 512 * 1024 * 1024;

/// Rows with what is wrong with each.
pub(super) type Chunk = Vec<(Cells, Faults)>;

/// What the reading leaves beside its rows.
pub(super) struct Found {
    pub heads: Heads,
    pub source: Source,
    /// Rows that a later one repeats: the place among the rows, and the later row's number.
    pub repeated: BTreeMap<i64, u32>,
}

pub(super) struct Reading {
    spec: &'static Spec,
    sender: mpsc::Sender<Chunk>,
    heads: Option<Heads>,
    head_row: u32,
    source: Source,
    concealed: BTreeMap<usize, String>,
    /// Hash of each key, and the row that has it: its place among the rows, and its number.
    keys: HashMap<u64, (u32, u32)>,
    repeated: BTreeMap<i64, u32>,
    rows: u32,
    chunk: Chunk,
}

impl Reading {
    pub fn new(spec: &'static Spec, sender: mpsc::Sender<Chunk>) -> Self {
        Self {
            spec,
            sender,
            heads: None,
            head_row: 0,
            source: Source::default(),
            concealed: BTreeMap::new(),
            keys: HashMap::new(),
            repeated: BTreeMap::new(),
            rows: 0,
            chunk: Vec::with_capacity(staging::CHUNK),
        }
    }

    /// Reads the first sheet that people see and that has the heads.
    pub fn run(mut self, bytes: &[u8]) -> Result<Found> {
        let limits = Limits { rows: ROWS, inflated: INFLATED, ..Limits::default() };
        let mut book = Book::open("/file", bytes, limits)?;
        let (hidden, seen): (Vec<_>, Vec<_>) = book.sheets().into_iter().partition(|(_, s)| s.is_hidden);
        let mut finders = Vec::new();
        let mut read = None;
        for (place, _) in &seen {
            let mut finder = Finder::default();
            book.read(*place, &mut |row| self.see(&mut finder, row))?;
            if self.heads.is_some() {
                read = Some(*place);
                break;
            }
            finders.push(finder);
        }
        self.send()?;
        let Some(heads) = self.heads.take() else {
            return Err(not_found(self.spec.columns, &finders, &seen, &hidden).into());
        };
        self.source.hide_columns(self.concealed);
        for (place, sheet) in seen.into_iter().chain(hidden) {
            match read == Some(place) {
                true => self.source.sheet = sheet.name,
                false => {
                    let other = OtherSheet { name: sheet.name, is_hidden: sheet.is_hidden };
                    self.source.others.push(other);
                }
            }
        }
        Ok(Found { heads, source: self.source, repeated: self.repeated })
    }

    fn see(&mut self, finder: &mut Finder, read: ReadRow) -> Result<bool> {
        let Some(heads) = &self.heads else {
            if read.is_hidden {
                return Ok(true);
            }
            self.heads = finder.look(self.spec.columns, &read.row)?;
            if self.heads.is_some() {
                self.head_row = read.row.number;
                self.concealed = read.concealed.into_iter().collect();
                return Ok(true);
            }
            finder.look_hidden(self.spec.columns, &read.concealed);
            return Ok(!finder.is_over());
        };
        if read.is_hidden {
            self.source.hide_row(read.row.number);
            return Ok(true);
        }
        let (cells, mut faults) = checked(self.spec, heads, self.head_row, &read);
        for (column, _) in read.concealed {
            self.concealed.entry(column).or_default();
        }
        self.rows += 1;
        faults.extend(self.repeats(&cells));
        self.chunk.push((cells, faults));
        if self.chunk.len() == staging::CHUNK {
            self.send()?;
        }
        Ok(true)
    }

    /// The fault of a row that is about the same as an earlier one. Neither is taken: nobody can know which is meant.
    fn repeats(&mut self, cells: &Cells) -> Option<(usize, String)> {
        let key = (self.spec.key)(cells);
        if key.is_empty() {
            return None;
        }
        let digest = Sha256::digest(key.as_bytes());
        let hash = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let (place, number) = *self.keys.entry(hash).or_insert((self.rows, cells.number));
        if number == cells.number {
            return None;
        }
        self.repeated.entry(i64::from(place)).or_insert(cells.number);
        Some((self.spec.key_column, repeated(number)))
    }

    fn send(&mut self) -> Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(staging::CHUNK));
        if chunk.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(chunk).map_err(|_| Error::internal("the import was stopped"))
    }
}

/// A row in the order of the kind's columns, each cell in the form that its column has, with what is wrong with it.
fn checked(spec: &Spec, heads: &Heads, head_row: u32, read: &ReadRow) -> (Cells, Faults) {
    let mut cells = heads.cells(&read.row);
    let mut faults = odd_cells(&read.marks, heads, spec.columns, head_row, &cells);
    for (column, text) in spec.columns.iter().zip(cells.iter_mut()) {
        *text = column.shape.canonical(text);
    }
    let computed = |column: usize| {
        let place = heads.place(column);
        read.marks.iter().any(|(at, mark)| Some(*at) == place && *mark == Mark::Computed)
    };
    let odd: Vec<usize> = faults.iter().map(|(column, _)| *column).collect();
    for (column, words) in (spec.check)(&cells) {
        if odd.contains(&column) {
            continue;
        }
        let how = if computed(column) {
            "（由公式算出，请改填数值，或用 ROUND 取到所需小数位）"
        } else {
            ""
        };
        faults.push((column, format!("{words}{how}")));
    }
    (cells, faults)
}

/// What is said of both rows that are about the same.
pub(super) fn repeated(number: u32) -> String {
    format!("与第 {number} 行重复，请只保留正确的一行；重复的各行都不会导入")
}

/// The faults of cells that cannot be taken for what they say.
fn odd_cells(
    marks: &[(usize, Mark)],
    heads: &Heads,
    columns: &[Column],
    head_row: u32,
    cells: &Cells,
) -> Faults {
    let mut faults = Faults::new();
    if marks.is_empty() {
        return faults;
    }
    for (n, column) in columns.iter().enumerate() {
        let Some(place) = heads.place(n) else { continue };
        let name = format!("{}{}", crate::sheet::column_name(place), cells.number);
        let of_cell = marks.iter().filter(|(at, _)| *at == place).map(|(_, mark)| mark);
        // A title or a head may span what it likes.
        let below = of_cell.filter(|mark| !matches!(mark, Mark::Merged(first, _) if *first <= head_row));
        let mut words = below.filter_map(|mark| mark.fault(&name, cells.raw(n), column.shape == Shape::Day));
        faults.extend(words.next().map(|words| (n, words)));
    }
    faults
}

/// Why none of the sheets that people see was read.
fn not_found(
    columns: &'static [Column],
    finders: &[Finder],
    seen: &[(usize, SheetName)],
    hidden: &[(usize, SheetName)],
) -> Refusal {
    let names = |sheets: &[(usize, SheetName)]| -> String {
        sheets.iter().map(|(_, sheet)| format!("“{}”", sheet.name)).collect()
    };
    let likeliest = finders.iter().find(|finder| finder.has_some()).or(finders.first());
    let mut refusal = match likeliest {
        Some(finder) => finder.not_found(columns),
        None => Finder::default().not_found(columns),
    };
    let mut more = String::new();
    if seen.len() > 1 {
        more.push_str(&format!("已看过工作表{}。", names(seen)));
    }
    if !hidden.is_empty() {
        more.push_str(&format!("隐藏的工作表{}没有读取。", names(hidden)));
    }
    if !more.is_empty() {
        refusal = Refusal::field("/file", format!("{}{more}", refusal.detail));
    }
    refusal
}

//! What the cell reader does not tell of an xlsx file: which rows and columns are hidden, which cells are merged, and where an
//! error stands that the reader cannot name. It is read while the file is inflated for its size.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{BufRead, BufReader, Cursor, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

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

/// Merged ranges, and unknown errors, of one sheet at most.
const MOST: usize = 100_000;
/// Bytes of the list of sheets at most; what is cut off there is no list any more.
const LARGEST_LIST: u64 = 16 << 20;
/// The errors that the cell reader knows; at any other it stops.
const KNOWN_ERRORS: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];

/// Why a file is refused.
pub(super) enum Fault {
    /// It is no workbook.
    Broken(String),
    /// It is more than the limits allow.
    TooLarge,
}

impl Fault {
    fn broken(cause: impl std::fmt::Display) -> Self {
        Self::Broken(cause.to_string())
    }
}

/// A range of merged cells: rows and columns from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Merged {
    pub first: (u32, u32),
    pub last: (u32, u32),
}

/// One sheet's layout.
#[derive(Debug, Default)]
pub(super) struct Layout {
    hidden_rows: HashSet<u32>,
    hidden_columns: HashSet<u32>,
    /// By their first row.
    pub merged: Vec<Merged>,
    /// Cells with an error that the cell reader does not know, in the order of the file.
    pub errors: Vec<(u32, u32)>,
}

impl Layout {
    /// Whether a row, from 0, is hidden.
    pub fn is_hidden_row(&self, row: u32) -> bool {
        self.hidden_rows.contains(&row)
    }

    /// Whether a column, from 0, is hidden.
    pub fn is_hidden_column(&self, column: u32) -> bool {
        self.hidden_columns.contains(&column)
    }
}

/// Inflates every part once, so that what a file says of its own size is not believed, and answers the layout of each sheet in the
/// order of the workbook.
pub(super) fn layouts(bytes: &[u8], limits: Limits) -> Result<Vec<Layout>, Fault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(Fault::broken)?;
    // A file that is too large is called so, whatever else is wrong with it.
    let paths = sheet_paths(&mut archive);
    let wanted: BTreeSet<&String> = paths.iter().flatten().collect();
    let mut found: BTreeMap<String, Layout> = BTreeMap::new();
    let mut left = limits.inflated;
    for n in 0..archive.len() {
        let part = archive.by_index(n).map_err(Fault::broken)?;
        let name = plain(&part.name().map_err(Fault::broken)?);
        let mut part = part.take(left + 1);
        let layout = match wanted.contains(&name) {
            true => Some(scan(BufReader::new(&mut part), limits)),
            false => None,
        };
        std::io::copy(&mut part, &mut std::io::sink()).map_err(Fault::broken)?;
        let read = left + 1 - part.limit();
        left = left.checked_sub(read).ok_or(Fault::TooLarge)?;
        if let Some(layout) = layout.transpose()? {
            found.insert(name, layout);
        }
    }
    let paths = paths?;
    let layout = |path| found.remove(&path).ok_or_else(|| Fault::Broken(format!("no part {path}")));
    paths.into_iter().map(layout).collect()
}

/// Names of parts are compared without regard to case.
fn plain(name: &str) -> String {
    name.trim_start_matches('/').replace('\\', "/").to_lowercase()
}

/// The parts of the sheets in the order of the workbook.
fn sheet_paths(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<String>, Fault> {
    let mut small = |path: &str| -> Result<String, Fault> {
        let name =
            archive.file_names().flatten().find(|name| plain(name) == path).map(|name| name.into_owned());
        let name = name.ok_or_else(|| Fault::Broken(format!("no part {path}")))?;
        let part = archive.by_name(&name).map_err(Fault::broken)?;
        let mut text = String::new();
        part.take(LARGEST_LIST).read_to_string(&mut text).map_err(Fault::broken)?;
        Ok(text)
    };
    let is_workbook = |kind: &str| kind.ends_with("/officeDocument");
    let root = relations(&small("_rels/.rels")?, "")?;
    let workbook = root.into_values().find(|(kind, _)| is_workbook(kind)).map(|(_, path)| path);
    let workbook = workbook.ok_or_else(|| Fault::Broken("no workbook".into()))?;
    let (folder, file) = workbook.rsplit_once('/').unwrap_or(("", &workbook));
    let parts = relations(&small(&format!("{folder}/_rels/{file}.rels"))?, folder)?;
    let mut paths = Vec::new();
    for sheet in elements(&small(&workbook)?, "sheet")? {
        let id = sheet.iter().find(|(name, _)| name == "id").map(|(_, id)| id.clone()).unwrap_or_default();
        let part = parts.get(&id).ok_or_else(|| Fault::Broken(format!("no relation {id}")))?;
        paths.push(part.1.clone());
    }
    Ok(paths)
}

/// Kind and path of what a part refers to, by the reference's id.
fn relations(text: &str, folder: &str) -> Result<BTreeMap<String, (String, String)>, Fault> {
    let mut all = BTreeMap::new();
    for element in elements(text, "Relationship")? {
        let value = |name: &str| {
            element
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
                .unwrap_or_default()
        };
        let target = value("Target");
        let path = match target.strip_prefix('/') {
            Some(absolute) => plain(absolute),
            None if folder.is_empty() => plain(&target),
            None => plain(&format!("{folder}/{target}")),
        };
        all.insert(value("Id"), (value("Type"), path));
    }
    Ok(all)
}

/// The attributes of all elements of that name, without their prefixes.
fn elements(text: &str, name: &str) -> Result<Vec<Vec<(String, String)>>, Fault> {
    let mut reader = Reader::from_str(text);
    let mut all = Vec::new();
    loop {
        match reader.read_event().map_err(Fault::broken)? {
            Event::Start(e) | Event::Empty(e) if e.local_name().as_ref() == name => {
                let mut attributes = Vec::new();
                for attribute in e.attributes().with_checks(false) {
                    let attribute = attribute.map_err(Fault::broken)?;
                    let key = attribute.key.local_name().as_ref().to_owned();
                    attributes.push((
                        key,
                        attribute
                            .normalized_value(XmlVersion::Implicit1_0)
                            .map_err(Fault::broken)?
                            .into_owned(),
                    ));
                }
                all.push(attributes);
            }
            Event::Eof => return Ok(all),
            _ => {}
        }
    }
}

/// The layout of one sheet's part.
fn scan(part: impl BufRead, limits: Limits) -> Result<Layout, Fault> {
    let mut reader = Reader::from_reader(part);
    reader.config_mut().check_end_names = false;
    let (mut layout, mut row, mut buffer) = (Layout::default(), 0_u32, Vec::new());
    let (mut in_error, mut in_value): (Option<(u32, u32)>, bool) = (None, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(Fault::broken)? {
            Event::Start(e) | Event::Empty(e) => match e.local_name().as_ref() {
                "row" => {
                    row = number(&e, "r")?.unwrap_or(row + 1);
                    if row > 0 && row <= limits.rows && is_true(&e, "hidden")? {
                        layout.hidden_rows.insert(row - 1);
                    }
                }
                "c" => {
                    let raw = e.attributes_raw();
                    let is_error = raw.contains("\"e\"") || raw.contains("'e'");
                    in_error = if is_error { value(&e, "r")?.as_deref().and_then(place) } else { None };
                    in_value = false;
                }
                "v" => in_value = true,
                "col" if is_true(&e, "hidden")? || value(&e, "width")?.as_deref() == Some("0") => {
                    let (first, last) = (number(&e, "min")?.unwrap_or(1), number(&e, "max")?.unwrap_or(1));
                    layout.hidden_columns.extend(first.saturating_sub(1)..last.min(limits.columns));
                }
                "mergeCell" => layout.merged.extend(value(&e, "ref")?.as_deref().and_then(range)),
                _ => {}
            },
            Event::Text(text) => {
                if in_value
                    && let Some(at) = in_error.take()
                    && !KNOWN_ERRORS.contains(&text.as_ref())
                {
                    layout.errors.push(at);
                }
            }
            Event::Eof => break,
            Event::GeneralRef(_) | Event::CData(_) => in_error = None,
            _ => {}
        }
        if layout.merged.len() > MOST || layout.errors.len() > MOST {
            return Err(Fault::TooLarge);
        }
    }
    layout.merged.sort_by_key(|merged| merged.first);
    Ok(layout)
}

fn value(e: &BytesStart, name: &str) -> Result<Option<String>, Fault> {
    let found = e.try_get_attribute(name).map_err(Fault::broken)?;
    Ok(found.map(|attribute| attribute.value.into_owned()))
}

fn number(e: &BytesStart, name: &str) -> Result<Option<u32>, Fault> {
    Ok(value(e, name)?.and_then(|text| text.parse().ok()))
}

fn is_true(e: &BytesStart, name: &str) -> Result<bool, Fault> {
    Ok(matches!(value(e, name)?.as_deref(), Some("1" | "true")))
}

/// `A3:B5`; a range of one cell is none.
fn range(text: &str) -> Option<Merged> {
    let (first, last) = text.split_once(':')?;
    let (first, last) = (place(first)?, place(last)?);
    Some(Merged { first, last }).filter(|_| first != last)
}

/// Row and column, from 0, of `B5`.
fn place(text: &str) -> Option<(u32, u32)> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = text.split_at(digits);
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let letter = |sum: u32, c: u8| c.is_ascii_uppercase().then(|| sum * 26 + u32::from(c - b'A') + 1);
    let column = letters.bytes().try_fold(0, letter)?;
    let row: u32 = digits.parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}

/// A cell as Excel calls it, from row and column from 0.
pub(super) fn cell_name(row: u32, column: usize) -> String {
    format!("{}{}", column_name(column), row.saturating_add(1))
}

/// A column as Excel calls it: A for 0, AA for 26.
pub fn column_name(column: usize) -> String {
    let (mut rest, mut letters) = (column + 1, Vec::new());
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

//! Lines that were written elsewhere: a block pasted from a spreadsheet or a message, or an uploaded sheet. Here they are read, in
//! whatever columns they come, and what cannot be read stays as it is with a word why; [`fit`] finds the drugs.

mod asked;
mod columns;
mod cut;
pub mod fit;
mod heads;
mod looks;
mod loose;
mod row;

use crate::platform::error::{Refusal, Result};
use crate::platform::sheet::{Book, Limits};
use columns::Columns;

pub use looks::{Counted, counted};
pub use row::Row;

/// Lines taken at once at most.
pub const MOST: usize = 600;
/// Bytes of an uploaded sheet at most: many times what so many lines need.
const FILE: usize = 5 * 1024 * 1024;
/// Rows of a sheet that are counted before it is refused.
const LIMITS: Limits = Limits { rows: 100_000, columns: 100, inflated: 64 * 1024 * 1024 };

/// A line that is not blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the block or the sheet, from 1.
    pub number: u32,
    /// Its cells, blank ones included.
    pub cells: Vec<String>,
}

/// Why a line is no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skip {
    /// The heads of the columns.
    Head,
    /// What stands above them.
    Title,
    /// A sum.
    Total,
    /// A row of the sheet that is hidden, by hand or by a filter.
    Hidden,
}

impl Skip {
    fn label(self) -> &'static str {
        match self {
            Self::Head => "表头",
            Self::Title => "标题",
            Self::Total => "合计",
            Self::Hidden => "已隐藏",
        }
    }
}

/// What a block or a sheet comes to: each line that is not blank stands in one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// What is to be ordered, in order.
    pub rows: Vec<Row>,
    /// The lines that are no orders.
    pub skipped: Vec<(u32, Skip)>,
}

impl Read {
    /// Names the lines that were passed over; none where there are only heads.
    pub fn passed_over(&self) -> Option<String> {
        let mut parts = Vec::new();
        for skip in [Skip::Title, Skip::Total, Skip::Hidden] {
            let of: Vec<String> =
                self.skipped.iter().filter(|(_, why)| *why == skip).map(|(no, _)| no.to_string()).collect();
            let more = if of.len() > 10 { " 等" } else { "" };
            if !of.is_empty() {
                let first = of.iter().take(10).cloned().collect::<Vec<_>>().join("、");
                parts.push(format!("第 {first}{more} 行（{}）", skip.label()));
            }
        }
        (!parts.is_empty()).then(|| format!("没有读取：{}。", parts.join("，")))
    }
}

/// Reads a pasted block. Faults name `pointer`.
///
/// # Errors
/// 422 for nothing at all, for more than [`MOST`] lines, and where it cannot be seen which column is the quantity.
pub fn of_text(pointer: &str, text: &str) -> Result<Read> {
    let (lines, tabs) = cut::lines(text);
    read(pointer, lines, tabs)
}

/// Reads the first sheet of an uploaded file that people see and that holds something. Faults name `pointer`.
///
/// # Errors
/// As [`of_text`]; 422 for what is no sheet or too large.
pub fn of_file(pointer: &str, bytes: &[u8]) -> Result<Read> {
    if bytes.len() > FILE {
        let detail = format!("文件超过 {} MB，请只留下要订购的行后再上传。", FILE / 1024 / 1024);
        return Err(Refusal::field(pointer, detail).into());
    }
    let mut book = Book::open(pointer, bytes, LIMITS)?;
    for (place, _) in book.sheets().into_iter().filter(|(_, sheet)| !sheet.is_hidden) {
        let (mut lines, mut hidden) = (Vec::new(), Vec::new());
        book.read(place, &mut |read| {
            let cells = read.row.cells.iter().map(|cell| cut::tidy(cell)).collect();
            let line = Line { number: read.row.number, cells };
            match read.is_hidden {
                true => hidden.push((line.number, Skip::Hidden)),
                false => lines.push(line),
            }
            Ok(true)
        })?;
        lines.retain(|line| line.cells.iter().any(|cell| !cell.is_empty()));
        if lines.is_empty() {
            continue;
        }
        let mut found = read(pointer, lines, true)?;
        found.skipped.extend(hidden);
        return Ok(found);
    }
    Err(Refusal::field(pointer, "表中没有内容，请填好编码或名称、数量后再上传。").into())
}

/// Lines of cells as rows.
fn read(pointer: &str, lines: Vec<Line>, tabs: bool) -> Result<Read> {
    if lines.is_empty() {
        let detail = "没有内容。请粘贴清单，每行一个品种：编码或名称，再加数量。";
        return Err(Refusal::field(pointer, detail).into());
    }
    let mut found = Read::default();
    let mut left = unheaded(&mut found, lines, pointer)?;
    left.lines.retain(|line| {
        let is_total = row::is_total(&line.cells);
        if is_total {
            found.skipped.push((line.number, Skip::Total));
        }
        !is_total
    });
    if left.lines.len() > MOST {
        let detail =
            format!("清单有 {} 行，一次最多 {MOST} 行，没有加入。请分几次粘贴或上传。", left.lines.len());
        return Err(Refusal::field(pointer, detail).into());
    }
    let columns = match (left.columns, tabs) {
        (Some(columns), _) => Some(columns),
        (None, true) => Some(columns::by_content(&left.lines, pointer)?),
        (None, false) => None,
    };
    let row = |line: &Line| match &columns {
        // A line of a message has as many words as the head, or is read by itself.
        Some(columns) if tabs || Some(line.cells.len()) == left.width => match row::only(line, columns) {
            Some(cell) => loose::row(&Line { number: line.number, cells: cut::tokens(cell) }),
            None => row::of(line, columns),
        },
        _ => loose::row(line),
    };
    found.rows = left.lines.iter().map(row).collect();
    Ok(found)
}

/// The lines without the heads and what stands above them.
struct Left {
    lines: Vec<Line>,
    columns: Option<Columns>,
    /// Cells of the head.
    width: Option<usize>,
}

fn unheaded(found: &mut Read, mut lines: Vec<Line>, pointer: &str) -> Result<Left> {
    let Some(at) = heads::find(lines.iter().map(|line| line.cells.as_slice())) else {
        return Ok(Left { lines, columns: None, width: None });
    };
    let below = lines.split_off(at);
    let (titles, mut kept): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(row::is_title);
    found.skipped.extend(titles.iter().map(|line| (line.number, Skip::Title)));
    let mut columns = None;
    let mut width = None;
    for line in below {
        // A list of several pages repeats its head.
        if heads::is_head(&line.cells) {
            found.skipped.push((line.number, Skip::Head));
            if columns.is_none() {
                width = Some(line.cells.len());
                columns = Some(columns::by_heads(&line.cells, pointer)?);
            }
        } else {
            kept.push(line);
        }
    }
    Ok(Left { lines: kept, columns, width })
}

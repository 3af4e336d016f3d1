//! One line as what is to be ordered.

use serde::{Deserialize, Serialize};

use super::Line;
use super::columns::Columns;
use super::looks::{self, Counted, Looks, counted, flat};

/// Characters of a text that are kept.
const LONGEST: usize = 200;
/// What a sum is called, as the beginning of its first cell.
const TOTALS: [&str; 7] = ["合计", "总计", "小计", "共计", "总合计", "本页合计", "本页小计"];

/// What is to be ordered, as far as the line says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The line's number, from 1.
    pub number: u32,
    /// Codes as they are kept: medical-insurance code, standard code, approval number.
    pub codes: Vec<String>,
    /// A name.
    pub name: String,
    /// A strength, with the pack where it says so.
    pub strength: String,
    /// An enterprise.
    pub maker: String,
    /// How many of what, or why that cannot be read.
    pub counted: Result<Counted, String>,
    /// How many as it was written.
    pub quantity: String,
    /// The line as people wrote it, for telling it from others.
    pub text: String,
}

/// A line by its columns.
pub(super) fn of(line: &Line, columns: &Columns) -> Row {
    let cell = |at: Option<usize>| at.and_then(|at| line.cells.get(at)).map_or("", String::as_str);
    let given: Vec<&str> = columns.codes.iter().map(|at| cell(Some(*at))).filter(|c| !c.is_empty()).collect();
    let mut codes: Vec<String> = given.iter().filter_map(|text| looks::code(text)).collect();
    let mut name = cell(columns.name).to_owned();
    // A code may stand in the column of names, and a name in that of codes.
    if codes.is_empty() {
        codes.extend(looks::code(&name));
        let word = given.iter().find(|text| name.is_empty() && looks::code(text).is_none());
        name = word.map_or(name, |word| (*word).to_owned());
    }
    if !codes.is_empty() && looks::code(&name).is_some() {
        name.clear();
    }
    let quantity = cell(columns.quantity).to_owned();
    let beside = flat(cell(columns.unit));
    let unit = if beside.is_empty() { columns.counts.clone() } else { beside };
    let counted = counted(&quantity).map(|read| match read.unit.is_empty() {
        true => Counted { unit, ..read },
        false => read,
    });
    let (strength, maker) = (cell(columns.strength).to_owned(), cell(columns.maker).to_owned());
    Row { number: line.number, codes, name, strength, maker, counted, quantity, text: text(&line.cells) }
        .cut()
}

/// The only cell of a line that has no quantity of its own: a line of a message among the rows of a sheet.
pub(super) fn only<'a>(line: &'a Line, columns: &Columns) -> Option<&'a str> {
    let mut filled = line.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    let (at, cell) = filled.next()?;
    (filled.next().is_none() && Some(at) != columns.quantity).then_some(cell)
}

impl Row {
    /// With another quantity, which was typed in place of the written one.
    #[must_use]
    pub fn with_quantity(mut self, typed: &str) -> Self {
        if typed != self.quantity {
            (self.counted, self.quantity) = (counted(typed), typed.to_owned());
        }
        self.cut()
    }

    /// With texts of a bearable length.
    pub(super) fn cut(mut self) -> Self {
        for text in [&mut self.name, &mut self.strength, &mut self.maker, &mut self.quantity, &mut self.text]
        {
            if let Some((at, _)) = text.char_indices().nth(LONGEST) {
                text.truncate(at);
            }
        }
        self
    }
}

/// The cells as one text.
pub(super) fn text(cells: &[String]) -> String {
    cells.iter().filter(|cell| !cell.is_empty()).cloned().collect::<Vec<_>>().join(" ")
}

/// Whether a line is a sum: its first word is one, but for a number in front.
pub(super) fn is_total(cells: &[String]) -> bool {
    let mut words = cells.iter().map(|cell| flat(cell)).filter(|cell| !cell.is_empty());
    let first = words.find(|cell| Looks::of(cell) != Looks::Whole).unwrap_or_default();
    let word: String = first.chars().take_while(|c| !matches!(c, ':' | '(' | '（')).collect();
    let named = |total: &&str| {
        let rest = word.strip_prefix(*total);
        rest.is_some_and(|rest| {
            !rest.chars().any(|c| c.is_alphabetic() && !"金额数量共元种个品行盒支计".contains(c))
        })
    };
    TOTALS.iter().any(named)
}

/// Whether a line above the heads is no order: it has neither a code nor a number.
pub(super) fn is_title(line: &Line) -> bool {
    !line.cells.iter().map(|cell| Looks::of(cell)).any(|looks| looks == Looks::Code || looks.is_number())
}

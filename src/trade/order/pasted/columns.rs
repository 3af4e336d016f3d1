//! Which column holds what: by the heads, or where there are none by what stands in the columns.

use super::Line;
use super::heads::{Holds, holds};
use super::looks::{Looks, counted, flat};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::number::plain;

/// Where to find what a row needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub codes: Vec<usize>,
    pub name: Option<usize>,
    pub strength: Option<usize>,
    pub maker: Option<usize>,
    pub quantity: Option<usize>,
    pub unit: Option<usize>,
    /// The unit that stands in the head of the quantity.
    pub counts: String,
}

/// By heads.
///
/// # Errors
/// 422 where two columns may be the quantity.
pub(super) fn by_heads(heads: &[String], pointer: &str) -> Result<Columns> {
    let mut columns = Columns::default();
    let (mut names, mut quantities) = (Vec::new(), Vec::new());
    for (at, head) in heads.iter().enumerate() {
        let Some((what, unit)) = holds(head) else { continue };
        match what {
            Holds::Code => columns.codes.push(at),
            Holds::Name(rank) => names.push((rank, at)),
            Holds::Quantity(rank) => quantities.push((rank, at, unit)),
            Holds::Strength => columns.strength = columns.strength.or(Some(at)),
            Holds::Maker => columns.maker = columns.maker.or(Some(at)),
            Holds::Unit => columns.unit = columns.unit.or(Some(at)),
            Holds::Other => {}
        }
    }
    // Of equals the first.
    columns.name = names.iter().rev().max_by_key(|(rank, _)| *rank).map(|(_, at)| *at);
    let best = quantities.iter().map(|(rank, ..)| *rank).max();
    quantities.retain(|(rank, ..)| Some(*rank) == best);
    if let [(_, one, _), (_, other, _), ..] = quantities.as_slice() {
        let head = |at: usize| heads.get(at).map_or("", String::as_str);
        let detail = format!(
            "有两列都是数量：第 {} 列“{}”和第 {} 列“{}”。请删去不用的一列，再粘贴或上传。",
            one + 1,
            head(*one),
            other + 1,
            head(*other)
        );
        return Err(Refusal::field(pointer, detail).into());
    }
    if let Some((_, at, unit)) = quantities.into_iter().next() {
        (columns.quantity, columns.counts) = (Some(at), unit);
    }
    Ok(columns)
}

/// The cells of one column that are not empty, with what they look like.
struct Column<'a> {
    at: usize,
    cells: Vec<(&'a str, Looks)>,
}

impl Column<'_> {
    fn mostly(&self, is: impl Fn(Looks) -> bool) -> bool {
        let count = self.cells.iter().filter(|(_, looks)| is(*looks)).count();
        count * 2 > self.cells.len()
    }

    fn all(&self, is: impl Fn(&str) -> bool) -> bool {
        !self.cells.is_empty() && self.cells.iter().all(|(cell, _)| is(cell))
    }

    /// 1, 2, 3 … in front of the lines.
    fn is_serial(&self) -> bool {
        self.cells.len() >= 2
            && (1_usize..)
                .zip(&self.cells)
                .all(|(n, (cell, _))| flat(cell).trim_end_matches('.') == n.to_string())
    }
}

/// By what stands in the columns.
///
/// # Errors
/// 422 where it cannot be seen which column is the quantity.
pub(super) fn by_content(lines: &[Line], pointer: &str) -> Result<Columns> {
    let width = lines.iter().map(|line| line.cells.len()).max().unwrap_or_default();
    let column = |at: usize| {
        let cells = lines.iter().filter_map(|line| line.cells.get(at)).filter(|cell| !cell.is_empty());
        Column { at, cells: cells.map(|cell| (cell.as_str(), Looks::of(cell))).collect() }
    };
    let all: Vec<Column<'_>> = (0..width).map(column).filter(|column| !column.cells.is_empty()).collect();
    let first = |is: fn(Looks) -> bool| all.iter().find(|column| column.mostly(is)).map(|column| column.at);
    let codes = all.iter().filter(|column| column.mostly(|looks| looks == Looks::Code));
    let mut columns = Columns {
        codes: codes.map(|column| column.at).collect(),
        name: first(|looks| looks == Looks::Words),
        strength: first(|looks| looks == Looks::Strength),
        maker: first(|looks| looks == Looks::Maker),
        unit: first(|looks| looks == Looks::Unit),
        ..Columns::default()
    };
    let named = columns.codes.iter().copied().chain(columns.name).min().unwrap_or(usize::MAX);
    let numbers: Vec<&Column<'_>> = all
        .iter()
        .filter(|column| column.mostly(Looks::is_number))
        .filter(|column| !(column.is_serial() && column.at < named))
        .collect();
    columns.quantity = quantity(lines, &numbers, pointer)?;
    Ok(columns)
}

/// Which of several columns of numbers is the quantity.
fn quantity(lines: &[Line], numbers: &[&Column<'_>], pointer: &str) -> Result<Option<usize>> {
    let counted_ones: Vec<usize> =
        numbers.iter().filter(|c| c.mostly(|looks| looks == Looks::Counted)).map(|c| c.at).collect();
    if let [only] = counted_ones.as_slice() {
        return Ok(Some(*only));
    }
    let amounts = amounts(lines, numbers);
    let left = |is_price: &dyn Fn(&Column<'_>) -> bool| -> Vec<usize> {
        numbers.iter().filter(|c| !amounts.contains(&c.at) && !is_price(c)).map(|c| c.at).collect()
    };
    let plain = left(&|c| c.mostly(|looks| looks == Looks::Decimal));
    let whole = left(&|c| !c.all(|cell| counted(cell).is_ok()));
    let every = left(&|_| false);
    match (every.as_slice(), plain.as_slice(), whole.as_slice()) {
        ([], ..) => Ok(None),
        ([only], ..) | (_, [only], _) | (_, [], [only]) => Ok(Some(*only)),
        _ => {
            let names: Vec<String> = every.iter().map(|at| (at + 1).to_string()).collect();
            let detail = format!(
                "看不出哪一列是数量（第 {} 列都是数字）。请在最上面加一行列名，例如：医保编码、药品名称、规格、数量、单位。",
                names.join("、")
            );
            Err(Refusal::field(pointer, detail).into())
        }
    }
}

/// Columns that are the product of two others in every line: quantity × price.
fn amounts(lines: &[Line], numbers: &[&Column<'_>]) -> Vec<usize> {
    let value = |line: &Line, at: usize| {
        let flat = flat(line.cells.get(at).map_or("", String::as_str)).replace(',', "");
        plain(flat.trim_start_matches(['¥', '$']).trim_end_matches('元'))
    };
    let is_product = |of: usize, a: usize, b: usize| {
        let mut seen = false;
        let holds = lines.iter().all(|line| match (value(line, of), value(line, a), value(line, b)) {
            (Some(of), Some(a), Some(b)) => {
                seen = true;
                a.checked_mul(b).is_some_and(|product| product == of)
            }
            _ => true,
        });
        holds && seen
    };
    let ats: Vec<usize> = numbers.iter().map(|column| column.at).collect();
    let product = |of: &usize| {
        ats.iter().any(|a| ats.iter().any(|b| a < b && a != of && b != of && is_product(*of, *a, *b)))
    };
    // A quantity of one makes the price a product too.
    let found: Vec<usize> = ats.iter().copied().filter(product).collect();
    found.last().copied().into_iter().collect()
}

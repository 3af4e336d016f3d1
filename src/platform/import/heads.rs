//! Which column of a file is which: heads are found by their names, in any order, below a title that spans the sheet.

use super::{Cells, Column};
use crate::error::{Refusal, Result};
use crate::input::half_width;
use crate::sheet::SheetRow;

/// Rows in which the heads are looked for: titles and notes may stand above them.
const LOOKED_AT: usize = 10;

/// Where each column of the kind stands in the file.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    places: Vec<Option<usize>>,
    /// As the file says.
    pub names: Vec<String>,
}

/// Finds the heads among the first rows of a file.
#[derive(Debug, Default)]
pub struct Finder {
    seen: usize,
    best: Vec<&'static str>,
    tried: bool,
    /// Columns whose heads are hidden.
    hidden: Vec<&'static str>,
}

impl Finder {
    /// The heads, if this is their row.
    ///
    /// # Errors
    /// 422 where a column stands there twice.
    pub fn look(&mut self, columns: &'static [Column], row: &SheetRow) -> Result<Option<Heads>> {
        self.seen += 1;
        let names: Vec<String> = row.cells.iter().map(|cell| folded(cell)).collect();
        let mut places = Vec::new();
        for column in columns {
            let mut found = names.iter().enumerate().filter(|(_, name)| means(column, name));
            let place = found.next().map(|(n, _)| n);
            if let (Some(_), Some((second, _))) = (place, found.next()) {
                let detail =
                    format!("表头“{}”出现了两次（第 {} 列），请只保留一列。", column.head, second + 1);
                return Err(Refusal::field("/file", detail).into());
            }
            places.push(place);
        }
        let found = places.iter().flatten().count();
        let missing: Vec<&'static str> = columns
            .iter()
            .zip(&places)
            .filter(|(c, p)| c.needed && p.is_none())
            .map(|(c, _)| c.head)
            .collect();
        if missing.is_empty() {
            let name = |(column, place): (&Column, &Option<usize>)| {
                place.map_or(column.head.to_owned(), |n| row.cell(n).to_owned())
            };
            let names = columns.iter().zip(&places).map(name).collect();
            return Ok(Some(Heads { places, names }));
        }
        if found > 0 && (!self.tried || missing.len() < self.best.len()) {
            (self.best, self.tried) = (missing, true);
        }
        Ok(None)
    }

    /// Notes heads in hidden columns: these are not read.
    pub fn look_hidden(&mut self, columns: &'static [Column], concealed: &[(usize, String)]) {
        let names: Vec<String> = concealed.iter().map(|(_, text)| folded(text)).collect();
        let hidden = columns.iter().filter(|column| names.iter().any(|name| means(column, name)));
        self.hidden.extend(hidden.map(|column| column.head));
    }

    /// Whether the heads are not among the rows in which they are looked for.
    pub fn is_over(&self) -> bool {
        self.seen >= LOOKED_AT
    }

    /// Whether some of the heads were found.
    pub fn has_some(&self) -> bool {
        self.tried
    }

    /// Why the heads were not found.
    pub fn not_found(&self, columns: &'static [Column]) -> Refusal {
        let needed: Vec<&str> = columns.iter().filter(|c| c.needed).map(|c| c.head).collect();
        let hidden: Vec<&str> = self.best.iter().copied().filter(|head| self.hidden.contains(head)).collect();
        if !hidden.is_empty() {
            let detail = format!("“{}”列被隐藏，没有读取。请取消隐藏后重新上传。", hidden.join("”“"));
            return Refusal::field("/file", detail);
        }
        let detail = match self.tried {
            true => format!(
                "表头缺少“{}”列。请补上该列（合并的表头请拆开，每列一个），或下载模板后把内容粘贴进去。",
                self.best.join("”“")
            ),
            false => format!(
                "没有找到表头。表头应在前 {LOOKED_AT} 行内，至少有“{}”列，每列占一个单元格；请下载模板对照。",
                needed.join("”“")
            ),
        };
        Refusal::field("/file", detail)
    }
}

impl Heads {
    /// Where a column of the kind stands in the file.
    pub fn place(&self, column: usize) -> Option<usize> {
        self.places.get(column).copied().flatten()
    }

    /// A row in the order of the kind's columns.
    pub fn cells(&self, row: &SheetRow) -> Cells {
        let cell = |place: &Option<usize>| place.map_or_else(String::new, |n| row.cell(n).to_owned());
        Cells::new(row.number, self.places.iter().map(cell).collect())
    }
}

fn folded(head: &str) -> String {
    let plain: String = half_width(head).chars().filter(|c| !c.is_whitespace()).collect();
    plain.trim_start_matches('*').trim_end_matches('*').to_lowercase()
}

fn means(column: &Column, name: &str) -> bool {
    !name.is_empty() && (folded(column.head) == name || column.aliases.iter().any(|a| folded(a) == name))
}

//! Where the rows of an import come from, and what of its file was not read: nothing is read, or left, without a word.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::sheet::column_name;

/// Numbers of hidden rows that are named.
const NAMED: usize = 10;

/// A sheet that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OtherSheet {
    /// Its name.
    pub name: String,
    /// Whether it is hidden.
    pub is_hidden: bool,
}

/// A column that was not read, because it is hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HiddenColumn {
    /// Its letters.
    pub column: String,
    /// Its head, where it has one.
    pub head: String,
}

/// What of a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Source {
    /// The sheet that was read; empty for CSV.
    pub sheet: String,
    /// The other sheets: none of them was read.
    pub others: Vec<OtherSheet>,
    /// Hidden rows with content: none of them was read.
    pub hidden_rows: u32,
    /// The first of their numbers.
    pub hidden_row_numbers: Vec<u32>,
    /// Hidden columns with content: none of them was read.
    pub hidden_columns: Vec<HiddenColumn>,
    /// Rows with a question.
    pub questions: i64,
}

impl Source {
    /// Counts a hidden row.
    pub(super) fn hide_row(&mut self, number: u32) {
        self.hidden_rows += 1;
        if self.hidden_row_numbers.len() < NAMED {
            self.hidden_row_numbers.push(number);
        }
    }

    /// Names the hidden columns, each with its head.
    pub(super) fn hide_columns(&mut self, heads: BTreeMap<usize, String>) {
        let column = |(place, head)| HiddenColumn { column: column_name(place), head };
        self.hidden_columns = heads.into_iter().map(column).collect();
    }

    /// Sentences that say what was read and what was not.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let quoted = |hidden: bool| -> String {
            let names = self.others.iter().filter(|other| other.is_hidden == hidden);
            names.map(|other| format!("“{}”", other.name)).collect()
        };
        if !self.others.is_empty() {
            notes.push(format!("读取的是工作表“{}”。", self.sheet));
        }
        let (seen, hidden) = (quoted(false), quoted(true));
        if !seen.is_empty() {
            notes.push(format!("工作表{seen}没有读取；其中的数据如需导入，请单独保存为文件后上传。"));
        }
        if !hidden.is_empty() {
            notes.push(format!("隐藏的工作表{hidden}没有读取。"));
        }
        if self.hidden_rows > 0 {
            let numbers = self.hidden_row_numbers.iter().map(u32::to_string).collect::<Vec<_>>().join("、");
            let more = if self.hidden_rows as usize > self.hidden_row_numbers.len() { " 等" } else { "" };
            notes.push(format!(
                "{} 行被隐藏（第 {numbers}{more} 行），没有读取；如需导入，请取消隐藏或筛选后重新上传。",
                self.hidden_rows
            ));
        }
        if !self.hidden_columns.is_empty() {
            let name = |hidden: &HiddenColumn| match hidden.head.as_str() {
                "" => format!("{} 列", hidden.column),
                head => format!("{} 列“{head}”", hidden.column),
            };
            let names = self.hidden_columns.iter().map(name).collect::<Vec<_>>().join("、");
            let count = self.hidden_columns.len();
            notes.push(format!("{count} 列被隐藏（{names}），没有读取；如需导入，请取消隐藏后重新上传。"));
        }
        notes
    }
}

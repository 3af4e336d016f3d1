//! A table: heads, rows, paging, the choice of columns, export, what to say when it is empty.

use super::{Cell, Choice, Link};

/// A table. Heads, rows and choice come from the columns of its list (`http/columns.rs`).
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its id in the page, also the name under which the browser keeps the chosen columns.
    pub id: String,
    /// What it shows, for readers who do not see it.
    pub caption: String,
    /// Its heads, in order.
    pub columns: Vec<Column>,
    /// True if no row is shown.
    pub empty: bool,
    /// What of the address was not understood; then no row is shown.
    pub faults: Vec<String>,
    /// One sentence why it is empty.
    pub empty_text: String,
    /// The next step when it is empty.
    pub empty_link: Option<Link>,
    /// Where it goes on.
    pub paging: Paging,
    /// The address of the same, filtered, as a sheet.
    pub export: Option<String>,
    /// Its rows.
    pub rows: Vec<TableRow>,
    /// What stands under each column, below the rows; empty where the list has no sums.
    pub foot: Vec<String>,
    /// The columns that the reader may show or leave out.
    pub choices: Vec<ColumnChoice>,
    /// What the address holds beside the choice of columns.
    pub kept: Vec<(String, String)>,
    /// What can be done with chosen rows; none where none can be chosen.
    pub bulk: Option<Bulk>,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct TableRow {
    /// Its class in the style sheet.
    pub class: &'static str,
    /// What is sent where it is chosen, and what the box is called, for readers who do not see the row.
    pub choose: Choice,
    /// Its cells, one for each column.
    pub cells: Vec<TableCell>,
}

/// A cell as it stands in its column.
#[derive(Clone, Debug, Default)]
pub struct TableCell {
    /// True for the cell that names the row.
    pub is_head: bool,
    /// Classes.
    pub class: String,
    /// What stands in it.
    pub cell: Cell,
    /// What a phone shows under it, because it leaves out the columns where it stands.
    pub under: Option<Cell>,
}

/// A column that can be shown or left out.
#[derive(Clone, Debug, Default)]
pub struct ColumnChoice {
    /// Its name in the address.
    pub value: &'static str,
    /// Its head.
    pub text: String,
    /// True where it is shown.
    pub shown: bool,
}

/// What can be done with chosen rows.
#[derive(Clone, Debug, Default)]
pub struct Bulk {
    /// Where the chosen ones go.
    pub action: String,
    /// The form token.
    pub token: String,
    /// What is counted: 「张订单」.
    pub counted: &'static str,
    /// The acts: value and words.
    pub acts: Vec<Choice>,
}

impl Table {
    /// Its rows get the classes that `each` says, in order.
    #[must_use]
    pub fn row_classes(mut self, each: impl IntoIterator<Item = &'static str>) -> Self {
        self.rows.iter_mut().zip(each).for_each(|(row, class)| row.class = class);
        self
    }

    /// Its rows can be chosen: what each sends, and what its box is called.
    #[must_use]
    pub fn choose(mut self, bulk: Bulk, each: impl IntoIterator<Item = Choice>) -> Self {
        self.rows.iter_mut().zip(each).for_each(|(row, choice)| row.choose = choice);
        self.bulk = Some(bulk);
        self
    }
}

/// The head of a column.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Its name among the columns that the reader may choose. Empty: it is always shown.
    pub name: &'static str,
    /// What the address calls it where the list is sorted by it (`sort=price`). Empty: not named.
    pub key: String,
    /// What it says.
    pub label: String,
    /// The unit of its numbers. Empty: none.
    pub unit: String,
    /// True for numbers, which stand at the right.
    pub numeric: bool,
    /// The address that sorts by it; none if it cannot be sorted.
    pub sort: Option<String>,
    /// How it is sorted now.
    pub order: Order,
    /// More classes, for example `wide-only` for a column that a phone leaves out.
    pub class: String,
}

impl Column {
    /// A column of text.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A column of numbers with their unit.
    pub fn number(label: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { label: label.into(), unit: unit.into(), numeric: true, ..Self::default() }
    }

    /// Its name in the address.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = key.into();
        self
    }

    /// Can be sorted by following `href`; `order` is how it is sorted now.
    #[must_use]
    pub fn sorted(mut self, href: impl Into<String>, order: Order) -> Self {
        self.sort = Some(href.into());
        self.order = order;
        self
    }

    /// A phone leaves it out; the page shows it in the first cell instead (class `narrow-only`).
    #[must_use]
    pub fn wide_only(mut self) -> Self {
        self.class = "wide-only".into();
        self
    }
}

/// Makes the columns named in `keys` sortable: `now` says which one sorts the list and how, `href` makes the address for a
/// key and an order. Following the head of the sorted column turns the order round.
pub fn sortable(
    columns: Vec<Column>,
    keys: &[&str],
    now: (&str, Order),
    href: impl Fn(&str, Order) -> String,
) -> Vec<Column> {
    columns
        .into_iter()
        .map(|column| {
            if !keys.contains(&column.key.as_str()) {
                return column;
            }
            let order = if column.key == now.0 { now.1 } else { Order::No };
            let next = if order == Order::Up { Order::Down } else { Order::Up };
            let address = href(&column.key, next);
            column.sorted(address, order)
        })
        .collect()
}

/// How a column is sorted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Order {
    /// Not by this column.
    #[default]
    No,
    /// The least first.
    Up,
    /// The greatest first.
    Down,
}

impl Order {
    /// For `aria-sort`.
    #[must_use]
    pub fn aria(self) -> &'static str {
        match self {
            Self::No => "none",
            Self::Up => "ascending",
            Self::Down => "descending",
        }
    }

    /// The sign beside the head.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Up => "↑",
            Self::Down => "↓",
        }
    }
}

/// Keyset paging: forward and back, with what is in view said in words.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// 「第 51–100 条，共 1,204 条」.
    pub shown: String,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

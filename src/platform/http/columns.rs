//! A list, column by column: each says its head, what stands in its cell, what stands in the exported sheet, and how the list is
//! sorted by it. From that come the table with its heads, rows and sums, the choice of columns (`?columns=…`), and the sheet.

use super::place::ListAddress;
use super::view::{self, Cell, ColumnChoice, Table, TableCell, TableRow};
use super::{present, sorting};
use crate::sheet::{self, Sheet};
use crate::sql::{Money, Time};

/// A list of so few columns leaves nothing to choose.
const FEW: usize = 4;

type Make<'a, R, T> = Box<dyn Fn(&R) -> T + 'a>;

/// A column of a list of `R`.
pub struct Column<'a, R> {
    name: &'static str,
    head: view::Column,
    sort: Option<&'static str>,
    cell: Option<Make<'a, R, Cell>>,
    class: &'static str,
    under: Option<Make<'a, R, Cell>>,
    sheet: Vec<(sheet::Column, Make<'a, R, sheet::Cell>)>,
    foot: String,
    sum: Option<sheet::Cell>,
    part: Part,
}

/// What a column is in its list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It names the row and always stands there.
    Head,
    /// It always stands there.
    Fixed,
    /// It can be left out.
    Usual,
    /// It stands there only where somebody asks for it.
    Extra,
}

impl<'a, R> Column<'a, R> {
    fn new(name: &'static str, head: view::Column, part: Part) -> Self {
        let (sort, cell, class, under, foot) = (None, None, "", None, String::new());
        Self { name, head, sort, cell, class, under, sheet: Vec::new(), foot, sum: None, part }
    }

    fn with<C: Into<Cell>>(mut self, cell: impl Fn(&R) -> C + 'a) -> Self {
        self.cell = Some(Box::new(move |row| cell(row).into()));
        self
    }

    /// The column that names the row; it is always shown.
    pub fn name<C: Into<Cell>>(head: &str, cell: impl Fn(&R) -> C + 'a) -> Self {
        Self::new("", view::Column::text(head), Part::Head).with(cell)
    }

    /// A column of text; `name` stands in the address.
    pub fn text<C: Into<Cell>>(name: &'static str, head: &str, cell: impl Fn(&R) -> C + 'a) -> Self {
        Self::new(name, view::Column::text(head), Part::Usual).with(cell)
    }

    /// A column of numbers with their unit.
    pub fn number<C: Into<Cell>>(
        name: &'static str,
        head: &str,
        unit: &str,
        cell: impl Fn(&R) -> C + 'a,
    ) -> Self {
        Self::new(name, view::Column::number(head, unit), Part::Usual).with(cell)
    }

    /// The column of what can be done with a row; it has no head and is always shown.
    pub fn acts<C: Into<Cell>>(cell: impl Fn(&R) -> C + 'a) -> Self {
        Self::new("", view::Column::text(""), Part::Fixed).with(cell).class("act")
    }

    /// A column of the sheet alone.
    pub fn sheet_only<C: Into<sheet::Cell>>(head: &str, width: u16, cell: impl Fn(&R) -> C + 'a) -> Self {
        Self::new("", view::Column::text(""), Part::Fixed).sheet(head, width, cell)
    }

    /// It stands in the sheet too, under this head; where a cell of the page tells several things, each is a column there.
    #[must_use]
    pub fn sheet<C: Into<sheet::Cell>>(
        mut self,
        head: &str,
        width: u16,
        cell: impl Fn(&R) -> C + 'a,
    ) -> Self {
        self.sheet.push((sheet::Column::new(head, width), Box::new(move |row| cell(row).into())));
        self
    }

    /// The list can be sorted by it: a word of the list's sort keys.
    #[must_use]
    pub fn sort(mut self, key: impl Into<Option<&'static str>>) -> Self {
        self.sort = key.into();
        self
    }

    /// Its cells have a class of the style sheet.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// A phone leaves it out.
    #[must_use]
    pub fn wide_only(mut self) -> Self {
        self.head = self.head.wide_only();
        self
    }

    /// A phone shows this under the row's name instead; an empty cell shows nothing.
    #[must_use]
    pub fn under<C: Into<Cell>>(mut self, cell: impl Fn(&R) -> C + 'a) -> Self {
        self.under = Some(Box::new(move |row| cell(row).into()));
        self.wide_only()
    }

    /// It is shown only where somebody asks for it.
    #[must_use]
    pub fn extra(mut self) -> Self {
        self.part = Part::Extra;
        self
    }

    /// What stands in it below the rows of the page, and of the sheet under the column's last head there.
    #[must_use]
    pub fn sum(mut self, foot: impl Into<String>, cell: impl Into<sheet::Cell>) -> Self {
        self.sum = Some(cell.into());
        self.foot(foot)
    }

    /// What stands in it below the rows; beside the name of a row it says of what the sums are, in the sheet too.
    #[must_use]
    pub fn foot(mut self, foot: impl Into<String>) -> Self {
        self.foot = foot.into();
        self
    }
}

/// The columns of a list, in order.
pub struct Columns<'a, R>(Vec<Column<'a, R>>);

impl<'a, R> Columns<'a, R> {
    /// Those.
    pub fn new(columns: impl IntoIterator<Item = Column<'a, R>>) -> Self {
        Self(columns.into_iter().collect())
    }

    /// Whether a column is shown where these are chosen; none chosen, or none of this list, shows what is usual.
    fn is_shown(&self, column: &Column<'_, R>, chosen: &[String]) -> bool {
        let is_chosen = |column: &Column<'_, R>| chosen.iter().any(|name| name == column.name);
        let any = self.0.iter().any(|column| !column.name.is_empty() && is_chosen(column));
        match column.part {
            Part::Head | Part::Fixed => true,
            _ if any => is_chosen(column),
            part => part == Part::Usual,
        }
    }

    /// The table of the rows at a place: heads, cells, sums and the choice of columns. `usual` is how the list is sorted where the
    /// address says nothing.
    pub fn table(&self, id: &str, rows: &[R], place: &ListAddress, usual: &str) -> Table {
        let on_page = || self.0.iter().filter(|column| column.cell.is_some());
        let shown: Vec<&Column<'a, R>> =
            on_page().filter(|column| self.is_shown(column, place.columns())).collect();
        let has_sums = shown.iter().any(|column| column.part != Part::Head && !column.foot.is_empty());
        let can_choose = on_page().count() > FEW;
        let choices =
            on_page().filter(|column| can_choose && !column.name.is_empty()).map(|column| ColumnChoice {
                value: column.name,
                text: column.head.label.clone(),
                shown: self.is_shown(column, place.columns()),
            });
        Table {
            id: id.into(),
            columns: heads(&shown, place, usual),
            empty: rows.is_empty(),
            faults: place.faults().into_iter().map(|fault| fault.detail).collect(),
            rows: rows.iter().map(|row| table_row(&shown, row)).collect(),
            foot: if has_sums {
                shown.iter().map(|column| column.foot.clone()).collect()
            } else {
                Vec::new()
            },
            choices: choices.collect(),
            kept: place.beside_columns(),
            ..Table::default()
        }
    }

    /// The rows as a sheet: the chosen columns, or all where none are chosen.
    pub fn sheet<'r>(&self, title: &str, chosen: &[String], rows: impl IntoIterator<Item = &'r R>) -> Sheet
    where
        R: 'r,
    {
        let shown = self.0.iter().filter(|column| chosen.is_empty() || self.is_shown(column, chosen));
        let (mut cells, mut heads, mut sums, mut label) = (Vec::new(), Vec::new(), Vec::new(), None);
        for column in shown {
            if column.part == Part::Head && !column.foot.is_empty() {
                label = Some((place(heads.len()), sheet::Cell::from(&column.foot)));
            }
            heads.extend(column.sheet.iter().map(|(head, _)| head.clone()));
            cells.extend(column.sheet.iter().map(|(_, cell)| cell));
            let last = heads.len().saturating_sub(1);
            sums.extend(column.sum.iter().map(|sum| (place(last), sum.clone())));
        }
        let mut sheet = Sheet::new(title, heads);
        rows.into_iter().for_each(|row| sheet.row(cells.iter().map(|cell| cell(row)).collect()));
        if !sums.is_empty() {
            sheet.total(label.into_iter().chain(sums));
        }
        sheet
    }
}

fn place(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

fn heads<R>(shown: &[&Column<'_, R>], place: &ListAddress, usual: &str) -> Vec<view::Column> {
    let keys: Vec<&str> = shown.iter().filter_map(|column| column.sort).collect();
    let head = |column: &&Column<'_, R>| view::Column {
        name: column.name,
        ..column.head.clone().key(column.sort.unwrap_or_default())
    };
    sorting::heads(shown.iter().map(head).collect(), &keys, place, usual)
}

fn table_row<R>(shown: &[&Column<'_, R>], row: &R) -> TableRow {
    let under = shown.iter().filter_map(|column| column.under.as_ref()).map(|under| under(row));
    let mut under = under.filter(|cell| !cell.is_empty()).reduce(Cell::line);
    let cells = shown.iter().filter_map(|column| {
        let cell = column.cell.as_ref()?(row);
        let is_head = column.part == Part::Head;
        let number = if column.head.numeric { "num" } else { "" };
        let classes = [column.class, column.head.class.as_str(), number, cell.class];
        let class = classes.into_iter().filter(|class| !class.is_empty()).collect::<Vec<_>>().join(" ");
        Some(TableCell { is_head, class, under: if is_head { under.take() } else { None }, cell })
    });
    TableRow { cells: cells.collect(), ..TableRow::default() }
}

impl From<Money> for Cell {
    fn from(money: Money) -> Self {
        money.display().into()
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        present::whole(number).into()
    }
}

impl From<Time> for Cell {
    fn from(time: Time) -> Self {
        time.minute().into()
    }
}

//! Where somebody is in a list: its filters, its columns and its page, all in the address, so that a list can be sent to a
//! colleague.
//!
//! `?state=submitted&after=CURSOR&trail=CURSOR~CURSOR&row=101`: `after` is the keyset cursor, `trail` the cursors of the pages
//! before (for 「上一页」), `row` the number of the first row, said to the reader and used for nothing else.
//!
//! What is not understood is kept as a fault: the page says it at the field and above the table, and lists nothing.

use std::cell::RefCell;
use std::str::FromStr;

use actix_web::HttpRequest;
use chrono::NaiveDate;

use super::form::Form;
use super::number::shown;
use super::present::whole;
use super::{day, query, view};
use crate::error::{Error, FieldError, Refusal, Result};
use crate::input::{Checks, half_width};

/// The parameter that says how a list is sorted.
pub const SORT: &str = "sort";

/// The parameter that names a column which is shown; it may stand several times.
const COLUMNS: &str = "columns";

/// Columns that an address names at most.
const MOST_COLUMNS: usize = 40;
/// Pages that can be gone back one by one; from there back leads to the first page.
const LONGEST_TRAIL: usize = 12;
/// Characters of a filter at most.
pub const LONGEST_VALUE: usize = 200;
/// Parameters that say where a page stands.
const STANDING: [&str; 3] = ["after", "trail", "row"];

/// A place in a list.
#[derive(Debug, Clone, Default)]
pub struct ListAddress {
    path: String,
    filters: Vec<(String, String)>,
    columns: Vec<String>,
    after: String,
    trail: Vec<String>,
    row: u64,
    faults: RefCell<Checks>,
}

impl ListAddress {
    /// The place that the request's address names; parameters that are not in `names` are faults.
    pub fn of(request: &HttpRequest, names: &[&str]) -> Self {
        Self::read(request.path(), request.query_string(), names)
    }

    /// The place that a path with a query names.
    pub fn read(path: &str, query: &str, names: &[&str]) -> Self {
        let given = Form::parse(query.as_bytes());
        let mut faults = Checks::default();
        let known = |name: &str| name == COLUMNS || STANDING.contains(&name) || names.contains(&name);
        for (name, _) in given.fields().iter().filter(|(name, _)| !known(name)) {
            let fault = query::unknown(name, names);
            faults.wrong(fault.pointer, fault.detail);
        }
        let filters = names.iter().filter_map(|name| {
            let typed = given.value(name).trim();
            let value: String = typed.chars().take(LONGEST_VALUE).collect();
            if value.len() < typed.len() {
                faults.wrong(format!("/{name}"), format!("至多填写 {LONGEST_VALUE} 个字，请精简后再试"));
            }
            (!value.is_empty()).then(|| ((*name).to_owned(), value))
        });
        let filters: Vec<_> = filters.collect();
        let columns = given.values(COLUMNS).filter(|word| is_word(word)).take(MOST_COLUMNS);
        let trail = given.value("trail").split('~').filter(|c| is_cursor(c)).map(str::to_owned).collect();
        Self {
            path: path.into(),
            filters,
            columns: columns.map(str::to_owned).collect(),
            after: given.value("after").to_owned(),
            trail,
            row: given.value("row").parse().unwrap_or(1).max(1),
            faults: RefCell::new(faults),
        }
    }

    /// What is chosen in a filter; empty where nothing is.
    pub fn value(&self, name: &str) -> &str {
        self.filters.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }

    /// What is chosen in a filter of fixed words; none where nothing is, and a fault where it is none of them.
    pub fn choice<T: FromStr>(&self, name: &str) -> Option<T> {
        self.understand(name, |text| {
            text.parse().map_err(|_| format!("“{}”不在可选范围内，请重新选择", shown(text)))
        })
    }

    /// The day in a filter.
    pub fn day(&self, name: &str) -> Option<NaiveDate> {
        self.understand(name, |text| day::parse("", &half_width(text)))
    }

    /// Whether a filter of one word is set.
    pub fn is(&self, name: &str, word: &str) -> bool {
        let read = |text: &str| match text == word {
            true => Ok(()),
            false => Err(format!("“{}”不在可选范围内，请重新选择", shown(text))),
        };
        self.understand(name, read).is_some()
    }

    fn understand<T>(&self, name: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = Some(self.value(name)).filter(|text| !text.is_empty())?;
        read(text).map_err(|detail| self.wrong(name, detail)).ok()
    }

    /// Remembers that a filter is wrong.
    pub fn wrong(&self, name: &str, detail: impl Into<String>) {
        let (mut faults, pointer) = (self.faults.borrow_mut(), format!("/{name}"));
        if faults.errors().iter().all(|known| known.pointer != pointer) {
            faults.wrong(pointer, detail);
        }
    }

    /// What of the address was not understood, once its filters were read.
    pub fn faults(&self) -> Vec<FieldError> {
        self.faults.borrow().errors().to_vec()
    }

    /// What a list finds; nothing where the address was not understood, and where the search itself refuses a filter.
    ///
    /// # Errors
    /// Every other refusal; of the database.
    pub async fn found<T: Default>(&self, look: impl Future<Output = Result<T>>) -> Result<T> {
        if !self.faults.borrow().is_fine() {
            return Ok(T::default());
        }
        match look.await {
            Err(Error::Refused(no)) if no.status == 422 && !no.errors.is_empty() => {
                for fault in no.errors {
                    self.wrong(fault.pointer.trim_start_matches('/'), fault.detail);
                }
                Ok(T::default())
            }
            found => found,
        }
    }

    /// Refuses an address of which something was not understood.
    ///
    /// # Errors
    /// 422 naming the filters.
    pub fn understood(&self) -> Result<()> {
        let faults = self.faults();
        if faults.is_empty() { Ok(()) } else { Err(Refusal::invalid(faults).into()) }
    }

    /// A filter's field with what stands in the address and what is wrong with it.
    pub fn field(&self, mut field: view::Field) -> view::Field {
        field.value = self.value(&field.name).into();
        let pointer = format!("/{}", field.name);
        if let Some(fault) = self.faults.borrow().errors().iter().find(|fault| fault.pointer == pointer) {
            field.error.clone_from(&fault.detail);
        }
        field
    }

    /// The cursor, for an operation that pages.
    pub fn after(&self) -> Option<String> {
        Some(self.after.clone()).filter(|a| !a.is_empty())
    }

    /// True where any filter is set; how the list is sorted is none.
    pub fn is_filtered(&self) -> bool {
        self.filters.iter().any(|(name, _)| name != SORT)
    }

    /// The columns that are shown; none where the reader chose none.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What a form that changes the filters sends along: how the list is sorted, and its columns.
    pub fn kept(&self) -> Vec<view::Field> {
        let sort = Some((SORT.to_owned(), self.value(SORT).to_owned())).filter(|(_, sort)| !sort.is_empty());
        let hidden =
            |(name, value): (String, String)| view::Field::new(view::Kind::Hidden, name, "").value(value);
        sort.into_iter().chain(self.shown()).map(hidden).collect()
    }

    /// What a form that chooses columns sends along: the filters and the page.
    pub fn beside_columns(&self) -> Vec<(String, String)> {
        self.filters.iter().cloned().chain(self.standing(&self.after, &self.trail, self.row)).collect()
    }

    fn shown(&self) -> impl Iterator<Item = (String, String)> {
        self.columns.iter().map(|column| (COLUMNS.to_owned(), column.clone()))
    }

    /// The filters and the columns.
    fn all(&self) -> impl Iterator<Item = (String, String)> {
        self.filters.iter().cloned().chain(self.shown())
    }

    /// The first page with one filter changed; an empty value takes it away.
    pub fn with(&self, name: &str, value: &str) -> String {
        let others = self.filters.iter().filter(|(n, _)| n != name).cloned();
        let changed = Some((name.to_owned(), value.to_owned())).filter(|(_, v)| !v.is_empty());
        address(&self.path, others.chain(changed).chain(self.shown()))
    }

    /// The same filters and columns at another path, for the export.
    pub fn at(&self, path: &str) -> String {
        address(path, self.all())
    }

    /// Back and on. `count` rows are shown; `total` where it is known.
    pub fn paging(&self, count: usize, next: Option<&str>, total: Option<i64>) -> view::Paging {
        let count = count as u64;
        let last = self.row.saturating_add(count.saturating_sub(1));
        let range = if count == 0 { String::new() } else { format!("第 {}–{} 条", self.row, last) };
        let shown = match total {
            Some(total) if self.row == 1 && next.is_none() => format!("共 {} 条", whole(total)),
            Some(total) => format!("{range}，共 {} 条", whole(total)),
            None if self.row == 1 && next.is_none() => format!("共 {count} 条"),
            None => range,
        };
        view::Paging {
            shown,
            previous: (!self.after.is_empty()).then(|| self.previous(count)),
            next: next.map(|cursor| self.next(cursor, last.saturating_add(1))),
        }
    }

    fn next(&self, cursor: &str, row: u64) -> String {
        let mut trail = self.trail.clone();
        if !self.after.is_empty() {
            trail.push(self.after.clone());
        }
        let start = trail.len().saturating_sub(LONGEST_TRAIL);
        self.page(cursor, trail.get(start..).unwrap_or_default(), row)
    }

    fn previous(&self, count: u64) -> String {
        match self.trail.split_last() {
            // Pages before the last one are full; only the last page may be shorter, and it is never gone back to.
            Some((cursor, rest)) => self.page(
                cursor,
                rest,
                self.row.saturating_sub(count.max(super::paging::DEFAULT_LIMIT as u64)).max(1),
            ),
            None => address(&self.path, self.all()),
        }
    }

    fn page(&self, cursor: &str, trail: &[String], row: u64) -> String {
        address(&self.path, self.all().chain(self.standing(cursor, trail, row)))
    }

    /// Where a page stands; nothing for the first.
    fn standing(&self, cursor: &str, trail: &[String], row: u64) -> impl Iterator<Item = (String, String)> {
        let place = [
            ("after".to_owned(), cursor.to_owned()),
            ("trail".to_owned(), trail.join("~")),
            ("row".to_owned(), row.to_string()),
        ];
        let first = cursor.is_empty();
        place.into_iter().filter(move |(_, value)| !first && !value.is_empty())
    }
}

/// The name of a column.
fn is_word(text: &str) -> bool {
    (1..=30).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn is_cursor(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'='))
}

/// A path with a query.
pub fn address(path: &str, pairs: impl IntoIterator<Item = (String, String)>) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

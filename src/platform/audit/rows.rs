//! Compares the rows as they are with the last `after` that the audit holds of each.

use std::collections::VecDeque;

use diesel::prelude::*;
use serde_json::Value;

use super::finding::{Finding, Tally};
use super::made::{Imported, MadeRows, Row, batch_of, is_unpublished};
use crate::error::{Error, Result};
use crate::keyset;
use crate::schema::audit_entry;
use crate::sql::{AnyConn, Id, Time};

/// Rows and entries held at once.
const PAGE: i64 = 2000;

/// Names the keys of rows behind a key, whatever else they hold.
pub type Keys = fn(conn: &mut AnyConn, after: Option<Id>, limit: i64) -> Result<Vec<Id>>;

/// Loads rows behind a key.
pub type Load = fn(conn: &mut AnyConn, after: Option<Id>, limit: i64) -> Result<Vec<Row>>;

/// Where the rows of an audited type come from.
#[derive(Clone, Copy)]
pub struct RowSource {
    /// [`super::Audited::TYPE`].
    pub object_type: &'static str,
    /// Rows behind key `after`, ordered by key, at most `limit`, each as the office records it.
    pub load: Load,
    /// The keys alone, for where a row cannot be read.
    pub keys: Keys,
}

/// The source of a type whose rows are recorded as they stand in one table: `row_source!(table, Type)`, or
/// `row_source!(table by key, Type)` where the key is not called `id`.
#[macro_export]
macro_rules! row_source {
    ($table:ident, $row:ty) => {
        $crate::row_source!($table by id, $row)
    };
    ($table:ident by $key:ident, $row:ty) => {{
        fn load(
            conn: &mut $crate::sql::AnyConn,
            after: Option<$crate::sql::Id>,
            limit: i64,
        ) -> $crate::error::Result<Vec<$crate::audit::Row>> {
            use diesel::prelude::*;
            // Each engine's own statements, which are planned once: all that the platform holds is read here.
            let query = $table::table.order($table::$key).limit(limit);
            let rows: Vec<$row> = match after {
                Some(after) => $crate::on_db!(conn, c => {
                    query.filter($table::$key.gt(after)).select(<$row>::as_select()).load(c)
                })?,
                None => $crate::on_db!(conn, c => query.select(<$row>::as_select()).load(c))?,
            };
            rows.iter().map($crate::audit::Row::of).collect()
        }
        let keys = $crate::row_keys!($table by $key);
        $crate::audit::RowSource { object_type: <$row as $crate::audit::Audited>::TYPE, load, keys }
    }};
}

/// The keys of a table, for [`RowSource`]; as in [`row_source!`](crate::row_source).
#[macro_export]
macro_rules! row_keys {
    ($table:ident) => {
        $crate::row_keys!($table by id)
    };
    ($table:ident by $key:ident) => {{
        fn keys(
            conn: &mut $crate::sql::AnyConn,
            after: Option<$crate::sql::Id>,
            limit: i64,
        ) -> $crate::error::Result<Vec<$crate::sql::Id>> {
            use diesel::prelude::*;
            let mut query = $table::table.order($table::$key).limit(limit).select($table::$key).into_boxed();
            if let Some(after) = after {
                query = query.filter($table::$key.gt(after));
            }
            Ok(query.load(conn)?)
        }
        keys
    }};
}

/// Compares every row of `source`, in constant memory: both sides come in the order of their keys.
pub(super) fn compare(
    conn: &mut AnyConn,
    source: &RowSource,
    tally: &mut Tally,
    made: &mut MadeRows,
    found: &mut dyn FnMut(Finding),
) -> Result<()> {
    let mut rows = Rows { source, page: VecDeque::new(), after: None, ended: false };
    let mut histories =
        Histories { object_type: source.object_type, page: VecDeque::new(), last: None, ended: false };
    let mut imported = Imported::default();
    let mut row = rows.next(conn, found)?;
    let mut history = histories.next(conn)?;
    let kind = source.object_type;
    loop {
        let order = match (&row, &history) {
            (None, None) => return Ok(()),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(row), Some(h)) => row.id.cmp(&h.id),
        };
        // A row that was changed since came as its first change found it.
        if order.is_ge()
            && let Some((batch, text)) = history.as_ref().and_then(History::as_imported)
        {
            made.add(kind, batch, text);
        }
        if order.is_le()
            && let Some(Row { id, text }) = row.take()
        {
            tally.rows += 1;
            match (history.as_ref().filter(|_| order.is_eq()), text) {
                // Named already.
                (_, None) => {}
                (None, Some(text)) => match batch_of(&text) {
                    Some(batch) if imported.covers(conn, batch)? => made.add(kind, batch, &text),
                    None if is_unpublished(&text) => {}
                    _ => found(Finding::RowAdded { kind, id }),
                },
                (Some(h), Some(text)) => h.check(kind, Some(&text), found),
            }
            row = rows.next(conn, found)?;
        }
        if order.is_ge()
            && let Some(h) = history.take()
        {
            if order.is_gt() {
                h.check(kind, None, found);
            }
            history = histories.next(conn)?;
        }
    }
}

/// True where a value is not what its column holds, which tells nothing of the database itself.
pub(super) fn is_unreadable(error: &Error) -> bool {
    matches!(error, Error::Database(diesel::result::Error::DeserializationError(_)))
}

struct Rows<'a> {
    source: &'a RowSource,
    page: VecDeque<Row>,
    after: Option<Id>,
    ended: bool,
}

impl Rows<'_> {
    /// The next page row by row: what cannot be read is named and stands there without a value.
    fn one_by_one(&self, conn: &mut AnyConn, found: &mut dyn FnMut(Finding)) -> Result<VecDeque<Row>> {
        let mut page = VecDeque::new();
        let mut after = self.after;
        for id in (self.source.keys)(conn, self.after, PAGE)? {
            match (self.source.load)(conn, after, 1) {
                Ok(rows) => page.extend(rows),
                Err(error) if is_unreadable(&error) => {
                    let kind = self.source.object_type;
                    found(Finding::RowUnreadable { kind, id, cause: error.to_string() });
                    page.push_back(Row { id, text: None });
                }
                Err(error) => return Err(error),
            }
            after = Some(id);
        }
        Ok(page)
    }

    fn next(&mut self, conn: &mut AnyConn, found: &mut dyn FnMut(Finding)) -> Result<Option<Row>> {
        if self.page.is_empty() && !self.ended {
            self.page = match (self.source.load)(conn, self.after, PAGE) {
                Err(error) if is_unreadable(&error) => self.one_by_one(conn, found)?,
                loaded => loaded?.into(),
            };
            self.ended = self.page.is_empty();
        }
        let row = self.page.pop_front();
        if let Some(Row { id, .. }) = &row {
            if self.after.is_some_and(|after| *id <= after) {
                return Err(Error::internal(format!(
                    "rows of {} do not come in the order of keys",
                    self.source.object_type
                )));
            }
            self.after = Some(*id);
        }
        Ok(row)
    }
}

/// What the audit says that a row is now. Entries of one request have one time, and a slow request may commit after a later
/// one, so the row's own version decides, then the time; what still ties may be either.
struct History {
    id: Id,
    rank: (i64, Time),
    latest: Vec<(Id, Option<String>)>,
    first: (i64, Time),
    before: Option<String>,
}

impl History {
    fn of(entry: Line) -> Self {
        let rank = entry.rank();
        let latest = vec![(entry.id, entry.after)];
        Self { id: entry.object_id, rank, latest, first: rank, before: entry.before }
    }

    fn add(&mut self, entry: Line) {
        let rank = entry.rank();
        if rank < self.first {
            (self.first, self.before) = (rank, entry.before);
        }
        if rank > self.rank {
            self.rank = rank;
            self.latest.clear();
        }
        if rank == self.rank {
            self.latest.push((entry.id, entry.after));
        }
    }

    /// The import that the row came with, and the row as it came, where that was before its first entry.
    fn as_imported(&self) -> Option<(Id, &str)> {
        let before = self.before.as_deref()?;
        Some((batch_of(before)?, before))
    }

    fn check(&self, kind: &'static str, row: Option<&str>, found: &mut dyn FnMut(Finding)) {
        if self.latest.iter().any(|(_, after)| after.as_deref() == row) {
            return;
        }
        let id = self.id;
        let Some((entry, after)) = self.latest.last() else { return };
        found(match (row, after) {
            (None, _) => Finding::RowRemoved { kind, id, entry: *entry },
            (Some(_), None) => Finding::RowAdded { kind, id },
            (Some(row), Some(after)) => {
                Finding::RowAltered { kind, id, entry: *entry, members: differing_members(after, row) }
            }
        });
    }
}

/// Names of the members that differ, each as `name: recorded → found`.
fn differing_members(recorded: &str, found: &str) -> Vec<String> {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let mut names = Vec::new();
    difference("", &read(recorded), &read(found), &mut names);
    names.truncate(10);
    names
}

fn difference(path: &str, recorded: &Value, found: &Value, names: &mut Vec<String>) {
    match (recorded, found) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|k| !a.contains_key(*k)));
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                difference(
                    &path,
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                    names,
                );
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                difference(&format!("{path}[{n}]"), a, b, names);
            }
        }
        (a, b) if a != b => names.push(format!("{path}：{a} → {b}")),
        _ => {}
    }
}

#[derive(Queryable)]
struct Line {
    object_id: Id,
    at: Time,
    id: Id,
    after: Option<String>,
    before: Option<String>,
}

impl Line {
    fn json(text: Option<&String>) -> Option<Value> {
        serde_json::from_str(text?).ok()
    }

    /// The version after the act; a row that was removed has one more than it had before.
    fn rank(&self) -> (i64, Time) {
        let version = |text: Option<&String>| Self::json(text).and_then(|v| v.get("version")?.as_i64());
        let removed = || version(self.before.as_ref()).map(|v| v + 1);
        (version(self.after.as_ref()).or_else(removed).unwrap_or(0), self.at)
    }

    /// An act that is not the change of the row.
    fn is_note(&self) -> bool {
        self.before.is_none()
            && Self::json(self.after.as_ref())
                .is_some_and(|v| v.as_object().is_some_and(|o| o.len() == 1 && o.contains_key("note")))
    }
}

struct Histories {
    object_type: &'static str,
    page: VecDeque<Line>,
    last: Option<(Id, Time, Id)>,
    ended: bool,
}

impl Histories {
    /// The history of the next row that has one.
    fn next(&mut self, conn: &mut AnyConn) -> Result<Option<History>> {
        let mut history: Option<History> = None;
        loop {
            if self.page.is_empty() && !self.ended {
                self.load(conn)?;
            }
            let belongs = match (self.page.front(), &history) {
                (None, _) => return Ok(history),
                (Some(line), Some(h)) => line.object_id == h.id,
                (Some(_), None) => true,
            };
            if !belongs {
                return Ok(history);
            }
            let Some(line) = self.page.pop_front().filter(|line| !line.is_note()) else { continue };
            match &mut history {
                Some(h) => h.add(line),
                None => history = Some(History::of(line)),
            }
        }
    }

    fn load(&mut self, conn: &mut AnyConn) -> Result<()> {
        use audit_entry::{at, id, object_id};
        let query = audit_entry::table
            .filter(audit_entry::object_type.eq(self.object_type))
            .limit(PAGE)
            .select((object_id, at, id, audit_entry::after, audit_entry::before))
            .into_boxed();
        let query = keyset!(query, self.last, object_id => asc, at => asc, id => asc);
        self.page = query.load::<Line>(conn)?.into();
        self.ended = self.page.is_empty();
        if let Some(line) = self.page.back() {
            self.last = Some((line.object_id, line.at, line.id));
        }
        Ok(())
    }
}

//! Queries of standing lists. Each has the hospital in it.

use diesel::prelude::*;

use super::model::{ListRecord, StandingLine, StandingList};
use crate::platform::audit::{Audited, Row, RowSource};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{standing_line, standing_list};
use crate::platform::sql::{AnyConn, Id};
use crate::{keyset, on_db};

/// Rows in one statement of SQLite at most: it takes 32,766 values.
const ROWS_AT_ONCE: usize = 1_000;

/// The lists of a hospital by name.
///
/// # Errors
/// Of the database.
pub fn lists(conn: &mut AnyConn, hospital: Id) -> Result<Vec<StandingList>> {
    Ok(standing_list::table
        .filter(standing_list::hospital_id.eq(hospital))
        .order((standing_list::name, standing_list::id))
        .select(StandingList::as_select())
        .load(conn)?)
}

/// A list of the hospital with its lines.
///
/// # Errors
/// 404 for any other.
pub fn record(conn: &mut AnyConn, hospital: Id, id: Id) -> Result<ListRecord> {
    let found = standing_list::table
        .filter(standing_list::id.eq(id))
        .filter(standing_list::hospital_id.eq(hospital))
        .select(StandingList::as_select())
        .get_result(conn)
        .optional()?;
    let list = found.ok_or_else(|| Refusal::not_found("清单"))?;
    let lines = lines_of(conn, &[id])?;
    Ok(ListRecord { list, lines })
}

fn lines_of(conn: &mut AnyConn, lists: &[Id]) -> Result<Vec<StandingLine>> {
    Ok(standing_line::table
        .filter(standing_line::list_id.eq_any(lists))
        .order((standing_line::list_id, standing_line::line_no))
        .select(StandingLine::as_select())
        .load(conn)?)
}

/// Inserts a list with its lines.
pub(super) fn insert(conn: &mut AnyConn, record: &ListRecord) -> Result<()> {
    diesel::insert_into(standing_list::table).values(&record.list).execute(conn)?;
    for rows in record.lines.chunks(ROWS_AT_ONCE) {
        on_db!(conn, c => diesel::insert_into(standing_line::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Deletes a list with its lines.
pub(super) fn delete(conn: &mut AnyConn, id: Id) -> Result<()> {
    diesel::delete(standing_line::table.filter(standing_line::list_id.eq(id))).execute(conn)?;
    diesel::delete(standing_list::table.find(id)).execute(conn)?;
    Ok(())
}

/// The rows for `jicai audit verify --rows`: lists, each with its lines.
pub const ROWS: RowSource = RowSource {
    object_type: ListRecord::TYPE,
    load: records,
    keys: crate::platform::row_keys!(standing_list),
};

fn records(conn: &mut AnyConn, after: Option<Id>, limit: i64) -> Result<Vec<Row>> {
    let query = standing_list::table.limit(limit).select(StandingList::as_select()).into_boxed();
    let lists: Vec<StandingList> = keyset!(query, after, standing_list::id => asc).load(conn)?;
    let ids: Vec<Id> = lists.iter().map(|list| list.id).collect();
    let mut lines = lines_of(conn, &ids)?;
    let value = |list: StandingList| {
        let own = lines.extract_if(.., |line| line.list_id == list.id).collect();
        Row::of(&ListRecord { list, lines: own })
    };
    lists.into_iter().map(value).collect()
}

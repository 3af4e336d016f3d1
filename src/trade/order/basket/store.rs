//! Queries of the basket. Each has the hospital in it.

use diesel::prelude::*;

use super::model::BasketLine;
use crate::on_db;
use crate::platform::db::padded;
use crate::platform::error::Result;
use crate::platform::schema::basket_line;
use crate::platform::sql::{AnyConn, Id};

/// Rows in one statement of SQLite at most: it takes 32,766 values.
const ROWS: usize = 1_000;

/// The lines of a hospital's basket in their order.
///
/// # Errors
/// Of the database.
pub fn lines(conn: &mut AnyConn, hospital: Id) -> Result<Vec<BasketLine>> {
    Ok(basket_line::table
        .filter(basket_line::hospital_id.eq(hospital))
        .order((basket_line::place, basket_line::id))
        .select(BasketLine::as_select())
        .load(conn)?)
}

/// Puts lines in the place of those with the same keys.
pub(super) fn put(conn: &mut AnyConn, hospital: Id, lines: &[BasketLine]) -> Result<()> {
    let keys: Vec<Id> = lines.iter().map(|line| line.id).collect();
    remove(conn, hospital, &keys)?;
    for rows in lines.chunks(ROWS) {
        on_db!(conn, c => diesel::insert_into(basket_line::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Takes lines out.
pub(super) fn remove(conn: &mut AnyConn, hospital: Id, keys: &[Id]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let own = basket_line::table.filter(basket_line::hospital_id.eq(hospital));
    diesel::delete(own.filter(basket_line::id.eq_any(padded(keys.iter().copied())))).execute(conn)?;
    Ok(())
}

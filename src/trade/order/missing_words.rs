//! Orders that have no words yet, or have them in an earlier form.

use diesel::prelude::*;

use super::model::{OrderLine, OrderRecord, PurchaseOrder};
use super::store;
use super::words::{FORM, replace};
use crate::keyset;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::schema::{order_words, purchase_order};
use crate::platform::sql::{AnyConn, Id};

/// Orders whose words are made in one write.
const AT_ONCE: i64 = 200;

/// Makes their words.
///
/// # Errors
/// Of the database.
pub async fn fill(db: &Db) -> Result<()> {
    let mut after = None;
    loop {
        // Looked for outside the writer: mostly there is nothing to do, and every order is looked at.
        let without = db.read(move |conn| without(conn, after)).await?;
        let Some(last) = without.last() else { return Ok(()) };
        after = Some(*last);
        db.write_unaudited("order.words", move |conn| make(conn, &without)).await?;
    }
}

/// Some orders behind `after` without words of this form.
fn without(conn: &mut AnyConn, after: Option<Id>) -> Result<Vec<Id>> {
    let made = order_words::table
        .filter(order_words::order_id.eq(purchase_order::id))
        .filter(order_words::made_as.eq(FORM));
    let query = purchase_order::table
        .filter(diesel::dsl::not(diesel::dsl::exists(made)))
        .limit(AT_ONCE)
        .select(purchase_order::id)
        .into_boxed();
    Ok(keyset!(query, after, purchase_order::id => asc).load(conn)?)
}

/// Makes the words of these orders as they are now.
fn make(conn: &mut AnyConn, ids: &[Id]) -> Result<()> {
    let orders: Vec<PurchaseOrder> = purchase_order::table
        .filter(purchase_order::id.eq_any(ids))
        .select(PurchaseOrder::as_select())
        .load(conn)?;
    let mut lines: Vec<OrderLine> = store::lines_of(conn, ids)?;
    for order in orders {
        let own = lines.extract_if(.., |line| line.order_id == order.id).collect();
        replace(conn, &OrderRecord { order, lines: own })?;
    }
    Ok(())
}

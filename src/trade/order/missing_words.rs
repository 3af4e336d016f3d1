//! Orders that have no words yet, or have them in an earlier form.

use diesel::prelude::*;

use super::model::{OrderLine, OrderRecord, PurchaseOrder};
use super::store;
use super::words::{FORM, replace};
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
        let last = db.write_unaudited("order.words", move |conn| some(conn, after)).await?;
        match last {
            None => return Ok(()),
            last => after = last,
        }
    }
}

/// Makes the words of some orders behind `after`; the last of them, none where none is left.
fn some(conn: &mut AnyConn, after: Option<Id>) -> Result<Option<Id>> {
    let made = order_words::table
        .filter(order_words::order_id.eq(purchase_order::id))
        .filter(order_words::made_as.eq(FORM));
    let mut query = purchase_order::table
        .filter(diesel::dsl::not(diesel::dsl::exists(made)))
        .order(purchase_order::id)
        .limit(AT_ONCE)
        .select(PurchaseOrder::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(purchase_order::id.gt(after));
    }
    let orders: Vec<PurchaseOrder> = query.load(conn)?;
    let ids: Vec<Id> = orders.iter().map(|order| order.id).collect();
    let mut lines: Vec<OrderLine> = store::lines_of(conn, &ids)?;
    for order in orders {
        let own = lines.extract_if(.., |line| line.order_id == order.id).collect();
        replace(conn, &OrderRecord { order, lines: own })?;
    }
    Ok(ids.last().copied())
}

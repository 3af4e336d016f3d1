//! What time does to orders: the supplier's silence is told to both sides, once.

use diesel::prelude::*;
use serde_json::json;

use super::letters;
use super::model::{OrderRecord, OrderState, PurchaseOrder};
use super::store::{self, Scope};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::deadlines::Deadline;
use crate::platform::error::Result;
use crate::platform::feed;
use crate::platform::schema::purchase_order;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Region;
use crate::save;

/// What falls due for an order, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The supplier should have answered.
    Answer,
}

/// What falls due for an order, from the row alone.
pub fn deadlines(order: &PurchaseOrder) -> Vec<(Time, Due)> {
    let waits = order.state == OrderState::Submitted && order.reminded_at.is_none();
    order.respond_by.filter(|_| waits).map(|by| (by, Due::Answer)).into_iter().collect()
}

/// The earliest of them, as it is kept in the row.
pub fn next_check(order: &PurchaseOrder) -> Option<Time> {
    deadlines(order).into_iter().map(|(at, _)| at).min()
}

/// The supplier's silence.
pub const DEADLINE: Deadline = Deadline { name: "order.overdue", due, apply };

/// Applies everything that is past; returns to how many orders something was done.
pub async fn apply_due(db: &Db, actor: &Actor) -> Result<usize> {
    DEADLINE.run(db, actor).await
}

fn due(conn: &mut AnyConn, past: Time, limit: i64) -> Result<Vec<Id>> {
    Ok(purchase_order::table
        .filter(purchase_order::next_check.le(past))
        .order((purchase_order::next_check, purchase_order::id))
        .select(purchase_order::id)
        .limit(limit)
        .load(conn)?)
}

fn apply(tx: &mut Tx, id: Id, past: Time) -> Result<bool> {
    let before = store::record(tx.conn, &Scope::Region(Region::Province), id)?;
    if before.order.next_check.is_none_or(|at| at > past) {
        return Ok(false);
    }
    let mut after = before.clone();
    let due = deadlines(&before.order).into_iter().any(|(at, due)| at <= past && due == Due::Answer);
    if due {
        after.order.remind(tx.legal_now()?);
    }
    after.order.next_check = next_check(&after.order);
    save!(tx, purchase_order, &before.order, &mut after.order)?;
    tx.record("order.overdue", Some(&before), Some(&after), None)?;
    if due {
        tell(tx, &after)?;
    }
    Ok(due)
}

fn tell(tx: &mut Tx, record: &OrderRecord) -> Result<()> {
    let order = &record.order;
    letters::overdue(tx, order)?;
    let body = json!({"order_id": order.id, "number": order.number, "respond_by": order.respond_by});
    let readers = [order.hospital_id, order.supplier_id];
    feed::emit(tx, "order.overdue", "purchase_order", order.id, &readers, &body)
}

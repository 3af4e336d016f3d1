//! What time does to orders: the supplier's silence is told to both sides, once.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use super::letters;
use super::model::{OrderRecord, OrderState, PurchaseOrder};
use super::store::{self, Scope};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::Result;
use crate::platform::schema::purchase_order;
use crate::platform::sql::{Id, Time};
use crate::platform::{clock, feed};

/// A request that came in time may still be on its way for so long after a deadline.
const GRACE_SECONDS: i64 = 60;
/// Orders looked at in one round.
const BATCH: i64 = 200;

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

/// Applies everything that is past; returns to how many orders something was done. Right on any number of instances and as
/// often as it runs.
pub async fn apply_due(db: &Db, actor: &Actor) -> Result<usize> {
    let mut done = 0;
    loop {
        let now = actor.received_at;
        let due: Vec<Id> = db
            .read(move |conn| {
                let past = clock::legal_now(conn, now)?.plus(-Duration::seconds(GRACE_SECONDS));
                Ok(purchase_order::table
                    .filter(purchase_order::next_check.le(past))
                    .order((purchase_order::next_check, purchase_order::id))
                    .select(purchase_order::id)
                    .limit(BATCH)
                    .load(conn)?)
            })
            .await?;
        if due.is_empty() {
            return Ok(done);
        }
        for id in due {
            let told = db.write(actor, move |tx| look(tx, id)).await?;
            done += usize::from(told);
        }
    }
}

/// Looks at one order again, in its own write; true if something was due.
fn look(tx: &mut Tx, id: Id) -> Result<bool> {
    let past = tx.legal_now()?.plus(-Duration::seconds(GRACE_SECONDS));
    let before = store::record(tx.conn, &Scope::All, id)?;
    if before.order.next_check.is_none_or(|at| at > past) {
        return Ok(false);
    }
    let mut after = before.clone();
    let due = deadlines(&before.order).into_iter().any(|(at, due)| at <= past && due == Due::Answer);
    if due {
        after.order.reminded_at = Some(tx.legal_now()?);
    }
    after.order.next_check = next_check(&after.order);
    after.order.version += 1;
    store::save(tx, &after.order)?;
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

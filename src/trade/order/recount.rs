//! Days of delivery that were provisional are counted again when a notice on holidays is confirmed (JX-12).

use diesel::prelude::*;
use serde_json::{Value, json};

use super::letters;
use super::model::OrderState;
use super::store::{self, Scope};
use crate::platform::calendar;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::feed;
use crate::platform::jobs::JobContext;
use crate::platform::policy::Policies;
use crate::platform::schema::purchase_order;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Region;
use crate::rules::calendar::Calendar;
use crate::rules::order as law;
use crate::save;

/// Orders counted in one write.
const TOGETHER: i64 = 20;
/// Those that somebody still has to deliver.
const OPEN: [OrderState; 2] = [OrderState::Submitted, OrderState::Confirmed];

/// The job `calendar.recount`. What is settled or moved is told; what stays as it is costs no write, so it may run again.
///
/// # Errors
/// Of the database.
pub async fn job(cx: JobContext, policies: Policies) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let notice = payload.get("notice").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (actor, mut after, mut counted) = (cx.actor(), None, 0_usize);
    loop {
        let ids = cx.db.read(move |conn| provisional(conn, after)).await?;
        if ids.is_empty() {
            return Ok(json!({ "orders": counted }));
        }
        after = ids.last().copied();
        let (policies, notice) = (policies.clone(), notice.clone());
        let changed = cx.db.write(&actor, move |tx| {
            let calendar = calendar::current(tx.conn)?;
            let mut changed = 0_usize;
            for id in &ids {
                changed += usize::from(recount(tx, &policies, &calendar, *id, &notice)?);
            }
            Ok(changed)
        });
        counted += changed.await?;
    }
}

fn provisional(conn: &mut AnyConn, after: Option<Id>) -> Result<Vec<Id>> {
    let mut query = purchase_order::table
        .filter(purchase_order::deliver_by_provisional)
        .filter(purchase_order::state.eq_any(OPEN))
        .order(purchase_order::id)
        .limit(TOGETHER)
        .select(purchase_order::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(purchase_order::id.gt::<Id>(after));
    }
    Ok(query.load(conn)?)
}

/// Counts one order's day by the calendar as it is known now; false where nothing is new.
fn recount(tx: &mut Tx, policies: &Policies, calendar: &Calendar, id: Id, notice: &str) -> Result<bool> {
    let before = store::record(tx.conn, &Scope::Region(Region::Province), id)?;
    let open = before.order.deliver_by_provisional && OPEN.contains(&before.order.state);
    let days = before.order.legal_day.zip(before.order.deliver_by).filter(|_| open);
    let Some((ordered, was)) = days else { return Ok(false) };
    let due = law::deliver_by(ordered, calendar, policies.in_force(ordered)?.as_ref())?;
    if due.day == was && due.provisional {
        return Ok(false);
    }
    let mut after = before.clone();
    after.order.count_delivery(due);
    save!(tx, purchase_order, &before.order, &mut after.order)?;
    tx.record("order.recount", Some(&before), Some(&after), Some(notice))?;
    let order = &after.order;
    letters::recounted(tx, order, was, notice)?;
    let body = json!({"order_id": order.id, "number": order.number, "deliver_by": due.day, "was": was,
        "provisional": due.provisional, "notice": notice});
    let readers = [order.hospital_id, order.supplier_id];
    feed::emit(tx, "order.recounted", "purchase_order", order.id, &readers, &body)?;
    Ok(true)
}

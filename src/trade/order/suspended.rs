//! A supplier is suspended while orders wait for its answer: each hospital is told, and the orders are somebody's to do.

use askama::Template;
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::list::{self, OrderRow};
use super::model::{OrderState, PurchaseOrder};
use super::store::{self, Orders, Scope};
use crate::party::{self, OrgState};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::jobs::JobContext;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::{organisation, purchase_order};
use crate::platform::sql::{AnyConn, Id, Question, Time, Total, money_sum};
use crate::platform::who::Post;

/// Hospitals told in one write.
const TOGETHER: i64 = 20;

/// A hospital, how many of its orders wait, and their sum.
type Waiting = (Id, i64, Total);

/// Tells a hospital that its supplier will not answer.
#[derive(Template)]
#[template(path = "mail/order_supplier_suspended.txt")]
struct Told<'a> {
    supplier: &'a str,
    count: i64,
    total: String,
}

/// The job `order.supplier_suspended`: tells every hospital that waits for an answer, each once. Its payload names the last that
/// was told; an interrupted run goes on behind it.
///
/// # Errors
/// Of the database.
pub async fn job(cx: JobContext) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let key = |name: &str| payload.get(name).and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
    let supplier =
        key("organisation").ok_or_else(|| Error::internal("a suspension without its organisation"))?;
    let (actor, mut after, mut told) = (cx.actor(), key("after"), 0);
    loop {
        let cx_of_step = cx.clone();
        let step = cx.db.write(&actor, move |tx| tell_some(tx, &cx_of_step, supplier, after));
        let Some((count, last)) = step.await? else { return Ok(json!({ "hospitals": told })) };
        told += count;
        after = Some(last);
    }
}

/// Hospitals behind `after`, by their key.
fn hospitals(conn: &mut AnyConn, supplier: Id, after: Option<Id>) -> Result<Vec<Waiting>> {
    Ok(purchase_order::table
        .filter(purchase_order::supplier_id.eq(supplier))
        .filter(purchase_order::state.eq(OrderState::Submitted))
        .filter(purchase_order::hospital_id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
        .group_by(purchase_order::hospital_id)
        .order(purchase_order::hospital_id)
        .limit(TOGETHER)
        .select((purchase_order::hospital_id, count_star(), money_sum("purchase_order.total")))
        .load(conn)?)
}

/// Tells the next few; how many, and the last of them. None where nobody is left, or the supplier may act again.
fn tell_some(tx: &mut Tx, cx: &JobContext, supplier: Id, after: Option<Id>) -> Result<Option<(usize, Id)>> {
    let of = party::store::organisation(tx.conn, supplier)?;
    let waiting = match of.state {
        OrgState::Suspended => hospitals(tx.conn, supplier, after)?,
        _ => Vec::new(),
    };
    let Some((last, ..)) = waiting.last().cloned() else { return Ok(None) };
    for (hospital, count, total) in &waiting {
        let words = Told { supplier: &of.name, count: *count, total: total.display() };
        let letter = Letter::new(&words, "/orders?state=submitted")?.about(Topic::Order);
        outbox::notify(tx, *hospital, &[Post::Order], &letter)?;
    }
    tx.note("order.supplier_suspended", "organisation", supplier, &json!({ "hospitals": waiting.len() }))?;
    cx.reached(tx, &json!({ "organisation": supplier, "after": last }))?;
    Ok(Some((waiting.len(), last)))
}

fn stuck<'a>(scope: &Scope) -> Orders<'a> {
    let suspended =
        organisation::table.filter(organisation::state.eq(OrgState::Suspended)).select(organisation::id);
    store::in_scope(scope)
        .filter(purchase_order::state.eq(OrderState::Submitted))
        .filter(purchase_order::supplier_id.eq_any(suspended))
}

/// How many there are.
pub(super) fn count(scope: &Scope) -> Question {
    Box::new(stuck(scope).count())
}

/// Orders that wait for a suspended supplier, the oldest first.
///
/// # Errors
/// Of the database.
pub(super) fn orders(conn: &mut AnyConn, scope: &Scope, now: Time, most: i64) -> Result<Vec<OrderRow>> {
    let rows: Vec<PurchaseOrder> = stuck(scope)
        .order((purchase_order::submitted_at, purchase_order::id))
        .limit(most)
        .select(PurchaseOrder::as_select())
        .load(conn)?;
    list::rows(conn, rows, now)
}

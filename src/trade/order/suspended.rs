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
const TOGETHER: usize = 20;

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

/// The job `order.supplier_suspended`: tells every hospital that waits for an answer. It goes on where it was interrupted.
///
/// # Errors
/// Of the database.
pub async fn job(cx: JobContext) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let id = payload.get("organisation").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let supplier: Id = id.ok_or_else(|| Error::internal("a suspension without its organisation"))?;
    let waiting = cx.db.read(move |conn| hospitals(conn, supplier)).await?;
    let told = usize::try_from(cx.job.done).unwrap_or(0);
    let mut done = cx.job.done;
    for part in waiting.get(told..).unwrap_or_default().chunks(TOGETHER) {
        let part = part.to_vec();
        done += i64::try_from(part.len()).unwrap_or(0);
        cx.db.write(&cx.actor(), move |tx| tell(tx, supplier, &part)).await?;
        cx.progress(done, i64::try_from(waiting.len()).ok()).await?;
    }
    Ok(json!({ "hospitals": waiting.len() }))
}

fn hospitals(conn: &mut AnyConn, supplier: Id) -> Result<Vec<Waiting>> {
    Ok(purchase_order::table
        .filter(purchase_order::supplier_id.eq(supplier))
        .filter(purchase_order::state.eq(OrderState::Submitted))
        .group_by(purchase_order::hospital_id)
        .order(purchase_order::hospital_id)
        .select((purchase_order::hospital_id, count_star(), money_sum("purchase_order.total")))
        .load(conn)?)
}

fn tell(tx: &mut Tx, supplier: Id, waiting: &[Waiting]) -> Result<()> {
    let of = party::store::organisation(tx.conn, supplier)?;
    if of.state != OrgState::Suspended {
        return Ok(());
    }
    for (hospital, count, total) in waiting {
        let words = Told { supplier: &of.name, count: *count, total: total.display() };
        let letter = Letter::new(&words, "/orders?state=submitted")?.about(Topic::Order);
        outbox::notify(tx, *hospital, &[Post::Order], &letter)?;
    }
    tx.note("order.supplier_suspended", "organisation", supplier, &json!({ "hospitals": waiting.len() }))
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

//! What waits: the orders that somebody has to do something about, by deadline.

use diesel::prelude::*;

use super::list::{self, OrderRow};
use super::model::{OrderState, PurchaseOrder};
use super::store::{self, Orders, Scope};
use crate::platform::error::Result;
use crate::platform::office::{MOST_TODOS, Upcoming};
use crate::platform::schema::purchase_order;
use crate::platform::sql::{AnyConn, Question, Time};
use crate::platform::who::{Principal, Side};

/// Orders that wait for the supplier's answer, the earliest deadline first; only late ones where `late` says so.
pub fn for_answer(
    conn: &mut AnyConn,
    scope: &Scope,
    now: Time,
    late: bool,
    most: i64,
) -> Result<Vec<OrderRow>> {
    let rows: Vec<PurchaseOrder> = unanswered(scope, now, late)
        .order((purchase_order::respond_by, purchase_order::id))
        .limit(most)
        .select(PurchaseOrder::as_select())
        .load(conn)?;
    list::rows(conn, rows, now)
}

fn unanswered<'a>(scope: &Scope, now: Time, late: bool) -> Orders<'a> {
    let query = store::in_scope(scope).filter(purchase_order::state.eq(OrderState::Submitted));
    if late { query.filter(purchase_order::respond_by.le(now)) } else { query }
}

/// How many wait for the supplier's answer, or how many of them late.
pub fn count_for_answer(scope: &Scope, now: Time, late: bool) -> Question {
    Box::new(unanswered(scope, now, late).count())
}

/// How many drafts there are.
pub fn count_drafts(scope: &Scope) -> Question {
    Box::new(store::in_scope(scope).filter(purchase_order::state.eq(OrderState::Draft)).count())
}

/// The hospital's drafts, the latest first.
pub fn drafts(conn: &mut AnyConn, scope: &Scope, now: Time, most: i64) -> Result<Vec<OrderRow>> {
    let rows: Vec<PurchaseOrder> = store::in_scope(scope)
        .filter(purchase_order::state.eq(OrderState::Draft))
        .order((purchase_order::created_at.desc(), purchase_order::id))
        .limit(most)
        .select(PurchaseOrder::as_select())
        .load(conn)?;
    list::rows(conn, rows, now)
}

/// The answers that fall due next: when, and of which order.
///
/// # Errors
/// 403 for who has nothing to do with orders.
pub fn upcoming(conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Vec<Upcoming>> {
    let scope = store::scope(conn, who)?;
    let orders = for_answer(conn, &scope, now, false, MOST_TODOS)?;
    let due = |order: &OrderRow| {
        let what = format!("订单 {} 的确认期限（{} → {}）", order.number, order.hospital, order.supplier);
        Some((order.respond_by?, what))
    };
    Ok(orders.iter().filter(|order| !order.overdue).filter_map(due).collect())
}

/// How many orders wait for this reader: drafts for a hospital, orders to be answered for a supplier. Cheap: it stands on every
/// page.
pub fn count(who: &Principal) -> Option<Question> {
    let (scope, state) = match who.side() {
        Some(Side::Hospital) => (Scope::Hospital(who.organisation), OrderState::Draft),
        Some(Side::Supplier) => (Scope::Supplier(who.organisation), OrderState::Submitted),
        _ => return None,
    };
    Some(Box::new(store::in_scope(&scope).filter(purchase_order::state.eq(state)).count()))
}

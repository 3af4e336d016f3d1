//! What waits: the orders that somebody has to do something about, by deadline.

use diesel::prelude::*;

use super::list::{self, OrderRow};
use super::model::{OrderState, PurchaseOrder};
use super::store::{self, Scope};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::schema::purchase_order;
use crate::platform::sql::Question;
use crate::platform::who::{Principal, Side};

/// Orders that wait for the supplier's answer, the earliest deadline first; only late ones where `late` says so.
///
/// # Errors
/// 403 for who has nothing to do with orders.
pub async fn for_answer(db: &Db, who: &Principal, late: bool, most: i64) -> Result<Vec<OrderRow>> {
    let who = who.clone();
    db.read(move |conn| {
        let scope = store::scope(conn, &who)?;
        let now = clock::legal_now(conn, who.received_at)?;
        let mut query = store::in_scope(&scope).filter(purchase_order::state.eq(OrderState::Submitted));
        if late {
            query = query.filter(purchase_order::respond_by.le(now));
        }
        let rows: Vec<PurchaseOrder> = query
            .order((purchase_order::respond_by, purchase_order::id))
            .limit(most)
            .select(PurchaseOrder::as_select())
            .load(conn)?;
        list::rows(conn, rows, now)
    })
    .await
}

/// The hospital's drafts, the latest first.
///
/// # Errors
/// 403 for who has nothing to do with orders.
pub async fn drafts(db: &Db, who: &Principal, most: i64) -> Result<Vec<OrderRow>> {
    let who = who.clone();
    db.read(move |conn| {
        let scope = store::scope(conn, &who)?;
        let now = clock::legal_now(conn, who.received_at)?;
        let rows: Vec<PurchaseOrder> = store::in_scope(&scope)
            .filter(purchase_order::state.eq(OrderState::Draft))
            .order((purchase_order::created_at.desc(), purchase_order::id))
            .limit(most)
            .select(PurchaseOrder::as_select())
            .load(conn)?;
        list::rows(conn, rows, now)
    })
    .await
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

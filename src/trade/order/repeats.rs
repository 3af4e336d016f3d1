//! The same drug on another open order of the hospital, whoever wrote it: pointed out before it is ordered twice, never refused.

use chrono::{Duration, NaiveDate};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::list::begin;
use super::model::OrderState;
use crate::platform::db::padded;
use crate::platform::error::Result;
use crate::platform::schema::{order_line, purchase_order};
use crate::platform::sql::{AnyConn, Id};

/// Days back that open orders are looked for.
const DAYS: i64 = 90;
/// Lines of other orders that are read at most.
const MOST: i64 = 500;
/// Other orders that are named for one drug at most.
const NAMED: usize = 3;

/// The same drug on another order.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, ToSchema)]
pub struct Repeat {
    /// Its listing.
    #[serde(skip)]
    pub listing_id: Id,
    /// The other order.
    pub order_id: Id,
    /// Its number.
    pub number: String,
    /// How far it is.
    pub state: OrderState,
    /// Units there.
    pub quantity: i64,
    /// When the goods are wanted.
    pub wanted_on: NaiveDate,
}

/// Which order is looked at: the hospital that orders, and the order itself, which is no repetition of its own lines.
#[derive(Debug, Clone, Copy)]
pub struct Own {
    /// Who orders.
    pub hospital: Id,
    /// The order, where there is one already.
    pub order: Option<Id>,
}

/// Lines with these drugs on the hospital's other open orders, the latest first: drafts, those that wait for an answer, and
/// those confirmed whose goods are still to come.
pub fn repeats(conn: &mut AnyConn, own: Own, listings: Vec<Id>, day: NaiveDate) -> Result<Vec<Repeat>> {
    if listings.is_empty() {
        return Ok(Vec::new());
    }
    let still_to_come = purchase_order::state.ne(OrderState::Confirmed).or(purchase_order::wanted_on.ge(day));
    let mut query = order_line::table
        .inner_join(purchase_order::table)
        .filter(purchase_order::hospital_id.eq(own.hospital))
        .filter(purchase_order::state.eq_any([
            OrderState::Draft,
            OrderState::Submitted,
            OrderState::Confirmed,
        ]))
        .filter(purchase_order::created_at.ge(begin(day).plus(Duration::days(-DAYS))))
        .filter(still_to_come)
        .filter(order_line::listing_id.eq_any(padded(listings)))
        .order((purchase_order::created_at.desc(), purchase_order::id))
        .limit(MOST)
        .select((
            order_line::listing_id,
            purchase_order::id,
            purchase_order::number,
            purchase_order::state,
            order_line::quantity,
            purchase_order::wanted_on,
        ))
        .into_boxed();
    if let Some(order) = own.order {
        query = query.filter(purchase_order::id.ne(order));
    }
    Ok(query.load(conn)?)
}

/// What is said of one drug, and the orders that it is said of; none where no other order has it.
pub fn sentence(found: &[Repeat], listing: Id, name: &str, unit: &str) -> Option<(String, Vec<Repeat>)> {
    let of: Vec<&Repeat> = found.iter().filter(|repeat| repeat.listing_id == listing).collect();
    let named: Vec<Repeat> = of.iter().take(NAMED).map(|repeat| Repeat::clone(repeat)).collect();
    let each = named
        .iter()
        .map(|repeat| format!("{}（{}，{} {unit}）", repeat.number, repeat.state.label(), repeat.quantity));
    let each: Vec<String> = each.collect();
    let more = if of.len() > named.len() { "等" } else { "" };
    let text = format!("{name}已在本院订单 {}{more}中，请核对是否重复订购。", each.join("、"));
    (!named.is_empty()).then_some((text, named))
}

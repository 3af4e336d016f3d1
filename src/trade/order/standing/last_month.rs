//! What a hospital ordered in the month before: each drug once, with all its units.

use chrono::{Datelike, Days, Months, NaiveDate};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::order::model::OrderState;
use crate::platform::error::Result;
use crate::platform::schema::{order_line, purchase_order};
use crate::platform::sql::{AnyConn, Id};

/// A drug that was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Ordered {
    /// Its listing.
    pub listing: Id,
    /// Units, all orders together.
    pub quantity: i64,
    /// Its name then.
    pub label: String,
}

/// The first and the last day of the month before that of `day`.
pub fn month_before(day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let first = day.with_day(1)?;
    Some((first.checked_sub_months(Months::new(1))?, first.checked_sub_days(Days::new(1))?))
}

/// The drugs of the orders that the hospital submitted in the month before that of `day` and that stand, by name; at most
/// `most` of them.
///
/// # Errors
/// Of the database.
pub fn ordered(conn: &mut AnyConn, hospital: Id, day: NaiveDate, most: i64) -> Result<Vec<Ordered>> {
    let Some((first, last)) = month_before(day) else { return Ok(Vec::new()) };
    let label = || sql::<Text>("MIN(order_line.product_label)");
    Ok(order_line::table
        .inner_join(purchase_order::table)
        .filter(purchase_order::hospital_id.eq(hospital))
        .filter(purchase_order::state.eq_any([OrderState::Submitted, OrderState::Confirmed]))
        .filter(purchase_order::legal_day.between(first, last))
        .group_by(order_line::listing_id)
        .order((label(), order_line::listing_id))
        .limit(most)
        .select((order_line::listing_id, sql::<BigInt>("CAST(SUM(order_line.quantity) AS BIGINT)"), label()))
        .load(conn)?)
}

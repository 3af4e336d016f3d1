//! Prices that have fallen since an order took them: told while something can still be done about it.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{OrderRecord, OrderState};
use crate::listing;
use crate::platform::error::Result;
use crate::platform::sql::{AnyConn, Id, Money};

/// A line whose price is lower now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fallen {
    /// The line's number.
    pub line_no: i32,
    /// Its listing.
    pub listing_id: Id,
    /// The product's name.
    pub product: String,
    /// Yuan a unit in the order.
    pub ordered_price: Money,
    /// Yuan a unit now.
    pub current_price: Money,
    /// Since when.
    pub since: NaiveDate,
}

/// The lines of a draft, or of an order that waits for its answer, whose price on `day` is lower than the order's.
pub fn fallen(conn: &mut AnyConn, record: &OrderRecord, day: NaiveDate) -> Result<Vec<Fallen>> {
    if !matches!(record.order.state, OrderState::Draft | OrderState::Submitted) {
        return Ok(Vec::new());
    }
    let listings: Vec<Id> = record.lines.iter().map(|line| line.listing_id).collect();
    let prices = listing::store::prices_on(conn, &listings, day)?;
    let lower = record.lines.iter().filter_map(|line| {
        let now = prices.get(&line.listing_id).filter(|now| now.unit_price < line.unit_price)?;
        Some(Fallen {
            line_no: line.line_no,
            listing_id: line.listing_id,
            product: line.product_label.clone(),
            ordered_price: line.unit_price,
            current_price: now.unit_price,
            since: now.from_day,
        })
    });
    Ok(lower.collect())
}

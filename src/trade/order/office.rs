//! What the house asks of orders.

use super::{deadlines, desk, routes, store, waiting};
use crate::platform::office::{MenuItem, Office};

/// Orders of hospitals.
pub const OFFICE: Office = Office {
    menu: &[MenuItem::new(30, "订单", "/orders", |who| who.side().is_some())
        .counting(|who| waiting::count(who).into_iter().collect())],
    desk: desk::desk,
    upcoming: waiting::upcoming,
    rows: &[store::ROWS],
    deadlines: &[deadlines::DEADLINE],
    ..Office::new("order", routes::routes)
};

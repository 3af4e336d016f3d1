//! What the house asks of orders.

use std::time::Duration;

use super::{deadlines, desk, missing_words, recount, routes, standing, store, suspended, waiting};
use crate::platform::calendar;
use crate::platform::jobs::Registry;
use crate::platform::office::{Means, MenuItem, Office};
use crate::platform::who::Principal;

/// Orders of hospitals.
pub const OFFICE: Office = Office {
    menu: &[
        MenuItem::new(30, "订单", "/orders", |who| who.side().is_some())
            .counting(|who| waiting::count(who).into_iter().collect()),
        MenuItem::new(25, "采购车", "/basket", Principal::buys),
    ],
    desk: desk::desk,
    upcoming: waiting::upcoming,
    rows: &[store::ROWS, standing::store::ROWS],
    deadlines: &[deadlines::DEADLINE],
    tasks,
    ..Office::new("order", routes::routes)
};

/// Days of delivery follow the notices on holidays; hospitals are told of a supplier that is suspended; orders from before get their
/// words.
fn tasks(registry: &mut Registry, means: &Means) {
    let hour = Duration::from_secs(3600);
    registry.every("order.words", hour, |cx| async move { missing_words::fill(&cx.db).await });
    let policies = means.policies.clone();
    registry.job(calendar::RECOUNT, move |cx| recount::job(cx, policies.clone()));
    registry.job("order.supplier_suspended", suspended::job);
}

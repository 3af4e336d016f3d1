//! What the house asks of listings.

use super::{imports, reconvert, routes, store};
use crate::platform::jobs::Registry;
use crate::platform::office::{Means, MenuItem, Office};

/// Listings: prices and marks.
pub const OFFICE: Office = Office {
    menu: &[MenuItem::new(20, "查找药品", "/catalogue", |_| true)],
    rows: &[store::ROWS],
    sheets: &[&imports::monitored::SPEC, &imports::pack_prices::SPEC],
    tasks,
    ..Office::new("listing", routes::routes)
};

/// A listing follows when the codes of its product are put right.
fn tasks(registry: &mut Registry, means: &Means) {
    let policies = means.policies.clone();
    registry.job("listing.reconvert", move |cx| reconvert::job(cx, policies.clone()));
}

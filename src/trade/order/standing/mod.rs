//! Standing lists (常购清单): what a hospital orders again and again, under a name. They are its own, and kept by who orders for it.

pub mod api;
pub mod keep;
pub mod last_month;
pub mod model;
pub mod pages;
mod present;
pub mod show;
pub mod store;
/// What the pages of standing lists show.
pub mod views;

pub use model::{ListLine, ListRecord, StandingLine, StandingList};

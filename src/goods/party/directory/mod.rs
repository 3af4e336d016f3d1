//! The directory of organisations, for the agency and the bureaus; who may take part, and who not for the time being.
//!
//! A suspension takes effect at once: sessions and tokens of its people stop with the next request, and a write that is on its
//! way is refused in its own transaction. Drafts stay as they are.

pub mod api;
pub mod pages;
mod present;
mod store;
pub mod suspend;
/// What the pages show.
pub mod views;

pub use store::{Ended, OrganisationFilter, SortKey, all, list, show};

//! Orders of hospitals.
//!
//! Draft → submitted → confirmed | refused by the supplier | cancelled by the hospital before the answer. A draft can be
//! changed and deleted, and only its hospital sees it. Submitting takes the prices of the legal day, which the clerk has seen;
//! a price that changed since is shown and asked for again. Silence of the supplier is told to both sides once
//! ([`deadlines`]); a late answer still counts, and stays marked as late.

mod adding;
pub mod answer;
pub mod api;
pub mod at_hand;
pub mod basket;
pub mod cancel;
pub mod deadlines;
pub mod desk;
pub mod draft;
pub mod enter;
pub mod export;
pub mod fallen;
pub mod form;
pub mod input;
pub mod letters;
mod limits;
mod lines;
pub mod list;
pub mod missing_words;
pub mod model;
pub mod office;
pub mod pages;
pub mod pasted;
pub mod present;
pub mod pricing;
mod recount;
pub mod repeats;
pub mod risk;
pub mod routes;
pub mod show;
pub mod standing;
pub mod store;
pub mod submit;
pub mod suspended;
mod totals;
/// What the pages of this office show.
pub mod urge;
pub mod views;
pub mod waiting;
mod words;

pub use input::{DraftInput, LineInput};
pub use model::{OrderLine, OrderRecord, OrderState, PurchaseOrder};

//! Listings (挂网): at which price a product may be bought, with which mark, and why.
//!
//! - **Listing**: listed ⇄ suspended; listed → cancelled | revoked. A listing by the pack → superseded by the unit's listing
//!   (INJ-1.2), kept in `pack_listing`.
//! - **Price**: a row a first day; the price of a legal day is the latest row not after it. Rows are never changed once
//!   their day has come; until then one can be taken back ([`withdraw`]).
//! - **Mark** (INJ-4.1): none, yellow, red; set by [`convert`], moved by [`change_price`] only (INJ-4.2). Prices and marks of
//!   injections are always computed by `rules::injection`, with the steps kept beside them.
//! - **Price of the office**: submitted → confirmed | refused, by two officers ([`office_price`]).

pub mod alternatives;
pub mod api;
pub mod change_price;
pub mod columns;
pub mod convert;
pub mod cut_pages;
pub mod direct;
pub mod explanation;
pub mod find;
pub mod imports;
mod letters;
pub mod mine;
pub mod mine_pages;
pub mod model;
pub mod named;
pub mod office;
pub mod office_pages;
mod office_part;
pub mod office_price;
pub mod pages;
pub mod present;
pub mod reconvert;
mod registered;
pub mod renew;
pub mod routes;
pub mod show;
pub mod sorted;
pub mod store;
/// What the pages of this office show.
pub mod views;
pub mod withdraw;

pub use model::{
    Listing, ListingPrice, ListingRecord, ListingState, Mark, PackListing, PriceReason, PriceSource,
    RiseReason,
};

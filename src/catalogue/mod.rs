//! Products: search and the page of one product.

/// What the pages of this office show.
pub mod views;

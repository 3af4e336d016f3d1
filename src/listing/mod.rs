//! Listings: prices, marks and why they are what they are.

/// What the pages of this office show.
pub mod views;

//! Orders of hospitals.

/// What the pages of this office show.
pub mod views;

//! What officers watch.

/// What the pages of this office show.
pub mod views;

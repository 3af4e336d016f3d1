//! What officers watch.

pub mod api;
pub mod marked;
/// What the pages of this office show.
pub mod views;

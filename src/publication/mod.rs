//! What the public sees.

/// What the pages of this office show.
pub mod views;

pub mod pages;

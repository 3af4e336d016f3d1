//! What officers watch.

pub mod api;
mod columns;
pub mod mails;
pub mod marked;
pub mod model;

pub mod office;
pub mod pages;
mod present;
pub mod routes;
mod store;
/// What the pages of this office show.
pub mod views;

//! The basket (采购车) of a hospital: drugs collected from the catalogue, from lists and from orders of before, and lines of lists
//! that were not recognised, which stay as they were written until somebody chooses or drops them. It is split by supplier by
//! itself, looked at as a whole and ordered at once. Nothing in it is ordered yet: the audit notes what is put in, and holds the orders.

pub mod add;
pub mod api;
pub mod change;
pub mod check;
pub mod look;
pub mod model;
pub mod order;
pub mod order_pages;
pub mod pages;
mod present;
pub mod store;
/// What the pages of the basket show.
pub mod views;

pub use model::BasketLine;

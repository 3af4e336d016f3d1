//! Who takes part: organisations, where a hospital wants its goods delivered, and which distributors deliver for an enterprise.
//!
//! - **Organisation**: active ⇄ suspended. Its unified social credit code is checked and unique.
//! - **Delivery address**: belongs to one organisation; an order copies it, so a later change touches no order.
//! - **Appointment** (配送关系): the enterprise names a distributor → ended; named again, it runs again. Only who is named at
//!   the time may take orders for the enterprise's products.

pub mod address;
pub mod api;
pub mod appointment;
pub mod contact;
pub mod directory;
pub mod model;
pub mod office;
pub mod organisation;
pub mod own;
pub mod pages;
mod present;
pub mod registration;
pub mod routes;
pub mod store;
/// What the pages of this office show.
pub mod views;

pub use model::{Appointment, DeliveryAddress, OrgState, Organisation};

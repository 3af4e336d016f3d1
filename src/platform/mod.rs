//! The ground every office stands on.

pub mod audit;
pub mod auth;
pub mod clock;
pub mod db;
pub mod error;
pub mod http;
pub mod schema;

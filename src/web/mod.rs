//! The counter: the server, the one route table, what happens around every request.

pub mod calendar_api;
pub mod clock;
pub mod clock_api;
pub mod counter;
pub mod docs;
pub mod feed_api;
pub mod imports;
pub mod imports_api;
pub mod messages_api;
pub mod middleware;
pub mod openapi;
pub mod pages;
pub mod policy_api;
mod resume;
pub mod routes;
pub mod server;
mod typed;
pub mod what_if;

pub use server::{Application, Parts};

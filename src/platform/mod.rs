//! The ground every office stands on.

pub mod attachment;
pub mod audit;
pub mod auth;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod feed;
pub mod files;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod import;
pub mod input;
pub mod jobs;
pub mod log;
pub mod metrics;
pub mod openapi;
pub mod outbox;
pub mod policy;
pub mod schema;
pub mod sheet;
pub mod signing;
pub mod staging;

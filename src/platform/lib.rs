//! The ground every office stands on.

use jicai_rules as rules;

// The templates that every floor shares name what they call by this path.
use crate as platform;

pub mod attachment;
pub mod audit;
pub mod calendar;
pub mod clock;
pub mod config;
pub mod db;
pub mod deadlines;
pub mod error;
pub mod feed;
pub mod files;
pub mod health;
pub mod http;
pub mod idempotency;
pub mod import;
pub mod input;
pub mod jobs;
pub mod loading;
pub mod log;
pub mod metrics;
pub mod office;
pub mod openapi;
pub mod outbox;
pub mod policy;
pub mod retention;
pub mod schema;
pub mod secret;
pub mod secret_link;
pub mod sheet;
pub mod signing;
pub mod sql;
pub mod staging;
pub mod text_enum;
mod turns;
pub mod versioned;
pub mod who;

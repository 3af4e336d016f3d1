//! The parts of the measurement.

pub mod catalogue;
pub mod client;
pub mod copies;
#[path = "../../tests/it/support/dice.rs"]
pub mod dice;
pub mod disk;
pub mod flood;
pub mod heavy;
pub mod large;
pub mod lists;
pub mod pgbench;
pub mod report;
pub mod server;
pub mod staging;
pub mod verify;

//! The parts of the measurement.

pub mod catalogue;
pub mod client;
#[path = "../../tests/it/support/dice.rs"]
pub mod dice;
pub mod disk;
pub mod large;
pub mod pgbench;
pub mod report;
pub mod server;
pub mod staging;

//! How an organisation comes in: somebody without an account applies, two officers decide, a mail opens the door.
//!
//! Draft → submitted → returned (more is asked for) → submitted … → reviewed (one officer agrees) → admitted (a second one
//! confirms) | refused. The second officer may also send it back to submitted. Who applied, who reviewed and who confirmed are
//! three persons (SD-9). The applicant's own link shows the application and takes evidence and answers; the mail of the
//! admission holds a link that works once and makes the first administrator.

pub mod admission;
pub mod api;
pub mod apply;
pub mod decide;
pub mod door;
mod letters;
pub mod links;
pub mod model;
pub mod office;
pub mod pages;
mod present;
pub mod store;
/// What the pages show.
pub mod views;
pub mod welcome;

pub use model::{Registration, RegistrationState};

/// What evidence is attached to.
pub const SUBJECT: &str = "registration";

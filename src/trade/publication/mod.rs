//! What the public sees: announcements, prices, the verification key, the head of the audit.
//!
//! - **Announcement**: published → withdrawn; its page then says so and why.

pub mod announcement;
pub mod key;
pub mod office;
pub mod pages;
pub mod prices;
pub mod routes;
/// What the pages of this office show.
pub mod views;

pub use announcement::Announcement;

//! Pages that belong to no office, or show what several know.

pub mod calendar;
pub mod clock;
pub mod help;
pub mod imports;
pub mod messages;
pub mod outbox;
pub mod policy;
pub mod start;
pub mod what_if;

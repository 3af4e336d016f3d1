//! The law: pure functions of plain data. No input or output, no clock, no database, no web.

pub mod canonical;
pub mod exact;

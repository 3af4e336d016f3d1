//! The law: pure functions of plain data. No input or output, no clock, no database, no web.

pub mod canonical;
pub mod codes;
pub mod explain;
pub mod injection;
pub mod json;
pub mod money;
pub mod policy;

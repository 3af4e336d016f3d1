//! The law: pure functions of plain data. No input or output, no clock, no database, no web.

pub mod award;
pub mod calendar;
pub mod canonical;
pub mod codes;
pub mod credit;
pub mod explain;
pub mod injection;
pub mod json;
pub mod merkle;
pub mod moment;
pub mod money;
pub mod order;
pub mod payment;
pub mod policy;
pub mod price_ratio;
pub mod regions;
pub mod volume;

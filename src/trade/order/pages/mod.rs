//! The pages of this office.

pub mod list;
pub mod new;
pub mod one;

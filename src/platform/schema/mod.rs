//! The tables of both engines, as diesel sees them, by office; a test compares them with the migrated databases of both.
//!
//! Each file names the pairs of tables that stand in one query: the macro that allows all pairs makes thirteen thousand impls
//! for fifty tables.

// What diesel's table! macro generates is wide and fully documented only by the migrations.
#![allow(missing_docs, clippy::too_many_lines)]

mod accounts;
mod catalogue;
mod ground;
mod listings;
mod order;
mod party;
mod publication;

pub use accounts::*;
pub use catalogue::*;
pub use ground::*;
pub use listings::*;
pub use order::*;
pub use party::*;
pub use publication::*;

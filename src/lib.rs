//! jicai (集采): a provincial centralized-procurement platform for medicines and medical consumables.
//!
//! The map of the house; each room may use only the rooms above it.

/// The law: pure functions of plain data, one file a subject.
pub use jicai_rules as rules;

/// The ground every office stands on.
pub use jicai_platform as platform;

/// How people and systems prove who they are.
pub use jicai_accounts as accounts;

/// Organisations, their delivery addresses and the distributors they name; products; listings: prices and marks.
pub use jicai_goods::{catalogue, listing, party};

/// Orders of hospitals; what officers watch; what the public sees.
pub use jicai_trade::{order, publication, supervision};

pub use jicai_platform::{insert_many, on_db, row_source, text_enum};
pub use jicai_rules::values;

/// The list of the offices.
pub mod offices;

/// The counter: server, routes, middleware.
pub mod web;

/// The command line: one file a sub-command.
pub mod cli;

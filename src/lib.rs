//! jicai (集采): a provincial centralized-procurement platform for medicines and medical consumables.
//!
//! The map of the house; each room may use only the rooms above it.

/// The law: pure functions of plain data, one file a subject.
pub mod rules;

/// The ground every office stands on.
pub mod platform;

/// How people and systems prove who they are.
pub mod accounts;

/// Organisations, their delivery addresses and the distributors they name.
pub mod party;

/// Products: the master data.
pub mod catalogue;

/// Listings: prices and marks.
pub mod listing;

/// Orders of hospitals.
pub mod order;

/// What officers watch.
pub mod supervision;

/// What the public sees.
pub mod publication;

/// The counter: server, routes, middleware.
pub mod web;

/// The command line: one file a sub-command.
pub mod cli;

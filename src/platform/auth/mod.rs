//! Who may do what: roles, users, sessions, tokens.

pub mod role;

pub use role::{Function, OrgKind, Principal};

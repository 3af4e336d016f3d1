//! Who may do what: roles, users, sessions, tokens.
//!
//! - [`role`]: the one list of roles, organisation kind × function. [`guard`]: the same as types for handlers' signatures.
//! - [`users`]: people's accounts. [`password`]: their passwords. [`login`]: the door, with its lock-out.
//! - [`session`]: the portal's sessions. [`token`] and [`refresh`]: the API's tokens. [`keys`]: what tokens are signed with.
//!
//! Place is left for registration, TOTP, reset and machine clients; each gets a file of its own, and each kind of token a
//! claims type and an audience of its own.

pub mod actors;
pub mod api;
pub mod guard;
pub mod keys;
pub mod link;
pub mod login;
pub mod pages;
pub mod password;
pub mod refresh;
pub mod role;
pub mod secret;
pub mod session;
pub mod token;
pub mod users;

pub use role::{Function, Kinds, OrgKind, Principal};

use super::clock::Clock;
use super::db::Db;

/// What it takes to prove who somebody is. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    /// Accounts, sessions, refresh tokens.
    pub db: Db,
    /// Real time.
    pub clock: Clock,
    /// Hashing, off the async threads.
    pub passwords: password::Passwords,
    /// Access tokens of the API.
    pub tokens: token::Tokens,
}

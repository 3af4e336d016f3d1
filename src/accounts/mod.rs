//! Who may do what: roles, users, sessions, tokens.
//!
//! - [`role`]: the one list of roles, organisation kind × function. [`guard`]: the same as types for handlers' signatures.
//! - [`users`]: people's accounts; [`manage`] is what their administrator does with them, [`invite`] how they begin.
//! - [`password`]: how passwords are kept, [`strength`]: which may be used, [`change`]: how they are changed and reset. [`mailbox`]: where mails go.
//! - [`login`]: the door, with its lock-out by [`attempts`]; [`limit`]: the limit by address; [`totp`] and [`enrol`]: the second step, [`resets`]: how it is taken away.
//! - [`session`]: the portal's sessions. [`token`] and [`refresh`]: the API's tokens. [`keys`]: what tokens are signed with.
//! - [`machine`]: an organisation's own systems, with the [`scope`]s that they may use.
//! - [`link`]: links in mails that work once, and log-ins that wait for their second step. [`seal`]: what is kept sealed in the database.

pub mod actors;
pub mod api;
pub mod attempts;
pub mod caller;
pub mod change;
pub mod devices;
pub mod enrol;
pub mod guard;
pub mod invite;
pub mod keys;
mod letters;
pub mod limit;
pub mod link;
pub mod login;
pub mod machine;
pub mod mailbox;
pub mod manage;
mod name;
pub mod pages;
pub mod password;
pub mod refresh;
pub mod resets;
pub mod role;
pub mod scope;
mod seal;
pub mod secret;
pub mod session;
pub mod strength;
pub mod token;
pub mod totp;
pub mod users;
pub mod views;

pub use role::{Function, Kinds, OrgKind, Principal, Side};

use crate::platform::clock::Clock;
use crate::platform::db::Db;

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
    /// Tries by address.
    pub limit: limit::AddressLimit,
    /// Whether people of the agency and the bureaus must have a second step.
    pub officers_need_totp: bool,
}

impl Auth {
    /// With a fresh limit; officers may log in without a second step.
    pub fn new(db: Db, clock: Clock, passwords: password::Passwords, tokens: token::Tokens) -> Self {
        Self {
            db,
            clock,
            passwords,
            tokens,
            limit: limit::AddressLimit::default(),
            officers_need_totp: false,
        }
    }
}

//! What it takes to let somebody in.

use super::{jwt, limit, password};
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
    pub tokens: jwt::Tokens,
    /// Tries of people, by address.
    pub limit: limit::AddressLimit,
    /// All other tries.
    pub limits: limit::Limits,
    /// Whether people of the agency and the bureaus must have a second step.
    pub officers_need_totp: bool,
}

impl Auth {
    /// With a fresh limit; officers may log in without a second step.
    pub fn new(db: Db, clock: Clock, passwords: password::Passwords, tokens: jwt::Tokens) -> Self {
        Self {
            db,
            clock,
            passwords,
            tokens,
            limit: limit::AddressLimit::default(),
            limits: limit::Limits::default(),
            officers_need_totp: false,
        }
    }
}

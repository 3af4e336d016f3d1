//! Four eyes are two persons, and one mailbox is one person, whatever accounts it has.

use diesel::prelude::*;

use crate::error::Result;
use crate::schema::app_user;
use crate::sql::{AnyConn, Id};

/// True where two accounts are one person's: the same account, or the same mailbox.
///
/// # Errors
/// Of the database.
pub fn is_same(conn: &mut AnyConn, one: Id, other: Id) -> Result<bool> {
    if one == other {
        return Ok(true);
    }
    let mailbox = email(conn, one)?;
    Ok(!mailbox.is_empty() && mailbox == email(conn, other)?)
}

/// True where such a mailbox is the account's own.
///
/// # Errors
/// Of the database.
pub fn reads(conn: &mut AnyConn, user: Id, mailbox: &str) -> Result<bool> {
    let own = email(conn, user)?;
    Ok(!own.is_empty() && own == folded(mailbox))
}

fn email(conn: &mut AnyConn, user: Id) -> Result<String> {
    let found: Option<String> = app_user::table.find(user).select(app_user::email).first(conn).optional()?;
    Ok(folded(&found.unwrap_or_default()))
}

/// As mailboxes are compared.
pub fn folded(mailbox: &str) -> String {
    mailbox.trim().to_lowercase()
}

//! Four eyes are two persons, and one mailbox is one person, whatever accounts it has.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::error::{Refusal, Result};
use crate::schema::app_user;
use crate::sql::{AnyConn, Id};

/// True where two accounts are one person's: the same account, or the same mailbox.
///
/// # Errors
/// Of the database.
pub fn is_same(conn: &mut AnyConn, one: Id, other: Id) -> Result<bool> {
    Ok(one == other || own_of(conn, one, &[other])?.contains(&other))
}

/// Those of some accounts that are the user's own, by account or mailbox, for pages that offer each its acts.
///
/// # Errors
/// Of the database.
pub fn own_of(conn: &mut AnyConn, user: Id, accounts: &[Id]) -> Result<BTreeSet<Id>> {
    let all: BTreeSet<Id> = accounts.iter().copied().chain([user]).collect();
    let mailboxes: Vec<(Id, String)> = app_user::table
        .filter(app_user::id.eq_any(all))
        .select((app_user::id, app_user::email))
        .load(conn)?;
    let own =
        mailboxes.iter().find(|(id, _)| *id == user).map(|(_, email)| folded(email)).unwrap_or_default();
    let is_own = |(id, email): &(Id, String)| *id == user || (!own.is_empty() && folded(email) == own);
    Ok(mailboxes.iter().filter(|one| is_own(one)).map(|(id, _)| *id).collect())
}

/// Refuses where the second of two persons is the first.
///
/// # Errors
/// 403 with the code and the words; of the database.
pub fn another(conn: &mut AnyConn, first: Id, second: Id, code: &'static str, detail: &str) -> Result<()> {
    match is_same(conn, first, second)? {
        true => Err(Refusal::new(403, code, detail).into()),
        false => Ok(()),
    }
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

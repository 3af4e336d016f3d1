//! Links that come by mail; most work once. Mail programs and their scanners open links by themselves: opening shows a page,
//! only the page's button uses the link. The secret is in the mail and nowhere else; the database knows its hash.

use chrono::Duration;
use diesel::prelude::*;

use super::secret;
use crate::platform::clock::Time;
use crate::platform::db::{AnyConn, Id, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::account_link;
use crate::words;

words! {
    /// What a link is for.
    pub enum Purpose {
        /// The first administrator of an organisation that was admitted.
        Admission = "admission",
        /// An applicant's own application; works as often as it is opened.
        Application = "application",
    }
}

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_link)]
pub struct AccountLink {
    /// Key.
    pub id: Id,
    /// What it is for.
    pub purpose: Purpose,
    /// SHA-256 of its secret.
    pub token_hash: String,
    /// What it opens: the organisation of an admission.
    pub subject_id: Id,
    /// Where it was sent.
    pub email: String,
    /// Until when it works.
    pub expires_at: Time,
    /// When it was used.
    pub used_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// As [`put`], and ends the ones before it.
pub fn issue(
    tx: &mut Tx,
    purpose: Purpose,
    subject: Id,
    email: &str,
    secret: &str,
    lives: Duration,
) -> Result<AccountLink> {
    let now = tx.now();
    let earlier = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose))
        .filter(account_link::used_at.is_null())
        .filter(account_link::expires_at.gt(now));
    diesel::update(earlier).set(account_link::expires_at.eq(now)).execute(tx.conn)?;
    put(tx, purpose, subject, email, secret, lives)
}

/// Keeps a link in the running write. `secret` is made outside, because the write may run again.
pub fn put(
    tx: &mut Tx,
    purpose: Purpose,
    subject: Id,
    email: &str,
    secret: &str,
    lives: Duration,
) -> Result<AccountLink> {
    let now = tx.now();
    let row = AccountLink {
        id: Id::new(),
        purpose,
        token_hash: secret::hash(secret),
        subject_id: subject,
        email: email.into(),
        expires_at: now.plus(lives),
        used_at: None,
        created_at: now,
    };
    diesel::insert_into(account_link::table).values(&row).execute(tx.conn)?;
    let note = serde_json::json!({ "purpose": purpose, "subject_id": subject, "expires_at": row.expires_at });
    tx.note("account_link.issue", "account_link", row.id, &note)?;
    Ok(row)
}

/// The link that a secret belongs to, where it still works.
///
/// # Errors
/// 404 `LINK_UNKNOWN`, also for an altered one; 409 `LINK_USED`, `LINK_EXPIRED`.
pub fn look(conn: &mut AnyConn, purpose: Purpose, secret: &str, now: Time) -> Result<AccountLink> {
    let found: Option<AccountLink> = account_link::table
        .filter(account_link::token_hash.eq(secret::hash(secret)))
        .filter(account_link::purpose.eq(purpose))
        .select(AccountLink::as_select())
        .first(conn)
        .optional()?;
    let Some(link) = found else {
        let detail = "链接不完整或不正确。请从邮件中重新打开，或把邮件中的整个链接复制到地址栏。";
        return Err(Refusal::new(404, "LINK_UNKNOWN", detail).into());
    };
    if link.used_at.is_some() {
        let detail = "这个链接已经使用过，每个链接只能使用一次。账号已经开通，请直接登录。";
        return Err(Refusal::new(409, "LINK_USED", detail).into());
    }
    if now >= link.expires_at {
        let detail = "这个链接已经过期或已被新的链接取代。请使用最近一封邮件中的链接；如没有，请联系省级采购机构重新发送。";
        return Err(Refusal::new(409, "LINK_EXPIRED", detail).into());
    }
    Ok(link)
}

/// Uses a link up; part of the write that does what it is for.
///
/// # Errors
/// As [`look`].
pub fn redeem(tx: &mut Tx, purpose: Purpose, secret: &str) -> Result<AccountLink> {
    let now = tx.now();
    let link = look(tx.conn, purpose, secret, now)?;
    let unused = account_link::table.find(link.id).filter(account_link::used_at.is_null());
    if diesel::update(unused).set(account_link::used_at.eq(now)).execute(tx.conn)? == 0 {
        return Err(Refusal::stale("链接").into());
    }
    let note = serde_json::json!({ "purpose": purpose, "subject_id": link.subject_id });
    tx.note("account_link.use", "account_link", link.id, &note)?;
    Ok(link)
}

/// True where a link for `subject` was used.
pub fn was_used(conn: &mut AnyConn, purpose: Purpose, subject: Id) -> Result<bool> {
    let used: i64 = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose))
        .filter(account_link::used_at.is_not_null())
        .count()
        .get_result(conn)?;
    Ok(used > 0)
}

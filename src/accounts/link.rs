//! Links and waiting log-ins that are opened by a random secret; most work once. Mail programs and their scanners open links by
//! themselves: opening shows a page and uses nothing up, only the page's button does. The database knows the secret's hash; a
//! mail keeps the secret until it has left ([`secret_link`](crate::platform::secret_link)).

use chrono::Duration;
use diesel::prelude::*;

use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::account_link;
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};

/// What a link is for; one made for one purpose is nothing for another. Anyone who sends such links declares it.
#[derive(Clone, Copy)]
pub struct Purpose {
    /// As it is kept.
    pub word: &'static str,
    /// How long a link lives.
    pub lifetime: Duration,
    /// Whether a new one ends the earlier ones.
    pub replaces: bool,
    /// Whether its use has an entry of its own in the audit.
    pub noted: bool,
    /// What somebody is told whose link does not work.
    pub refusal: fn(Fault) -> Refusal,
}

impl Purpose {
    /// To take up an account.
    pub const INVITATION: Self = Self::of("invitation", Duration::days(7), |_| {
        invalid("该邀请链接无效、已使用或已过期（有效期 7 天）。请联系本单位管理员重新发送邀请。")
    });
    /// To set another password.
    pub const RESET: Self = Self::of("reset", Duration::minutes(30), |_| {
        invalid("该重置链接无效、已使用或已过期（有效期 30 分钟）。请在登录页重新申请。")
    });
    /// To show that the mails of a new mailbox are read.
    pub const MAILBOX: Self = Self::of("mailbox", Duration::hours(24), |_| {
        invalid("该确认链接无效、已使用或已过期（有效期 24 小时）。请登录后在“我的账号”中重新更改电子邮箱。")
    });
    /// To take a new mailbox back, for who reads the old one. A later change leaves the earlier links: each leads to its own.
    pub const MAILBOX_UNDO: Self = Self {
        replaces: false,
        ..Self::of("mailbox_undo", Duration::days(7), |_| {
            invalid("该撤回链接无效、已使用或已过期（有效期 7 天）。请立即联系本单位管理员。")
        })
    };
    /// A log-in whose password was right and whose second step is missing; never in a mail.
    pub const SECOND_STEP: Self = Self {
        noted: false,
        ..Self::of("second_step", Duration::minutes(5), |_| {
            invalid("本次登录等待验证码的时间已过，请重新输入账号和密码。")
        })
    };
    /// Those of accounts.
    pub const OF_ACCOUNTS: [Self; 5] =
        [Self::INVITATION, Self::RESET, Self::MAILBOX, Self::MAILBOX_UNDO, Self::SECOND_STEP];

    /// A purpose of which the latest link works, once.
    pub const fn of(word: &'static str, lifetime: Duration, refusal: fn(Fault) -> Refusal) -> Self {
        Self { word, lifetime, replaces: true, noted: true, refusal }
    }
}

/// The same for an unknown, an altered, a used and an expired link of somebody who has an account.
fn invalid(detail: &str) -> Refusal {
    Refusal::new(404, "LINK_INVALID", detail)
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No such link was made.
    Unknown,
    /// It worked once already.
    Used,
    /// Its time is over, or a later one took its place.
    Expired,
}

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = account_link)]
pub struct AccountLink {
    /// Key.
    pub id: Id,
    /// What it is for.
    pub purpose: String,
    /// SHA-256 of its secret.
    pub token_hash: String,
    /// What it opens: the person; the organisation of an admission; the application.
    pub subject_id: Id,
    /// Where it was sent; empty where it was not.
    pub email: String,
    /// Until when it works.
    pub expires_at: Time,
    /// When it was used.
    pub used_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
}

/// Makes a link and returns its secret with it. Earlier ones of the same purpose end where it replaces them.
pub fn insert_link(
    conn: &mut AnyConn,
    purpose: Purpose,
    subject: Id,
    email: &str,
    now: Time,
) -> Result<(String, AccountLink)> {
    if purpose.replaces {
        end(conn, purpose, subject, now)?;
    }
    let secret = secret::fresh();
    let row = AccountLink {
        id: Id::new(),
        purpose: purpose.word.into(),
        token_hash: secret::hash(&secret),
        subject_id: subject,
        email: email.into(),
        expires_at: now.plus(purpose.lifetime),
        used_at: None,
        created_at: now,
    };
    diesel::insert_into(account_link::table).values(&row).execute(conn)?;
    Ok((secret, row))
}

/// As [`insert_link`], with an entry in the audit.
pub fn issue(tx: &mut Tx, purpose: Purpose, subject: Id, email: &str) -> Result<(String, AccountLink)> {
    let now = tx.now();
    let (secret, row) = insert_link(tx.conn, purpose, subject, email, now)?;
    let note =
        serde_json::json!({ "purpose": purpose.word, "subject_id": subject, "expires_at": row.expires_at });
    tx.note("account_link.issue", "account_link", row.id, &note)?;
    Ok((secret, row))
}

/// Ends what is open of a purpose.
pub(super) fn end(conn: &mut AnyConn, purpose: Purpose, subject: Id, now: Time) -> Result<()> {
    let open = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose.word))
        .filter(account_link::used_at.is_null())
        .filter(account_link::expires_at.gt(now));
    diesel::update(open).set(account_link::expires_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Ends what is open for `subject`, whatever for.
pub(super) fn end_all(conn: &mut AnyConn, subject: Id, now: Time) -> Result<()> {
    let open = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::used_at.is_null())
        .filter(account_link::expires_at.gt(now));
    diesel::update(open).set(account_link::expires_at.eq(now)).execute(conn)?;
    Ok(())
}

/// How many links of a purpose somebody was sent since then.
pub(super) fn sent_since(conn: &mut AnyConn, purpose: Purpose, subject: Id, since: Time) -> Result<i64> {
    Ok(account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose.word))
        .filter(account_link::created_at.ge(since))
        .count()
        .get_result(conn)?)
}

/// True where a link for `subject` was used.
pub fn was_used(conn: &mut AnyConn, purpose: Purpose, subject: Id) -> Result<bool> {
    let used: i64 = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose.word))
        .filter(account_link::used_at.is_not_null())
        .count()
        .get_result(conn)?;
    Ok(used > 0)
}

/// The link that a secret belongs to, where it still works; it is not used up.
///
/// # Errors
/// For people with an account 404 `LINK_INVALID`, the same for an unknown, an altered, a used and an expired one; for others 404
/// `LINK_UNKNOWN`, 409 `LINK_USED`, `LINK_EXPIRED`.
pub fn look(conn: &mut AnyConn, purpose: Purpose, secret: &str, now: Time) -> Result<AccountLink> {
    let found: Option<AccountLink> = account_link::table
        .filter(account_link::token_hash.eq(secret::hash(secret)))
        .filter(account_link::purpose.eq(purpose.word))
        .select(AccountLink::as_select())
        .first(conn)
        .optional()?;
    match found {
        None => Err((purpose.refusal)(Fault::Unknown).into()),
        Some(link) if link.used_at.is_some() => Err((purpose.refusal)(Fault::Used).into()),
        Some(link) if now >= link.expires_at => Err((purpose.refusal)(Fault::Expired).into()),
        Some(link) => Ok(link),
    }
}

/// True where a link with that secret works, whatever for; it is not used up.
///
/// # Errors
/// Of the database.
pub fn works(conn: &mut AnyConn, secret: &str, now: Time) -> Result<bool> {
    let open: i64 = account_link::table
        .filter(account_link::token_hash.eq(secret::hash(secret)))
        .filter(account_link::used_at.is_null())
        .filter(account_link::expires_at.gt(now))
        .count()
        .get_result(conn)?;
    Ok(open > 0)
}

/// Uses a link up: of two that come at once one gets it. Part of the write that does what it is for, and audited
/// in it; of a log-in the entry about the log-in itself is enough.
///
/// # Errors
/// As [`look`].
pub fn redeem(tx: &mut Tx, purpose: Purpose, secret: &str) -> Result<AccountLink> {
    let now = tx.now();
    let link = look(tx.conn, purpose, secret, now)?;
    let unused = account_link::table.find(link.id).filter(account_link::used_at.is_null());
    if diesel::update(unused).set(account_link::used_at.eq(now)).execute(tx.conn)? == 0 {
        return Err((purpose.refusal)(Fault::Used).into());
    }
    if purpose.noted {
        let note = serde_json::json!({ "purpose": purpose.word, "subject_id": link.subject_id });
        tx.note("account_link.use", "account_link", link.id, &note)?;
    }
    Ok(link)
}

/// Drops links of these purposes that ended long ago; for the hourly tasks of those who send them. Returns how many.
pub async fn sweep(db: &Db, now: Time, purposes: &[Purpose]) -> Result<usize> {
    let before = now.plus(Duration::days(-30));
    let words: Vec<&str> = purposes.iter().map(|purpose| purpose.word).collect();
    db.write_unaudited("link.sweep", move |c| {
        let old = account_link::table
            .filter(account_link::expires_at.lt(before))
            .filter(account_link::purpose.eq_any(&words));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

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
use crate::text_enum;

text_enum! {
    /// What a link is for; one made for one purpose is nothing for another.
    pub enum Purpose {
        /// To take up an account.
        Invitation = "invitation",
        /// To set another password.
        Reset = "reset",
        /// To show that the mails of a new mailbox are read.
        Mailbox = "mailbox",
        /// A log-in whose password was right and whose second step is missing; never in a mail.
        SecondStep = "second_step",
        /// The first administrator of an organisation that was admitted.
        Admission = "admission",
        /// An applicant's own application; works as often as it is opened.
        Application = "application",
    }
}

impl Purpose {
    /// How long it lives.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Invitation | Self::Admission => Duration::days(7),
            Self::Reset => Duration::minutes(30),
            Self::Mailbox => Duration::hours(24),
            Self::SecondStep => Duration::minutes(5),
            Self::Application => Duration::days(180),
        }
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

/// Makes a link and returns its secret with it. Earlier ones of the same purpose end; an applicant's go on.
///
/// # Errors
/// Of the database.
pub fn put(
    conn: &mut AnyConn,
    purpose: Purpose,
    subject: Id,
    email: &str,
    now: Time,
) -> Result<(String, AccountLink)> {
    if purpose != Purpose::Application {
        end(conn, purpose, subject, now)?;
    }
    let secret = secret::fresh();
    let row = AccountLink {
        id: Id::new(),
        purpose,
        token_hash: secret::hash(&secret),
        subject_id: subject,
        email: email.into(),
        expires_at: now.plus(purpose.lifetime()),
        used_at: None,
        created_at: now,
    };
    diesel::insert_into(account_link::table).values(&row).execute(conn)?;
    Ok((secret, row))
}

/// As [`put`], with an entry in the audit.
///
/// # Errors
/// Of the database.
pub fn issue(tx: &mut Tx, purpose: Purpose, subject: Id, email: &str) -> Result<(String, AccountLink)> {
    let now = tx.now();
    let (secret, row) = put(tx.conn, purpose, subject, email, now)?;
    let note = serde_json::json!({ "purpose": purpose, "subject_id": subject, "expires_at": row.expires_at });
    tx.note("account_link.issue", "account_link", row.id, &note)?;
    Ok((secret, row))
}

/// Ends what is open of a purpose.
///
/// # Errors
/// Of the database.
pub(super) fn end(conn: &mut AnyConn, purpose: Purpose, subject: Id, now: Time) -> Result<()> {
    let open = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose))
        .filter(account_link::used_at.is_null())
        .filter(account_link::expires_at.gt(now));
    diesel::update(open).set(account_link::expires_at.eq(now)).execute(conn)?;
    Ok(())
}

/// How many links of a purpose somebody was sent since then.
pub(super) fn sent_since(conn: &mut AnyConn, purpose: Purpose, subject: Id, since: Time) -> Result<i64> {
    Ok(account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose))
        .filter(account_link::created_at.ge(since))
        .count()
        .get_result(conn)?)
}

/// True where a link for `subject` was used.
///
/// # Errors
/// Of the database.
pub fn was_used(conn: &mut AnyConn, purpose: Purpose, subject: Id) -> Result<bool> {
    let used: i64 = account_link::table
        .filter(account_link::subject_id.eq(subject))
        .filter(account_link::purpose.eq(purpose))
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
        .filter(account_link::purpose.eq(purpose))
        .select(AccountLink::as_select())
        .first(conn)
        .optional()?;
    match found {
        None => Err(refusal(purpose, Fault::Unknown).into()),
        Some(link) if link.used_at.is_some() => Err(refusal(purpose, Fault::Used).into()),
        Some(link) if now >= link.expires_at => Err(refusal(purpose, Fault::Expired).into()),
        Some(link) => Ok(link),
    }
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
        return Err(refusal(purpose, Fault::Used).into());
    }
    if purpose != Purpose::SecondStep {
        let note = serde_json::json!({ "purpose": purpose, "subject_id": link.subject_id });
        tx.note("account_link.use", "account_link", link.id, &note)?;
    }
    Ok(link)
}

/// What is wrong with a link.
pub(super) enum Fault {
    Unknown,
    Used,
    Expired,
}

pub(super) fn refusal(purpose: Purpose, fault: Fault) -> Refusal {
    let invalid = |detail: &str| Refusal::new(404, "LINK_INVALID", detail);
    match (purpose, fault) {
        (Purpose::Invitation, _) => {
            invalid("该邀请链接无效、已使用或已过期（有效期 7 天）。请联系本单位管理员重新发送邀请。")
        }
        (Purpose::Reset, _) => {
            invalid("该重置链接无效、已使用或已过期（有效期 30 分钟）。请在登录页重新申请。")
        }
        (Purpose::Mailbox, _) => invalid(
            "该确认链接无效、已使用或已过期（有效期 24 小时）。请登录后在“我的账号”中重新更改电子邮箱。",
        ),
        (Purpose::SecondStep, _) => invalid("本次登录等待验证码的时间已过，请重新输入账号和密码。"),
        (Purpose::Admission | Purpose::Application, Fault::Unknown) => {
            let detail = "链接不完整或不正确。请从邮件中重新打开，或把邮件中的整个链接复制到地址栏。";
            Refusal::new(404, "LINK_UNKNOWN", detail)
        }
        (Purpose::Admission | Purpose::Application, Fault::Used) => {
            let detail = "这个链接已经使用过，每个链接只能使用一次。账号已经开通，请直接登录。";
            Refusal::new(409, "LINK_USED", detail)
        }
        (Purpose::Admission | Purpose::Application, Fault::Expired) => {
            let detail = "这个链接已经过期或已被新的链接取代。请使用最近一封邮件中的链接；如没有，请联系省级采购机构重新发送。";
            Refusal::new(409, "LINK_EXPIRED", detail)
        }
    }
}

/// Drops links that ended long ago; for the hourly task. Admissions stay: a used one keeps an organisation from getting a
/// second first administrator. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::days(-30));
    db.keep("link.sweep", move |c| {
        let old = account_link::table
            .filter(account_link::expires_at.lt(before))
            .filter(account_link::purpose.ne(Purpose::Admission));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

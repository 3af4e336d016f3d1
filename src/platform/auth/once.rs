//! Links that work once: invitations, password resets, and log-ins that wait for their second step. Only the hash is kept.
//! Looking at a link does not use it up, so that a mail scanner that follows it does no harm; the button on its page does.

use chrono::Duration;
use diesel::prelude::*;

use super::secret;
use super::users::{self, Known};
use crate::platform::clock::Time;
use crate::platform::db::{AnyConn, Db, Id};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::one_time_link;
use crate::words;

words! {
    /// What a link is for; one made for one purpose is nothing for another.
    pub enum Purpose {
        /// To take up an account.
        Invitation = "invitation",
        /// To set another password.
        Reset = "reset",
        /// A log-in whose password was right and whose second step is missing.
        SecondStep = "second_step",
    }
}

impl Purpose {
    /// How long it lives.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Invitation => Duration::days(7),
            Self::Reset => Duration::minutes(30),
            Self::SecondStep => Duration::minutes(5),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = one_time_link)]
struct Row {
    token_hash: String,
    purpose: Purpose,
    user_id: Id,
    created_at: Time,
    expires_at: Time,
    used_at: Option<Time>,
}

/// Makes a link for somebody and returns its secret. Earlier ones of the same purpose end.
pub(super) fn put(conn: &mut AnyConn, purpose: Purpose, user: Id, now: Time) -> Result<String> {
    end(conn, purpose, user, now)?;
    let secret = secret::fresh();
    let row = Row {
        token_hash: secret::hash(&secret),
        purpose,
        user_id: user,
        created_at: now,
        expires_at: now.plus(purpose.lifetime()),
        used_at: None,
    };
    diesel::insert_into(one_time_link::table).values(&row).execute(conn)?;
    Ok(secret)
}

/// Ends what is open of a purpose.
pub(super) fn end(conn: &mut AnyConn, purpose: Purpose, user: Id, now: Time) -> Result<()> {
    let open = one_time_link::table
        .filter(one_time_link::user_id.eq(user))
        .filter(one_time_link::purpose.eq(purpose))
        .filter(one_time_link::used_at.is_null());
    diesel::update(open).set(one_time_link::used_at.eq(now)).execute(conn)?;
    Ok(())
}

/// How many links of a purpose somebody was sent since then.
pub(super) fn sent_since(conn: &mut AnyConn, purpose: Purpose, user: Id, since: Time) -> Result<i64> {
    Ok(one_time_link::table
        .filter(one_time_link::user_id.eq(user))
        .filter(one_time_link::purpose.eq(purpose))
        .filter(one_time_link::created_at.ge(since))
        .count()
        .get_result(conn)?)
}

/// Whose link it is, without using it up.
///
/// # Errors
/// 404 `LINK_INVALID`, the same for an unknown, an altered, a used and an expired one.
pub(super) fn look(conn: &mut AnyConn, purpose: Purpose, secret: &str, now: Time) -> Result<Known> {
    let row: Option<Row> = one_time_link::table
        .find(secret::hash(secret))
        .filter(one_time_link::purpose.eq(purpose))
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    let Some(row) = row.filter(|row| row.used_at.is_none() && now < row.expires_at) else {
        return Err(invalid(purpose).into());
    };
    users::by_id(conn, row.user_id)?.ok_or_else(|| invalid(purpose).into())
}

/// Uses a link up: of two that come at once one gets it.
///
/// # Errors
/// As [`look`].
pub(super) fn take(conn: &mut AnyConn, purpose: Purpose, secret: &str, now: Time) -> Result<Known> {
    let known = look(conn, purpose, secret, now)?;
    let open = one_time_link::table.find(secret::hash(secret)).filter(one_time_link::used_at.is_null());
    match diesel::update(open).set(one_time_link::used_at.eq(now)).execute(conn)? {
        1 => Ok(known),
        _ => Err(invalid(purpose).into()),
    }
}

fn invalid(purpose: Purpose) -> Refusal {
    let detail = match purpose {
        Purpose::Invitation => {
            "该邀请链接无效、已使用或已过期（有效期 7 天）。请联系本单位管理员重新发送邀请。"
        }
        Purpose::Reset => "该重置链接无效、已使用或已过期（有效期 30 分钟）。请在登录页重新申请。",
        Purpose::SecondStep => "本次登录等待验证码的时间已过，请重新输入账号和密码。",
    };
    Refusal::new(404, "LINK_INVALID", detail)
}

/// Drops links that ended long ago; for the nightly job. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::days(-30));
    db.keep("link.sweep", move |c| {
        let old = one_time_link::table.filter(one_time_link::expires_at.lt(before));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

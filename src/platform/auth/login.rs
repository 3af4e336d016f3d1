//! The door. Attempts are counted by log-in name, known or not, before the password is looked at: whoever guesses meets a
//! growing delay, and learns neither from the answer nor from the time it takes whether a name exists.

use chrono::Duration;
use diesel::prelude::*;

use super::users::{self, Known};
use super::{Auth, Principal, secret};
use crate::on_db;
use crate::platform::clock::Time;
use crate::platform::db::{AnyConn, Db, Id, suspended};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::login_attempt;

/// Failures that cost nothing but the failure.
const FREE: i32 = 4;
/// Longest delay.
const LONGEST_MINUTES: i64 = 60;
/// Failures older than this are forgotten.
const MEMORY_HOURS: i64 = 24;

/// Somebody who proved who they are, with the stamp that their sessions and tokens carry.
#[derive(Debug, Clone)]
pub struct Proven {
    /// The person.
    pub principal: Principal,
    /// The account's stamp.
    pub stamp: Id,
}

/// Checks a log-in name and a password.
///
/// # Errors
/// 403 `ORGANISATION_SUSPENDED`; 401 `LOGIN_FAILED`, the same for a wrong name, a wrong password and a closed account; 429 `LOGIN_LOCKED` with
/// `retry_after` in seconds; `BUSY`.
pub async fn check(auth: &Auth, login: &str, password: String, request_id: Option<String>) -> Result<Proven> {
    let login = users::normalise_login(login);
    let now = auth.clock.now();
    let key = secret::hash(&login);
    let counted = key.clone();
    auth.db.keep("login.count", move |c| count_attempt(c, &counted, now)).await?;
    let name = login.clone();
    let known = auth.db.read(move |c| users::by_login(c, &name)).await?;
    let stored = known.as_ref().map(|k| k.user.password_hash.clone());
    let right = auth.passwords.verify(password, stored).await?;
    if right && known.as_ref().is_some_and(Known::is_suspended) {
        return Err(suspended().into());
    }
    let Some(known) = known.filter(|k| right && k.may_act()) else {
        tracing::warn!(target: "security", login_hash = key, "log-in refused");
        return Err(failed().into());
    };
    auth.db.keep("login.forget", move |c| forget(c, &key)).await?;
    Ok(proven(known, request_id, now))
}

fn proven(known: Known, request_id: Option<String>, now: Time) -> Proven {
    let stamp = known.user.stamp;
    tracing::info!(target: "security", user = %known.user.id, "logged in");
    Proven { principal: known.principal(request_id, now), stamp }
}

fn failed() -> Refusal {
    Refusal::new(401, "LOGIN_FAILED", "登录名或密码不正确，请核对后重试；忘记密码请联系本单位管理员。")
}

/// Counts an attempt and sets the delay that follows it, or refuses while one runs. The row is locked by its update, so
/// parallel guesses are counted one by one.
fn count_attempt(conn: &mut AnyConn, key: &str, now: Time) -> Result<()> {
    use login_attempt::dsl;
    on_db!(&mut *conn, c => diesel::insert_into(dsl::login_attempt)
        .values((dsl::login_hash.eq(key), dsl::failed_count.eq(0), dsl::last_failed_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    diesel::update(
        dsl::login_attempt.find(key).filter(dsl::last_failed_at.lt(now.plus(Duration::hours(-MEMORY_HOURS)))),
    )
    .set(dsl::failed_count.eq(0))
    .execute(conn)?;
    let (count, locked_until): (i32, Option<Time>) = diesel::update(dsl::login_attempt.find(key))
        .set((dsl::failed_count.eq(dsl::failed_count + 1), dsl::last_failed_at.eq(now)))
        .returning((dsl::failed_count, dsl::locked_until))
        .get_result(conn)?;
    if let Some(until) = locked_until.filter(|until| *until > now) {
        // The refusal undoes the count: knocking at a locked door does not lengthen the delay.
        return Err(locked(until, now).into());
    }
    if let Some(delay) = delay_after(count) {
        diesel::update(dsl::login_attempt.find(key))
            .set(dsl::locked_until.eq(now.plus(delay)))
            .execute(conn)?;
    }
    Ok(())
}

/// None, then one minute, two, four … up to an hour.
fn delay_after(count: i32) -> Option<Duration> {
    let doublings = u32::try_from(count.checked_sub(FREE + 1)?).ok()?;
    let minutes = 1_i64.checked_shl(doublings.min(16)).unwrap_or(LONGEST_MINUTES).min(LONGEST_MINUTES);
    Some(Duration::minutes(minutes))
}

fn locked(until: Time, now: Time) -> Refusal {
    let seconds = (until.0 - now.0).num_seconds().max(0) + 1;
    let minutes = (seconds + 59) / 60;
    let detail = format!("连续多次登录失败，请在 {minutes} 分钟后再试；忘记密码请联系本单位管理员。");
    Refusal::new(429, "LOGIN_LOCKED", detail).with("retry_after", seconds)
}

fn forget(conn: &mut AnyConn, key: &str) -> Result<()> {
    diesel::delete(login_attempt::table.find(key)).execute(conn)?;
    Ok(())
}

/// Drops attempts that no longer count; for the nightly job. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::hours(-MEMORY_HOURS));
    db.keep("login.sweep", move |c| {
        let old = login_attempt::table.filter(login_attempt::last_failed_at.lt(before));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

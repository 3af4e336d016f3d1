//! Failures at the door, counted by the hash of the log-in name that was typed, whether there is such an account or not. After
//! the first few each is followed by a growing delay.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use super::users;
use crate::on_db;
use crate::platform::db::{Actor, Db};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::login_attempt;
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Time};

/// Failures that cost nothing but the failure.
const FREE: i32 = 4;
/// Longest delay.
const LONGEST_MINUTES: i64 = 60;
/// Failures older than this are forgotten.
const MEMORY_HOURS: i64 = 24;

/// Counts an attempt and sets the delay that follows it, or refuses while one runs. One statement makes the row or counts in
/// it: a log-in that succeeds at the same moment takes the row away, and between two statements there would be none.
pub(super) fn count(conn: &mut AnyConn, key: &str, now: Time) -> Result<Option<Time>> {
    use diesel::dsl::case_when;
    use login_attempt::dsl;
    let one = 1_i32.into_sql::<diesel::sql_types::Integer>();
    let forgotten = now.plus(Duration::hours(-MEMORY_HOURS));
    let (count, locked_until): (i32, Option<Time>) = on_db!(&mut *conn, c => diesel::insert_into(dsl::login_attempt)
        .values((dsl::login_hash.eq(key), dsl::failed_count.eq(1), dsl::last_failed_at.eq(now)))
        .on_conflict(dsl::login_hash)
        .do_update()
        .set((
            dsl::failed_count.eq(case_when(dsl::last_failed_at.lt(forgotten), one).otherwise(dsl::failed_count + 1)),
            dsl::last_failed_at.eq(now),
        ))
        .returning((dsl::failed_count, dsl::locked_until))
        .get_result(c))?;
    if let Some(until) = locked_until.filter(|until| *until > now) {
        // The refusal undoes the count: knocking at a locked door does not lengthen the delay.
        return Err(locked(until, now).into());
    }
    let Some(delay) = delay_after(count) else { return Ok(None) };
    let until = now.plus(delay);
    diesel::update(dsl::login_attempt.find(key)).set(dsl::locked_until.eq(until)).execute(conn)?;
    Ok(Some(until))
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
    let detail = format!("连续多次登录失败，请在 {minutes} 分钟后再试；忘记密码可以在登录页申请重置。");
    Refusal::new(429, "LOGIN_LOCKED", detail).with("retry_after", seconds)
}

/// Takes back what [`count`] did, which locked until `locks`.
pub(super) fn take_back(conn: &mut AnyConn, key: &str, locks: Option<Time>) -> Result<()> {
    use login_attempt::dsl;
    let counted = dsl::login_attempt.find(key).filter(dsl::failed_count.gt(0));
    diesel::update(counted).set(dsl::failed_count.eq(dsl::failed_count - 1)).execute(conn)?;
    if let Some(until) = locks {
        let own = dsl::login_attempt.find(key).filter(dsl::locked_until.eq(until));
        diesel::update(own).set(dsl::locked_until.eq(None::<Time>)).execute(conn)?;
    }
    Ok(())
}

/// Forgets the failures of a name.
pub(super) fn forget(conn: &mut AnyConn, key: &str) -> Result<()> {
    diesel::delete(login_attempt::table.find(key)).execute(conn)?;
    Ok(())
}

/// Lets a locked name be tried again; for the operator. Stands in the audit.
///
/// # Errors
/// 404 where there is no such account.
pub async fn unlock(db: &Db, actor: &Actor, login: &str) -> Result<()> {
    let login = users::normalise_login(login);
    db.write(actor, move |tx| {
        let known = users::by_login(tx.conn, &login)?.ok_or_else(|| Refusal::not_found("用户"))?;
        forget(tx.conn, &secret::hash(&login))?;
        tx.note("login.unlock", "app_user", known.user.id, &json!({}))
    })
    .await
}

/// Drops attempts that no longer count; for the nightly job. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::hours(-MEMORY_HOURS));
    db.write_unaudited("login.sweep", move |c| {
        let old = login_attempt::table.filter(login_attempt::last_failed_at.lt(before));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

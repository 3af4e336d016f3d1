//! Failures at the door, counted by the hash of the log-in name that was typed, whether there is such an account or not: in each
//! network by itself, and in all. After the first few each is followed by a growing delay. Strangers lock a name where they are;
//! only a flood from many networks locks it everywhere, and not where its owner got in before.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use super::{limit, users};
use crate::on_db;
use crate::platform::db::{Actor, Db};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::{known_place, login_attempt};
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};

/// Failures in one network that cost nothing but the failure.
const FREE: i32 = 4;
/// As many from all networks together.
const FREE_IN_ALL: i32 = 40;
/// Longest delay.
const LONGEST_MINUTES: i64 = 60;
/// Failures older than this are forgotten.
const MEMORY_HOURS: i64 = 24;
/// Days for which a place is known.
const PLACE_DAYS: i64 = 180;

/// What a try is counted by.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    /// The hash of the log-in name.
    pub name: String,
    /// The network that it came from.
    pub network: std::net::IpAddr,
    /// The name got in from there before.
    pub at_home: bool,
}

/// Until when the name is locked after a try, should it fail: in its network, and everywhere.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Locks {
    near: Option<Time>,
    everywhere: Option<Time>,
}

impl Locks {
    /// The later of the two.
    pub fn until(self) -> Option<Time> {
        self.near.max(self.everywhere)
    }
}

impl Counted {
    fn near(&self) -> String {
        format!("{}@{}", self.name, secret::hash(&self.network.to_string()))
    }

    /// Counts an attempt and sets the delay that follows it, or refuses while one runs.
    pub fn count(&self, conn: &mut AnyConn, now: Time) -> Result<Locks> {
        let near = count(conn, &self.near(), FREE, false, now)?;
        let everywhere = count(conn, &self.name, FREE_IN_ALL, self.at_home, now)?;
        Ok(Locks { near, everywhere })
    }

    /// Takes back what [`Self::count`] did.
    pub fn take_back(&self, conn: &mut AnyConn, locks: Locks) -> Result<()> {
        take_back(conn, &self.near(), locks.near)?;
        take_back(conn, &self.name, locks.everywhere)
    }

    /// Forgets the failures where somebody got in, and remembers the place.
    pub fn succeeded(&self, conn: &mut AnyConn, user: Id, now: Time) -> Result<()> {
        let keys = [self.near(), self.name.clone()];
        diesel::delete(login_attempt::table.filter(login_attempt::login_hash.eq_any(keys))).execute(conn)?;
        let place = place(user, self.network);
        on_db!(conn, c => diesel::insert_into(known_place::table)
            .values((known_place::place_hash.eq(&place), known_place::last_at.eq(now)))
            .on_conflict(known_place::place_hash)
            .do_update()
            .set(known_place::last_at.eq(now))
            .execute(c))?;
        Ok(())
    }
}

fn place(user: Id, network: std::net::IpAddr) -> String {
    secret::hash(&format!("{user}@{network}"))
}

/// True where somebody got in from that network before.
pub(super) fn knows_place(conn: &mut AnyConn, user: Id, network: std::net::IpAddr) -> Result<bool> {
    let found: i64 = known_place::table.find(place(user, network)).count().get_result(conn)?;
    Ok(found > 0)
}

/// One statement makes the row or counts in it: a log-in that succeeds at the same moment takes the row away, and between two
/// statements there would be none.
fn count(conn: &mut AnyConn, key: &str, free: i32, passes: bool, now: Time) -> Result<Option<Time>> {
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
    // No delay is longer: what says so was written by a clock that was ahead.
    let longest = now.plus(Duration::minutes(LONGEST_MINUTES + 1));
    if let Some(until) = locked_until.filter(|until| *until > now && *until < longest && !passes) {
        // The refusal undoes the count: knocking at a locked door does not lengthen the delay.
        return Err(locked(until, now).into());
    }
    let Some(delay) = delay_after(count, free) else { return Ok(None) };
    let until = now.plus(delay);
    diesel::update(login_attempt::table.find(key)).set(dsl::locked_until.eq(until)).execute(conn)?;
    Ok(Some(until))
}

/// None, then one minute, two, four … up to an hour.
fn delay_after(count: i32, free: i32) -> Option<Duration> {
    let doublings = u32::try_from(count.checked_sub(free + 1)?).ok()?;
    let minutes = 1_i64.checked_shl(doublings.min(16)).unwrap_or(LONGEST_MINUTES).min(LONGEST_MINUTES);
    Some(Duration::minutes(minutes))
}

fn locked(until: Time, now: Time) -> Refusal {
    let seconds = (until.0 - now.0).num_seconds().max(0) + 1;
    let wait = limit::wait(seconds);
    let detail = format!(
        "连续多次登录失败，请在 {wait}后再试；忘记密码可以在登录页申请重置，仍不能登录请联系本单位管理员。"
    );
    Refusal::new(429, "LOGIN_LOCKED", detail).with("retry_after", seconds)
}

fn take_back(conn: &mut AnyConn, key: &str, locks: Option<Time>) -> Result<()> {
    use login_attempt::dsl;
    let counted = dsl::login_attempt.find(key).filter(dsl::failed_count.gt(0));
    diesel::update(counted).set(dsl::failed_count.eq(dsl::failed_count - 1)).execute(conn)?;
    if let Some(until) = locks {
        let own = dsl::login_attempt.find(key).filter(dsl::locked_until.eq(until));
        diesel::update(own).set(dsl::locked_until.eq(None::<Time>)).execute(conn)?;
    }
    Ok(())
}

/// Forgets the failures of a name, wherever they were.
pub(super) fn forget(conn: &mut AnyConn, name: &str) -> Result<()> {
    let everywhere = login_attempt::login_hash.like(format!("{name}@%"));
    let of_name = login_attempt::table.filter(login_attempt::login_hash.eq(name).or(everywhere));
    diesel::delete(of_name).execute(conn)?;
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

/// Drops attempts that no longer count, and places that nobody came from for long; for the nightly job. Returns how many attempts.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(Duration::hours(-MEMORY_HOURS));
    let left = now.plus(Duration::days(-PLACE_DAYS));
    db.write_unaudited("login.sweep", move |c| {
        diesel::delete(known_place::table.filter(known_place::last_at.lt(left))).execute(c)?;
        let old = login_attempt::table.filter(login_attempt::last_failed_at.lt(before));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

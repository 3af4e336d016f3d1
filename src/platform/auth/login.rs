//! The door. Attempts are counted by log-in name, known or not, before the password is looked at: whoever guesses meets a
//! growing delay, and learns neither from the answer nor from the time it takes whether a name exists. Wrong codes of the
//! second step count like wrong passwords. Who came in, who did not and who was locked out stands in the audit.

use chrono::Duration;
use diesel::prelude::*;

use super::caller::Caller;
use super::link::{self, Purpose};
use super::totp::{self, Taken};
use super::users::{self, Known};
use super::{Auth, Principal, secret};
use crate::on_db;
use crate::platform::clock::Time;
use crate::platform::db::{Actor, AnyConn, Db, Id, suspended};
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
    /// Where from.
    pub address: String,
    /// With what.
    pub device: String,
    /// True where the person must set up a second step before anything else.
    pub confined: bool,
}

impl Proven {
    /// Somebody, from nowhere in particular.
    pub fn new(principal: Principal, stamp: Id) -> Self {
        Self { principal, stamp, address: String::new(), device: String::new(), confined: false }
    }
}

/// How far a log-in has come.
pub enum Step {
    /// All is proven.
    In(Box<Proven>),
    /// The password was right; a code is missing. The secret stands for the password until then.
    CodeNeeded(String),
}

/// What is given at the door.
pub struct Given {
    /// Log-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Code of the second step, where it comes with the password.
    pub code: Option<String>,
}

/// Checks a log-in name and a password, and the code where the account asks for one and it was given.
///
/// # Errors
/// 403 `ORGANISATION_SUSPENDED`; 401 `LOGIN_FAILED`, the same for a wrong name, a wrong password and a closed account; 401
/// `TOTP_WRONG`; 429 `LOGIN_LOCKED`, `TOO_MANY_TRIES` with `retry_after` in seconds; `BUSY`.
pub async fn check(auth: &Auth, given: Given, caller: Caller) -> Result<Step> {
    let now = auth.clock.now();
    auth.limit.take(caller.network(), now)?;
    let tried = Tried { key: secret::hash(&users::normalise_login(&given.login)), caller, now };
    let locks = tried.count(auth).await?;
    let login = users::normalise_login(&given.login);
    let known = auth.db.read(move |c| users::by_login(c, &login)).await?;
    let stored = known.as_ref().map(|k| k.user.password_hash.clone());
    let right = auth.passwords.verify(given.password.clone(), stored).await?;
    if right && known.as_ref().is_some_and(Known::is_suspended) {
        return Err(suspended().into());
    }
    let user = known.as_ref().map(|k| k.user.id);
    let Some(known) = known.filter(|k| right && k.may_act()) else {
        tried.failed(auth, user, "password", locks).await?;
        return Err(failed().into());
    };
    let id = known.user.id;
    match (auth.db.read(move |c| totp::is_on(c, id)).await?, given.code) {
        (false, _) => tried.enter(auth, known, Proof::Password(given.password)).await,
        (true, Some(code)) => tried.with_code(auth, known, Proof::Both(given.password, code), locks).await,
        (true, None) => {
            let open = move |c: &mut AnyConn| link::put(c, Purpose::SecondStep, id, "", now);
            let (half, _) = auth.db.keep("login.half", open).await?;
            Ok(Step::CodeNeeded(half))
        }
    }
}

/// Checks the code of a log-in whose password was right.
///
/// # Errors
/// 404 `LINK_INVALID` when it took too long; 401 `TOTP_WRONG`; 429 as [`check`].
pub async fn second(auth: &Auth, half: String, code: String, caller: Caller) -> Result<Step> {
    let now = auth.clock.now();
    auth.limit.take(caller.network(), now)?;
    let asked = half.clone();
    let known = auth.db.read(move |c| link::person(c, Purpose::SecondStep, &asked, now)).await?;
    if !known.may_act() {
        return Err(failed().into());
    }
    let tried = Tried { key: secret::hash(&known.user.login), caller, now };
    let locks = tried.count(auth).await?;
    tried.with_code(auth, known, Proof::Code(half, code), locks).await
}

/// Asks somebody who is logged in for the password again. Wrong ones count like those at the door.
///
/// # Errors
/// 422 at `/old`; 429 `LOGIN_LOCKED`.
pub(super) async fn check_again(auth: &Auth, known: &Known, password: String) -> Result<()> {
    let (key, now) = (secret::hash(&known.user.login), auth.clock.now());
    let counted = key.clone();
    auth.db.keep("login.count", move |c| count_attempt(c, &counted, now)).await?;
    if !auth.passwords.verify(password, Some(known.user.password_hash.clone())).await? {
        return Err(Refusal::field("/old", "登录密码不正确，请重新输入。").into());
    }
    auth.db.keep("login.forget", move |c| forget(c, &key)).await
}

/// Counts a code that somebody who is logged in is about to give, like one at the door.
///
/// # Errors
/// 429 `LOGIN_LOCKED`.
pub(super) async fn count_code(auth: &Auth, login: &str) -> Result<()> {
    let (key, now) = (secret::hash(login), auth.clock.now());
    auth.db.keep("login.count", move |c| count_attempt(c, &key, now).map(drop)).await
}

/// What somebody has shown.
#[derive(Clone)]
enum Proof {
    Password(String),
    Both(String, String),
    Code(String, String),
}

impl Proof {
    fn password(&self) -> Option<&String> {
        match self {
            Self::Password(password) | Self::Both(password, _) => Some(password),
            Self::Code(..) => None,
        }
    }

    fn code(&self) -> Option<&String> {
        match self {
            Self::Both(_, code) | Self::Code(_, code) => Some(code),
            Self::Password(_) => None,
        }
    }
}

/// One try at the door.
struct Tried {
    /// What attempts are counted by.
    key: String,
    caller: Caller,
    now: Time,
}

impl Tried {
    /// Counts it; until when the name is locked after it, should it fail.
    async fn count(&self, auth: &Auth) -> Result<Option<Time>> {
        let (key, now) = (self.key.clone(), self.now);
        auth.db.keep("login.count", move |c| count_attempt(c, &key, now)).await
    }

    async fn with_code(self, auth: &Auth, known: Known, proof: Proof, locks: Option<Time>) -> Result<Step> {
        let (user, caller) = (known.user.id, self.caller.clone());
        let (key, now) = (self.key.clone(), self.now);
        match self.enter(auth, known, proof).await {
            Err(Error::Refused(refusal)) if refusal.code == "TOTP_WRONG" => {
                Tried { key, caller, now }.failed(auth, Some(user), "code", locks).await?;
                Err(Error::Refused(refusal))
            }
            other => other,
        }
    }

    /// Lets somebody in: takes the code, forgets the failures, hashes anew where the cost has changed, writes it down.
    async fn enter(self, auth: &Auth, known: Known, proof: Proof) -> Result<Step> {
        let old = known.user.password_hash.clone();
        let new = match proof.password().filter(|_| auth.passwords.is_outdated(&old)) {
            Some(password) => Some(auth.passwords.hash(password.clone()).await?),
            None => None,
        };
        let (user, stamp) = (known.user.clone(), known.user.stamp);
        let principal = known.principal(self.caller.request_id.clone(), self.now);
        let (keys, key, address) = (auth.tokens.keys().clone(), self.key.clone(), self.caller.address);
        let device = self.caller.device.clone();
        let has_code = auth
            .db
            .write(&principal.actor(), move |tx| {
                let now = tx.now();
                let step = totp::find(tx.conn, user.id)?.filter(|step| step.confirmed_at.is_some());
                let taken = match (&step, proof.code()) {
                    (None, _) => None,
                    (Some(_), None) => return Err(code_wrong().into()),
                    (Some(step), Some(code)) => {
                        let taken = totp::take(tx.conn, &keys, step, code, now)?;
                        Some(taken.ok_or_else(code_wrong)?)
                    }
                };
                if let Proof::Code(half, _) = &proof {
                    link::redeem(tx, Purpose::SecondStep, half)?;
                }
                if let Some(hash) = &new {
                    users::rehash(tx, user.id, &old, hash)?;
                }
                forget(tx.conn, &key)?;
                let way = taken.map_or("password", |taken| match taken {
                    Taken::App => "password_and_code",
                    Taken::Recovery(_) => "password_and_recovery_code",
                });
                let content =
                    serde_json::json!({ "address": address.to_string(), "device": device, "by": way });
                tx.note("login.done", "app_user", user.id, &content)?;
                Ok(step.is_some())
            })
            .await?;
        auth.limit.give_back(self.caller.network());
        let confined = auth.officers_need_totp && principal.is_official() && !has_code;
        let (address, device) = (self.caller.address.to_string(), self.caller.device);
        Ok(Step::In(Box::new(Proven { principal, stamp, address, device, confined })))
    }

    /// Writes a failure down, and the lock that follows it. Nothing of what was typed is kept.
    async fn failed(
        self,
        auth: &Auth,
        user: Option<Id>,
        what: &'static str,
        locks: Option<Time>,
    ) -> Result<()> {
        tracing::warn!(target: "security", login_hash = self.key, address = %self.caller.address, what, "log-in refused");
        let actor = Actor { request_id: self.caller.request_id, ..Actor::system("登录", self.now) };
        let user = user.unwrap_or(Id(uuid::Uuid::nil()));
        let until = locks.map_or_else(Default::default, |until| serde_json::json!({ "locked_until": until }));
        let mut content = serde_json::json!({
            "address": self.caller.address.to_string(), "login_sha256": self.key, "wrong": what,
        });
        let action = if locks.is_some() { "login.locked" } else { "login.failed" };
        if let (Some(all), serde_json::Value::Object(more)) = (content.as_object_mut(), until) {
            all.extend(more);
        }
        auth.db.write(&actor, move |tx| tx.note(action, "app_user", user, &content)).await
    }
}

fn failed() -> Refusal {
    Refusal::new(401, "LOGIN_FAILED", "登录名或密码不正确，请核对后重试；忘记密码可以在登录页申请重置。")
}

fn code_wrong() -> Refusal {
    let detail = "验证码不正确，或已经用过。请等验证器显示下一个 6 位数字再试，也可以使用一个恢复码。";
    Refusal::new(401, "TOTP_WRONG", detail)
}

/// Counts an attempt and sets the delay that follows it, or refuses while one runs. One statement makes the row or counts in
/// it: a log-in that succeeds at the same moment takes the row away, and between two statements there would be none.
fn count_attempt(conn: &mut AnyConn, key: &str, now: Time) -> Result<Option<Time>> {
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
        tx.note("login.unlock", "app_user", known.user.id, &serde_json::json!({}))
    })
    .await
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

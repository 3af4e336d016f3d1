//! The door. Attempts are counted by log-in name, known or not, before the password is looked at: anyone who guesses meets a
//! growing delay, and learns neither from the answer nor from the time it takes whether a name exists. Wrong codes of the
//! second step count like wrong passwords. Who came in, who did not and who was locked out stands in the audit.

use std::net::IpAddr;

use serde_json::json;

use super::attempts::{self, Counted, Locks};
use super::door::Auth;
use super::link::{self, Purpose};
use super::totp::{self, Taken};
use super::users::{self, AccountWithOrganisation, User};
use crate::platform::db::{Actor, suspended};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Principal;

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
    let (now, network) = (auth.clock.now(), caller.network());
    let room = auth.limit.take(network, auth.clock.steady());
    let login = users::normalise_login(&given.login);
    let name = secret::hash(&login);
    let (known, at_home) = auth.db.read(move |c| of_name(c, &login, network)).await?;
    // Others' failures at one address keep nobody out who got in from there before.
    let took = room.is_ok();
    room.or_else(|full| if at_home { Ok(()) } else { Err(full) })?;
    let tried = Tried { counted: Counted { name, network, at_home }, caller, now, took };
    let locks = tried.count(auth).await?;
    let stored = known.as_ref().map(|k| k.user.password_hash.clone());
    let right = auth.passwords.verify(given.password.clone(), stored).await?;
    if right && known.as_ref().is_some_and(AccountWithOrganisation::is_suspended) {
        return Err(tried.suspended(auth, locks).await?.into());
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
            let open = move |c: &mut AnyConn| link::insert_link(c, Purpose::SECOND_STEP, id, "", now);
            let (half, _) = auth.db.write_unaudited("login.half", open).await?;
            tried.give_back(auth);
            Ok(Step::CodeNeeded(half))
        }
    }
}

/// Whose name that is, and whether they got in from that network before.
fn of_name(
    conn: &mut AnyConn,
    login: &str,
    network: IpAddr,
) -> Result<(Option<AccountWithOrganisation>, bool)> {
    let known = users::by_login(conn, login)?;
    // Asked for a name that nobody has as well: both take as long.
    let user = known.as_ref().map_or(Id(uuid::Uuid::nil()), |known| known.user.id);
    let at_home = attempts::knows_place(conn, user, network)?;
    Ok((known, at_home))
}

/// Checks the code of a log-in whose password was right.
///
/// # Errors
/// 404 `LINK_INVALID` when it took too long; 401 `TOTP_WRONG`; 429 as [`check`].
pub async fn second(auth: &Auth, half: String, code: String, caller: Caller) -> Result<Step> {
    let (now, network) = (auth.clock.now(), caller.network());
    let room = auth.limit.take(network, auth.clock.steady());
    let asked = half.clone();
    let known = auth.db.read(move |c| users::person(c, Purpose::SECOND_STEP, &asked, now)).await;
    // Whoever has the secret gave the right password a moment ago.
    let took = room.is_ok();
    let known = if known.is_err() { room.and(known)? } else { known? };
    let counted = Counted { name: secret::hash(&known.user.login), network, at_home: true };
    let tried = Tried { counted, caller, now, took };
    let locks = tried.count(auth).await?;
    if known.is_suspended() {
        return Err(tried.suspended(auth, locks).await?.into());
    }
    if !known.may_act() {
        tried.failed(auth, Some(known.user.id), "account", locks).await?;
        return Err(failed().into());
    }
    tried.with_code(auth, known, Proof::Code(half, code), locks).await
}

/// Asks somebody who is logged in for the password again. Wrong ones count like those at the door; a right one forgets nothing
/// of what else was wrong.
///
/// # Errors
/// 422 at the member `at`; 429 `LOGIN_LOCKED`.
pub(super) async fn check_again(
    auth: &Auth,
    known: &AccountWithOrganisation,
    at: &str,
    password: String,
    caller: &Caller,
) -> Result<()> {
    let tried = Tried::again(auth, &known.user, caller);
    let locks = tried.count(auth).await?;
    if auth.passwords.verify(password, Some(known.user.password_hash.clone())).await? {
        return tried.take_back(auth, locks).await;
    }
    tried.failed(auth, Some(known.user.id), "password", locks).await?;
    Err(Refusal::field(at, "登录密码不正确，请重新输入。").into())
}

/// Counts a code that somebody who is logged in gives, like one at the door. `taking` takes it, and forgets the failures in the
/// same write where it is right.
///
/// # Errors
/// 429 `LOGIN_LOCKED`; whatever `taking` refuses, a wrong code at `/code`.
pub(super) async fn count_code<T>(
    auth: &Auth,
    user: &User,
    caller: &Caller,
    taking: impl Future<Output = Result<T>>,
) -> Result<T> {
    let tried = Tried::again(auth, user, caller);
    let locks = tried.count(auth).await?;
    let outcome = taking.await;
    match &outcome {
        Err(Error::Refused(refusal)) if refusal.errors.iter().any(|wrong| wrong.pointer == "/code") => {
            tried.failed(auth, Some(user.id), "code", locks).await?;
        }
        Err(Error::Refused(_)) => tried.take_back(auth, locks).await?,
        _ => {}
    }
    outcome
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
    counted: Counted,
    caller: Caller,
    now: Time,
    /// It took one of the address's tries.
    took: bool,
}

impl Tried {
    /// Of somebody who is logged in.
    fn again(auth: &Auth, user: &User, caller: &Caller) -> Self {
        let (name, network) = (secret::hash(&user.login), caller.network());
        let counted = Counted { name, network, at_home: true };
        Self { counted, caller: caller.clone(), now: auth.clock.now(), took: false }
    }

    /// Counts it; until when the name is locked after it, should it fail.
    async fn count(&self, auth: &Auth) -> Result<Locks> {
        let (counted, now) = (self.counted.clone(), self.now);
        auth.db.write_unaudited("login.count", move |c| counted.count(c, now)).await
    }

    fn give_back(&self, auth: &Auth) {
        if self.took {
            auth.limit.give_back(self.caller.network());
        }
    }

    /// It was no failure: takes its own count back, with the lock that it brought, and nothing of others.
    async fn take_back(&self, auth: &Auth, locks: Locks) -> Result<()> {
        let counted = self.counted.clone();
        auth.db.write_unaudited("login.take_back", move |c| counted.take_back(c, locks)).await
    }

    /// The password was right; only the organisation may not act.
    async fn suspended(&self, auth: &Auth, locks: Locks) -> Result<Refusal> {
        self.take_back(auth, locks).await?;
        self.give_back(auth);
        Ok(suspended())
    }

    async fn with_code(
        self,
        auth: &Auth,
        known: AccountWithOrganisation,
        proof: Proof,
        locks: Locks,
    ) -> Result<Step> {
        let (user, caller) = (known.user.id, self.caller.clone());
        let (counted, now, took) = (self.counted.clone(), self.now, self.took);
        match self.enter(auth, known, proof).await {
            Err(Error::Refused(refusal)) if refusal.code == "TOTP_WRONG" => {
                Tried { counted, caller, now, took }.failed(auth, Some(user), "code", locks).await?;
                Err(Error::Refused(refusal))
            }
            other => other,
        }
    }

    /// Lets somebody in: takes the code, forgets the failures, hashes again where the cost has changed, writes it down.
    async fn enter(self, auth: &Auth, known: AccountWithOrganisation, proof: Proof) -> Result<Step> {
        let old = known.user.password_hash.clone();
        let new = match proof.password().filter(|_| auth.passwords.is_outdated(&old)) {
            Some(password) => Some(auth.passwords.hash(password.clone()).await?),
            None => None,
        };
        let (user, stamp) = (known.user.clone(), known.user.stamp);
        let principal = known.principal(self.caller.request_id.clone(), self.now);
        let (keys, counted) = (auth.tokens.keys().clone(), self.counted.clone());
        let address = self.caller.address;
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
                    link::redeem(tx, Purpose::SECOND_STEP, half)?;
                }
                if let Some(hash) = &new {
                    users::rehash(tx, user.id, &old, hash)?;
                }
                counted.succeeded(tx.conn, user.id, now)?;
                let way = taken.map_or("password", |taken| match taken {
                    Taken::App => "password_and_code",
                    Taken::Recovery => "password_and_recovery_code",
                });
                let content = json!({ "address": address.to_string(), "device": device, "by": way });
                tx.note("login.done", "app_user", user.id, &content)?;
                Ok(step.is_some())
            })
            .await?;
        self.give_back(auth);
        let confined = auth.officers_need_totp && principal.is_official() && !has_code;
        let (address, device) = (self.caller.address.to_string(), self.caller.device);
        Ok(Step::In(Box::new(Proven { principal, stamp, address, device, confined })))
    }

    /// Writes a failure down, and the lock that follows it. Nothing of what was typed is kept, not even its hash: people type
    /// their password where the name belongs.
    async fn failed(self, auth: &Auth, user: Option<Id>, what: &'static str, locks: Locks) -> Result<()> {
        let address = self.caller.address;
        tracing::warn!(target: "security", %address, what, "log-in refused");
        let actor = Actor { request_id: self.caller.request_id, ..Actor::system("登录", self.now) };
        let user = user.unwrap_or(Id(uuid::Uuid::nil()));
        let (action, content) = match locks.until() {
            Some(until) => {
                ("login.locked", json!({ "address": address, "wrong": what, "locked_until": until }))
            }
            None => ("login.failed", json!({ "address": address, "wrong": what })),
        };
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

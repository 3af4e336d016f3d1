//! Setting up the second step of the log-in: the secret is shown once as a picture, a first code confirms it, ten recovery
//! codes are shown once. Each of it stands in the audit, without any secret, and a letter tells the person.

use diesel::prelude::*;

use super::door::Auth;
use super::totp::{self, SecondStep};
use super::users::{self, AccountWithOrganisation};
use super::{attempts, letters, login, resets, seal, session};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::schema::user_totp;
use crate::platform::secret;
use crate::platform::sql::{Id, Time};
use crate::platform::versioned::in_state;
use crate::platform::who::Principal;
use crate::save;

/// How somebody's second step stands.
#[derive(Debug, Clone, Copy)]
pub struct Status {
    /// Since when it is on.
    pub since: Option<Time>,
    /// True between the picture and the first code.
    pub begun: bool,
    /// Recovery codes that are left.
    pub recovery_left: usize,
    /// True where it may not be switched off.
    pub obligatory: bool,
}

/// How the second step of anyone who is logged in stands.
///
/// # Errors
/// Of the database.
pub async fn status(auth: &Auth, who: &Principal) -> Result<Status> {
    let (user, obligatory) = (who.user, is_obligatory(auth, who));
    auth.db
        .read(move |c| {
            let row = totp::find(c, user)?;
            Ok(Status {
                since: row.as_ref().and_then(|row| row.confirmed_at),
                begun: row.is_some_and(|row| row.confirmed_at.is_none()),
                recovery_left: totp::recovery_left(c, user)?,
                obligatory,
            })
        })
        .await
}

fn is_obligatory(auth: &Auth, who: &Principal) -> bool {
    auth.officers_need_totp && who.is_official()
}

async fn known(auth: &Auth, id: Id) -> Result<AccountWithOrganisation> {
    auth.db.read(move |c| users::by_id(c, id)).await?.ok_or_else(|| Refusal::not_found("用户").into())
}

/// Begins: a fresh secret that counts for nothing until a first code is right.
///
/// # Errors
/// 409 where it is on already; 422 for a wrong password; 429.
pub async fn begin(auth: &Auth, who: &Principal, password: String, caller: Caller) -> Result<()> {
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let known = known(auth, who.user).await?;
    login::check_again(auth, &known, "/password", password, &caller).await?;
    auth.limit.give_back(caller.network());
    let sealed = seal::seal(auth.tokens.keys(), who.user, &totp::fresh_secret())?;
    let user = who.user;
    auth.db
        .write(&who.actor(), move |tx| {
            let before = totp::find(tx.conn, user)?;
            let is_on = before.as_ref().is_some_and(|row| row.confirmed_at.is_some());
            in_state(!is_on, || "两步验证已经启用。更换手机请先停用，再重新启用。")?;
            let (secret, created_at) = (sealed.clone(), tx.now());
            let mut after =
                SecondStep { id: user, secret, last_step: 0, created_at, confirmed_at: None, version: 1 };
            match &before {
                None => {
                    diesel::insert_into(user_totp::table).values(&after).execute(tx.conn)?;
                    tx.record("totp.begin", None, Some(&after), None)
                }
                Some(before) => save!(tx, user_totp, before, &mut after, "totp.begin", None),
            }
        })
        .await
}

/// What the page shows between the beginning and the first code.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The secret in groups of four, for typing.
    pub typed: String,
    /// The picture's side in modules.
    pub side: i32,
    /// The black modules as an SVG path.
    pub path: String,
    /// What stands in the picture: `otpauth://…`.
    pub address: String,
}

/// The secret of a second step that waits for its first code.
///
/// # Errors
/// 409 where there is none.
pub async fn pending(auth: &Auth, who: &Principal, platform: &str) -> Result<Pending> {
    let known = known(auth, who.user).await?;
    let user = who.user;
    let row = auth.db.read(move |c| totp::find(c, user)).await?.filter(|row| row.confirmed_at.is_none());
    let row = row.ok_or_else(not_begun)?;
    let secret = seal::open(auth.tokens.keys(), user, &row.secret).ok_or_else(not_begun)?;
    let address = totp::app_address(platform, &known.user.login, &secret);
    let (side, path) = totp::picture(&address)?;
    let letters: Vec<char> = totp::base32(&secret).chars().collect();
    let fours = letters.chunks(4).map(|four| four.iter().collect::<String>());
    Ok(Pending { typed: fours.collect::<Vec<_>>().join(" "), side, path, address })
}

fn not_begun() -> Refusal {
    Refusal::wrong_state("两步验证的设置已过期，请重新开始设置。")
}

/// Takes the first code: from now on the log-in asks for one. Returns the recovery codes, which nobody can see again. The
/// session `kept` is free to go where it wants.
///
/// # Errors
/// 409 where it was not begun; 422 at `/code` for a wrong one; 429.
pub async fn confirm(
    auth: &Auth,
    who: &Principal,
    kept: Option<String>,
    code: String,
    caller: Caller,
) -> Result<Vec<String>> {
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let user = known(auth, who.user).await?.user;
    let (codes, keys) = (totp::fresh_recovery_codes(), auth.tokens.keys().clone());
    let shown = codes.clone();
    auth.db
        .write(&who.actor(), move |tx| {
            let now = tx.now();
            let before = totp::find(tx.conn, user.id)?.filter(|row| row.confirmed_at.is_none());
            let before = before.ok_or_else(not_begun)?;
            if totp::normalise(&code).len() != 6 || totp::take(tx.conn, &keys, &before, &code, now)?.is_none()
            {
                return Err(wrong_code().into());
            }
            let mut after = SecondStep { confirmed_at: Some(now), ..before.clone() };
            save!(tx, user_totp, &before, &mut after, "totp.on", None)?;
            totp::put_recovery_codes(tx.conn, user.id, &codes, now)?;
            resets::end_open(tx, user.id)?;
            if let Some(kept) = &kept {
                session::free(tx.conn, kept)?;
            }
            letters::changed(tx, &user, "启用了两步验证")
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(shown)
}

fn wrong_code() -> Refusal {
    let detail = "验证码不正确或已经用过，请等验证器显示下一个 6 位数字再试。";
    Refusal::field("/code", detail)
}

/// Ten new recovery codes in place of the old ones, against a code.
///
/// # Errors
/// 409 where it is off; 422 at `/code`; 429.
pub async fn renew_codes(auth: &Auth, who: &Principal, code: String, caller: Caller) -> Result<Vec<String>> {
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let user = known(auth, who.user).await?.user;
    let (codes, keys) = (totp::fresh_recovery_codes(), auth.tokens.keys().clone());
    let (shown, counted, actor) = (codes.clone(), user.clone(), who.actor());
    let renewing = auth.db.write(&actor, move |tx| {
        let now = tx.now();
        let row = on(tx, user.id)?;
        totp::take(tx.conn, &keys, &row, &code, now)?.ok_or_else(wrong_code)?;
        attempts::forget(tx.conn, &secret::hash(&user.login))?;
        totp::put_recovery_codes(tx.conn, user.id, &codes, now)?;
        tx.note("totp.new_codes", "user_totp", user.id, &serde_json::json!({}))?;
        letters::changed(tx, &user, "重新生成了恢复码，旧的恢复码已失效")
    });
    login::count_code(auth, &counted, &caller, renewing).await?;
    auth.limit.give_back(caller.network());
    Ok(shown)
}

fn on(tx: &mut Tx, user: Id) -> Result<SecondStep> {
    let row = totp::find(tx.conn, user)?.filter(|row| row.confirmed_at.is_some());
    row.ok_or_else(|| Error::from(Refusal::wrong_state("两步验证没有启用。")))
}

/// Switches it off, against the password and a code.
///
/// # Errors
/// 409 where it is off or must stay on; 422; 429.
pub async fn off(auth: &Auth, who: &Principal, password: String, code: String, caller: Caller) -> Result<()> {
    in_state(!is_obligatory(auth, who), || "管理部门的账号须启用两步验证，不能停用。")?;
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let known = known(auth, who.user).await?;
    login::check_again(auth, &known, "/password", password, &caller).await?;
    let (user, keys, actor) = (known.user.clone(), auth.tokens.keys().clone(), who.actor());
    let removing = auth.db.write(&actor, move |tx| {
        let now = tx.now();
        let row = on(tx, user.id)?;
        totp::take(tx.conn, &keys, &row, &code, now)?.ok_or_else(wrong_code)?;
        attempts::forget(tx.conn, &secret::hash(&user.login))?;
        resets::remove(tx, "totp.off", &row, None)?;
        letters::changed(tx, &user, "停用了两步验证")
    });
    login::count_code(auth, &known.user, &caller, removing).await?;
    auth.limit.give_back(caller.network());
    Ok(())
}

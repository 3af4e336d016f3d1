//! How a password is changed: by its owner, who gives the old one, or through a link in a mail where it was forgotten.
//! A change ends the other sessions and all tokens, and a letter tells the owner.

use chrono::Duration;

use super::door::Auth;
use super::letters::{self, PasswordReset};
use super::link::{self, Purpose};
use super::users::{self, User, UserState};
use super::{attempts, login, session, strength};
use crate::platform::db::{Actor, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::sql::Id;
use crate::platform::versioned::in_state;
use crate::platform::who::Principal;
use crate::platform::{secret, secret_link};

/// Reset mails to one account within an hour; more are not sent, so that nobody's mailbox is filled.
pub(super) const MAILS_AN_HOUR: i64 = 3;
/// How long it takes to be told that a mail was sent, if there is such an account.
const ASKED_TAKES: std::time::Duration = std::time::Duration::from_millis(100);

/// Changes the password of anyone who is logged in. The session `kept` goes on under another secret, which is returned; all others
/// end.
///
/// # Errors
/// 422 where the old password is wrong or the new one may not be used; 429 after too many wrong ones.
pub async fn change(
    auth: &Auth,
    who: &Principal,
    kept: Option<String>,
    old: String,
    new: String,
    caller: Caller,
) -> Result<Option<String>> {
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let id = who.user;
    let known =
        auth.db.read(move |c| users::by_id(c, id)).await?.ok_or_else(|| Refusal::not_found("用户"))?;
    login::check_again(auth, &known, "/old", old.clone(), &caller).await?;
    strength::check_for("/password", &known.names(), &new)?;
    if old == new {
        return Err(Refusal::field("/password", "新密码与原密码相同，请换一个。").into());
    }
    let hash = auth.passwords.hash(new).await?;
    let before = known.user;
    let renewed = kept.map(|old| (old, secret::fresh()));
    let given = renewed.clone();
    auth.db
        .write(&who.actor(), move |tx| {
            let mut after = before.clone();
            after.set_password(hash.clone());
            users::save_ended(tx, "user.password", &before, &mut after, None)?;
            let now = tx.now();
            link::end(tx.conn, Purpose::RESET, after.id, now)?;
            if let Some((old, new)) = &given {
                session::renew(tx.conn, old, after.stamp, new)?;
            }
            letters::changed(tx, &after, "修改了登录密码，其他登录已全部失效")
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(renewed.map(|(_, new)| new))
}

/// Sends a link to the mailbox of an account, if there is one; the caller learns nothing of that, neither from the answer nor
/// from the work it takes.
///
/// # Errors
/// 429 `TOO_MANY_TRIES`.
pub async fn ask_reset(auth: &Auth, login: &str, caller: Caller) -> Result<()> {
    let now = auth.clock.now();
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let login = users::normalise_login(login);
    let actor = Actor { request_id: caller.request_id.clone(), ..Actor::system("重置密码", now) };
    let address = caller.address.to_string();
    // The answer comes after the same time, whether there was a mail to write or not.
    let asked = auth.db.write(&actor, move |tx| {
        let now = tx.now();
        let known = users::by_login(tx.conn, &login)?;
        let known = known.filter(|k| k.user.state == UserState::Active && !k.user.email.is_empty());
        let id = known.as_ref().map_or(Id(uuid::Uuid::nil()), |k| k.user.id);
        let recent = link::sent_since(tx.conn, Purpose::RESET, id, now.plus(-Duration::hours(1)))?;
        let user = known.map(|k| k.user).filter(|_| recent < MAILS_AN_HOUR);
        if let Some(user) = &user {
            send_reset(tx, user)?;
        }
        let content = serde_json::json!({ "address": address, "sent": user.is_some() });
        tx.note("password.ask_reset", "app_user", id, &content)
    });
    tokio::join!(asked, tokio::time::sleep(ASKED_TAKES)).0
}

/// Sends the link that sets another password.
pub(super) fn send_reset(tx: &mut Tx, user: &User) -> Result<()> {
    let (secret, link) = link::issue(tx, Purpose::RESET, user.id, &user.email)?;
    let letter = PasswordReset { user, until: link.expires_at };
    let letter = Letter::new(&letter, secret_link::path("/password/reset", &secret))?;
    outbox::mail(tx, &user.email, &letter.about(Topic::Account))
}

/// Whose password a link sets: the log-in name. Looking does not use it up.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn look_reset(auth: &Auth, key: String) -> Result<String> {
    let now = auth.clock.now();
    let known = auth.db.read(move |c| users::person(c, Purpose::RESET, &key, now)).await?;
    Ok(known.user.login)
}

/// Sets another password through a link; every session and token ends, and the lock of the name too.
///
/// # Errors
/// 404 `LINK_INVALID`; 422 for a password that may not be used; 429 `TOO_MANY_TRIES`.
pub async fn reset(auth: &Auth, key: String, new: String, caller: Caller) -> Result<()> {
    let now = auth.clock.now();
    auth.limits.links.take(caller.network(), auth.clock.steady())?;
    let asked = key.clone();
    let known = auth.db.read(move |c| users::person(c, Purpose::RESET, &asked, now)).await?;
    strength::check_for("/password", &known.names(), &new)?;
    let hash = auth.passwords.hash(new).await?;
    let actor = known.principal(caller.request_id.clone(), now).actor();
    auth.db
        .write(&actor, move |tx| {
            let user = users::redeem_person(tx, Purpose::RESET, &key)?.user;
            in_state(user.state == UserState::Active, || "该账号已停用，请联系本单位管理员。")?;
            let mut after = user.clone();
            after.set_password(hash.clone());
            users::save_ended(tx, "user.password_reset", &user, &mut after, None)?;
            attempts::forget(tx.conn, &secret::hash(&after.login))?;
            letters::changed(tx, &after, "通过邮件重置了登录密码，所有登录已失效")
        })
        .await?;
    auth.limits.links.give_back(caller.network());
    Ok(())
}

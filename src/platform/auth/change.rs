//! How a password is changed: by its owner, who gives the old one, or through a link in a mail where it was forgotten.
//! A change ends the other sessions and all tokens, and a letter tells the owner.

use chrono::Duration;

use super::caller::Caller;
use super::letters::{self, PasswordReset};
use super::link::{self, Purpose};
use super::users::{self, User, UserState};
use super::{Auth, Principal, login, name, secret, session, strength};
use crate::platform::db::{Actor, Id};
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::outbox::{self, Topic};

/// Reset mails to one account within an hour; more are not sent, so that nobody's mailbox is filled.
const MAILS_AN_HOUR: i64 = 3;

/// Changes the password of whoever is logged in, through the session `kept`, which goes on; all others end.
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
) -> Result<()> {
    auth.limit.take(caller.network(), auth.clock.now())?;
    let id = who.user;
    let known =
        auth.db.read(move |c| users::by_id(c, id)).await?.ok_or_else(|| Refusal::not_found("用户"))?;
    login::check_again(auth, &known, old.clone()).await?;
    strength::check_for("/password", &known.names(), &new)?;
    if old == new {
        let detail = "新密码与原密码相同，请换一个。";
        return Err(Refusal::invalid(vec![FieldError {
            pointer: "/password".into(),
            detail: detail.into(),
        }])
        .into());
    }
    let hash = auth.passwords.hash(new).await?;
    let before = known.user;
    auth.db
        .write(&who.actor(), move |tx| {
            let after = User { password_hash: hash.clone(), stamp: Id::new(), ..before.clone() };
            let after = users::save(tx, "user.password", &before, after, None)?;
            let now = tx.now();
            link::end(tx.conn, Purpose::Reset, after.id, now)?;
            if let Some(kept) = &kept {
                session::restamp(tx.conn, kept, after.stamp)?;
            }
            letters::changed(tx, &after, "修改了登录密码，其他登录已全部失效")
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(())
}

/// Where the mails of whoever is logged in go; empty where nothing is known.
///
/// # Errors
/// Of the database.
pub async fn email(auth: &Auth, who: &Principal) -> Result<String> {
    let id = who.user;
    Ok(auth.db.read(move |c| users::by_id(c, id)).await?.map(|known| known.user.email).unwrap_or_default())
}

/// Changes where the mails of whoever is logged in go, against the password. Both mailboxes are told, so that nobody's resets are
/// led elsewhere unseen.
///
/// # Errors
/// 422 at `/old` or `/email`; 429 after too many wrong passwords.
pub async fn change_email(
    auth: &Auth,
    who: &Principal,
    password: String,
    email: &str,
    caller: Caller,
) -> Result<()> {
    auth.limit.take(caller.network(), auth.clock.now())?;
    let (id, email) = (who.user, email.trim().to_owned());
    let wrong = |detail: String| Refusal::field("/email", detail);
    if let Some(detail) = name::email_problem(&email, true) {
        return Err(wrong(detail).into());
    }
    let known =
        auth.db.read(move |c| users::by_id(c, id)).await?.ok_or_else(|| Refusal::not_found("用户"))?;
    login::check_again(auth, &known, password).await?;
    let before = known.user;
    if before.email == email {
        return Err(wrong("与现在的电子邮箱相同，无需更改。".into()).into());
    }
    auth.db
        .write(&who.actor(), move |tx| {
            let now = tx.now();
            let after = User { email: email.clone(), ..before.clone() };
            let after = users::save(tx, "user.email", &before, after, None)?;
            // A reset that is on its way to the old mailbox opens nothing any more.
            link::end(tx.conn, Purpose::Reset, after.id, now)?;
            letters::moved(tx, &before, &after)
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(())
}

/// Sends a link to the mailbox of an account, if there is one; the caller learns nothing of that, neither from the answer nor
/// from the work it takes.
///
/// # Errors
/// 429 `TOO_MANY_TRIES`.
pub async fn ask_reset(auth: &Auth, login: &str, caller: Caller) -> Result<()> {
    let now = auth.clock.now();
    auth.limit.take(caller.network(), now)?;
    let login = users::normalise_login(login);
    let actor = Actor { request_id: caller.request_id.clone(), ..Actor::system("重置密码", now) };
    let address = caller.address.to_string();
    auth.db
        .write(&actor, move |tx| {
            let now = tx.now();
            let known = users::by_login(tx.conn, &login)?;
            let known = known.filter(|k| k.user.state == UserState::Active && !k.user.email.is_empty());
            let id = known.as_ref().map_or(Id(uuid::Uuid::nil()), |k| k.user.id);
            let recent = link::sent_since(tx.conn, Purpose::Reset, id, now.plus(-Duration::hours(1)))?;
            let user = known.map(|k| k.user).filter(|_| recent < MAILS_AN_HOUR);
            if let Some(user) = &user {
                let (secret, link) = link::issue(tx, Purpose::Reset, user.id, &user.email)?;
                let letter = PasswordReset {
                    name: user.display_name.clone(),
                    login: user.login.clone(),
                    until: link.expires_at.minute(),
                };
                let letter = letter.letter(link::path("/password/reset", &secret))?.about(Topic::Account);
                outbox::mail(tx, &user.email, &letter)?;
            }
            let content = serde_json::json!({
                "address": address, "login_sha256": secret::hash(&login), "sent": user.is_some(),
            });
            tx.note("password.ask_reset", "app_user", id, &content)
        })
        .await
}

/// Whose password a link sets: the log-in name. Looking does not use it up.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn look_reset(auth: &Auth, key: String) -> Result<String> {
    let now = auth.clock.now();
    let known = auth.db.read(move |c| link::person(c, Purpose::Reset, &key, now)).await?;
    Ok(known.user.login)
}

/// Sets another password through a link; every session and token ends, and the lock of the name too.
///
/// # Errors
/// 404 `LINK_INVALID`; 422 for a password that may not be used; 429 `TOO_MANY_TRIES`.
pub async fn reset(auth: &Auth, key: String, new: String, caller: Caller) -> Result<()> {
    let now = auth.clock.now();
    auth.limit.take(caller.network(), now)?;
    let asked = key.clone();
    let known = auth.db.read(move |c| link::person(c, Purpose::Reset, &asked, now)).await?;
    strength::check_for("/password", &known.names(), &new)?;
    let hash = auth.passwords.hash(new).await?;
    let actor = known.principal(caller.request_id.clone(), now).actor();
    auth.db
        .write(&actor, move |tx| {
            let user = link::redeem_person(tx, Purpose::Reset, &key)?.user;
            if user.state != UserState::Active {
                return Err(Refusal::wrong_state("该账号已停用，请联系本单位管理员。").into());
            }
            let after = User { password_hash: hash.clone(), stamp: Id::new(), ..user.clone() };
            let after = users::save(tx, "user.password_reset", &user, after, None)?;
            login::forget(tx.conn, &secret::hash(&after.login))?;
            letters::changed(tx, &after, "通过邮件重置了登录密码，所有登录已失效")
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(())
}

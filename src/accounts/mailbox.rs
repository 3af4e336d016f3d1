//! Where somebody's mails go. Resets of the password are among them, so a change needs the password, the old mailbox is told at
//! once, and nothing changes before the new one has shown through a link that its mails are read.

use chrono::Duration;

use super::change::{self, MAILS_AN_HOUR};
use super::door::Auth;
use super::letters::{self, MailboxConfirmation};
use super::link::{self, Purpose};
use super::users::{self, User, UserState};
use super::{invite, login, name, password};
use crate::platform::db::Actor;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::app_user;
use crate::platform::secret_link;
use crate::platform::sql::Id;
use crate::platform::versioned::in_state;
use crate::platform::who::Principal;
use crate::save;

/// Where the mails of anyone who is logged in go; empty where there is no mailbox.
///
/// # Errors
/// Of the database.
pub async fn current(auth: &Auth, who: &Principal) -> Result<String> {
    let id = who.user;
    Ok(auth.db.read(move |c| users::by_id(c, id)).await?.map(|known| known.user.email).unwrap_or_default())
}

/// Asks for another mailbox, against the password: a link goes to the new one, the old one is told.
///
/// # Errors
/// 422 at `/password` or `/email`; 429 after too many wrong passwords or too many mails.
pub async fn ask(auth: &Auth, who: &Principal, password: String, email: &str, caller: Caller) -> Result<()> {
    auth.limit.take(caller.network(), auth.clock.steady())?;
    let (id, email) = (who.user, email.trim().to_owned());
    if let Some(detail) = name::email_problem(&email, true) {
        return Err(Refusal::field("/email", detail).into());
    }
    let known =
        auth.db.read(move |c| users::by_id(c, id)).await?.ok_or_else(|| Refusal::not_found("用户"))?;
    login::check_again(auth, &known, "/password", password, &caller).await?;
    let user = known.user;
    if user.email == email {
        return Err(Refusal::field("/email", "与现在的电子邮箱相同，无需更改。").into());
    }
    auth.db
        .write(&who.actor(), move |tx| {
            let hour_ago = tx.now().plus(-Duration::hours(1));
            if link::sent_since(tx.conn, Purpose::MAILBOX, user.id, hour_ago)? >= MAILS_AN_HOUR {
                let detail = "一小时内已多次申请更改电子邮箱，请稍后再试。";
                return Err(Refusal::new(429, "TOO_MANY_TRIES", detail).with("retry_after", 3600).into());
            }
            let (secret, link) = link::issue(tx, Purpose::MAILBOX, user.id, &email)?;
            let letter = MailboxConfirmation { user: &user, until: link.expires_at };
            let letter = Letter::new(&letter, secret_link::path("/account/email/confirm", &secret))?;
            outbox::mail(tx, &email, &letter.about(Topic::Account))?;
            letters::changed(tx, &user, format!("申请将电子邮箱改为 {email}，待新邮箱确认后生效"))
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(())
}

/// Whose mails a link leads elsewhere, and where to.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Whose.
    pub user: Id,
    /// The log-in name.
    pub login: String,
    /// The new mailbox.
    pub email: String,
}

/// What a link confirms; looking does not use it up.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn look(auth: &Auth, key: String) -> Result<Wanted> {
    let now = auth.clock.now();
    auth.db
        .read(move |c| {
            let user = users::person(c, Purpose::MAILBOX, &key, now)?.user;
            let email = link::look(c, Purpose::MAILBOX, &key, now)?.email;
            Ok(Wanted { user: user.id, login: user.login, email })
        })
        .await
}

/// From now on mails go to the mailbox that the link was sent to. A link alone shows that somebody reads its mails, and programs
/// that look through mails follow links: the person is `who`, logged in, or gives the password. Both mailboxes are told; a reset
/// on its way to the old one ends, and the old one can take the change back.
///
/// # Errors
/// 404 `LINK_INVALID`; 409 where the account is closed; 422 at `/password`; 429 `TOO_MANY_TRIES`, `LOGIN_LOCKED`.
pub async fn confirm(
    auth: &Auth,
    who: Option<&Principal>,
    key: String,
    password: String,
    caller: Caller,
) -> Result<String> {
    let now = auth.clock.now();
    auth.limits.links.take(caller.network(), auth.clock.steady())?;
    let asked = key.clone();
    let known = auth.db.read(move |c| users::person(c, Purpose::MAILBOX, &asked, now)).await?;
    if who.map(|who| who.user) != Some(known.user.id) {
        login::check_again(auth, &known, "/password", password, &caller).await?;
    }
    let actor = known.principal(caller.request_id.clone(), now).actor();
    let email = auth
        .db
        .write(&actor, move |tx| {
            let now = tx.now();
            let email = link::look(tx.conn, Purpose::MAILBOX, &key, now)?.email;
            let before = users::redeem_person(tx, Purpose::MAILBOX, &key)?.user;
            in_state(before.state == UserState::Active, || "该账号已停用，请联系本单位管理员。")?;
            invite::check_mailbox(tx, before.organisation_id, Some(before.id), &email)?;
            let mut after = User { email, ..before.clone() };
            save!(tx, app_user, &before, &mut after, "user.email", None)?;
            link::end(tx.conn, Purpose::RESET, after.id, now)?;
            let undo = match before.email.is_empty() {
                true => None,
                false => Some(link::issue(tx, Purpose::MAILBOX_UNDO, before.id, &before.email)?),
            };
            letters::moved(tx, &before, &after, undo)?;
            Ok(after.email)
        })
        .await?;
    auth.limits.links.give_back(caller.network());
    Ok(email)
}

/// What a link takes back; looking does not use it up.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn look_undo(auth: &Auth, key: String) -> Result<Wanted> {
    let now = auth.clock.now();
    auth.db
        .read(move |c| {
            let user = users::person(c, Purpose::MAILBOX_UNDO, &key, now)?.user;
            let email = link::look(c, Purpose::MAILBOX_UNDO, &key, now)?.email;
            Ok(Wanted { user: user.id, login: user.login, email })
        })
        .await
}

/// The old mailbox takes the change back: mails go there again, every session ends, and the password, which may be a stranger's
/// by now, is set anew through a link that goes there.
///
/// # Errors
/// 404 `LINK_INVALID`; 409 where the account is closed; 429 `TOO_MANY_TRIES`.
pub async fn undo(auth: &Auth, key: String, caller: Caller) -> Result<String> {
    let now = auth.clock.now();
    auth.limits.links.take(caller.network(), auth.clock.steady())?;
    let asked = key.clone();
    auth.db.read(move |c| users::person(c, Purpose::MAILBOX_UNDO, &asked, now).map(drop)).await?;
    let actor = Actor { request_id: caller.request_id.clone(), ..Actor::system("原邮箱", now) };
    let email = auth
        .db
        .write(&actor, move |tx| {
            let now = tx.now();
            let email = link::look(tx.conn, Purpose::MAILBOX_UNDO, &key, now)?.email;
            let before = users::redeem_person(tx, Purpose::MAILBOX_UNDO, &key)?.user;
            in_state(before.state == UserState::Active, || "该账号已停用，请联系本单位管理员。")?;
            let mut after = User { email, password_hash: password::NONE.into(), ..before.clone() };
            after.end_sessions();
            users::save_ended(tx, "user.email_undo", &before, &mut after, None)?;
            link::end(tx.conn, Purpose::MAILBOX_UNDO, after.id, now)?;
            change::send_reset(tx, &after)?;
            letters::moved(tx, &before, &after, None)?;
            Ok(after.email)
        })
        .await?;
    auth.limits.links.give_back(caller.network());
    Ok(email)
}

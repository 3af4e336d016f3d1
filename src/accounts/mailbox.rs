//! Where somebody's mails go. Resets of the password are among them, so a change needs the password, the old mailbox is told at
//! once, and nothing changes before the new one has shown through a link that its mails are read.

use chrono::Duration;

use super::change::MAILS_AN_HOUR;
use super::door::Auth;
use super::letters::{self, MailboxConfirmation};
use super::link::{self, Purpose};
use super::users::{self, User, UserState};
use super::{login, name};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::app_user;
use crate::platform::secret_link;
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
    auth.limit.take(caller.network(), auth.clock.now())?;
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
            let login = users::person(c, Purpose::MAILBOX, &key, now)?.user.login;
            Ok(Wanted { login, email: link::look(c, Purpose::MAILBOX, &key, now)?.email })
        })
        .await
}

/// From now on mails go to the mailbox that the link was sent to. Both are told; a reset on its way to the old one ends.
///
/// # Errors
/// 404 `LINK_INVALID`; 409 where the account is closed; 429 `TOO_MANY_TRIES`.
pub async fn confirm(auth: &Auth, key: String, caller: Caller) -> Result<String> {
    let now = auth.clock.now();
    auth.limit.take(caller.network(), now)?;
    let asked = key.clone();
    let known = auth.db.read(move |c| users::person(c, Purpose::MAILBOX, &asked, now)).await?;
    let actor = known.principal(caller.request_id.clone(), now).actor();
    let email = auth
        .db
        .write(&actor, move |tx| {
            let now = tx.now();
            let email = link::look(tx.conn, Purpose::MAILBOX, &key, now)?.email;
            let before = users::redeem_person(tx, Purpose::MAILBOX, &key)?.user;
            in_state(before.state == UserState::Active, || "该账号已停用，请联系本单位管理员。")?;
            let mut after = User { email, ..before.clone() };
            save!(tx, app_user, &before, &mut after, "user.email", None)?;
            link::end(tx.conn, Purpose::RESET, after.id, now)?;
            letters::moved(tx, &before, &after)?;
            Ok(after.email)
        })
        .await?;
    auth.limit.give_back(caller.network());
    Ok(email)
}

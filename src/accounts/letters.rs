//! Letters about accounts. What touches the safety of an account comes by mail whatever was chosen.

use askama::Template;

use super::link::AccountLink;
use super::users::{AccountWithOrganisation, User};
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::secret_link;
use crate::platform::sql::Time;
use crate::platform::who::{Post, Principal};

/// Invites somebody to take up an account.
#[derive(Template)]
#[template(path = "mail/invitation.txt")]
pub(super) struct Invitation<'a> {
    pub user: &'a User,
    pub organisation: &'a str,
    pub inviter: &'a str,
    pub until: Time,
}

/// Lets somebody set another password.
#[derive(Template)]
#[template(path = "mail/password_reset.txt")]
pub(super) struct PasswordReset<'a> {
    pub user: &'a User,
    pub until: Time,
}

/// Asks whether the mails of a mailbox are read by the person who wants them there.
#[derive(Template)]
#[template(path = "mail/mailbox_confirmation.txt")]
pub(super) struct MailboxConfirmation<'a> {
    pub user: &'a User,
    pub until: Time,
}

/// Tells the old mailbox that mails go elsewhere, and how that is taken back.
#[derive(Template)]
#[template(path = "mail/mailbox_moved.txt")]
struct MailboxMoved<'a> {
    user: &'a User,
    when: Time,
    until: Time,
}

/// Tells somebody what was changed about the account; `what` is a clause without a full stop.
#[derive(Template)]
#[template(path = "mail/account_changed.txt")]
struct AccountChanged<'a> {
    user: &'a User,
    what: String,
    when: Time,
    by: &'a str,
}

/// Tells those who may confirm that a second step is to be taken away.
#[derive(Template)]
#[template(path = "mail/totp_reset_asked.txt")]
struct TotpResetAsked<'a> {
    person: &'a AccountWithOrganisation,
    asked_by: &'a Principal,
    reason: &'a str,
}

/// Tells those who may be the second person: administrators of the person's organisation and officers of the agency, but
/// neither who asked nor the person concerned.
pub(super) fn second_wanted(
    tx: &mut Tx,
    asked_by: &Principal,
    person: &AccountWithOrganisation,
    reason: &str,
) -> Result<()> {
    let user = &person.user;
    let letter = TotpResetAsked { person, asked_by, reason };
    let letter = Letter::new(&letter, "/totp-resets")?.about(Topic::Organisation);
    let but = [asked_by.user, user.id];
    outbox::notify_but(tx, user.organisation_id, &[Post::Admin], &but, &letter)?;
    outbox::notify_agency(tx, &but, &letter)
}

/// Tells somebody about a change of their account, by mail and in the portal.
pub(super) fn changed(tx: &mut Tx, user: &User, what: impl Into<String>) -> Result<()> {
    let letter = about(tx, user, what.into())?;
    outbox::notify_one(tx, user.id, &user.email, &letter)
}

/// Tells somebody that mails go elsewhere from now on: in the portal, at the new mailbox, and at the old one, which may take it
/// back through `undo`.
pub(super) fn moved(
    tx: &mut Tx,
    before: &User,
    after: &User,
    undo: Option<(String, AccountLink)>,
) -> Result<()> {
    let letter = about(tx, after, format!("更改了电子邮箱，以后的邮件发往 {}", after.email))?;
    outbox::notify_one(tx, after.id, &after.email, &letter)?;
    if before.email.is_empty() {
        return Ok(());
    }
    let Some((secret, link)) = undo else { return outbox::mail(tx, &before.email, &letter) };
    let letter = MailboxMoved { user: after, when: tx.now(), until: link.expires_at };
    let letter = Letter::new(&letter, secret_link::path("/account/email/undo", &secret))?;
    outbox::mail(tx, &before.email, &letter.about(Topic::Account))
}

fn about(tx: &Tx, user: &User, what: String) -> Result<Letter> {
    let by = if tx.actor.user == Some(user.id) { "您本人" } else { &tx.actor.name };
    let letter = AccountChanged { user, what, when: tx.now(), by };
    Ok(Letter::new(&letter, "/account")?.about(Topic::Account))
}

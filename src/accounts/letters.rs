//! Letters about accounts. What touches the safety of an account comes by mail whatever was chosen.

use super::users::{Known, User};
use crate::letter;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::who::{Function, Principal};

letter! {
    /// Invites somebody to take up an account.
    pub struct Invitation {
        /// The person's name.
        name: String,
        /// The organisation.
        organisation: String,
        /// Who invites.
        inviter: String,
        /// The log-in name.
        login: String,
        /// What the person will do.
        function: String,
        /// Until when the link works.
        until: String,
    }
    "mail/invitation/subject.txt", "mail/invitation/body.txt", "mail/invitation/body.html"
}

letter! {
    /// Lets somebody set another password.
    pub struct PasswordReset {
        /// The person's name.
        name: String,
        /// The log-in name.
        login: String,
        /// Until when the link works.
        until: String,
    }
    "mail/password_reset/subject.txt", "mail/password_reset/body.txt", "mail/password_reset/body.html"
}

letter! {
    /// Asks whether the mails of a mailbox are read by whoever wants them there.
    pub struct MailboxConfirmation {
        /// The person's name.
        name: String,
        /// The log-in name.
        login: String,
        /// Until when the link works.
        until: String,
    }
    "mail/mailbox_confirmation/subject.txt", "mail/mailbox_confirmation/body.txt",
    "mail/mailbox_confirmation/body.html"
}

letter! {
    /// Tells somebody what was changed about the account.
    pub struct AccountChanged {
        /// The person's name.
        name: String,
        /// The log-in name.
        login: String,
        /// What was changed, a clause without a full stop.
        what: String,
        /// When.
        when: String,
        /// By whom.
        by: String,
    }
    "mail/account_changed/subject.txt", "mail/account_changed/body.txt", "mail/account_changed/body.html"
}

letter! {
    /// Tells those who may confirm that a second step is to be taken away.
    pub struct TotpResetAsked {
        /// The person's name and log-in name.
        person: String,
        /// Where the person works.
        organisation: String,
        /// Who asked.
        asked_by: String,
        /// Why.
        reason: String,
    }
    "mail/totp_reset_asked/subject.txt", "mail/totp_reset_asked/body.txt", "mail/totp_reset_asked/body.html"
}

/// Tells those who may be the second person: administrators of the person's organisation and officers of the agency, but
/// neither who asked nor the person concerned.
pub(super) fn second_wanted(tx: &mut Tx, asked_by: &Principal, person: &Known, reason: &str) -> Result<()> {
    let user = &person.user;
    let letter = TotpResetAsked {
        person: format!("{}（{}）", user.display_name, user.login),
        organisation: person.organisation_name.clone(),
        asked_by: asked_by.name.clone(),
        reason: reason.into(),
    };
    let letter = letter.letter("/totp-resets")?.about(Topic::Organisation);
    let but = [asked_by.user, user.id];
    outbox::notify_but(tx, user.organisation_id, &[Function::Admin], &but, &letter)?;
    outbox::notify_agency(tx, &but, &letter)
}

/// Tells somebody about a change of their account, by mail and in the portal.
pub(super) fn changed(tx: &mut Tx, user: &User, what: impl Into<String>) -> Result<()> {
    let letter = about(tx, user, what.into())?;
    outbox::notify_one(tx, user.id, &user.email, &letter)
}

/// Tells somebody that mails go elsewhere from now on: in the portal, at the new mailbox, and at the old one.
pub(super) fn moved(tx: &mut Tx, before: &User, after: &User) -> Result<()> {
    let letter = about(tx, after, format!("更改了电子邮箱，以后的邮件发往 {}", after.email))?;
    outbox::notify_one(tx, after.id, &after.email, &letter)?;
    if before.email.is_empty() {
        return Ok(());
    }
    outbox::mail(tx, &before.email, &letter)
}

fn about(tx: &Tx, user: &User, what: String) -> Result<Letter> {
    let by = if tx.actor.user == Some(user.id) { "您本人".into() } else { tx.actor.name.clone() };
    let letter = AccountChanged {
        name: user.display_name.clone(),
        login: user.login.clone(),
        what,
        when: tx.now().minute(),
        by,
    };
    Ok(letter.letter("/account")?.about(Topic::Account))
}

//! Mails about applications: to the applicant, whose address is all that is known, and to the officers.

use askama::Template;

use super::model::Registration;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::secret_link;
use crate::platform::sql::Time;

/// Tells the applicant where the application is; `words` say what that means and what to do.
#[derive(Template)]
#[template(path = "mail/registration_state.txt")]
struct RegistrationState<'a> {
    row: &'a Registration,
    words: &'a str,
    /// Whether it names the organisation: what a stranger typed goes to no mailbox before an officer has read it.
    named: bool,
}

/// Tells the officers that an application waits; `act` says for what.
#[derive(Template)]
#[template(path = "mail/registration_waiting.txt")]
struct RegistrationWaiting<'a> {
    row: &'a Registration,
    act: &'a str,
}

/// Opens the door to the first administrator.
#[derive(Template)]
#[template(path = "mail/admission.txt")]
struct Admission<'a> {
    name: &'a str,
    until: Time,
}

/// Path of the applicant's own page.
pub fn own_page(key: &str) -> String {
    secret_link::path("/registration/status", key)
}

/// To the applicant. `link` leads to the applicant's page where its secret is at hand, else to where to ask.
pub fn applicant(tx: &mut Tx, row: &Registration, link: &str, words: &str) -> Result<()> {
    let named = row.officer_words.is_some() || row.second_id.is_some();
    outbox::mail(tx, &row.email, &Letter::new(&RegistrationState { row, words, named }, link)?)
}

/// To the officers of the agency.
pub fn officers(tx: &mut Tx, row: &Registration, act: &str) -> Result<()> {
    let letter = Letter::new(&RegistrationWaiting { row, act }, format!("/registrations/{}", row.id))?;
    outbox::notify_agency(tx, &[], &letter.about(Topic::Organisation))
}

/// The mail with the link that works once.
pub fn admission(tx: &mut Tx, row: &Registration, secret: &str, until: Time) -> Result<()> {
    let letter = Letter::new(&Admission { name: &row.name, until }, secret_link::path("/welcome", secret))?;
    outbox::mail(tx, &row.email, &letter)
}

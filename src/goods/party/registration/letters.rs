//! Mails about applications: to the applicant, whose address is all that is known, and to the officers.

use super::model::Registration;
use crate::letter;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::secret_link;

letter! {
    /// Tells the applicant where the application is.
    pub struct RegistrationState {
        /// The application's number.
        number: String,
        /// Who applies.
        name: String,
        /// How far it is, in one word.
        state: String,
        /// What that means and what to do.
        words: String,
    }
    "mail/registration_state/subject.txt", "mail/registration_state/body.txt", "mail/registration_state/body.html"
}

letter! {
    /// Tells the officers that an application waits.
    pub struct RegistrationWaiting {
        /// The application's number.
        number: String,
        /// Who applies.
        name: String,
        /// What it is.
        kinds: String,
        /// What is to be done.
        act: String,
    }
    "mail/registration_waiting/subject.txt", "mail/registration_waiting/body.txt", "mail/registration_waiting/body.html"
}

letter! {
    /// Opens the door to the first administrator.
    pub struct Admission {
        /// Who was admitted.
        name: String,
        /// Until when the link works.
        until: String,
    }
    "mail/admission/subject.txt", "mail/admission/body.txt", "mail/admission/body.html"
}

/// Path of the applicant's own page.
pub fn own_page(key: &str) -> String {
    secret_link::path("/registration/status", key)
}

/// To the applicant. `link` leads to the applicant's page where its secret is at hand, else to where to ask.
pub fn applicant(tx: &mut Tx, row: &Registration, link: &str, words: &str) -> Result<()> {
    let letter = RegistrationState {
        number: row.number.clone(),
        name: row.name.clone(),
        state: row.state.label().into(),
        words: words.into(),
    };
    outbox::mail(tx, &row.email, &letter.letter(link)?)
}

/// To the officers of the agency.
pub fn officers(tx: &mut Tx, row: &Registration, act: &str) -> Result<()> {
    let letter = RegistrationWaiting {
        number: row.number.clone(),
        name: row.name.clone(),
        kinds: row.kind_labels(),
        act: act.into(),
    };
    let letter = letter.letter(format!("/registrations/{}", row.id))?.about(Topic::Organisation);
    outbox::notify_agency(tx, &[], &letter)
}

/// The mail with the link that works once.
pub fn admission(tx: &mut Tx, row: &Registration, secret: &str, until: String) -> Result<()> {
    let letter: Letter =
        Admission { name: row.name.clone(), until }.letter(secret_link::path("/welcome", secret))?;
    outbox::mail(tx, &row.email, &letter)
}

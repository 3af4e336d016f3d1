//! An application becomes an organisation, and a link that works once makes its first administrator.

use diesel::prelude::*;

use super::links::ADMISSION;
use super::model::{Registration, RegistrationState};
use super::{SUBJECT, apply::Applicant, letters};
use crate::accounts::door::Auth;
use crate::accounts::link::{self, AccountLink};
use crate::accounts::users::{self, NewUser, User};
use crate::party::contact::{self, OrderContact};
use crate::party::model::Organisation;
use crate::party::organisation::{self, NewOrganisation};
use crate::party::store as parties;
use crate::platform::attachment;
use crate::platform::db::{Actor, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::attachment as files;
use crate::platform::versioned::in_state;
use crate::platform::who::{OrgKind, Post};

/// Makes the organisation and gives it the evidence.
pub fn admit(tx: &mut Tx, row: &Registration) -> Result<Organisation> {
    let new = NewOrganisation {
        kind: row.kind,
        name: row.name.clone(),
        credit_code: row.credit_code.clone(),
        city: row.city.clone(),
        other_kinds: row.other_kinds.clone(),
        district: row.district.clone(),
    };
    let made = organisation::insert_organisation(tx, &new)?;
    let (name, phone) = (row.contact_name.clone(), row.phone.clone());
    contact::insert(tx, &OrderContact { id: made.id, name, phone, version: 1 })?;
    for before in attachment::of_subject(tx.conn, SUBJECT, row.id)? {
        let after = attachment::Attachment { owner_id: Some(made.id), ..before.clone() };
        diesel::update(files::table.find(before.id)).set(files::owner_id.eq(made.id)).execute(tx.conn)?;
        tx.record("attachment.own", Some(&before), Some(&after), None)?;
    }
    Ok(made)
}

/// Stores the mail with a fresh link; earlier links end.
pub fn send(tx: &mut Tx, row: &Registration) -> Result<()> {
    let Some(organisation) = row.organisation_id else {
        return Err(Refusal::wrong_state("申请尚未通过复核，不能发送开通邮件。").into());
    };
    let (secret, link) = link::issue(tx, ADMISSION, organisation, &row.email)?;
    letters::admission(tx, row, &secret, link.expires_at)
}

/// The mail again, where the first link was lost or ran out.
pub fn send_again(tx: &mut Tx, row: &Registration) -> Result<Registration> {
    let used =
        row.organisation_id.map(|id| link::was_used(tx.conn, ADMISSION, id)).transpose()?.unwrap_or_default();
    let waits = row.state == RegistrationState::Admitted && !used;
    in_state(waits, || "只有已准入、尚未开通账号的单位才能重新发送开通邮件。")?;
    send(tx, row)?;
    Ok(row.clone())
}

/// The organisation that a link opens the door of.
///
/// # Errors
/// 404 `LINK_UNKNOWN`, 409 `LINK_USED`, `LINK_EXPIRED`.
pub async fn look(auth: &Auth, key: &str) -> Result<Organisation> {
    Ok(found(auth, key).await?.1)
}

async fn found(auth: &Auth, key: &str) -> Result<(AccountLink, Organisation)> {
    let (key, now) = (key.to_owned(), auth.clock.now());
    auth.db
        .read(move |c| {
            let link = link::look(c, ADMISSION, &key, now)?;
            let organisation = parties::organisation(c, link.subject_id)?;
            Ok((link, organisation))
        })
        .await
}

/// What the first administrator chooses.
#[derive(Debug, Clone)]
pub struct FirstAdministrator {
    /// Log-in name.
    pub login: String,
    /// The person's name.
    pub display_name: String,
    /// The password.
    pub password: String,
}

/// Uses the link: makes the first account. A login name that is taken leaves the link as it was.
///
/// # Errors
/// As [`look`]; 409 `LOGIN_TAKEN`; 422 with the members that are wrong.
pub async fn open(auth: &Auth, who: &Applicant, key: &str, given: FirstAdministrator) -> Result<User> {
    let (link, organisation) = found(auth, key).await?;
    let post = first_post(organisation.kind);
    let actor = Actor {
        user: None,
        organisation: None,
        name: given.display_name.clone(),
        request_id: who.request_id.clone(),
        received_at: who.at,
    };
    let new = NewUser {
        organisation: organisation.id,
        login: given.login,
        display_name: given.display_name,
        email: link.email,
        function: post,
        password: given.password,
    };
    let user = users::prepare(&auth.passwords, who.at, new, &organisation.name).await?;
    let key = key.to_owned();
    auth.db
        .write(&actor, move |tx| {
            link::redeem(tx, ADMISSION, &key)?;
            users::insert(tx, &user)
        })
        .await
}

/// Observers have nobody to administer.
fn first_post(kind: OrgKind) -> Post {
    if Post::Admin.fits(kind) { Post::Admin } else { Post::Viewer }
}

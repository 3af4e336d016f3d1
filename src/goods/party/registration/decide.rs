//! What officers do: ask for more, refuse, agree, and — a second one — confirm. Nobody decides on what they handed in
//! themselves, and the second is not the first (SD-9).

use serde::Deserialize;
use utoipa::ToSchema;

use super::links::APPLICATION;
use super::model::{Registration, RegistrationState};
use super::{SUBJECT, admission, letters, store};
use crate::accounts::link;
use crate::platform::attachment::{self, Attachment};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::registration;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::guard::{Guard, ProvinceOfficer};
use crate::platform::who::{Principal, person};
use crate::{save, text_enum};

/// What the officer says to an act that needs words.
pub const WORDS: Field = Field::new("words", "意见", 5..=500);

text_enum! {
    /// What an officer does with an application.
    pub enum RegistrationAct {
        /// Asks the applicant for more.
        AskMore = "ask_more",
        /// Says no.
        Refuse = "refuse",
        /// Agrees as the first.
        Approve = "approve",
        /// Confirms as the second: the organisation is admitted.
        Confirm = "confirm",
        /// Hands it back to the first review.
        SendBack = "send_back",
        /// Sends the mail of the admission again with a new link.
        SendAgain = "send_again",
    }
}

/// A decision.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What is done.
    pub act: RegistrationAct,
    /// Why, for the applicant; needed where the act is not in the applicant's favour.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub words: String,
}

/// An application with its evidence, for an officer.
///
/// # Errors
/// 403, 404.
pub async fn show(db: &Db, who: &Principal, id: Id) -> Result<(Registration, Vec<Attachment>)> {
    ProvinceOfficer::check(who)?;
    db.read(move |c| Ok((store::submitted(c, id)?, attachment::of_subject(c, SUBJECT, id)?))).await
}

/// Carries out a decision.
///
/// # Errors
/// 403 `OWN_SUBMISSION`, `SAME_PERSON`; 404; 409 for a stale version or the wrong state; 422 without words where they are needed,
/// or where the credit code was taken meanwhile.
pub async fn decide(
    db: &Db,
    who: &Principal,
    id: Id,
    version: i64,
    given: &Decision,
) -> Result<Registration> {
    ProvinceOfficer::check(who)?;
    let mut checks = Checks::default();
    let needed =
        matches!(given.act, RegistrationAct::AskMore | RegistrationAct::Refuse | RegistrationAct::SendBack);
    let asked = if needed { WORDS } else { Field { least: 0, ..WORDS } };
    let words = checks.paragraph(&asked, &given.words);
    checks.finish()?;
    let (who, act) = (who.clone(), given.act);
    db.write(&who.actor(), move |tx| {
        let before = store::submitted(tx.conn, id)?;
        fresh(&before, version)?;
        if own(tx.conn, &before, &who)? {
            let detail = "这份申请是您本人提交的，或留的是您本人的邮箱，应由其他经办人员审核。";
            return Err(Refusal::new(403, "OWN_SUBMISSION", detail).clause("SD-9").into());
        }
        match act {
            RegistrationAct::AskMore | RegistrationAct::Refuse => answer(tx, &before, &who, act, &words),
            RegistrationAct::Approve => approve(tx, &before, &who),
            RegistrationAct::Confirm => confirm(tx, &before, &who),
            RegistrationAct::SendBack => send_back(tx, &before, &who, &words),
            RegistrationAct::SendAgain => admission::send_again(tx, &before),
        }
    })
    .await
}

fn own(conn: &mut AnyConn, row: &Registration, who: &Principal) -> Result<bool> {
    let submitted = row.submitted_by.map(|by| person::is_same(conn, by, who.user)).transpose()?;
    Ok(submitted.unwrap_or(false) || person::reads(conn, who.user, &row.email)?)
}

/// What the first reviewer is told in place of the second's acts.
pub const REVIEWED: &str = "这份申请由您初审，复核应由另一位经办人员办理。";

/// True where it waits for its second reviewer and this person was the first.
pub fn reviewed(conn: &mut AnyConn, row: &Registration, who: &Principal) -> Result<bool> {
    if row.state != RegistrationState::Reviewed {
        return Ok(false);
    }
    Ok(row.reviewer_id.map(|first| person::is_same(conn, first, who.user)).transpose()?.unwrap_or(false))
}

fn expect(row: &Registration, states: &[RegistrationState]) -> Result<()> {
    in_state(states.contains(&row.state), || {
        format!("申请现为“{}”，不能这样办理，请刷新后查看。", row.state.label())
    })
}

/// Asked for more, or refused: the applicant is told why.
fn answer(
    tx: &mut Tx,
    before: &Registration,
    who: &Principal,
    act: RegistrationAct,
    words: &str,
) -> Result<Registration> {
    expect(before, &[RegistrationState::Submitted, RegistrationState::Reviewed])?;
    let refused = act == RegistrationAct::Refuse;
    let mut after = before.clone();
    let action = match refused {
        true => {
            after.refuse(who.user, tx.legal_now()?, words);
            "registration.refuse"
        }
        false => {
            after.ask_more(words);
            "registration.ask_more"
        }
    };
    save!(tx, registration, before, &mut after, action, Some(words))?;
    let (secret, _) = link::issue(tx, APPLICATION, after.id, &after.email)?;
    let told = match refused {
        true => format!("未通过的原因：{words}"),
        false => format!("需要补正：{words}。请打开链接补充后重新提交"),
    };
    letters::applicant(tx, &after, &letters::own_page(&secret), &told)?;
    Ok(after)
}

fn approve(tx: &mut Tx, before: &Registration, who: &Principal) -> Result<Registration> {
    expect(before, &[RegistrationState::Submitted])?;
    let mut after = before.clone();
    after.approve(who.user, tx.legal_now()?);
    save!(tx, registration, before, &mut after, "registration.approve", None)?;
    letters::officers(tx, &after, "等待复核")?;
    Ok(after)
}

/// The second person.
fn second(tx: &mut Tx, before: &Registration, who: &Principal) -> Result<()> {
    expect(before, &[RegistrationState::Reviewed])?;
    if reviewed(tx.conn, before, who)? {
        return Err(Refusal::new(403, "SAME_PERSON", REVIEWED).clause("SD-9").into());
    }
    Ok(())
}

fn confirm(tx: &mut Tx, before: &Registration, who: &Principal) -> Result<Registration> {
    second(tx, before, who)?;
    let organisation = admission::admit(tx, before)?;
    let mut after = before.clone();
    after.admit(who.user, tx.legal_now()?, organisation.id);
    save!(tx, registration, before, &mut after, "registration.confirm", None)?;
    admission::send(tx, &after)?;
    Ok(after)
}

fn send_back(tx: &mut Tx, before: &Registration, who: &Principal, words: &str) -> Result<Registration> {
    second(tx, before, who)?;
    let mut after = before.clone();
    after.send_back();
    save!(tx, registration, before, &mut after, "registration.send_back", Some(words))?;
    letters::officers(tx, &after, "复核退回，等待重新初审")?;
    Ok(after)
}

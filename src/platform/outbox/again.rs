//! A mail that was refused goes out again, after somebody mended what was wrong.

use diesel::prelude::*;

use super::{Letter, Mail, MailState, Topic, active_people, send};
use crate::db::{self, Tx, Work};
use crate::error::{Refusal, Result};
use crate::schema::outbox_mail;
use crate::sql::Id;

/// Lets a refused mail be sent again, after somebody mended what was wrong. A letter that had no reader goes to everybody whom
/// the organisation has now.
///
/// # Errors
/// 409 where it is not refused, or the organisation still has nobody.
pub fn try_again(tx: &mut Tx, id: Id) -> Result<()> {
    let refused = outbox_mail::table.find(id).filter(outbox_mail::state.eq(MailState::Refused));
    let mail: Option<Mail> = refused.select(Mail::as_select()).get_result(tx.conn).optional()?;
    let Some(mail) = mail else {
        return Err(Refusal::wrong_state("该邮件不在“未能送达”状态，无需重新发送。请刷新后查看。").into());
    };
    let now = tx.now();
    match mail.organisation_id {
        Some(organisation) => {
            resend(tx, organisation, &mail)?;
            diesel::update(refused)
                .set((outbox_mail::state.eq(MailState::Sent), outbox_mail::sent_at.eq(Some(now))))
                .execute(tx.conn)?;
        }
        None => {
            diesel::update(refused)
                .set((outbox_mail::state.eq(MailState::Waiting), outbox_mail::next_try_at.eq(now)))
                .execute(tx.conn)?;
        }
    }
    db::due(Work::Mail);
    tx.note("mail.try_again", "outbox_mail", id, &serde_json::json!({}))
}

fn resend(tx: &mut Tx, organisation: Id, mail: &Mail) -> Result<()> {
    let people = active_people(tx.conn, organisation, Topic::Notice)?;
    if people.is_empty() {
        return Err(Refusal::wrong_state("该单位仍没有在用的人员，请先联系该单位补设人员。").into());
    }
    let letter = Letter {
        subject: mail.subject.clone(),
        text: mail.body_text.clone(),
        html: mail.body_html.clone(),
        kind: Topic::Notice,
        due: None,
        link: mail.link.clone(),
    };
    let (now, legal) = (tx.now(), tx.legal_now()?);
    send(tx.conn, &people.iter().collect::<Vec<_>>(), None, &letter, (now, legal))
}

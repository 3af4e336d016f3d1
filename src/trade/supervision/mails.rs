//! Mails that were refused for good: shown with the reason, sent again after somebody mended it.

use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::paging::PageOf;
use crate::platform::outbox::{self, Mail, MailState};
use crate::platform::sql::{Id, Question, Time};
use crate::platform::who::{OrgKind, Principal};

/// Mails that are sent again at once at most: a page.
pub const MOST_AT_ONCE: usize = 200;
/// Of them in one write.
const IN_ONE_WRITE: usize = 50;

/// Refused mails, and how many there are.
#[derive(Debug)]
pub struct RefusedMails {
    /// The page, the latest first.
    pub page: PageOf<Mail>,
    /// All that were refused.
    pub refused: i64,
    /// Those still to be sent.
    pub waiting: i64,
}

/// Mails that were refused for good, the latest first.
///
/// # Errors
/// 403 for anybody but the agency.
pub async fn refused(
    db: &Db,
    who: &Principal,
    before: Option<(Time, Id)>,
    limit: i64,
) -> Result<RefusedMails> {
    may_see(who)?;
    db.read(move |conn| {
        let rows = outbox::mails(conn, Some(MailState::Refused), before, limit + 1)?;
        Ok(RefusedMails {
            page: PageOf::new(rows, limit, |mail| (mail.created_at, mail.id)),
            refused: outbox::count(conn, MailState::Refused)?,
            waiting: outbox::count(conn, MailState::Waiting)?,
        })
    })
    .await
}

/// How many wait for somebody to mend what was wrong; nothing for anyone who does not see them. Cheap: it stands on every page.
pub fn count(who: &Principal) -> Option<Question> {
    may_see(who).is_ok().then(|| outbox::counting(MailState::Refused))
}

/// Sends refused mails again, each by itself; answers with how many of them go out again.
///
/// # Errors
/// 403; of the database. A mail that is no longer refused is left as it is.
pub async fn try_again(db: &Db, who: &Principal, mails: &[Id]) -> Result<usize> {
    may_see(who)?;
    let mails: Vec<Id> = mails.iter().copied().take(MOST_AT_ONCE).collect();
    let mut done = 0;
    for part in mails.chunks(IN_ONE_WRITE) {
        let part = part.to_vec();
        done += db.write(&who.actor(), move |tx| again(tx, &part)).await?;
    }
    Ok(done)
}

/// A mail is refused before anything of it is written.
fn again(tx: &mut Tx, mails: &[Id]) -> Result<usize> {
    let mut done = 0;
    for mail in mails {
        match outbox::try_again(tx, *mail) {
            Ok(()) => done += 1,
            Err(Error::Refused(refusal)) if refusal.status == 409 => {}
            Err(other) => return Err(other),
        }
    }
    Ok(done)
}

/// Mails of all organisations concern the agency alone, which runs the platform.
fn may_see(who: &Principal) -> Result<()> {
    match who.is(|kind| kind == OrgKind::Agency) {
        true => Ok(()),
        false => Err(Refusal::new(403, "FORBIDDEN", "被退回的邮件由医药集中采购机构处理。").into()),
    }
}

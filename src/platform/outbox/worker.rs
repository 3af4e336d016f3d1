//! Sends what is due. Each instance runs it; a lease lets each mail be sent by one of them.

use chrono::Duration;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};
use lettre::message::Mailbox;
use rand::RngExt;

use super::sender::{SendError, Sender};
use super::{Mail, MailState};
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::schema::outbox_mail;
use crate::secret_link;
use crate::sql::{AnyConn, Id, MultiBackend, Time};

/// Mails taken at once.
const BATCH: i64 = 16;
/// An instance that died gives its mails back after so long; longer than any conversation with a mail server.
const LEASE_SECONDS: i64 = 300;
/// First pause, doubled each time.
const FIRST_PAUSE_SECONDS: i64 = 30;
/// Longest pause.
const LONGEST_PAUSE_SECONDS: i64 = 3600;
/// A mail that could not be sent for so long is given up.
const GIVE_UP_DAYS: i64 = 5;

/// What the worker needs.
#[derive(Debug, Clone)]
pub struct Mailer {
    /// The way out.
    pub sender: Sender,
    /// The platform's own mailbox.
    pub from: Mailbox,
    /// The platform's address on the web, without a slash at the end.
    pub origin: String,
}

/// Sends every mail that is due; returns how many went out.
pub async fn run(db: &Db, clock: &Clock, mailer: &Mailer) -> Result<usize> {
    let mut sent = 0;
    loop {
        let now = clock.now();
        let due = db.read(move |conn| due(conn, now)).await?;
        if due.is_empty() {
            return Ok(sent);
        }
        let mails = db.write_unaudited("mail.claim", move |conn| claim(conn, &due, now)).await?;
        let sending = mails.into_iter().map(|mail| send(db, clock, mailer, mail));
        for outcome in futures_util::future::join_all(sending).await {
            sent += usize::from(outcome?);
        }
    }
}

type Condition = Box<dyn BoxableExpression<outbox_mail::table, MultiBackend, SqlType = Nullable<Bool>>>;

/// Nobody has it, and its time has come. A time further off than any pause was set by a clock that was ahead.
fn is_due(now: Time) -> Condition {
    let pause = now.plus(Duration::seconds(2 * LONGEST_PAUSE_SECONDS));
    let lease = now.plus(Duration::seconds(2 * LEASE_SECONDS));
    let ripe = outbox_mail::next_try_at.le(now).or(outbox_mail::next_try_at.gt(pause));
    let until = outbox_mail::lease_until;
    Box::new(ripe.and(until.is_null().or(until.lt(now)).or(until.gt(lease))))
}

fn due(conn: &mut AnyConn, now: Time) -> Result<Vec<Id>> {
    Ok(outbox_mail::table
        .filter(outbox_mail::state.eq(MailState::Waiting))
        .filter(is_due(now))
        .order(outbox_mail::next_try_at)
        .limit(BATCH)
        .select(outbox_mail::id)
        .load(conn)?)
}

/// Takes those of `ids` that nobody else has; each by one statement that looks at its conditions again on the row as it is.
fn claim(conn: &mut AnyConn, ids: &[Id], now: Time) -> Result<Vec<Mail>> {
    let mut mine = Vec::new();
    for id in ids {
        let changed = diesel::update(
            outbox_mail::table.find(id).filter(outbox_mail::state.eq(MailState::Waiting)).filter(is_due(now)),
        )
        .set((
            outbox_mail::lease_until.eq(Some(now.plus(Duration::seconds(LEASE_SECONDS)))),
            outbox_mail::attempts.eq(outbox_mail::attempts + 1),
        ))
        .execute(conn)?;
        if changed == 1 {
            mine.push(outbox_mail::table.find(id).select(Mail::as_select()).get_result(conn)?);
        }
    }
    Ok(mine)
}

async fn send(db: &Db, clock: &Clock, mailer: &Mailer, mail: Mail) -> Result<bool> {
    let outcome = mailer.sender.send(&mail, &mailer.from, &mailer.origin).await;
    let now = clock.now();
    let sent = outcome.is_ok();
    let (state, next, error) = match outcome {
        Ok(()) => (MailState::Sent, mail.next_try_at, None),
        Err(SendError::Never(reason)) => (MailState::Refused, mail.next_try_at, Some(reason)),
        Err(SendError::Later(reason)) if mail.created_at.plus(Duration::days(GIVE_UP_DAYS)) < now => {
            (MailState::Refused, mail.next_try_at, Some(format!("连续 {GIVE_UP_DAYS} 天未能送出：{reason}")))
        }
        Err(SendError::Later(reason)) => {
            (MailState::Waiting, now.plus(back_off(mail.attempts)), Some(reason))
        }
    };
    metrics::counter!("jicai_mails_total", "outcome" => state.as_str()).increment(1);
    if let Some(reason) = &error {
        tracing::warn!(mail = %mail.id, attempt = mail.attempts, state = state.as_str(), reason, "mail not sent");
    }
    // What left the house is the reader's; anyone who reads this table later finds no link that still opens something.
    let gone = sent && mailer.sender.leaves_the_house();
    let link = secret_link::forget_secret(&mail.link).filter(|_| gone).unwrap_or_else(|| mail.link.clone());
    db.write_unaudited("mail.end", move |conn| {
        // The count of attempts tells this run from one by another instance after the lease ran out.
        diesel::update(outbox_mail::table.find(mail.id).filter(outbox_mail::attempts.eq(mail.attempts)))
            .set((
                outbox_mail::state.eq(state),
                outbox_mail::next_try_at.eq(next),
                outbox_mail::lease_until.eq(None::<Time>),
                outbox_mail::last_error.eq(&error),
                outbox_mail::sent_at.eq(sent.then_some(now)),
                outbox_mail::link.eq(&link),
            ))
            .execute(conn)?;
        Ok(sent)
    })
    .await
}

/// 30 s, 1 min, 2 min … 1 h, each up to a quarter longer, so that a thousand mails do not come back in one second.
fn back_off(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 20) - 1).unwrap_or(0);
    let pause =
        FIRST_PAUSE_SECONDS.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_PAUSE_SECONDS);
    Duration::seconds(pause + rand::rng().random_range(0..=pause / 4))
}

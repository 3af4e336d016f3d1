//! What has served its time goes, at night: events of the feed, messages in the portal, mails that left or were refused. What
//! counts as evidence stays: the audit is never shortened.

use chrono::Duration;
use diesel::prelude::*;

use super::config::Retention;
use super::db::Db;
use super::error::Result;
use super::outbox::MailState;
use super::schema::{app_user, feed_event, feed_reader, message, outbox_mail};
use super::sql::{AnyConn, Id, Time};

/// Rows in one write at most, so that orders go on meanwhile.
const CHUNK: i64 = 500;
/// People whose messages are looked at together.
const PEOPLE: i64 = 100;

/// Takes away what is older than `keep` says; answers how many rows.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, now: Time, keep: &Retention) -> Result<usize> {
    let before = |days: u32| now.plus(-Duration::days(days.into()));
    let (feed, mails, messages) = (before(keep.feed_days), before(keep.mail_days), before(keep.message_days));
    let mut swept = 0;
    loop {
        match db.write_unaudited("feed.sweep", move |conn| sweep_events(conn, feed)).await? {
            0 => break,
            some => swept += some,
        }
    }
    loop {
        match db.write_unaudited("mail.sweep", move |conn| sweep_mails(conn, mails)).await? {
            0 => break,
            some => swept += some,
        }
    }
    Ok(swept + sweep_messages(db, messages).await?)
}

/// The last event stays: positions go on behind it.
fn sweep_events(conn: &mut AnyConn, before: Time) -> Result<usize> {
    let last: Option<Option<i64>> =
        feed_event::table.select(diesel::dsl::max(feed_event::position)).first(conn).optional()?;
    let last = last.flatten().unwrap_or(0);
    let ids: Vec<Id> = feed_event::table
        .filter(feed_event::position.lt(last))
        .filter(feed_event::created_at.lt(before))
        .order(feed_event::position)
        .limit(CHUNK)
        .select(feed_event::id)
        .load(conn)?;
    diesel::delete(feed_reader::table.filter(feed_reader::event_id.eq_any(&ids))).execute(conn)?;
    Ok(diesel::delete(feed_event::table.filter(feed_event::id.eq_any(&ids))).execute(conn)?)
}

/// What still waits to be sent stays, however old.
fn sweep_mails(conn: &mut AnyConn, before: Time) -> Result<usize> {
    let ids: Vec<Id> = outbox_mail::table
        .filter(outbox_mail::created_at.lt(before))
        .filter(outbox_mail::state.ne(MailState::Waiting))
        .order((outbox_mail::created_at, outbox_mail::id))
        .limit(CHUNK)
        .select(outbox_mail::id)
        .load(conn)?;
    Ok(diesel::delete(outbox_mail::table.filter(outbox_mail::id.eq_any(&ids))).execute(conn)?)
}

async fn sweep_messages(db: &Db, before: Time) -> Result<usize> {
    let (mut swept, mut after) = (0, None);
    loop {
        let people = db.read(move |conn| people(conn, after)).await?;
        let Some(last) = people.last() else { return Ok(swept) };
        after = Some(*last);
        loop {
            let of = people.clone();
            match db.write_unaudited("message.sweep", move |conn| messages_of(conn, &of, before)).await? {
                0 => break,
                some => swept += some,
            }
        }
    }
}

fn people(conn: &mut AnyConn, after: Option<Id>) -> Result<Vec<Id>> {
    let query = app_user::table.select(app_user::id).limit(PEOPLE).into_boxed();
    Ok(crate::keyset!(query, after, app_user::id => asc).load(conn)?)
}

fn messages_of(conn: &mut AnyConn, people: &[Id], before: Time) -> Result<usize> {
    let ids: Vec<Id> = message::table
        .filter(message::user_id.eq_any(people))
        .filter(message::created_at.lt(before))
        .limit(CHUNK)
        .select(message::id)
        .load(conn)?;
    Ok(diesel::delete(message::table.filter(message::id.eq_any(&ids))).execute(conn)?)
}

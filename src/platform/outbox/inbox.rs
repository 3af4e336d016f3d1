//! A person's messages in the portal.

use diesel::prelude::*;

use super::super::error::{Refusal, Result};
use super::super::schema::message;
use super::super::sql::{Question, counts};
use super::{Message, Topic};
use crate::keyset;
use crate::sql::{AnyConn, Id, Time};

/// Which messages to show.
#[derive(Debug, Clone, Copy, Default)]
pub struct MessageFilter {
    /// Only those not opened.
    pub unread: bool,
    /// Only what is due: not opened, with a date that has not passed by then.
    pub due: Option<Time>,
    /// Only about this.
    pub kind: Option<Topic>,
}

/// Messages not opened that ask for something until a date which has not passed; the most pressing first.
pub fn due(conn: &mut AnyConn, user: Id, now: Time, limit: i64) -> Result<Vec<Message>> {
    Ok(message::table
        .filter(message::user_id.eq(user))
        .filter(message::read_at.is_null())
        .filter(message::due_at.ge(now))
        .select(Message::as_select())
        .order((message::due_at, message::id))
        .limit(limit)
        .load(conn)?)
}

/// As [`messages`], of those that the filter lets through.
pub fn filtered(
    conn: &mut AnyConn,
    user: Id,
    filter: MessageFilter,
    before: Option<(Time, Id)>,
    limit: i64,
) -> Result<Vec<Message>> {
    let mut query =
        message::table.filter(message::user_id.eq(user)).select(Message::as_select()).into_boxed();
    if filter.unread {
        query = query.filter(message::read_at.is_null());
    }
    if let Some(now) = filter.due {
        query = query.filter(message::read_at.is_null()).filter(message::due_at.ge(now));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(message::kind.eq(kind));
    }
    let query = keyset!(query, before, message::created_at => desc, message::id => desc);
    Ok(query.limit(limit).load(conn)?)
}

/// The newest messages of a person, at most `limit`.
pub fn messages(
    conn: &mut AnyConn,
    user: Id,
    before: Option<(Time, Id)>,
    limit: i64,
) -> Result<Vec<Message>> {
    filtered(conn, user, MessageFilter::default(), before, limit)
}

/// How many messages of a person were not opened, to be asked beside other numbers.
pub fn count_unread(user: Id) -> Question {
    Box::new(message::table.filter(message::user_id.eq(user)).filter(message::read_at.is_null()).count())
}

/// How many messages of a person were not opened.
pub fn unread(conn: &mut AnyConn, user: Id) -> Result<i64> {
    Ok(counts(conn, vec![count_unread(user)])?.into_iter().sum())
}

/// Marks a person's message as opened; inside `db.write_unaudited`. Foreign and unknown messages are not found.
pub fn open_message(conn: &mut AnyConn, user: Id, id: Id, now: Time) -> Result<Message> {
    let mine = message::table.filter(message::id.eq(id)).filter(message::user_id.eq(user));
    let found: Option<Message> = mine.select(Message::as_select()).get_result(conn).optional()?;
    let found = found.ok_or_else(|| Refusal::not_found("消息"))?;
    if found.read_at.is_none() {
        diesel::update(message::table.find(id)).set(message::read_at.eq(now)).execute(conn)?;
    }
    Ok(found)
}

/// Marks all of a person's messages as opened; inside `db.write_unaudited`.
pub fn open_all_messages(conn: &mut AnyConn, user: Id, now: Time) -> Result<usize> {
    let unread = message::table.filter(message::user_id.eq(user)).filter(message::read_at.is_null());
    Ok(diesel::update(unread).set(message::read_at.eq(now)).execute(conn)?)
}

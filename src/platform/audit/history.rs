//! What happened to one object, from the audit, for those who may see the object.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Result;
use crate::schema::{audit_entry, organisation};
use crate::sql::{AnyConn, Id, Time};

/// How many events of one object are shown, the newest.
const LIMIT: i64 = 200;

/// One thing that happened to an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Event {
    /// When, in the procedure's time.
    pub at: Time,
    /// Who.
    pub who: String,
    /// For which organisation; empty for the platform.
    pub organisation: String,
    /// What, such as `order.submit`.
    pub action: String,
    /// What, for people.
    pub text: String,
    /// Why, where it was said.
    pub reason: Option<String>,
}

/// When this was last done to an object, in the procedure's time.
pub fn last(conn: &mut AnyConn, object_type: &str, id: Id, action: &str) -> Result<Option<Time>> {
    let found: Option<(Time, Option<Time>)> = audit_entry::table
        .filter(audit_entry::object_type.eq(object_type))
        .filter(audit_entry::object_id.eq(id))
        .filter(audit_entry::action.eq(action))
        .order((audit_entry::at.desc(), audit_entry::id.desc()))
        .select((audit_entry::at, audit_entry::legal_at))
        .first(conn)
        .optional()?;
    Ok(found.map(|(at, legal_at)| legal_at.unwrap_or(at)))
}

/// What happened to an object, the oldest first. `acts` are the words for each action, in the order in which one request
/// may do them: all of them have one instant. The caller has checked that the reader may see the object, and leaves out what
/// is not for this reader.
pub fn history(conn: &mut AnyConn, object_type: &str, id: Id, acts: &[(&str, &str)]) -> Result<Vec<Event>> {
    type Row = (Time, Option<Time>, String, Option<String>, String, Option<String>);
    let mut rows: Vec<Row> = audit_entry::table
        .left_join(organisation::table.on(organisation::id.nullable().eq(audit_entry::actor_org)))
        .filter(audit_entry::object_type.eq(object_type))
        .filter(audit_entry::object_id.eq(id))
        .order((audit_entry::at.desc(), audit_entry::id.desc()))
        .limit(LIMIT)
        .select((
            audit_entry::at,
            audit_entry::legal_at,
            audit_entry::actor_name,
            organisation::name.nullable(),
            audit_entry::action,
            audit_entry::reason,
        ))
        .load(conn)?;
    let place = |action: &str| acts.iter().position(|(known, _)| *known == action);
    rows.reverse();
    rows.sort_by_key(|row| (row.0, place(&row.4)));
    let words = |action: &str| acts.iter().find(|(known, _)| *known == action).map(|(_, words)| *words);
    let event = |(at, legal_at, who, organisation, action, reason): Row| Event {
        at: legal_at.unwrap_or(at),
        who: if organisation.is_some() { who } else { "平台".into() },
        organisation: organisation.unwrap_or_default(),
        text: words(&action).unwrap_or(&action).to_owned(),
        action,
        reason,
    };
    Ok(rows.into_iter().map(event).collect())
}

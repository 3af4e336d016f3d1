//! The change feed: what happened, in an order that never changes, for the systems of those whom it concerns.
//!
//! [`emit`] stores an event in the write that causes it, without a position: a number or a time taken before the commit would
//! let a slow write appear behind a reader's back. One task ([`place`]) gives positions to committed events only.

use diesel::prelude::*;
use serde_json::Value;

use super::db::{self, Db, Prepared, Together, Tx, Work};
use super::error::{Error, Result};
use super::schema::{feed_event, feed_reader};
use super::sql::{AnyConn, Id, Time};
use super::who::Region;

/// Events that get their positions in one write.
const BATCH: i64 = 500;

/// One event as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = feed_event, treat_none_as_default_value = false)]
pub struct Event {
    /// Key.
    pub id: Id,
    /// Its place in the feed, once it has one: 1, 2, 3 …
    pub position: Option<i64>,
    /// What happened, such as `order.submitted`.
    pub kind: String,
    /// Table of the row.
    pub object_type: String,
    /// Key of the row.
    pub object_id: Id,
    /// JSON: what the readers may know.
    pub body: String,
    /// When it happened.
    pub created_at: Time,
}

/// Stores an event for `readers` in the running write.
pub fn emit(
    tx: &mut Tx,
    kind: &str,
    object_type: &str,
    object_id: Id,
    readers: &[Id],
    body: &Value,
) -> Result<()> {
    let event = Event {
        id: Id::new(),
        position: None,
        kind: kind.into(),
        object_type: object_type.into(),
        object_id,
        body: body.to_string(),
        created_at: tx.now(),
    };
    let mut readers = readers.to_vec();
    readers.sort_unstable();
    readers.dedup();
    let reader = |id: &Id| (feed_reader::event_id.eq(event.id), feed_reader::organisation_id.eq(*id));
    let readers: Vec<_> = readers.iter().map(reader).collect();
    let event = diesel::insert_into(feed_event::table).values(&event);
    match &mut *tx.conn {
        AnyConn::Pg(c) => {
            let readers = diesel::insert_into(feed_reader::table).values(&readers);
            Prepared(Together(event, readers)).execute(c)?;
        }
        AnyConn::Sqlite(c) => {
            event.execute(c)?;
            for reader in readers {
                diesel::insert_into(feed_reader::table).values(reader).execute(c)?;
            }
        }
    }
    db::due(Work::Event);
    Ok(())
}

/// Whose events somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    /// Those for one organisation.
    Of(Id),
    /// Those for the hospitals of a region and for the authority itself.
    Region {
        /// The authority.
        own: Id,
        /// What it looks after.
        region: Region,
    },
}

/// The events that `readers` may see behind position `after` (0 for the beginning), in order, at most `limit`.
pub fn read(conn: &mut AnyConn, readers: &Readers, after: i64, limit: i64) -> Result<Vec<Event>> {
    let mut query = feed_event::table.filter(feed_event::position.gt(after)).into_boxed();
    match readers {
        Readers::Of(own) => {
            let own = feed_reader::table
                .filter(feed_reader::organisation_id.eq(*own))
                .select(feed_reader::event_id);
            query = query.filter(feed_event::id.eq_any(own));
        }
        // The province: everything, also what concerns no hospital.
        Readers::Region { region: Region::Province, .. } => {}
        Readers::Region { own, region } => {
            let of = feed_reader::organisation_id
                .eq(*own)
                .or(feed_reader::organisation_id.eq_any(region.hospitals()));
            let events = feed_reader::table.filter(of).select(feed_reader::event_id);
            query = query.filter(feed_event::id.eq_any(events));
        }
    }
    Ok(query.order(feed_event::position).limit(limit).select(Event::as_select()).load(conn)?)
}

/// Gives positions to committed events that have none; returns how many got one. Right on any number of instances: the unique
/// position lets one of two that run at once fail.
pub async fn place(db: &Db) -> Result<usize> {
    let mut placed = 0;
    loop {
        let waiting: i64 = db
            .read(|conn| {
                Ok(feed_event::table
                    .filter(feed_event::position.is_null())
                    .limit(1)
                    .count()
                    .get_result(conn)?)
            })
            .await?;
        if waiting == 0 {
            return Ok(placed);
        }
        match db.write_unaudited("feed.place", place_batch).await {
            Ok(n) => placed += n,
            // Another instance was quicker.
            Err(Error::Busy) => return Ok(placed),
            Err(error) if error.is_unique_violation() => return Ok(placed),
            Err(error) => return Err(error),
        }
    }
}

fn place_batch(conn: &mut AnyConn) -> Result<usize> {
    let last: Option<Option<i64>> = feed_event::table
        .filter(feed_event::position.is_not_null())
        .order(feed_event::position.desc())
        .select(feed_event::position)
        .first(conn)
        .optional()?;
    let mut position = last.flatten().unwrap_or(0);
    let events: Vec<Id> = feed_event::table
        .filter(feed_event::position.is_null())
        .order((feed_event::created_at, feed_event::id))
        .limit(BATCH)
        .select(feed_event::id)
        .load(conn)?;
    for id in &events {
        position += 1;
        let changed = diesel::update(feed_event::table.find(id).filter(feed_event::position.is_null()))
            .set(feed_event::position.eq(Some(position)))
            .execute(conn)?;
        if changed == 0 {
            // Another instance placed it in between; nothing of this batch is kept.
            return Err(Error::Busy);
        }
    }
    Ok(events.len())
}

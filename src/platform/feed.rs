//! The change feed: what happened, in an order that never changes, for the systems of those whom it concerns.
//!
//! [`emit`] stores an event in the write that causes it, without a position: a number or a time taken before the commit would
//! let a slow write appear behind a reader's back. One task ([`place`]) gives positions to committed events only.

use diesel::prelude::*;
use serde_json::Value;

use super::db::{self, Db, Prepared, Together, Tx, Work};
use super::error::{Error, Refusal, Result};
use super::schema::{feed_event, feed_reader};
use super::sql::{AnyConn, Id, Time};
use super::who::Region;

/// Events that get their positions in one write.
const BATCH: i64 = 500;
/// Positions that are looked through at once for whoever reads of a whole region.
const WINDOW: i64 = 10_000;

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

/// A part of the feed.
#[derive(Debug, Clone)]
pub struct Part {
    /// The events, in their order.
    pub events: Vec<Event>,
    /// Where to go on.
    pub next: i64,
}

/// The events that `readers` may see behind position `after`, and where to go on: a part may be empty although more follows.
///
/// # Errors
/// 410 `FEED_GONE` where events behind that position are no longer kept.
pub fn part(conn: &mut AnyConn, readers: &Readers, after: i64, limit: i64) -> Result<Part> {
    let first: Option<i64> = feed_event::table.select(diesel::dsl::min(feed_event::position)).first(conn)?;
    if let Some(first) = first.filter(|first| after > 0 && after < first - 1) {
        let detail = format!(
            "该位置之后的记录已超过保存期限，现存最早的位置为 {first}。请不带 after 从头读取，并核对此前的业务数据。"
        );
        return Err(Refusal::new(410, "FEED_GONE", detail).into());
    }
    // From the beginning means from what is kept on.
    let after = if after == 0 { first.map_or(0, |first| first - 1) } else { after };
    let events = read(conn, readers, after, limit)?;
    let found = events.last().and_then(|event| event.position).unwrap_or(after);
    let whole = !matches!(readers, Readers::Region { region, .. } if *region != Region::Province);
    let full = usize::try_from(limit).is_ok_and(|limit| events.len() >= limit);
    if whole || full {
        return Ok(Part { events, next: found });
    }
    let last: Option<i64> = feed_event::table.select(diesel::dsl::max(feed_event::position)).first(conn)?;
    let until = after.saturating_add(WINDOW);
    let more = last.is_some_and(|last| last > until);
    Ok(Part { events, next: if more { until } else { found } })
}

/// The events that `readers` may see behind position `after` (0 for the beginning), in order, at most `limit`; for a region
/// those of the next [`WINDOW`] positions.
pub fn read(conn: &mut AnyConn, readers: &Readers, after: i64, limit: i64) -> Result<Vec<Event>> {
    let behind = feed_event::table.filter(feed_event::position.gt(after));
    let events = match readers {
        // From the reader's own position on, by the index: what was read before is not looked at again.
        Readers::Of(own) => feed_reader::table
            .inner_join(feed_event::table.on(feed_event::id.eq(feed_reader::event_id)))
            .filter(feed_reader::organisation_id.eq(*own))
            .filter(feed_reader::position.gt(after))
            .order(feed_reader::position)
            .limit(limit)
            .select(Event::as_select())
            .load(conn)?,
        // The province: everything, also what concerns no hospital.
        Readers::Region { region: Region::Province, .. } => {
            behind.order(feed_event::position).limit(limit).select(Event::as_select()).load(conn)?
        }
        Readers::Region { own, region } => {
            let until = after.saturating_add(WINDOW);
            let of = feed_reader::organisation_id
                .eq(*own)
                .or(feed_reader::organisation_id.eq_any(region.hospitals()));
            let here = feed_reader::position.gt(after).and(feed_reader::position.le(until));
            let events = feed_reader::table.filter(of).filter(here).select(feed_reader::event_id);
            behind
                .filter(feed_event::position.le(until))
                .filter(feed_event::id.eq_any(events))
                .order(feed_event::position)
                .limit(limit)
                .select(Event::as_select())
                .load(conn)?
        }
    };
    Ok(events)
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
    let position = feed_event::table
        .filter(feed_event::id.eq(feed_reader::event_id))
        .select(feed_event::position)
        .single_value();
    diesel::update(feed_reader::table.filter(feed_reader::event_id.eq_any(&events)))
        .set(feed_reader::position.eq(position))
        .execute(conn)?;
    Ok(events.len())
}

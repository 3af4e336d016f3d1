//! The change feed as JSON: what happened, for the systems of those whom it concerns.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::feed::{self, Event, Readers};
use crate::platform::http::number::shown;
use crate::platform::http::paging::Paging;
use crate::platform::http::{Query, operation, reply};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::guard::AnyUser;
use crate::platform::who::{Principal, Region};

/// Where to go on.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `next` of the answer before; from the beginning where nothing is said.
    pub after: Option<String>,
    /// Events wanted, 1 to 200; 50 where nothing is said.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    pub limit: Option<String>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedEvent {
    /// Its key: anyone who reads an event twice after a crash knows it again.
    pub id: Id,
    /// Its place in the feed; ascending, with gaps where others' events stand.
    pub position: i64,
    /// What happened, such as `order.submitted`.
    pub kind: String,
    /// Table of the object.
    pub object_type: String,
    /// Key of the object.
    pub object_id: Id,
    /// When it happened, in real time.
    pub at: Time,
    /// What there is to know about it.
    #[schema(value_type = Object)]
    pub body: Value,
}

/// A part of the feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedPage {
    /// The events, in their order.
    pub items: Vec<FeedEvent>,
    /// `after` of the next request. Always given, also at the end of the feed: keep it and ask again later.
    pub next: String,
}

/// What happened to the caller's organisation behind a position, in an order that never changes. Agency and provincial bureau
/// see everything, a bureau of a city or a county what concerns the hospitals of its region.
///
/// # Errors
/// 410 where events behind that position are no longer kept; 422 naming `after` or `limit`.
#[operation(responses(
    (status = 200, description = "Events, and where to go on", body = FeedPage),
    (status = 410, description = "FEED_GONE: read from the beginning again"),
    (status = 422, description = "INVALID"),
))]
pub async fn feed(who: AnyUser, db: Data<Db>, asked: Query<Asked>) -> Result<HttpResponse> {
    let asked = asked.into_inner();
    let after = position(asked.after.as_deref())?;
    let limit = Paging { after: None, limit: asked.limit }.limit()?;
    let principal = who.0;
    let part = db
        .read(move |c| {
            let readers = readers(c, &principal)?;
            feed::part(c, &readers, after, limit)
        })
        .await?;
    let items = part.events.into_iter().map(shown_event).collect::<Result<Vec<_>>>()?;
    Ok(reply::ok(&FeedPage { items, next: part.next.to_string() }))
}

fn position(after: Option<&str>) -> Result<i64> {
    let Some(text) = after.filter(|text| !text.is_empty()) else { return Ok(0) };
    match text.parse() {
        Ok(position) if position >= 0 => Ok(position),
        _ => {
            let detail = format!("after 应取自上一次返回的 next，您填的是 {}", shown(text));
            Err(Refusal::field("/after", detail).into())
        }
    }
}

/// Whose events somebody may see.
fn readers(conn: &mut AnyConn, who: &Principal) -> Result<Readers> {
    let own = who.organisation;
    Ok(Region::of(conn, who)?.map_or(Readers::Of(own), |region| Readers::Region { own, region }))
}

fn shown_event(event: Event) -> Result<FeedEvent> {
    Ok(FeedEvent {
        id: event.id,
        position: event.position.ok_or_else(|| Error::internal("an event without a position"))?,
        kind: event.kind,
        object_type: event.object_type,
        object_id: event.object_id,
        at: event.created_at,
        body: serde_json::from_str(&event.body).map_err(Error::internal)?,
    })
}

//! The procedure's clock as JSON: everybody reads it, also without an account and also an organisation's system,
//! because deadlines go by it; officers move it in demo and training.

use actix_web::HttpResponse;
use actix_web::web::Data;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::pages::clock::only_in_training;
use crate::platform::clock::{self, Clock};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::{Json, Site, number, operation, reply};
use crate::platform::idempotency::Key;
use crate::platform::sql::Time;
use crate::platform::who::guard::{Anyone, ProvinceOfficer};

/// The procedure's time.
#[derive(Debug, Serialize, ToSchema)]
pub struct LegalClock {
    /// The instant whose day decides on prices and deadlines.
    pub now: Time,
    /// Its day in Shanghai.
    pub day: NaiveDate,
    /// Real time.
    pub real: Time,
    /// Whether officers may move it here.
    pub movable: bool,
}

/// Where to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveClock {
    /// RFC 3339 with an offset, later than the procedure's time.
    #[schema(format = DateTime)]
    pub to: String,
}

/// The procedure's time.
///
/// # Errors
/// Of the database.
#[operation(responses((status = 200, description = "The procedure's time", body = LegalClock)))]
pub async fn show(_: Anyone, db: Data<Db>, site: Data<Site>, clock: Data<Clock>) -> Result<HttpResponse> {
    let real = clock.now();
    let now = db.read(move |c| clock::legal_now(c, real)).await?;
    Ok(reply::ok(&LegalClock { now, day: now.day(), real, movable: site.clock_page.is_some() }))
}

/// Moves the procedure's time forward, in demo and training only.
///
/// # Errors
/// 400 without an idempotency key, 403, 404 in production, 422 for a time that is past or cannot be read.
#[operation(responses(
    (status = 200, description = "The procedure's time from now on", body = LegalClock),
    (status = 404, description = "NOT_FOUND, in production"),
    (status = 422, description = "CLOCK_FORWARD_ONLY or INVALID"),
))]
pub async fn advance(
    who: ProvinceOfficer,
    db: Data<Db>,
    site: Data<Site>,
    key: Key,
    Json(given): Json<MoveClock>,
) -> Result<HttpResponse> {
    only_in_training(&site)?;
    let to = Time::parse(given.to.trim()).ok_or_else(|| {
        let typed = number::shown(&given.to);
        Refusal::field("/to", format!("新的法定时间应写成 2024-08-06T09:00:00+08:00，您填的是 {typed}"))
    })?;
    let now = super::clock::advance(&db, &who.actor(), to, key).await?;
    Ok(reply::ok(&LegalClock { now, day: now.day(), real: who.received_at, movable: true }))
}

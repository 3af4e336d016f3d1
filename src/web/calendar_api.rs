//! The notices on holidays as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::policy_api::Turned;
use crate::platform::calendar::notice::{self, CalendarNotice, NewNotice};
use crate::platform::calendar::{self, Days};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, operation};
use crate::platform::idempotency::Key;
use crate::platform::sql::Id;
use crate::platform::who::guard::{Authority, ProvinceOfficer};
use crate::rules::calendar::Notice;

/// What is known of the days that are worked.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnownCalendar {
    /// Due days beyond this one are provisional.
    pub settled_until: Option<NaiveDate>,
    /// The notices that count, in the order of issue; of two that name a day the later wins.
    pub notices: Vec<CountingNotice>,
    /// What was brought, the newest first, with what waits for a second officer.
    pub proposals: Vec<CalendarNotice>,
}

/// A notice that counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountingNotice {
    /// Its number.
    pub number: String,
    /// The day of issue.
    pub issued: NaiveDate,
    /// The year whose holidays it arranges; none where it only changes single days.
    pub arranges: Option<i32>,
    /// Days off.
    pub days_off: Days,
    /// Days that are worked.
    pub days_worked: Days,
}

impl CountingNotice {
    fn of(notice: &Notice) -> Self {
        Self {
            number: notice.number.clone(),
            issued: notice.issued,
            arranges: notice.year,
            days_off: Days(notice.of_kind(false).collect()),
            days_worked: Days(notice.of_kind(true).collect()),
        }
    }
}

/// The notices on holidays that count, until when days are settled, and what waits.
///
/// # Errors
/// 403 for anybody but agency and bureaus.
#[operation(responses((status = 200, description = "The calendar", body = KnownCalendar)))]
pub async fn show(_who: Authority, db: Data<Db>) -> Result<HttpResponse> {
    let (calendar, proposals) = db.read(|c| Ok((calendar::current(c)?, notice::latest(c)?))).await?;
    let notices = calendar.notices().iter().map(CountingNotice::of).collect();
    Ok(reply::ok(&KnownCalendar { settled_until: calendar.settled_until(), notices, proposals }))
}

/// Brings a notice; a second officer confirms it.
///
/// # Errors
/// 400 without an idempotency key, 403, 409 `NOTICE_KNOWN`, 422 naming the member that is wrong.
#[operation(responses(
    (status = 201, description = "It waits for a second officer", body = CalendarNotice),
    (status = 409, description = "NOTICE_KNOWN"),
    (status = 422, description = "INVALID"),
))]
pub async fn propose(
    who: ProvinceOfficer,
    db: Data<Db>,
    key: Key,
    Json(new): Json<NewNotice>,
) -> Result<HttpResponse> {
    let row = notice::propose(&db, &who, new, Some(key)).await?;
    Ok(reply::created(&format!("/api/v1/calendar/notices/{}", row.id), row.version, &row))
}

/// A notice that was brought.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "The notice", body = CalendarNotice),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn one(_who: Authority, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let id = *id;
    let row = db.read(move |c| notice::find(c, id)).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Puts a notice in force; provisional due days are counted again.
///
/// # Errors
/// 403 `SAME_PERSON` for who brought it, 404, 409 for a stale version or a decided one.
#[operation(responses(
    (status = 200, description = "It counts from now on", body = CalendarNotice),
    (status = 403, description = "SAME_PERSON"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn confirm(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    seen: IfMatch,
) -> Result<HttpResponse> {
    let row = notice::confirm(&db, &who, *id, seen.0).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Turns a notice down, or takes one's own back.
///
/// # Errors
/// 403, 404, 409 for a stale version or a decided one, 422 without a reason.
#[operation(responses(
    (status = 200, description = "It will not count", body = CalendarNotice),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn reject(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    seen: IfMatch,
    Json(given): Json<Turned>,
) -> Result<HttpResponse> {
    let row = notice::reject(&db, &who, *id, seen.0, &given.reason).await?;
    Ok(reply::versioned(row.version, &row))
}

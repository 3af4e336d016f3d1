//! Standing lists as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::keep;
use super::model::{ListLine, ListRecord, StandingList};
use super::show::{self, ListView};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::PageOf;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, operation};
use crate::platform::idempotency::Key;
use crate::platform::sql::Id;
use crate::platform::who::guard::{Hospital, HospitalBuyer};

/// A list to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveList {
    /// What it is called, 1 to 40 characters; no two lists of a hospital are called the same.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
    /// Its drugs, 1 to 600, each once.
    #[schema(min_items = 1, max_items = 600)]
    pub lines: Vec<ListLine>,
}

/// Another name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameList {
    /// The new name, 1 to 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
}

/// The hospital's standing lists, by name.
///
/// # Errors
/// 403.
#[operation(responses(
    (status = 200, description = "All of them on one page", body = PageOf<StandingList>),
))]
pub async fn lists(who: Hospital, db: Data<Db>) -> Result<HttpResponse> {
    Ok(reply::ok(&PageOf { items: show::lists(&db, &who).await?, next: None }))
}

/// A standing list with its drugs and their prices on the legal day.
///
/// # Errors
/// 403, 404.
#[operation(responses(
    (status = 200, description = "The list", body = ListView),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn one(who: Hospital, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let view = show::one(&db, &who, *id).await?;
    Ok(reply::versioned(view.list.version, &view))
}

/// Saves a standing list.
///
/// # Errors
/// 400 without an idempotency key, 403, 422.
#[operation(responses(
    (status = 201, description = "Saved", body = ListRecord),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn save(
    who: HospitalBuyer,
    db: Data<Db>,
    key: Key,
    Json(input): Json<SaveList>,
) -> Result<HttpResponse> {
    let answer = keep::save(&db, &who, key, &input.name, input.lines).await?;
    let id = answer.body.get("id").and_then(|id| id.as_str()).unwrap_or_default();
    Ok(reply::created(&format!("/api/v1/standing-lists/{id}"), answer.version(), &answer.body))
}

/// Gives a standing list another name.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Renamed", body = ListRecord),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION"),
    (status = 422, description = "INVALID"),
))]
pub async fn rename(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<RenameList>,
) -> Result<HttpResponse> {
    let record = keep::rename(&db, &who, *id, version.0, &input.name).await?;
    Ok(reply::versioned(record.list.version, &record))
}

/// Deletes a standing list; orders and the basket keep what was taken from it.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION"),
))]
pub async fn delete(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse> {
    keep::delete(&db, &who, *id, version.0).await?;
    Ok(reply::nothing())
}

//! Delivery addresses and appointments as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::address::{self, AddressInput};
use super::appointment;
use super::model::{Appointment, DeliveryAddress};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::PageOf;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, operation};
use crate::platform::idempotency::{Answer, Key};
use crate::platform::sql::Id;
use crate::platform::who::guard::{Hospital, ManufacturerClerk};

/// All delivery addresses of the hospital, the default first.
///
/// # Errors
/// 403.
#[operation(responses(
    (status = 200, description = "All of them on one page", body = PageOf<DeliveryAddress>),
))]
pub async fn addresses(who: Hospital, db: Data<Db>) -> Result<HttpResponse> {
    Ok(reply::ok(&PageOf { items: address::list(&db, &who).await?, next: None }))
}

/// Adds a delivery address.
///
/// # Errors
/// 400 without an idempotency key, 403, 422.
#[operation(responses(
    (status = 201, description = "Added", body = DeliveryAddress),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn add_address(
    who: Hospital,
    db: Data<Db>,
    key: Key,
    Json(input): Json<AddressInput>,
) -> Result<HttpResponse> {
    let answer = address::add_once(&db, &who, key, input).await?;
    Ok(reply::created(&location("addresses", &answer, "id"), answer.version(), &answer.body))
}

/// The address of what was made.
fn location(of: &str, answer: &Answer, key: &str) -> String {
    let id = answer.body.get(key).and_then(|id| id.as_str()).unwrap_or_default();
    format!("/api/v1/{of}/{id}")
}

/// Changes a delivery address; orders keep what they copied.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Changed", body = DeliveryAddress),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION"),
    (status = 422, description = "INVALID"),
))]
pub async fn change_address(
    who: Hospital,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<AddressInput>,
) -> Result<HttpResponse> {
    let row = address::change(&db, &who, *id, version.0, input).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Deletes a delivery address; orders keep what they copied.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION"),
))]
pub async fn delete_address(
    who: Hospital,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse> {
    address::delete(&db, &who, *id, version.0).await?;
    Ok(reply::nothing())
}

/// A distributor that delivers for the enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedDistributor {
    /// The appointment.
    #[serde(flatten)]
    pub appointment: Appointment,
    /// The distributor's name.
    pub distributor: String,
    /// Its city.
    pub city: String,
}

/// Which distributor.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Appoint {
    /// The distributor.
    pub distributor_id: Id,
}

/// The distributors that the enterprise has named.
///
/// # Errors
/// 403.
#[operation(responses(
    (status = 200, description = "All of them on one page", body = PageOf<NamedDistributor>),
))]
pub async fn distributors(who: ManufacturerClerk, db: Data<Db>) -> Result<HttpResponse> {
    let named = appointment::list(&db, &who).await?.into_iter().map(|(appointment, organisation)| {
        NamedDistributor { appointment, distributor: organisation.name, city: organisation.city }
    });
    Ok(reply::ok(&PageOf { items: named.collect(), next: None }))
}

/// Names a distributor.
///
/// # Errors
/// 400 without an idempotency key, 403, 404, 409, 422.
#[operation(responses(
    (status = 201, description = "Named", body = Appointment),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "WRONG_STATE"),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn appoint(
    who: ManufacturerClerk,
    db: Data<Db>,
    key: Key,
    Json(input): Json<Appoint>,
) -> Result<HttpResponse> {
    let answer = appointment::appoint_once(&db, &who, key, input.distributor_id).await?;
    Ok(reply::created(&location("distributors", &answer, "distributor_id"), answer.version(), &answer.body))
}

/// Ends an appointment; orders already submitted stay with the distributor.
///
/// # Errors
/// 403, 404.
#[operation(params(("id" = Id, Path, description = "The distributor")), responses(
    (status = 204, description = "Ended"),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn end(who: ManufacturerClerk, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    appointment::end(&db, &who, *id).await?;
    Ok(reply::nothing())
}

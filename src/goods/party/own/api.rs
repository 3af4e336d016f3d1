//! An organisation's own data as JSON.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::Own;
use crate::party::contact::{self, ContactInput, OrderContact};
use crate::party::model::Organisation;
use crate::platform::attachment::Attachment;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::PageOf;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, Upload, operation};
use crate::platform::who::guard::{AnyUser, OrgAdmin};

/// An organisation with its licences.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOrganisation {
    /// What is registered.
    #[serde(flatten)]
    pub organisation: Organisation,
    /// The licences it handed in.
    pub files: Vec<Attachment>,
    /// Whom the other side of an order calls; none where nobody was named.
    pub contact: Option<OrderContact>,
}

impl OwnOrganisation {
    pub(in crate::party) fn answer(Own { organisation, files, contact }: Own) -> HttpResponse {
        reply::versioned(organisation.version, &Self { organisation, files, contact })
    }
}

/// The organisation that the account belongs to, with its licences.
///
/// # Errors
/// 401.
#[operation(responses((status = 200, description = "The organisation", body = OwnOrganisation)))]
pub async fn show(who: AnyUser, db: Data<Db>) -> Result<HttpResponse> {
    Ok(OwnOrganisation::answer(super::show(&db, &who).await?))
}

/// Names whom the other side of an order calls; `If-Match: "0"` where nobody was named.
///
/// # Errors
/// 403, 409, 422.
#[operation(responses(
    (status = 200, description = "Named", body = OrderContact),
    (status = 409, description = "STALE_VERSION"),
    (status = 422, description = "INVALID"),
))]
pub async fn set_contact(
    who: OrgAdmin,
    db: Data<Db>,
    version: IfMatch,
    Json(input): Json<ContactInput>,
) -> Result<HttpResponse> {
    let row = contact::set(&db, &who, version.0, input).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Files to hand in.
#[derive(ToSchema)]
#[allow(dead_code)]
pub struct Files {
    /// PDF, OFD, PNG, JPEG, xlsx or docx; 20 MiB together.
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<String>,
}

/// Hands in licences.
///
/// # Errors
/// 403, 413, 415, 422.
#[operation(request_body(content = Files, content_type = "multipart/form-data"), responses(
    (status = 201, description = "Kept", body = PageOf<Attachment>),
    (status = 413, description = "TOO_LARGE"),
    (status = 415, description = "UNSUPPORTED_MEDIA_TYPE"),
    (status = 422, description = "INVALID"),
))]
pub async fn add_files(who: OrgAdmin, db: Data<Db>, upload: Upload) -> Result<HttpResponse> {
    let items = super::add_files(&db, &who, &upload).await?;
    Ok(reply::json(201, &PageOf { items, next: None }))
}

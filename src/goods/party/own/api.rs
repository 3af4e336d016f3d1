//! An organisation's own data as JSON.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::party::model::Organisation;
use crate::platform::attachment::Attachment;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::PageOf;
use crate::platform::http::{Upload, operation, reply};
use crate::platform::who::guard::{AnyUser, OrgAdmin};

/// An organisation with its licences.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOrganisation {
    /// What is registered.
    #[serde(flatten)]
    pub organisation: Organisation,
    /// The licences it handed in.
    pub files: Vec<Attachment>,
}

/// The organisation that the account belongs to, with its licences.
///
/// # Errors
/// 401.
#[operation(responses((status = 200, description = "The organisation", body = OwnOrganisation)))]
pub async fn show(who: AnyUser, db: Data<Db>) -> Result<HttpResponse> {
    let (organisation, files) = super::show(&db, &who).await?;
    Ok(reply::versioned(organisation.version, &OwnOrganisation { organisation, files }))
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

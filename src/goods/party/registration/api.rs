//! Applications as JSON, for officers' own systems.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::decide::{self, Decision};
use super::model::{Registration, RegistrationState};
use super::store::{self, Ended};
use crate::platform::attachment::Attachment;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, Query, operation};
use crate::platform::sql::Id;
use crate::platform::who::guard::ProvinceOfficer;

/// What a list is narrowed to.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RegistrationFilter {
    /// Only in this state.
    pub state: Option<RegistrationState>,
    /// Part of the name, the number or the credit code.
    #[param(pattern = r"^\s*([^\s\x00]{1,60}(\s+[^\s\x00]{1,60}){0,5}\s*)?$")]
    pub q: Option<String>,
}

/// An application with its evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct WithFiles {
    /// The application.
    #[serde(flatten)]
    pub registration: Registration,
    /// The evidence; see `/api/v1/files/{id}`.
    pub files: Vec<Attachment>,
}

/// Submitted applications, the newest first.
///
/// # Errors
/// 403, 422.
#[operation(responses((status = 200, description = "A page", body = PageOf<Registration>)))]
pub async fn list(
    _: ProvinceOfficer,
    db: Data<Db>,
    filter: Query<RegistrationFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse> {
    let (limit, after) = (paging.limit()?, paging.after::<Ended>()?);
    let (state, words) = (filter.state, filter.q.clone().unwrap_or_default());
    let rows = db.read(move |c| store::list(c, state, words.trim(), after, limit + 1)).await?;
    Ok(reply::ok(&PageOf::new(rows, limit, |r| (r.submitted_at, r.id))))
}

/// One application with its evidence.
///
/// # Errors
/// 403, 404.
#[operation(responses(
    (status = 200, description = "The application", body = WithFiles),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn show(who: ProvinceOfficer, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let (registration, files) = decide::show(&db, &who, *id).await?;
    Ok(reply::versioned(registration.version, &WithFiles { registration, files }))
}

/// Decides on an application. Two officers are needed: one approves, another confirms (SD-9).
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Decided", body = Registration),
    (status = 403, description = "OWN_SUBMISSION, SAME_PERSON"),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, WRONG_STATE"),
    (status = 422, description = "INVALID"),
))]
pub async fn decide(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(decision): Json<Decision>,
) -> Result<HttpResponse> {
    let row = decide::decide(&db, &who, *id, version.0, &decision).await?;
    Ok(reply::versioned(row.version, &row))
}

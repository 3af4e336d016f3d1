//! The directory as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::store::{self, Ended, OrganisationFilter};
use super::suspend::{self, StateInput};
use crate::party::model::{OrgState, Organisation};
use crate::party::own::api::OwnOrganisation;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, Query, operation};
use crate::platform::sql::Id;
use crate::platform::who::OrgKind;
use crate::platform::who::guard::{Authority, ProvinceOfficer};

/// What the list is narrowed to.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// Only what is this, first or among others.
    pub kind: Option<OrgKind>,
    /// Only in this state.
    pub state: Option<OrgState>,
    /// Only of this city.
    #[serde(default)]
    pub city: String,
    /// Part of the name or of the credit code.
    #[serde(default)]
    #[param(pattern = r"^\s*([^\s\x00]{1,60}(\s+[^\s\x00]{1,60}){0,5}\s*)?$")]
    pub q: String,
}

/// Organisations by name; a bureau sees those of its region.
///
/// # Errors
/// 403, 422.
#[operation(responses((status = 200, description = "A page", body = PageOf<Organisation>)))]
pub async fn list(
    who: Authority,
    db: Data<Db>,
    asked: Query<Narrowed>,
    paging: Query<Paging>,
) -> Result<HttpResponse> {
    let (limit, after, asked) = (paging.limit()?, paging.after::<Ended>()?, asked.into_inner());
    let filter =
        OrganisationFilter { kind: asked.kind, state: asked.state, city: asked.city, q: asked.q, sort: None };
    let rows = store::list(&db, &who, filter, after, limit + 1).await?;
    Ok(reply::ok(&PageOf::new(rows, limit, Ended::of)))
}

/// One organisation with what it handed in.
///
/// # Errors
/// 403, 404.
#[operation(responses(
    (status = 200, description = "The organisation", body = OwnOrganisation),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn show(who: Authority, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    Ok(OwnOrganisation::answer(store::show(&db, &who, *id).await?))
}

/// Suspends an organisation, or lets it act again; at once.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Changed", body = Organisation),
    (status = 403, description = "OWN_ORGANISATION"),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION, WRONG_STATE"),
    (status = 422, description = "INVALID"),
))]
pub async fn set_state(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<StateInput>,
) -> Result<HttpResponse> {
    let row = suspend::set(&db, &who, *id, version.0, &input).await?;
    Ok(reply::versioned(row.version, &row))
}

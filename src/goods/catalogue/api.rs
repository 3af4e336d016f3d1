//! Products and who owns them, as JSON: an enterprise's own, and the officers' work list.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::claim::{self, Claim, EnterpriseCode, Verdict};
use super::mine::{self, Owned};
use super::proposal::{self, Changed, ProductPatch, ProductProposal};
use super::worklist::{self, WorkList};
use crate::catalogue::Product;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::upload::Upload;
use crate::platform::http::{Json, Query, operation};
use crate::platform::sql::Id;
use crate::platform::who::guard::{AgencyOfficer, Manufacturer, ManufacturerClerk};

/// The enterprise's own products with their codes.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "A page", body = PageOf<Owned>)))]
pub async fn my_products(who: Manufacturer, db: Data<Db>, paging: Query<Paging>) -> Result<HttpResponse> {
    let (after, limit) = (paging.after::<(String, Id)>()?, paging.limit()?);
    let owner = who.organisation;
    let rows = db.read(move |conn| mine::products(conn, owner, after, limit + 1)).await?;
    Ok(reply::ok(&PageOf::new(rows, limit, |o| (o.product.sort_key.clone(), o.product.id))))
}

/// The enterprise codes that are the organisation's.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "All of them", body = PageOf<EnterpriseCode>)))]
pub async fn my_codes(who: Manufacturer, db: Data<Db>) -> Result<HttpResponse> {
    let owner = who.organisation;
    let items = db.read(move |conn| claim::codes_of(conn, owner)).await?;
    Ok(reply::ok(&PageOf { items, next: None }))
}

/// The organisation's claims.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "The latest first", body = PageOf<Claim>)))]
pub async fn my_claims(who: Manufacturer, db: Data<Db>) -> Result<HttpResponse> {
    let owner = who.organisation;
    let items = db.read(move |conn| claim::of_organisation(conn, owner)).await?;
    Ok(reply::ok(&PageOf { items, next: None }))
}

/// One own claim; another organisation's is not found.
///
/// # Errors
/// 403, 404.
#[operation(responses(
    (status = 200, description = "The claim", body = Claim),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn my_claim(who: Manufacturer, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let (owner, id) = (who.organisation, id.into_inner());
    let row = db.read(move |conn| claim::find(conn, Some(owner), id)).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Claims an enterprise code: fields `code` and `note`, evidence in `evidence` (multipart/form-data).
///
/// # Errors
/// 403, 409, 422.
#[operation(request_body(content = Vec<u8>, content_type = "multipart/form-data"), responses(
    (status = 201, description = "Claimed", body = Claim),
    (status = 409, description = "WRONG_STATE"),
    (status = 422, description = "INVALID"),
))]
pub async fn make_claim(who: ManufacturerClerk, db: Data<Db>, upload: Upload) -> Result<HttpResponse> {
    let kept = upload.keep(&db, who.received_at, "evidence").await?;
    let row = claim::claim(&db, &who, upload.form.value("code"), upload.form.value("note"), kept).await?;
    Ok(reply::created(&format!("/api/v1/my/claims/{}", row.id), row.version, &row))
}

/// Takes an own claim back.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses((status = 200, description = "Withdrawn", body = Claim)))]
pub async fn withdraw(who: ManufacturerClerk, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    Ok(reply::ok(&claim::withdraw(&db, &who, id.into_inner()).await?))
}

/// What waits for an officer.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "The list", body = WorkList)))]
pub async fn work(_: AgencyOfficer, db: Data<Db>) -> Result<HttpResponse> {
    Ok(reply::ok(&db.read(worklist::read).await?))
}

/// What an officer decides on a claim.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// Whether the code is the claimant's.
    pub confirm: bool,
    /// Why not.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

/// Decides a claim.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Decided", body = Claim),
    (status = 409, description = "WRONG_STATE"),
))]
pub async fn judge(
    who: AgencyOfficer,
    db: Data<Db>,
    id: Path<Id>,
    Json(input): Json<Judgement>,
) -> Result<HttpResponse> {
    let verdict = if input.confirm { Verdict::Confirm } else { Verdict::Refuse(input.reason) };
    Ok(reply::ok(&claim::judge(&db, &who, id.into_inner(), verdict).await?))
}

/// A change of a product.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductChange {
    /// What changes.
    pub changes: ProductPatch,
    /// Why.
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

/// Changes a product; where prices or the owner hang on it, another officer must confirm.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Changed, or proposed", body = Changed),
    (status = 422, description = "INVALID"),
))]
pub async fn change(
    who: AgencyOfficer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<ProductChange>,
) -> Result<HttpResponse> {
    let done = proposal::change(&db, &who, id.into_inner(), version.0, input.changes, &input.reason).await?;
    Ok(reply::ok(&done))
}

/// What another officer says to a proposed change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalDecision {
    /// Whether it is carried out.
    pub confirm: bool,
}

/// Confirms or refuses a proposed change.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 200, description = "Decided", body = ProductProposal),
    (status = 403, description = "FOUR_EYES"),
))]
pub async fn decide(
    who: AgencyOfficer,
    db: Data<Db>,
    id: Path<Id>,
    Json(input): Json<ProposalDecision>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&proposal::decide(&db, &who, id.into_inner(), input.confirm).await?))
}

/// Where a product whose strength could not be read belongs.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The three-same group; none where it stays a group of its own.
    #[serde(default)]
    pub group_id: Option<Id>,
    /// What says so.
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

/// Confirms or moves a group that was proposed (INJ-3.1).
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Settled", body = Product),
    (status = 422, description = "INVALID"),
))]
pub async fn settle(
    who: AgencyOfficer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<Settlement>,
) -> Result<HttpResponse> {
    let done = worklist::settle(&db, &who, id.into_inner(), version.0, input.group_id, &input.reason).await?;
    Ok(reply::versioned(done.version, &done))
}

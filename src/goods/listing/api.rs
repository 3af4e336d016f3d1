//! Products with their prices, as JSON. The catalogue's own routes stand here too, because they show prices.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::ToSchema;

use super::change_price::{self, NewPrice};
use super::explanation::{self, Explained};
use super::find::{self, ProductFilter, ProductView};
use super::office_price::{self, OfficePrice, PriceProposal};
use super::renew::{self, Renewal};
use super::show::{self, ProductDetail, Supplier};
use super::sorted::{self, SortKey};
use super::withdraw::{self, Withdrawal};
use crate::catalogue::search;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::sorting::Sort;
use crate::platform::http::{Json, Query, operation};
use crate::platform::idempotency::{Answer, Key};
use crate::platform::policy::Policies;
use crate::platform::sql::Id;
use crate::platform::who::guard::{AgencyOfficer, AnyUser, ManufacturerClerk, ProvinceOfficer};

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Generic name, trade name, brand, enterprise, code or pinyin initials; several words must all hold.
    #[serde(default)]
    #[param(pattern = r"^\s*([^\s\x00]{1,60}(\s+[^\s\x00]{1,60}){0,5}\s*)?$")]
    pub q: String,
    /// `next` of the page before.
    pub after: Option<String>,
    /// `name`, `maker` or `price`, with `-` before it the other way round; the most relevant first where it is missing. For up
    /// to 2,000 products found.
    #[param(value_type = Option<String>, pattern = "^-?(name|maker|price)$")]
    pub sort: Option<Sort<SortKey>>,
    /// Products wanted, 1 to 50.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 50)]
    pub limit: Option<String>,
}

/// Looks for products, the most relevant first or sorted, with their prices on the legal day.
///
/// # Errors
/// 400 for a foreign cursor, 422 for too many words, or where too much is found to be sorted.
#[operation(responses(
    (status = 200, description = "A page", body = PageOf<ProductView>),
    (status = 422, description = "INVALID, TOO_MANY_TO_SORT"),
))]
pub async fn products(who: AnyUser, db: Data<Db>, asked: Query<Asked>) -> Result<HttpResponse> {
    let asked = asked.into_inner();
    let limit = Paging { after: None, limit: asked.limit }.limit()?;
    let limit = usize::try_from(limit).unwrap_or(search::PAGE).min(search::PAGE);
    let query = search::Query { text: asked.q, after: asked.after.filter(|a| !a.is_empty()), limit };
    let Some(sort) = asked.sort else {
        return Ok(reply::ok(&find::find(&db, query, who.received_at).await?));
    };
    match sorted::find(&db, query, ProductFilter::default(), sort, who.received_at).await? {
        Some(found) => Ok(reply::ok(&found)),
        None => Err(too_many_to_sort().into()),
    }
}

fn too_many_to_sort() -> Refusal {
    let detail = format!("找到的药品超过 {} 个，不能排序；请缩小查找范围，或去掉 sort。", sorted::MOST);
    Refusal::new(422, "TOO_MANY_TO_SORT", detail)
}

/// A product with its listing, prices, packs until the switch, suppliers, and alternatives where it is marked.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "The product", body = ProductDetail),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn product(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let detail = show::show(&db, *id, who.received_at).await?;
    Ok(reply::versioned(detail.listing_version.unwrap_or(0), &detail))
}

/// The same by its listing.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "The product", body = ProductDetail),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn listing(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let detail = show::show_listing(&db, *id, who.received_at).await?;
    Ok(reply::versioned(detail.listing_version.unwrap_or(0), &detail))
}

/// Which price.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// An earlier or later price; that of the legal day where it is not given.
    pub price: Option<Id>,
}

/// Why the price and the mark are what they are, with the input for `jicai rule`.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "The steps", body = Explained),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn explain(who: AnyUser, db: Data<Db>, id: Path<Id>, which: Query<Which>) -> Result<HttpResponse> {
    Ok(reply::ok(&explanation::explain(&db, *id, which.price, who.received_at).await?))
}

/// Who delivers: the enterprise first, then the distributors it named.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "All of them on one page", body = PageOf<Supplier>),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn suppliers(_: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    Ok(reply::ok(&PageOf { items: show::suppliers_of_listing(&db, *id).await?, next: None }))
}

/// The enterprise lowers the price of its product from a day on (INJ-4.2).
///
/// # Errors
/// 400 without an idempotency key, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The product as it is on the legal day", body = ProductDetail),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn cut_price(
    who: ManufacturerClerk,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, seen): (Path<Id>, IfMatch),
    key: Key,
    Json(new): Json<NewPrice>,
) -> Result<HttpResponse> {
    let answer = change_price::change_price_once(&db, &who, &policies, key, (*id, seen.0), new).await?;
    Ok(repriced(&answer))
}

/// An officer of the agency proposes another price of a listing from a day on; it stands once another officer confirms it. A
/// rise never lifts a mark (INJ-4.2).
///
/// # Errors
/// 400 without an idempotency key, 404, 409, 422.
#[operation(responses(
    (status = 201, description = "Proposed", body = PriceProposal),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn propose_price(
    who: AgencyOfficer,
    db: Data<Db>,
    (id, seen): (Path<Id>, IfMatch),
    key: Key,
    Json(new): Json<OfficePrice>,
) -> Result<HttpResponse> {
    let answer = office_price::propose(&db, &who, Some(key), (*id, seen.0), new).await?;
    Ok(reply::created("/api/v1/price-proposals", answer.version(), &answer.body))
}

/// Prices that officers proposed and that wait for another officer, the oldest first.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "All that wait, at most 200", body = PageOf<PriceProposal>)))]
pub async fn price_proposals(_: AgencyOfficer, db: Data<Db>) -> Result<HttpResponse> {
    let items = db.read(|conn| office_price::waiting(conn, None, 200)).await?;
    Ok(reply::ok(&PageOf { items, next: None }))
}

/// What another officer says to a proposed price.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceDecision {
    /// Whether the price is to stand.
    pub confirm: bool,
}

/// Confirms or refuses a proposed price.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "Decided", body = PriceProposal),
    (status = 403, description = "FOUR_EYES"),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "WRONG_STATE"),
    (status = 422, description = "INVALID: its day has passed"),
))]
pub async fn decide_price(
    who: AgencyOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    id: Path<Id>,
    Json(input): Json<PriceDecision>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&office_price::decide(&db, &who, &policies, *id, input.confirm).await?))
}

/// An officer lets an agreement run on, before its end: the agreed price stays until the new last day (INJ-2.3).
///
/// # Errors
/// 400 without an idempotency key, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The product as it is on the legal day", body = ProductDetail),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn renew(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, seen): (Path<Id>, IfMatch),
    key: Key,
    Json(new): Json<Renewal>,
) -> Result<HttpResponse> {
    Ok(repriced(&renew::renew_once(&db, &who, &policies, key, (*id, seen.0), new).await?))
}

/// The enterprise takes back a price of its own that is not in force yet, an officer any; the price before it stays.
///
/// # Errors
/// 400 without an idempotency key, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The product as it is on the legal day", body = ProductDetail),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn withdraw_price(
    who: AnyUser,
    db: Data<Db>,
    (id, seen): (Path<Id>, IfMatch),
    key: Key,
    Json(given): Json<Withdrawal>,
) -> Result<HttpResponse> {
    Ok(repriced(&withdraw::withdraw_once(&db, &who, key, (*id, seen.0), given).await?))
}

/// The product with its listing's version as the ETag.
fn repriced(answer: &Answer) -> HttpResponse {
    let version = answer.body.get("listing_version").and_then(serde_json::Value::as_i64).unwrap_or(0);
    reply::versioned(version, &answer.body)
}

//! Orders as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::draft::{self, Preview};
use super::input::{DraftInput, ReasonInput, SubmitInput};
use super::list::{self, OrderFilter, OrderPage};
use super::show::{self, OrderDetail, OrderView};
use super::{answer, cancel, export, submit, urge};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::Paging;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, Query, operation};
use crate::platform::idempotency::Key;
use crate::platform::policy::Policies;
use crate::platform::sheet;
use crate::platform::sql::Id;
use crate::platform::who::guard::{AnyUser, HospitalBuyer, SupplierClerk};

/// Orders in a sheet at most.
const MOST_EXPORTED: i64 = 20_000;

/// Orders that the caller may see, the latest first; a supplier sees no drafts.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "A page with its sums", body = OrderPage)))]
pub async fn orders(
    who: AnyUser,
    db: Data<Db>,
    filter: Query<OrderFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&list::list(&db, &who, filter.into_inner(), paging.after()?, paging.limit()?).await?))
}

/// The same as a sheet.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "An xlsx file")))]
pub async fn export_orders(who: AnyUser, db: Data<Db>, filter: Query<OrderFilter>) -> Result<HttpResponse> {
    let rows = list::all(&db, &who, filter.into_inner(), MOST_EXPORTED).await?;
    sheet::download("订单", move || export::list(&rows)).await
}

/// Makes a draft at the prices of the legal day.
///
/// # Errors
/// 400 without an idempotency key, 422.
#[operation(responses(
    (status = 201, description = "The draft", body = OrderView),
    (status = 422, description = "INVALID, CODE_STOPPED (INJ-6.1) or IDEMPOTENCY_KEY_REUSED"),
))]
pub async fn create(
    who: HospitalBuyer,
    db: Data<Db>,
    key: Key,
    Json(input): Json<DraftInput>,
) -> Result<HttpResponse> {
    let view = draft::create(&db, &who, Some(key), input).await?.body;
    Ok(reply::created(&format!("/api/v1/orders/{}", view.order.id), view.order.version, &view))
}

/// What an order would be on the legal day, with what its marks ask for (INJ-4.3) and which of its drugs stand on another open
/// order of the hospital. Leaves no trace.
///
/// # Errors
/// 422.
#[operation(responses(
    (status = 200, description = "Lines, sum and risks", body = Preview),
    (status = 422, description = "INVALID or CODE_STOPPED (INJ-6.1)"),
))]
pub async fn preview(
    who: HospitalBuyer,
    db: Data<Db>,
    Json(input): Json<DraftInput>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&draft::preview(&db, &who, input).await?))
}

/// One order with what happened to it. For a draft, with what its marks ask for.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "The order", body = OrderDetail),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn order(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let detail = show::show(&db, &who, *id).await?;
    Ok(reply::versioned(detail.view.order.version, &detail))
}

/// One order as a sheet.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "An xlsx file"),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn export_order(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let detail = show::show(&db, &who, *id).await?;
    let name = format!("订单 {}", detail.view.order.number);
    sheet::download(&name, move || export::one(&detail)).await
}

/// Replaces a draft whole.
///
/// # Errors
/// 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The draft", body = OrderView),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID or CODE_STOPPED (INJ-6.1)"),
))]
pub async fn replace(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<DraftInput>,
) -> Result<HttpResponse> {
    let view = draft::replace(&db, &who, *id, version.0, input).await?;
    Ok(reply::versioned(view.order.version, &view))
}

/// Deletes a draft.
///
/// # Errors
/// 404, 409.
#[operation(responses(
    (status = 204, description = "Deleted"),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn delete(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse> {
    draft::delete(&db, &who, *id, version.0).await?;
    Ok(reply::nothing())
}

/// Submits a draft at the prices of the legal day, which must be those that were shown.
///
/// # Errors
/// 400 without an idempotency key, 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The order, submitted", body = OrderView),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "PRICE_CHANGED with both prices, STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "RISK_ACK_REQUIRED (INJ-4.3) with alternatives, CODE_STOPPED (INJ-6.1), INVALID"),
))]
pub async fn submit(
    who: HospitalBuyer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, seen): (Path<Id>, IfMatch),
    key: Key,
    Json(input): Json<SubmitInput>,
) -> Result<HttpResponse> {
    let view = submit::submit(&db, &who, &policies, Some(key), *id, seen.0, input).await?.body;
    Ok(reply::versioned(view.order.version, &view))
}

/// The supplier will deliver.
///
/// # Errors
/// 404, 409.
#[operation(responses(
    (status = 200, description = "The order, confirmed", body = OrderView),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn confirm(
    who: SupplierClerk,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
) -> Result<HttpResponse> {
    let view = answer::confirm(&db, &who, *id, version.0).await?;
    Ok(reply::versioned(view.order.version, &view))
}

/// The supplier will not deliver, and says why.
///
/// # Errors
/// 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The order, refused", body = OrderView),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID"),
))]
pub async fn refuse(
    who: SupplierClerk,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<ReasonInput>,
) -> Result<HttpResponse> {
    let view = answer::refuse(&db, &who, *id, version.0, &input.reason).await?;
    Ok(reply::versioned(view.order.version, &view))
}

/// The hospital takes a submitted order back before the answer.
///
/// # Errors
/// 404, 409, 422.
#[operation(responses(
    (status = 200, description = "The order, cancelled", body = OrderView),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn cancel(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    version: IfMatch,
    Json(input): Json<ReasonInput>,
) -> Result<HttpResponse> {
    let view = cancel::cancel(&db, &who, *id, version.0, &input.reason).await?;
    Ok(reply::versioned(view.order.version, &view))
}

/// The hospital reminds a supplier that is late with its answer, once a day.
///
/// # Errors
/// 404, 409.
#[operation(responses(
    (status = 200, description = "The order, as it is", body = OrderView),
    (status = 404, description = "NOT_FOUND"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn urge(who: HospitalBuyer, db: Data<Db>, id: Path<Id>, version: IfMatch) -> Result<HttpResponse> {
    let view = urge::urge(&db, &who, *id, version.0).await?;
    Ok(reply::versioned(view.order.version, &view))
}

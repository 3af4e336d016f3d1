//! What officers watch, as JSON.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::marked::{self, MarkedFilter, MarkedPurchases};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::Paging;
use crate::platform::http::{Query, operation, reply};
use crate::platform::sheet;
use crate::platform::who::guard::Authority;

/// Lines in a sheet at most.
const MOST_EXPORTED: i64 = 50_000;

/// Purchases of marked drugs, the latest first, with sums by hospital (INJ-4.3).
///
/// # Errors
/// 403 for anybody but agency and bureaus.
#[operation(responses(
    (status = 200, description = "A page with its sums", body = MarkedPurchases),
    (status = 403, description = "FORBIDDEN"),
))]
pub async fn list(
    who: Authority,
    db: Data<Db>,
    filter: Query<MarkedFilter>,
    paging: Query<Paging>,
) -> Result<HttpResponse> {
    Ok(reply::ok(&marked::marked(&db, &who, filter.into_inner(), paging.after()?, paging.limit()?).await?))
}

/// The same as a sheet.
///
/// # Errors
/// As the list.
#[operation(responses(
    (status = 200, description = "An xlsx file"),
    (status = 403, description = "FORBIDDEN"),
))]
pub async fn export(who: Authority, db: Data<Db>, filter: Query<MarkedFilter>) -> Result<HttpResponse> {
    let make = marked::sheet(&db, &who, filter.into_inner(), MOST_EXPORTED).await?;
    sheet::download("红标、黄标药品采购", make).await
}

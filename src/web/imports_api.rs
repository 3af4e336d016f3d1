//! Imports as JSON.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::imports;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::{Query, body, operation, reply};
use crate::platform::import::preview::{Preview, preview};
use crate::platform::import::sheets::{self, FaultView};
use crate::platform::import::{self, Run, Source};
use crate::platform::office::Offices;
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::AgencyOfficer;

/// Faults in one answer at most.
const MOST_FAULTS: usize = 500;
/// New rows, and changed rows, in the preview.
const PREVIEWED: i64 = 50;

/// What comes with a file.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HandIn {
    /// `drugs`, `details`, `consumables`, `monitored_prices` or `old_listings`.
    pub kind: String,
    /// The file's name.
    #[serde(default)]
    pub name: String,
}

/// An import with what is wrong in its file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RunDetail {
    /// The import.
    #[serde(flatten)]
    pub run: Run,
    /// The first faults, row by row.
    pub faults: Vec<FaultView>,
    /// What of the file was read and what was not.
    pub source: Source,
    /// The same in sentences.
    pub notes: Vec<String>,
    /// What somebody is to look at in the good rows before it is confirmed.
    pub questions: Vec<FaultView>,
    /// The first rows that would be new, and the first that would change something, until it is confirmed.
    pub preview: Preview,
}

/// Hands a sheet in as the request's body; it is checked next, and nothing counts until it is confirmed.
///
/// # Errors
/// 403, 404, 413, 422.
#[operation(request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 201, description = "Handed in, or the same file as before", body = Run),
    (status = 404, description = "No such kind of sheet"),
    (status = 422, description = "INVALID"),
))]
pub async fn hand_in(
    who: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    query: Query<HandIn>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let bytes: Bytes = body::received(&request)?.body;
    let spec = offices.sheet(&query.kind)?;
    let run = imports::hand_in(&db, &who, spec, &query.name, bytes.to_vec()).await?;
    Ok(reply::created(&format!("/api/v1/imports/{}", run.id), 1, &run))
}

/// The imports, the latest first.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "A page", body = PageOf<Run>)))]
pub async fn list(_: AgencyOfficer, db: Data<Db>, paging: Query<Paging>) -> Result<HttpResponse> {
    let (after, limit) = (paging.after::<(Time, Id)>()?, paging.limit()?);
    let rows = db.read(move |conn| import::recent(conn, after, limit + 1)).await?;
    Ok(reply::ok(&PageOf::new(rows, limit, |run| (run.created_at, run.id))))
}

/// One import with the first faults.
///
/// # Errors
/// 403, 404.
#[operation(responses((status = 200, description = "The import", body = RunDetail)))]
pub async fn one(
    _: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    id: Path<Id>,
) -> Result<HttpResponse> {
    let (id, offices) = (id.into_inner(), **offices);
    let detail = db
        .read(move |conn| {
            let run = import::find(conn, id)?;
            let spec = offices.sheet(&run.kind)?;
            let faults = sheets::faults(conn, spec, &run, MOST_FAULTS)?;
            let questions = sheets::questions(conn, spec, &run, MOST_FAULTS)?;
            let preview = preview(conn, spec, &run, PREVIEWED)?;
            let source = run.source()?;
            Ok(RunDetail { notes: source.notes(), source, run, faults, questions, preview })
        })
        .await?;
    Ok(reply::ok(&detail))
}

/// Confirms what was found: the good rows are taken.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 200, description = "Confirmed", body = Run),
    (status = 409, description = "WRONG_STATE"),
))]
pub async fn confirm(who: AgencyOfficer, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    Ok(reply::ok(&imports::confirm(&db, &who, id.into_inner()).await?))
}

/// Gives a checked import up.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 200, description = "Given up", body = Run),
    (status = 409, description = "WRONG_STATE"),
))]
pub async fn give_up(who: AgencyOfficer, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    Ok(reply::ok(&imports::give_up(&db, &who, id.into_inner()).await?))
}

/// The rows as they were uploaded, every bad cell marked with its reason.
///
/// # Errors
/// 403, 404.
#[operation(responses((status = 200, description = "An xlsx file")))]
pub async fn sheet(
    _: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    id: Path<Id>,
) -> Result<HttpResponse> {
    super::pages::imports::annotated(&db, **offices, id.into_inner()).await
}

/// An empty sheet of a kind.
///
/// # Errors
/// 403, 404.
#[operation(responses((status = 200, description = "An xlsx file")))]
pub async fn template(_: AgencyOfficer, offices: Data<Offices>, kind: Path<String>) -> Result<HttpResponse> {
    super::pages::imports::empty(offices.sheet(&kind)?).await
}

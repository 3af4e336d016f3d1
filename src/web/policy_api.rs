//! The parameters and trials of them as JSON.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::what_if::{Comparison, Question, compare};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::http::paging::PageOf;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, Query, day, operation};
use crate::platform::idempotency::Key;
use crate::platform::policy::proposal::{self, NewVersion, Proposal};
use crate::platform::policy::{self, Policies};
use crate::platform::sql::Id;
use crate::platform::who::guard::{Authority, ProvinceOfficer};
use crate::rules::policy::{Policy, changes};

/// A version of the province's rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyVersion {
    /// Its name and day, `default@2024-07-08`.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// Every parameter by its name: value, clause, source, basis, effective_from.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// The version before; none for the first.
    pub before: Option<String>,
    /// What differs from it, by name: old and new entry.
    #[schema(value_type = Object)]
    pub changes: Map<String, Value>,
}

/// Which version.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnDay {
    /// In force on this legal day; today where there is none given.
    #[serde(default, deserialize_with = "day::read_optional")]
    pub day: Option<NaiveDate>,
}

fn version(policies: &Policies, policy: &Policy) -> PolicyVersion {
    let from = policy.name.rsplit_once('@').and_then(|(_, from)| from.parse().ok());
    let before = from.and_then(|from| policies.before(from));
    let differing = before.as_ref().map(|old| {
        let pair = |(old, new): (Value, Value)| serde_json::json!({ "old": old, "new": new });
        let change = |c: crate::rules::policy::Change<'_>| {
            (c.key.to_owned(), pair((c.old.to_json(), c.new.to_json())))
        };
        changes(old, policy).into_iter().map(change).collect()
    });
    PolicyVersion {
        name: policy.name.clone(),
        digest: policy.digest().to_owned(),
        parameters: policy.entries().map(|(key, entry)| (key.to_owned(), entry.to_json())).collect(),
        before: before.map(|old| old.name.clone()),
        changes: differing.unwrap_or_default(),
    }
}

/// The version in force on a day, with where each number comes from and what differs from the version before.
///
/// # Errors
/// 403 for anybody but agency and bureaus; 422 for a day before the first version.
#[operation(responses(
    (status = 200, description = "The version", body = PolicyVersion),
    (status = 422, description = "POLICY_NOT_IN_FORCE"),
))]
pub async fn show(
    who: Authority,
    db: Data<Db>,
    policies: Data<Policies>,
    on: Query<OnDay>,
) -> Result<HttpResponse> {
    let at = who.received_at;
    let today = db.read(move |c| clock::legal_now(c, at)).await?.day();
    let policy = policies.in_force(on.day.unwrap_or(today))?;
    Ok(reply::ok(&version(&policies, &policy)))
}

/// All versions, the earliest first.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "All versions", body = PageOf<PolicyVersion>)))]
pub async fn versions(_who: Authority, policies: Data<Policies>) -> Result<HttpResponse> {
    let items = policies.versions().iter().map(|(_, policy)| version(&policies, policy)).collect();
    Ok(reply::ok(&PageOf::<PolicyVersion> { items, next: None }))
}

/// The latest proposed versions.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "The newest first", body = PageOf<Proposal>)))]
pub async fn proposals(_who: Authority, db: Data<Db>) -> Result<HttpResponse> {
    let items = db.read(proposal::latest).await?;
    Ok(reply::ok(&PageOf::<Proposal> { items, next: None }))
}

/// Brings a new version; a second officer confirms it.
///
/// # Errors
/// 400 without an idempotency key, 403, 409 `PROPOSAL_WAITS`, 422 naming the key of the file that is wrong.
#[operation(responses(
    (status = 201, description = "It waits for a second officer", body = Proposal),
    (status = 409, description = "PROPOSAL_WAITS"),
    (status = 422, description = "INVALID"),
))]
pub async fn propose(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    key: Key,
    Json(new): Json<NewVersion>,
) -> Result<HttpResponse> {
    let row = proposal::propose(&db, &policies, &who, new, Some(key)).await?;
    Ok(reply::created(&format!("/api/v1/policy/proposals/{}", row.id), row.version, &row))
}

/// A proposed version.
///
/// # Errors
/// 404.
#[operation(responses(
    (status = 200, description = "The proposal", body = Proposal),
    (status = 404, description = "NOT_FOUND"),
))]
pub async fn proposal(_who: Authority, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let id = *id;
    let row = db.read(move |c| proposal::find(c, id)).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Puts a proposed version in force from its day.
///
/// # Errors
/// 403 `SAME_PERSON` for who brought it, 404, 409 for a stale version or a decided one, 422 where its day is past.
#[operation(responses(
    (status = 200, description = "In force from its day", body = Proposal),
    (status = 403, description = "SAME_PERSON"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn confirm(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    id: Path<Id>,
    seen: IfMatch,
) -> Result<HttpResponse> {
    let row = proposal::confirm(&db, &policies, &who, *id, seen.0).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Why a version is turned down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Turned {
    /// 4 to 400 characters.
    #[schema(min_length = 4, max_length = 400)]
    pub reason: String,
}

/// Turns a proposed version down, or takes one's own back.
///
/// # Errors
/// 403, 404, 409 for a stale version or a decided one, 422 without a reason.
#[operation(responses(
    (status = 200, description = "It will not be in force", body = Proposal),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn reject(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    seen: IfMatch,
    Json(given): Json<Turned>,
) -> Result<HttpResponse> {
    let row = proposal::reject(&db, &who, *id, seen.0, &given.reason).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Takes back a confirmed version whose day is to come.
///
/// # Errors
/// 403, 404, 409 for a stale version or one that is not confirmed, 422 without a reason or where its day has begun.
#[operation(responses(
    (status = 200, description = "It will not be in force", body = Proposal),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
    (status = 422, description = "INVALID"),
))]
pub async fn withdraw(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, seen): (Path<Id>, IfMatch),
    Json(given): Json<Turned>,
) -> Result<HttpResponse> {
    let row = policy::withdraw::withdraw(&db, &policies, &who, *id, seen.0, &given.reason).await?;
    Ok(reply::versioned(row.version, &row))
}

/// Tries a parameter on past lots; nothing is kept.
///
/// # Errors
/// 403, 422 naming the member.
#[operation(responses(
    (status = 200, description = "What each value gives", body = Comparison),
    (status = 422, description = "INVALID"),
))]
pub async fn what_if(
    who: Authority,
    db: Data<Db>,
    policies: Data<Policies>,
    Json(question): Json<Question>,
) -> Result<HttpResponse> {
    let at = who.received_at;
    let in_force = policies.in_force(db.read(move |c| clock::legal_now(c, at)).await?.day())?;
    let shared = policies.get_ref().clone();
    let found = web::block(move || compare(&question, &shared, &in_force)).await.map_err(Error::internal)?;
    Ok(reply::ok(&found?))
}

//! An organisation's people as JSON, for its administrator.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::invite::{self, Person};
use crate::manage;
use crate::people::{Account, UserView};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, MaybeJson, Query, operation};
use crate::platform::idempotency::Key;
use crate::platform::sql::Id;
use crate::platform::who::Post;
use crate::platform::who::guard::OrgAdmin;

/// Where the page begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// `next` of the page before.
    after: Option<String>,
}

/// The people of the administrator's organisation, by log-in name, a thousand on a page.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "The organisation's people", body = PageOf<UserView>)))]
pub async fn list(who: OrgAdmin, db: Data<Db>, asked: Query<Asked>) -> Result<HttpResponse> {
    let after = Paging { after: asked.into_inner().after, limit: None }.after()?;
    Ok(reply::ok(&manage::list(&db, &who, after).await?.map(|account| account.view())))
}

/// One of them.
///
/// # Errors
/// 403, 404.
#[operation(responses(
    (status = 200, description = "The person, with its version as ETag", body = UserView),
    (status = 404, description = "NOT_FOUND, also for another organisation's"),
))]
pub async fn show(who: OrgAdmin, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    Ok(shown(&manage::show(&db, &who, *id).await?))
}

/// Invites somebody by mail.
///
/// # Errors
/// 400 without an idempotency key; 403; 409 `LOGIN_TAKEN`; 422.
#[operation(responses(
    (status = 201, description = "Invited", body = UserView),
    (status = 409, description = "LOGIN_TAKEN"),
    (status = 422, description = "INVALID"),
))]
pub async fn invite(
    who: OrgAdmin,
    db: Data<Db>,
    key: Key,
    Json(person): Json<Person>,
) -> Result<HttpResponse> {
    let answer = invite::invite(&db, &who, Some(key), person).await?;
    Ok(reply::json(answer.status, &answer.body))
}

/// Where an invitation goes.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationAgain {
    /// Another mailbox, where the first was wrong.
    #[serde(default)]
    #[schema(max_length = 254)]
    pub email: Option<String>,
}

/// Sends the invitation again, to another mailbox where one is named; the earlier link ends. The body may be left out.
///
/// # Errors
/// 403, 404, 409, 422.
#[operation(request_body = Option<InvitationAgain>, responses(
    (status = 204, description = "Sent"),
    (status = 409, description = "WRONG_STATE: already taken up"),
    (status = 422, description = "INVALID: the mailbox"),
))]
pub async fn invite_again(
    who: OrgAdmin,
    db: Data<Db>,
    id: Path<Id>,
    MaybeJson(given): MaybeJson<InvitationAgain>,
) -> Result<HttpResponse> {
    invite::again(&db, &who, *id, given.unwrap_or_default().email.as_deref()).await?;
    Ok(reply::nothing())
}

/// Another post.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFunction {
    /// What the person does from now on.
    pub function: Post,
}

/// Gives somebody another post, at once.
///
/// # Errors
/// 403, 404, 409 `LAST_ADMINISTRATOR`, 422.
#[operation(responses(
    (status = 200, description = "As it is now", body = UserView),
    (status = 409, description = "STALE_VERSION or LAST_ADMINISTRATOR"),
))]
pub async fn change_function(
    who: OrgAdmin,
    db: Data<Db>,
    id: Path<Id>,
    IfMatch(version): IfMatch,
    Json(given): Json<NewFunction>,
) -> Result<HttpResponse> {
    Ok(shown(&manage::change_function(&db, &who, *id, version, given.function).await?))
}

/// Ends somebody's access at once.
///
/// # Errors
/// 403, 404, 409 `LAST_ADMINISTRATOR`.
#[operation(responses(
    (status = 200, description = "As it is now", body = UserView),
    (status = 409, description = "STALE_VERSION or LAST_ADMINISTRATOR"),
))]
pub async fn disable(
    who: OrgAdmin,
    db: Data<Db>,
    id: Path<Id>,
    IfMatch(version): IfMatch,
) -> Result<HttpResponse> {
    Ok(shown(&manage::disable(&db, &who, *id, version).await?))
}

/// Lets somebody in again.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 200, description = "As it is now", body = UserView),
    (status = 409, description = "STALE_VERSION"),
))]
pub async fn enable(
    who: OrgAdmin,
    db: Data<Db>,
    id: Path<Id>,
    IfMatch(version): IfMatch,
) -> Result<HttpResponse> {
    Ok(shown(&manage::enable(&db, &who, *id, version).await?))
}

fn shown(account: &Account) -> HttpResponse {
    reply::versioned(account.user.version, &account.view())
}

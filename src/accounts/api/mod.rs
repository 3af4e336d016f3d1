//! Log-in at the API: a pair of tokens, its refresh, its end, and who am I; beside it the rest about accounts.

pub mod account;
pub mod api_clients;
pub mod users;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::door::Auth;
use super::login::{self, Given, Step};
use super::refresh::{self as refreshing, TokenPair};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::http::{Json, operation, reply};
use crate::platform::sql::Id;
use crate::platform::who::guard::{AnyUser, Anyone};
use crate::platform::who::{OrgKind, Post};

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Log-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// The six digits, or a recovery code, where the account has a second step.
    #[serde(default)]
    pub totp: Option<String>,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// As it was handed out.
    pub refresh_token: String,
}

/// Who is logged in.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Key of the account.
    pub user_id: Id,
    /// The person's name.
    pub name: String,
    /// What the person does.
    pub function: Post,
    /// Key of the organisation.
    pub organisation_id: Id,
    /// Its name.
    pub organisation_name: String,
    /// What it is.
    pub organisation_kind: OrgKind,
}

/// Logs in.
///
/// # Errors
/// 401 `LOGIN_FAILED`, `TOTP_REQUIRED`, `TOTP_WRONG`; 403 `TOTP_ENROLMENT_REQUIRED`; 429 `LOGIN_LOCKED`, `TOO_MANY_TRIES`.
#[operation(responses(
    (status = 201, description = "A pair of tokens", body = TokenPair),
    (status = 401, description = "LOGIN_FAILED, TOTP_REQUIRED (send the same with `totp`) or TOTP_WRONG"),
    (status = 403, description = "TOTP_ENROLMENT_REQUIRED: set up the second step in the portal first"),
    (status = 429, description = "LOGIN_LOCKED or TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn log_in(
    _: Anyone,
    auth: Data<Auth>,
    Json(given): Json<Credentials>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let given = Given { login: given.login, password: given.password, code: given.totp };
    let proven = match login::check(&auth, given, Caller::of(&request)).await? {
        Step::In(proven) if proven.confined => return Err(enrol_first().into()),
        Step::In(proven) => proven,
        Step::CodeNeeded(_) => return Err(code_required().into()),
    };
    Ok(reply::json(201, &refreshing::issue_pair(&auth, &proven).await?))
}

fn code_required() -> Refusal {
    let detail = "该账号启用了两步验证，请连同登录名和密码在 totp 中给出验证器上的 6 位数字。";
    Refusal::new(401, "TOTP_REQUIRED", detail)
}

fn enrol_first() -> Refusal {
    let detail = "管理部门的账号须启用两步验证。请先在门户“我的账号”中启用，再获取令牌。";
    Refusal::new(403, "TOTP_ENROLMENT_REQUIRED", detail)
}

/// Exchanges a refresh token for a new pair. The token may be presented again within ten seconds; later than that all tokens
/// of the log-in end.
///
/// # Errors
/// 401 `REFRESH_INVALID`, `REFRESH_REUSED`.
#[operation(responses(
    (status = 201, description = "A new pair of tokens", body = TokenPair),
    (status = 401, description = "REFRESH_INVALID or REFRESH_REUSED"),
))]
pub async fn refresh(_: Anyone, auth: Data<Auth>, Json(given): Json<RefreshToken>) -> Result<HttpResponse> {
    Ok(reply::json(201, &refreshing::exchange(&auth, &given.refresh_token).await?))
}

/// Ends all refresh tokens of the log-in.
#[operation(responses((status = 204, description = "Ended, or unknown, which is as good")))]
pub async fn revoke(_: Anyone, auth: Data<Auth>, Json(given): Json<RefreshToken>) -> Result<HttpResponse> {
    refreshing::revoke(&auth, &given.refresh_token).await?;
    Ok(reply::nothing())
}

/// Who is logged in.
///
/// # Errors
/// 401.
#[operation(responses(
    (status = 200, description = "The account and its organisation", body = Me),
    (status = 401, description = "LOGIN_REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED or TOKEN_REVOKED"),
))]
pub async fn me(who: AnyUser) -> Result<HttpResponse> {
    Ok(reply::ok(&Me {
        user_id: who.user,
        name: who.name.clone(),
        function: who.post,
        organisation_id: who.organisation,
        organisation_name: who.organisation_name.clone(),
        organisation_kind: who.kind,
    }))
}

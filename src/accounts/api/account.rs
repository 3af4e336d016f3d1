//! One's own account as JSON: the second step of the log-in, where mails go, and where one is
//! logged in. Secrets and recovery codes stand in the
//! one answer that made them, so none of these requests takes an idempotency key, whose answers are kept.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::devices::{self, Device};
use crate::door::Auth;
use crate::platform::error::Result;
use crate::platform::http::caller::Caller;
use crate::platform::http::paging::PageOf;
use crate::platform::http::{Json, Site, operation, reply};
use crate::platform::sql::Time;
use crate::platform::who::guard::{self, AnyUser};
use crate::{enrol, mailbox};

/// How one's own second step stands.
#[derive(Serialize, ToSchema)]
pub struct SecondStepView {
    /// True where the log-in asks for a code.
    pub enabled: bool,
    /// Since when.
    pub since: Option<Time>,
    /// True between the secret and the first code.
    pub begun: bool,
    /// Recovery codes that are left.
    pub recovery_codes_left: usize,
    /// True where it may not be switched off.
    pub obligatory: bool,
}

/// The password again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// Password of the account.
    pub password: String,
}

/// What an app needs to show codes.
#[derive(Serialize, ToSchema)]
pub struct SecondStepSecret {
    /// Base32, for typing.
    pub secret: String,
    /// `otpauth://…`, for a picture or another program.
    pub otpauth_uri: String,
}

/// A code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Six digits of the app.
    pub code: String,
}

/// Password and code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAndCode {
    /// Password of the account.
    pub password: String,
    /// Six digits of the app, or a recovery code.
    pub code: String,
}

/// Ten recovery codes; each stands for a code once.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// In this answer and nowhere else.
    pub recovery_codes: Vec<String>,
}

/// How one's own second step stands.
///
/// # Errors
/// 401.
#[operation(responses((status = 200, description = "How it stands", body = SecondStepView)))]
pub async fn second_step(who: AnyUser, auth: Data<Auth>) -> Result<HttpResponse> {
    let status = enrol::status(&auth, &who).await?;
    Ok(reply::ok(&SecondStepView {
        enabled: status.since.is_some(),
        since: status.since,
        begun: status.begun,
        recovery_codes_left: status.recovery_left,
        obligatory: status.obligatory,
    }))
}

/// Begins to set it up, against the password. It counts for nothing until the first code; beginning again makes a new secret.
///
/// # Errors
/// 409 where it is on; 422; 429.
#[operation(responses(
    (status = 201, description = "The secret, for the app", body = SecondStepSecret),
    (status = 409, description = "WRONG_STATE: it is on"),
    (status = 422, description = "INVALID"),
    (status = 429, description = "LOGIN_LOCKED or TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn begin(
    who: AnyUser,
    auth: Data<Auth>,
    site: Data<Site>,
    Json(given): Json<Password>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    enrol::begin(&auth, &who, given.password, Caller::of(&request)).await?;
    let pending = enrol::pending(&auth, &who, &site.name).await?;
    let secret = pending.typed.replace(' ', "");
    Ok(reply::json(201, &SecondStepSecret { secret, otpauth_uri: pending.address }))
}

/// Takes the first code: from now on the log-in asks for one.
///
/// # Errors
/// 409 where it was not begun; 422; 429.
#[operation(responses(
    (status = 200, description = "It is on; the recovery codes", body = RecoveryCodes),
    (status = 409, description = "WRONG_STATE: not begun"),
    (status = 422, description = "INVALID: a wrong code"),
    (status = 429, description = "TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn confirm(
    who: AnyUser,
    auth: Data<Auth>,
    Json(given): Json<Code>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let recovery_codes = enrol::confirm(&auth, &who, None, given.code, Caller::of(&request)).await?;
    Ok(reply::ok(&RecoveryCodes { recovery_codes }))
}

/// Ten new recovery codes in place of the old ones, against a code.
///
/// # Errors
/// 409 where it is off; 422; 429.
#[operation(responses(
    (status = 200, description = "The new ones; the old ones are void", body = RecoveryCodes),
    (status = 409, description = "WRONG_STATE: it is off"),
    (status = 422, description = "INVALID: a wrong code"),
    (status = 429, description = "LOGIN_LOCKED or TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn renew_codes(
    who: AnyUser,
    auth: Data<Auth>,
    Json(given): Json<Code>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let recovery_codes = enrol::renew_codes(&auth, &who, given.code, Caller::of(&request)).await?;
    Ok(reply::ok(&RecoveryCodes { recovery_codes }))
}

/// Switches it off, against password and code.
///
/// # Errors
/// 409 where it is off or must stay on; 422; 429.
#[operation(responses(
    (status = 204, description = "It is off; the recovery codes are void"),
    (status = 409, description = "WRONG_STATE: it is off, or obligatory"),
    (status = 422, description = "INVALID"),
    (status = 429, description = "LOGIN_LOCKED or TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn remove(
    who: AnyUser,
    auth: Data<Auth>,
    Json(given): Json<PasswordAndCode>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let caller = Caller::of(&request);
    enrol::off(&auth, &who, given.password, given.code, caller).await?;
    Ok(reply::nothing())
}

/// Where mails go from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEmail {
    /// Password of the account.
    pub password: String,
    /// The mailbox.
    #[schema(min_length = 3, max_length = 254, format = "email")]
    pub email: String,
}

/// Asks for another mailbox, against the password. A link goes there, and the mails follow once it is opened and confirmed,
/// within 24 hours; the old mailbox is told.
///
/// # Errors
/// 422; 429.
#[operation(responses(
    (status = 202, description = "A link is on its way to the new mailbox; nothing has changed yet"),
    (status = 422, description = "INVALID"),
    (status = 429, description = "LOGIN_LOCKED or TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn change_email(
    who: AnyUser,
    auth: Data<Auth>,
    Json(given): Json<NewEmail>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let caller = Caller::of(&request);
    mailbox::ask(&auth, &who, given.password, &given.email, caller).await?;
    Ok(reply::accepted())
}

/// One living log-in of one's own.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// What it is called in addresses.
    pub id: String,
    /// True for a log-in at the API, false for one at the portal.
    pub api: bool,
    /// Where from.
    pub address: String,
    /// With what.
    pub device: String,
    /// Since when.
    pub since: Time,
    /// Last request, within a minute; at the API the last exchange of tokens.
    pub last_used_at: Time,
    /// True for the one that asks.
    pub current: bool,
}

impl From<Device> for SessionView {
    fn from(device: Device) -> Self {
        let Device { key: id, api, address, device, since, last_used: last_used_at, current } = device;
        Self { id, api, address, device, since, last_used_at, current }
    }
}

/// Where one is logged in, the latest first.
///
/// # Errors
/// 401.
#[operation(responses((status = 200, description = "All that are alive", body = PageOf<SessionView>)))]
pub async fn sessions(who: AnyUser, auth: Data<Auth>, request: HttpRequest) -> Result<HttpResponse> {
    let all = devices::list(&auth, &who, guard::visitor(&request)?.session).await?;
    Ok(reply::ok(&PageOf { items: all.into_iter().map(SessionView::from).collect(), next: None }))
}

/// Ends one of one's own log-ins at once, at the portal or at the API.
///
/// # Errors
/// 404 for an unknown or ended one and for everybody else's.
#[operation(responses((status = 204, description = "Ended"), (status = 404, description = "NOT_FOUND")))]
pub async fn end_session(who: AnyUser, auth: Data<Auth>, id: Path<String>) -> Result<HttpResponse> {
    devices::revoke(&auth, &who, id.into_inner()).await?;
    Ok(reply::nothing())
}

/// Ends all of one's own log-ins at once, the one that asks too.
///
/// # Errors
/// 401.
#[operation(responses((status = 204, description = "Ended; log in anew")))]
pub async fn end_sessions(who: AnyUser, auth: Data<Auth>) -> Result<HttpResponse> {
    devices::revoke_others(&auth, &who, None).await?;
    Ok(reply::nothing())
}

//! Machine clients as JSON: kept by their administrator, used by the organisation's own system.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api_client::{self, Client, ClientToken, NewClient};
use crate::door::Auth;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::caller::Caller;
use crate::platform::http::paging::PageOf;
use crate::platform::http::reply::{self, IfMatch};
use crate::platform::http::{Json, operation};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::{Anyone, ClientKeeper};
use crate::platform::who::scope::Scope;

/// Client credentials.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientCredentials {
    /// The client's key.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// A client as its administrator sees it.
#[derive(Serialize, ToSchema)]
pub struct ClientView {
    /// Key.
    pub id: Id,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Time,
    /// When its secret was last replaced.
    pub rotated_at: Option<Time>,
    /// When it last asked for a token.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// Optimistic lock, for `If-Match`.
    pub version: i64,
    /// The secret; only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl ClientView {
    fn of(client: &Client, client_secret: Option<String>) -> Self {
        Self {
            id: client.id,
            name: client.name.clone(),
            scopes: client.scopes(),
            created_at: client.created_at,
            rotated_at: client.rotated_at,
            last_used_at: client.last_used_at,
            revoked_at: client.revoked_at,
            version: client.version,
            client_secret,
        }
    }
}

/// A token of a quarter of an hour for an organisation's own system. It works within the client's scopes only.
///
/// # Errors
/// 401 `CLIENT_FAILED`, 429 `TOO_MANY_TRIES`.
#[operation(responses(
    (status = 201, description = "A token", body = ClientToken),
    (status = 401, description = "CLIENT_FAILED"),
    (status = 429, description = "TOO_MANY_TRIES, with Retry-After"),
))]
pub async fn token(
    _: Anyone,
    auth: Data<Auth>,
    Json(given): Json<ClientCredentials>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let token =
        api_client::token(&auth, &given.client_id, &given.client_secret, Caller::of(&request)).await?;
    Ok(reply::json(201, &token))
}

/// The organisation's clients, the living ones first.
///
/// # Errors
/// 403.
#[operation(responses((status = 200, description = "The organisation's clients", body = PageOf<ClientView>)))]
pub async fn list(who: ClientKeeper, db: Data<Db>) -> Result<HttpResponse> {
    let clients = api_client::list(&db, &who).await?;
    let items: Vec<ClientView> = clients.iter().map(|client| ClientView::of(client, None)).collect();
    Ok(reply::ok(&PageOf { items, next: None }))
}

/// Makes a client. The secret stands in this answer and nowhere else, so the request takes no idempotency key.
///
/// # Errors
/// 403, 409, 422.
#[operation(responses(
    (status = 201, description = "The client with its secret", body = ClientView),
    (status = 422, description = "INVALID"),
))]
pub async fn create(who: ClientKeeper, db: Data<Db>, Json(new): Json<NewClient>) -> Result<HttpResponse> {
    let (client, secret) = api_client::create(&db, &who, new).await?;
    let view = ClientView::of(&client, Some(secret));
    Ok(reply::created(&format!("/api/v1/clients/{}", client.id), client.version, &view))
}

/// Replaces the secret; the old one and its tokens end at once.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 200, description = "The client with its new secret", body = ClientView),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn rotate(
    who: ClientKeeper,
    db: Data<Db>,
    id: Path<Id>,
    IfMatch(version): IfMatch,
) -> Result<HttpResponse> {
    let (client, secret) = api_client::rotate(&db, &who, *id, version).await?;
    Ok(reply::versioned(client.version, &ClientView::of(&client, Some(secret))))
}

/// Ends a client and its tokens at once.
///
/// # Errors
/// 403, 404, 409.
#[operation(responses(
    (status = 204, description = "Revoked"),
    (status = 409, description = "STALE_VERSION or WRONG_STATE"),
))]
pub async fn revoke(
    who: ClientKeeper,
    db: Data<Db>,
    id: Path<Id>,
    IfMatch(version): IfMatch,
) -> Result<HttpResponse> {
    api_client::revoke(&db, &who, *id, version).await?;
    Ok(reply::nothing())
}

//! Access tokens of the API: JWT, HS256 and nothing else, a quarter of an hour. One claims type and audience for this one
//! purpose; a token for another purpose gets its own.

use chrono::Duration;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Keys;
use super::login::Proven;
use super::{Auth, Principal, users};
use crate::platform::clock::Time;
use crate::platform::db::{Id, suspended};
use crate::platform::error::{Error, Refusal, Result};

/// Minutes that an access token lives.
pub const MINUTES: i64 = 15;

const ISSUER: &str = "jicai";
const AUDIENCE: &str = "jicai:api-access";

#[derive(Debug, Serialize, Deserialize)]
struct AccessClaims {
    iss: String,
    aud: String,
    sub: Id,
    /// The account's stamp.
    stamp: Id,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// Makes and checks access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    keys: std::sync::Arc<Keys>,
    validation: std::sync::Arc<Validation>,
}

impl Tokens {
    /// With the keys of the installation.
    pub fn new(keys: Keys) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.algorithms = vec![Algorithm::HS256];
        validation.leeway = 0;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library asks the machine for the time; expiry is judged by our own clock in `read`.
        validation.validate_exp = false;
        Self { keys: keys.into(), validation: validation.into() }
    }

    /// An access token for somebody who proved who they are.
    ///
    /// # Errors
    /// Internal, where there is no key.
    pub fn issue(&self, user: Id, stamp: Id, now: Time) -> Result<String> {
        let key = self.keys.signing().ok_or_else(|| Error::internal("no signing key"))?;
        let iat = now.0.and_utc().timestamp();
        let exp = now.plus(Duration::minutes(MINUTES)).0.and_utc().timestamp();
        let (iss, aud) = (ISSUER.into(), AUDIENCE.into());
        let claims = AccessClaims { iss, aud, sub: user, stamp, iat, exp, jti: Uuid::new_v4() };
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &key.signs).map_err(Error::internal)
    }

    /// Whose token it is, by its signature and time alone; whether the account still stands is not looked at.
    ///
    /// # Errors
    /// 401 `TOKEN_INVALID`, `TOKEN_EXPIRED`.
    pub fn subject(&self, token: &str, now: Time) -> Result<Id> {
        self.read(token, now).map(|claims| claims.sub)
    }

    fn read(&self, token: &str, now: Time) -> Result<AccessClaims> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| invalid())?;
        let key = header.kid.as_deref().and_then(|kid| self.keys.find(kid)).ok_or_else(invalid)?;
        let claims = jsonwebtoken::decode::<AccessClaims>(token, &key.verifies, &self.validation)
            .map_err(|_| invalid())?
            .claims;
        if now.0.and_utc().timestamp() >= claims.exp {
            return Err(
                Refusal::new(401, "TOKEN_EXPIRED", "访问令牌已过期，请用刷新令牌换取新的访问令牌。").into()
            );
        }
        Ok(claims)
    }
}

fn invalid() -> Refusal {
    Refusal::new(401, "TOKEN_INVALID", "访问令牌无效，请重新登录获取。")
}

/// The person that an access token speaks for.
///
/// # Errors
/// 401 `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`; 403 `ORGANISATION_SUSPENDED`.
pub async fn principal(auth: &Auth, token: &str, request_id: Option<String>) -> Result<Principal> {
    let now = auth.clock.now();
    let claims = auth.tokens.read(token, now)?;
    let known = auth.db.read(move |c| users::by_id(c, claims.sub)).await?;
    if known.as_ref().is_some_and(|k| k.is_suspended() && k.user.stamp == claims.stamp) {
        return Err(suspended().into());
    }
    match known.filter(|k| k.may_act() && k.user.stamp == claims.stamp) {
        Some(known) => Ok(known.principal(request_id, now)),
        None => Err(Refusal::new(401, "TOKEN_REVOKED", "访问令牌已被撤销，请重新登录获取。").into()),
    }
}

/// What a log-in or a refresh gives.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenPair {
    /// Goes into `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds that the access token lives.
    pub expires_in: i64,
    /// Good for one exchange; see `POST /api/v1/tokens/refresh`.
    pub refresh_token: String,
    /// When the refresh token ends in any case.
    #[schema(value_type = String, format = DateTime)]
    pub refresh_expires_at: String,
}

/// An access token with its refresh token, for a fresh log-in.
///
/// # Errors
/// Of the database.
pub async fn issue_pair(auth: &Auth, proven: &Proven) -> Result<TokenPair> {
    let refresh = super::refresh::open_family(auth, proven).await?;
    pair(auth, proven.principal.user, proven.stamp, refresh)
}

pub(super) fn pair(auth: &Auth, user: Id, stamp: Id, refresh: super::refresh::Fresh) -> Result<TokenPair> {
    Ok(TokenPair {
        access_token: auth.tokens.issue(user, stamp, auth.clock.now())?,
        token_type: "Bearer".into(),
        expires_in: MINUTES * 60,
        refresh_token: refresh.secret,
        refresh_expires_at: refresh.expires_at.rfc3339(),
    })
}

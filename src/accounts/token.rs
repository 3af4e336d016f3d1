//! Access tokens of the API: JWT, HS256 and nothing else, a quarter of an hour. One claims type and audience for this one
//! purpose; a token for another purpose gets its own.

use chrono::Duration;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Keys;
use super::login::Proven;
use crate::platform::who::scope::Scope;
use super::door::Auth;
use crate::platform::who::Principal;
use super::{machine, users};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::db::suspended;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::signing::SigningKey;

/// Minutes that an access token lives.
pub const MINUTES: i64 = 15;

const ISSUER: &str = "jicai";
const AUDIENCE: &str = "jicai:api-access";
const MACHINE_AUDIENCE: &str = "jicai:machine-access";

#[derive(Debug, Serialize, Deserialize)]
struct AccessClaims {
    iss: String,
    aud: String,
    sub: Id,
    /// The account's stamp.
    stamp: Id,
    /// The log-in it came from, which may be ended alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<Id>,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// What a machine client's token says; never taken for a person's.
#[derive(Debug, Serialize, Deserialize)]
struct MachineClaims {
    iss: String,
    aud: String,
    /// The client.
    sub: Id,
    /// The stamp of the account behind it.
    machine_stamp: Id,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// Makes and checks access tokens. Cheap to clone.
#[derive(Clone)]
pub struct Tokens {
    keys: std::sync::Arc<Keys>,
    validation: std::sync::Arc<Validation>,
    machine_validation: std::sync::Arc<Validation>,
}

fn validation(audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.algorithms = vec![Algorithm::HS256];
    validation.leeway = 0;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The library asks the machine for the time; expiry is judged by our own clock in `read`.
    validation.validate_exp = false;
    validation
}

impl Tokens {
    /// With the keys of the installation.
    pub fn new(keys: Keys) -> Self {
        Self {
            keys: keys.into(),
            validation: validation(AUDIENCE).into(),
            machine_validation: validation(MACHINE_AUDIENCE).into(),
        }
    }

    /// The keys of the installation, for what else needs them.
    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// What the platform signs documents with.
    ///
    /// # Errors
    /// Internal, where there is no such key.
    pub fn signing(&self) -> Result<&SigningKey> {
        self.keys.documents().ok_or_else(|| Error::internal("no key that signs documents"))
    }

    /// An access token for somebody who proved who they are.
    ///
    /// # Errors
    /// Internal, where there is no key.
    pub fn issue(&self, user: Id, stamp: Id, now: Time) -> Result<String> {
        self.issue_in(user, stamp, None, now)
    }

    fn issue_in(&self, user: Id, stamp: Id, family: Option<Id>, now: Time) -> Result<String> {
        let (iat, exp) = lifetime(now);
        let (iss, aud, jti) = (ISSUER.into(), AUDIENCE.into(), Uuid::new_v4());
        self.sign(&AccessClaims { iss, aud, sub: user, stamp, family, iat, exp, jti })
    }

    /// An access token for a machine client.
    pub(super) fn issue_machine(&self, client: Id, machine_stamp: Id, now: Time) -> Result<String> {
        let (iat, exp) = lifetime(now);
        let (iss, aud, jti) = (ISSUER.into(), MACHINE_AUDIENCE.into(), Uuid::new_v4());
        self.sign(&MachineClaims { iss, aud, sub: client, machine_stamp, iat, exp, jti })
    }

    /// Whether a token was signed here and is in time; whom it speaks for is [`holder`]'s to say.
    ///
    /// # Errors
    /// 401 `TOKEN_INVALID`, `TOKEN_EXPIRED`.
    pub fn check(&self, token: &str, now: Time) -> Result<()> {
        self.read(token, now).map(drop)
    }

    fn sign(&self, claims: &impl Serialize) -> Result<String> {
        let key = self.keys.signing().ok_or_else(|| Error::internal("no signing key"))?;
        let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, claims, &key.signs).map_err(Error::internal)
    }

    fn decode<C: DeserializeOwned>(&self, token: &str, validation: &Validation) -> Option<C> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key = self.keys.find(header.kid.as_deref()?)?;
        Some(jsonwebtoken::decode::<C>(token, &key.verifies, validation).ok()?.claims)
    }

    fn read(&self, token: &str, now: Time) -> Result<Claims> {
        let person = self.decode(token, &self.validation).map(Claims::Person);
        let machine = || self.decode(token, &self.machine_validation).map(Claims::Machine);
        let claims = person.or_else(machine).ok_or_else(invalid)?;
        if now.0.and_utc().timestamp() >= claims.exp() {
            return Err(
                Refusal::new(401, "TOKEN_EXPIRED", "访问令牌已过期，请用刷新令牌换取新的访问令牌。").into()
            );
        }
        Ok(claims)
    }
}

enum Claims {
    Person(AccessClaims),
    Machine(MachineClaims),
}

impl Claims {
    fn exp(&self) -> i64 {
        match self {
            Self::Person(claims) => claims.exp,
            Self::Machine(claims) => claims.exp,
        }
    }
}

fn lifetime(now: Time) -> (i64, i64) {
    let seconds = |time: Time| time.0.and_utc().timestamp();
    (seconds(now), seconds(now.plus(Duration::minutes(MINUTES))))
}

fn invalid() -> Refusal {
    Refusal::new(401, "TOKEN_INVALID", "访问令牌无效，请重新登录获取。")
}

/// Whom an access token speaks for.
#[derive(Debug)]
pub struct Holder {
    /// The person, or the account behind a system.
    pub principal: Principal,
    /// A system's scopes; none for a person.
    pub scopes: Option<Vec<Scope>>,
    /// The log-in that the token came from; none for a system.
    pub family: Option<Id>,
}

/// Whom an access token speaks for: a person, or a system with its scopes.
///
/// # Errors
/// 401 `TOKEN_INVALID`, `TOKEN_EXPIRED`, `TOKEN_REVOKED`; 403 `ORGANISATION_SUSPENDED`.
pub async fn holder(auth: &Auth, token: &str, request_id: Option<String>) -> Result<Holder> {
    let now = auth.clock.now();
    let mut family = None;
    let found = match auth.tokens.read(token, now)? {
        Claims::Person(claims) => {
            family = claims.family;
            auth.db.read(move |c| person(c, &claims)).await?.map(|known| (known, None))
        }
        Claims::Machine(claims) => {
            let (client, stamp) = (claims.sub, claims.machine_stamp);
            let found = auth.db.read(move |c| machine::acting(c, client)).await?;
            let found = found.filter(|(_, known)| known.user.stamp == stamp);
            found.map(|(client, known)| (known, Some(client.scopes())))
        }
    };
    match found {
        Some((known, scopes)) => Ok(Holder { principal: known.principal(request_id, now), scopes, family }),
        None => Err(Refusal::new(401, "TOKEN_REVOKED", "访问令牌已被撤销，请重新登录获取。").into()),
    }
}

fn person(conn: &mut AnyConn, claims: &AccessClaims) -> Result<Option<users::Known>> {
    if let Some(family) = claims.family
        && !super::refresh::is_open(conn, family)?
    {
        return Ok(None);
    }
    let known = users::by_id(conn, claims.sub)?.filter(|k| k.user.stamp == claims.stamp);
    if known.as_ref().is_some_and(users::Known::is_suspended) {
        return Err(suspended().into());
    }
    Ok(known.filter(users::Known::may_act))
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
        access_token: auth.tokens.issue_in(user, stamp, Some(refresh.family), auth.clock.now())?,
        token_type: "Bearer".into(),
        expires_in: MINUTES * 60,
        refresh_token: refresh.secret,
        refresh_expires_at: refresh.expires_at.rfc3339(),
    })
}

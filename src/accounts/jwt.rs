//! Access tokens of the API: JWT, HS256 and nothing else, a quarter of an hour. One claims type and audience for this one
//! purpose; a token for another purpose gets its own.

use chrono::Duration;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::keys::Keys;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::signing::SigningKey;
use crate::platform::sql::{Id, Time};

/// Minutes that an access token lives.
pub const MINUTES: i64 = 15;

const ISSUER: &str = "jicai";
const AUDIENCE: &str = "jicai:api-access";
const MACHINE_AUDIENCE: &str = "jicai:machine-access";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AccessClaims {
    iss: String,
    aud: String,
    pub sub: Id,
    /// The account's stamp.
    pub stamp: Id,
    /// The log-in it came from, which may be ended alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family: Option<Id>,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// What a machine client's token says; never taken for a person's.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MachineClaims {
    iss: String,
    aud: String,
    /// The client.
    pub sub: Id,
    /// The stamp of the account behind it.
    pub machine_stamp: Id,
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
        self.issue_in(user, stamp, None, now, Uuid::new_v4())
    }

    /// The same token for the same `jti` at the same instant.
    pub(super) fn issue_in(
        &self,
        user: Id,
        stamp: Id,
        family: Option<Id>,
        now: Time,
        jti: Uuid,
    ) -> Result<String> {
        let (iat, exp) = lifetime(now);
        let (iss, aud) = (ISSUER.into(), AUDIENCE.into());
        self.sign(&AccessClaims { iss, aud, sub: user, stamp, family, iat, exp, jti })
    }

    /// An access token for a machine client.
    pub(super) fn issue_machine(&self, client: Id, machine_stamp: Id, now: Time) -> Result<String> {
        let (iat, exp) = lifetime(now);
        let (iss, aud, jti) = (ISSUER.into(), MACHINE_AUDIENCE.into(), Uuid::new_v4());
        self.sign(&MachineClaims { iss, aud, sub: client, machine_stamp, iat, exp, jti })
    }

    /// Whether a token was signed here and is in time; whom it speaks for is [`holder`](super::token::holder)'s to say.
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

    pub(super) fn read(&self, token: &str, now: Time) -> Result<Claims> {
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

pub(super) enum Claims {
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

//! Whom an access token speaks for.

use super::door::Auth;
use super::jwt::{AccessClaims, Claims};
use super::{api_client, refresh, users};
use crate::platform::db::suspended;
use crate::platform::error::{Refusal, Result};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Principal;
use crate::platform::who::scope::Scope;

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
            let found = auth.db.read(move |c| api_client::acting(c, client)).await?;
            let found = found.filter(|(_, known)| known.user.stamp == stamp);
            found.map(|(client, known)| (known, Some(client.scopes())))
        }
    };
    match found {
        Some((known, scopes)) => Ok(Holder { principal: known.principal(request_id, now), scopes, family }),
        None => Err(Refusal::new(401, "TOKEN_REVOKED", "访问令牌已被撤销，请重新登录获取。").into()),
    }
}

fn person(conn: &mut AnyConn, claims: &AccessClaims) -> Result<Option<users::AccountWithOrganisation>> {
    if let Some(family) = claims.family
        && !refresh::is_open(conn, family)?
    {
        return Ok(None);
    }
    let known = users::by_id(conn, claims.sub)?.filter(|k| k.user.stamp == claims.stamp);
    if known.as_ref().is_some_and(users::AccountWithOrganisation::is_suspended) {
        return Err(suspended().into());
    }
    Ok(known.filter(users::AccountWithOrganisation::may_act))
}

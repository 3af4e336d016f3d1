//! Refresh tokens: random, hashed, good for one exchange. All tokens that come from one log-in are a family. A token may be
//! presented again for ten seconds, for clients that lost the answer, and gets the same answer: a family never has two branches.
//! Later than that somebody has a copy, and the whole family ends.

use chrono::Duration;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::door::Auth;
use super::login::Proven;
use super::{jwt, users};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::{refresh_family, refresh_token};
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};

/// Hours after the log-in after which a family ends, however often it was refreshed.
pub const LONGEST_HOURS: i64 = 12;
/// Seconds for which a used token may be presented again.
const REPEAT_SECONDS: i64 = 10;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_family)]
struct Family {
    id: Id,
    user_id: Id,
    stamp: Id,
    created_at: Time,
    expires_at: Time,
    revoked_at: Option<Time>,
    address: String,
    device: String,
    last_used_at: Option<Time>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_token)]
struct RefreshTokenRow {
    token_hash: String,
    family_id: Id,
    issued_at: Time,
    used_at: Option<Time>,
}

/// A refresh token as it is handed out.
struct Fresh {
    pub family: Id,
    pub secret: String,
    pub expires_at: Time,
}

async fn open_family(auth: &Auth, proven: &Proven) -> Result<Fresh> {
    let now = auth.clock.now();
    let expires_at = now.plus(Duration::hours(LONGEST_HOURS));
    let (user_id, stamp) = (proven.principal.user, proven.stamp);
    let family = Family {
        id: Id::new(),
        user_id,
        stamp,
        created_at: now,
        expires_at,
        revoked_at: None,
        address: proven.address.clone(),
        device: proven.device.clone(),
        last_used_at: None,
    };
    let secret = secret::fresh();
    let id = family.id;
    let row =
        RefreshTokenRow { token_hash: secret::hash(&secret), family_id: id, issued_at: now, used_at: None };
    auth.db
        .write_unaudited("refresh.open", move |c| {
            diesel::insert_into(refresh_family::table).values(&family).execute(c)?;
            diesel::insert_into(refresh_token::table).values(&row).execute(c)?;
            Ok(())
        })
        .await?;
    Ok(Fresh { family: id, secret, expires_at })
}

/// How an exchange ended. A theft must be kept, so it is no error inside the write.
enum Exchange {
    /// With when the token was exchanged for the first time.
    Done(Family, Time),
    Unknown,
    Stolen(Id),
}

/// Exchanges a refresh token for a new pair.
///
/// # Errors
/// 401 `REFRESH_INVALID`; 401 `REFRESH_REUSED`, and the family has ended.
pub async fn exchange(auth: &Auth, presented: &str) -> Result<TokenPair> {
    let now = auth.clock.now();
    // Made from the token that is given up: whoever asks again gets the same.
    let sealing = auth.tokens.keys().signing().ok_or_else(|| Error::internal("no key to sign with"))?;
    let (key, secret) = (secret::hash(presented), secret::derived(&sealing.seals, presented)?);
    let next = secret::hash(&secret);
    let outcome = auth.db.write_unaudited("refresh.exchange", move |c| rotate(c, &key, &next, now)).await?;
    match outcome {
        Exchange::Done(family, at) => {
            let fresh = Fresh { family: family.id, secret, expires_at: family.expires_at };
            pair(auth, family.user_id, family.stamp, fresh, at)
        }
        Exchange::Unknown => Err(invalid().into()),
        Exchange::Stolen(user) => {
            tracing::warn!(target: "security", %user, "a used refresh token came back; its family has ended");
            let note = move |tx: &mut Tx| tx.note("session.reused", "app_user", user, &json!({}));
            auth.db.write(&Actor::system("登录", now), note).await?;
            Err(Refusal::new(
                401,
                "REFRESH_REUSED",
                "该刷新令牌已被使用过，为安全起见本次登录已全部作废，请重新登录。",
            )
            .into())
        }
    }
}

fn rotate(conn: &mut AnyConn, key: &str, next: &str, now: Time) -> Result<Exchange> {
    let row: Option<RefreshTokenRow> =
        refresh_token::table.find(key).select(RefreshTokenRow::as_select()).get_result(conn).optional()?;
    let Some(row) = row else { return Ok(Exchange::Unknown) };
    // Changing the family's row first puts exchanges and revocations of one family in an order.
    let living = refresh_family::table
        .find(row.family_id)
        .filter(refresh_family::revoked_at.is_null().and(refresh_family::expires_at.gt(now)));
    let family: Option<Family> = diesel::update(living)
        .set(refresh_family::last_used_at.eq(now))
        .returning(refresh_family::all_columns)
        .get_result(conn)
        .optional()?;
    let Some(family) = family else { return Ok(Exchange::Unknown) };
    let used_at: Option<Time> =
        refresh_token::table.find(key).select(refresh_token::used_at).get_result(conn)?;
    match used_at {
        None => {
            diesel::update(refresh_token::table.find(key))
                .set(refresh_token::used_at.eq(now))
                .execute(conn)?;
        }
        Some(used) if now < used.plus(Duration::seconds(REPEAT_SECONDS)) => {
            // A key that was exchanged meanwhile makes another token: then the log-in is to be done again.
            let same: i64 = refresh_token::table.find(next).count().get_result(conn)?;
            return Ok(if same > 0 { Exchange::Done(family, used) } else { Exchange::Unknown });
        }
        Some(_) => {
            end(conn, family.id, now)?;
            return Ok(Exchange::Stolen(family.user_id));
        }
    }
    let known = users::by_id(conn, family.user_id)?;
    if !known.is_some_and(|k| k.may_act() && k.user.stamp == family.stamp) {
        end(conn, family.id, now)?;
        return Ok(Exchange::Unknown);
    }
    let row =
        RefreshTokenRow { token_hash: next.into(), family_id: family.id, issued_at: now, used_at: None };
    diesel::insert_into(refresh_token::table).values(&row).execute(conn)?;
    Ok(Exchange::Done(family, now))
}

fn end(conn: &mut AnyConn, family: Id, now: Time) -> Result<()> {
    let open = refresh_family::table.find(family).filter(refresh_family::revoked_at.is_null());
    diesel::update(open).set(refresh_family::revoked_at.eq(now)).execute(conn)?;
    Ok(())
}

fn invalid() -> Refusal {
    Refusal::new(401, "REFRESH_INVALID", "刷新令牌无效或已过期，请重新登录。")
}

/// True until a log-in at the API is ended by its person.
pub(super) fn is_open(conn: &mut AnyConn, family: Id) -> Result<bool> {
    let revoked: Option<Option<Time>> =
        refresh_family::table.find(family).select(refresh_family::revoked_at).first(conn).optional()?;
    Ok(revoked.is_some_and(|at| at.is_none()))
}

/// Ends the family of a refresh token; an unknown token is as good as ended.
pub async fn revoke(auth: &Auth, presented: &str) -> Result<()> {
    let (key, now) = (secret::hash(presented), auth.clock.now());
    auth.db
        .write(&Actor::system("登录", now), move |tx| {
            let found = refresh_token::table.find(&key).select(refresh_token::family_id);
            let family: Option<Id> = found.get_result(tx.conn).optional()?;
            let Some(family) = family else { return Ok(()) };
            let open = refresh_family::table.find(family).filter(refresh_family::revoked_at.is_null());
            let ended: Option<Id> = diesel::update(open)
                .set(refresh_family::revoked_at.eq(now))
                .returning(refresh_family::user_id)
                .get_result(tx.conn)
                .optional()?;
            let note = json!({ "session": family });
            ended.map_or(Ok(()), |user| tx.note("session.log_out", "app_user", user, &note))
        })
        .await
}

/// Drops families that ended; for the nightly job. Returns how many.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let mut dropped = 0;
    loop {
        let some = db.write_unaudited("refresh.sweep", move |c| drop_some(c, now)).await?;
        dropped += some;
        if some == 0 {
            return Ok(dropped);
        }
    }
}

/// A few at a time, so that nobody waits for it.
fn drop_some(conn: &mut AnyConn, now: Time) -> Result<usize> {
    let old = refresh_family::table.filter(refresh_family::expires_at.lt(now));
    let ids: Vec<Id> = old.select(refresh_family::id).limit(500).load(conn)?;
    diesel::delete(refresh_token::table.filter(refresh_token::family_id.eq_any(ids.clone())))
        .execute(conn)?;
    diesel::delete(refresh_family::table.filter(refresh_family::id.eq_any(ids)))
        .execute(conn)
        .map_err(Error::from)
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
pub async fn issue_pair(auth: &Auth, proven: &Proven) -> Result<TokenPair> {
    let refresh = open_family(auth, proven).await?;
    pair(auth, proven.principal.user, proven.stamp, refresh, auth.clock.now())
}

fn pair(auth: &Auth, user: Id, stamp: Id, refresh: Fresh, at: Time) -> Result<TokenPair> {
    // Both tokens of a pair belong together, also when it is told again.
    let mut jti = [0; 16];
    jti.iter_mut().zip(secret::hash(&refresh.secret).bytes()).for_each(|(to, from)| *to = from);
    let jti = uuid::Uuid::from_bytes(jti);
    Ok(TokenPair {
        access_token: auth.tokens.issue_in(user, stamp, Some(refresh.family), at, jti)?,
        token_type: "Bearer".into(),
        expires_in: jwt::MINUTES * 60,
        refresh_token: refresh.secret,
        refresh_expires_at: refresh.expires_at.rfc3339(),
    })
}

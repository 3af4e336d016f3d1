//! Where somebody is logged in, and how that is ended: sessions of the portal and log-ins at the API.

use chrono::Duration;
use diesel::prelude::*;

use super::door::Auth;
use super::session::{self, IDLE_MINUTES, LONGEST_HOURS};
use super::users::{self, User};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{portal_session, refresh_family};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Principal;

/// One log-in that is alive.
#[derive(Debug, Clone)]
pub struct Device {
    /// What it is called in addresses; tells nothing of its secret.
    pub key: String,
    /// True for a log-in at the API.
    pub api: bool,
    /// Where from.
    pub address: String,
    /// With what.
    pub device: String,
    /// Since when.
    pub since: Time,
    /// Last request, within a minute.
    pub last_used: Time,
    /// True for the session that asks.
    pub current: bool,
}

/// Characters of a session's hash that name it.
const KEY_CHARS: usize = 24;

fn key_of(token_hash: &str) -> String {
    token_hash.chars().take(KEY_CHARS).collect()
}

/// Every living log-in of anyone who asks, the latest first.
///
/// # Errors
/// Of the database.
pub async fn list(auth: &Auth, who: &Principal, current: Option<String>) -> Result<Vec<Device>> {
    let (user, now) = (who.user, auth.clock.now());
    auth.db
        .read(move |c| {
            let Some(known) = users::by_id(c, user)? else { return Ok(Vec::new()) };
            let mut all = portal(c, &known.user, current.as_deref(), now)?;
            all.extend(api(c, &known.user, current.as_deref(), now)?);
            all.sort_by_key(|device| std::cmp::Reverse(device.last_used));
            Ok(all)
        })
        .await
}

fn portal(conn: &mut AnyConn, user: &User, current: Option<&str>, now: Time) -> Result<Vec<Device>> {
    let rows: Vec<(String, String, String, Time, Time)> = portal_session::table
        .filter(portal_session::user_id.eq(user.id))
        .filter(portal_session::stamp.eq(user.stamp))
        .filter(portal_session::revoked_at.is_null())
        .filter(portal_session::last_seen_at.gt(now.plus(-Duration::minutes(IDLE_MINUTES))))
        .filter(portal_session::created_at.gt(now.plus(-Duration::hours(LONGEST_HOURS))))
        .select((
            portal_session::token_hash,
            portal_session::address,
            portal_session::device,
            portal_session::created_at,
            portal_session::last_seen_at,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(hash, address, device, since, last_used)| Device {
            key: key_of(&hash),
            api: false,
            address,
            device,
            since,
            last_used,
            current: current == Some(hash.as_str()),
        })
        .collect())
}

fn api(conn: &mut AnyConn, user: &User, current: Option<&str>, now: Time) -> Result<Vec<Device>> {
    let rows: Vec<(Id, String, String, Time, Option<Time>)> = refresh_family::table
        .filter(refresh_family::user_id.eq(user.id))
        .filter(refresh_family::stamp.eq(user.stamp))
        .filter(refresh_family::revoked_at.is_null())
        .filter(refresh_family::expires_at.gt(now))
        .select((
            refresh_family::id,
            refresh_family::address,
            refresh_family::device,
            refresh_family::created_at,
            refresh_family::last_used_at,
        ))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, address, device, since, used)| Device {
            current: current == Some(id.to_string().as_str()),
            key: id.to_string(),
            api: true,
            address,
            device,
            since,
            last_used: used.unwrap_or(since),
        })
        .collect())
}

/// Ends one of one's own log-ins, at once.
///
/// # Errors
/// 404 for an unknown one and for everybody else's.
pub async fn revoke(auth: &Auth, who: &Principal, key: String) -> Result<()> {
    let user = who.user;
    auth.db
        .write(&who.actor(), move |tx| {
            let now = tx.now();
            let ended = match key.parse::<Id>() {
                Ok(family) => diesel::update(
                    refresh_family::table
                        .filter(refresh_family::id.eq(family))
                        .filter(refresh_family::user_id.eq(user))
                        .filter(refresh_family::revoked_at.is_null()),
                )
                .set(refresh_family::revoked_at.eq(now))
                .execute(tx.conn)?,
                Err(_) => revoke_portal(tx.conn, user, &key, now)?,
            };
            if ended == 0 {
                return Err(Refusal::not_found("登录").into());
            }
            tx.note("session.revoke", "app_user", user, &serde_json::json!({ "session": key }))
        })
        .await
}

fn revoke_portal(conn: &mut AnyConn, user: Id, key: &str, now: Time) -> Result<usize> {
    let open: Vec<String> = portal_session::table
        .filter(portal_session::user_id.eq(user))
        .filter(portal_session::revoked_at.is_null())
        .select(portal_session::token_hash)
        .load(conn)?;
    let Some(hash) = open.into_iter().find(|hash| key_of(hash) == key) else { return Ok(0) };
    Ok(diesel::update(portal_session::table.find(hash))
        .set(portal_session::revoked_at.eq(now))
        .execute(conn)?)
}

/// Ends all of one's own log-ins but the session `kept`: a new stamp makes every other session and token nothing.
///
/// # Errors
/// Of the database.
pub async fn revoke_others(auth: &Auth, who: &Principal, kept: Option<String>) -> Result<()> {
    let id = who.user;
    auth.db
        .write(&who.actor(), move |tx| {
            let user = users::by_id(tx.conn, id)?.ok_or_else(|| Refusal::not_found("用户"))?.user;
            let mut after = user.clone();
            after.end_sessions();
            users::save_ended(tx, "user.end_sessions", &user, &mut after, None)?;
            kept.as_ref().map_or(Ok(()), |kept| session::restamp(tx.conn, kept, after.stamp))
        })
        .await
}

//! Sessions of the portal: an opaque random secret in a cookie, its hash in the database. They end half an hour after the
//! last request, twelve hours after the log-in, at the log-out, and when the account's stamp changes.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::json;

use super::door::Auth;
use super::login::Proven;
use super::users::{self, AccountRow, AccountWithOrganisation};
use crate::on_db;
use crate::platform::db::{Actor, Db};
use crate::platform::error::{Error, Result};
use crate::platform::schema::{app_user, organisation, portal_session};
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};

/// Minutes without a request after which a session ends.
pub const IDLE_MINUTES: i64 = 30;
/// Hours after the log-in after which it ends in any case.
pub const LONGEST_HOURS: i64 = 12;
/// Days that an ended session is known, so that what is sent from its page after a weekend is still its person's.
const KNOWN_DAYS: i64 = 7;
/// A session's last request is written down at most this often, so that reading pages does not write.
const TOUCH_SECONDS: i64 = 60;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = portal_session)]
struct SessionRow {
    token_hash: String,
    user_id: Id,
    stamp: Id,
    form_token: String,
    created_at: Time,
    last_seen_at: Time,
    revoked_at: Option<Time>,
    address: String,
    device: String,
    confined: bool,
}

impl SessionRow {
    fn is_alive(&self, now: Time) -> bool {
        self.revoked_at.is_none()
            && now < self.last_seen_at.plus(Duration::minutes(IDLE_MINUTES))
            && now < self.created_at.plus(Duration::hours(LONGEST_HOURS))
    }
}

/// A session that is alive.
pub struct Session {
    pub(super) known: AccountWithOrganisation,
    /// What forms of this session carry.
    pub form_token: String,
    /// What the database knows the session by.
    pub token_hash: String,
    /// True where nothing may be done but to set up the second step.
    pub confined: bool,
}

impl Session {
    /// The person, for a request received at `at`.
    pub fn principal(self, request_id: Option<String>, at: Time) -> crate::platform::who::Principal {
        self.known.principal(request_id, at)
    }
}

/// Opens a session; the secret goes into the cookie and nowhere else.
pub async fn open(auth: &Auth, proven: &Proven) -> Result<String> {
    let secret = secret::fresh();
    let now = auth.clock.now();
    let row = SessionRow {
        token_hash: secret::hash(&secret),
        user_id: proven.principal.user,
        stamp: proven.stamp,
        form_token: secret::fresh(),
        created_at: now,
        last_seen_at: now,
        revoked_at: None,
        address: proven.address.clone(),
        device: proven.device.clone(),
        confined: proven.confined,
    };
    auth.db
        .write_unaudited("session.open", move |c| {
            diesel::insert_into(portal_session::table).values(&row).execute(c)?;
            Ok(())
        })
        .await?;
    Ok(secret)
}

/// The living session that the secret belongs to.
pub async fn find(auth: &Auth, secret: &str) -> Result<Option<Session>> {
    let key = secret::hash(secret);
    let now = auth.clock.now();
    let found = auth.db.read(move |c| load(c, &key, now)).await?;
    let Some((session, last_seen)) = found else { return Ok(None) };
    if now >= last_seen.plus(Duration::seconds(TOUCH_SECONDS)) {
        let key = session.token_hash.clone();
        auth.db.write_unaudited("session.touch", move |c| touch(c, &key, now)).await?;
    }
    Ok(Some(session))
}

fn load(conn: &mut AnyConn, key: &str, now: Time) -> Result<Option<(Session, Time)>> {
    let found: Option<(SessionRow, AccountRow)> = on_db!(conn, c => portal_session::table
        .inner_join(app_user::table.inner_join(organisation::table))
        .filter(portal_session::token_hash.eq(key))
        .select((SessionRow::as_select(), users::KNOWN))
        .get_result(c))
    .optional()?;
    let Some((row, known)) = found.map(|(row, known)| (row, AccountWithOrganisation::from(known))) else {
        return Ok(None);
    };
    if !row.is_alive(now) || !known.may_act() || known.user.stamp != row.stamp {
        return Ok(None);
    }
    let SessionRow { form_token, token_hash, confined, last_seen_at, .. } = row;
    Ok(Some((Session { known, form_token, token_hash, confined }, last_seen_at)))
}

/// Whose session it was, though it has ended; none where the form is not one of it.
pub async fn ended(auth: &Auth, secret: &str, form_token: &str) -> Result<Option<Id>> {
    let (key, token) = (secret::hash(secret), form_token.to_owned());
    auth.db
        .read(move |conn| {
            let row: Option<(Id, String)> = portal_session::table
                .find(key)
                .select((portal_session::user_id, portal_session::form_token))
                .get_result(conn)
                .optional()?;
            Ok(row.filter(|(_, own)| secret::equal(own, &token)).map(|(user, _)| user))
        })
        .await
}

/// Whether a form is one of another session of the same person, who has logged in anew since.
pub async fn is_of_another(auth: &Auth, user: Id, form_token: &str) -> Result<bool> {
    let token = form_token.to_owned();
    auth.db
        .read(move |conn| {
            let same = portal_session::table
                .filter(portal_session::user_id.eq(user))
                .filter(portal_session::form_token.eq(token));
            Ok(same.count().get_result::<i64>(conn)? > 0)
        })
        .await
}

fn touch(conn: &mut AnyConn, key: &str, now: Time) -> Result<()> {
    let earlier = portal_session::table.find(key).filter(portal_session::last_seen_at.lt(now));
    diesel::update(earlier).set(portal_session::last_seen_at.eq(now)).execute(conn)?;
    Ok(())
}

/// Ends a session at its person's wish; `who` stands in the audit.
pub async fn revoke(auth: &Auth, who: Actor, token_hash: &str) -> Result<()> {
    let key = token_hash.to_owned();
    // Whose organisation is suspended may still leave.
    let actor = Actor { organisation: None, ..who };
    auth.db
        .write(&actor, move |tx| {
            let open = portal_session::table.find(&key).filter(portal_session::revoked_at.is_null());
            let ended: Option<Id> = diesel::update(open)
                .set(portal_session::revoked_at.eq(tx.now()))
                .returning(portal_session::user_id)
                .get_result(tx.conn)
                .optional()?;
            ended.map_or(Ok(()), |user| tx.note("session.log_out", "app_user", user, &json!({})))
        })
        .await
}

/// Lets a session that could only set up the second step go wherever its person may; inside the write that set it up.
pub(super) fn free(conn: &mut AnyConn, token_hash: &str) -> Result<()> {
    diesel::update(portal_session::table.find(token_hash))
        .set(portal_session::confined.eq(false))
        .execute(conn)?;
    Ok(())
}

/// Lets one session go on after the account's stamp changed; inside the write that changes it.
pub(super) fn restamp(conn: &mut AnyConn, token_hash: &str, stamp: Id) -> Result<()> {
    diesel::update(portal_session::table.find(token_hash))
        .set(portal_session::stamp.eq(stamp))
        .execute(conn)?;
    Ok(())
}

/// As [`restamp`], and gives it another secret: what a thief may have seen of the old one opens nothing.
pub(super) fn renew(conn: &mut AnyConn, token_hash: &str, stamp: Id, new: &str) -> Result<()> {
    diesel::update(portal_session::table.find(token_hash))
        .set((portal_session::stamp.eq(stamp), portal_session::token_hash.eq(secret::hash(new))))
        .execute(conn)?;
    Ok(())
}

/// Drops sessions that ended long ago; for the nightly job. Returns how many.
pub async fn sweep(db: &Db, now: Time) -> Result<usize> {
    let before = now.plus(-Duration::days(KNOWN_DAYS));
    db.write_unaudited("session.sweep", move |c| {
        let old = portal_session::table.filter(portal_session::created_at.lt(before));
        diesel::delete(old).execute(c).map_err(Error::from)
    })
    .await
}

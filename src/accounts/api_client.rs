//! Machine clients: the hospital's or the enterprise's own system. Its administrator makes it and chooses its scopes; the secret
//! is shown once and kept as a hash; rotation and revocation end its tokens at once. Behind each stands an account that nobody
//! can log in to, so that its acts have an author.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::door::Auth;
use super::users::{self, User, UserState};
use super::{password, people};
use crate::platform::audit::Audited;
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::input::{Checks, Field};
use crate::platform::schema::{app_user, machine_client};
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::scope::Scope;
use crate::platform::who::{Post, Principal};
use crate::{save, versioned};

/// Living clients that one organisation may have.
const MOST: i64 = 50;
/// What the organisation calls its system.
pub const NAME: Field = Field::new("name", "系统名称", 2..=50);

/// One client.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = machine_client, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Client {
    /// Key; also that of the account behind it.
    pub id: Id,
    /// Whose system it is.
    pub organisation_id: Id,
    /// What its administrator calls it.
    pub name: String,
    /// What it may do, words separated by blanks.
    pub scopes: String,
    /// SHA-256 of the secret; not in the audit.
    #[serde(skip)]
    pub secret_hash: String,
    /// Who made it.
    pub created_by: Id,
    /// When.
    pub created_at: Time,
    /// When the secret was last replaced.
    pub rotated_at: Option<Time>,
    /// When it last asked for a token; book-keeping, not in the audit.
    #[serde(skip)]
    #[diesel(skip_update)]
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// Optimistic lock.
    pub version: i64,
}

impl Audited for Client {
    const TYPE: &'static str = "machine_client";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(Client, "系统对接");

impl Client {
    /// What it may do.
    pub fn scopes(&self) -> Vec<Scope> {
        self.scopes.split_whitespace().filter_map(|word| word.parse().ok()).collect()
    }

    /// Another secret in the place of the old one.
    pub fn rotate(&mut self, secret_hash: String, at: Time) {
        self.secret_hash = secret_hash;
        self.rotated_at = Some(at);
    }

    /// The end.
    pub fn revoke(&mut self, at: Time) {
        self.revoked_at = Some(at);
    }
}

/// A client that is to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// What to call it.
    #[schema(min_length = 2, max_length = 50)]
    pub name: String,
    /// What it may do.
    #[schema(min_items = 1)]
    pub scopes: Vec<Scope>,
}

/// Administrators of hospitals and enterprises keep clients.
///
/// # Errors
/// 403.
pub fn may_keep(who: &Principal) -> Result<()> {
    people::may_manage(who)?;
    if who.is(|kind| kind.is_hospital() || kind.is_supplier()) {
        return Ok(());
    }
    Err(Refusal::new(403, "FORBIDDEN", "只有医疗机构和企业可以设置系统对接。").into())
}

/// Makes a client; the secret is returned once. Without an idempotency key: its kept answer would hold the secret.
///
/// # Errors
/// 403; 409 where there are too many; 422 naming each wrong member.
pub async fn create(db: &Db, who: &Principal, new: NewClient) -> Result<(Client, String)> {
    may_keep(who)?;
    let scopes = checked_scopes(who, &new.scopes);
    let mut checks = Checks::default();
    let name = checks.line(&NAME, &new.name);
    let mut errors = checks.into_errors();
    errors.extend(scopes.as_ref().err().cloned());
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors).into());
    }
    let (scopes, who, secret) = (scopes.unwrap_or_default(), who.clone(), secret::fresh());
    let hash = secret::hash(&secret);
    let client = db.write(&who.actor(), move |tx| insert_client(tx, &who, &name, &scopes, &hash)).await?;
    Ok((client, secret))
}

fn checked_scopes(who: &Principal, given: &[Scope]) -> std::result::Result<String, FieldError> {
    let wrong = |detail: String| FieldError { pointer: "/scopes".into(), detail };
    if given.is_empty() {
        return Err(wrong("请至少选择一项权限。".into()));
    }
    if let Some(strange) = given.iter().find(|scope| !who.is(|kind| scope.fits(kind))) {
        return Err(wrong(format!("{}不能有“{}”这项权限。", who.kind.label(), strange.label())));
    }
    let chosen = Scope::ALL.iter().filter(|scope| given.contains(scope)).map(|scope| scope.as_str());
    Ok(chosen.collect::<Vec<_>>().join(" "))
}

fn insert_client(tx: &mut Tx, who: &Principal, name: &str, scopes: &str, hash: &str) -> Result<Client> {
    let living: i64 = machine_client::table
        .filter(machine_client::organisation_id.eq(who.organisation))
        .filter(machine_client::revoked_at.is_null())
        .count()
        .get_result(tx.conn)?;
    in_state(living < MOST, || format!("每个单位至多 {MOST} 个系统对接，请先撤销不用的。"))?;
    let id = Id::new();
    let account = User {
        id,
        organisation_id: who.organisation,
        login: format!("client:{id}"),
        display_name: name.into(),
        email: String::new(),
        function: Post::Viewer,
        state: UserState::Machine,
        password_hash: password::NONE.into(),
        stamp: Id::new(),
        created_at: tx.now(),
        version: 1,
    };
    users::insert(tx, &account)?;
    let client = Client {
        id,
        organisation_id: who.organisation,
        name: name.into(),
        scopes: scopes.into(),
        secret_hash: hash.into(),
        created_by: who.user,
        created_at: tx.now(),
        rotated_at: None,
        last_used_at: None,
        revoked_at: None,
        version: 1,
    };
    diesel::insert_into(machine_client::table).values(&client).execute(tx.conn)?;
    tx.record("client.create", None, Some(&client), None)?;
    Ok(client)
}

/// The organisation's clients, the living ones first.
///
/// # Errors
/// 403.
pub async fn list(db: &Db, who: &Principal) -> Result<Vec<Client>> {
    may_keep(who)?;
    let organisation = who.organisation;
    let mut all: Vec<Client> = db
        .read(move |c| {
            Ok(machine_client::table
                .filter(machine_client::organisation_id.eq(organisation))
                .order((machine_client::created_at.desc(), machine_client::id))
                .select(Client::as_select())
                .limit(500)
                .load(c)?)
        })
        .await?;
    all.sort_by_key(|client| client.revoked_at.is_some());
    Ok(all)
}

/// Replaces the secret; the old one and its tokens end at once. The new one is returned once.
///
/// # Errors
/// 403; 404 for another organisation's; 409 for a revoked one or another version.
pub async fn rotate(db: &Db, who: &Principal, id: Id, version: i64) -> Result<(Client, String)> {
    may_keep(who)?;
    let (who, secret) = (who.clone(), secret::fresh());
    let hash = secret::hash(&secret);
    let client = db
        .write(&who.actor(), move |tx| {
            let before = living(tx.conn, &who, id, version)?;
            let mut after = before.clone();
            after.rotate(hash.clone(), tx.now());
            save!(tx, machine_client, &before, &mut after, "client.rotate", None)?;
            end_tokens(tx, id)?;
            Ok(after)
        })
        .await?;
    Ok((client, secret))
}

/// Ends a client and its tokens at once.
///
/// # Errors
/// 403; 404 for another organisation's; 409 for a revoked one or another version.
pub async fn revoke(db: &Db, who: &Principal, id: Id, version: i64) -> Result<()> {
    may_keep(who)?;
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = living(tx.conn, &who, id, version)?;
        let mut after = before.clone();
        after.revoke(tx.now());
        save!(tx, machine_client, &before, &mut after, "client.revoke", None)?;
        end_tokens(tx, id)
    })
    .await
}

fn living(conn: &mut AnyConn, who: &Principal, id: Id, version: i64) -> Result<Client> {
    let found: Option<Client> = machine_client::table
        .filter(machine_client::id.eq(id))
        .filter(machine_client::organisation_id.eq(who.organisation))
        .select(Client::as_select())
        .first(conn)
        .optional()?;
    let client = found.ok_or_else(|| Refusal::not_found("系统对接"))?;
    in_state(client.revoked_at.is_none(), || "该系统对接已撤销，请新建一个。")?;
    fresh(&client, version)?;
    Ok(client)
}

/// A new stamp of the account behind a client makes earlier tokens nothing.
fn end_tokens(tx: &mut Tx, id: Id) -> Result<()> {
    let account: User = app_user::table.find(id).select(User::as_select()).first(tx.conn)?;
    let mut after = account.clone();
    after.end_sessions();
    users::save_ended(tx, "user.end_sessions", &account, &mut after, None)
}

/// A client with its account, where both may act.
pub(super) fn acting(conn: &mut AnyConn, id: Id) -> Result<Option<(Client, users::AccountWithOrganisation)>> {
    let client: Option<Client> =
        machine_client::table.find(id).select(Client::as_select()).first(conn).optional()?;
    let Some(client) = client.filter(|client| client.revoked_at.is_none()) else { return Ok(None) };
    let known = users::by_id(conn, id)?.filter(users::AccountWithOrganisation::machine_may_act);
    Ok(known.map(|known| (client, known)))
}

/// An access token for a client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientToken {
    /// Goes into `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds that it lives; there is no refresh, ask again.
    pub expires_in: i64,
    /// What it may do, separated by blanks.
    pub scope: String,
}

/// Counts a wrong secret: of a system that is known against this system, so that one with an old secret is in nobody's way; the
/// right one is never refused for others' wrong ones.
fn count_failure(auth: &Auth, client: Option<Id>, caller: &Caller) -> Result<()> {
    let (limits, now) = (&auth.limits, auth.clock.steady());
    let counted = match client {
        Some(id) => limits.clients.try_take(id, now),
        None => limits.strangers.try_take(caller.network(), now),
    };
    counted.map_err(|seconds| {
        let wait = super::limit::wait(seconds);
        let detail = format!(
            "该系统的密钥多次不正确，请在 {wait}后再试，并核对所用的系统编号和密钥；如密钥已更换，请联系本单位管理员。"
        );
        Refusal::new(429, "TOO_MANY_TRIES", detail).with("retry_after", seconds).into()
    })
}

/// Client credentials for a token of a quarter of an hour.
///
/// # Errors
/// 401 `CLIENT_FAILED`, the same for an unknown, a revoked and a suspended one; 429 `TOO_MANY_TRIES`.
pub async fn token(auth: &Auth, id: &str, given: &str, caller: Caller) -> Result<ClientToken> {
    let now = auth.clock.now();
    let key: Option<Id> = id.trim().parse().ok();
    let found = match key {
        Some(key) => auth.db.read(move |c| acting(c, key)).await?,
        None => None,
    };
    let hash = secret::hash(given);
    let address = caller.address.to_string();
    let client = found.as_ref().map(|(client, _)| client.id);
    let Some((client, known)) = found.filter(|(client, _)| secret::equal(&client.secret_hash, &hash)) else {
        count_failure(auth, client, &caller)?;
        let actor = Actor { request_id: caller.request_id, ..Actor::system("系统对接", now) };
        let of = key.unwrap_or(Id(uuid::Uuid::nil()));
        let content = serde_json::json!({ "address": address });
        auth.db.write(&actor, move |tx| tx.note("client.failed", "machine_client", of, &content)).await?;
        let detail = "系统编号或密钥不正确，或已撤销、单位已暂停。请联系本单位管理员。";
        return Err(Refusal::new(401, "CLIENT_FAILED", detail).into());
    };
    let (stamp, id) = (known.user.stamp, client.id);
    let actor = known.principal(caller.request_id, now).actor();
    auth.db
        .write(&actor, move |tx| {
            let now = tx.now();
            diesel::update(machine_client::table.find(id))
                .set(machine_client::last_used_at.eq(now))
                .execute(tx.conn)?;
            tx.note("client.token", "machine_client", id, &serde_json::json!({ "address": address }))
        })
        .await?;
    let access_token = auth.tokens.issue_machine(id, stamp, now)?;
    let expires_in = super::jwt::MINUTES * 60;
    Ok(ClientToken { access_token, token_type: "Bearer".into(), expires_in, scope: client.scopes })
}

//! People's accounts. An account belongs to one organisation and has one post there.

use diesel::prelude::*;
use serde::{Serialize, Serializer};

use super::link::{self, Fault, Purpose};
pub use super::name::normalise_login;
use super::name::{self, normalise_name};
use super::{password, strength};
use crate::platform::audit::Audited;
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{app_user, organisation};
use crate::platform::secret;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::{Kinds, OrgKind, Post, Principal};
use crate::{on_db, save, text_enum, versioned};

text_enum! {
    /// Whether somebody may log in.
    pub enum UserState {
        /// May log in.
        Active = "active" | "可登录" [Done],
        /// May not.
        Disabled = "disabled" | "已停用" [Plain],
        /// Was invited and has not set a password yet.
        Invited = "invited" | "待接受邀请" [Waiting],
        /// No person: a system of the organisation, which has a credential of its own.
        Machine = "machine" | "系统对接" [Plain],
    }
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = app_user)]
pub struct User {
    /// Key.
    pub id: Id,
    /// Where the person works.
    pub organisation_id: Id,
    /// What is typed at the log-in; lower case, unique on the platform.
    pub login: String,
    /// The person's name.
    pub display_name: String,
    /// Where mails go.
    pub email: String,
    /// What the person does there.
    pub function: Post,
    /// Whether the person may log in.
    pub state: UserState,
    /// PHC string. The audit holds its SHA-256 only: enough to see that it was changed.
    #[serde(serialize_with = "fingerprint")]
    pub password_hash: String,
    /// Sessions and tokens carry it; a new one ends them all.
    pub stamp: Id,
    /// When the account was made.
    pub created_at: Time,
    /// Optimistic lock.
    pub version: i64,
}

impl Audited for User {
    const TYPE: &'static str = "app_user";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(User, "用户");

fn fingerprint<S: Serializer>(hash: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&secret::hash(hash))
}

impl User {
    /// False until the person sets the first one.
    pub fn has_password(&self) -> bool {
        self.password_hash != password::NONE
    }

    /// The invited person takes the account up.
    pub fn accept(&mut self, password_hash: String) {
        self.state = UserState::Active;
        self.set_password(password_hash);
    }

    /// Another password; sessions and tokens end.
    pub fn set_password(&mut self, password_hash: String) {
        self.password_hash = password_hash;
        self.end_sessions();
    }

    /// Sessions and tokens end.
    pub fn end_sessions(&mut self) {
        self.stamp = Id::new();
    }

    /// No more access: sessions and tokens end.
    pub fn disable(&mut self) {
        self.state = UserState::Disabled;
        self.end_sessions();
    }

    /// Access again; an account without a password waits for its person as before.
    pub fn enable(&mut self) {
        self.state = if self.has_password() { UserState::Active } else { UserState::Invited };
    }
}

/// What it takes to make an account.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Where the person works.
    pub organisation: Id,
    /// Wanted log-in name.
    pub login: String,
    /// The person's name.
    pub display_name: String,
    /// Where mails go; may be empty.
    pub email: String,
    /// What the person does there.
    pub function: Post,
    /// The first password.
    pub password: String,
}

/// Makes an account.
///
/// # Errors
/// 422 naming each wrong member; 409 `LOGIN_TAKEN`; 404 where there is no such organisation.
pub async fn create(db: &Db, passwords: &password::Passwords, actor: &Actor, new: NewUser) -> Result<User> {
    let id = new.organisation;
    let name = organisation::table.find(id).select(organisation::name);
    let name: Option<String> = db.read(move |c| Ok(name.first(c).optional()?)).await?;
    let name = name.ok_or_else(|| Refusal::not_found("单位"))?;
    let user = prepare(passwords, actor.received_at, new, &name).await?;
    db.write(actor, move |tx| insert(tx, &user)).await
}

/// Checks what was given and hashes the password: the part of [`create`] that takes long and needs no database.
/// `organisation` is its name, which must not stand in the password.
///
/// # Errors
/// 422 naming each wrong member.
pub async fn prepare(
    passwords: &password::Passwords,
    now: Time,
    new: NewUser,
    organisation: &str,
) -> Result<User> {
    let (login, name) = (normalise_login(&new.login), normalise_name(&new.display_name));
    let errors = name::problems(&login, &name, &new.email, false);
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors).into());
    }
    strength::check_for("/password", &[&login, &name, mailbox(&new.email), organisation], &new.password)?;
    let password_hash = passwords.hash(new.password).await?;
    Ok(User {
        id: Id::new(),
        organisation_id: new.organisation,
        login,
        display_name: name,
        email: new.email,
        function: new.function,
        state: UserState::Active,
        password_hash,
        stamp: Id::new(),
        created_at: now,
        version: 1,
    })
}

/// Inserts a prepared account.
///
/// # Errors
/// 409 `LOGIN_TAKEN`; 404 where there is no such organisation; 422 where the post does not fit it.
pub fn insert(tx: &mut Tx, user: &User) -> Result<User> {
    let kinds: Option<(OrgKind, Kinds)> = organisation::table
        .find(user.organisation_id)
        .select((organisation::kind, organisation::other_kinds))
        .first(tx.conn)
        .optional()?;
    let Some((kind, others)) = kinds else { return Err(Refusal::not_found("单位").into()) };
    if !user.function.fits(kind) && !others.0.iter().any(|k| user.function.fits(*k)) {
        let detail = format!("{}没有“{}”这一岗位，请另选。", kind.label(), user.function.label());
        return Err(Refusal::field("/function", detail).into());
    }
    let taken: Option<Id> = app_user::table
        .filter(app_user::login.eq(&user.login))
        .select(app_user::id)
        .first(tx.conn)
        .optional()?;
    if taken.is_some() {
        return Err(Refusal::new(
            409,
            "LOGIN_TAKEN",
            format!("登录名 {} 已有人使用，请换一个。", user.login),
        )
        .into());
    }
    let user: User = diesel::insert_into(app_user::table)
        .values(user)
        .returning(app_user::all_columns)
        .get_result(tx.conn)?;
    tx.record("user.create", None, Some(&user), None)?;
    Ok(user)
}

/// Saves an account whose sessions end, with its entry in the audit. What somebody began with the password of before comes to
/// nothing too: a log-in that waits for its code, a new mailbox.
///
/// # Errors
/// 409 where somebody else changed it since.
pub(super) fn save_ended(
    tx: &mut Tx,
    action: &str,
    before: &User,
    after: &mut User,
    reason: Option<&str>,
) -> Result<()> {
    save!(tx, app_user, before, after, action, reason)?;
    let now = tx.now();
    for purpose in [Purpose::SECOND_STEP, Purpose::MAILBOX] {
        link::end(tx.conn, purpose, before.id, now)?;
    }
    Ok(())
}

/// Puts a hash of today's cost in place of an older one of the same password. Sessions go on.
pub(super) fn rehash(tx: &mut Tx, id: Id, old: &str, new: &str) -> Result<()> {
    let user: User = app_user::table.find(id).select(User::as_select()).first(tx.conn)?;
    if user.password_hash != old {
        return Ok(());
    }
    let mut after = User { password_hash: new.into(), ..user.clone() };
    save!(tx, app_user, &user, &mut after, "user.rehash", None)
}

/// What stands before the @.
pub(super) fn mailbox(email: &str) -> &str {
    email.split('@').next().unwrap_or_default()
}

/// An account with its organisation, as far as a request needs it.
pub(super) struct AccountWithOrganisation {
    pub user: User,
    pub kind: OrgKind,
    pub other_kinds: Kinds,
    pub organisation_name: String,
    pub organisation_state: String,
}

/// State of an organisation whose people may log in.
const ACTIVE: &str = "active";
/// State of an organisation that may not act for the time being.
const SUSPENDED: &str = "suspended";

impl AccountWithOrganisation {
    /// True where the person may act at present.
    pub fn may_act(&self) -> bool {
        self.user.state == UserState::Active && self.organisation_state == ACTIVE
    }

    /// True where only the organisation's suspension keeps the person from acting.
    pub fn is_suspended(&self) -> bool {
        self.user.state == UserState::Active && self.organisation_state == SUSPENDED
    }

    /// True where the system behind the account may act at present.
    pub fn machine_may_act(&self) -> bool {
        self.user.state == UserState::Machine && self.organisation_state == ACTIVE
    }

    /// What must not stand in the person's password.
    pub fn names(&self) -> [&str; 4] {
        let user = &self.user;
        [&user.login, &user.display_name, mailbox(&user.email), &self.organisation_name]
    }

    pub fn principal(self, request_id: Option<String>, at: Time) -> Principal {
        Principal {
            user: self.user.id,
            organisation: self.user.organisation_id,
            kind: self.kind,
            other_kinds: self.other_kinds,
            post: self.user.function,
            name: self.user.display_name,
            organisation_name: self.organisation_name,
            request_id,
            received_at: at,
        }
    }
}

pub(super) type AccountRow = (User, OrgKind, Kinds, String, String);

type KnownColumns = (
    <app_user::table as Table>::AllColumns,
    organisation::kind,
    organisation::other_kinds,
    organisation::name,
    organisation::state,
);

/// The columns of [`AccountWithOrganisation`].
pub(super) const KNOWN: KnownColumns = (
    app_user::all_columns,
    organisation::kind,
    organisation::other_kinds,
    organisation::name,
    organisation::state,
);

impl From<AccountRow> for AccountWithOrganisation {
    fn from((user, kind, other_kinds, organisation_name, organisation_state): AccountRow) -> Self {
        Self { user, kind, other_kinds, organisation_name, organisation_state }
    }
}

/// The account with that log-in name.
pub(super) fn by_login(conn: &mut AnyConn, login: &str) -> Result<Option<AccountWithOrganisation>> {
    let row: Option<AccountRow> = app_user::table
        .inner_join(organisation::table)
        .filter(app_user::login.eq(login))
        .select(KNOWN)
        .get_result(conn)
        .optional()?;
    Ok(row.map(AccountWithOrganisation::from))
}

/// The account with that key.
pub(super) fn by_id(conn: &mut AnyConn, id: Id) -> Result<Option<AccountWithOrganisation>> {
    let row: Option<AccountRow> = on_db!(conn, c => app_user::table
        .inner_join(organisation::table)
        .filter(app_user::id.eq(id))
        .select(KNOWN)
        .get_result(c))
    .optional()?;
    Ok(row.map(AccountWithOrganisation::from))
}

/// The person whom a link belongs to, where it still works; it is not used up.
pub(super) fn person(
    conn: &mut AnyConn,
    purpose: Purpose,
    secret: &str,
    now: Time,
) -> Result<AccountWithOrganisation> {
    let link = link::look(conn, purpose, secret, now)?;
    by_id(conn, link.subject_id)?.ok_or_else(|| (purpose.refusal)(Fault::Unknown).into())
}

/// As [`person`], and uses the link up.
pub(super) fn redeem_person(tx: &mut Tx, purpose: Purpose, secret: &str) -> Result<AccountWithOrganisation> {
    let link = link::redeem(tx, purpose, secret)?;
    by_id(tx.conn, link.subject_id)?.ok_or_else(|| (purpose.refusal)(Fault::Unknown).into())
}

//! People's accounts. An account belongs to one organisation and has one function there.

use diesel::prelude::*;
use serde::{Serialize, Serializer};

use super::{Function, Kinds, OrgKind, Principal, password, secret};
use crate::on_db;
use crate::platform::audit::Audited;
use crate::platform::clock::Time;
use crate::platform::db::{Actor, AnyConn, Db, Id, Tx};
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::schema::{app_user, organisation};
use crate::words;

words! {
    /// Whether somebody may log in.
    pub enum UserState {
        /// May log in.
        Active = "active",
        /// May not.
        Disabled = "disabled",
    }
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Selectable, Insertable)]
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
    pub function: Function,
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

fn fingerprint<S: Serializer>(hash: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&secret::hash(hash))
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
    pub function: Function,
    /// The first password.
    pub password: String,
}

/// Makes an account.
///
/// # Errors
/// 422 naming each wrong member; 409 `LOGIN_TAKEN`; 404 where there is no such organisation.
pub async fn create(db: &Db, passwords: &password::Passwords, actor: &Actor, new: NewUser) -> Result<User> {
    let user = prepare(passwords, actor.received_at, new).await?;
    db.write(actor, move |tx| insert(tx, &user)).await
}

/// Checks what was given and hashes the password: the part of [`create`] that takes long and needs no database.
///
/// # Errors
/// 422 naming each wrong member.
pub async fn prepare(passwords: &password::Passwords, now: Time, new: NewUser) -> Result<User> {
    let login = normalise_login(&new.login);
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, detail: &str| {
        errors.push(FieldError { pointer: pointer.into(), detail: detail.into() });
    };
    if !is_login(&login) {
        wrong("/login", "登录名须为 3 至 64 个小写字母、数字或 . _ - @，并以字母或数字开头。");
    }
    let name = new.display_name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 50 {
        wrong("/display_name", "姓名须为 1 至 50 个字。");
    }
    if !new.email.is_empty() && new.email.parse::<lettre::Address>().is_err() {
        wrong("/email", "电子邮箱的写法不对，例如 zhang@example.cn。");
    }
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors).into());
    }
    password::check("/password", &login, &new.password)?;
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
/// 409 `LOGIN_TAKEN`; 404 where there is no such organisation; 422 where the function does not fit it.
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

/// Log-in names are compared in lower case and without the width and blanks that an input method adds.
pub fn normalise_login(typed: &str) -> String {
    crate::platform::input::half_width(typed).trim().to_lowercase()
}

fn is_login(login: &str) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '@');
    (3..=64).contains(&login.len())
        && login.chars().all(good)
        && login.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
}

/// An account with its organisation, as far as a request needs it.
pub(super) struct Known {
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

impl Known {
    /// True where the person may act at present.
    pub fn may_act(&self) -> bool {
        self.user.state == UserState::Active && self.organisation_state == ACTIVE
    }

    /// True where only the organisation's suspension keeps the person from acting.
    pub fn is_suspended(&self) -> bool {
        self.user.state == UserState::Active && self.organisation_state == SUSPENDED
    }

    pub fn principal(self, request_id: Option<String>, at: Time) -> Principal {
        Principal {
            user: self.user.id,
            organisation: self.user.organisation_id,
            kind: self.kind,
            other_kinds: self.other_kinds,
            function: self.user.function,
            name: self.user.display_name,
            organisation_name: self.organisation_name,
            request_id,
            received_at: at,
        }
    }
}

type KnownRow = (User, OrgKind, Kinds, String, String);

impl From<KnownRow> for Known {
    fn from((user, kind, other_kinds, organisation_name, organisation_state): KnownRow) -> Self {
        Self { user, kind, other_kinds, organisation_name, organisation_state }
    }
}

/// The account with that log-in name.
pub(super) fn by_login(conn: &mut AnyConn, login: &str) -> Result<Option<Known>> {
    let row: Option<KnownRow> = app_user::table
        .inner_join(organisation::table)
        .filter(app_user::login.eq(login))
        .select((
            app_user::all_columns,
            organisation::kind,
            organisation::other_kinds,
            organisation::name,
            organisation::state,
        ))
        .get_result(conn)
        .optional()?;
    Ok(row.map(Known::from))
}

/// The account with that key.
pub(super) fn by_id(conn: &mut AnyConn, id: Id) -> Result<Option<Known>> {
    let row: Option<KnownRow> = on_db!(conn, c => app_user::table
        .inner_join(organisation::table)
        .filter(app_user::id.eq(id))
        .select((
            app_user::all_columns,
            organisation::kind,
            organisation::other_kinds,
            organisation::name,
            organisation::state,
        ))
        .get_result(c))
    .optional()?;
    Ok(row.map(Known::from))
}

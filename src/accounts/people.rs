//! The people of an organisation, as its administrator sees them.

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::users::{User, UserState};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::app_user;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::{Post, Principal};

/// A person's account and what belongs to it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account.
    pub user: User,
    /// True where the log-in has a second step.
    pub totp: bool,
}

/// An account as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Key.
    pub id: Id,
    /// Log-in name.
    pub login: String,
    /// The person's name.
    pub display_name: String,
    /// Where mails go.
    pub email: String,
    /// What the person does.
    pub function: Post,
    /// Whether the person may log in.
    pub state: UserState,
    /// True where the log-in has a second step.
    pub totp: bool,
    /// When the account was made.
    pub created_at: Time,
    /// Optimistic lock, for `If-Match`.
    pub version: i64,
}

impl Account {
    /// As the API shows it.
    pub fn view(&self) -> UserView {
        let user = self.user.clone();
        UserView {
            id: user.id,
            login: user.login,
            display_name: user.display_name,
            email: user.email,
            function: user.function,
            state: user.state,
            totp: self.totp,
            created_at: user.created_at,
            version: user.version,
        }
    }
}

/// Administrators manage their own organisation's people.
///
/// # Errors
/// 403.
pub fn may_manage(who: &Principal) -> Result<()> {
    match who.post {
        Post::Admin => Ok(()),
        _ => Err(Refusal::new(403, "FORBIDDEN", "只有本单位管理员可以管理用户。").into()),
    }
}

/// A person of the same organisation.
pub(super) fn own(conn: &mut AnyConn, who: &Principal, id: Id) -> Result<User> {
    let found: Option<User> = app_user::table
        .filter(app_user::id.eq(id))
        .filter(app_user::organisation_id.eq(who.organisation))
        .filter(app_user::state.ne(UserState::Machine))
        .select(User::as_select())
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Refusal::not_found("用户").into())
}

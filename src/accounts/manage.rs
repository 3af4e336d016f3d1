//! What an organisation's administrator does with its people: who is there, what each does, who may no longer come in.

use diesel::prelude::*;

use super::people::{Account, may_manage, own};
use super::users::{self, User, UserState};
use super::{invite, letters, link, totp};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::paging::PageOf;
use crate::platform::schema::{app_user, user_totp};
use crate::platform::sql::{Id, Time};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::{Post, Principal};
use crate::save;

/// People of one organisation on one page.
pub const PAGE: i64 = 1000;

/// A page of the people of the administrator's organisation, by log-in name, behind one.
///
/// # Errors
/// 403.
pub async fn list(db: &Db, who: &Principal, after: Option<String>) -> Result<PageOf<Account>> {
    may_manage(who)?;
    let organisation = who.organisation;
    db.read(move |c| {
        let mut query = app_user::table
            .left_join(user_totp::table)
            .filter(app_user::organisation_id.eq(organisation))
            .filter(app_user::state.ne(UserState::Machine))
            .order(app_user::login)
            .limit(PAGE + 1)
            .select((app_user::all_columns, user_totp::confirmed_at.nullable()))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(app_user::login.gt(after));
        }
        let rows: Vec<(User, Option<Time>)> = query.load(c)?;
        let page = PageOf::new(rows, PAGE, |(user, _)| user.login.clone());
        Ok(page.map(|(user, on)| Account { user, totp: on.is_some() }))
    })
    .await
}

/// One of the organisation's people.
///
/// # Errors
/// 403; 404 for everybody else's.
pub async fn show(db: &Db, who: &Principal, id: Id) -> Result<Account> {
    may_manage(who)?;
    let who = who.clone();
    db.read(move |c| {
        let user = own(c, &who, id)?;
        Ok(Account { totp: totp::is_on(c, id)?, user })
    })
    .await
}

/// Gives somebody another post, at once.
///
/// # Errors
/// 403, 404; 409 `STALE_VERSION`, `LAST_ADMINISTRATOR`; 422 where the post does not fit the organisation.
pub async fn change_function(db: &Db, who: &Principal, id: Id, version: i64, post: Post) -> Result<Account> {
    may_manage(who)?;
    if !who.is(|kind| post.fits(kind)) {
        let detail = format!("{}没有“{}”这一岗位，请另选。", who.kind.label(), post.label());
        return Err(Refusal::field("/function", detail).into());
    }
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let user = of_version(tx, &who, id, version)?;
        if user.function == post {
            return account(tx, user);
        }
        if user.function == Post::Admin {
            spare_administrator(tx, &user)?;
        }
        let mut after = User { function: post, ..user.clone() };
        save!(tx, app_user, &user, &mut after, "user.function", None)?;
        let what = format!("岗位由“{}”改为“{}”", user.function.label(), post.label());
        letters::changed(tx, &after, what)?;
        account(tx, after)
    })
    .await
}

/// Ends somebody's access: sessions, tokens and open links stop at once.
///
/// # Errors
/// 403, 404; 409 `STALE_VERSION`, `LAST_ADMINISTRATOR`, or where it is the caller.
pub async fn disable(db: &Db, who: &Principal, id: Id, version: i64) -> Result<Account> {
    may_manage(who)?;
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let user = of_version(tx, &who, id, version)?;
        if user.state == UserState::Disabled {
            return account(tx, user);
        }
        if user.function == Post::Admin {
            spare_administrator(tx, &user)?;
        }
        in_state(user.id != who.user, || "不能停用自己的账号，请由本单位另一位管理员办理。")?;
        let now = tx.now();
        link::end_all(tx.conn, user.id, now)?;
        let mut after = user.clone();
        after.disable();
        users::save_ended(tx, "user.disable", &user, &mut after, None)?;
        account(tx, after)
    })
    .await
}

/// Lets somebody in again; who never set a password is invited again.
///
/// # Errors
/// 403, 404; 409 `STALE_VERSION`.
pub async fn enable(db: &Db, who: &Principal, id: Id, version: i64) -> Result<Account> {
    may_manage(who)?;
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let user = of_version(tx, &who, id, version)?;
        if user.state != UserState::Disabled {
            return account(tx, user);
        }
        let mut after = user.clone();
        after.enable();
        save!(tx, app_user, &user, &mut after, "user.enable", None)?;
        if after.state == UserState::Invited {
            invite::send(tx, &after, &who.organisation_name, &who.name)?;
        }
        account(tx, after)
    })
    .await
}

fn account(tx: &mut Tx, user: User) -> Result<Account> {
    Ok(Account { totp: totp::is_on(tx.conn, user.id)?, user })
}

fn of_version(tx: &mut Tx, who: &Principal, id: Id, version: i64) -> Result<User> {
    let user = own(tx.conn, who, id)?;
    fresh(&user, version)?;
    Ok(user)
}

/// An organisation keeps somebody who can manage its people.
fn spare_administrator(tx: &mut Tx, user: &User) -> Result<()> {
    let others: Vec<Id> = app_user::table
        .filter(app_user::organisation_id.eq(user.organisation_id))
        .filter(app_user::function.eq(Post::Admin))
        .filter(app_user::state.eq(UserState::Active))
        .filter(app_user::id.ne(user.id))
        .select(app_user::id)
        .limit(1)
        .load(tx.conn)?;
    if others.is_empty() && user.state == UserState::Active {
        let detail = "这是本单位唯一可登录的管理员，不能停用或改任其他岗位。请先邀请另一位管理员。";
        return Err(Refusal::new(409, "LAST_ADMINISTRATOR", detail).into());
    }
    Ok(())
}

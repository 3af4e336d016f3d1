//! How an account begins: its organisation's administrator invites somebody, a mail brings a link that works once, and anyone who
//! follows it sets the first password. Nobody but the person ever knows a password.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::door::Auth;
use super::letters::Invitation;
use super::link::{self, Purpose};
use super::name::{self, normalise_login, normalise_name};
use super::users::{self, AccountWithOrganisation, User, UserState};
use super::{password, people, strength};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::{app_user, organisation};
use crate::platform::secret_link;
use crate::platform::sql::Id;
use crate::platform::versioned::in_state;
use crate::platform::who::{Kinds, OrgKind, Post, Principal, person};
use crate::save;

/// Somebody who is to get an account.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Wanted log-in name.
    #[schema(min_length = 3, max_length = 64)]
    pub login: String,
    /// The person's name.
    #[schema(min_length = 1, max_length = 50)]
    pub display_name: String,
    /// Where the invitation goes.
    #[schema(min_length = 3, max_length = 254, format = "email")]
    pub email: String,
    /// What the person does.
    pub function: Post,
}

impl Person {
    /// With its names in their one way of writing.
    ///
    /// # Errors
    /// 422 naming each wrong member.
    pub fn checked(self) -> Result<Self> {
        let (login, display_name) = (normalise_login(&self.login), normalise_name(&self.display_name));
        let email = self.email.trim().to_owned();
        let wrong = name::problems(&login, &display_name, &email, true);
        if !wrong.is_empty() {
            return Err(Refusal::invalid(wrong).into());
        }
        Ok(Self { login, display_name, email, ..self })
    }
}

/// Invites somebody into the administrator's own organisation.
///
/// # Errors
/// 403; 409 `LOGIN_TAKEN`; 422 naming each wrong member.
pub async fn invite(db: &Db, who: &Principal, key: Option<Key>, person: Person) -> Result<Answer> {
    people::may_manage(who)?;
    let person = person.checked()?;
    let (organisation, name, inviter) = (who.organisation, who.organisation_name.clone(), who.name.clone());
    db.write(&who.actor(), move |tx| {
        idempotency::run_if(tx, key.as_ref(), |tx| {
            let user = insert_invited(tx, organisation, &name, &inviter, &person)?;
            let view = people::Account { user, totp: false }.view();
            Ok((201, serde_json::to_value(view).map_err(Error::internal)?))
        })
    })
    .await
}

/// Makes an account that waits for its person, and writes the invitation; inside a write, for anyone who admits an organisation.
///
/// # Errors
/// 409 `LOGIN_TAKEN`; 422 where the post does not fit the organisation.
pub fn insert_invited(
    tx: &mut Tx,
    organisation: Id,
    organisation_name: &str,
    inviter: &str,
    person: &Person,
) -> Result<User> {
    check_mailbox(tx, organisation, None, &person.email)?;
    let user = User {
        id: Id::new(),
        organisation_id: organisation,
        login: person.login.clone(),
        display_name: person.display_name.clone(),
        email: person.email.clone(),
        function: person.function,
        state: UserState::Invited,
        password_hash: password::NONE.into(),
        stamp: Id::new(),
        created_at: tx.now(),
        version: 1,
    };
    let user = users::insert(tx, &user)?;
    send(tx, &user, organisation_name, inviter)?;
    Ok(user)
}

/// Where two persons decide, one mailbox has one account: nobody is two of them.
///
/// # Errors
/// 422 at `/email` within an authority, where a colleague has that mailbox.
pub(super) fn check_mailbox(tx: &mut Tx, organisation: Id, but: Option<Id>, email: &str) -> Result<()> {
    let (kind, others): (OrgKind, Kinds) = organisation::table
        .find(organisation)
        .select((organisation::kind, organisation::other_kinds))
        .first(tx.conn)?;
    if !std::iter::once(kind).chain(others.0).any(OrgKind::is_authority) {
        return Ok(());
    }
    let colleagues: Vec<(Id, String, String)> = app_user::table
        .filter(app_user::organisation_id.eq(organisation))
        .filter(app_user::state.ne(UserState::Disabled))
        .filter(app_user::email.ne(""))
        .select((app_user::id, app_user::login, app_user::email))
        .load(tx.conn)?;
    let mailbox = person::folded(email);
    let found = colleagues
        .into_iter()
        .find(|(id, _, email)| Some(*id) != but && !mailbox.is_empty() && person::folded(email) == mailbox);
    let Some((_, login, _)) = found else { return Ok(()) };
    let detail = format!(
        "该电子邮箱已是本单位账号 {login} 的邮箱。须由两人办理的事项以邮箱认人，请填写本人的另一个邮箱。"
    );
    Err(Refusal::field("/email", detail).into())
}

pub(super) fn send(tx: &mut Tx, user: &User, organisation: &str, inviter: &str) -> Result<()> {
    let (secret, link) = link::issue(tx, Purpose::INVITATION, user.id, &user.email)?;
    let letter = Invitation { user, organisation, inviter, until: link.expires_at };
    let letter = Letter::new(&letter, secret_link::path("/invitation", &secret))?.about(Topic::Account);
    outbox::mail(tx, &user.email, &letter)
}

/// Sends the invitation again, to another mailbox where `email` names one: the first may have been mistyped. The earlier link
/// ends. Returns where the invitation went.
///
/// # Errors
/// 403, 404; 409 where the person has taken up the account; 422 at `/email`.
pub async fn again(db: &Db, who: &Principal, id: Id, email: Option<&str>) -> Result<String> {
    people::may_manage(who)?;
    let email = email.map(|email| email.trim().to_owned());
    if let Some(detail) = email.as_deref().and_then(|email| name::email_problem(email, true)) {
        return Err(Refusal::field("/email", detail).into());
    }
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let user = people::own(tx.conn, &who, id)?;
        in_state(user.state == UserState::Invited, || "该用户没有等待接受的邀请，请刷新后查看。")?;
        let mut after = User { email: email.clone().unwrap_or_else(|| user.email.clone()), ..user.clone() };
        if after.email != user.email {
            check_mailbox(tx, user.organisation_id, Some(user.id), &after.email)?;
            save!(tx, app_user, &user, &mut after, "user.email", None)?;
        }
        send(tx, &after, &who.organisation_name, &who.name)?;
        tx.note("user.invite_again", "app_user", after.id, &serde_json::json!({}))?;
        Ok(after.email)
    })
    .await
}

/// Whom a link invites; looking does not use it up.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn look(auth: &Auth, key: String) -> Result<Invited> {
    Ok(Invited::of(&found(auth, key).await?))
}

async fn found(auth: &Auth, key: String) -> Result<AccountWithOrganisation> {
    let now = auth.clock.now();
    auth.db.read(move |c| users::person(c, Purpose::INVITATION, &key, now)).await
}

/// Whom a link invites.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The organisation.
    pub organisation: String,
    /// The person's name.
    pub name: String,
    /// The log-in name.
    pub login: String,
}

impl Invited {
    fn of(known: &AccountWithOrganisation) -> Self {
        Self {
            organisation: known.organisation_name.clone(),
            name: known.user.display_name.clone(),
            login: known.user.login.clone(),
        }
    }
}

/// Takes up an account: sets its first password and uses the link up.
///
/// # Errors
/// 404 `LINK_INVALID`; 422 for a password that may not be used; 429 `TOO_MANY_TRIES`.
pub async fn accept(auth: &Auth, key: String, password: String, caller: Caller) -> Result<Invited> {
    auth.limits.links.take(caller.network(), auth.clock.steady())?;
    let known = found(auth, key.clone()).await?;
    strength::check_for("/password", &known.names(), &password)?;
    let hash = auth.passwords.hash(password).await?;
    let invited = Invited::of(&known);
    let actor = known.principal(caller.request_id.clone(), auth.clock.now()).actor();
    auth.db
        .write(&actor, move |tx| {
            let user = users::redeem_person(tx, Purpose::INVITATION, &key)?.user;
            in_state(user.state == UserState::Invited, || "该账号已停用或已被接受，请联系本单位管理员。")?;
            let mut after = user.clone();
            after.accept(hash.clone());
            users::save_ended(tx, "user.accept", &user, &mut after, None)
        })
        .await?;
    auth.limits.links.give_back(caller.network());
    Ok(invited)
}

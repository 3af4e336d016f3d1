//! Somebody lost both the phone and the recovery codes. One administrator asks that the second step be taken away, another
//! person confirms: an administrator of the same organisation, or an officer of the procurement agency. Never oneself, and
//! never one person alone.

use diesel::prelude::*;
use serde::Serialize;

use super::door::Auth;
use super::totp::SecondStep;
use super::users::{self, User, UserState};
use super::{letters, people, totp};
use crate::platform::audit::Audited;
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::{app_user, organisation, totp_reset, user_totp};
use crate::platform::sql::{AnyConn, Id, Question, Time};
use crate::platform::versioned::in_state;
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::platform::who::{Principal, person};
use crate::{save, text_enum, versioned};

/// How it was made sure who asks.
pub const REASON: Field = Field::new("reason", "理由", 5..=200);

text_enum! {
    /// How far a request is.
    pub enum ResetState {
        /// Waits for a second person.
        Asked = "asked",
        /// Confirmed; the second step is gone.
        Done = "done",
        /// Refused.
        Refused = "refused",
    }
}

/// One request.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = totp_reset, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Reset {
    /// Key.
    pub id: Id,
    /// Whose second step.
    pub user_id: Id,
    /// Where the person works.
    pub organisation_id: Id,
    /// Why, and how the person proved who they are.
    pub reason: String,
    /// How far it is.
    pub state: ResetState,
    /// Who asked.
    pub asked_by: Id,
    /// When.
    pub asked_at: Time,
    /// Who confirmed or refused.
    pub decided_by: Option<Id>,
    /// When.
    pub decided_at: Option<Time>,
    /// Optimistic lock.
    pub version: i64,
}

impl Audited for Reset {
    const TYPE: &'static str = "totp_reset";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(Reset, "申请");

impl Reset {
    /// A second person agrees.
    pub fn confirm(&mut self, by: Id, at: Time) {
        self.state = ResetState::Done;
        (self.decided_by, self.decided_at) = (Some(by), Some(at));
    }

    /// A second person does not, or there is nothing left to reset.
    pub fn refuse(&mut self, by: Option<Id>, at: Time) {
        self.state = ResetState::Refused;
        (self.decided_by, self.decided_at) = (by, Some(at));
    }
}

/// A request with its names.
#[derive(Debug, Clone)]
pub struct WaitingReset {
    /// The request.
    pub reset: Reset,
    /// The person's name and log-in name.
    pub person: String,
    /// Where the person works.
    pub organisation: String,
    /// Who asked.
    pub asked_by: String,
    /// True where the reader may confirm or refuse.
    pub may_decide: bool,
}

fn may_see(who: &Principal) -> Result<()> {
    if AgencyOfficer::is(who) { Ok(()) } else { people::may_manage(who) }
}

/// Asks: an administrator for somebody of the own organisation, an officer of the agency for anybody.
///
/// # Errors
/// 403; 404 where there is no such account or it is another organisation's; 409 where nothing is to be reset or it was asked
/// already; 422 for oneself or without a reason.
pub async fn ask(db: &Db, who: &Principal, login: &str, reason: &str) -> Result<()> {
    may_see(who)?;
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    let (who, login) = (who.clone(), users::normalise_login(login));
    db.write(&who.actor(), move |tx| {
        let known = users::by_login(tx.conn, &login)?;
        let near = |user: &User| user.organisation_id == who.organisation || AgencyOfficer::is(&who);
        let known = known.filter(|known| near(&known.user) && known.user.state != UserState::Machine);
        let known = known.ok_or_else(|| Refusal::not_found("用户"))?;
        let user = &known.user;
        if person::is_same(tx.conn, user.id, who.user)? {
            let detail = "不能为自己申请重置，请由另一位管理员或采购机构经办人办理。";
            return Err(Refusal::field("/login", detail).into());
        }
        let open: i64 = totp_reset::table
            .filter(totp_reset::user_id.eq(user.id))
            .filter(totp_reset::state.eq(ResetState::Asked))
            .count()
            .get_result(tx.conn)?;
        let allowed = open == 0 && totp::is_on(tx.conn, user.id)?;
        in_state(allowed, || "该用户没有启用两步验证，或已有一份申请等待确认。")?;
        let row = Reset {
            id: Id::new(),
            user_id: user.id,
            organisation_id: user.organisation_id,
            reason: reason.clone(),
            state: ResetState::Asked,
            asked_by: who.user,
            asked_at: tx.now(),
            decided_by: None,
            decided_at: None,
            version: 1,
        };
        diesel::insert_into(totp_reset::table).values(&row).execute(tx.conn)?;
        tx.record("totp_reset.ask", None, Some(&row), Some(&reason))?;
        letters::second_wanted(tx, &who, &known, &reason)?;
        letters::changed(tx, user, "被申请重置两步验证，等待第二人确认")
    })
    .await
}

/// What waits: of the own organisation, or of all for an officer of the agency.
///
/// # Errors
/// 403.
pub async fn list(db: &Db, who: &Principal) -> Result<Vec<WaitingReset>> {
    may_see(who)?;
    let who = who.clone();
    db.read(move |c| {
        let mut query = totp_reset::table
            .inner_join(app_user::table.inner_join(organisation::table))
            .filter(totp_reset::state.eq(ResetState::Asked))
            .order((totp_reset::asked_at, totp_reset::id))
            .limit(200)
            .select((Reset::as_select(), app_user::display_name, app_user::login, organisation::name))
            .into_boxed();
        if !AgencyOfficer::is(&who) {
            query = query.filter(totp_reset::organisation_id.eq(who.organisation));
        }
        let rows: Vec<(Reset, String, String, String)> = query.load(c)?;
        let shown = |(reset, name, login, organisation): (Reset, String, String, String)| {
            Ok(WaitingReset {
                person: format!("{name}（{login}）"),
                organisation,
                asked_by: name_of(c, reset.asked_by)?,
                may_decide: decision_problem(c, &who, &reset)?.is_none(),
                reset,
            })
        };
        rows.into_iter().map(shown).collect()
    })
    .await
}

/// How many requests wait for this very person's word; for the side bar.
pub fn waiting(who: &Principal) -> Question {
    let mut query = totp_reset::table
        .filter(totp_reset::state.eq(ResetState::Asked))
        .filter(totp_reset::asked_by.ne(who.user))
        .filter(totp_reset::user_id.ne(who.user))
        .count()
        .into_boxed();
    if !AgencyOfficer::is(who) {
        query = query.filter(totp_reset::organisation_id.eq(who.organisation));
    }
    Box::new(query)
}

fn name_of(conn: &mut AnyConn, user: Id) -> Result<String> {
    Ok(app_user::table.find(user).select(app_user::display_name).first(conn)?)
}

fn decision_problem(conn: &mut AnyConn, who: &Principal, reset: &Reset) -> Result<Option<&'static str>> {
    Ok(if person::is_same(conn, reset.asked_by, who.user)? {
        Some("申请人不能自己确认，请由另一位管理员或采购机构经办人办理。")
    } else if person::is_same(conn, reset.user_id, who.user)? {
        Some("不能确认自己的重置申请。")
    } else {
        None
    })
}

/// Confirms or refuses. Confirmed, the second step and every session of the person end.
///
/// # Errors
/// 403 for anyone who asked and for the person concerned; 404 for another organisation's; 409 where it is decided.
pub async fn decide(auth: &Auth, who: &Principal, id: Id, confirmed: bool) -> Result<()> {
    may_see(who)?;
    let who = who.clone();
    auth.db
        .write(&who.actor(), move |tx| {
            let before = load(tx, &who, id)?;
            if let Some(problem) = decision_problem(tx.conn, &who, &before)? {
                return Err(Refusal::new(403, "FOUR_EYES", problem).into());
            }
            in_state(before.state == ResetState::Asked, || "这份申请已经处理过，请刷新后查看。")?;
            let step = totp::find(tx.conn, before.user_id)?;
            let applies = step.as_ref().is_some_and(|step| step.created_at <= before.asked_at);
            in_state(
                !confirmed || applies,
                || "申请之后，该用户的两步验证已停用或重新设置，这份申请不再适用。如仍需重置，请重新申请。",
            )?;
            let mut after = before.clone();
            match confirmed {
                true => after.confirm(who.user, tx.now()),
                false => after.refuse(Some(who.user), tx.now()),
            }
            save!(tx, totp_reset, &before, &mut after, "totp_reset.decide", None)?;
            let user: User = app_user::table.find(before.user_id).select(User::as_select()).first(tx.conn)?;
            if !confirmed {
                return letters::changed(tx, &user, "重置两步验证的申请未获确认");
            }
            if let Some(step) = step {
                remove(tx, "totp.reset", &step, Some(&before.reason))?;
            }
            let mut ended = user.clone();
            ended.end_sessions();
            users::save_ended(tx, "user.totp_reset", &user, &mut ended, Some(&before.reason))?;
            letters::changed(tx, &ended, "的两步验证已被重置，所有登录已失效，请尽快重新启用")
        })
        .await
}

/// The operator's way, at the machine itself: for an installation whose only officers lost theirs. Stands in the audit.
///
/// # Errors
/// 404; 409 where nothing is on.
pub async fn by_operator(db: &Db, actor: &Actor, login: &str) -> Result<()> {
    let login = users::normalise_login(login);
    db.write(actor, move |tx| {
        let known = users::by_login(tx.conn, &login)?.ok_or_else(|| Refusal::not_found("用户"))?;
        let step = totp::find(tx.conn, known.user.id)?;
        let step = step.ok_or_else(|| Refusal::wrong_state("该用户没有启用两步验证。"))?;
        remove(tx, "totp.reset", &step, Some("运维人员在服务器上取消"))?;
        let mut ended = known.user.clone();
        ended.end_sessions();
        users::save_ended(tx, "user.totp_reset", &known.user, &mut ended, None)?;
        letters::changed(tx, &ended, "的两步验证已由运维人员取消，请尽快重新启用")
    })
    .await
}

fn load(tx: &mut Tx, who: &Principal, id: Id) -> Result<Reset> {
    let found: Option<Reset> =
        totp_reset::table.find(id).select(Reset::as_select()).first(tx.conn).optional()?;
    let near = |reset: &Reset| reset.organisation_id == who.organisation || AgencyOfficer::is(who);
    found.filter(near).ok_or_else(|| Refusal::not_found("申请").into())
}

/// Ends what is still asked about somebody's second step, which is off from now on or another one.
pub(super) fn end_open(tx: &mut Tx, user: Id) -> Result<()> {
    let open: Vec<Reset> = totp_reset::table
        .filter(totp_reset::user_id.eq(user))
        .filter(totp_reset::state.eq(ResetState::Asked))
        .select(Reset::as_select())
        .load(tx.conn)?;
    for before in open {
        let mut after = before.clone();
        after.refuse(tx.actor.user, tx.now());
        let reason = "两步验证已停用或重新启用，申请不再适用";
        save!(tx, totp_reset, &before, &mut after, "totp_reset.end", Some(reason))?;
    }
    Ok(())
}

/// Takes away somebody's second step with its recovery codes, and what was asked about it.
pub(super) fn remove(tx: &mut Tx, action: &str, row: &SecondStep, reason: Option<&str>) -> Result<()> {
    totp::drop_recovery_codes(tx.conn, row.id)?;
    diesel::delete(user_totp::table.find(row.id)).execute(tx.conn)?;
    tx.record(action, Some(row), None, reason)?;
    end_open(tx, row.id)
}

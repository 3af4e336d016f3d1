//! Keeps an organisation from acting, and lets it act again. Both are told to all its people by mail.

use askama::Template;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::party::model::{OrgState, Organisation};
use crate::party::store;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::jobs::{self, NewJob};
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::organisation;
use crate::platform::sql::Id;
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::Principal;
use crate::platform::who::guard::{Guard, ProvinceOfficer};
use crate::save;

/// Why an organisation is suspended or takes part again.
pub const REASON: Field = Field::new("reason", "原因", 5..=200);

/// Tells an organisation's people that it may not act, or may again.
#[derive(Template)]
#[template(path = "mail/organisation_state.txt")]
struct OrganisationState<'a> {
    name: &'a str,
    suspended: bool,
    reason: &'a str,
}

/// What is to become of an organisation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StateInput {
    /// What it shall be.
    pub state: OrgState,
    /// Why; its people read it.
    #[schema(min_length = 5, max_length = 200)]
    pub reason: String,
}

/// Suspends an organisation or lifts its suspension.
///
/// # Errors
/// 403, also for the officer's own organisation; 404; 409 for a stale version or where it is so already; 422 without a reason.
pub async fn set(db: &Db, who: &Principal, id: Id, version: i64, input: &StateInput) -> Result<Organisation> {
    ProvinceOfficer::check(who)?;
    if who.organisation == id {
        let detail = "不能暂停或恢复本人所在的单位，请由其他单位的经办人员办理。";
        return Err(Refusal::new(403, "OWN_ORGANISATION", detail).into());
    }
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, &input.reason);
    checks.finish()?;
    let state = input.state;
    db.write(&who.actor(), move |tx| change(tx, id, version, state, &reason)).await
}

fn change(tx: &mut Tx, id: Id, version: i64, state: OrgState, reason: &str) -> Result<Organisation> {
    let before = store::organisation(tx.conn, id)?;
    in_state(before.state != state, || "该单位已是这一状态，请刷新后查看。")?;
    fresh(&before, version)?;
    let mut after = before.clone();
    let action = match state {
        OrgState::Suspended => {
            after.suspend(reason);
            "organisation.suspend"
        }
        OrgState::Active => {
            after.lift();
            "organisation.lift"
        }
    };
    save!(tx, organisation, &before, &mut after, action, Some(reason))?;
    let suspended = after.state == OrgState::Suspended;
    let letter = Letter::new(&OrganisationState { name: &after.name, suspended, reason }, "/")?;
    outbox::notify(tx, id, &[], &letter.about(Topic::Legal))?;
    if suspended {
        // Those whose orders wait for its answer are told by the office of orders.
        let job = NewJob {
            created_by: tx.actor.user,
            ..NewJob::new("order.supplier_suspended", json!({ "organisation": id }))
        };
        jobs::enqueue(tx.conn, &job, tx.now())?;
    }
    Ok(after)
}

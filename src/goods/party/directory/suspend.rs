//! Keeps an organisation from acting, and lets it act again. Both are told to all its people by mail.

use askama::Template;
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::party::model::{OrgState, Organisation};
use crate::party::store;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::input::Checks;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::organisation;
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{Guard, ProvinceOfficer};

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
    let reason = checks.prose("/reason", "原因", &input.reason, 5..=200);
    checks.finish()?;
    let state = input.state;
    db.write(&who.actor(), move |tx| change(tx, id, version, state, &reason)).await
}

fn change(tx: &mut Tx, id: Id, version: i64, state: OrgState, reason: &str) -> Result<Organisation> {
    let before = store::organisation(tx.conn, id)?;
    if before.state == state {
        return Err(Refusal::wrong_state("该单位已是这一状态，请刷新后查看。").into());
    }
    let suspended = state == OrgState::Suspended;
    let after = Organisation {
        state,
        state_reason: suspended.then(|| reason.to_owned()),
        version: before.version + 1,
        ..before.clone()
    };
    let row = organisation::table.find(id).filter(organisation::version.eq(version));
    if diesel::update(row).set(&after).execute(tx.conn)? == 0 {
        return Err(Refusal::stale("单位").into());
    }
    let action = if suspended { "organisation.suspend" } else { "organisation.lift" };
    tx.record(action, Some(&before), Some(&after), Some(reason))?;
    let letter = Letter::new(&OrganisationState { name: &after.name, suspended, reason }, "/")?;
    outbox::notify(tx, id, &[], &letter.about(Topic::Legal))?;
    Ok(after)
}

//! A confirmed version is taken back until its day comes.

use askama::Template;
use chrono::NaiveDate;
use diesel::prelude::*;

use super::Policies;
use super::proposal::{Proposal, ProposalState, find, in_time};
use crate::db::{self, Db, Tx, Work};
use crate::error::Result;
use crate::input::{Checks, Field};
use crate::outbox::{self, Letter, Topic};
use crate::save;
use crate::schema::{policy_proposal, policy_version};
use crate::sql::Id;
use crate::versioned::{fresh, in_state};
use crate::who::Principal;

/// Why it is taken back.
pub const REASON: Field = Field::new("reason", "撤回原因", 4..=400);

/// Takes back a confirmed version whose day is to come. The officers of the agency are told.
///
/// # Errors
/// 404, 409 for a stale version, one that is not confirmed or from which another starts, 422 without a reason or where its day
/// has begun.
pub async fn withdraw(
    db: &Db,
    policies: &Policies,
    who: &Principal,
    id: Id,
    version: i64,
    reason: &str,
) -> Result<Proposal> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    let person = who.clone();
    let row = db
        .write(&who.actor(), move |tx| {
            let before = find(tx.conn, id)?;
            fresh(&before, version)?;
            in_state(
                before.state == ProposalState::Confirmed,
                || "该版本不是已确认待生效的版本，不能撤回。",
            )?;
            in_time(tx, before.effective_from)?;
            in_state(!is_started_from(tx, &before)?, || {
                format!("另有版本以 {} 为起点，请先撤回或退回那一份。", before.version_name())
            })?;
            db::due(Work::Rules);
            let mut after = before.clone();
            after.withdraw(&person, reason.clone());
            save!(tx, policy_proposal, &before, &mut after, "policy.withdraw", Some(&reason))?;
            // Its text stays with the proposal; its day is free for another.
            diesel::delete(policy_version::table.find(&before.digest)).execute(tx.conn)?;
            tell_withdrawn(tx, &after, &reason)?;
            Ok(after)
        })
        .await?;
    policies.refresh(db).await?;
    Ok(row)
}

/// Whether a version that waits or is confirmed starts from this one.
fn is_started_from(tx: &mut Tx, of: &Proposal) -> Result<bool> {
    let others: Vec<String> = policy_proposal::table
        .filter(policy_proposal::slot.is_not_null())
        .filter(policy_proposal::id.ne(of.id))
        .filter(policy_proposal::effective_from.gt(of.effective_from))
        .select(policy_proposal::text)
        .load(tx.conn)?;
    let start = format!("\"{}\"", of.version_name());
    let starts =
        |text: &String| text.lines().any(|line| line.trim().starts_with("extends") && line.contains(&start));
    Ok(others.iter().any(starts))
}

/// Tells the agency's officers that a version will not be in force.
#[derive(Template)]
#[template(path = "mail/policy_withdrawn.txt")]
struct PolicyWithdrawn<'a> {
    version: String,
    from: NaiveDate,
    by: &'a str,
    reason: &'a str,
}

fn tell_withdrawn(tx: &mut Tx, row: &Proposal, reason: &str) -> Result<()> {
    let by = row.decided_by_name.as_deref().unwrap_or_default();
    let letter = PolicyWithdrawn { version: row.version_name(), from: row.effective_from, by, reason };
    let letter = Letter::new(&letter, format!("/policy/proposals/{}", row.id))?.about(Topic::Legal);
    outbox::notify_agency(tx, &[], &letter)
}

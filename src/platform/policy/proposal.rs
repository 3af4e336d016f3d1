//! A new version of the province's rules: one officer brings it with its day, a second puts it in force (four eyes). Nobody
//! changes a version: what is to be otherwise is a new version with a later day.
//!
//! States: proposed → confirmed, or rejected (also by who brought it); confirmed → withdrawn, as long as its day is to come.

use std::collections::BTreeMap;

use chrono::{NaiveDate, Timelike};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Policies, chinese, keep};
use crate::audit::Audited;
use crate::db::{self, Db, Tx, Work};
use crate::error::{Error, FieldError, Refusal, Result};
use crate::http::day::{self, Horizon};
use crate::idempotency::{self, Key};
use crate::input::{Checks, Field};
use crate::rules::policy::{Policy, PolicyError};
use crate::schema::{policy_proposal, policy_version};
use crate::sql::{AnyConn, Id, Question, Time};
use crate::versioned::{fresh, in_state};
use crate::who::Principal;
use crate::who::person::another;
use crate::{save, text_enum, versioned};

/// Characters of a file at most.
const LONGEST: usize = 200_000;
/// Proposals shown at most.
const SHOWN: i64 = 50;
/// Nothing is confirmed for a day that begins within this time, because every instance must have seen it before.
const MINUTES_BEFORE: u32 = 5;

/// Why the parameters change, and by which document.
pub const NOTE: Field = Field::new("note", "原因和文件依据", 4..=400);
/// Why a version is turned down.
pub const REASON: Field = Field::new("reason", "退回原因", 4..=400);

text_enum! {
    /// How far a proposed version is.
    pub enum ProposalState {
        Proposed = "proposed" | "待确认" [Waiting],
        Confirmed = "confirmed" | "已确认" [Done],
        Rejected = "rejected" | "已退回" [Wrong],
        Withdrawn = "withdrawn" | "已撤回" [Wrong],
    }
}

/// A version that was proposed.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
)]
#[diesel(table_name = policy_proposal, treat_none_as_null = true)]
pub struct Proposal {
    /// Key.
    pub id: Id,
    /// The profile.
    pub name: String,
    /// The legal day from which it is in force.
    pub effective_from: NaiveDate,
    /// The TOML file as it was given.
    pub text: String,
    /// Digest of all values that it gives.
    pub digest: String,
    /// Why, and by which document.
    pub note: String,
    /// How far it is.
    pub state: ProposalState,
    /// Name and day while it waits or is confirmed.
    pub slot: Option<String>,
    /// Who brought it.
    pub proposed_by: Id,
    /// Their name.
    pub proposed_by_name: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Time,
    /// Who decided.
    pub decided_by: Option<Id>,
    /// Their name.
    pub decided_by_name: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Time>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for Proposal {
    const TYPE: &'static str = "policy_proposal";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(Proposal, "版本");

impl Proposal {
    /// `default@2026-12-01`.
    pub fn version_name(&self) -> String {
        format!("{}@{}", self.name, self.effective_from)
    }

    /// A second officer puts it in force.
    pub fn confirm(&mut self, who: &Principal) {
        self.state = ProposalState::Confirmed;
        self.decide(who);
    }

    /// It is turned down, or taken back; another may be brought for its day.
    pub fn reject(&mut self, who: &Principal, why: String) {
        self.state = ProposalState::Rejected;
        self.slot = None;
        self.reason = Some(why);
        self.decide(who);
    }

    /// It was confirmed and will not be in force; another may be brought for its day.
    pub fn withdraw(&mut self, who: &Principal, why: String) {
        self.state = ProposalState::Withdrawn;
        self.slot = None;
        self.reason = Some(why);
        self.decide(who);
    }

    fn decide(&mut self, who: &Principal) {
        self.decided_by = Some(who.user);
        self.decided_by_name = Some(who.name.clone());
        self.decided_at = Some(who.received_at);
    }
}

/// What an officer brings.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// The legal day from which it is to be in force, tomorrow at the earliest.
    #[serde(deserialize_with = "day::read")]
    pub effective_from: NaiveDate,
    /// The TOML file; its first line names the version that it starts from, `extends = "default@2024-07-08"`.
    #[schema(min_length = 1, max_length = 200_000)]
    pub text: String,
    /// Why, and by which document; 4 to 400 characters.
    #[schema(min_length = 4, max_length = 400)]
    pub note: String,
    /// True where a day beyond two years is meant.
    #[serde(default)]
    pub confirm_far: bool,
}

/// How far ahead a version takes effect without a question.
const FAR: Horizon = Horizon { name: "effective_from", label: "生效日期", years: 2 };

/// Reads a file as the version of that day.
///
/// # Errors
/// 422 on `/text`, a sentence for each thing that is wrong, naming the key.
pub fn read(policies: &Policies, day: NaiveDate, text: &str) -> Result<Policy> {
    let wrong = |detail: String| FieldError { pointer: "/text".into(), detail };
    if text.chars().count() > LONGEST {
        return Err(Refusal::field("/text", format!("参数文件最多 {LONGEST} 个字符，请核对文件。")).into());
    }
    let name = format!("{}@{day}", policies.profile());
    let policy = policies.library().read(&name, text).map_err(|error| match error {
        PolicyError::Invalid(said) => {
            Error::from(Refusal::invalid(chinese::complaints(&name, &said).into_iter().map(wrong).collect()))
        }
        other => other.into(),
    })?;
    let loose = text.lines().map(str::trim).find(|line| line.starts_with("extends") && !line.contains('@'));
    match loose {
        Some(_) => {
            let detail =
                format!("extends 应写明从哪个版本开始，例如 extends = \"{}@2024-07-08\"", policies.profile());
            Err(Refusal::field("/text", detail).into())
        }
        None => Ok(policy),
    }
}

/// Brings a new version; it waits for a second officer.
///
/// # Errors
/// 409 `PROPOSAL_WAITS` where one of the same day waits or is there; 422 with what is wrong.
pub async fn propose(
    db: &Db,
    policies: &Policies,
    who: &Principal,
    new: NewVersion,
    key: Option<Key>,
) -> Result<Proposal> {
    let policy = read(policies, new.effective_from, &new.text)?;
    let note = new.note.trim().to_owned();
    if !NOTE.chars().contains(&note.chars().count()) {
        return Err(Refusal::field("/note", "请写明修改的原因和文件依据，4 至 400 个字。").into());
    }
    if let Some(same) = policies.before(new.effective_from).filter(|old| old.digest() == policy.digest()) {
        let detail = format!("内容与 {} 完全相同，没有需要生效的变化。", same.name);
        return Err(Refusal::field("/text", detail).into());
    }
    let (who, policies) = (who.clone(), policies.clone());
    let (digest, profile) = (policy.digest().to_owned(), policies.profile().to_owned());
    db.write(&who.actor(), move |tx| {
        let row = || Proposal {
            id: Id::new(),
            name: profile.clone(),
            effective_from: new.effective_from,
            text: new.text.clone(),
            digest: digest.clone(),
            note: note.clone(),
            state: ProposalState::Proposed,
            slot: Some(format!("{profile}@{}", new.effective_from)),
            proposed_by: who.user,
            proposed_by_name: who.name.clone(),
            proposed_at: who.received_at,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
            reason: None,
            version: 1,
        };
        let put = |tx: &mut Tx| {
            let mut checks = Checks::default();
            FAR.ask(&mut checks, new.effective_from, tx.legal_now()?.day(), new.confirm_far);
            checks.finish()?;
            insert(tx, &policies, row())
        };
        let Some(key) = &key else { return put(tx) };
        let answer = idempotency::run(tx, key, |tx| {
            Ok((201, serde_json::to_value(put(tx)?).map_err(Error::internal)?))
        })?;
        serde_json::from_value::<Proposal>(answer.body).map_err(Error::internal)
    })
    .await
}

fn insert(tx: &mut Tx, policies: &Policies, row: Proposal) -> Result<Proposal> {
    in_time(tx, row.effective_from)?;
    let taken: i64 =
        policy_proposal::table.filter(policy_proposal::slot.eq(&row.slot)).count().get_result(tx.conn)?;
    let there = policies.versions().iter().any(|(day, _)| *day == row.effective_from);
    let waits = || {
        let day = row.effective_from;
        let detail = format!("{day} 已有一个版本或一份待确认的版本；请另选生效日期，或先处理那一份。");
        Error::from(Refusal::new(409, "PROPOSAL_WAITS", detail))
    };
    if taken > 0 || there {
        return Err(waits());
    }
    let put = diesel::insert_into(policy_proposal::table).values(&row).execute(tx.conn).map_err(Error::from);
    put.map_err(|error| if error.is_unique_violation() { waits() } else { error })?;
    tx.record("policy.propose", None, Some(&row), Some(&row.note))?;
    Ok(row)
}

/// A version takes effect tomorrow at the earliest, and not within minutes: anyone who acts today acts under today's rules.
pub(super) fn in_time(tx: &mut Tx, day: NaiveDate) -> Result<()> {
    let now = tx.legal_now()?;
    let today = now.day();
    let late = now.local().time();
    let first = today.succ_opt().unwrap_or(today);
    if day <= today {
        let detail = format!("生效日期最早为 {first}，您填的是 {day}；已经过去或已开始的一天不能改变规则。");
        return Err(Refusal::field("/effective_from", detail).into());
    }
    if day == first && late.hour() == 23 && late.minute() >= 60 - MINUTES_BEFORE {
        let detail = format!("离 {day} 零时不足 {MINUTES_BEFORE} 分钟，请选择再晚一天生效。");
        return Err(Refusal::field("/effective_from", detail).into());
    }
    Ok(())
}

/// Puts a proposed version in force from its day; a second officer does.
///
/// # Errors
/// 404, 409 for a stale version or a decided one, 403 `SAME_PERSON`, 422 where its day is no longer to come.
pub async fn confirm(
    db: &Db,
    policies: &Policies,
    who: &Principal,
    id: Id,
    version: i64,
) -> Result<Proposal> {
    let (person, with) = (who.clone(), policies.clone());
    let row = db
        .write(&who.actor(), move |tx| {
            let before = waiting(tx, id, version)?;
            let detail = "提交人不能确认自己提交的版本，请由另一位经办人（另一个邮箱）确认。";
            another(tx.conn, before.proposed_by, person.user, "SAME_PERSON", detail)?;
            in_time(tx, before.effective_from)?;
            let policy = read(&with, before.effective_from, &before.text)?;
            let same = policy.digest() == before.digest;
            in_state(same, || "这份版本所依据的参数在提交后有了变化，请重新提交。")?;
            keep(tx, &policy)?;
            db::due(Work::Rules);
            let mut after = before.clone();
            after.confirm(&person);
            save!(tx, policy_proposal, &before, &mut after, "policy.confirm", None)?;
            Ok(after)
        })
        .await?;
    policies.refresh(db).await?;
    Ok(row)
}

/// Turns a proposed version down, or takes one's own back.
///
/// # Errors
/// 404, 409 for a stale version or a decided one, 422 without a reason.
pub async fn reject(db: &Db, who: &Principal, id: Id, version: i64, reason: &str) -> Result<Proposal> {
    let reason = reason.trim().to_owned();
    if !REASON.chars().contains(&reason.chars().count()) {
        return Err(Refusal::field("/reason", "请写明退回的原因，4 至 400 个字。").into());
    }
    let person = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = waiting(tx, id, version)?;
        let mut after = before.clone();
        after.reject(&person, reason.clone());
        save!(tx, policy_proposal, &before, &mut after, "policy.reject", Some(&reason))?;
        Ok(after)
    })
    .await
}

fn waiting(tx: &mut Tx, id: Id, version: i64) -> Result<Proposal> {
    let row = find(tx.conn, id)?;
    fresh(&row, version)?;
    in_state(row.state != ProposalState::Withdrawn, || "该版本已经撤回，请重新提交。")?;
    in_state(row.state != ProposalState::Confirmed, || "该版本已经确认，不能再处理。")?;
    in_state(row.state != ProposalState::Rejected, || "该版本已经退回，请重新提交。")?;
    Ok(row)
}

/// One proposal.
///
/// # Errors
/// 404.
pub fn find(conn: &mut AnyConn, id: Id) -> Result<Proposal> {
    let found = policy_proposal::table.find(id).select(Proposal::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("版本").into())
}

/// The latest proposals, the newest first.
///
/// # Errors
/// Of the database.
pub fn latest(conn: &mut AnyConn) -> Result<Vec<Proposal>> {
    Ok(policy_proposal::table
        .order((policy_proposal::proposed_at.desc(), policy_proposal::id))
        .limit(SHOWN)
        .select(Proposal::as_select())
        .load(conn)?)
}

/// How many wait for somebody else than `who`.
pub fn waiting_for(who: &Principal) -> Question {
    let proposed = policy_proposal::table
        .filter(policy_proposal::state.eq(ProposalState::Proposed))
        .filter(policy_proposal::proposed_by.ne(who.user));
    Box::new(proposed.count())
}

/// Every confirmed version in the order in which one may start from another.
pub(super) fn confirmed(conn: &mut AnyConn) -> Result<Vec<Proposal>> {
    Ok(policy_proposal::table
        .filter(policy_proposal::state.eq(ProposalState::Confirmed))
        .order((policy_proposal::decided_at, policy_proposal::id))
        .select(Proposal::as_select())
        .load(conn)?)
}

/// What each confirmed version said when it was kept, by its digest.
pub(super) fn kept(conn: &mut AnyConn) -> Result<BTreeMap<String, String>> {
    let confirmed = policy_proposal::table
        .filter(policy_proposal::state.eq(ProposalState::Confirmed))
        .select(policy_proposal::digest);
    let rows: Vec<(String, String)> = policy_version::table
        .filter(policy_version::digest.eq_any(confirmed))
        .select((policy_version::digest, policy_version::content))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

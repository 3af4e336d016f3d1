//! Who owns a product: an organisation claims an enterprise code with evidence, an officer confirms it. Names never decide.
//!
//! - **Claim**: submitted → confirmed | refused | withdrawn. Several organisations may claim one code; the officer sees all
//!   of them beside each other, and confirming one refuses the others.

use askama::Template;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::platform::attachment;
use crate::platform::audit::Audited;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::upload::Kept;
use crate::platform::input::{Checks, Field, half_width};
use crate::platform::jobs::{self, NewJob};
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::schema::{enterprise_code, ownership_claim};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::versioned::in_state;
use crate::platform::who::{OrgKind, Post, Principal, person};
use crate::{save, text_enum, versioned};

/// What the claimant says.
pub const NOTE: Field = Field::new("note", "认领说明", 5..=500);
/// Why a claim is refused.
pub const REASON: Field = Field::new("reason", "不通过的原因", 5..=500);

text_enum! {
    /// How far a claim is.
    pub enum ClaimState {
        /// An officer is to look at it.
        Submitted = "submitted" | "待审核" [Waiting],
        /// The code is the organisation's.
        Confirmed = "confirmed" | "已确认" [Done],
        /// It is not.
        Refused = "refused" | "未通过" [Wrong],
        /// The organisation took it back.
        Withdrawn = "withdrawn" | "已撤回" [Plain],
    }
}

/// A claim.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = ownership_claim, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Claim {
    /// Key.
    pub id: Id,
    /// The enterprise code: digits 4 to 8 of the standard code; of consumables with a C before the last five of their code.
    pub code: String,
    /// Who claims it.
    pub organisation_id: Id,
    /// What the claimant says.
    pub note: String,
    /// How far it is.
    pub state: ClaimState,
    /// Which person claimed.
    pub claimed_by: Id,
    /// That person's name.
    pub claimed_name: String,
    /// Which officer decided.
    pub decided_by: Option<Id>,
    /// That officer's name.
    pub decided_name: Option<String>,
    /// When.
    pub decided_at: Option<Time>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// When it was claimed.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for Claim {
    const TYPE: &'static str = "ownership_claim";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(Claim, "认领");

impl Claim {
    /// The claimant takes it back.
    pub fn withdraw(&mut self) {
        self.state = ClaimState::Withdrawn;
    }

    /// The code is the claimant's.
    pub fn confirm(&mut self, by: &Principal, at: Time) {
        self.decide(ClaimState::Confirmed, by, at);
    }

    /// The code is not, and why.
    pub fn refuse(&mut self, by: &Principal, at: Time, why: String) {
        self.decide(ClaimState::Refused, by, at);
        self.reason = Some(why);
    }

    fn decide(&mut self, state: ClaimState, by: &Principal, at: Time) {
        self.state = state;
        self.decided_by = Some(by.user);
        self.decided_name = Some(by.name.clone());
        self.decided_at = Some(at);
    }

    /// # Errors
    /// 409 where it is decided or taken back.
    fn waits(&self) -> Result<()> {
        let waits = self.state == ClaimState::Submitted;
        in_state(waits, || format!("该认领{}，不能再次处理。", self.state.label()))
    }
}

/// Whose an enterprise code is.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = enterprise_code, primary_key(code))]
pub struct EnterpriseCode {
    /// The code.
    pub code: String,
    /// Key for the audit.
    pub id: Id,
    /// Whose it is.
    pub organisation_id: Id,
    /// The claim that was confirmed.
    pub claim_id: Id,
    /// Since when.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for EnterpriseCode {
    const TYPE: &'static str = "enterprise_code";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(EnterpriseCode, "企业代码");

/// Claims a code for the principal's organisation.
///
/// # Errors
/// 403 for who is no manufacturer, 409 where the code is theirs or claimed by them already, 422 with what is wrong.
pub async fn claim(db: &Db, who: &Principal, code: &str, note: &str, evidence: Vec<Kept>) -> Result<Claim> {
    if !who.is(OrgKind::is_manufacturer) {
        let detail = "只有生产企业（含上市许可持有人、进口总代理）可以认领企业代码。";
        return Err(Refusal::new(403, "FORBIDDEN", detail).into());
    }
    let mut checks = Checks::default();
    let code = half_width(code).trim().to_ascii_uppercase();
    let digits = code.strip_prefix('C').unwrap_or(&code);
    if code.is_empty() {
        checks.wrong("/code", "请填写企业代码");
    } else if digits.len() != 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let detail =
            "企业代码应为药品本位码第 4 至 8 位的 5 位数字；医用耗材为 C 加医保耗材代码第 16 至 20 位";
        checks.wrong("/code", detail);
    }
    let note = checks.paragraph(&NOTE, note);
    if evidence.is_empty() {
        checks.wrong("/evidence", "请上传证明材料，例如药品批准文件或持有人登记信息");
    }
    checks.finish()?;
    let who = who.clone();
    db.write(&who.actor(), move |tx| insert_claim(tx, &who, &code, &note, &evidence)).await
}

fn insert_claim(tx: &mut Tx, who: &Principal, code: &str, note: &str, evidence: &[Kept]) -> Result<Claim> {
    let own = owner(tx.conn, code)?.is_some_and(|row| row.organisation_id == who.organisation);
    in_state(!own, || format!("企业代码 {code} 已确认归属贵单位，无需再次认领。"))?;
    let waits = |c: &Claim| c.organisation_id == who.organisation && c.state == ClaimState::Submitted;
    let claimed = of_code(tx.conn, code)?.iter().any(waits);
    in_state(!claimed, || format!("贵单位对企业代码 {code} 的认领正在审核。"))?;
    let row = Claim {
        id: Id::new(),
        code: code.into(),
        organisation_id: who.organisation,
        note: note.into(),
        state: ClaimState::Submitted,
        claimed_by: who.user,
        claimed_name: who.name.clone(),
        decided_by: None,
        decided_name: None,
        decided_at: None,
        reason: None,
        created_at: tx.now(),
        version: 1,
    };
    diesel::insert_into(ownership_claim::table).values(&row).execute(tx.conn)?;
    attachment::attach(tx, evidence, Some(who.organisation), Claim::TYPE, row.id)?;
    tx.record("claim.submit", None, Some(&row), None)?;
    Ok(row)
}

/// Takes an own claim back.
///
/// # Errors
/// 404 for another organisation's, 409 where it is decided.
pub async fn withdraw(db: &Db, who: &Principal, id: Id) -> Result<Claim> {
    let organisation = who.organisation;
    db.write(&who.actor(), move |tx| {
        let before = find(tx.conn, Some(organisation), id)?;
        before.waits()?;
        let mut after = before.clone();
        after.withdraw();
        save!(tx, ownership_claim, &before, &mut after, "claim.withdraw", None)?;
        Ok(after)
    })
    .await
}

/// What an officer decides.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The code is the claimant's.
    Confirm,
    /// It is not, and why.
    Refuse(String),
}

/// Decides a claim. A confirmed one gives the organisation all products with the code; other open claims to it are refused.
///
/// # Errors
/// 403 for who claimed it, 404, 409 where it is decided, 422 without a reason.
pub async fn judge(db: &Db, who: &Principal, id: Id, verdict: Verdict) -> Result<Claim> {
    let reason = match &verdict {
        Verdict::Confirm => None,
        Verdict::Refuse(reason) => {
            let mut checks = Checks::default();
            let reason = checks.paragraph(&REASON, reason);
            checks.finish()?;
            Some(reason)
        }
    };
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = find(tx.conn, None, id)?;
        // The organisation may be an officer's former one: nobody decides on what they handed in.
        let same = person::is_same(tx.conn, before.claimed_by, who.user)?;
        if same || before.organisation_id == who.organisation {
            let detail = "认领须由认领人以外的经办人审核。";
            return Err(Refusal::new(403, "FOUR_EYES", detail).into());
        }
        before.waits()?;
        let mut after = before.clone();
        match reason.clone() {
            None => after.confirm(&who, tx.now()),
            Some(why) => after.refuse(&who, tx.now(), why),
        }
        save!(tx, ownership_claim, &before, &mut after, "claim.decide", reason.as_deref())?;
        if after.state == ClaimState::Confirmed {
            give_code(tx, &who, &after)?;
        }
        tell(tx, &after)?;
        Ok(after)
    })
    .await
}

/// The code becomes the claimant's; the products follow in a job, for there may be thousands.
fn give_code(tx: &mut Tx, who: &Principal, claim: &Claim) -> Result<()> {
    let before = owner(tx.conn, &claim.code)?;
    let mut after = EnterpriseCode {
        code: claim.code.clone(),
        id: before.as_ref().map_or_else(Id::new, |row| row.id),
        organisation_id: claim.organisation_id,
        claim_id: claim.id,
        created_at: tx.now(),
        version: 1,
    };
    match &before {
        None => {
            diesel::insert_into(enterprise_code::table).values(&after).execute(tx.conn)?;
            tx.record("enterprise_code.give", None, Some(&after), None)?;
        }
        Some(before) => {
            save!(tx, enterprise_code by code, before, &mut after, "enterprise_code.give", None)?;
        }
    }
    for other in of_code(tx.conn, &claim.code)? {
        if other.id != claim.id && other.state == ClaimState::Submitted {
            let mut refused = other.clone();
            refused.refuse(who, tx.now(), format!("企业代码 {} 已确认归属其他单位", claim.code));
            save!(tx, ownership_claim, &other, &mut refused, "claim.decide", None)?;
            tell(tx, &refused)?;
        }
    }
    let job = NewJob {
        created_by: Some(who.user),
        ..NewJob::new("catalogue.assign", json!({ "code": claim.code }))
    };
    jobs::enqueue(tx.conn, &job, tx.now())?;
    Ok(())
}

/// Tells the claimant what came of the claim.
#[derive(Template)]
#[template(path = "mail/claim_decided.txt")]
struct ClaimDecided<'a> {
    claim: &'a Claim,
    confirmed: bool,
}

fn tell(tx: &mut Tx, claim: &Claim) -> Result<()> {
    let letter = ClaimDecided { claim, confirmed: claim.state == ClaimState::Confirmed };
    let letter = Letter::new(&letter, "/my/claims")?.about(Topic::Listing);
    outbox::notify(tx, claim.organisation_id, &[Post::Trade, Post::Listing], &letter)
}

/// Whose a code is.
fn owner(conn: &mut AnyConn, code: &str) -> Result<Option<EnterpriseCode>> {
    Ok(enterprise_code::table.find(code).select(EnterpriseCode::as_select()).first(conn).optional()?)
}

/// All claims to a code, the oldest first.
pub fn of_code(conn: &mut AnyConn, code: &str) -> Result<Vec<Claim>> {
    Ok(ownership_claim::table
        .filter(ownership_claim::code.eq(code))
        .order((ownership_claim::created_at, ownership_claim::id))
        .select(Claim::as_select())
        .load(conn)?)
}

/// The claims of an organisation, the latest first.
pub fn of_organisation(conn: &mut AnyConn, organisation: Id) -> Result<Vec<Claim>> {
    Ok(ownership_claim::table
        .filter(ownership_claim::organisation_id.eq(organisation))
        .order((ownership_claim::created_at.desc(), ownership_claim::id))
        .limit(200)
        .select(Claim::as_select())
        .load(conn)?)
}

/// The codes of an organisation.
pub fn codes_of(conn: &mut AnyConn, organisation: Id) -> Result<Vec<EnterpriseCode>> {
    Ok(enterprise_code::table
        .filter(enterprise_code::organisation_id.eq(organisation))
        .order(enterprise_code::code)
        .select(EnterpriseCode::as_select())
        .load(conn)?)
}

/// A claim; of that organisation only, where one is given.
///
/// # Errors
/// 404, also for another organisation's.
pub fn find(conn: &mut AnyConn, organisation: Option<Id>, id: Id) -> Result<Claim> {
    let mut query =
        ownership_claim::table.filter(ownership_claim::id.eq(id)).select(Claim::as_select()).into_boxed();
    if let Some(organisation) = organisation {
        query = query.filter(ownership_claim::organisation_id.eq(organisation));
    }
    query.first(conn).optional()?.ok_or_else(|| Error::from(Refusal::not_found("认领")))
}

/// The claims that wait, the oldest first.
pub fn waiting(conn: &mut AnyConn, limit: i64) -> Result<Vec<Claim>> {
    Ok(ownership_claim::table
        .filter(ownership_claim::state.eq(ClaimState::Submitted))
        .order((ownership_claim::created_at, ownership_claim::id))
        .limit(limit)
        .select(Claim::as_select())
        .load(conn)?)
}

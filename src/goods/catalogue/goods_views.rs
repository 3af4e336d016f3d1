//! What the pages of owners and officers show.

use askama::Template;

use crate::platform::http::view::{Badge, Confirm, Field, FieldError, Frame, Link, Pair};

/// 「我的编码」.
#[derive(Debug, Template)]
#[template(path = "goods/claims.html")]
pub struct MyClaimsPage {
    /// The frame.
    pub frame: Frame,
    /// The codes that are the organisation's, with their day.
    pub codes: Vec<Pair>,
    /// Whether the reader may claim; others only look.
    pub may_claim: bool,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// The fields of a new claim.
    pub fields: Vec<Field>,
    /// What is wrong with the evidence.
    pub evidence_wrong: String,
    /// The claims.
    pub claims: Vec<ClaimRow>,
}

/// A claim in a list.
#[derive(Debug, Clone)]
pub struct ClaimRow {
    /// The code.
    pub code: String,
    /// Who claims it.
    pub claimant: String,
    /// What the claimant says.
    pub note: String,
    /// How far it is.
    pub state: Badge,
    /// When and by whom.
    pub when: String,
    /// Why it was refused.
    pub reason: String,
    /// What was handed in.
    pub files: Vec<Link>,
    /// Others claim it too, or it is another's already; in words.
    pub contested: String,
    /// What can be done.
    pub acts: Vec<Confirm>,
}

/// 「产品待办」.
#[derive(Debug, Template)]
#[template(path = "goods/work.html")]
pub struct WorkPage {
    /// The frame.
    pub frame: Frame,
    /// Claims that wait.
    pub claims: Vec<ClaimRow>,
    /// Changes that wait.
    pub proposals: Vec<ProposalRow>,
    /// Strengths that could not be read.
    pub unread: Vec<WorkRow>,
    /// How many.
    pub unread_count: String,
    /// Products without an owner.
    pub unowned: Vec<WorkRow>,
    /// How many.
    pub unowned_count: String,
    /// What is said of claims that are not shown.
    pub claims_rest: String,
    /// Of changes.
    pub proposals_rest: String,
    /// Of strengths.
    pub unread_rest: String,
    /// Of products without an owner.
    pub unowned_rest: String,
}

/// A product on the work list.
#[derive(Debug, Clone)]
pub struct WorkRow {
    /// Where it is settled.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its specification.
    pub spec: String,
    /// Its enterprise as registered.
    pub maker: String,
    /// What is the matter.
    pub why: String,
}

/// A proposed change.
#[derive(Debug, Clone)]
pub struct ProposalRow {
    /// The product's page.
    pub href: String,
    /// The product.
    pub name: String,
    /// What would change.
    pub changes: Vec<Pair>,
    /// Why.
    pub reason: String,
    /// Who and when.
    pub by: String,
    /// How far.
    pub state: Badge,
    /// What can be done.
    pub acts: Vec<Confirm>,
    /// Why nothing can be done by the reader; empty where something can, or nothing is left to do.
    pub hint: &'static str,
}

/// What who proposed a change is told in place of the acts.
pub const OTHERS: &str = "由您（或同一邮箱的账号）提出，须由另一位经办人复核。";

/// A product as officers keep it.
#[derive(Debug, Template)]
#[template(path = "goods/edit.html")]
pub struct EditPage {
    /// The frame.
    pub frame: Frame,
    /// Its name.
    pub name: String,
    /// Where the form goes.
    pub action: String,
    /// What is known of it.
    pub facts: Vec<Pair>,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// The fields.
    pub fields: Vec<Field>,
    /// The version that is shown.
    pub version: i64,
    /// Why the strength could not be read, with the form that settles it.
    pub unread: String,
    /// Where that form goes.
    pub settle_action: String,
    /// Its fields.
    pub settle_fields: Vec<Field>,
    /// The changes until now.
    pub proposals: Vec<ProposalRow>,
}

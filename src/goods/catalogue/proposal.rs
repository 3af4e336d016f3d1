//! Changes of a product that touch prices or its owner: one officer proposes, another confirms. What touches neither is
//! changed at once.
//!
//! - **Proposal**: submitted → confirmed | refused. It names the product's version that it was made on; a product that was
//!   changed meanwhile refuses it.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::code_fix::{self, CodeFix};
use super::model::Product;
use super::{DosageClass, ProductState, QualityLevel, SpecialClass, change, owner, store};
use crate::platform::audit::Audited;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::product_proposal;
use crate::platform::sql::{AnyConn, Id, MultiBackend, Question, Time};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::{Principal, person};
use crate::{party, save, text_enum, versioned};

/// The product's strength.
pub const STRENGTH: Field = Field::new("strength", "规格", 1..=100);
/// Its fill volume.
pub const FILL_VOLUME: Field = Field::new("fill_volume", "装量", 0..=100);
/// Its brand.
pub const BRAND: Field = Field::new("brand", "厂牌", 1..=50);
/// Who holds its approval.
pub const HOLDER: Field = Field::new("holder", "上市许可持有人", 0..=100);
/// Why it is changed.
pub const REASON: Field = Field::new("reason", "修改原因", 5..=500);

text_enum! {
    /// How far a proposal is.
    pub enum ProposalState {
        /// Another officer is to look at it.
        Submitted = "submitted" | "待复核" [Waiting],
        /// It was carried out.
        Confirmed = "confirmed" | "已生效" [Done],
        /// It was not.
        Refused = "refused" | "未通过" [Wrong],
    }
}

/// What is to be changed; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    /// The organisation that owns it: where there is no enterprise code an officer assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer_id: Option<Id>,
    /// Dosage class: injections are listed by the smallest unit (INJ-1.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dosage_class: Option<DosageClass>,
    /// Strength.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub strength: Option<String>,
    /// Fill volume; empty takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub fill_volume: Option<String>,
    /// Brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    pub brand: Option<String>,
    /// Quality level (INJ-3.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_level: Option<QualityLevel>,
    /// State (table (b)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ProductState>,
    /// Special class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub special_class: Option<SpecialClass>,
    /// Marketing authorisation holder; empty takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub holder: Option<String>,
    /// Numbers of units behind old codes that are put right (INJ-6.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<CodeFix>,
}

impl ProductPatch {
    /// True where prices or the owner hang on it: then a second officer confirms.
    pub fn needs_second(&self) -> bool {
        let Self {
            manufacturer_id,
            dosage_class,
            strength,
            fill_volume,
            brand,
            quality_level,
            state,
            codes,
            ..
        } = self;
        manufacturer_id.is_some()
            || dosage_class.is_some()
            || strength.is_some()
            || fill_volume.is_some()
            || brand.is_some()
            || quality_level.is_some()
            || state.is_some()
            || !codes.is_empty()
    }

    /// The product as it would be.
    fn applied(&self, before: &Product) -> Product {
        let cleared = |given: &Option<String>, old: &Option<String>| match given {
            None => old.clone(),
            Some(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
        };
        Product {
            manufacturer_id: self.manufacturer_id.or(before.manufacturer_id),
            dosage_class: self.dosage_class.unwrap_or(before.dosage_class),
            strength: self.strength.clone().unwrap_or_else(|| before.strength.clone()),
            fill_volume: cleared(&self.fill_volume, &before.fill_volume),
            brand: self.brand.clone().unwrap_or_else(|| before.brand.clone()),
            quality_level: self.quality_level.unwrap_or(before.quality_level),
            state: self.state.unwrap_or(before.state),
            special_class: self.special_class.unwrap_or(before.special_class),
            holder: cleared(&self.holder, &before.holder),
            ..before.clone()
        }
    }
}

/// A proposal.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = product_proposal, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct ProductProposal {
    /// Key.
    pub id: Id,
    /// The product.
    pub product_id: Id,
    /// Its version that the officer saw.
    pub product_version: i64,
    /// A [`ProductPatch`] as JSON.
    pub content: String,
    /// Why.
    pub reason: String,
    /// How far it is.
    pub state: ProposalState,
    /// Who proposed.
    pub proposed_by: Id,
    /// That officer's name.
    pub proposed_name: String,
    /// Who decided.
    pub decided_by: Option<Id>,
    /// That officer's name.
    pub decided_name: Option<String>,
    /// When.
    pub decided_at: Option<Time>,
    /// When it was proposed.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for ProductProposal {
    const TYPE: &'static str = "product_proposal";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(ProductProposal, "修改");

impl ProductProposal {
    /// What it would change.
    pub fn patch(&self) -> Result<ProductPatch> {
        serde_json::from_str(&self.content).map_err(Error::internal)
    }

    /// Another officer agrees.
    pub fn confirm(&mut self, by: &Principal, at: Time) {
        self.decide(ProposalState::Confirmed, by, at);
    }

    /// Another officer does not.
    pub fn refuse(&mut self, by: &Principal, at: Time) {
        self.decide(ProposalState::Refused, by, at);
    }

    fn decide(&mut self, state: ProposalState, by: &Principal, at: Time) {
        self.state = state;
        self.decided_by = Some(by.user);
        self.decided_name = Some(by.name.clone());
        self.decided_at = Some(at);
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// It was carried out.
    Now(Box<Product>),
    /// Another officer must confirm it.
    Waits(ProductProposal),
}

/// Changes a product, or proposes the change where a second officer must confirm it.
///
/// # Errors
/// 404, 409 for a stale version or an open proposal, 422 with what is wrong.
pub async fn change(
    db: &Db,
    who: &Principal,
    id: Id,
    version: i64,
    patch: ProductPatch,
    reason: &str,
) -> Result<Changed> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    if patch == ProductPatch::default() {
        checks.wrong("/reason", "没有任何修改");
    }
    for (field, given) in [
        (STRENGTH, &patch.strength),
        (BRAND, &patch.brand),
        (FILL_VOLUME, &patch.fill_volume),
        (HOLDER, &patch.holder),
    ] {
        if let Some(text) = given {
            checks.line(&field, text);
        }
    }
    checks.finish()?;
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = store::product(tx.conn, id)?;
        fresh(&before, version)?;
        check(tx, &before, &patch)?;
        if patch.needs_second() {
            return propose(tx, &who, &before, &patch, &reason).map(Changed::Waits);
        }
        let after =
            change::save_product(tx, "product.change", &before, patch.applied(&before), Some(&reason))?;
        Ok(Changed::Now(Box::new(after)))
    })
    .await
}

fn check(tx: &mut Tx, before: &Product, patch: &ProductPatch) -> Result<()> {
    code_fix::check(tx, before, &patch.codes)?;
    if let Some(next) = patch.state.filter(|next| *next != before.state)
        && !before.state.may_become(next)
    {
        let detail = format!("产品不能由“{}”改为“{}”", before.state.label(), next.label());
        return Err(Refusal::field("/state", detail).into());
    }
    if let Some(owner) = patch.manufacturer_id {
        let organisation = party::store::organisation(tx.conn, owner)?;
        if let Some(why) = owner::refusal(&organisation, &before.approval_no) {
            return Err(Refusal::field("/manufacturer_id", why).clause("SN-2").into());
        }
        if let Some(code) = &before.enterprise_code
            && let Some(by_code) = owner::of_product(before, &owner::owners(tx.conn, &[code])?)
            && by_code != owner
        {
            let detail = format!("企业代码 {code} 已确认归属其他单位，该产品随代码归属，不能另行指定");
            return Err(Refusal::field("/manufacturer_id", detail).into());
        }
    }
    Ok(())
}

fn propose(
    tx: &mut Tx,
    who: &Principal,
    before: &Product,
    patch: &ProductPatch,
    reason: &str,
) -> Result<ProductProposal> {
    let waits = of_product(tx.conn, before.id)?.iter().any(|p| p.state == ProposalState::Submitted);
    in_state(!waits, || "该产品已有一项修改待复核，请先处理。")?;
    let row = ProductProposal {
        id: Id::new(),
        product_id: before.id,
        product_version: before.version,
        content: serde_json::to_string(patch).map_err(Error::internal)?,
        reason: reason.into(),
        state: ProposalState::Submitted,
        proposed_by: who.user,
        proposed_name: who.name.clone(),
        decided_by: None,
        decided_name: None,
        decided_at: None,
        created_at: tx.now(),
        version: 1,
    };
    diesel::insert_into(product_proposal::table).values(&row).execute(tx.conn)?;
    tx.record("product.propose", None, Some(&row), Some(reason))?;
    Ok(row)
}

/// Confirms or refuses what another officer proposed.
///
/// # Errors
/// 403 for who proposed it, 404, 409 where it is decided or the product was changed since.
pub async fn decide(db: &Db, who: &Principal, id: Id, confirm: bool) -> Result<ProductProposal> {
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = find(tx.conn, id)?;
        let waits = before.state == ProposalState::Submitted;
        in_state(waits, || format!("该修改{}，不能再次处理。", before.state.label()))?;
        let detail = "修改须由提出人以外的经办人（另一个邮箱）复核。";
        person::another(tx.conn, before.proposed_by, who.user, "FOUR_EYES", detail)?;
        let mut after = before.clone();
        match confirm {
            true => after.confirm(&who, tx.now()),
            false => after.refuse(&who, tx.now()),
        }
        save!(tx, product_proposal, &before, &mut after, "product.decide", None)?;
        if confirm {
            carry_out(tx, &before)?;
        }
        Ok(after)
    })
    .await
}

fn carry_out(tx: &mut Tx, proposal: &ProductProposal) -> Result<()> {
    let before = store::product(tx.conn, proposal.product_id)?;
    let unchanged = before.version == proposal.product_version;
    in_state(unchanged, || "该产品在提出修改之后又有变化，请退回后重新提出。")?;
    let patch = proposal.patch()?;
    check(tx, &before, &patch)?;
    if !patch.codes.is_empty() {
        code_fix::correct_codes(tx, &before, &patch.codes, &proposal.reason)?;
    }
    let after = patch.applied(&before);
    if after != before {
        change::save_product(tx, "product.change", &before, after, Some(&proposal.reason))?;
    }
    Ok(())
}

/// A proposal by its key.
pub fn find(conn: &mut AnyConn, id: Id) -> Result<ProductProposal> {
    let found =
        product_proposal::table.find(id).select(ProductProposal::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("修改").into())
}

/// The proposals about a product, the latest first.
pub fn of_product(conn: &mut AnyConn, product: Id) -> Result<Vec<ProductProposal>> {
    Ok(product_proposal::table
        .filter(product_proposal::product_id.eq(product))
        .order((product_proposal::created_at.desc(), product_proposal::id))
        .limit(50)
        .select(ProductProposal::as_select())
        .load(conn)?)
}

/// The proposals that wait, the oldest first; without those of this person, who cannot decide on them.
pub fn waiting(conn: &mut AnyConn, but: Option<Id>, limit: i64) -> Result<Vec<ProductProposal>> {
    Ok(open(but)
        .order((product_proposal::created_at, product_proposal::id))
        .limit(limit)
        .select(ProductProposal::as_select())
        .load(conn)?)
}

/// How many there are.
pub fn count_waiting(but: Option<Id>) -> Question {
    Box::new(open(but).count())
}

fn open<'a>(but: Option<Id>) -> product_proposal::BoxedQuery<'a, MultiBackend> {
    let all =
        product_proposal::table.filter(product_proposal::state.eq(ProposalState::Submitted)).into_boxed();
    match but {
        Some(but) => all.filter(product_proposal::proposed_by.ne(but)),
        None => all,
    }
}

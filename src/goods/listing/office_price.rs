//! Prices that the office sets: an officer of the agency proposes one with its reason, another officer confirms it. Alone nobody
//! changes what the whole province pays.
//!
//! - **Proposal**: submitted → confirmed | refused. It names the listing's version that it was made on; a listing whose prices
//!   changed meanwhile refuses it.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::change_price::{FAR, check, set_price};
use super::store;
use crate::catalogue::proposal::ProposalState;
use crate::catalogue::{self, Product};
use crate::platform::audit::Audited;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::day;
use crate::platform::http::number::Price;
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::input::{Checks, Field};
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::policy::Policies;
use crate::platform::schema::price_proposal;
use crate::platform::sql::{AnyConn, Id, Money, MultiBackend, Question, Time};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::{Post, Principal, person};
use crate::{save, versioned};

/// Why the office sets a price.
pub const REASON: Field = Field::new("reason", "调价依据", 5..=500);

/// Proposals of one listing that are shown.
const SHOWN: i64 = 50;

/// What an officer proposes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfficePrice {
    /// Yuan a priced unit.
    pub unit_price: Price,
    /// First legal day, not before today.
    #[serde(deserialize_with = "day::read")]
    pub from_day: NaiveDate,
    /// Why, with the document that allows it; 5 to 500 characters.
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
    /// True where a day beyond two years is meant.
    #[serde(default)]
    pub confirm_far: bool,
}

/// A proposed price.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = price_proposal, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PriceProposal {
    /// Key.
    pub id: Id,
    /// The listing.
    pub listing_id: Id,
    /// Its version that the officer saw.
    pub listing_version: i64,
    /// Yuan a priced unit.
    pub unit_price: Money,
    /// First legal day.
    pub from_day: NaiveDate,
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

impl Audited for PriceProposal {
    const TYPE: &'static str = "price_proposal";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(PriceProposal, "调价");

impl PriceProposal {
    fn decide(&mut self, confirm: bool, by: &Principal, at: Time) {
        self.state = if confirm { ProposalState::Confirmed } else { ProposalState::Refused };
        self.decided_by = Some(by.user);
        self.decided_name = Some(by.name.clone());
        self.decided_at = Some(at);
    }
}

/// Proposes a price of a listing, once for a key.
///
/// # Errors
/// 404; 409 for a stale version, a listing that is not listed, or a price that waits already; 422 with what is wrong.
pub async fn propose(
    db: &Db,
    who: &Principal,
    key: Option<Key>,
    (id, version): (Id, i64),
    new: OfficePrice,
) -> Result<Answer> {
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        idempotency::run_if(tx, key.as_ref(), |tx| {
            let row = put(tx, &who, (id, version), &new)?;
            Ok((201, serde_json::to_value(row).map_err(Error::internal)?))
        })
    })
    .await
}

fn put(tx: &mut Tx, who: &Principal, (id, version): (Id, i64), new: &OfficePrice) -> Result<PriceProposal> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, &new.reason);
    let record = store::record(tx.conn, id)?;
    fresh(&record.listing, version)?;
    let (unit_price, today) = (new.unit_price.get(), tx.legal_now()?.day());
    FAR.ask(&mut checks, new.from_day, today, new.confirm_far);
    checks.finish()?;
    check(&record, unit_price, new.from_day, today, true)?;
    let waits = of_listing(tx.conn, id)?.iter().any(|p| p.state == ProposalState::Submitted);
    in_state(!waits, || "该药品已有一项调价待复核，请先处理。")?;
    let row = PriceProposal {
        id: Id::new(),
        listing_id: id,
        listing_version: version,
        unit_price,
        from_day: new.from_day,
        reason,
        state: ProposalState::Submitted,
        proposed_by: who.user,
        proposed_name: who.name.clone(),
        decided_by: None,
        decided_name: None,
        decided_at: None,
        created_at: tx.now(),
        version: 1,
    };
    diesel::insert_into(price_proposal::table).values(&row).execute(tx.conn)?;
    tx.record("listing.propose_price", None, Some(&row), Some(&row.reason))?;
    Ok(row)
}

/// Confirms or refuses what another officer proposed. Confirmed, the price stands from its day on and the enterprise is told.
///
/// # Errors
/// 403 for who proposed it; 404; 409 where it is decided, or the listing was changed since; 422 where its day has passed.
pub async fn decide(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    id: Id,
    confirm: bool,
) -> Result<PriceProposal> {
    let (who, policies) = (who.clone(), policies.clone());
    db.write(&who.actor(), move |tx| {
        let before = find(tx.conn, id)?;
        let waits = before.state == ProposalState::Submitted;
        in_state(waits, || format!("该调价{}，不能再次处理。", before.state.label()))?;
        let detail = "调价须由提出人以外的经办人（另一个邮箱）复核。";
        person::another(tx.conn, before.proposed_by, who.user, "FOUR_EYES", detail)?;
        let mut after = before.clone();
        after.decide(confirm, &who, tx.now());
        save!(tx, price_proposal, &before, &mut after, "listing.decide_price", None)?;
        if confirm {
            carry_out(tx, &policies, &before)?;
        }
        Ok(after)
    })
    .await
}

fn carry_out(tx: &mut Tx, policies: &Policies, proposal: &PriceProposal) -> Result<()> {
    let record = store::record(tx.conn, proposal.listing_id)?;
    let unchanged = record.listing.version == proposal.listing_version;
    in_state(unchanged, || "该药品的价格在提出调价之后又有变化，请退回后重新提出。")?;
    let product = catalogue::store::product(tx.conn, record.listing.product_id)?;
    set_price(tx, policies, &record, &product, proposal.unit_price, proposal.from_day, true)?;
    tell(tx, proposal, &product)
}

/// Tells an enterprise that the office set a price of its product.
#[derive(askama::Template)]
#[template(path = "mail/office_price.txt")]
struct Told<'a> {
    product: &'a str,
    price: String,
    unit: &'a str,
    from: NaiveDate,
    reason: &'a str,
}

fn tell(tx: &mut Tx, proposal: &PriceProposal, product: &Product) -> Result<()> {
    let Some(maker) = product.manufacturer_id else { return Ok(()) };
    let letter = Letter::new(
        &Told {
            product: &product.label(),
            price: proposal.unit_price.display(),
            unit: product.priced_unit(),
            from: proposal.from_day,
            reason: &proposal.reason,
        },
        format!("/catalogue/{}", product.id),
    )?;
    outbox::notify(tx, maker, &[Post::Trade, Post::Listing], &letter.about(Topic::Listing))
}

/// A proposal by its key.
///
/// # Errors
/// 404.
pub fn find(conn: &mut AnyConn, id: Id) -> Result<PriceProposal> {
    let found = price_proposal::table.find(id).select(PriceProposal::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("调价").into())
}

/// The proposals about a listing, the latest first.
///
/// # Errors
/// Of the database.
pub fn of_listing(conn: &mut AnyConn, listing: Id) -> Result<Vec<PriceProposal>> {
    Ok(price_proposal::table
        .filter(price_proposal::listing_id.eq(listing))
        .order((price_proposal::created_at.desc(), price_proposal::id))
        .limit(SHOWN)
        .select(PriceProposal::as_select())
        .load(conn)?)
}

/// The proposals that wait, the oldest first; without those of this person, who cannot decide on them.
///
/// # Errors
/// Of the database.
pub fn waiting(conn: &mut AnyConn, but: Option<Id>, limit: i64) -> Result<Vec<PriceProposal>> {
    Ok(open(but)
        .order((price_proposal::created_at, price_proposal::id))
        .limit(limit)
        .select(PriceProposal::as_select())
        .load(conn)?)
}

/// How many there are.
pub fn count_waiting(but: Option<Id>) -> Question {
    Box::new(open(but).count())
}

fn open<'a>(but: Option<Id>) -> price_proposal::BoxedQuery<'a, MultiBackend> {
    let all = price_proposal::table.filter(price_proposal::state.eq(ProposalState::Submitted)).into_boxed();
    match but {
        Some(but) => all.filter(price_proposal::proposed_by.ne(but)),
        None => all,
    }
}

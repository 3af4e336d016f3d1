//! Award of a lot: valid bids, bidding units, shortlist, selection, revival (NAT10-3…6, HVC-3…7).
//!
//! One function, [`award`], computes all of it from plain data; the steps follow the order of the tender.
//! It is a pure function of the lot and the policy, so a published award can be recomputed by anybody.

mod choose;
mod output;
mod policy;
mod read;
mod steps;
mod units;
mod what_if;

use std::collections::HashMap;

pub(crate) use choose::{Lines, revival_cap};
use choose::{rank_winners, revive, select};
pub use output::{PerUnit, Published, PublishedResult};
pub use policy::{
    Cap, Count, Denominator, Eligible, Entrusted, KEYS, Policy, Revival, Selection, Shortlist, UnitMode,
    Units,
};
pub use steps::explain;
use units::{divide_into_units, shortlist};
pub use what_if::{ROUND_3, Totals, Trial, VARIED, Variant};

use crate::moment::Moment;
use crate::money::Dec;

/// What the opening of a lot found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub lot: String,
    /// Highest valid price in yuan (最高有效申报价).
    pub ceiling: Option<Dec>,
    /// Demand of the whole category, where it is more than the sum of the bidders' demands.
    pub category_demand: Option<Dec>,
    pub bidders: Vec<Bidder>,
    pub answers: Vec<Answer>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bidder {
    pub id: String,
    /// Yuan per comparable unit; `None`: no quote.
    pub price: Option<Dec>,
    /// Demand that hospitals reported for this bidder's products.
    pub demand: Dec,
    /// Able to supply every region (HVC-3).
    pub all_regions: bool,
    /// Manufacturer to which the holder entrusts production (NAT10-5); `None`: own production.
    pub factory: Option<String>,
}

/// An answer to the offer of revival (NAT10-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub id: String,
    pub price: Option<Dec>,
    pub submitted_at: Moment,
    /// All material handed in.
    pub complete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The lot has no units.
    Only,
    A,
    B,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Selected,
    Revived,
    NotSelected,
    /// Passes in unit B, but unit A has no price to compare with (HVC-6, ambiguity c): an officer decides.
    Held,
    /// Counts as one with a cheaper bidder of the same factory.
    Merged,
    Invalid,
    NoQuote,
}

/// Why a bidder has not been selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    AUnitEmpty,
    NotShortlisted,
    AboveRatio,
    AboveAUnit,
    NoSelectedPrice,
    NoAnswer,
    Late,
    Incomplete,
    AboveOwnBid,
    AboveCap,
}

/// The result of one bidder, in the order of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BidResult {
    pub unit: Option<Unit>,
    /// Rank by price within the unit; equal prices share a rank (1, 2, 2, 4).
    pub rank: Option<usize>,
    pub shortlisted: bool,
    pub outcome: Outcome,
    /// Final price in yuan of a winner.
    pub price: Option<Dec>,
    pub reason: Option<Reason>,
    /// For a merged bidder: position of the bidder that represents it.
    pub merged_into: Option<usize>,
    /// Under division into units: demand of the national bidders with strictly more demand.
    pub ahead: Option<Dec>,
}

/// What holds for a unit as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitSummary {
    pub unit: Unit,
    /// Bidders counted for the table of the shortlist.
    pub counted: i64,
    pub entrusted: i64,
    pub max_shortlist: i64,
    /// Lowest bid, yuan; `None` for a unit without bidders.
    pub lowest: Option<Dec>,
    /// Highest price selected before revival, yuan.
    pub highest_selected: Option<Dec>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// One unit, or A and B.
    pub units: Vec<UnitSummary>,
    pub results: Vec<BidResult>,
    /// Positions of the winners by final price, own bid, input order.
    pub winners: Vec<usize>,
    /// The demand of which unit A covers its share, where units were formed by demand.
    pub unit_demand: Option<Dec>,
}

/// Why a lot cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AwardError {
    #[error("参加企业编号 {0} 出现了两次，每家企业只能出现一次")]
    DuplicateId(String),
    #[error("复活答复的企业编号 {0} 不在参加企业之中")]
    UnknownId(String),
    #[error("启用了复活而没有规定复活价格上限：policy.revival.cap 应为 ratio_of_lowest 或 highest_selected")]
    CapRequired,
    #[error("入围企业数表为空，或其中的数小于 1，或家数没有从小到大排列")]
    Table,
    #[error("复活截止时间 {0} 应为带时区的时间，如 2024-12-12T17:00:00+08:00")]
    Deadline(String),
}

/// Awards a lot. NAT10-3, NAT10-4, NAT10-5, NAT10-6, HVC-3, HVC-4, HVC-5, HVC-6, HVC-7.
///
/// Prices in yuan. Runs in n log n of the bidders.
pub fn award(lot: &Lot, policy: &Policy) -> Result<Award, AwardError> {
    let by_id = index(lot)?;
    let deadline = check_policy(policy)?;
    let mut results = qualify(lot);
    if policy.entrusted.merge_same_factory {
        merge(lot, &mut results);
    }
    let unit_demand = divide_into_units(lot, policy, &mut results);
    let mut units = Vec::new();
    match policy.units.mode {
        UnitMode::None => {
            units.push(shortlist(lot, policy, Unit::Only, &mut results));
            select(lot, policy, &mut units, &mut results);
        }
        UnitMode::Ab => {
            for unit in [Unit::A, Unit::B] {
                units.push(shortlist(lot, policy, unit, &mut results));
                select(lot, policy, &mut units, &mut results);
            }
        }
    }
    if let Some(cap) = policy.revival.cap.filter(|_| policy.revival.enabled) {
        revive(lot, policy, cap, deadline.as_ref(), &by_id, &units, &mut results);
    }
    let winners = rank_winners(lot, &results);
    Ok(Award { units, results, winners, unit_demand })
}

fn index(lot: &Lot) -> Result<HashMap<&str, usize>, AwardError> {
    let mut by_id = HashMap::with_capacity(lot.bidders.len());
    for (at, bidder) in lot.bidders.iter().enumerate() {
        if by_id.insert(bidder.id.as_str(), at).is_some() {
            return Err(AwardError::DuplicateId(bidder.id.clone()));
        }
    }
    match lot.answers.iter().find(|answer| !by_id.contains_key(answer.id.as_str())) {
        Some(stranger) => Err(AwardError::UnknownId(stranger.id.clone())),
        None => Ok(by_id),
    }
}

fn check_policy(policy: &Policy) -> Result<Option<Moment>, AwardError> {
    let table = &policy.shortlist.table;
    let ascending = table.windows(2).all(|pair| matches!(pair, [a, b] if a.0 < b.0));
    if table.is_empty() || !ascending || table.iter().any(|(key, value)| *key < 1 || *value < 1) {
        return Err(AwardError::Table);
    }
    if policy.revival.enabled && policy.revival.cap.is_none() {
        return Err(AwardError::CapRequired);
    }
    match &policy.revival.deadline {
        None => Ok(None),
        Some(text) => Moment::parse(text).map(Some).ok_or_else(|| AwardError::Deadline(text.clone())),
    }
}

/// Step 1, valid bids: a price above zero and not above the ceiling (HVC-4).
fn qualify(lot: &Lot) -> Vec<BidResult> {
    let outcome = |bidder: &Bidder| match &bidder.price {
        None => Outcome::NoQuote,
        Some(price) if !price.is_positive() => Outcome::Invalid,
        Some(price) if lot.ceiling.as_ref().is_some_and(|ceiling| price > ceiling) => Outcome::Invalid,
        Some(_) => Outcome::NotSelected,
    };
    let result = |outcome| BidResult {
        unit: None,
        rank: None,
        shortlisted: false,
        outcome,
        price: None,
        reason: None,
        merged_into: None,
        ahead: None,
    };
    lot.bidders.iter().map(|bidder| result(outcome(bidder))).collect()
}

/// Step 2, bidders that entrust the same factory are one, represented by the lowest bid (NAT10-5).
fn merge(lot: &Lot, results: &mut [BidResult]) {
    let mut places: HashMap<&str, (usize, &Dec)> = HashMap::new();
    for (at, (bidder, result)) in lot.bidders.iter().zip(results.iter()).enumerate() {
        let (Some(factory), Some(price)) = (bidder.factory.as_deref(), &bidder.price) else { continue };
        if result.outcome == Outcome::NotSelected {
            let place = places.entry(factory).or_insert((at, price));
            if price < place.1 {
                *place = (at, price);
            }
        }
    }
    for (at, (bidder, result)) in lot.bidders.iter().zip(results.iter_mut()).enumerate() {
        let place = bidder.factory.as_deref().and_then(|factory| places.get(factory));
        if let Some((representative, _)) = place
            && *representative != at
            && result.outcome == Outcome::NotSelected
        {
            result.outcome = Outcome::Merged;
            result.merged_into = Some(*representative);
        }
    }
}

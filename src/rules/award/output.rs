//! An award in its published shape.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Award, Bidder, Lot, Outcome, Reason, Unit, UnitSummary};
use crate::money::Dec;

/// An award as it is published.
#[derive(Debug, serde::Serialize)]
pub struct Published<'a> {
    pub lot: &'a str,
    pub max_shortlist: PerUnit<i64>,
    pub lowest: PerUnit<Option<&'a Dec>>,
    pub results: Vec<PublishedResult<'a>>,
    pub winners: Vec<&'a str>,
    pub policy_digest: String,
}

#[derive(Debug, serde::Serialize)]
pub struct PublishedResult<'a> {
    pub id: &'a str,
    pub unit: Option<&'static str>,
    pub rank: Option<usize>,
    pub shortlisted: bool,
    pub outcome: &'static str,
    pub price: Option<&'a Dec>,
    pub reason: Option<&'static str>,
}

/// A value of the lot, or one of each unit: `{"A":…,"B":…}`.
#[derive(Debug)]
pub struct PerUnit<T>(Vec<(Unit, T)>);

impl<T: Serialize> Serialize for PerUnit<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if let [(Unit::Only, value)] = self.0.as_slice() {
            return value.serialize(to);
        }
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (unit, value) in &self.0 {
            map.serialize_entry(unit.name().unwrap_or_default(), value)?;
        }
        map.end()
    }
}

impl Unit {
    /// `A`, `B`, or nothing where the lot has no units.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Unit::Only => None,
            Unit::A => Some("A"),
            Unit::B => Some("B"),
        }
    }
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Selected => "selected",
            Outcome::Revived => "revived",
            Outcome::NotSelected => "not_selected",
            Outcome::Held => "held",
            Outcome::Merged => "merged",
            Outcome::Invalid => "invalid",
            Outcome::NoQuote => "no_quote",
        }
    }
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::AUnitEmpty => "a_unit_empty",
            Reason::NotShortlisted => "not_shortlisted",
            Reason::AboveRatio => "above_ratio",
            Reason::AboveAUnit => "above_a_unit",
            Reason::NoSelectedPrice => "no_selected_price",
            Reason::NoAnswer => "no_answer",
            Reason::Late => "late",
            Reason::Incomplete => "incomplete",
            Reason::AboveOwnBid => "above_own_bid",
            Reason::AboveCap => "above_cap",
        }
    }
}

impl Award {
    /// The published shape under the digest of the policy.
    pub fn publish<'a>(&'a self, lot: &'a Lot, digest: String) -> Published<'a> {
        fn per_unit<'a, T>(units: &'a [UnitSummary], value: fn(&'a UnitSummary) -> T) -> PerUnit<T> {
            PerUnit(units.iter().map(|unit| (unit.unit, value(unit))).collect())
        }
        let result = |(bidder, result): (&'a Bidder, &'a super::BidResult)| PublishedResult {
            id: &bidder.id,
            unit: result.unit.and_then(Unit::name),
            rank: result.rank,
            shortlisted: result.shortlisted,
            outcome: result.outcome.as_str(),
            price: result.price.as_ref(),
            reason: result.reason.map(Reason::as_str),
        };
        Published {
            lot: &lot.lot,
            max_shortlist: per_unit(&self.units, |unit| unit.max_shortlist),
            lowest: per_unit(&self.units, |unit| unit.lowest.as_ref()),
            results: lot.bidders.iter().zip(&self.results).map(result).collect(),
            winners: self.winners.iter().filter_map(|at| Some(lot.bidders.get(*at)?.id.as_str())).collect(),
            policy_digest: digest,
        }
    }
}

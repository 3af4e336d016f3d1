//! What a parameter does to past lots before it stands in a tender: the same lots under several values.

use super::{Award, AwardError, Lot, Outcome, Policy, award};
use crate::rules::json::{Json, RowError};
use crate::rules::money::{Dec, Round};
use crate::rules::policy as profile;

/// A parameter and one value of it, such as `selection.max_ratio` at 1.5.
#[derive(Clone, Debug)]
pub struct Variant {
    pub key: String,
    /// As it was written.
    pub value: String,
    policy: Policy,
}

impl Variant {
    /// Reads a value as JSON (`1.5`, `true`, `null`, `[[1,1],[2,2]]`) or else as a word (`highest_selected`).
    pub fn read(key: &str, value: &str, profile: &profile::Policy) -> Result<Self, RowError> {
        let unknown = || {
            let problem = format!("is not known; the parameters are {}", KEYS.join(", "));
            RowError::new("BAD_VALUE", key, problem)
        };
        let (section, member) = key.split_once('.').filter(|_| KEYS.contains(&key)).ok_or_else(unknown)?;
        let literal = match Json::parse(value) {
            Ok(_) => value.to_owned(),
            Err(_) => serde_json::Value::from(value).to_string(),
        };
        let text = format!("{{\"{section}\":{{\"{member}\":{literal}}}}}");
        let stated = Json::parse(&text).map_err(|what| RowError::new("BAD_VALUE", key, what))?;
        let policy = Policy::read(stated.as_object(), profile)?;
        Ok(Variant { key: key.to_owned(), value: value.to_owned(), policy })
    }

    /// The policy with this value in it.
    pub fn of(&self, policy: &Policy) -> Policy {
        let (mut varied, from) = (policy.clone(), self.policy.clone());
        match self.key.as_str() {
            "units.mode" => varied.units.mode = from.units.mode,
            "units.share" => varied.units.share = from.units.share,
            "units.all_in_a_up_to" => varied.units.all_in_a_up_to = from.units.all_in_a_up_to,
            "units.denominator" => varied.units.denominator = from.units.denominator,
            "shortlist.table" => varied.shortlist.table = from.shortlist.table,
            "shortlist.count" => varied.shortlist.count = from.shortlist.count,
            "entrusted.merge_same_factory" => {
                varied.entrusted.merge_same_factory = from.entrusted.merge_same_factory;
            }
            "entrusted.min" => varied.entrusted.min = from.entrusted.min,
            "entrusted.minus" => varied.entrusted.minus = from.entrusted.minus,
            "selection.max_ratio" => varied.selection.max_ratio = from.selection.max_ratio,
            "selection.floor_price" => varied.selection.floor_price = from.selection.floor_price,
            "selection.cut_protects" => varied.selection.cut_protects = from.selection.cut_protects,
            "revival.enabled" => varied.revival.enabled = from.revival.enabled,
            "revival.eligible" => varied.revival.eligible = from.revival.eligible,
            "revival.cap" => varied.revival.cap = from.revival.cap,
            "revival.ratio" => varied.revival.ratio = from.revival.ratio,
            _ => varied.revival.deadline = from.revival.deadline,
        }
        varied
    }
}

/// The parameters that can be varied.
const KEYS: [&str; 17] = [
    "units.mode",
    "units.share",
    "units.all_in_a_up_to",
    "units.denominator",
    "shortlist.table",
    "shortlist.count",
    "entrusted.merge_same_factory",
    "entrusted.min",
    "entrusted.minus",
    "selection.max_ratio",
    "selection.floor_price",
    "selection.cut_protects",
    "revival.enabled",
    "revival.eligible",
    "revival.cap",
    "revival.ratio",
    "revival.deadline",
];

/// What one value gives over many lots.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub lots: u64,
    /// Lots that cannot be computed.
    pub errors: u64,
    /// Lots without any winner.
    pub without_winner: u64,
    pub winners: u64,
    /// Of the winners those that were revived.
    pub revived: u64,
    demand: Dec,
    kept: Dec,
    cuts: Dec,
    cut_of: i64,
}

/// Decimals to which each single cut is taken before they are averaged for display.
const CUT_DECIMALS: u32 = 12;

impl Totals {
    /// Adds a lot under a policy. NAT10-3, HVC-5.
    pub fn add(&mut self, lot: &Lot, policy: &Policy) -> Result<(), AwardError> {
        self.lots += 1;
        match award(lot, policy) {
            Ok(award) => self.count(lot, &award),
            Err(error) => {
                self.errors += 1;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Counts a lot that could not even be read.
    pub fn add_unreadable(&mut self) {
        self.lots += 1;
        self.errors += 1;
    }

    fn count(&mut self, lot: &Lot, award: &Award) {
        self.without_winner += u64::from(award.winners.is_empty());
        for (bidder, result) in lot.bidders.iter().zip(&award.results) {
            self.demand = &self.demand + &bidder.demand;
            let Some(price) = &result.price else { continue };
            self.winners += 1;
            self.revived += u64::from(result.outcome == Outcome::Revived);
            self.kept = &self.kept + &bidder.demand;
            let cut = lot
                .ceiling
                .as_ref()
                .and_then(|ceiling| (ceiling - price).divided(ceiling, CUT_DECIMALS, Round::HalfAway));
            if let Some(cut) = cut {
                self.cuts = &self.cuts + &cut;
                self.cut_of += 1;
            }
        }
    }

    /// Demand of the winners over that of all bidders, four decimals; `None` where no demand is given.
    pub fn demand_kept(&self) -> Option<Dec> {
        self.kept.divided(&self.demand, 4, Round::HalfAway)
    }

    /// Mean of (ceiling − final price) / ceiling over the winners of lots with a ceiling, four decimals.
    pub fn mean_cut(&self) -> Option<Dec> {
        self.cuts.divided(&Dec::from(self.cut_of), 4, Round::HalfAway)
    }
}

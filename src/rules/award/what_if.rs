//! What a parameter does to past lots before it stands in a tender: the same lots under several values.

use super::{Award, AwardError, Lot, Outcome, Policy, award};
use crate::json::{Json, RowError};
use crate::money::{Dec, Round};
use crate::policy as profile;

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
            let problem = format!("is not known; the parameters are {}", VARIED.join(", "));
            RowError::new("BAD_VALUE", key, problem)
        };
        let (section, member) = key.split_once('.').filter(|_| VARIED.contains(&key)).ok_or_else(unknown)?;
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
pub const VARIED: [&str; 17] = [
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

/// Lots whose fault is told; the others are only counted.
const FAULTS: usize = 20;

/// Past lots under several values of one parameter.
#[derive(Clone, Debug)]
pub struct Trial {
    variants: Vec<Variant>,
    totals: Vec<Totals>,
    faults: Vec<(u64, RowError)>,
}

impl Trial {
    /// Reads the values, `1.5,1.8`; values that hold commas themselves are separated by semicolons.
    ///
    /// # Errors
    /// An unknown parameter, or a value that it cannot have.
    pub fn new(key: &str, values: &str, profile: &profile::Policy) -> Result<Self, RowError> {
        let separator = if values.contains([';', '[']) { ';' } else { ',' };
        let read = |value: &str| Variant::read(key.trim(), value.trim(), profile);
        let variants: Vec<_> = values.split(separator).map(read).collect::<Result<_, _>>()?;
        let totals = vec![Totals::default(); variants.len()];
        Ok(Trial { variants, totals, faults: Vec::new() })
    }

    /// Computes one line under every value. A line that cannot be read or computed is counted as an error, not passed over;
    /// blank lines are. `number` is the line's, from 1.
    pub fn add(&mut self, number: u64, line: &[u8], profile: &profile::Policy) {
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let mut fault = None;
        match read(line, profile) {
            Err(error) => {
                self.totals.iter_mut().for_each(Totals::add_unreadable);
                fault = Some(error);
            }
            Ok((lot, stated)) => {
                for (variant, totals) in self.variants.iter().zip(&mut self.totals) {
                    let done = totals.add(&lot, &variant.of(&stated));
                    fault = fault.or(done.err().map(RowError::from));
                }
            }
        }
        self.faults.extend(fault.map(|fault| (number, fault)).filter(|_| self.faults.len() < FAULTS));
    }

    /// How many values there are.
    pub fn values(&self) -> usize {
        self.variants.len()
    }

    /// What each value gave, in their order.
    pub fn results(&self) -> impl Iterator<Item = (&Variant, &Totals)> {
        self.variants.iter().zip(&self.totals)
    }

    /// The first lines that could not be computed, with their numbers.
    pub fn faults(&self) -> &[(u64, RowError)] {
        &self.faults
    }
}

fn read(line: &[u8], profile: &profile::Policy) -> Result<(Lot, Policy), RowError> {
    let unreadable = |what: String| RowError::new("NOT_JSON", "", what);
    let text = std::str::from_utf8(line).map_err(|error| unreadable(error.to_string()))?;
    let json = Json::parse(text).map_err(unreadable)?;
    let object = json.as_object().ok_or_else(|| unreadable("no object".to_owned()))?;
    Ok((Lot::read(object)?, Policy::read(object.opt_object("policy")?, profile)?))
}

/// The 22 lots of the third national round, August 2020, as published: one lot a line. No demand by bidder is published.
pub const ROUND_3: &str = include_str!("../../../config/rounds/round-3.jsonl");

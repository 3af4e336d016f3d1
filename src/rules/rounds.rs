//! What a round may cover and what it brought: NAT10-2, NAT10-8, GEN-13, and shares for reports.

use std::collections::BTreeSet;

use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind};
use crate::values;

/// The parameters of rounds.
pub const KEYS: &[Key] = &[Key { name: "nat10.min_competitors", kind: Kind::Whole { min: 1, max: 1_000 } }];

/// Whether enough enterprises compete for a variety: holders of the reference preparation and of evaluated
/// generics together reach `min`; one enterprise that holds both counts once. NAT10-2.
///
/// Open: bidders that entrust one factory (NAT10-5) are not merged here; the source speaks of merging only for
/// the shortlist (NAT10-2, ambiguity).
pub fn may_enter(reference: &[&str], evaluated: &[&str], min: i64, steps: &mut Steps) -> bool {
    let all: BTreeSet<_> = reference.iter().chain(evaluated).collect();
    let enough = i64::try_from(all.len()).is_ok_and(|n| n >= min);
    steps.add("NAT10-2", || {
        let word = if enough { "达到" } else { "不足" };
        let text = format!("参比制剂与过评仿制药企业合计 {} 家，{word} {min} 家", all.len());
        (text, values! { "enterprises" => all.len(), "min" => min })
    });
    enough
}

/// `part / whole` in percent to `decimals` places; `None` if there is no whole.
/// NAT10-8, HUN-9, SUR-8, GEN-14, GEN-15.
pub fn percent(part: &Dec, whole: &Dec, decimals: u32) -> Option<Dec> {
    (part * &Dec::from(100)).divided(whole, decimals, Round::HalfAway)
}

/// The price of one product before and after, yuan, and its agreed volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    pub base: Dec,
    pub selected: Dec,
    pub volume: Dec,
}

/// What a round brought. Ratios with four decimals, `None` where nothing was bought before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// Simple mean of the cuts.
    pub mean: Option<Dec>,
    /// 1 − Σ selected × volume / Σ base × volume.
    pub weighted: Option<Dec>,
    /// Yuan a year on the agreed volume.
    pub savings: Dec,
}

/// Mean cut and yearly savings of a round; the report says which mean it shows. GEN-13.
///
/// Open: base price and weighting are not defined by the source; both means are given and labelled.
pub fn cuts(products: &[Cut]) -> Cuts {
    let mut mean = Mean::default();
    let (mut before, mut after) = (Dec::default(), Dec::default());
    for product in products {
        mean.add(&(&product.base - &product.selected), &product.base);
        before = &before + &(&product.base * &product.volume);
        after = &after + &(&product.selected * &product.volume);
    }
    let savings = &before - &after;
    Cuts { mean: mean.value(4), weighted: savings.divided(&before, 4, Round::HalfAway), savings }
}

/// The mean of fractions, exact until it is read.
#[derive(Clone, Debug)]
pub struct Mean {
    above: Dec,
    below: Dec,
    count: i64,
}

impl Default for Mean {
    fn default() -> Self {
        Mean { above: Dec::default(), below: Dec::from(1), count: 0 }
    }
}

impl Mean {
    /// Adds `above / below`; nothing if `below` is zero.
    pub fn add(&mut self, above: &Dec, below: &Dec) {
        if below.is_zero() {
            return;
        }
        self.above = &(&self.above * below) + &(above * &self.below);
        self.below = &self.below * below;
        self.count += 1;
    }

    /// The mean to `decimals` places; `None` if nothing was added.
    pub fn value(&self, decimals: u32) -> Option<Dec> {
        self.above.divided(&(&self.below * &Dec::from(self.count)), decimals, Round::HalfAway)
    }
}

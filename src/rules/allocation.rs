//! Volume by rank: base and remaining volume (HVC-8), and the split of a target (VOL-11).

use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind};
use crate::values;

/// The parameters of the allocation.
pub const KEYS: &[Key] = &[
    Key { name: "hvc.gradient", kind: Kind::Decimals { count: 5, min: "0", max: "1" } },
    Key { name: "hvc.rear_rank_cap", kind: Kind::Decimal { min: "0", max: "1" } },
];

/// A selected product of a hospital: its rank by price from 1, and the intended volume in whole units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intended {
    pub rank: usize,
    pub volume: Dec,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// In the order of the input.
    pub base: Vec<Dec>,
    /// What hospitals distribute by choice.
    pub remaining: Dec,
}

/// Base volume in steps by rank, and what remains of it and of the products that were not selected. HVC-8.
///
/// `gradient` is the share by rank, its last value holds for all later ranks. Σ base + remaining is Σ intended.
///
/// Open: a base volume that is no whole unit is cut; the rest goes to the remaining volume, so nothing is lost.
pub fn base_volume(selected: &[Intended], not_selected: &Dec, gradient: &[Dec], steps: &mut Steps) -> Base {
    let share = |rank: usize| gradient.get(rank.saturating_sub(1)).or(gradient.last());
    let mut remaining = not_selected.clone();
    let mut base = Vec::with_capacity(selected.len());
    for product in selected {
        let share = share(product.rank).cloned().unwrap_or_default();
        let volume = (&product.volume * &share).rounded(0, Round::Down);
        remaining = &remaining + &(&product.volume - &volume);
        steps.add("HVC-8", || {
            let (rank, intended) = (product.rank, &product.volume);
            let text = format!(
                "第 {rank} 顺位：意向量 {intended} × {}% = 基础量 {volume}",
                &share * &Dec::from(100)
            );
            (text, values! { "rank" => rank, "intended" => intended, "base" => volume })
        });
        base.push(volume);
    }
    steps.add("HVC-8", || {
        (format!("剩余量 {remaining}，由医疗机构自主选择"), values! { "remaining" => remaining })
    });
    Base { base, remaining }
}

/// Why a hospital's choice of the remaining volume is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChoiceFault {
    /// The choices do not sum to the remaining volume; holds their sum.
    Sum(Dec),
    /// The last third of the ranks takes more than its cap; holds what it takes and may take.
    RearRanks(Dec, Dec),
}

/// Checks a hospital's choice of its remaining volume over `ranks` ranks: (rank, volume) each. HVC-8.
///
/// Open: "the last third" of n ranks is n / 3 without its fraction; below three ranks nobody is restrained.
pub fn check_choice(
    remaining: &Dec,
    choices: &[(usize, Dec)],
    ranks: usize,
    rear_cap: &Dec,
) -> Result<(), ChoiceFault> {
    let sum: Dec = choices.iter().map(|(_, volume)| volume).sum();
    if sum != *remaining {
        return Err(ChoiceFault::Sum(sum));
    }
    let front = ranks - ranks / 3;
    let rear: Dec = choices.iter().filter(|(rank, _)| *rank > front).map(|(_, volume)| volume).sum();
    let cap = remaining * rear_cap;
    if rear > cap { Err(ChoiceFault::RearRanks(rear, cap)) } else { Ok(()) }
}

/// Splits a whole number by weights into whole numbers that sum to it. VOL-11.
///
/// `None` if a weight is negative or all are zero.
pub fn split(total: &Dec, weights: &[Dec]) -> Option<Vec<Dec>> {
    let all: Dec = weights.iter().sum();
    if weights.iter().any(Dec::is_negative) || all.is_zero() {
        return None;
    }
    let (mut weight, mut given) = (Dec::default(), Dec::default());
    let mut parts = Vec::with_capacity(weights.len());
    for one in weights {
        weight = &weight + one;
        let up_to_here = (total * &weight).divided(&all, 0, Round::Down)?;
        parts.push(&up_to_here - &given);
        given = up_to_here;
    }
    Some(parts)
}

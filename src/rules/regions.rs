//! Supply regions: the winners of a lot pick in turn, the lowest price first.

use std::collections::{HashMap, HashSet};

use super::explain::Steps;
use crate::values;

/// A winner in rank order, and the regions it would like, the dearest wish first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picker {
    pub id: String,
    pub preferences: Vec<String>,
}

/// Who picked a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Position of the winner in rank order.
    pub winner: usize,
    /// Place in the sequence of all picks, from 1.
    pub turn: usize,
    /// Whether the region was among the winner's preferences.
    pub wished: bool,
}

/// Names that must be unique and are not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} 出现了两次，地区和企业编号都只能出现一次")]
pub struct Twice(pub String);

/// Gives each region, in the order of `regions`, to a winner: the first picks one, then all pick in turn from
/// the first again, until none is left. A pick is the first preference still free, else the first free region.
/// `None` only where there are no winners. VOL-1 and the published results of 2020 (reconstructed rule).
pub fn allocate(
    regions: &[String],
    winners: &[Picker],
    steps: &mut Steps,
) -> Result<Vec<Option<Pick>>, Twice> {
    let mut position = HashMap::with_capacity(regions.len());
    for (at, name) in regions.iter().enumerate() {
        if position.insert(name.as_str(), at).is_some() {
            return Err(Twice(name.clone()));
        }
    }
    let mut ids = HashSet::with_capacity(winners.len());
    if let Some(twice) = winners.iter().find(|winner| !ids.insert(winner.id.as_str())) {
        return Err(Twice(twice.id.clone()));
    }
    let mut picks: Vec<Option<Pick>> = vec![None; regions.len()];
    let mut wishes: Vec<_> = winners.iter().map(|winner| winner.preferences.iter()).collect();
    let mut first_free = 0..regions.len();
    let turns = std::iter::once(0).chain((0..winners.len()).cycle());
    for (turn, winner) in (1..=regions.len()).zip(turns) {
        let Some(wish) = wishes.get_mut(winner) else { break };
        let free = |at: &usize, picks: &[Option<Pick>]| picks.get(*at).is_some_and(Option::is_none);
        let wished = wish.by_ref().filter_map(|name| position.get(name.as_str()).copied());
        let wished = wished.into_iter().find(|at| free(at, &picks));
        let Some(at) = wished.or_else(|| first_free.by_ref().find(|at| free(at, &picks))) else { break };
        steps.add("VOL-1", || {
            let (region, id) = (regions.get(at).cloned().unwrap_or_default(), winners.get(winner));
            let id = id.map(|winner| winner.id.clone()).unwrap_or_default();
            let why =
                if wished.is_some() { "按其意愿" } else { "所愿地区已被选完，按地区顺序" };
            let text = format!("第 {turn} 次选择：{id} 选 {region}（中选顺位第 {}，{why}）", winner + 1);
            (text, values! { "turn" => turn, "winner" => id, "region" => region })
        });
        if let Some(pick) = picks.get_mut(at) {
            *pick = Some(Pick { winner, turn, wished: wished.is_some() });
        }
    }
    Ok(picks)
}

/// How many regions each of `winners` winners has.
pub fn counts(picks: &[Option<Pick>], winners: usize) -> Vec<usize> {
    let mut counts = vec![0; winners];
    for pick in picks.iter().flatten() {
        if let Some(count) = counts.get_mut(pick.winner) {
            *count += 1;
        }
    }
    counts
}

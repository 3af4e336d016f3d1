//! Selection and revival (NAT10-3, NAT10-4, NAT10-6, HVC-5…7).

use std::collections::HashMap;

use super::{Answer, BidResult, Cap, Eligible, Lot, Outcome, Policy, Reason, Unit, UnitSummary};
use crate::moment::Moment;
use crate::money::Dec;

/// The prices up to which a shortlisted bid of a unit passes (NAT10-3, NAT10-6, HVC-5).
pub(crate) struct Lines {
    pub by_ratio: Option<Dec>,
    pub by_cut: Option<Dec>,
}

impl Lines {
    pub(crate) fn of(lot: &Lot, policy: &Policy, lowest: Option<&Dec>) -> Self {
        let rules = &policy.selection;
        Self {
            by_ratio: lowest.map(|lowest| &rules.max_ratio * lowest),
            by_cut: rules
                .cut_protects
                .as_ref()
                .zip(lot.ceiling.as_ref())
                .map(|(cut, ceiling)| &(&Dec::from(1) - cut) * ceiling),
        }
    }

    fn pass(&self, policy: &Policy, price: &Dec) -> bool {
        [&self.by_ratio, &policy.selection.floor_price, &self.by_cut]
            .into_iter()
            .any(|line| line.as_ref().is_some_and(|line| price <= line))
    }
}

/// Step 5 for the last of `units`; in B after A and not above A's highest selected price (HVC-6).
pub(super) fn select(lot: &Lot, policy: &Policy, units: &mut [UnitSummary], results: &mut [BidResult]) {
    let Some((current, before)) = units.split_last_mut() else { return };
    let lines = Lines::of(lot, policy, current.lowest.as_ref());
    let of_a = before.first().map(|unit_a| unit_a.highest_selected.as_ref());
    for (bidder, result) in lot.bidders.iter().zip(results.iter_mut()) {
        let Some(price) = bidder.price.as_ref().filter(|_| result.unit == Some(current.unit)) else {
            continue;
        };
        let (outcome, reason) = match of_a {
            _ if !result.shortlisted => (Outcome::NotSelected, Some(Reason::NotShortlisted)),
            _ if !lines.pass(policy, price) => (Outcome::NotSelected, Some(Reason::AboveRatio)),
            Some(None) => (Outcome::Held, Some(Reason::AUnitEmpty)),
            Some(Some(highest)) if price > highest => (Outcome::NotSelected, Some(Reason::AboveAUnit)),
            _ => (Outcome::Selected, None),
        };
        (result.outcome, result.reason) = (outcome, reason);
        if outcome == Outcome::Selected {
            result.price = Some(price.clone());
            if current.highest_selected.as_ref().is_none_or(|highest| price > highest) {
                current.highest_selected = Some(price.clone());
            }
        }
    }
}

/// Step 6, revival (NAT10-4, HVC-7).
pub(super) fn revive(
    lot: &Lot,
    policy: &Policy,
    cap: Cap,
    deadline: Option<&Moment>,
    by_id: &HashMap<&str, usize>,
    units: &[UnitSummary],
    results: &mut [BidResult],
) {
    let mut answers: Vec<Option<&Answer>> = vec![None; results.len()];
    let mut answered = vec![false; results.len()];
    for answer in &lot.answers {
        let Some(at) = by_id.get(answer.id.as_str()) else { continue };
        if let Some(flag) = answered.get_mut(*at) {
            *flag = true;
        }
        let in_time = deadline.is_none_or(|deadline| answer.submitted_at < *deadline);
        if let Some(kept) = answers.get_mut(*at).filter(|_| in_time)
            && kept.is_none_or(|kept| answer.submitted_at >= kept.submitted_at)
        {
            *kept = Some(answer);
        }
    }
    let rows = lot.bidders.iter().zip(results.iter_mut()).zip(answers.into_iter().zip(answered));
    for ((bidder, result), (answer, answered)) in rows {
        let candidate = result.unit.is_some()
            && result.outcome == Outcome::NotSelected
            && (result.shortlisted || policy.revival.eligible == Eligible::Valid);
        let Some(own) = bidder.price.as_ref().filter(|_| candidate) else { continue };
        let most = revival_cap(policy, cap, units, result.unit);
        match judge_answer(own, most.as_ref(), answer, answered) {
            Ok(price) => {
                result.outcome = Outcome::Revived;
                result.price = Some(price.clone());
                result.reason = None;
            }
            Err(reason) => result.reason = Some(reason),
        }
    }
}

/// The most that a revived bid of `unit` may cost, yuan; `None` if no price has been selected to compare with.
pub(crate) fn revival_cap(
    policy: &Policy,
    cap: Cap,
    units: &[UnitSummary],
    unit: Option<Unit>,
) -> Option<Dec> {
    match cap {
        Cap::HighestSelected => units.first()?.highest_selected.clone(),
        Cap::RatioOfLowest => {
            let own = units.iter().find(|summary| Some(summary.unit) == unit)?;
            Some(&policy.revival.ratio * own.lowest.as_ref()?)
        }
    }
}

fn judge_answer<'a>(
    own: &Dec,
    most: Option<&Dec>,
    answer: Option<&'a Answer>,
    answered: bool,
) -> Result<&'a Dec, Reason> {
    let most = most.ok_or(Reason::NoSelectedPrice)?;
    let answer = answer.ok_or(if answered { Reason::Late } else { Reason::NoAnswer })?;
    let price = answer.price.as_ref().filter(|price| answer.complete && price.is_positive());
    let price = price.ok_or(Reason::Incomplete)?;
    if price > own {
        return Err(Reason::AboveOwnBid);
    }
    if price > most { Err(Reason::AboveCap) } else { Ok(price) }
}

pub(super) fn rank_winners(lot: &Lot, results: &[BidResult]) -> Vec<usize> {
    let mut winners: Vec<(&Dec, &Option<Dec>, usize)> = lot
        .bidders
        .iter()
        .zip(results)
        .enumerate()
        .filter_map(|(at, (bidder, result))| Some((result.price.as_ref()?, &bidder.price, at)))
        .collect();
    winners.sort();
    winners.into_iter().map(|(_, _, at)| at).collect()
}

//! Bidding units and the shortlist of each (HVC-3, HVC-4, NAT10-5).

use super::{BidResult, Bidder, Count, Denominator, Lot, Outcome, Policy, Unit, UnitMode, UnitSummary};
use crate::money::Dec;

/// Step 3, units A and B by cumulative demand (HVC-3). Gives the total demand if it was used.
pub(super) fn divide_into_units(lot: &Lot, policy: &Policy, results: &mut [BidResult]) -> Option<Dec> {
    let rules = &policy.units;
    let taking_part: Vec<usize> = (0..)
        .zip(results.iter())
        .filter_map(|(at, result)| (result.outcome == Outcome::NotSelected).then_some(at))
        .collect();
    let everyone = match rules.mode {
        UnitMode::None => Some(Unit::Only),
        UnitMode::Ab => {
            let few = i64::try_from(taking_part.len()).is_ok_and(|n| n <= rules.all_in_a_up_to);
            few.then_some(Unit::A)
        }
    };
    if everyone.is_some() {
        for result in results.iter_mut().filter(|result| result.outcome == Outcome::NotSelected) {
            result.unit = everyone;
        }
        return None;
    }
    let demand = |at: usize| lot.bidders.get(at).map(|bidder| &bidder.demand);
    let mut national: Vec<(usize, &Dec)> = taking_part
        .iter()
        .filter(|at| lot.bidders.get(**at).is_some_and(|bidder| bidder.all_regions))
        .filter_map(|at| Some((*at, demand(*at)?)))
        .collect();
    national.sort_by(|a, b| b.1.cmp(a.1));
    let total = match (rules.denominator, &lot.category_demand) {
        (Denominator::National, _) => national.iter().map(|(_, demand)| *demand).sum(),
        (Denominator::Category, Some(given)) => given.clone(),
        (Denominator::Category, None) => lot.bidders.iter().map(|bidder| &bidder.demand).sum(),
    };
    let line = &rules.share * &total;
    for at in taking_part {
        if let Some(result) = results.get_mut(at) {
            result.unit = Some(Unit::B);
        }
    }
    for equals in national.chunk_by(|a, b| a.1 == b.1).scan(Dec::default(), |before, equals| {
        let ahead = before.clone();
        *before = &*before + &equals.iter().map(|(_, demand)| *demand).sum();
        Some((ahead, equals))
    }) {
        let (ahead, equals) = equals;
        for (at, _) in equals {
            if let Some(result) = results.get_mut(*at) {
                result.unit = Some(if ahead < line { Unit::A } else { Unit::B });
                result.ahead = Some(ahead.clone());
            }
        }
    }
    Some(total)
}

/// Step 4, ranks and the shortlist of a unit (HVC-4, NAT10-5).
pub(super) fn shortlist(lot: &Lot, policy: &Policy, unit: Unit, results: &mut [BidResult]) -> UnitSummary {
    let mut bids: Vec<(&Dec, &Bidder, &mut BidResult)> = lot
        .bidders
        .iter()
        .zip(results.iter_mut())
        .filter(|(_, result)| result.unit == Some(unit))
        .filter_map(|(bidder, result)| Some((bidder.price.as_ref()?, bidder, result)))
        .collect();
    let quoted = unit == Unit::Only && policy.shortlist.count == Count::Quoted;
    let counted = match quoted {
        true => lot.bidders.iter().filter(|bidder| bidder.price.is_some()).count(),
        false => bids.len(),
    };
    let counted = i64::try_from(counted).unwrap_or(i64::MAX);
    let entrusted = bids.iter().filter(|(_, bidder, _)| bidder.factory.is_some()).count();
    let entrusted = i64::try_from(entrusted).unwrap_or(i64::MAX);
    let max_shortlist = match bids.is_empty() {
        true => 0,
        false => most_shortlisted(policy, counted, entrusted),
    };
    bids.sort_by_key(|(price, _, _)| *price);
    let lowest = bids.first().map(|(price, _, _)| (*price).clone());
    let mut rank = 0;
    let mut last: Option<&Dec> = None;
    for (place, (price, _, result)) in (1..).zip(bids.iter_mut()) {
        if last != Some(*price) {
            rank = place;
            last = Some(*price);
        }
        result.rank = Some(rank);
        result.shortlisted = i64::try_from(rank).is_ok_and(|rank| rank <= max_shortlist);
    }
    UnitSummary { unit, counted, entrusted, max_shortlist, lowest, highest_selected: None }
}

/// Most bidders shortlisted of `counted`; one bidder at least stays (NAT10-5).
fn most_shortlisted(policy: &Policy, counted: i64, entrusted: i64) -> i64 {
    let table = &policy.shortlist.table;
    let row = table.iter().rev().find(|(key, _)| *key <= counted).or_else(|| table.first());
    let most = row.map_or(0, |(_, value)| *value);
    let fewer = entrusted >= policy.entrusted.min;
    if fewer { most.saturating_sub(policy.entrusted.minus).max(1) } else { most }
}

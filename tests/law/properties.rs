//! Properties of the law. Where one is false under the rules as written, the counter-example is kept and told.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use jicai_rules::allocation::{Intended, base_volume};
use jicai_rules::award::{
    Answer, Award, Bidder, Cap, Count, Denominator, Eligible, Entrusted, Lot, Outcome, Policy, Revival,
    Selection, Shortlist, Unit, UnitMode, Units, award,
};
use jicai_rules::credit::{Account, Conditions, Event, REPAIRABLE, Repair, Shares, Status, account};
use jicai_rules::explain::Steps;
use jicai_rules::moment::Moment;
use jicai_rules::money::Dec;
use jicai_rules::regions::{Picker, allocate, counts};
use proptest::collection::vec;
use proptest::prelude::*;

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn off() -> Steps {
    Steps::off()
}

/// Drugs: one unit, a shortlist, 1.8 times, no revival.
fn drugs() -> Policy {
    Policy {
        units: Units {
            mode: UnitMode::None,
            share: dec("0.85"),
            all_in_a_up_to: 0,
            denominator: Denominator::Category,
        },
        shortlist: Shortlist { table: vec![(1, 1), (2, 2), (4, 3), (6, 4), (9, 6)], count: Count::Valid },
        entrusted: Entrusted { merge_same_factory: true, min: 3, minus: 1 },
        selection: Selection { max_ratio: dec("1.8"), floor_price: Some(dec("0.02")), cut_protects: None },
        revival: Revival {
            enabled: false,
            eligible: Eligible::Valid,
            cap: Some(Cap::RatioOfLowest),
            ratio: dec("3"),
            deadline: None,
        },
    }
}

fn consumables(share: &Dec) -> Policy {
    let mut policy = drugs();
    policy.units.mode = UnitMode::Ab;
    policy.units.share = share.clone();
    policy
}

/// Fen as yuan.
fn fen(price: i64) -> Dec {
    Dec::new(price, 2)
}

fn bidder(n: usize, price: Option<i64>, demand: i64, all_regions: bool, factory: Option<u8>) -> Bidder {
    Bidder {
        id: format!("b{n}"),
        price: price.map(fen),
        demand: Dec::from(demand),
        all_regions,
        factory: factory.map(|factory| format!("F{factory}")),
    }
}

fn lots() -> impl Strategy<Value = Lot> {
    let one = (prop::option::weighted(0.95, 1..40_i64), 0..50_i64, any::<bool>(), prop::option::of(0..4_u8));
    (vec(one, 1..14), prop::option::of(10..40_i64)).prop_map(|(bidders, ceiling)| Lot {
        lot: "L".to_owned(),
        ceiling: ceiling.map(fen),
        category_demand: None,
        bidders: bidders
            .into_iter()
            .enumerate()
            .map(|(n, (price, demand, national, factory))| bidder(n, price, demand, national, factory))
            .collect(),
        answers: Vec::new(),
    })
}

fn wins(award: &Award, at: usize) -> bool {
    award.winners.contains(&at)
}

/// How good an outcome is.
fn worth(award: &Award, at: usize) -> u8 {
    match award.results[at].outcome {
        Outcome::Selected => 3,
        Outcome::Revived => 2,
        _ => 0,
    }
}

proptest! {
    /// NAT10-3, HVC-4: within one unit and without revival.
    #[test]
    fn nat10_3_a_lower_bid_never_worsens_an_outcome(lot in lots(), who in 0..14_usize, cut in 1..39_i64) {
        let who = who % lot.bidders.len();
        let before = award(&lot, &drugs()).unwrap();
        let mut lower = lot.clone();
        let Some(price) = &lot.bidders[who].price else { return Ok(()) };
        let new = price - &fen(cut);
        prop_assume!(new.is_positive());
        lower.bidders[who].price = Some(new);
        let after = award(&lower, &drugs()).unwrap();
        prop_assert!(worth(&after, who) >= worth(&before, who));
    }

    /// HVC-3: with a bidder in A, every national bidder of at least its demand is in A.
    #[test]
    fn hvc_3_unit_a_is_a_prefix_of_the_demand_order(lot in lots(), share in 0..101_i64) {
        let found = award(&lot, &consumables(&fen(share))).unwrap();
        let national: Vec<_> = lot.bidders.iter().zip(&found.results)
            .filter(|(bidder, result)| bidder.all_regions && result.unit.is_some()).collect();
        for (one, in_a) in national.iter().filter(|(_, result)| result.unit == Some(Unit::A)) {
            prop_assert!(in_a.unit == Some(Unit::A));
            prop_assert!(national.iter().all(|(other, result)| other.demand < one.demand || result.unit == Some(Unit::A)));
        }
    }

    #[test]
    fn hvc_3_a_larger_share_never_removes_anyone_from_a(lot in lots(), share in 0..100_i64, more in 1..100_i64) {
        let small = award(&lot, &consumables(&fen(share))).unwrap();
        let large = award(&lot, &consumables(&fen((share + more).min(100)))).unwrap();
        for (one, other) in small.results.iter().zip(&large.results) {
            prop_assert!(one.unit != Some(Unit::A) || other.unit == Some(Unit::A));
        }
    }

    #[test]
    fn hvc_8_base_and_remaining_sum_to_what_was_intended(
        volumes in vec(0..1_000_000_i64, 0..12), rest in 0..1_000_000_i64, gradient in vec(0..101_i64, 1..6),
    ) {
        let selected: Vec<_> = volumes.iter().enumerate()
            .map(|(n, volume)| Intended { rank: n + 1, volume: Dec::from(*volume) }).collect();
        let gradient: Vec<_> = gradient.into_iter().map(fen).collect();
        let found = base_volume(&selected, &Dec::from(rest), &gradient, &mut off());
        let sum = &found.base.iter().sum::<Dec>() + &found.remaining;
        prop_assert_eq!(sum, Dec::from(volumes.iter().sum::<i64>() + rest));
        prop_assert!(found.base.iter().zip(&selected).all(|(base, intended)| *base <= intended.volume));
    }

    #[test]
    fn regions_are_given_exactly_once(regions in 0..40_usize, wishes in vec(vec(0..45_usize, 0..45), 1..7)) {
        let names: Vec<_> = (0..regions).map(|n| format!("R{n}")).collect();
        let winners: Vec<_> = wishes.into_iter().enumerate().map(|(n, wishes)| Picker {
            id: n.to_string(),
            preferences: wishes.into_iter().map(|n| format!("R{n}")).collect(),
        }).collect();
        let picks = allocate(&names, &winners, &mut off()).unwrap();
        prop_assert!(picks.iter().all(Option::is_some));
        let mut turns: Vec<_> = picks.iter().flatten().map(|pick| pick.turn).collect();
        turns.sort_unstable();
        prop_assert_eq!(turns, (1..=regions).collect::<Vec<_>>());
        let counts = counts(&picks, winners.len());
        prop_assert_eq!(counts.iter().sum::<usize>(), regions);
        prop_assert!(counts.is_sorted_by(|one, next| one >= next), "an earlier rank never has fewer");
    }

    /// All prices differ, so that no tie asks for the order of the input. HVC-4.
    #[test]
    fn hvc_4_permuting_the_input_changes_nothing_but_ties(lot in lots(), seed in any::<u64>(), ab in any::<bool>()) {
        let policy = if ab { consumables(&dec("0.85")) } else { drugs() };
        let mut lot = lot;
        for (n, bidder) in lot.bidders.iter_mut().enumerate() {
            bidder.price = bidder.price.as_ref().map(|price| price + &Dec::new(i64::try_from(n).unwrap(), 5));
        }
        let mut other = lot.clone();
        let mut state = seed;
        for last in (1..other.bidders.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            other.bidders.swap(last, usize::try_from(state >> 33).unwrap() % (last + 1));
        }
        let (one, two) = (award(&lot, &policy).unwrap(), award(&other, &policy).unwrap());
        let by_id = |lot: &Lot, award: &Award| -> BTreeMap<String, _> {
            let rows = lot.bidders.iter().zip(&award.results);
            rows.map(|(b, r)| (b.id.clone(), (r.unit, r.rank, r.outcome, r.reason, r.price.clone()))).collect()
        };
        prop_assert_eq!(by_id(&lot, &one), by_id(&other, &two));
        let names = |lot: &Lot, award: &Award| -> Vec<String> {
            award.winners.iter().map(|at| lot.bidders[*at].id.clone()).collect()
        };
        prop_assert_eq!(names(&lot, &one), names(&other, &two));
        prop_assert_eq!(one.units, two.units);
    }
}

fn answer(id: &str, price: &str) -> Answer {
    let submitted_at = Moment::parse("2024-12-12T08:00:00Z").unwrap();
    Answer { id: id.to_owned(), price: Some(dec(price)), submitted_at, complete: true }
}

fn two(first: i64, second: i64, answers: Vec<Answer>) -> Lot {
    Lot {
        lot: "L".to_owned(),
        ceiling: None,
        category_demand: None,
        bidders: vec![bidder(0, Some(first), 1, true, None), bidder(1, Some(second), 1, true, None)],
        answers,
    }
}

/// Counter-example: with revival a lower bid can lose. Lowest 0.20, revival cap 3 × 0.20 = 0.60: who bids 0.59 and
/// answers 0.58 is revived; who had bid 0.57 and gives the same answer is not, because a revived price may not be
/// above the own bid. The answer would have been different, so nobody is harmed who reads the rule (NAT10-4).
#[test]
fn nat10_4_a_lower_bid_with_the_same_answer_can_lose_the_revival() {
    let mut policy = drugs();
    policy.revival.enabled = true;
    let wins_at = |bid| wins(&award(&two(20, bid, vec![answer("b1", "0.58")]), &policy).unwrap(), 1);
    assert!(wins_at(59) && !wins_at(57));
}

/// Counter-example: between two units a lower bid can lose. Of two bidders of one factory the lower bid stands for
/// both with its own demand; by bidding lower the small one takes the place of the large one, and with its small
/// demand it comes into unit B, where the ceiling is the highest price selected in A (HVC-3, NAT10-5).
#[test]
fn hvc_3_a_lower_bid_can_move_the_common_place_of_a_factory_into_unit_b() {
    let lot = |small_bid| Lot {
        lot: "L".to_owned(),
        ceiling: None,
        category_demand: None,
        bidders: vec![
            bidder(0, Some(20), 50, true, None),
            bidder(1, Some(34), 35, true, Some(1)),
            bidder(2, Some(small_bid), 0, true, Some(1)),
            bidder(3, Some(20), 15, true, None),
        ],
        answers: Vec::new(),
    };
    // 61 % of 100: before the large one stand 50, before the small one 50 and 15.
    let under = |small_bid| award(&lot(small_bid), &consumables(&dec("0.61"))).unwrap();
    let (large, small) = (under(35), under(33));
    assert_eq!((large.results[1].unit, small.results[2].unit), (Some(Unit::A), Some(Unit::B)));
    assert!(wins(&large, 1), "0.34 is within 1.8 × 0.20");
    assert!(!wins(&small, 1) && !wins(&small, 2), "0.33 is above 0.20, the highest selected price of A");
}

/// Counter-example: which of two equal bids of one factory stands for it depends on the order of the input, since
/// the earlier one does; the price is the same, the winner's name is not (NAT10-5).
#[test]
fn nat10_5_of_equal_bids_of_a_factory_the_earlier_represents() {
    let lot = |first: usize, second: usize| Lot {
        bidders: vec![bidder(first, Some(20), 1, true, Some(1)), bidder(second, Some(20), 1, true, Some(1))],
        ..two(1, 1, Vec::new())
    };
    let winner = |lot: Lot| lot.bidders[award(&lot, &drugs()).unwrap().winners[0]].id.clone();
    assert_eq!(winner(lot(0, 1)), "b0");
    assert_eq!(winner(lot(1, 0)), "b1");
}

fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().checked_add_days(Days::new(n)).unwrap()
}

fn shares() -> Shares {
    Shares { full: dec("1"), partial: dec("0.8") }
}

fn judged(events: &[Event], repairs: &[Repair]) -> Account {
    account(day(100), events, repairs, &shares(), &mut off()).unwrap()
}

fn event(id: usize, behaviour: &str, notified: u64, published: u64, next: u64) -> Event {
    Event {
        id: id.to_string(),
        behaviour: behaviour.to_owned(),
        points: dec("5"),
        notified_on: day(notified),
        published_on: Some(day(published)),
        next_publication_on: day(notified + next),
    }
}

fn repair(event: usize, applied: u64, good: bool, commitment: bool) -> Repair {
    let conditions = Conditions {
        ended: good,
        hospital_statement: good,
        adjusted: good,
        ceiling_reset: good,
        commitment,
        discontinued: good && !commitment,
        signed_on: good.then(|| day(1)),
        required_by: Some(day(1)),
    };
    Repair { event: event.to_string(), applied_on: day(applied), conditions }
}

/// Events of all behaviours but V6, and at most one repair each.
fn accounts() -> impl Strategy<Value = (Vec<Event>, Vec<Repair>)> {
    let one = (0..9_usize, 0..60_u64, 0..60_u64, 0..60_u64, prop::option::of((0..90_u64, any::<bool>())));
    vec(one, 1..8).prop_map(|rows| {
        let repairs =
            rows.iter().enumerate().filter_map(|(n, row)| row.4.map(|(on, good)| repair(n, on, good, false)));
        let repairs = repairs.collect();
        let events =
            rows.iter().enumerate().map(|(n, row)| event(n, REPAIRABLE[row.0].code, row.1, row.2, row.3));
        (events.collect(), repairs)
    })
}

proptest! {
    /// JS-CR-1…9: a first repair, of anything but V6.
    #[test]
    fn js_cr_1_a_first_repair_never_raises_a_balance((events, repairs) in accounts()) {
        let mut before = judged(&events, &[]).balance;
        for n in 1..=repairs.len() {
            let now = judged(&events, &repairs[..n]).balance;
            prop_assert!(now <= before && !now.is_negative());
            before = now;
        }
    }
}

/// Counter-example: a second, worse application for the same event raises the balance, because the last one counts
/// (JS-CR-12). An enterprise whose repair was accepted should not apply again.
#[test]
fn js_cr_12_a_second_worse_application_raises_the_balance() {
    let events = [event(0, "V2", 0, 10, 60)];
    let (good, bad) = (repair(0, 70, true, false), repair(0, 71, false, false));
    assert_eq!(judged(&events, std::slice::from_ref(&good)).balance, dec("0"));
    assert_eq!(judged(&events, &[good, bad]).balance, dec("5"));
}

/// Counter-example: a commitment for one V6 event can take away the repair of another. After a relapse every V6
/// event is barred that had no satisfied repair before it, also one that was repaired later because its product
/// was discontinued; without the commitment there would be no bar (JS-CR-10).
#[test]
fn js_cr_10_a_commitment_can_bar_the_repair_of_another_event() {
    let events = [event(0, "V6", 0, 10, 60), event(1, "V6", 1, 10, 60), event(2, "V6", 50, 60, 60)];
    let (discontinued, commitment) = (repair(1, 80, true, false), repair(0, 20, true, true));
    let without = judged(&events, std::slice::from_ref(&discontinued));
    assert_eq!((without.events[1].status, without.balance), (Status::Reduced, dec("11")));
    let with = judged(&events, &[discontinued, commitment]);
    assert_eq!((with.events[1].status, with.balance), (Status::Barred, dec("11")));
    assert_eq!(with.events[0].status, Status::Reduced);
    let more = [
        event(0, "V6", 0, 10, 60),
        event(1, "V6", 1, 10, 60),
        event(2, "V6", 50, 60, 60),
        event(3, "V6", 2, 10, 60),
    ];
    let repairs = [repair(1, 80, true, false), repair(3, 80, true, false)];
    let with: Vec<_> = repairs.iter().cloned().chain([repair(0, 20, true, true)]).collect();
    assert_eq!(judged(&more, &repairs).balance, dec("12"));
    assert_eq!(judged(&more, &with).balance, dec("16"));
}

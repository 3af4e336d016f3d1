//! Supply regions in turn, and the published counts of August 2020.

use std::collections::BTreeSet;

use jicai_rules::explain::Steps;
use jicai_rules::regions::{Picker, allocate, counts};

use crate::award::round_3;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn picker(id: &str, preferences: &[&str]) -> Picker {
    Picker { id: id.to_owned(), preferences: names(preferences) }
}

fn plain(winners: usize) -> Vec<Picker> {
    (0..winners).map(|n| picker(&n.to_string(), &[])).collect()
}

fn shared(regions: usize, winners: usize) -> Vec<usize> {
    let regions: Vec<_> = (0..regions).map(|n| format!("R{n}")).collect();
    counts(&allocate(&regions, &plain(winners), &mut Steps::off()).unwrap(), winners)
}

/// 31 regions and 4 winners give 9, 8, 7, 7.
#[test]
fn the_first_winner_picks_one_region_and_then_all_in_turn() {
    assert_eq!(shared(31, 4), [9, 8, 7, 7]);
    assert_eq!(shared(31, 1), [31]);
    assert_eq!(shared(1, 3), [1, 0, 0]);
    assert_eq!(shared(0, 2), [0, 0]);
    assert_eq!(shared(5, 0), [0; 0]);
}

#[test]
fn a_pick_is_the_first_free_preference_else_the_first_free_region() {
    let regions = names(&["a", "b", "c", "d"]);
    let winners = [picker("1", &["c", "nowhere", "b"]), picker("2", &["c", "d"])];
    let picks = allocate(&regions, &winners, &mut Steps::off()).unwrap();
    let by = |at: usize| picks[at].map(|pick| (pick.winner, pick.turn, pick.wished));
    // 1 takes c, then b; 2 finds c taken and takes d; 1 has no wish left and takes a.
    assert_eq!(by(2), Some((0, 1, true)));
    assert_eq!(by(1), Some((0, 2, true)));
    assert_eq!(by(3), Some((1, 3, true)));
    assert_eq!(by(0), Some((0, 4, false)));
}

#[test]
fn a_name_twice_is_refused() {
    let winners = [picker("1", &[]), picker("1", &[])];
    assert!(allocate(&names(&["a"]), &winners, &mut Steps::off()).is_err());
    assert!(allocate(&names(&["a", "a"]), &plain(1), &mut Steps::off()).is_err());
}

#[test]
fn every_pick_is_told() {
    let mut steps = Steps::on();
    allocate(&names(&["浙江"]), &plain(1), &mut steps).unwrap();
    assert_eq!(steps.take()[0].text, "第 1 次选择：0 选 浙江（中选顺位第 1，所愿地区已被选完，按地区顺序）");
}

/// The counts of every awarded lot, over the regions that were taken: 29 in lot 435, 30 in lot 437.
#[test]
fn round_3_the_published_region_counts_come_out() {
    let mut lots = 0;
    for (tender, bids) in round_3() {
        let winners: Vec<_> = bids.iter().filter(|bid| bid.winner).collect();
        if winners.is_empty() {
            continue;
        }
        lots += 1;
        let taken: BTreeSet<&String> = winners.iter().flat_map(|bid| &bid.regions).collect();
        let published: Vec<usize> = winners.iter().map(|bid| bid.regions.len()).collect();
        assert_eq!(published.iter().sum::<usize>(), taken.len(), "{tender}: each region once");
        let expected = match tender {
            435 => 29,
            437 => 30,
            _ => 31,
        };
        assert_eq!(taken.len(), expected, "{tender}");
        assert_eq!(shared(taken.len(), winners.len()), published, "{tender}");
    }
    assert_eq!(lots, 21);
}

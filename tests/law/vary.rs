//! The lots that parameters are tried on where none are given: those of the third round.

use jicai_rules::award::{ROUND_3, Trial};
use jicai_rules::profiles::Library;
use serde_json::Value;

use crate::award::round_3;

/// The built-in lots are those of the published table.
#[test]
fn the_built_in_lots_are_the_published_ones() {
    let published = round_3();
    let lots: Vec<Value> = ROUND_3.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lots.len(), published.len());
    for (lot, (tender, bids)) in lots.iter().zip(&published) {
        assert_eq!(lot["lot"], format!("{tender} {}", bids[0].lot));
        assert_eq!(lot["ceiling"], bids[0].ceiling);
        let prices: Vec<_> = lot["bidders"].as_array().unwrap().iter().map(|b| b["price"].as_str()).collect();
        assert_eq!(prices, bids.iter().map(|bid| bid.price.as_deref()).collect::<Vec<_>>(), "{tender}");
    }
}

/// Under round-3 at 1.8 the winners are the published ones, but for lot 406 (two, not three) and lot 427 (four, not none).
#[test]
fn nat10_3_the_third_round_at_1_8_gives_its_winners() {
    let bids = round_3();
    let others = bids.iter().filter(|(tender, _)| ![406, 427].contains(*tender));
    let expected = others.flat_map(|(_, bids)| bids).filter(|bid| bid.winner).count() + 2 + 4;
    let policy = Library::shipped().unwrap().named("round-3").unwrap();
    let mut trial = Trial::new("selection.max_ratio", "1.0, 1.8", &policy).unwrap();
    (1..).zip(ROUND_3.lines()).for_each(|(n, line)| trial.add(n, line.as_bytes(), &policy));
    let winners: Vec<u64> = trial.results().map(|(_, totals)| totals.winners).collect();
    assert_eq!(winners[1], u64::try_from(expected).unwrap());
    assert!(winners[0] < winners[1], "a lower line selects fewer");
    assert!(trial.faults().is_empty());
}

//! Credit points and their repair: every vector of JS-CR.

use chrono::NaiveDate;
use jicai_rules::credit::{
    Account, Conditions, CreditError, Event, Refusal, Repair, Shares, Status, account,
};
use jicai_rules::explain::Steps;
use jicai_rules::money::Dec;

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn shares() -> Shares {
    Shares { full: dec("1"), partial: dec("0.8") }
}

/// Notified on 2024-07-05, published on 2024-08-10, next publication on 2024-11-10.
fn event(id: &str, behaviour: &str, points: &str) -> Event {
    Event {
        id: id.to_owned(),
        behaviour: behaviour.to_owned(),
        points: dec(points),
        notified_on: day("2024-07-05"),
        published_on: Some(day("2024-08-10")),
        next_publication_on: day("2024-11-10"),
    }
}

fn notified(mut event: Event, on: &str) -> Event {
    event.notified_on = day(on);
    event
}

fn all_shown() -> Conditions {
    Conditions {
        ended: true,
        hospital_statement: true,
        adjusted: true,
        ceiling_reset: true,
        commitment: true,
        discontinued: false,
        signed_on: Some(day("2024-09-20")),
        required_by: Some(day("2024-09-20")),
    }
}

fn repair(event: &str, on: &str, conditions: Conditions) -> Repair {
    Repair { event: event.to_owned(), applied_on: day(on), conditions }
}

fn judged(events: &[Event], repairs: &[Repair]) -> Account {
    account(day("2025-01-01"), events, repairs, &shares(), &mut Steps::off()).unwrap()
}

/// The one event of that behaviour, repaired after publication with these conditions.
fn one(behaviour: &str, points: &str, conditions: Conditions) -> (Status, Option<Refusal>, String) {
    let account = judged(&[event("e", behaviour, points)], &[repair("e", "2024-08-10", conditions)]);
    (account.events[0].status, account.events[0].reason, account.balance.to_fixed(1))
}

fn refused(reason: Refusal, points: &str) -> (Status, Option<Refusal>, String) {
    (Status::Refused, Some(reason), points.to_owned())
}

#[test]
fn js_cr_1_no_answer_to_orders_is_cleared_unless_it_recurs_before_the_next_publication() {
    assert_eq!(one("L1", "5", all_shown()), (Status::Cleared, None, "0.0".to_owned()));
    let with_recurrence = |on| {
        let again = notified(event("again", "L1", "1"), on);
        judged(&[event("e", "L1", "5"), again], &[repair("e", "2024-09-01", all_shown())]).events[0].clone()
    };
    let before = with_recurrence("2024-11-09");
    assert_eq!((before.status, before.reason), (Status::Refused, Some(Refusal::Recurred)));
    assert_eq!(before.remaining, dec("5"));
    assert_eq!(with_recurrence("2024-11-10").status, Status::Cleared, "belongs to the next period");
    assert_eq!(with_recurrence("2024-07-05").status, Status::Cleared, "the window is open at the notice");
}

#[test]
fn js_cr_1_until_the_next_publication_a_repair_is_pending() {
    let as_of = |on| {
        let repairs = [repair("e", "2024-09-01", all_shown())];
        account(day(on), &[event("e", "L1", "5")], &repairs, &shares(), &mut Steps::off()).unwrap()
    };
    assert_eq!(as_of("2024-11-09").events[0].status, Status::Pending);
    assert_eq!(as_of("2024-11-09").balance, dec("5"));
    assert_eq!(as_of("2024-11-10").events[0].status, Status::Cleared);
}

#[test]
fn js_cr_2_signed_on_the_last_day_is_in_time() {
    assert_eq!(one("V1", "5", all_shown()).0, Status::Cleared);
    let late = Conditions { signed_on: Some(day("2024-09-21")), ..all_shown() };
    assert_eq!(one("V1", "5", late), refused(Refusal::SignedLate, "5.0"));
    let never = Conditions { signed_on: None, ..all_shown() };
    assert_eq!(one("V1", "5", never).1, Some(Refusal::SignedLate));
}

#[test]
fn js_cr_3_late_supply_needs_the_hospitals_statement() {
    assert_eq!(one("V2", "4", all_shown()).0, Status::Cleared);
    let without = Conditions { hospital_statement: false, ..all_shown() };
    assert_eq!(one("V2", "4", without), refused(Refusal::NoHospitalStatement, "4.0"));
}

#[test]
fn js_cr_4_and_js_cr_5_supply_and_services_must_have_been_made_good() {
    for behaviour in ["V3", "V4"] {
        assert_eq!(one(behaviour, "2", all_shown()).0, Status::Cleared, "{behaviour}");
        let not_ended = Conditions { ended: false, ..all_shown() };
        assert_eq!(one(behaviour, "2", not_ended), refused(Refusal::NotEnded, "2.0"), "{behaviour}");
    }
}

#[test]
fn js_cr_6_80_percent_are_cleared_to_the_tenth_of_a_point() {
    let left = |points| one("L2", points, all_shown());
    assert_eq!(left("5"), (Status::Reduced, None, "1.0".to_owned()));
    assert_eq!(left("3").2, "0.6");
    assert_eq!(left("12").2, "2.4");
    assert_eq!(left("0.1").2, "0.0", "0.08 rounds to 0.1");
    let not_adjusted = Conditions { adjusted: false, ..all_shown() };
    assert_eq!(one("L2", "5", not_adjusted), refused(Refusal::NotAdjusted, "5.0"));
}

/// L2 and V5 have no condition of non-recurrence, and so nothing to wait for.
#[test]
fn js_cr_6_and_js_cr_9_recurrence_does_not_matter() {
    for behaviour in ["L2", "V5"] {
        let again = notified(event("again", behaviour, "1"), "2024-08-01");
        let repairs = [repair("e", "2024-09-01", all_shown())];
        let events = [event("e", behaviour, "5"), again];
        let account = account(day("2024-09-01"), &events, &repairs, &shares(), &mut Steps::off()).unwrap();
        assert_eq!(account.events[0].status, Status::Reduced, "{behaviour}");
    }
}

#[test]
fn js_cr_7_and_js_cr_8_supply_at_the_price_and_the_ceiling_reset() {
    assert_eq!(one("L3", "5", all_shown()), (Status::Reduced, None, "1.0".to_owned()));
    let not_ended = Conditions { ended: false, ..all_shown() };
    assert_eq!(one("L3", "5", not_ended).1, Some(Refusal::NotEnded));
    assert_eq!(one("L4", "3", all_shown()), (Status::Reduced, None, "0.6".to_owned()));
    let not_reset = Conditions { ceiling_reset: false, ..all_shown() };
    assert_eq!(one("L4", "3", not_reset).1, Some(Refusal::CeilingNotReset));
}

#[test]
fn js_cr_10_a_commitment_or_the_discontinuation_is_a_ground() {
    assert_eq!(one("V6", "6", all_shown()), (Status::Reduced, None, "1.2".to_owned()));
    let discontinued = Conditions { commitment: false, discontinued: true, ..all_shown() };
    assert_eq!(one("V6", "6", discontinued).0, Status::Reduced);
    let neither = Conditions { commitment: false, ..all_shown() };
    assert_eq!(one("V6", "6", neither), refused(Refusal::NoGround, "6.0"));
}

#[test]
fn js_cr_10_a_relapse_bars_every_v6_event_that_was_not_repaired_before() {
    let second = notified(event("second", "V6", "6"), "2024-10-01");
    let open = notified(event("open", "V6", "6"), "2024-07-01");
    let other = event("other", "V5", "4");
    let repairs = [
        repair("first", "2024-09-01", all_shown()),
        repair("second", "2024-12-01", all_shown()),
        repair("other", "2024-12-01", all_shown()),
    ];
    let account = judged(&[event("first", "V6", "6"), second, open, other], &repairs);
    let states: Vec<_> = account.events.iter().map(|event| event.status).collect();
    assert_eq!(states, [Status::Reduced, Status::Barred, Status::Barred, Status::Reduced]);
    // No retroactive restoration: 1.2 + 6 + 6 + 0.8.
    assert_eq!(account.balance, dec("14"));
}

#[test]
fn js_cr_10_without_a_commitment_nothing_is_barred() {
    let discontinued = Conditions { commitment: false, discontinued: true, ..all_shown() };
    let second = notified(event("second", "V6", "6"), "2024-10-01");
    let account =
        judged(&[event("first", "V6", "6"), second], &[repair("first", "2024-09-01", discontinued)]);
    assert_eq!(account.events[1].status, Status::Open);
}

#[test]
fn js_cr_11_no_other_behaviour_can_be_repaired() {
    assert_eq!(
        one("commercial bribery", "12", all_shown()),
        (Status::NotRepairable, None, "12.0".to_owned())
    );
}

#[test]
fn js_cr_12_the_application_comes_after_the_publication() {
    let on = |applied| {
        let account = judged(&[event("e", "V2", "4")], &[repair("e", applied, all_shown())]);
        (account.events[0].status, account.events[0].reason)
    };
    assert_eq!(on("2024-08-09"), (Status::Refused, Some(Refusal::BeforePublication)));
    assert_eq!(on("2024-08-10"), (Status::Cleared, None));
    let mut unpublished = event("e", "V2", "4");
    unpublished.published_on = None;
    let account = judged(&[unpublished], &[repair("e", "2024-12-01", all_shown())]);
    assert_eq!(account.events[0].reason, Some(Refusal::BeforePublication));
}

#[test]
fn js_cr_12_the_last_application_counts() {
    let bad = Conditions { ended: false, ..all_shown() };
    let states = |repairs: &[Repair]| judged(&[event("e", "V2", "4")], repairs).events[0].status;
    let (early, late) = (repair("e", "2024-08-11", bad.clone()), repair("e", "2024-08-12", all_shown()));
    assert_eq!(states(&[late.clone(), early]), Status::Cleared);
    assert_eq!(states(&[late, repair("e", "2024-08-12", bad)]), Status::Refused, "of one day the later");
}

#[test]
fn js_cr_ids_must_be_unique_and_known() {
    let refused = |events: &[Event], repairs: &[Repair]| {
        account(day("2025-01-01"), events, repairs, &shares(), &mut Steps::off()).unwrap_err()
    };
    let twice = [event("e", "L1", "1"), event("e", "V1", "1")];
    assert_eq!(refused(&twice, &[]), CreditError::DuplicateId("e".to_owned()));
    let stranger = [repair("x", "2024-08-10", all_shown())];
    assert_eq!(refused(&twice[..1], &stranger), CreditError::UnknownId("x".to_owned()));
}

#[test]
fn js_cr_6_the_step_shows_the_sum() {
    let mut steps = Steps::on();
    let repairs = [repair("e", "2024-09-01", all_shown())];
    account(day("2025-01-01"), &[event("e", "L2", "5")], &repairs, &shares(), &mut steps).unwrap();
    let told = steps.take();
    assert_eq!(told[0].clause, "JS-CR-6");
    assert_eq!(told[0].text, "2024-09-01 的修复申请通过：5.0 分中清除 4.0 分，余 1.0 分");
}

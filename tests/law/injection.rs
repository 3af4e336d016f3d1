//! The vectors of the injection clauses, and what must hold for every price.

use std::sync::LazyLock;

use chrono::NaiveDate;
use jicai_rules::explain::Steps;
use jicai_rules::injection::{
    Agreement, Anomaly, Basis, Branch, Candidate, Choice, CodeUse, Converted, Decision, Exempt, Fen,
    InjPolicy, Linkage, Mark, PackFault, PackPrice, PackQty, Peers, Refused, Rounding, Watched, anomalies,
    linkage, listing, mark, mark_after_change, needs_unit_listing, old_code_use, order_amount,
    price_in_force, report_in_time, switch_in_time, unit_price, units_of_packs, upload_open, watch,
};
use jicai_rules::money::Dec;
use jicai_rules::profiles::Library;
use proptest::prelude::*;

/// The profile that follows the documents.
fn policy() -> InjPolicy {
    static POLICY: LazyLock<InjPolicy> =
        LazyLock::new(|| InjPolicy::of(&Library::shipped().unwrap().named("default").unwrap()).unwrap());
    POLICY.clone()
}

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn decs(texts: &[&str]) -> Vec<Dec> {
    texts.iter().map(|text| dec(text)).collect()
}

fn fen(text: &str) -> Fen {
    Fen(dec(text).to_scaled(2).unwrap().try_into().unwrap())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn price(text: &str) -> PackPrice {
    PackPrice::parse(text.as_bytes()).unwrap()
}

fn qty(units: u64) -> PackQty {
    PackQty::new(units).unwrap()
}

const CEILING: Rounding = Rounding { threshold: 20_000, third_digit: false };
const THIRD_DIGIT: Rounding = Rounding { threshold: 20_000, third_digit: true };

fn divided(pack: &str, units: u64, round: Rounding) -> (String, Branch) {
    let unit = unit_price(price(pack), qty(units), round);
    (unit.price.to_string(), unit.branch)
}

fn pack(id: &str, price_text: &str, units: u64, basis: Basis) -> Candidate {
    Candidate {
        id: id.to_owned(),
        label: String::new(),
        pack_price: price(price_text),
        pack_qty: qty(units),
        basis,
    }
}

/// A group of one unit each, before and after evaluation, with its peers.
fn pair(low: &str, high: &str, evaluated: &[&str], originator: &[&str], others: &[&str]) -> Decision {
    let candidates =
        [pack("low", low, 1, Basis::BeforeEvaluation), pack("high", high, 1, Basis::AfterEvaluation)];
    let peers =
        Peers { evaluated: decs(evaluated), originator: decs(originator), other_brands: decs(others) };
    listing(&candidates, &peers, true, &policy(), &mut Steps::off()).unwrap()
}

#[test]
fn inj_1_1_an_injection_is_listed_by_its_smallest_unit() {
    assert!(!needs_unit_listing("支", 1, &mut Steps::off()));
    assert!(!needs_unit_listing("套", 1, &mut Steps::off()));
    assert!(needs_unit_listing("盒", 10, &mut Steps::off()));
    assert!(needs_unit_listing("盒", 1, &mut Steps::off()));
    assert!(needs_unit_listing("支", 10, &mut Steps::off()));
}

#[test]
fn inj_1_2_a_box_becomes_a_unit_and_the_last_day_is_30_august() {
    assert_eq!(divided("58.00", 10, CEILING), ("5.80".to_owned(), Branch::Exact));
    assert!(switch_in_time(day("2024-08-30"), &policy(), &mut Steps::off()));
    assert!(!switch_in_time(day("2024-08-31"), &policy(), &mut Steps::off()));
}

#[test]
fn inj_1_3_the_amount_is_unit_price_times_units() {
    let amount = |price, units| order_amount(&dec(price), units, &mut Steps::off()).to_fixed(2);
    assert_eq!(amount("2.57", 100), "257.00");
    assert_eq!(amount("1.03", 3), "3.09");
    let mut steps = Steps::on();
    order_amount(&dec("2.57"), 100, &mut steps);
    assert_eq!(steps.take()[0].text, "2.57 元 × 100 = 257.00 元");
}

#[test]
fn inj_2_1_every_vector_of_the_division() {
    use Branch::{Exact, Truncate, Up};
    for (pack, units, expected, branch) in [
        ("10.00", 10, "1.00", Exact),
        ("3.07", 3, "1.03", Up),
        ("5.98", 5, "1.20", Up),
        ("19.91", 10, "2.00", Up),
        ("20.00", 10, "2.00", Exact),
        ("20.01", 10, "2.00", Truncate),
        ("20.09", 10, "2.00", Truncate),
        ("25.79", 10, "2.57", Truncate),
        ("35.80", 5, "7.16", Exact),
        ("100.00", 3, "33.33", Truncate),
        ("0.03", 10, "0.01", Up),
        ("30.01", 30, "1.01", Up),
    ] {
        assert_eq!(divided(pack, units, CEILING), (expected.to_owned(), branch), "{pack} / {units}");
    }
}

/// The other reading of 第 3 位小数: only where that digit is 0 does it differ, and never below 0.01.
#[test]
fn inj_2_1_third_digit_looks_at_one_digit_only() {
    assert_eq!(divided("30.01", 30, THIRD_DIGIT), ("1.00".to_owned(), Branch::Truncate));
    assert_eq!(divided("3.07", 3, THIRD_DIGIT), ("1.03".to_owned(), Branch::Up));
    assert_eq!(divided("0.01", 1000, THIRD_DIGIT), ("0.01".to_owned(), Branch::Truncate));
    assert_eq!(divided("20.09", 10, THIRD_DIGIT), ("2.00".to_owned(), Branch::Truncate));
    assert_eq!(divided("10.00", 10, THIRD_DIGIT), ("1.00".to_owned(), Branch::Exact));
}

#[test]
fn inj_2_1_four_decimals_and_the_limits() {
    assert_eq!(divided("0.0001", 1_000_000, CEILING), ("0.01".to_owned(), Branch::Up));
    assert_eq!(divided("2.0001", 1, CEILING), ("2.00".to_owned(), Branch::Truncate));
    assert_eq!(divided("1.9999", 1, CEILING), ("2.00".to_owned(), Branch::Up));
    assert_eq!(divided("999999999999.9999", 1, CEILING), ("999999999999.99".to_owned(), Branch::Truncate));
    assert_eq!(divided("999999999999", 1_000_000, CEILING), ("999999.99".to_owned(), Branch::Truncate));
}

#[test]
fn inj_2_1_what_is_no_price_and_no_quantity() {
    use PackFault::{
        PriceNotANumber, PriceNotPositive, PriceTooLarge, PriceTooPrecise, QtyNotAWholeNumber, QtyOutOfRange,
    };
    for (text, fault) in [
        ("", PriceNotANumber),
        ("  ", PriceNotANumber),
        (".", PriceNotANumber),
        ("+", PriceNotANumber),
        ("-.", PriceNotANumber),
        ("1e3", PriceNotANumber),
        ("1,000", PriceNotANumber),
        ("12.3.4", PriceNotANumber),
        ("１０", PriceNotANumber),
        ("NaN", PriceNotANumber),
        ("1 0", PriceNotANumber),
        ("-1.00001x", PriceNotANumber),
        ("0", PriceNotPositive),
        ("-0", PriceNotPositive),
        ("0.000000", PriceNotPositive),
        ("-12.50", PriceNotPositive),
        ("-0.00001", PriceNotPositive),
        ("1.00001", PriceTooPrecise),
        ("0.00001", PriceTooPrecise),
        ("1000000000000.00001", PriceTooPrecise),
        ("1000000000000", PriceTooLarge),
        ("99999999999999999999999999999999", PriceTooLarge),
    ] {
        assert_eq!(PackPrice::parse(text.as_bytes()), Err(fault), "{text:?}");
    }
    for (text, fault) in [
        ("", QtyNotAWholeNumber),
        ("1.5", QtyNotAWholeNumber),
        ("10.0", QtyNotAWholeNumber),
        ("2e3", QtyNotAWholeNumber),
        ("+", QtyNotAWholeNumber),
        ("- 3", QtyNotAWholeNumber),
        ("１０", QtyNotAWholeNumber),
        ("0", QtyOutOfRange),
        ("-3", QtyOutOfRange),
        ("-0", QtyOutOfRange),
        ("1000001", QtyOutOfRange),
        ("18446744073709551617", QtyOutOfRange),
    ] {
        assert_eq!(PackQty::parse(text.as_bytes()), Err(fault), "{text:?}");
    }
}

#[test]
fn inj_2_1_the_written_forms_of_a_number() {
    for (text, same) in [
        ("5.", "5"),
        (".5", "0.5"),
        ("+5.0", "5"),
        ("\u{3000}\t 07.50000 \u{3000}", "7.5"),
        ("1.20000000", "1.2"),
    ] {
        assert_eq!(PackPrice::parse(text.as_bytes()), Ok(price(same)), "{text:?}");
    }
    assert_eq!(PackPrice::parse(b"00000000000000000001.5"), Ok(price("1.5")));
    assert_eq!(PackQty::parse(b" +0010\t"), Ok(qty(10)));
    assert_eq!(PackQty::parse(b"1000000"), Ok(qty(1_000_000)));
}

#[test]
fn inj_2_2_every_vector_of_the_tolerance() {
    let compared = |own, other| linkage(&dec(own), &dec(other), &policy(), &mut Steps::off());
    assert_eq!(compared("12.39", "12.30"), Linkage::DeemedEqual);
    assert_eq!(compared("12.40", "12.39"), Linkage::Due);
    assert_eq!(compared("2.00", "1.99"), Linkage::Due);
    assert_eq!(compared("0.19", "0.11"), Linkage::DeemedEqual);
    assert_eq!(compared("12.30", "12.39"), Linkage::NotLower);
    let strict = InjPolicy { tolerance: false, ..policy() };
    assert_eq!(linkage(&dec("12.39"), &dec("12.30"), &strict, &mut Steps::off()), Linkage::Due);
}

#[test]
fn inj_2_3_the_agreed_price_holds_during_its_term() {
    let agreed = Agreement { unit_price: Some(dec("1.234")), until: day("2027-12-31") };
    let on = |agreement: &Agreement, when| {
        price_in_force(agreement, price("1.234"), qty(1), day(when), &policy(), &mut Steps::off()).to_string()
    };
    assert_eq!(on(&agreed, "2027-12-31"), "1.234");
    assert_eq!(on(&agreed, "2028-01-01"), "1.24");
    let silent = Agreement { unit_price: None, ..agreed };
    assert_eq!(on(&silent, "2026-01-01"), "1.24");
}

#[test]
fn inj_3_1_the_lowest_converted_price_is_the_listing_price() {
    let candidates = [pack("5", "58.00", 5, Basis::Normal), pack("10", "112.00", 10, Basis::Normal)];
    let decided = listing(&candidates, &Peers::default(), false, &policy(), &mut Steps::off()).unwrap();
    assert_eq!((decided.low, decided.high), (fen("11.20"), fen("11.60")));
    assert_eq!((decided.choice, decided.listing_price), (Choice::Low, fen("11.20")));
    let one = listing(&candidates[..1], &Peers::default(), true, &policy(), &mut Steps::off()).unwrap();
    assert_eq!((one.choice, one.listing_price, one.mark), (Choice::Single, fen("11.60"), Mark::None));
    assert_eq!((one.ratio, one.exempt, one.refused), (None, None, vec![]));
    assert_eq!(listing(&[], &Peers::default(), true, &policy(), &mut Steps::off()), None);
}

#[test]
fn inj_3_2_a_low_value_from_rectification_is_final() {
    let peers = Peers { evaluated: decs(&["12"]), originator: decs(&["20"]), other_brands: vec![] };
    let decide = |low_basis| {
        let candidates = [
            pack("low", "11.20", 1, low_basis),
            pack("before", "112.00", 10, Basis::BeforeEvaluation),
            pack("high", "11.60", 1, Basis::AfterEvaluation),
        ];
        listing(&candidates, &peers, true, &policy(), &mut Steps::off()).unwrap()
    };
    for final_basis in [Basis::Rectification, Basis::RiskDisposal] {
        let decided = decide(final_basis);
        assert_eq!(decided.refused, [Refused::LowIsFinal]);
        assert_eq!(decided.listing_price, fen("11.20"));
    }
    let decided = decide(Basis::Normal);
    assert!(decided.high_eligible());
    assert_eq!(decided.listing_price, fen("11.60"));
}

#[test]
fn inj_3_3_both_limits_include_the_number() {
    let odd = ["4.80", "5.20", "5.60"];
    assert!(pair("4.00", "4.80", &odd, &["8.00"], &[]).high_eligible());
    assert_eq!(pair("4.00", "4.81", &odd, &["8.00"], &[]).refused, [Refused::AboveOriginatorRatio]);
    let even = ["5.00", "4.00"];
    assert!(pair("4.00", "4.50", &even, &["10.00"], &[]).high_eligible());
    assert_eq!(pair("4.00", "4.51", &even, &["10.00"], &[]).refused, [Refused::AbovePeerMedian]);
    // The exact mean of the middle two, not a rounded one: 4.505 does not reach 4.51.
    assert_eq!(pair("4.00", "4.51", &["4.50", "4.51"], &["10"], &[]).refused, [Refused::AbovePeerMedian]);
    // The lower of originator and reference product counts.
    assert_eq!(pair("4.00", "4.81", &["9"], &["12", "8.00"], &[]).refused, [Refused::AboveOriginatorRatio]);
}

#[test]
fn inj_3_3_every_reason_is_given_in_order() {
    use Refused::{
        AboveOriginatorRatio, AbovePeerMedian, LowIsFinal, NoEvaluatedPeer, NoOriginator, NotBeforeAfterPair,
    };
    let candidates = [pack("a", "1", 1, Basis::Rectification), pack("b", "9", 1, Basis::Normal)];
    let refused =
        |peers: &Peers| listing(&candidates, peers, true, &policy(), &mut Steps::off()).unwrap().refused;
    assert_eq!(refused(&Peers::default()), [LowIsFinal, NotBeforeAfterPair, NoEvaluatedPeer, NoOriginator]);
    let peers = Peers { evaluated: decs(&["2"]), originator: decs(&["3"]), other_brands: vec![] };
    assert_eq!(refused(&peers), [LowIsFinal, NotBeforeAfterPair, AbovePeerMedian, AboveOriginatorRatio]);
}

/// The agency may refuse the high value although the law lets it.
#[test]
fn inj_3_3_accepting_is_the_agencys_choice() {
    let candidates =
        [pack("low", "4", 1, Basis::BeforeEvaluation), pack("high", "4.5", 1, Basis::AfterEvaluation)];
    let peers = Peers { evaluated: decs(&["5"]), originator: decs(&["10"]), other_brands: vec![] };
    let decided = listing(&candidates, &peers, false, &policy(), &mut Steps::off()).unwrap();
    assert!(decided.high_eligible());
    assert_eq!((decided.choice, decided.listing_price, decided.mark), (Choice::Low, fen("4.00"), Mark::None));
    assert_eq!(decided.ratio, Some(dec("1")));
}

#[test]
fn inj_4_1_every_vector_of_the_marks() {
    for (low, new, other, expected, exempt) in [
        ("5.00", "9.00", "3.00", Mark::None, None),
        ("5.00", "9.01", "3.00", Mark::Yellow, None),
        ("5.00", "15.00", "3.00", Mark::Yellow, None),
        ("5.00", "15.01", "3.00", Mark::Red, None),
        ("0.60", "2.00", "0.50", Mark::None, Some(Exempt::PriceLe2)),
        ("0.60", "2.01", "0.50", Mark::Red, None),
        ("1.50", "4.80", "4.80", Mark::None, Some(Exempt::LeOtherBrands)),
        ("1.50", "4.81", "4.80", Mark::Red, None),
    ] {
        let marked = mark(&dec(new), fen(low), &decs(&[other]), &policy(), &mut Steps::off());
        assert_eq!((marked.mark, marked.exempt), (expected, exempt), "{new} / {low}");
        let decided = pair(low, new, &["100"], &["1000"], &[other]);
        assert_eq!((decided.choice, decided.mark, decided.exempt), (Choice::High, expected, exempt));
    }
}

/// Without another brand that exemption does not exist; with several the lowest counts; both can be off.
#[test]
fn inj_4_1_the_exemptions_are_the_provinces_choice() {
    let marked = |price, others: &[&str], policy: &InjPolicy| {
        mark(&dec(price), fen("1.50"), &decs(others), policy, &mut Steps::off()).mark
    };
    assert_eq!(marked("4.80", &[], &policy()), Mark::Red);
    assert_eq!(marked("4.80", &["9", "4.79"], &policy()), Mark::Red);
    let any = InjPolicy { exempt_any_peer: true, ..policy() };
    assert_eq!(marked("4.80", &["9", "4.79"], &any), Mark::None);
    let off = InjPolicy { exemptions: false, ..policy() };
    assert_eq!(marked("4.80", &["9"], &off), Mark::Red);
}

#[test]
fn inj_4_2_a_cut_may_lift_the_mark_and_a_rise_never_does() {
    let moved = |before, old, new| {
        mark_after_change(before, &dec(old), &dec(new), fen("5.00"), &[], &policy(), &mut Steps::off()).mark
    };
    assert_eq!(moved(Mark::Red, "15.01", "9.00"), Mark::None);
    assert_eq!(moved(Mark::Red, "15.01", "15.00"), Mark::Yellow);
    assert_eq!(moved(Mark::Yellow, "10.00", "15.01"), Mark::Red);
    assert_eq!(moved(Mark::None, "9.00", "8.00"), Mark::None);
    // An exemption that has come since does not help who raises the price.
    let rise = mark_after_change(
        Mark::Red,
        &dec("15.01"),
        &dec("15.02"),
        fen("5.00"),
        &[dec("20")],
        &policy(),
        &mut Steps::off(),
    );
    assert_eq!((rise.mark, rise.exempt), (Mark::Red, None));
    // Nor does one that has gone since hurt who lowers it.
    assert_eq!(moved(Mark::None, "16.00", "15.50"), Mark::None);
}

#[test]
fn inj_5_1_a_product_is_watched_for_growth_rank_or_online_price() {
    let quiet = Watched {
        amount_before: dec("1000000"),
        amount: dec("1499999.99"),
        rank_before: 100,
        rank: 51,
        price: dec("14.99"),
        online_price: Some(dec("10")),
    };
    let watched = |month: &Watched| watch(month, &policy(), &mut Steps::off());
    assert!(!watched(&quiet));
    assert!(watched(&Watched { amount: dec("1500000"), ..quiet.clone() }));
    assert!(!watched(&Watched { amount_before: dec("1"), amount: dec("100000.99"), ..quiet.clone() }));
    assert!(watched(&Watched { rank: 50, ..quiet.clone() }));
    assert!(watched(&Watched { price: dec("15"), ..quiet.clone() }));
    assert!(!watched(&Watched { price: dec("15"), online_price: None, ..quiet }));
}

#[test]
fn inj_6_1_old_codes_stop_on_1_november() {
    let on = |when| old_code_use(day(when), &policy(), &mut Steps::off());
    assert_eq!(on("2024-10-31"), CodeUse::Mapped);
    assert_eq!(on("2024-11-01"), CodeUse::Stopped);
}

#[test]
fn inj_6_2_a_wrong_factor_and_a_wrong_mapping_are_found() {
    let peers = decs(&["5.50", "6.00"]);
    let good = Converted {
        unit_price: fen("5.80"),
        factor: 10,
        pack_qty: 10,
        content: "0.5g",
        mapped_content: Some("0.5g"),
        peers: &peers,
    };
    let found = |listing: &Converted<'_>| anomalies(listing, &policy(), &mut Steps::off());
    assert_eq!(found(&good), []);
    let boxed = Converted { unit_price: fen("58.00"), factor: 1, ..good.clone() };
    assert_eq!(found(&boxed), [Anomaly::FactorOne, Anomaly::PriceOutlier]);
    assert_eq!(found(&Converted { factor: 0, ..good.clone() }), [Anomaly::FactorZero]);
    assert_eq!(found(&Converted { factor: 5, ..good.clone() }), [Anomaly::FactorDiffers]);
    assert_eq!(found(&Converted { mapped_content: Some("1g"), ..good.clone() }), [Anomaly::ContentDiffers]);
    assert_eq!(found(&Converted { mapped_content: None, ..good.clone() }), [Anomaly::NoMapping]);
    assert_eq!(found(&Converted { unit_price: fen("1.83"), ..good }), [Anomaly::PriceOutlier]);
}

#[test]
fn inj_6_2_the_upload_is_open_from_11_to_20_september() {
    for (when, open) in
        [("2024-09-10", false), ("2024-09-11", true), ("2024-09-20", true), ("2024-09-21", false)]
    {
        assert_eq!(upload_open(day(when), &policy(), &mut Steps::off()), open, "{when}");
    }
}

#[test]
fn inj_7_1_boxes_become_units() {
    assert_eq!(units_of_packs(200, qty(10), &mut Steps::off()), Some(2_000));
    assert_eq!(units_of_packs(u64::MAX, qty(2), &mut Steps::off()), None);
}

#[test]
fn inj_8_1_the_report_is_due_on_20_september() {
    assert!(report_in_time(day("2024-09-20"), &policy(), &mut Steps::off()));
    assert!(!report_in_time(day("2024-09-21"), &policy(), &mut Steps::off()));
}

/// The example that the portal shows behind 「为什么」.
#[test]
fn the_steps_can_be_followed_with_a_pencil() {
    let candidates = [
        Candidate { label: "5 支/盒".to_owned(), ..pack("a", "45.05", 5, Basis::AfterEvaluation) },
        Candidate { label: "10 支/盒".to_owned(), ..pack("b", "50.00", 10, Basis::BeforeEvaluation) },
    ];
    let peers =
        Peers { evaluated: decs(&["9.20"]), originator: decs(&["16.00"]), other_brands: decs(&["3.00"]) };
    let mut steps = Steps::on();
    listing(&candidates, &peers, true, &policy(), &mut steps).unwrap();
    let told: Vec<_> =
        steps.take().into_iter().map(|step| format!("{} {}", step.clause, step.text)).collect();
    assert_eq!(
        told,
        [
            "INJ-2.1 5 支/盒 45.05 元 ÷ 5 = 9.01 元（整除到分，不进位不去尾）",
            "INJ-2.1 10 支/盒 50.00 元 ÷ 10 = 5.00 元（整除到分，不进位不去尾）",
            "INJ-3.1 同组最低换算价 5.00 元（10 支/盒），最高换算价 9.01 元（5 支/盒），原则上以低值为挂网价",
            "INJ-3.3 低值和高值是仿制药过评前后的有效挂网价",
            "INJ-3.3 高值 9.01 元，不高于其他过评药品中位数 9.20 元",
            "INJ-3.3 高值 9.01 元，不高于原研药、参比制剂 16.00 元 × 60% = 9.60 元",
            "INJ-3.3 高值经受理，挂网价 9.01 元",
            "INJ-4.1 9.01 ÷ 5.00 = 1.802，大于 1.8 且不大于 3，标识为黄色",
        ]
    );
}

/// A price in 10⁻⁴ yuan: small ones, where the branches meet, as often as large ones.
fn any_price() -> impl Strategy<Value = u64> {
    prop_oneof![1_u64..1_000_000, 1_u64..10_000_000_000_000_000]
}

fn any_qty() -> impl Strategy<Value = u64> {
    prop_oneof![1_u64..200, 1_u64..=1_000_000]
}

fn any_round() -> impl Strategy<Value = Rounding> {
    prop_oneof![Just(CEILING), Just(THIRD_DIGIT)]
}

fn scaled(ten_thousandths: u64) -> PackPrice {
    PackPrice::from_scaled(ten_thousandths).unwrap()
}

proptest! {
    /// INJ-2.1: a quotient of at most two decimals is never changed.
    #[test]
    fn inj_2_1_rounding_never_changes_an_exact_price(fen in 1_u64..10_000_000, units in any_qty(), round in any_round()) {
        let unit = unit_price(scaled(fen * 100 * units), qty(units), round);
        prop_assert_eq!((unit.price, unit.branch), (Fen(fen), Branch::Exact));
    }

    /// INJ-2.1: a dearer pack never has a cheaper unit.
    #[test]
    fn inj_2_1_rounding_is_monotone(one in any_price(), two in any_price(), units in any_qty(), round in any_round()) {
        let (less, more) = (one.min(two), one.max(two));
        let unit = |price| unit_price(scaled(price), qty(units), round).price;
        prop_assert!(unit(less) <= unit(more));
        prop_assert!(unit(less) <= unit(less + 1).max(Fen(1)));
    }

    /// INJ-2.1: the unit price is less than 0.01 yuan from the exact quotient, up to 2 yuan not below it
    /// (with the default reading), above 2 yuan not above it.
    #[test]
    fn inj_2_1_rounding_stays_within_one_fen(price in any_price(), units in any_qty()) {
        let unit = unit_price(scaled(price), qty(units), CEILING).price;
        let exact = Dec::new(price, 4);
        let back = &unit.yuan() * &Dec::new(units, 0);
        let cent = Dec::new(units, 2);
        if price <= 20_000 * units {
            prop_assert!(back >= exact && &back - &exact < cent);
        } else {
            prop_assert!(back <= exact && &exact - &back < cent);
            prop_assert!(unit >= Fen(200));
        }
    }

    /// INJ-4.1: all else equal a dearer listing never bears a lighter mark.
    #[test]
    fn inj_4_1_marks_are_monotone_in_the_price(
        low in 1_u64..2_000,
        one in 1_u64..10_000,
        two in 1_u64..10_000,
        others in prop::collection::vec(1_u64..10_000, 0..3),
    ) {
        let policy = policy();
        let others: Vec<_> = others.into_iter().map(|price| Fen(price).yuan()).collect();
        let bears = |price: u64| mark(&Fen(price).yuan(), Fen(low), &others, &policy, &mut Steps::off()).mark;
        prop_assert!(bears(one.min(two)) <= bears(one.max(two)));
    }

    /// INJ-3.1: the order of the packs changes nothing but the order of their unit prices, and the listing
    /// price is one of them.
    #[test]
    fn inj_3_1_the_order_of_the_packs_does_not_matter(
        packs in prop::collection::vec((1_u64..100_000, 1_u64..20, 0_usize..5), 1..6),
        evaluated in prop::collection::vec(1_u64..100_000, 0..4),
        accept in any::<bool>(),
    ) {
        let bases = [Basis::Normal, Basis::Rectification, Basis::RiskDisposal, Basis::BeforeEvaluation, Basis::AfterEvaluation];
        let mut candidates: Vec<_> = packs
            .iter()
            .enumerate()
            .map(|(n, (price, units, basis))| Candidate {
                id: n.to_string(),
                label: String::new(),
                pack_price: scaled(price * 100),
                pack_qty: qty(*units),
                basis: bases[*basis],
            })
            .collect();
        let peers = Peers {
            evaluated: evaluated.iter().map(|price| Dec::new(*price, 2)).collect(),
            originator: evaluated.iter().map(|price| Dec::new(*price, 1)).collect(),
            other_brands: vec![],
        };
        let decide = |candidates: &[Candidate]| {
            let mut decided = listing(candidates, &peers, accept, &policy(), &mut Steps::off()).unwrap();
            decided.unit_prices.sort_by_key(|unit| (unit.price, unit.branch.as_str()));
            decided
        };
        let there = decide(&candidates);
        candidates.reverse();
        prop_assert!(there.unit_prices.iter().any(|unit| unit.price == there.listing_price));
        prop_assert_eq!(there, decide(&candidates));
    }
}

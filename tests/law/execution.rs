//! How a round is executed: every vector of NAT10-2, HVC-8, VOL-5…12, SH-A, SH-L, HN-8, YN-4…9, GEN-13…15.

use chrono::NaiveDate;
use jicai_rules::allocation::{ChoiceFault, Intended, base_volume, check_choice, split};
use jicai_rules::completion::{
    Finding, Lag, Line, Performance, completion, findings, lag, progress, shortfall, surge,
    too_much_not_selected, zero_purchase,
};
use jicai_rules::explain::Steps;
use jicai_rules::money::Dec;
use jicai_rules::rounds::{Cut, cuts, may_enter, percent};
use jicai_rules::selected::{
    Buyer, Component, PriceFault, Selection, bargained_price, claims_selected_price, component_price,
    needs_internal_approval, order_amount_by_use, order_price, selection, system_bid_adds_up, system_price,
};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn line(actual: &str, agreed: &str) -> Line {
    Line { actual: dec(actual), agreed: dec(agreed) }
}

fn off() -> Steps {
    Steps::off()
}

fn shown(value: Option<Dec>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

#[test]
fn nat10_2_seven_enterprises_open_a_variety() {
    let generics = ["a", "b", "c", "d", "e", "f", "g"];
    assert!(!may_enter(&["r"], &generics[..5], 7, &mut off()));
    assert!(may_enter(&["r"], &generics[..6], 7, &mut off()));
    assert!(may_enter(&[], &generics, 7, &mut off()));
    assert!(!may_enter(&["a"], &generics[..6], 7, &mut off()), "one that holds both counts once");
}

#[test]
fn nat10_8_rates_of_the_tenth_round() {
    assert_eq!(shown(percent(&dec("234"), &dec("493"), 2)), "47.46");
    assert_eq!(shown(percent(&dec("385"), &dec("778"), 2)), "49.49");
}

fn intended(rank: usize, volume: &str) -> Intended {
    Intended { rank, volume: dec(volume) }
}

#[test]
fn hvc_8_base_and_remaining_sum_to_what_was_intended() {
    let selected = [intended(1, "1000"), intended(2, "1000"), intended(3, "1000")];
    let gradient = ["1", "0.9", "0.8"].map(dec);
    let volumes = base_volume(&selected, &dec("500"), &gradient, &mut off());
    assert_eq!(volumes.base, ["1000", "900", "800"].map(dec));
    assert_eq!(volumes.remaining, dec("800"));
    assert_eq!(&volumes.base.iter().sum::<Dec>() + &volumes.remaining, dec("3500"));
    let fourth = base_volume(&[intended(4, "7")], &dec("0"), &gradient, &mut off());
    assert_eq!((&fourth.base[0], &fourth.remaining), (&dec("5"), &dec("2")), "5.6 is cut, the rest remains");
}

#[test]
fn hvc_8_rear_ranks_take_at_most_their_cap() {
    let choice = |choices: &[(usize, &str)]| {
        let choices: Vec<_> = choices.iter().map(|(rank, volume)| (*rank, dec(volume))).collect();
        check_choice(&dec("100"), &choices, 6, &dec("0.20"))
    };
    assert_eq!(choice(&[(1, "80"), (5, "10"), (6, "10")]), Ok(()));
    assert_eq!(choice(&[(1, "79"), (5, "11"), (6, "10")]), Err(ChoiceFault::RearRanks(dec("21"), dec("20"))));
    assert_eq!(choice(&[(4, "100")]), Ok(()), "the fourth of six is not in the last third");
    assert_eq!(choice(&[(1, "99")]), Err(ChoiceFault::Sum(dec("99"))));
    assert_eq!(
        check_choice(&dec("1"), &[(2, dec("1"))], 2, &dec("0")),
        Ok(()),
        "two ranks have no last third"
    );
}

#[test]
fn vol_5_completion_is_weighted_by_volume() {
    assert_eq!(shown(completion(&[line("80", "100")])), "80");
    assert_eq!(shown(completion(&[line("50", "100"), line("300", "100")])), "175");
    assert_eq!(shown(completion(&[line("50", "100"), line("30", "10")])), "72.7");
    assert_eq!(shown(completion(&[line("5", "0")])), "-");
}

#[test]
fn vol_6_completion_is_judged_against_time() {
    let elapsed = progress(day("2021-11-01"), day("2022-10-31"), day("2022-07-31")).unwrap();
    assert_eq!(elapsed, dec("74.8"));
    let lag = |done, alert| lag(&dec(done), &elapsed, &dec(alert), &mut off());
    assert_eq!(lag("80", "15"), Lag { points: dec("5.2"), alert: false });
    assert!(!lag("59.8", "15").alert, "behind by the threshold itself");
    assert!(lag("59.7", "15").alert);
    assert_eq!(shown(progress(day("2022-01-01"), day("2022-01-10"), day("2023-01-01"))), "100");
    assert_eq!(shown(progress(day("2022-01-01"), day("2022-01-10"), day("2021-01-01"))), "0");
}

#[test]
fn vol_7_a_report_without_any_purchase_is_listed() {
    assert!(zero_purchase(&line("0", "50000"), 60, 60, &mut off()));
    assert!(!zero_purchase(&line("1", "50000"), 60, 60, &mut off()));
    assert!(!zero_purchase(&line("0", "0"), 60, 60, &mut off()));
    assert!(!zero_purchase(&line("0", "50000"), 59, 60, &mut off()));
}

#[test]
fn vol_8_the_findings_of_a_hospital() {
    let of = |completion, zero, overdue, net_rate| Performance {
        completion: Some(dec(completion)),
        zero_purchases: zero,
        overdue_invoices: overdue,
        net_rate: Some(dec(net_rate)),
    };
    let all = [Finding::Completion, Finding::ZeroPurchase, Finding::Overdue, Finding::NetRate];
    assert_eq!(findings(&of("72.7", 1, 3, "79"), &dec("80")), all);
    assert_eq!(findings(&of("100", 0, 0, "80"), &dec("80")), []);
    assert_eq!(findings(&Performance::default(), &dec("80")), [], "nothing known, nothing found");
}

#[test]
fn vol_9_and_hn_8_what_exceeds_the_agreement_costs_the_same() {
    assert_eq!(order_price(Buyer::Party, &dec("12.00"), &dec("12"), &mut off()), Ok(()));
    assert_eq!(
        order_price(Buyer::Party, &dec("12.5"), &dec("12"), &mut off()),
        Err(PriceFault::AboveSelected)
    );
    assert_eq!(shown(completion(&[line("130", "100")])), "130");
    assert_eq!(shown(completion(&[line("100", "100")])), "100");
    let claims = |on| claims_selected_price(day(on), day("2024-09-10"), day("2026-09-09"), &mut off());
    assert!(claims("2026-09-09") && !claims("2026-09-10") && !claims("2024-09-09"));
}

#[test]
fn vol_10_the_alert_value_itself_alerts() {
    assert!(surge(&line("80000000", "25110000"), &dec("1.5"), &mut off()));
    assert_eq!(shown(completion(&[line("80000000", "25110000")])), "318.6");
    assert!(!surge(&line("75", "100"), &dec("1.5"), &mut off()));
    assert!(surge(&line("150", "100"), &dec("1.5"), &mut off()));
    assert!(!surge(&line("5", "0"), &dec("1.5"), &mut off()));
}

#[test]
fn vol_11_a_target_is_split_into_whole_parts_that_sum_to_it() {
    let months = split(&dec("1200"), &vec![dec("1"); 12]).unwrap();
    let departments = |month: &Dec| split(month, &[dec("60"), dec("40")]).unwrap();
    assert!(months.iter().all(|month| departments(month) == [dec("60"), dec("40")]));
    let uneven = split(&dec("10"), &[dec("1"), dec("1"), dec("1")]).unwrap();
    assert_eq!(uneven, ["3", "3", "4"].map(dec));
    assert_eq!(split(&dec("10"), &[dec("0")]), None);
    assert_eq!(split(&dec("10"), &[dec("2"), dec("-1")]), None);
}

#[test]
fn vol_12_non_selected_may_reach_but_not_exceed_selected() {
    let exceeded =
        |not_selected| too_much_not_selected(&dec(not_selected), &dec("100"), &dec("1"), &mut off());
    assert!(!exceeded("100") && exceeded("101"));
}

#[test]
fn vol_14_the_platform_share_reaches_90_percent() {
    let share = |platform| percent(&dec(platform), &dec("10000"), 2).unwrap();
    assert!(share("9000") >= dec("90") && share("8999") < dec("90"));
}

#[test]
fn sh_a_1_a_party_pays_the_selected_price_exactly() {
    let price = |price| order_price(Buyer::Party, &dec(price), &dec("12.00"), &mut off());
    assert_eq!(price("12.00"), Ok(()));
    assert_eq!(price("11.99"), Err(PriceFault::SecondBargaining));
    assert_eq!(price("12.01"), Err(PriceFault::AboveSelected));
}

#[test]
fn sh_a_2_and_sh_l_3_outside_the_agreement_the_selected_price_is_a_ceiling() {
    let price = |price, selected| order_price(Buyer::Outside, &dec(price), &dec(selected), &mut off());
    assert_eq!([price("12.00", "12"), price("11.50", "12")], [Ok(()), Ok(())]);
    assert_eq!(price("12.01", "12"), Err(PriceFault::AboveSelected));
    assert_eq!([price("2000.00", "2000"), price("1900", "2000")], [Ok(()), Ok(())]);
    assert_eq!(price("2000.01", "2000"), Err(PriceFault::AboveSelected));
}

#[test]
fn sh_l_1_the_agreed_volume_is_a_floor() {
    assert_eq!(shortfall(&line("200", "200")), dec("0"));
    assert_eq!(shortfall(&line("199", "200")), dec("1"));
    assert_eq!(shortfall(&line("201", "200")), dec("0"));
}

#[test]
fn sh_l_2_what_a_selected_enterprise_did_not_declare_is_not_selected() {
    assert_eq!(selection(true, true, true), Selection::Selected);
    assert_eq!(selection(true, true, false), Selection::NonSelected);
    assert_eq!(selection(true, false, true), Selection::NonSelected);
    assert_eq!(selection(false, true, true), Selection::OutOfScope);
    assert!(
        needs_internal_approval(Selection::NonSelected, &mut off())
            && !needs_internal_approval(Selection::Selected, &mut off())
    );
}

#[test]
fn hun_3_sn_8_and_js_cr_8_bargained_prices_stay_within_their_limits() {
    let listed = |price| bargained_price(&dec(price), &dec("50.00"), None, &mut off());
    assert!(listed("50.00") && listed("45.00") && !listed("50.01"));
    let limited = |price| bargained_price(&dec(price), &dec("880.00"), None, &mut off());
    assert!(limited("880.00") && !limited("880.01"));
    let reset = |price| bargained_price(&dec(price), &dec("100"), Some(&dec("80")), &mut off());
    assert!(reset("80") && !reset("81"));
}

fn parts(parts: &[(&str, &str)]) -> Vec<Component> {
    parts.iter().map(|(price, n)| Component { price: dec(price), quantity: dec(n) }).collect()
}

fn hip(screws: &str) -> Vec<Component> {
    parts(&[("2000", "1"), ("1500", "1"), ("800", "1"), ("2200", "1"), ("100", screws)])
}

#[test]
fn yn_4_the_system_price_counts_two_screws_and_one_patella() {
    assert_eq!(system_price(&hip("2")), dec("6700"));
    assert_eq!(
        system_price(&parts(&[("2500", "1"), ("700", "1"), ("1900", "1"), ("400", "1")])),
        dec("5500")
    );
    assert!(
        system_bid_adds_up(&hip("2"), &dec("6700.00"), &mut off())
            && !system_bid_adds_up(&hip("2"), &dec("6699.99"), &mut off())
    );
}

#[test]
fn yn_5_screws_and_patella_are_bought_as_needed() {
    assert_eq!(order_amount_by_use(&hip("0")), dec("6500"));
    assert_eq!(order_amount_by_use(&hip("3")), dec("6800"));
    assert_eq!(
        order_amount_by_use(&parts(&[("2500", "1"), ("700", "1"), ("1900", "1"), ("400", "0")])),
        dec("5100")
    );
}

#[test]
fn yn_9_a_selected_component_keeps_its_price_in_another_system() {
    assert_eq!(component_price(&dec("3000"), Some(&dec("1500")), &mut off()), &dec("1500"));
    assert_eq!(component_price(&dec("4000"), None, &mut off()), &dec("4000"));
}

fn cut(base: &str, selected: &str, volume: &str) -> Cut {
    Cut { base: dec(base), selected: dec(selected), volume: dec(volume) }
}

#[test]
fn gen_13_both_means_and_the_savings() {
    let found = cuts(&[cut("10", "4", "100"), cut("20", "10", "50")]);
    assert_eq!(
        (found.mean, found.weighted, found.savings),
        (Some(dec("0.55")), Some(dec("0.55")), dec("1100"))
    );
    let even = cuts(&[cut("10", "4", "100"), cut("20", "10", "100")]);
    assert_eq!((even.mean, even.weighted), (Some(dec("0.55")), Some(dec("0.5333"))));
    assert_eq!(cuts(&[]).mean, None);
    // Thirds have no decimal form; their mean is exact all the same.
    let thirds = cuts(&[cut("3", "2", "1"), cut("3", "1", "1"), cut("2", "1", "1")]);
    assert_eq!(thirds.mean, Some(dec("0.5")));
}

#[test]
fn gen_14_gen_15_hun_9_and_sur_8_shares() {
    assert_eq!(shown(percent(&dec("287"), &dec("400"), 2)), "71.75");
    assert_eq!(shown(percent(&dec("287"), &dec("400"), 0)), "72");
    assert_eq!(shown(percent(&dec("9287"), &dec("21970"), 2)), "42.27");
    assert_eq!(shown(percent(&dec("9091"), &dec("21970"), 2)), "41.38");
    assert_eq!(percent(&dec("800"), &dec("1000"), 1).unwrap().to_fixed(1), "80.0");
    assert_eq!(percent(&dec("980"), &dec("1000"), 1).unwrap().to_fixed(1), "98.0");
    assert_eq!(percent(&dec("1"), &dec("0"), 1), None);
}

#[test]
fn hvc_8_and_vol_6_the_steps_show_the_sums() {
    let mut steps = Steps::on();
    base_volume(&[intended(2, "1000")], &dec("500"), &[dec("1"), dec("0.9")], &mut steps);
    lag(&dec("80"), &dec("74.8"), &dec("15"), &mut steps);
    let told: Vec<_> = steps.take().into_iter().map(|step| step.text).collect();
    assert_eq!(told[0], "第 2 顺位：意向量 1000 × 90% = 基础量 900");
    assert_eq!(told[1], "剩余量 600，由医疗机构自主选择");
    assert_eq!(told[2], "完成 80% − 时序进度 74.8% = 5.2 个百分点，没有落后超过 15 个百分点");
}

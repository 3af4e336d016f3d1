//! Linkage, platform purchases, retail, hospital, surplus and leads: every vector of HN-12, HN-13, HUN-1, HUN-7,
//! SN, JX, SD, SUR, ZM, GEN-1, GEN-2, GEN-6, JS-CR-6, JS-CR-9.

use chrono::NaiveDate;
use jicai_rules::explain::Steps;
use jicai_rules::hospital::{
    Batch, Item, Keep, decide_by, keep_record, panel_admits, pick, proposal_passes, starts_evaluation,
};
use jicai_rules::leads::{
    Charged, Lot, Settlement, Stock, Swap, discount, gift, highest_price_gain, markup, stale_payable,
    stock_difference, swap,
};
use jicai_rules::linkage::{
    enough_provinces, entry_cap, linked_value, may_list_selected_elsewhere, must_move_to_limited,
    penalty_price, repaired_consumable_cap, repaired_listing_cap,
};
use jicai_rules::money::Dec;
use jicai_rules::online::{
    Limits, Online, Purchases, off_platform, online, record_in_time, record_price_needs_reason,
};
use jicai_rules::retail::{
    charge_allowed, enough_recommended, enough_varieties, most_charged, online_sale_allowed,
    replacement_allowed, split_charge, varieties,
};
use jicai_rules::surplus::{Overspend, Retention, drg_balance, overspend, surplus};
use jicai_rules::terms::{barred_until, cancelled_on, still_excludes};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn decs(texts: &[&str]) -> Vec<Dec> {
    texts.iter().map(|text| dec(text)).collect()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn off() -> Steps {
    Steps::off()
}

#[test]
fn js_cr_6_a_repaired_listing_is_not_above_any_other_province() {
    let others = decs(&["10.00", "9.80"]);
    let cap = repaired_listing_cap(&others, &mut off()).unwrap();
    assert!(dec("9.80") <= *cap && dec("9.81") > *cap);
}

#[test]
fn js_cr_9_twice_the_highest_selected_price_and_no_more_than_elsewhere() {
    let cap = |others| repaired_consumable_cap(&dec("500"), &dec("2"), &decs(others), &mut off());
    assert_eq!(cap(&["1200"]), dec("1000"));
    assert_eq!(cap(&["900"]), dec("900"));
    assert_eq!(cap(&[]), dec("1000"));
}

#[test]
fn hn_12_only_the_unexecuted_volume_runs_at_the_new_price() {
    let value = |executed| linked_value(&dec("100"), &dec(executed), &dec("500"), &dec("450"), &mut off());
    assert_eq!(value("40"), dec("47000"));
    assert_eq!(value("100"), dec("50000"));
    assert_eq!(value("120"), dec("60000"), "nothing is left to be lowered");
}

#[test]
fn hn_13_the_mean_of_the_group_and_no_more_than_elsewhere() {
    let group = decs(&["400", "500", "600"]);
    assert_eq!(entry_cap(&group, &decs(&["480"]), &mut off()), Some(dec("480")));
    assert_eq!(entry_cap(&group, &[], &mut off()), Some(dec("500")));
    assert_eq!(entry_cap(&decs(&["1", "1", "2"]), &[], &mut off()), Some(dec("1.33")), "cut to the fen");
    assert_eq!(entry_cap(&[], &[], &mut off()), None);
}

#[test]
fn hun_1_stock_that_the_platform_did_not_deliver_is_a_lead() {
    let found = |special| off_platform(&dec("100"), &dec("90"), special, &mut off());
    assert_eq!(found(false), Some(dec("10")));
    assert_eq!(off_platform(&dec("100"), &dec("100"), false, &mut off()), None);
    assert_eq!(off_platform(&dec("100"), &dec("0"), true, &mut off()), None);
}

#[test]
fn hun_7_charges_equal_the_purchase_price() {
    let difference = |sold| markup(&dec(sold), &dec("12.30"), &mut off());
    assert_eq!(difference("12.30"), None);
    assert_eq!([difference("12.31"), difference("12.29")], [Some(dec("0.01")), Some(dec("-0.01"))]);
}

#[test]
fn sn_3_the_same_day_two_years_before_still_excludes() {
    let excludes = |penalty| still_excludes(day(penalty), day("2024-08-15"), 2, &mut off()).unwrap();
    assert!(excludes("2022-08-15") && !excludes("2022-08-14"));
}

#[test]
fn sn_5_a_price_selected_elsewhere_is_not_above_the_lowest_here_or_anywhere() {
    let may =
        |own: &str| may_list_selected_elsewhere(&dec("300"), Some(&dec("320")), Some(&dec(own)), &mut off());
    assert!(may("300") && !may("299.99"));
    assert!(may_list_selected_elsewhere(&dec("300"), None, None, &mut off()));
}

#[test]
fn sn_6_three_other_provinces() {
    assert!(!enough_provinces(&["甘肃", "宁夏"], "陕西", 3, &mut off()));
    assert!(enough_provinces(&["甘肃", "宁夏", "青海"], "陕西", 3, &mut off()));
    assert!(
        !enough_provinces(&["甘肃", "宁夏", "甘肃", "陕西"], "陕西", 3, &mut off()),
        "each once, and not the own one"
    );
}

#[test]
fn sn_7_the_ban_ends_with_the_anniversary() {
    let last = barred_until(day("2024-09-01"), 12, &mut off()).unwrap();
    assert_eq!(last, day("2025-09-01"));
    assert!(day("2025-09-02") > last);
}

#[test]
fn sn_9_upload_in_time_and_price_not_above_any_province() {
    let in_time = |uploaded| record_in_time(day("2024-09-01"), day(uploaded), 15, &mut off()).unwrap();
    assert!(in_time("2024-09-16") && !in_time("2024-09-17"));
    let limits = decs(&["900", "950", "1000"]);
    let asks = |price, emergency| record_price_needs_reason(&dec(price), &limits, emergency, &mut off());
    assert!(!asks("900", false) && asks("901", false) && !asks("901", true));
    assert!(!record_price_needs_reason(&dec("5"), &[], false, &mut off()), "no limit anywhere, no check");
}

#[test]
fn sn_10_two_years_without_trade_cancel_a_listing() {
    let listed = day("2022-09-01");
    assert_eq!(cancelled_on(listed, None, 2, &mut off()), Ok(day("2024-09-01")));
    assert_eq!(cancelled_on(listed, Some(day("2022-09-02")), 2, &mut off()), Ok(day("2024-09-02")));
    // May apply again from 2025-03-02.
    assert_eq!(barred_until(day("2024-09-01"), 6, &mut off()), Ok(day("2025-03-01")));
}

#[test]
fn sn_12_only_a_price_above_the_national_lowest_must_move() {
    assert!(!must_move_to_limited(&dec("500"), &dec("500"), &mut off()));
    assert!(must_move_to_limited(&dec("500"), &dec("499"), &mut off()));
}

#[test]
fn sn_13_ten_percent_below_the_lowest_cut_to_the_fen() {
    let price = |lowest| penalty_price(&dec(lowest), &dec("0.10"), &mut off());
    assert_eq!([price("1000.00"), price("33.33"), price("0.05")], [dec("900"), dec("29.99"), dec("0.04")]);
}

/// What Shaanxi asks for.
fn shaanxi() -> Limits {
    Limits { net_rate_min: Some(dec("0.80")), record_share_max: Some(dec("0.05")) }
}

fn rates(platform: &str, timely: &str, records: &str, previous: Option<&str>) -> Online {
    let purchases = Purchases {
        total: dec("10000000"),
        platform: dec(platform),
        timely_records: dec(timely),
        records: dec(records),
        previous_total: previous.map(dec),
    };
    online(&purchases, &shaanxi(), &mut off())
}

#[test]
fn sn_16_80_percent_of_this_year_and_5_percent_of_the_last() {
    assert_eq!(rates("7500000", "500000", "500000", None).net_rate_met, Some(true));
    assert_eq!(rates("7499999", "500000", "500000", None).net_rate_met, Some(false));
    let records = |records, previous| rates("8000000", "0", records, Some(previous));
    assert_eq!(records("1000000", "20000000").record_share_met, Some(true));
    assert_eq!(records("1000000.01", "20000000").record_share_met, Some(false));
    let dear = records("500000", "8000000");
    assert_eq!((dear.record_share_met, dear.record_share), (Some(false), Some(dec("6.3"))), "6.25 %");
    assert_eq!(rates("1", "0", "1", None).record_share_met, None, "a new hospital");
}

#[test]
fn jx_5_sixty_percent_of_what_is_chosen() {
    let chosen: Vec<String> = (0..50).map(|n| format!("药{n}")).collect();
    let names = |n: usize| chosen[..n].iter().map(String::as_str).collect::<Vec<_>>();
    let enough = |all, recommended| {
        enough_recommended(&varieties(&names(all), &names(recommended)), &dec("0.60"), &mut off())
    };
    assert!(enough(50, 30) && !enough(50, 29) && enough(20, 12) && !enough(20, 11));
    assert_eq!(varieties(&["甲", "甲", "乙"], &["甲"]).chosen, 2, "two specifications count once");
}

#[test]
fn jx_6_least_numbers() {
    let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let of = |n: usize| varieties(&names[..n].iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    assert!(enough_varieties(&of(50), 50, &mut off()) && !enough_varieties(&of(49), 50, &mut off()));
    assert!(enough_varieties(&of(20), 20, &mut off()) && !enough_varieties(&of(19), 20, &mut off()));
}

#[test]
fn gen_1_a_clinic_needs_twenty() {
    let names: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    let of = |n: usize| varieties(&names[..n].iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    assert!(enough_varieties(&of(20), 20, &mut off()) && !enough_varieties(&of(19), 20, &mut off()));
}

#[test]
fn jx_10_fifteen_percent_at_most_and_clinics_nothing() {
    let most = |selected| most_charged(&dec(selected), &dec("0.15"), &mut off());
    assert_eq!([most("10.00"), most("0.33"), most("6.66")], [dec("11.50"), dec("0.37"), dec("7.65")]);
    let allowed =
        |price, clinic| charge_allowed(&dec(price), &dec("10.00"), &dec("0.15"), clinic, &mut off());
    assert!(allowed("11.50", false) && !allowed("11.51", false));
    assert!(allowed("10.00", true) && !allowed("10.01", true) && !allowed("9.99", true));
}

#[test]
fn jx_11_online_as_in_the_shop_and_within_the_province() {
    assert!(online_sale_allowed(&dec("11.00"), &dec("11"), true, &mut off()));
    assert!(!online_sale_allowed(&dec("11.20"), &dec("11"), true, &mut off()));
    assert!(!online_sale_allowed(&dec("11.00"), &dec("11"), false, &mut off()));
}

#[test]
fn gen_2_at_most_eighteen_of_123_are_replaced() {
    let allowed = |replaced| replacement_allowed(replaced, 123, &dec("0.15"), &mut off());
    assert!(allowed(18) && !allowed(19));
}

#[test]
fn gen_6_seven_of_a_box_of_24() {
    assert_eq!(split_charge(&dec("12.00"), &dec("24"), &dec("7"), &mut off()), Some(dec("3.50")));
    assert_eq!(split_charge(&dec("10"), &dec("3"), &dec("1"), &mut off()), Some(dec("3.33")));
    assert_eq!(split_charge(&dec("10"), &dec("0"), &dec("1"), &mut off()), None);
}

#[test]
fn sd_6_three_experts_unanimous_and_signed() {
    assert!(proposal_passes(3, 3, 3, 3, &mut off()));
    assert!(
        !proposal_passes(3, 2, 3, 3, &mut off())
            && !proposal_passes(2, 2, 2, 3, &mut off())
            && !proposal_passes(3, 3, 2, 3, &mut off())
    );
}

#[test]
fn sd_7_half_of_five_or_more() {
    assert!(panel_admits(5, 3, 5, false, &mut off()) && !panel_admits(5, 2, 5, false, &mut off()));
    assert!(panel_admits(6, 3, 5, false, &mut off()) && !panel_admits(6, 3, 5, true, &mut off()));
    assert!(!panel_admits(4, 4, 5, false, &mut off()));
}

#[test]
fn sd_11_the_second_time_in_a_year_starts_the_evaluation() {
    let before = [day("2024-03-01")];
    assert!(!starts_evaluation(day("2024-03-01"), &[], 2, &mut off()));
    assert!(starts_evaluation(day("2024-12-31"), &before, 2, &mut off()));
    assert!(!starts_evaluation(day("2025-01-01"), &before, 2, &mut off()), "the count starts anew");
}

#[test]
fn sd_12_a_temporary_entry_is_decided_within_six_months() {
    assert_eq!(decide_by(day("2024-09-15"), 6, &mut off()), Ok(day("2025-03-15")));
}

#[test]
fn sd_17_records_are_kept_two_years_or_for_ever() {
    assert_eq!(keep_record(Item::Used(day("2024-10-01")), 2, &mut off()), Ok(Keep::Until(day("2026-10-01"))));
    assert_eq!(
        keep_record(Item::Unused(day("2025-05-31")), 2, &mut off()),
        Ok(Keep::Until(day("2027-05-31")))
    );
    assert_eq!(keep_record(Item::Implant, 2, &mut off()), Ok(Keep::Forever));
}

#[test]
fn sd_18_shortest_remaining_life_first() {
    let batch = |expires: &str, pieces| Batch { expires: day(expires), pieces: dec(pieces) };
    let stock = [batch("2025-03-01", "5"), batch("2025-01-31", "2")];
    let picked = |on| pick(&stock, &dec("4"), day(on));
    assert_eq!(picked("2025-01-31"), [(1, dec("2")), (0, dec("2"))]);
    assert_eq!(picked("2025-02-01"), [(0, dec("4"))], "expired yesterday");
    assert_eq!(pick(&stock, &dec("9"), day("2025-01-01")).len(), 2, "no more than there is");
}

fn retention() -> Retention {
    Retention { share: dec("0.50"), full_from: dec("90"), least: dec("60") }
}

#[test]
fn sur_1_and_hn_11_half_of_what_was_saved() {
    let found = |spent, score, reported| {
        let surplus = surplus(&dec("1000000"), &dec(spent), &dec(score), reported, &retention(), &mut off());
        (surplus.base.to_string(), surplus.retained.to_string())
    };
    let is = |base: &str, retained: &str| (base.to_owned(), retained.to_owned());
    assert_eq!(found("700000", "90", true), is("300000", "150000"));
    assert_eq!(found("1000000", "90", true), is("0", "0"));
    assert_eq!(found("1100000", "90", true), is("0", "0"));
    assert_eq!(found("700000", "90", false), is("0", "0"));
    assert_eq!(found("700000", "59.9", true), is("300000", "0"));
    assert_eq!(found("700000", "60", true), is("300000", "100000"));
}

#[test]
fn sur_2_settlement_less_items() {
    let balance = |items| drg_balance(&dec("12000"), &dec(items), &mut off());
    assert_eq!([balance("10000"), balance("12000"), balance("13000")], [dec("2000"), dec("0"), dec("-1000")]);
}

#[test]
fn sur_5_overspending_is_shared_up_to_ten_percent() {
    let found = |actual, passed, deficit| {
        overspend(&dec("1000"), &dec(actual), &dec("0.10"), passed, deficit, &mut off())
    };
    let is = |eligible, own| Overspend { eligible: dec(eligible), own: dec(own) };
    assert_eq!(found("1100", true, false), is("100", "0"));
    assert_eq!(found("1150", true, false), is("100", "50"));
    assert_eq!(found("1100", false, false), is("0", "100"));
    assert_eq!(found("1100", true, true), is("0", "100"));
    assert_eq!(found("900", true, false), is("0", "0"));
}

/// ZM-7: also where the gifts went into stock.
#[test]
fn zm_1_gifts_lower_the_real_price() {
    let found = |received| gift(&dec("10000"), &dec("100"), &dec(received), &dec("100"), &mut off());
    let ten = found("110");
    assert_eq!((ten.real_price, ten.profit, ten.lead), (Some(dec("90.91")), dec("1000"), true));
    let none = found("100");
    assert_eq!((none.real_price, none.lead), (Some(dec("100")), false));
    let one = found("101");
    assert_eq!((one.real_price, one.lead), (Some(dec("99.01")), true));
}

#[test]
fn zm_3_red_invoices_without_a_return_are_a_lead() {
    let settlement = |invoiced, paid, red, returned| Settlement {
        invoiced: dec(invoiced),
        paid: dec(paid),
        red: dec(red),
        returned: dec(returned),
    };
    let found = |of: &Settlement| discount(of, &dec("1"), &dec("0"), &mut off());
    let hidden = found(&settlement("1000000", "800000", "200000", "0"));
    assert_eq!((hidden.ratio, hidden.lead), (Some(dec("0.8")), true));
    assert!(!found(&settlement("1000000", "800000", "200000", "200000")).lead, "matched by a return");
    assert!(!found(&settlement("1000000", "1000000", "0", "0")).lead);
}

#[test]
fn zm_4_old_payables_and_vanished_suppliers_are_leads() {
    let stale = |since, gone| {
        stale_payable(&dec("200000"), day(since), day("2024-09-01"), gone, 2, &dec("10000"), &mut off())
            .unwrap()
    };
    assert!(stale("2022-09-01", false));
    assert!(!stale("2022-10-01", false), "23 months");
    assert!(stale("2024-08-31", true));
    assert!(
        !stale_payable(&dec("0"), day("2022-09-01"), day("2024-09-01"), true, 2, &dec("10000"), &mut off())
            .unwrap()
    );
}

#[test]
fn zm_5_the_batch_decides_about_an_old_price() {
    assert_eq!(markup(&dec("1000"), &dec("900"), &mut off()), Some(dec("100")), "from new stock");
    assert_eq!(markup(&dec("1000"), &dec("1000"), &mut off()), None, "from old stock");
}

#[test]
fn zm_6_all_sold_at_the_highest_price() {
    let bought =
        [("50", "900"), ("50", "1000")].map(|(units, price)| Lot { units: dec(units), price: dec(price) });
    let gain = |price| highest_price_gain(&bought, &dec("100"), &dec(price), &mut off());
    assert_eq!(gain("1000"), Some(dec("5000")));
    assert_eq!(gain("950"), None);
    assert_eq!(
        highest_price_gain(&bought[1..], &dec("50"), &dec("1000"), &mut off()),
        None,
        "one price, no gain"
    );
}

#[test]
fn zm_10_opening_and_in_equal_out_and_closing() {
    let stock = |opening: &str, bought: &str, charged: &str, closing: &str| Stock {
        opening: dec(opening),
        bought: dec(bought),
        charged: dec(charged),
        closing: dec(closing),
        ..Stock::default()
    };
    assert_eq!(stock_difference(&stock("10", "100", "95", "15"), &mut off()), dec("0"));
    assert_eq!(stock_difference(&stock("0", "100", "105", "0"), &mut off()), dec("-5"));
}

#[test]
fn zm_11_a_cheap_item_charged_as_a_dear_one() {
    let item =
        |price, bought, charged| Charged { price: dec(price), bought: dec(bought), charged: dec(charged) };
    let found = swap(&item("1000", "10", "15"), &item("400", "10", "5"), &mut off());
    assert_eq!(found, Some(Swap { pieces: dec("5"), value: dec("3000") }));
    assert_eq!(swap(&item("400", "10", "15"), &item("1000", "10", "5"), &mut off()), None);
    assert_eq!(swap(&item("1000", "10", "10"), &item("400", "10", "5"), &mut off()), None);
}

#[test]
fn jx_10_and_sn_16_the_steps_show_the_sums() {
    let mut steps = Steps::on();
    most_charged(&dec("6.66"), &dec("0.15"), &mut steps);
    let purchases = Purchases {
        total: dec("1000"),
        platform: dec("750"),
        timely_records: dec("50"),
        records: dec("60"),
        previous_total: Some(dec("1000")),
    };
    online(&purchases, &shaanxi(), &mut steps);
    let told: Vec<_> = steps.take().into_iter().map(|step| step.text).collect();
    assert_eq!(told[0], "中选价 6.66 元 × 1.15 = 7.65 元（去尾到分）");
    assert_eq!(told[1], "（750 + 50）÷ 1000 = 80%，不低于 80%");
    assert_eq!(told[2], "备案采购 60 元，超过上年度采购总金额 1000 元的 5%");
}

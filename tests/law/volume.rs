//! Volume reports and agreed volumes: every vector of VOL-1, VOL-3, VOL-4 and HN-5.

use jicai_rules::explain::Steps;
use jicai_rules::money::{Dec, Round};
use jicai_rules::volume::{
    RatioTable, ReasonCode, ReportLimits, VolumeClass, agreed, check_report, tell_total,
};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn limits() -> ReportLimits {
    ReportLimits { growth_ge: dec("2"), drop_le: dec("-0.5"), floor_last_agreed: dec("1") }
}

fn reasons(history: &str, last_agreed: Option<&str>, proposed: &str) -> Vec<&'static str> {
    let last_agreed = last_agreed.map(dec);
    let check =
        check_report(&dec(history), last_agreed.as_ref(), &dec(proposed), &limits(), &mut Steps::off());
    check.reasons.into_iter().map(ReasonCode::as_str).collect()
}

fn growth(history: &str, proposed: &str) -> Option<String> {
    let check = check_report(&dec(history), None, &dec(proposed), &limits(), &mut Steps::off());
    check.growth.map(|growth| growth.to_fixed(4))
}

#[test]
fn vol_1_the_agreed_volume_is_the_demand_times_the_ratio() {
    let times = |demand, ratio, way| agreed(&dec(demand), &dec(ratio), way, &mut Steps::off()).to_string();
    assert_eq!(times("10000", "0.60", Round::Up), "6000");
    assert_eq!(times("333", "0.70", Round::Up), "234");
    assert_eq!(times("333", "0.70", Round::Down), "233");
}

#[test]
fn vol_1_the_ratio_follows_class_and_number_of_winners() {
    let row = |values: [&str; 4]| values.map(dec);
    let table = RatioTable {
        ordinary: row(["0.5", "0.6", "0.7", "0.8"]),
        restricted: row(["0.4", "0.5", "0.6", "0.7"]),
        key_monitored: row(["0.3", "0.4", "0.5", "0.5"]),
    };
    let ratio = |class, winners| table.ratio(class, winners).map(ToString::to_string);
    assert_eq!(ratio(VolumeClass::Ordinary, 1).as_deref(), Some("0.5"));
    assert_eq!(ratio(VolumeClass::Restricted, 3).as_deref(), Some("0.6"));
    assert_eq!(ratio(VolumeClass::KeyMonitored, 9).as_deref(), Some("0.5"));
    assert_eq!(ratio(VolumeClass::Ordinary, i64::MAX).as_deref(), Some("0.8"));
    assert_eq!(ratio(VolumeClass::Ordinary, 0), None);
    assert_eq!(ratio(VolumeClass::Ordinary, i64::MIN), None);
}

#[test]
fn vol_3_not_below_the_last_agreed_volume() {
    assert_eq!(reasons("1000", Some("1000"), "1000"), [""; 0]);
    assert_eq!(reasons("1000", Some("1000"), "999"), ["BELOW_LAST_AGREED"]);
}

#[test]
fn vol_4_growth_of_200_and_a_fall_of_50_percent_need_a_reason() {
    assert_eq!(reasons("100", None, "300"), ["GROWTH_GE_200"]);
    assert_eq!(reasons("100", None, "299"), [""; 0]);
    assert_eq!(reasons("100", None, "50"), ["DROP_GE_50"]);
    assert_eq!(reasons("100", None, "51"), [""; 0]);
    assert_eq!(reasons("100", None, "49"), ["DROP_GE_50"]);
    assert_eq!(reasons("0", None, "10"), ["NO_HISTORY"]);
    assert_eq!(reasons("0", None, "0"), [""; 0]);
    assert_eq!(growth("100", "300").as_deref(), Some("2.0000"));
    assert_eq!(growth("30000", "29999").as_deref(), Some("0.0000"), "never -0.0000");
    assert_eq!(growth("0", "10"), None);
}

/// A growth of 199.999999…% shows as 2.0000 and needs no reason: the comparison is on the exact figures.
#[test]
fn vol_4_the_exact_growth_decides_not_the_shown_one() {
    assert_eq!(reasons("1000000", None, "2999999"), [""; 0]);
    assert_eq!(growth("1000000", "2999999").as_deref(), Some("2.0000"));
}

#[test]
fn hn_5_the_demand_is_the_agreed_volume() {
    let whole = |demand| agreed(&dec(demand), &dec("1"), Round::Up, &mut Steps::off()).to_string();
    assert_eq!(whole("120"), "120");
    assert_eq!(whole("0"), "0");
}

#[test]
fn vol_4_the_step_shows_the_sum() {
    let mut steps = Steps::on();
    check_report(&dec("100"), Some(&dec("400")), &dec("300"), &limits(), &mut steps);
    let told = steps.take();
    assert_eq!(told[0].text, "（300 − 100）÷ 100 = 200%，增长达到 200%，需要说明理由");
    assert_eq!(told[1].text, "本次报量 300，上一年度约定采购量 400：低于，需要说明理由");
}

/// rounding each hospital's line adds up, and the last step says by how much.
#[test]
fn vol_1_the_last_step_holds_the_sum_against_the_exact_share() {
    let mut steps = Steps::on();
    let (ratio, total) = (dec("0.7"), dec("702"));
    tell_total(&dec("1000"), &ratio, &total, &mut steps);
    tell_total(&dec("1000"), &ratio, &dec("700"), &mut steps);
    let steps = steps.take();
    assert_eq!(steps[0].text, "各行合计 702；报量合计 1000，按比例为 700，差额由逐行取整产生");
    assert_eq!(steps[0].values["exact_total"], "700");
    assert_eq!(steps[1].text, "各行合计 700，与报量合计 1000 按比例计算的结果一致");
}

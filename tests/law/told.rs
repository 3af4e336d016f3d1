//! The sentences of the yes-or-no rules: each can be followed with a pencil. The figures are worked out here by hand.

use chrono::NaiveDate;
use jicai_rules::completion::{Line, zero_purchase};
use jicai_rules::explain::Steps;
use jicai_rules::hospital::{panel_admits, proposal_passes, starts_evaluation};
use jicai_rules::injection::{InjPolicy, Mark, needs_unit_listing, switch_in_time, upload_open};
use jicai_rules::leads::{
    Charged, Lot, Stock, highest_price_gain, markup, stale_payable, stock_difference, swap,
};
use jicai_rules::linkage::{enough_provinces, linked_value, must_move_to_limited};
use jicai_rules::money::Dec;
use jicai_rules::online::{off_platform, record_in_time, record_price_needs_reason};
use jicai_rules::order::{Asks, asks};
use jicai_rules::profiles::Library;
use jicai_rules::retail::{charge_allowed, replacement_allowed, split_charge};
use jicai_rules::selected::{Buyer, Component, bargained_price, order_price, system_bid_adds_up};
use jicai_rules::surplus::overspend;
use jicai_rules::terms::{barred_until, cancelled_on, still_excludes};

fn dec(text: &str) -> Dec {
    Dec::parse(text).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Every step as clause and sentence.
fn told<T>(rule: impl FnOnce(&mut Steps) -> T) -> String {
    let mut steps = Steps::on();
    rule(&mut steps);
    let lines = steps.take().into_iter().map(|step| format!("{} {}", step.clause, step.text));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn prices_are_compared_aloud() {
    assert_eq!(
        told(|s| must_move_to_limited(&dec("500"), &dec("499"), s)),
        "SN-12 上一轮中选价 500 元高于全国最低挂网价 499 元，须申请调至限价挂网"
    );
    // 40 × 500 + 60 × 450 = 20,000 + 27,000.
    assert_eq!(
        told(|s| linked_value(&dec("100"), &dec("40"), &dec("500"), &dec("450"), s)),
        "HN-12 已执行 40 × 500 元 + 尚未执行 60 × 450 元 = 47000 元"
    );
    assert_eq!(
        told(|s| order_price(Buyer::Party, &dec("11.99"), &dec("12"), s)),
        "SH-A-1 订单价 11.99 元，中选价 12 元：低于中选价属于二次议价，不能下单"
    );
    assert_eq!(
        told(|s| order_price(Buyer::Outside, &dec("12.01"), &dec("12"), s)),
        "SH-A-2 订单价 12.01 元，中选价 12 元：高于中选价，不能下单"
    );
    assert_eq!(
        told(|s| bargained_price(&dec("81"), &dec("100"), Some(&dec("80")), s)),
        "HUN-3 议价 81 元，挂网价 100 元，议价上限 80 元：超过了"
    );
    // 10 × 1.15 = 11.50.
    assert_eq!(
        told(|s| charge_allowed(&dec("11.51"), &dec("10"), &dec("0.15"), false, s)),
        "JX-10 中选价 10 元 × 1.15 = 11.5 元（去尾到分）\nJX-10 售价 11.51 元高于 11.5 元"
    );
    // 12 / 24 × 7 = 3.50.
    assert_eq!(
        told(|s| split_charge(&dec("12"), &dec("24"), &dec("7"), s)),
        "GEN-6 每盒 12 元 ÷ 24 × 发出 7 = 3.5 元（四舍五入到分）"
    );
    let part = |price: &str, quantity: &str| Component { price: dec(price), quantity: dec(quantity) };
    assert_eq!(
        told(|s| system_bid_adds_up(&[part("3000", "1"), part("50", "2")], &dec("3100"), s)),
        "YN-4 3000 × 1 + 50 × 2 = 3100 元，与系统报价 3100 元一致"
    );
}

#[test]
fn days_are_counted_aloud() {
    assert_eq!(
        told(|s| record_in_time(day("2024-09-01"), day("2024-09-17"), 15, s)),
        "SN-9 2024-09-01 验收入库，15 日内（至 2024-09-16）上传；2024-09-17 上传，逾期，不计入网采"
    );
    assert_eq!(
        told(|s| still_excludes(day("2022-08-15"), day("2024-08-15"), 2, s)),
        "SN-3 2024-08-15 申请，回溯 2 年至 2022-08-15；2022-08-15 的处罚或不合格在此期间，不得申请"
    );
    assert_eq!(
        told(|s| barred_until(day("2024-09-01"), 12, s)),
        "SN-7 自 2024-09-01 取消起 12 个月，2025-09-01 及以前不得申请"
    );
    assert_eq!(
        told(|s| cancelled_on(day("2022-09-01"), Some(day("2022-09-02")), 2, s)),
        "SN-10 2022-09-02 最后一次交易，此后连续 2 年没有交易，到 2024-09-02 取消挂网"
    );
    let policy = InjPolicy::of(&Library::shipped().unwrap().named("default").unwrap()).unwrap();
    assert_eq!(
        told(|s| switch_in_time(day("2024-08-31"), &policy, s)),
        "INJ-1.2 调整挂网的最后一天是 2024-08-30，2024-08-31 逾期"
    );
    assert_eq!(
        told(|s| upload_open(day("2024-09-11"), &policy, s)),
        "INJ-6.2 2024-09-11 至 2024-09-20 全量上传，2024-09-11 可以上传"
    );
    assert_eq!(
        told(|s| stale_payable(
            &dec("20000"),
            day("2022-12-12"),
            day("2024-12-12"),
            false,
            2,
            &dec("10000"),
            s
        )),
        "ZM-4 应付 20000 元自 2022-12-12 挂账，满 2 年的一天是 2024-12-12，界线 10000 元；到 2024-12-12：列为线索"
    );
}

#[test]
fn heads_and_pieces_are_counted_aloud() {
    assert_eq!(
        told(|s| enough_provinces(&["甘肃", "宁夏", "陕西"], "陕西", 3, s)),
        "SN-6 除本省外已在 2 个省限价挂网，须不少于 3 个：不能申请"
    );
    assert_eq!(
        told(|s| proposal_passes(3, 3, 2, 3, s)),
        "SD-6 专家 3 名（不少于 3 名），同意 3 名，签字 2 名，须全部同意并签字：不通过"
    );
    assert_eq!(
        told(|s| panel_admits(6, 3, 5, false, s)),
        "SD-7 专家 6 名（不少于 5 名），同意 3 名，须一半及以上同意：通过"
    );
    assert_eq!(
        told(|s| starts_evaluation(day("2024-12-31"), &[day("2024-03-01")], 2, s)),
        "SD-11 2024-12-31 是本年第 2 次临时采购，自第 2 次起算重复：须启动遴选"
    );
    assert_eq!(
        told(|s| replacement_allowed(19, 123, &dec("0.15"), s)),
        "GEN-2 123 种 × 0.15 = 18.45 种，调换 19 种，超过"
    );
    assert_eq!(
        told(|s| needs_unit_listing("盒", 10, s)),
        "INJ-1.1 按每盒（内含 10）报价，最小制剂单位为 支、瓶、袋、套：不是最小制剂单位，不能挂网"
    );
    let line = Line { actual: dec("0"), agreed: dec("50000") };
    assert_eq!(
        told(|s| zero_purchase(&line, 60, 60, s)),
        "VOL-7 约定 50000，已采购 0，执行 60 天（满 60 天起列出）：列为零采购"
    );
}

#[test]
fn leads_are_worked_out_aloud() {
    assert_eq!(
        told(|s| off_platform(&dec("100"), &dec("90"), false, s)),
        "HUN-1 入库 100，平台收货 90：10 没有经过平台，列为线索"
    );
    assert_eq!(
        told(|s| record_price_needs_reason(&dec("901"), &[dec("950"), dec("900")], false, s)),
        "SN-9 采购价 901 元，各省挂网限价最低 900 元：高于，须说明理由"
    );
    assert_eq!(
        told(|s| markup(&dec("12.31"), &dec("12.30"), s)),
        "HUN-7 售价 12.31 元 − 该批购进价 12.3 元 = 0.01 元：不是零差率，列为线索"
    );
    // Bought 10 at 5 and 10 at 8 = 130; sold 20 at 8 = 160.
    let lots = [("10", "5"), ("10", "8")].map(|(units, price)| Lot { units: dec(units), price: dec(price) });
    assert_eq!(
        told(|s| highest_price_gain(&lots, &dec("20"), &dec("8"), s)),
        "ZM-6 售出 20 × 8 元 − 购进合计 130 元 = 30 元；购进最高价 8 元：按最高价全部售出，列为线索"
    );
    // 10 + 100 − 95 − 5 − 2 − 10 = −2.
    let stock = Stock {
        opening: dec("10"),
        bought: dec("100"),
        charged: dec("95"),
        returned: dec("5"),
        destroyed: dec("2"),
        closing: dec("10"),
    };
    assert_eq!(
        told(|s| stock_difference(&stock, s)),
        "ZM-10 期初 10 + 购进 100 − 收费 95 − 退货 5 − 销毁 2 − 期末 10 = -2"
    );
    let of = |price: &str, bought: &str, charged: &str| Charged {
        price: dec(price),
        bought: dec(bought),
        charged: dec(charged),
    };
    assert_eq!(
        told(|s| swap(&of("100", "10", "14"), &of("20", "10", "7"), s)),
        "ZM-11 100 元的多收费 4，20 元的少收费 3：疑似串换"
    );
    // Over by 150; shared up to 10 % of 1,000.
    assert_eq!(
        told(|s| overspend(&dec("1000"), &dec("1150"), &dec("0.10"), true, false, s)),
        "SUR-5 支出 1150 元，预算 1000 元，超支 150 元；最多分担预算的 0.1，即 100 元：分担 100 元，自行承担 50 元"
    );
}

/// Red is no ban: it asks for a reason.
#[test]
fn inj_4_3_a_mark_asks_and_never_forbids() {
    let all = [Mark::None, Mark::Yellow, Mark::Red].map(asks);
    assert_eq!(all, [Asks::Nothing, Asks::Hint, Asks::Warning]);
}

//! What holds on which day (INJ-1.2, INJ-2.3, INJ-6.1, INJ-6.2, INJ-8.1). Days are legal days of Asia/Shanghai.

use chrono::NaiveDate;

use super::super::explain::Steps;
use super::super::money::Dec;
use super::InjPolicy;
use super::unit_price::{PackPrice, PackQty, unit_price, yuan};
use crate::values;

/// Whether a listing that was converted on `day` was converted in time: the last day counts.
///
/// INJ-1.2
///
/// Open: §一 says 30 August, §八 the end of August; the stricter and more specific day counts.
pub fn switch_in_time(day: NaiveDate, policy: &InjPolicy, steps: &mut Steps) -> bool {
    by_the_day("INJ-1.2", "调整挂网", day, policy.switch_deadline, steps)
}

/// Whether an act of `day` is in time: the last day counts.
fn by_the_day(clause: &'static str, act: &str, day: NaiveDate, last: NaiveDate, steps: &mut Steps) -> bool {
    let in_time = day <= last;
    steps.add(clause, || {
        let word = if in_time { "按时" } else { "逾期" };
        (format!("{act}的最后一天是 {last}，{day} {word}"), values! { "last" => last, "day" => day })
    });
    in_time
}

/// Whether the full upload to the national database is open on `day`; both ends count.
///
/// INJ-6.2
pub fn upload_open(day: NaiveDate, policy: &InjPolicy, steps: &mut Steps) -> bool {
    let (first, last) = policy.upload_window;
    let open = (first..=last).contains(&day);
    steps.add("INJ-6.2", || {
        let word = if open { "可以上传" } else { "不在上传时间" };
        (format!("{first} 至 {last} 全量上传，{day} {word}"), values! { "first" => first, "last" => last })
    });
    open
}

/// Whether the report of `day` is in time: the last day counts.
///
/// INJ-8.1
pub fn report_in_time(day: NaiveDate, policy: &InjPolicy, steps: &mut Steps) -> bool {
    by_the_day("INJ-8.1", "报送工作情况", day, policy.report_deadline, steps)
}

/// What may still be done with a code that is not the unit's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeUse {
    /// Taken, and mapped to the unit's code.
    Mapped,
    /// Refused: the code is out of use from this day on.
    Stopped,
}

/// What an order with an old code (of a pack, or a second unit code) means on `day`.
///
/// INJ-6.1
pub fn old_code_use(day: NaiveDate, policy: &InjPolicy, steps: &mut Steps) -> CodeUse {
    let stop = policy.old_code_stop;
    let (result, word) = match day < stop {
        true => (CodeUse::Mapped, "尚可使用，对应到最小制剂单位医保编码"),
        false => (CodeUse::Stopped, "已停用"),
    };
    steps.add("INJ-6.1", || {
        let text = format!("其他形式医保编码自 {stop} 起停用；{day} {word}");
        (text, values! { "stop" => stop, "day" => day })
    });
    result
}

/// What a volume-based procurement or a catalogue negotiation agreed (另有约定).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The unit price it fixes in yuan; none if it is silent on it.
    pub unit_price: Option<Dec>,
    /// The last day of its term.
    pub until: NaiveDate,
}

/// The unit price in force on `day` in yuan: the agreed one during the term, after it (or where the agreement
/// is silent) the pack price by the general rule.
///
/// INJ-2.3
pub fn price_in_force(
    agreement: &Agreement,
    pack: PackPrice,
    qty: PackQty,
    day: NaiveDate,
    policy: &InjPolicy,
    steps: &mut Steps,
) -> Dec {
    let running = day <= agreement.until;
    match &agreement.unit_price {
        Some(agreed) if running => {
            steps.add("INJ-2.3", || {
                let text = format!("协议期至 {}，按约定价 {} 元", agreement.until, yuan(agreed));
                (text, values! { "until" => agreement.until, "price" => yuan(agreed) })
            });
            agreed.clone()
        }
        _ => {
            let unit = unit_price(pack, qty, policy.round);
            super::unit_price_steps("", pack, qty, unit, policy.round, steps);
            unit.price.yuan()
        }
    }
}

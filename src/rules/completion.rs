//! How far hospitals fulfil what they agreed: VOL-5…8, VOL-10, VOL-12, SH-L-1, HN-8.

use chrono::NaiveDate;

use super::explain::Steps;
use super::money::Dec;
use super::policy::{Key, Kind};
use super::rounds::percent;
use crate::values;

/// The parameters of completion.
pub const KEYS: &[Key] = &[
    Key { name: "vol.lag_alert", kind: Kind::Decimal { min: "0", max: "100" } },
    Key { name: "vol.zero_after_days", kind: Kind::Whole { min: 1, max: 3_650 } },
    Key { name: "vol.surge_alert", kind: Kind::Decimal { min: "1", max: "1000" } },
    Key { name: "vol.nonselected_max_ratio", kind: Kind::Decimal { min: "0", max: "1000" } },
];

/// Actual purchases and agreed volume of one line, in the same unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub actual: Dec,
    pub agreed: Dec,
}

/// Σ actual / Σ agreed in percent with one decimal; `None` if nothing was agreed.
/// VOL-5, SH-L-1, HN-8.
///
/// Open: rates of products with different units are not added up; the caller sums within one product, or by
/// agreed value.
pub fn completion(lines: &[Line]) -> Option<Dec> {
    let sum = |part: fn(&Line) -> &Dec| lines.iter().map(part).sum::<Dec>();
    percent(&sum(|line| &line.actual), &sum(|line| &line.agreed), 1)
}

/// What is missing to the agreed volume at the end of the year; zero if it is fulfilled. SH-L-1.
pub fn shortfall(line: &Line) -> Dec {
    if line.actual >= line.agreed { Dec::default() } else { &line.agreed - &line.actual }
}

/// Elapsed share of a period in percent with one decimal, both ends of the period included; `on` counts as
/// elapsed. `None` if the period ends before it starts. VOL-6.
pub fn progress(start: NaiveDate, end: NaiveDate, on: NaiveDate) -> Option<Dec> {
    let days = |to: NaiveDate| (to - start).num_days() + 1;
    let elapsed = days(on.min(end)).max(0);
    if end < start { None } else { percent(&Dec::from(elapsed), &Dec::from(days(end)), 1) }
}

/// How a completion stands against time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Completion minus progress, points.
    pub points: Dec,
    pub alert: bool,
}

/// Completion against elapsed time, both in percent; an alert when it lags by more than `alert` points. VOL-6.
pub fn lag(completion: &Dec, progress: &Dec, alert: &Dec, steps: &mut Steps) -> Lag {
    let points = completion - progress;
    let behind = progress - completion > *alert;
    steps.add("VOL-6", || {
        let word = if behind { "落后超过" } else { "没有落后超过" };
        let text =
            format!("完成 {completion}% − 时序进度 {progress}% = {points} 个百分点，{word} {alert} 个百分点");
        (text, values! { "completion" => completion, "progress" => progress, "points" => points })
    });
    Lag { points, alert: behind }
}

/// Whether a hospital that agreed a volume has bought nothing for `after_days` days or more. VOL-7.
pub fn zero_purchase(line: &Line, elapsed_days: i64, after_days: i64, steps: &mut Steps) -> bool {
    let zero = line.agreed.is_positive() && line.actual.is_zero() && elapsed_days >= after_days;
    steps.add("VOL-7", || {
        let word = if zero { "列为零采购" } else { "不列" };
        let text = format!(
            "约定 {}，已采购 {}，执行 {elapsed_days} 天（满 {after_days} 天起列出）：{word}",
            line.agreed, line.actual
        );
        (text, values! { "elapsed_days" => elapsed_days, "after_days" => after_days })
    });
    zero
}

/// Whether purchases have reached `alert` times what was agreed (2 is 200 %). VOL-10.
pub fn surge(line: &Line, alert: &Dec, steps: &mut Steps) -> bool {
    let reached = line.agreed.is_positive() && line.actual >= &line.agreed * alert;
    steps.add("VOL-10", || {
        let rate = completion(std::slice::from_ref(line)).unwrap_or_default();
        let word = if reached { "达到" } else { "未达到" };
        let text =
            format!("{} ÷ {} = {rate}%，{word}预警线 {}%", line.actual, line.agreed, alert * &Dec::from(100));
        (text, values! { "actual" => line.actual, "agreed" => line.agreed })
    });
    reached
}

/// Whether the non-selected products of a generic name are used more than `max_ratio` times the selected ones.
/// VOL-12. A warning only; in the first month of execution some profiles do not look.
///
/// Open: both quantities are cumulative in the agreement year, in the smallest unit.
pub fn too_much_not_selected(not_selected: &Dec, selected: &Dec, max_ratio: &Dec, steps: &mut Steps) -> bool {
    let most = selected * max_ratio;
    let exceeded = *not_selected > most;
    steps.add("VOL-12", || {
        let word = if exceeded { "超过" } else { "不超过" };
        (format!("非中选用量 {not_selected} {word}中选用量 {selected}"), values! { "most" => most })
    });
    exceeded
}

/// What is known about a hospital's performance; `None` where a figure does not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Performance {
    /// Percent.
    pub completion: Option<Dec>,
    pub zero_purchases: usize,
    pub overdue_invoices: usize,
    /// Percent.
    pub net_rate: Option<Dec>,
}

/// A finding for a hospital's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    Completion,
    ZeroPurchase,
    Overdue,
    NetRate,
}

/// The findings about a hospital: completion below 100 %, products never bought, overdue invoices, net rate
/// below `net_rate_min` percent. VOL-8.
pub fn findings(of: &Performance, net_rate_min: &Dec) -> Vec<Finding> {
    let below = |rate: &Option<Dec>, min: &Dec| rate.as_ref().is_some_and(|rate| rate < min);
    let all = [
        (Finding::Completion, below(&of.completion, &Dec::from(100))),
        (Finding::ZeroPurchase, of.zero_purchases > 0),
        (Finding::Overdue, of.overdue_invoices > 0),
        (Finding::NetRate, below(&of.net_rate, net_rate_min)),
    ];
    all.into_iter().filter(|(_, found)| *found).map(|(finding, _)| finding).collect()
}

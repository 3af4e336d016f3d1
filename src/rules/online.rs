//! Buying on the platform: HUN-1, SN-9, SN-16.

use chrono::NaiveDate;

use super::calendar::{CalendarError, calendar_days_after};
use super::explain::Steps;
use super::money::Dec;
use super::policy::{Key, Kind, Policy, PolicyError};
use super::rounds::percent;
use crate::values;

/// The parameters of online purchasing.
pub const KEYS: &[Key] = &[
    Key { name: "sn.net_rate_min", kind: Kind::OrNone(&SHARE) },
    Key { name: "sn.record_share_max", kind: Kind::OrNone(&SHARE) },
    Key { name: "sn.record_upload_days", kind: Kind::Whole { min: 1, max: 365 } },
];

const SHARE: Kind = Kind::Decimal { min: "0", max: "1" };

/// The two limits of a province; `None` where its documents set none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Least share of this year's purchases that is bought on the platform.
    pub net_rate_min: Option<Dec>,
    /// Greatest share of record purchases in last year's purchases.
    pub record_share_max: Option<Dec>,
}

impl Limits {
    /// The limits of a profile.
    ///
    /// # Errors
    /// A value that is left to the tender.
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Limits {
            net_rate_min: policy.opt_dec("sn.net_rate_min")?,
            record_share_max: policy.opt_dec("sn.record_share_max")?,
        })
    }
}

/// Units taken into stock that were not received over the platform: a lead if there are any. Special classes
/// (narcotic, psychotropic, toxic, radioactive) give none. HUN-1.
pub fn off_platform(
    stock_in: &Dec,
    platform_receipts: &Dec,
    special_class: bool,
    steps: &mut Steps,
) -> Option<Dec> {
    let off = (!special_class && stock_in > platform_receipts).then(|| stock_in - platform_receipts);
    steps.add("HUN-1", || {
        let found = match (&off, special_class) {
            (_, true) => "麻醉、精神、毒性、放射性药品不列".to_owned(),
            (Some(off), _) => format!("{off} 没有经过平台，列为线索"),
            (None, _) => "没有网外采购".to_owned(),
        };
        (
            format!("入库 {stock_in}，平台收货 {platform_receipts}：{found}"),
            values! { "stock_in" => stock_in },
        )
    });
    off
}

/// Consumable purchases of an institution, yuan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchases {
    /// All of the current year.
    pub total: Dec,
    /// By orders on the platform.
    pub platform: Dec,
    /// Record purchases uploaded in time, which count as platform purchases (SN-9).
    pub timely_records: Dec,
    /// All record purchases of the year.
    pub records: Dec,
    /// All of the previous year; `None` for a new hospital.
    pub previous_total: Option<Dec>,
}

/// How an institution stands to the two limits; `None` where there is nothing to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Online {
    /// Percent, one decimal, for display.
    pub net_rate: Option<Dec>,
    pub net_rate_met: Option<bool>,
    /// Percent of the previous year's total, one decimal, for display.
    pub record_share: Option<Dec>,
    pub record_share_met: Option<bool>,
}

/// Net rate against this year's total and record purchases against last year's. SN-16, HUN-9.
pub fn online(of: &Purchases, limits: &Limits, steps: &mut Steps) -> Online {
    let online = &of.platform + &of.timely_records;
    let net_rate = percent(&online, &of.total, 1);
    let min = limits.net_rate_min.as_ref().filter(|_| net_rate.is_some());
    let met = min.map(|min| online >= &of.total * min);
    let previous = of.previous_total.as_ref().filter(|total| total.is_positive());
    let most = previous.zip(limits.record_share_max.as_ref());
    let records_met = most.map(|(total, max)| of.records <= total * max);
    let hundred = Dec::from(100);
    steps.add("SN-16", || {
        let rate = net_rate.clone().unwrap_or_default();
        let word = if met == Some(true) { "不低于" } else { "低于" };
        let against = min.map_or_else(
            || "，本省文件没有规定下限".to_owned(),
            |min| format!("，{word} {}%", min * &hundred),
        );
        let text = format!("（{} + {}）÷ {} = {rate}%{against}", of.platform, of.timely_records, of.total);
        (text, values! { "online" => online, "total" => of.total })
    });
    if let Some((total, max)) = most {
        steps.add("SN-16", || {
            let word = if records_met == Some(true) { "不超过" } else { "超过" };
            let (records, max) = (&of.records, max * &hundred);
            let text = format!("备案采购 {records} 元，{word}上年度采购总金额 {total} 元的 {max}%");
            (text, values! { "records" => records, "previous_total" => total })
        });
    }
    Online {
        net_rate,
        net_rate_met: met,
        record_share: previous.and_then(|total| percent(&of.records, total, 1)),
        record_share_met: records_met,
    }
}

/// Whether a record purchase was uploaded in time: within `days` calendar days after acceptance into stock; only
/// then it counts as bought on the platform. SN-9.
pub fn record_in_time(
    accepted: NaiveDate,
    uploaded: NaiveDate,
    days: u64,
    steps: &mut Steps,
) -> Result<bool, CalendarError> {
    let last = calendar_days_after(accepted, days)?;
    let in_time = uploaded <= last;
    steps.add("SN-9", || {
        let word = if in_time { "按时，计入网采" } else { "逾期，不计入网采" };
        let text = format!("{accepted} 验收入库，{days} 日内（至 {last}）上传；{uploaded} 上传，{word}");
        (text, values! { "last" => last, "uploaded" => uploaded })
    });
    Ok(in_time)
}

/// Whether the price of a record purchase needs a reason: above the lowest listing limit of any province, unless
/// it was an emergency. SN-9.
pub fn record_price_needs_reason(price: &Dec, limits: &[Dec], emergency: bool, steps: &mut Steps) -> bool {
    let lowest = limits.iter().min();
    let needs = !emergency && lowest.is_some_and(|lowest| price > lowest);
    steps.add("SN-9", || {
        let text = match (lowest, emergency) {
            (_, true) => "应急采购，不比较挂网限价".to_owned(),
            (None, _) => "各省都没有挂网限价，不比较".to_owned(),
            (Some(lowest), _) => {
                let word = if needs { "高于，须说明理由" } else { "不高于" };
                format!("采购价 {price} 元，各省挂网限价最低 {lowest} 元：{word}")
            }
        };
        (text, values! { "price" => price })
    });
    needs
}

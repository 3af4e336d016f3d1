//! Looking for wrong data (INJ-6.2), for listings by the box (INJ-1.1) and for risky purchases (INJ-5.1).

use super::super::explain::Steps;
use super::super::money::Dec;
use super::super::policy::{Policy, PolicyError};
use super::{Fen, InjPolicy};
use crate::values;

/// Units of an injection: the smallest preparation unit, or a set for a combination pack.
const SMALLEST_UNITS: [&str; 4] = ["支", "瓶", "袋", "套"];

/// Whether an injection offered by `unit` with so many of them in the price is refused, because it is not
/// listed by the smallest preparation unit.
///
/// INJ-1.1
pub fn needs_unit_listing(unit: &str, factor: u32, steps: &mut Steps) -> bool {
    let refused = factor != 1 || !SMALLEST_UNITS.contains(&unit);
    steps.add("INJ-1.1", || {
        let word = if refused { "不是最小制剂单位，不能挂网" } else { "是最小制剂单位" };
        let text =
            format!("按每{unit}（内含 {factor}）报价，最小制剂单位为 {}：{word}", SMALLEST_UNITS.join("、"));
        (text, values! { "unit" => unit, "factor" => factor })
    });
    refused
}

/// A converted listing as it stands in the books.
#[derive(Clone, Debug)]
pub struct Converted<'a> {
    pub unit_price: Fen,
    /// The factor that the conversion used.
    pub factor: u32,
    /// Units in the pack by its registration.
    pub pack_qty: u32,
    /// Strength and fill volume by the registration.
    pub content: &'a str,
    /// Strength and fill volume of the code it is mapped to; none if it is mapped to none.
    pub mapped_content: Option<&'a str>,
    /// Unit prices of the same generic name and content in yuan.
    pub peers: &'a [Dec],
}

/// What looks wrong with a converted listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anomaly {
    /// The factor is 0.
    FactorZero,
    /// The factor is 1 although the pack holds more.
    FactorOne,
    /// The factor is another number than the pack holds.
    FactorDiffers,
    /// Several times dearer or cheaper than every peer.
    PriceOutlier,
    /// No unit code.
    NoMapping,
    /// The code belongs to another strength or fill volume.
    ContentDiffers,
}

/// Everything that looks wrong, in the order of [`Anomaly`].
///
/// INJ-6.2
pub fn anomalies(listing: &Converted<'_>, policy: &InjPolicy, steps: &mut Steps) -> Vec<Anomaly> {
    let mut found = Vec::new();
    match listing.factor {
        0 => found.push(Anomaly::FactorZero),
        1 if listing.pack_qty > 1 => found.push(Anomaly::FactorOne),
        factor if factor != listing.pack_qty => found.push(Anomaly::FactorDiffers),
        _ => {}
    }
    let (price, times) = (listing.unit_price.yuan(), &policy.outlier_ratio);
    if let (Some(least), Some(most)) = (listing.peers.iter().min(), listing.peers.iter().max())
        && (price > most * times || &price * times < *least)
    {
        found.push(Anomaly::PriceOutlier);
    }
    match listing.mapped_content {
        None => found.push(Anomaly::NoMapping),
        Some(content) if content != listing.content => found.push(Anomaly::ContentDiffers),
        Some(_) => {}
    }
    for anomaly in &found {
        steps.add("INJ-6.2", || {
            let (factor, qty) = (listing.factor, listing.pack_qty);
            let text = match anomaly {
                Anomaly::FactorZero => "转换系数为 0".to_owned(),
                Anomaly::FactorOne => format!("每盒 {qty} 支，转换系数却为 1"),
                Anomaly::FactorDiffers => format!("每盒 {qty} 支，转换系数却为 {factor}"),
                Anomaly::PriceOutlier => format!("单价 {price} 元，与同通用名单价相差 {times} 倍以上"),
                Anomaly::NoMapping => "没有对应的最小制剂单位医保编码".to_owned(),
                Anomaly::ContentDiffers => "医保编码对应的含量装量与本品不同".to_owned(),
            };
            (text, values! { "factor" => factor, "pack_qty" => qty, "unit_price" => listing.unit_price })
        });
    }
    found
}

/// From where on a product is watched (a choice of the province).
#[derive(Clone, Debug)]
pub struct Watch {
    pub amount_growth_ge: Dec,
    pub amount_yuan_ge: Dec,
    pub rank_gain_ge: i64,
    pub online_ratio_ge: Dec,
}

impl Watch {
    pub(super) fn of(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Watch {
            amount_growth_ge: policy.dec("inj.watch.amount_growth_ge")?,
            amount_yuan_ge: policy.dec("inj.watch.amount_yuan_ge")?,
            rank_gain_ge: policy.whole("inj.watch.rank_gain_ge")?,
            online_ratio_ge: policy.dec("inj.watch.online_ratio_ge")?,
        })
    }
}

/// A product's month against the one before.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Purchases of the month before and of this month in yuan.
    pub amount_before: Dec,
    pub amount: Dec,
    /// Rank by amount, 1 is the greatest.
    pub rank_before: i64,
    pub rank: i64,
    pub price: Dec,
    /// The price on online pharmacies, if known.
    pub online_price: Option<Dec>,
}

/// Whether a product is to be looked at: its amount grew fast, its rank rose fast, or it is much dearer than
/// online. The sentences say which.
///
/// INJ-5.1
pub fn watch(month: &Watched, policy: &InjPolicy, steps: &mut Steps) -> bool {
    let limit = &policy.watch;
    let grown = &month.amount - &month.amount_before;
    let fast = grown >= limit.amount_yuan_ge && grown >= &month.amount_before * &limit.amount_growth_ge;
    let risen = month.rank_before - month.rank >= limit.rank_gain_ge;
    let online = month.online_price.as_ref().filter(|price| price.is_positive());
    let dearer = online.is_some_and(|online| month.price.cmp_ratio(online, &limit.online_ratio_ge).is_ge());
    if fast {
        steps.add("INJ-5.1", || {
            let text = format!("采购金额 {} 元 → {} 元，增加 {grown} 元", month.amount_before, month.amount);
            (text, values! { "before" => month.amount_before, "amount" => month.amount })
        });
    }
    if risen {
        steps.add("INJ-5.1", || {
            let text = format!("采购排名由第 {} 位升至第 {} 位", month.rank_before, month.rank);
            (text, values! { "rank_before" => month.rank_before, "rank" => month.rank })
        });
    }
    if let Some(online) = online.filter(|_| dearer) {
        steps.add("INJ-5.1", || {
            let text = format!("挂网价 {} 元，网络售药平台价 {online} 元", month.price);
            (text, values! { "price" => month.price, "online" => online })
        });
    }
    fast || risen || dearer
}

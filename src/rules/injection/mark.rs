//! The yellow and the red mark (INJ-4.1), and how a later price moves it (INJ-4.2).

use serde::{Deserialize, Serialize};

use super::super::explain::Steps;
use super::super::money::{Dec, Round};
use super::unit_price::yuan;
use super::{Fen, InjPolicy};
use crate::values;

/// The risk mark of a listing (分类标识), from harmless to grave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    None,
    Yellow,
    Red,
}

impl Mark {
    pub fn as_str(self) -> &'static str {
        match self {
            Mark::None => "none",
            Mark::Yellow => "yellow",
            Mark::Red => "red",
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Mark::None => "不作标识",
            Mark::Yellow => "标识为黄色",
            Mark::Red => "标识为红色",
        }
    }
}

/// Why a mark that is due is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Exempt {
    /// The unit price is not above 2 yuan.
    #[serde(rename = "price_le_2")]
    PriceLe2,
    /// The price is not above that of the other brands of the same generic name.
    #[serde(rename = "le_other_brands")]
    LeOtherBrands,
}

impl Exempt {
    pub fn as_str(self) -> &'static str {
        match self {
            Exempt::PriceLe2 => "price_le_2",
            Exempt::LeOtherBrands => "le_other_brands",
        }
    }
}

/// A mark and on what it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    pub mark: Mark,
    /// Listing price by lowest conversion result to 4 decimals, for display: the mark uses the exact ratio.
    pub ratio: Dec,
    pub exempt: Option<Exempt>,
}

/// The mark of a listing price (yuan a unit) over the lowest conversion result at the switch, which must be
/// above zero and stays the denominator for good.
///
/// INJ-4.1
///
/// Open: 其他厂牌价格 does not say which. Default: the lowest of the other brands (`inj.mark.exempt_peer`); without
/// another brand there is no such exemption.
pub fn mark(price: &Dec, lowest: Fen, other_brands: &[Dec], policy: &InjPolicy, steps: &mut Steps) -> Marked {
    let lowest = lowest.yuan();
    let due = match () {
        _ if price.cmp_ratio(&lowest, &policy.red_gt).is_gt() => Mark::Red,
        _ if price.cmp_ratio(&lowest, &policy.yellow_gt).is_gt() => Mark::Yellow,
        _ => Mark::None,
    };
    let ratio = price.divided(&lowest, 4, Round::HalfAway).unwrap_or_default();
    steps.add("INJ-4.1", || {
        let (yellow, red) = (&policy.yellow_gt, &policy.red_gt);
        let why = match due {
            Mark::None => format!("不大于 {yellow}"),
            Mark::Yellow => format!("大于 {yellow} 且不大于 {red}"),
            Mark::Red => format!("大于 {red}"),
        };
        let text = format!("{} ÷ {} = {ratio}，{why}，{}", yuan(price), yuan(&lowest), due.chinese());
        (
            text,
            values! { "price" => yuan(price), "low" => yuan(&lowest), "ratio" => ratio, "mark" => due.as_str() },
        )
    });
    let exempt = if due == Mark::None { None } else { exemption(price, other_brands, policy, steps) };
    Marked { mark: if exempt.is_some() { Mark::None } else { due }, ratio, exempt }
}

/// The exemption that applies first, where a mark is due.
fn exemption(price: &Dec, others: &[Dec], policy: &InjPolicy, steps: &mut Steps) -> Option<Exempt> {
    if !policy.exemptions {
        return None;
    }
    if *price <= policy.exempt_price_le {
        steps.add("INJ-4.1", || {
            let limit = yuan(&policy.exempt_price_le);
            let text = format!("单价 {} 元，不高于 {limit} 元，可不作分类标识", yuan(price));
            (text, values! { "price" => yuan(price), "limit" => limit })
        });
        return Some(Exempt::PriceLe2);
    }
    let (word, peer) = match policy.exempt_any_peer {
        true => ("最高", others.iter().max()?),
        false => ("最低", others.iter().min()?),
    };
    if price > peer {
        return None;
    }
    steps.add("INJ-4.1", || {
        let text = format!(
            "单价 {} 元，不高于本平台同通用名其他厂牌{word}价 {} 元，可不作分类标识",
            yuan(price),
            yuan(peer)
        );
        (text, values! { "price" => yuan(price), "other_brand" => yuan(peer) })
    });
    Some(Exempt::LeOtherBrands)
}

/// The mark after the listing price moves from `old` to `new` (yuan a unit). The denominator stays the lowest
/// conversion result at the switch. A cut never makes a mark graver, a rise never lifts it.
///
/// INJ-4.2
///
/// Open: the notice speaks of cuts only. A cut recomputes the mark over the frozen denominator and never makes it
/// graver, even if another brand has become cheaper; a rise recomputes it and never makes it lighter.
pub fn mark_after_change(
    before: Mark,
    old: &Dec,
    new: &Dec,
    frozen_lowest: Fen,
    other_brands: &[Dec],
    policy: &InjPolicy,
    steps: &mut Steps,
) -> Marked {
    let mut marked = mark(new, frozen_lowest, other_brands, policy, steps);
    let lowered = new < old;
    let after = if lowered { marked.mark.min(before) } else { marked.mark.max(before) };
    steps.add("INJ-4.2", || {
        let act = if lowered { "企业主动下调挂网价" } else { "挂网价未下调，原标识不因此解除" };
        let text = format!("{act}：{} 元 → {} 元，{}", yuan(old), yuan(new), after.chinese());
        (text, values! { "old" => yuan(old), "new" => yuan(new), "before" => before.as_str(), "mark" => after.as_str() })
    });
    if after != marked.mark {
        marked.exempt = None;
    }
    marked.mark = after;
    marked
}

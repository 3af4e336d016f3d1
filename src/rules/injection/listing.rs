//! Which of several converted prices is the listing price (INJ-3.1 to INJ-3.3), and its mark (INJ-4.1).

use serde::{Deserialize, Serialize};

use super::super::explain::Steps;
use super::super::money::Dec;
use super::mark::{Exempt, Mark, mark};
use super::unit_price::{PackPrice, PackQty, UnitPrice, unit_price, unit_price_steps, yuan};
use super::{Fen, InjPolicy};
use crate::values;

/// Where a pack's price comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    #[default]
    Normal,
    /// Set to meet a rectification demand (整改).
    Rectification,
    /// The result of a price-risk disposal (价格风险处置).
    RiskDisposal,
    /// Effective before the generic passed its consistency evaluation (过评).
    BeforeEvaluation,
    /// Effective after it.
    AfterEvaluation,
}

/// One pack of the group that is listed now.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: String,
    /// How the steps call it, such as `10 支/盒`; the id if empty.
    pub label: String,
    pub pack_price: PackPrice,
    pub pack_qty: PackQty,
    pub basis: Basis,
}

/// Monitored unit prices of others in yuan, each above zero.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// Other evaluated products of the same generic name.
    pub evaluated: Vec<Dec>,
    /// The originator and the reference product.
    pub originator: Vec<Dec>,
    /// Other brands of the same generic name on this platform.
    pub other_brands: Vec<Dec>,
}

/// Why the high value cannot be accepted, in the order in which reasons are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refused {
    LowIsFinal,
    NotBeforeAfterPair,
    NoEvaluatedPeer,
    AbovePeerMedian,
    NoOriginator,
    AboveOriginatorRatio,
}

/// Which value was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// All packs give one unit price.
    Single,
    Low,
    High,
}

/// The listing price of a three-same group (三同注射剂) and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// In the order of the candidates.
    pub unit_prices: Vec<UnitPrice>,
    pub low: Fen,
    pub high: Fen,
    /// Every reason that holds against the high value; empty also where there is one price only.
    pub refused: Vec<Refused>,
    pub choice: Choice,
    pub listing_price: Fen,
    pub mark: Mark,
    /// Listing price by low to 4 decimals, for display; none where there is one price only.
    pub ratio: Option<Dec>,
    pub exempt: Option<Exempt>,
}

impl Decision {
    /// Whether the agency may accept the high value.
    pub fn high_eligible(&self) -> bool {
        self.choice != Choice::Single && self.refused.is_empty()
    }
}

/// Decides the listing price of a group. The high value is taken only if the law lets it and the agency wants
/// it (`accept_high`). `None` if there is no candidate.
///
/// INJ-1.2, INJ-3.1, INJ-3.2, INJ-3.3, INJ-4.1
///
/// Open: without a monitored price of another evaluated product, or of an originator or reference product, the
/// condition cannot be shown and the high value is not eligible. If there are several, the lowest originator
/// price counts.
pub fn listing(
    candidates: &[Candidate],
    peers: &Peers,
    accept_high: bool,
    policy: &InjPolicy,
    steps: &mut Steps,
) -> Option<Decision> {
    let convert = |pack: &Candidate| unit_price(pack.pack_price, pack.pack_qty, policy.round);
    let unit_prices: Vec<_> = candidates.iter().map(convert).collect();
    for (pack, unit) in candidates.iter().zip(&unit_prices) {
        unit_price_steps(pack.name(), pack.pack_price, pack.pack_qty, *unit, policy.round, steps);
    }
    let low = unit_prices.iter().map(|unit| unit.price).min()?;
    let high = unit_prices.iter().map(|unit| unit.price).max()?;
    if low == high {
        steps.add("INJ-3.1", || {
            let text = format!("换算价只有 {low} 元一种，即为挂网价");
            (text, values! { "price" => low })
        });
        let (choice, mark) = (Choice::Single, Mark::None);
        let (refused, listing_price) = (Vec::new(), low);
        return Some(Decision {
            unit_prices,
            low,
            high,
            refused,
            choice,
            listing_price,
            mark,
            ratio: None,
            exempt: None,
        });
    }
    let group = Group { candidates, unit_prices: &unit_prices, low, high };
    group.low_step(steps);
    let refused = group.against_high(peers, policy, steps);
    let choice = if refused.is_empty() && accept_high { Choice::High } else { Choice::Low };
    let listing_price = if choice == Choice::High { high } else { low };
    group.choice_step(choice, &refused, steps);
    let marked = mark(&listing_price.yuan(), low, &peers.other_brands, policy, steps);
    let (mark, ratio, exempt) = (marked.mark, Some(marked.ratio), marked.exempt);
    Some(Decision { unit_prices, low, high, refused, choice, listing_price, mark, ratio, exempt })
}

impl Candidate {
    fn name(&self) -> &str {
        if self.label.is_empty() { &self.id } else { &self.label }
    }
}

/// A group with more than one unit price.
struct Group<'a> {
    candidates: &'a [Candidate],
    unit_prices: &'a [UnitPrice],
    low: Fen,
    high: Fen,
}

impl Group<'_> {
    /// Whether a candidate at this unit price has one of these bases.
    fn any_at(&self, price: Fen, bases: &[Basis]) -> bool {
        let mut pairs = self.candidates.iter().zip(self.unit_prices);
        pairs.any(|(pack, unit)| unit.price == price && bases.contains(&pack.basis))
    }

    fn name_at(&self, price: Fen) -> &str {
        let mut pairs = self.candidates.iter().zip(self.unit_prices);
        pairs.find(|(_, unit)| unit.price == price).map_or("", |(pack, _)| pack.name())
    }

    fn low_step(&self, steps: &mut Steps) {
        steps.add("INJ-3.1", || {
            let (low, high) = (self.low, self.high);
            let text = format!(
                "同组最低换算价 {low} 元（{}），最高换算价 {high} 元（{}），原则上以低值为挂网价",
                self.name_at(low),
                self.name_at(high)
            );
            (text, values! { "low" => low, "high" => high })
        });
    }

    /// Every reason against the high value.
    ///
    /// INJ-3.2, INJ-3.3
    fn against_high(&self, peers: &Peers, policy: &InjPolicy, steps: &mut Steps) -> Vec<Refused> {
        let mut refused = Vec::new();
        if self.any_at(self.low, &[Basis::Rectification, Basis::RiskDisposal]) {
            refused.push(Refused::LowIsFinal);
            steps.add("INJ-3.2", || {
                let text =
                    format!("低值 {} 元来自整改要求或价格风险处置结果，以低值为准，不得另作调整", self.low);
                (text, values! { "low" => self.low })
            });
        }
        let pair = self.any_at(self.low, &[Basis::BeforeEvaluation])
            && self.any_at(self.high, &[Basis::AfterEvaluation]);
        if !pair {
            refused.push(Refused::NotBeforeAfterPair);
        }
        steps.add("INJ-3.3", || {
            let not = if pair { "" } else { "不" };
            let text = format!("低值和高值{not}是仿制药过评前后的有效挂网价");
            (text, values! { "low" => self.low, "high" => self.high })
        });
        refused.extend(self.against_median(&peers.evaluated, steps));
        refused.extend(self.against_originator(&peers.originator, policy, steps));
        refused
    }

    /// The high value may equal the median of the other evaluated products; of an even count, the mean of the
    /// middle two.
    ///
    /// INJ-3.3
    fn against_median(&self, evaluated: &[Dec], steps: &mut Steps) -> Option<Refused> {
        let Some(median) = median(evaluated) else {
            steps.add("INJ-3.3", || {
                ("没有其他过评药品的挂网监测价，不能证明不高于中位数".to_owned(), values! {})
            });
            return Some(Refused::NoEvaluatedPeer);
        };
        let above = self.high.yuan() > median;
        steps.add("INJ-3.3", || {
            let word = if above { "高于" } else { "不高于" };
            let text = format!("高值 {} 元，{word}其他过评药品中位数 {} 元", self.high, yuan(&median));
            (text, values! { "high" => self.high, "median" => yuan(&median) })
        });
        above.then_some(Refused::AbovePeerMedian)
    }

    /// The high value may equal the share of the lowest originator price.
    ///
    /// INJ-3.3
    fn against_originator(&self, prices: &[Dec], policy: &InjPolicy, steps: &mut Steps) -> Option<Refused> {
        let Some(lowest) = prices.iter().min() else {
            steps.add("INJ-3.3", || {
                ("没有原研药、参比制剂的挂网监测价，不能证明不高于其规定比例".to_owned(), values! {})
            });
            return Some(Refused::NoOriginator);
        };
        let limit = lowest * &policy.originator_ratio;
        let above = self.high.yuan() > limit;
        steps.add("INJ-3.3", || {
            let word = if above { "高于" } else { "不高于" };
            let share = &policy.originator_ratio * &Dec::from(100);
            let text = format!(
                "高值 {} 元，{word}原研药、参比制剂 {} 元 × {share}% = {} 元",
                self.high,
                yuan(lowest),
                yuan(&limit)
            );
            (text, values! { "high" => self.high, "originator" => yuan(lowest), "limit" => yuan(&limit) })
        });
        above.then_some(Refused::AboveOriginatorRatio)
    }

    fn choice_step(&self, choice: Choice, refused: &[Refused], steps: &mut Steps) {
        let clause = if refused.is_empty() { "INJ-3.3" } else { "INJ-3.1" };
        steps.add(clause, || {
            let (low, high) = (self.low, self.high);
            let text = match (choice, refused.is_empty()) {
                (Choice::High, _) => format!("高值经受理，挂网价 {high} 元"),
                (_, true) => format!("可以接受高值，但未受理，挂网价 {low} 元"),
                (_, false) => format!("不能接受高值，挂网价 {low} 元"),
            };
            (text, values! { "low" => low, "high" => high })
        });
    }
}

/// The middle value, of an even count the exact mean of the middle two; none of none.
fn median(prices: &[Dec]) -> Option<Dec> {
    let mut sorted: Vec<&Dec> = prices.iter().collect();
    sorted.sort_unstable();
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(&(*lower + *upper) * &Dec::new(5, 1))
}

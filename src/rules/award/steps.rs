//! Why a bidder won or did not: the sums of an award in words.

use super::{
    Award, BidResult, Bidder, Cap, Lines, Lot, Outcome, Policy, Reason, Unit, UnitSummary, revival_cap,
};
use crate::explain::Step;
use crate::money::Dec;
use crate::values;

/// The steps of each bidder's result, in the order of the input.
pub fn explain(lot: &Lot, policy: &Policy, award: &Award) -> Vec<Vec<Step>> {
    let rows = lot.bidders.iter().zip(&award.results);
    rows.map(|(bidder, result)| Teller { lot, policy, award }.bidder(bidder, result)).collect()
}

struct Teller<'a> {
    lot: &'a Lot,
    policy: &'a Policy,
    award: &'a Award,
}

/// Yuan with at least two decimals: 0.20, 0.995714.
fn yuan(price: &Dec) -> String {
    if price.decimals() < 2 { price.to_fixed(2) } else { price.to_string() }
}

fn percent(share: &Dec) -> Dec {
    share * &Dec::from(100)
}

fn step(clause: &'static str, text: String, values: serde_json::Map<String, serde_json::Value>) -> Step {
    Step { clause: clause.into(), text, values }
}

impl Teller<'_> {
    fn bidder(&self, bidder: &Bidder, result: &BidResult) -> Vec<Step> {
        let Some(price) = &bidder.price else {
            return vec![step("HVC-4", "没有报价，不参与排序".to_owned(), values! {})];
        };
        let unit = self.award.units.iter().find(|summary| Some(summary.unit) == result.unit);
        let Some(unit) = unit else { return vec![self.out_of_the_race(price, result)] };
        let mut steps = Vec::new();
        steps.extend(self.division(bidder, result));
        steps.push(self.shortlist(price, result, unit));
        if result.shortlisted {
            steps.push(self.selection(price, result, unit));
        }
        if matches!(result.outcome, Outcome::Revived | Outcome::NotSelected) && self.policy.revival.enabled {
            steps.extend(self.revival(bidder, result));
        }
        steps
    }

    /// Invalid bids, and those that count as one with a cheaper one.
    fn out_of_the_race(&self, price: &Dec, result: &BidResult) -> Step {
        let own = yuan(price);
        let other = result.merged_into.and_then(|at| self.lot.bidders.get(at));
        match (other, &self.lot.ceiling) {
            (Some(other), _) => {
                let text = format!(
                    "与 {} 委托同一家企业生产，视为 1 家，由报价较低的 {} 代表，本企业不再单独参与",
                    other.id, other.id
                );
                step("NAT10-5", text, values! { "price" => own, "represented_by" => other.id })
            }
            (None, Some(ceiling)) if price.is_positive() => {
                let text = format!("报价 {own} 元高于最高有效申报价 {} 元，报价无效", yuan(ceiling));
                step("HVC-4", text, values! { "price" => own, "ceiling" => ceiling })
            }
            _ => step("HVC-4", format!("报价 {own} 元不大于 0，报价无效"), values! { "price" => own }),
        }
    }

    /// Into which unit the bidder came, where the lot has units.
    fn division(&self, bidder: &Bidder, result: &BidResult) -> Option<Step> {
        let rules = &self.policy.units;
        let name = match result.unit? {
            Unit::Only => return None,
            Unit::A => "A",
            Unit::B => "B",
        };
        let Some(total) = &self.award.unit_demand else {
            let text = format!("有效申报企业不超过 {} 家，全部进入 A 竞价单元", rules.all_in_a_up_to);
            return Some(step("HVC-3", text, values! { "all_in_a_up_to" => rules.all_in_a_up_to }));
        };
        let Some(ahead) = &result.ahead else {
            let text = "不能供应全国所有地区，进入 B 竞价单元".to_owned();
            return Some(step("HVC-3", text, values! { "all_regions" => bidder.all_regions }));
        };
        let line = &rules.share * total;
        let (compare, share) = (if ahead < &line { "小于" } else { "不小于" }, percent(&rules.share));
        let text = format!(
            "需求量更大的全国供应企业合计 {ahead}，{compare} {total} × {share}% = {line}，进入 {name} 竞价单元"
        );
        Some(step(
            "HVC-3",
            text,
            values! { "ahead" => ahead, "demand" => total, "line" => line, "unit" => name },
        ))
    }

    fn shortlist(&self, price: &Dec, result: &BidResult, unit: &UnitSummary) -> Step {
        let (rank, most) = (result.rank.unwrap_or_default(), unit.max_shortlist);
        let rules = &self.policy.entrusted;
        let fewer = match unit.entrusted >= rules.min && rules.minus > 0 {
            true => format!("（委托生产 {} 家，已减 {} 家）", unit.entrusted, rules.minus),
            false => String::new(),
        };
        let verdict = if result.shortlisted { "入围" } else { "未入围" };
        let text = format!(
            "申报企业 {} 家，最多入围 {most} 家{fewer}；本企业报价 {} 元，由低到高列第 {rank} 位，{verdict}",
            unit.counted,
            yuan(price)
        );
        let clause = if fewer.is_empty() { "HVC-4" } else { "NAT10-5" };
        step(clause, text, values! { "price" => price, "rank" => rank, "max_shortlist" => most })
    }

    fn selection(&self, price: &Dec, result: &BidResult, unit: &UnitSummary) -> Step {
        let rules = &self.policy.selection;
        let lines = Lines::of(self.lot, self.policy, unit.lowest.as_ref());
        let clause = if unit.unit == Unit::Only { "NAT10-3" } else { "HVC-5" };
        let (lowest, line) = (unit.lowest.clone().unwrap_or_default(), lines.by_ratio.unwrap_or_default());
        let (own, line_shown) = (yuan(price), yuan(&line));
        let sum = format!(
            "最低报价 {} 元 × {} = {line_shown} 元，本企业报价 {own} 元",
            yuan(&lowest),
            rules.max_ratio
        );
        let next = if self.policy.revival.enabled { "进入复活" } else { "未中选" };
        let text = match (result.outcome, result.reason) {
            (Outcome::NotSelected | Outcome::Revived, _)
                if price > &line && !self.passes_otherwise(price, &lines.by_cut) =>
            {
                format!("{sum}，高于 {line_shown} 元，{next}")
            }
            (Outcome::NotSelected | Outcome::Revived, _) => return self.above_a_unit(price, next),
            (Outcome::Held, _) => {
                return step(
                    "HVC-6",
                    "A 竞价单元没有中选价格可比，留待人工决定".to_owned(),
                    values! { "price" => own },
                );
            }
            _ if price <= &line => format!("{sum}，不高于 {line_shown} 元，中选"),
            _ if rules.floor_price.as_ref().is_some_and(|floor| price <= floor) => {
                let floor = rules.floor_price.clone().unwrap_or_default();
                format!("{sum}，虽高于 {line_shown} 元，但不高于保护价 {} 元，中选", yuan(&floor))
            }
            _ => {
                let (cut, most) =
                    (rules.cut_protects.clone().unwrap_or_default(), lines.by_cut.unwrap_or_default());
                format!(
                    "{sum}，虽高于 {line_shown} 元，但比最高有效申报价降幅达到 {}%（不高于 {} 元），中选",
                    percent(&cut),
                    yuan(&most)
                )
            }
        };
        step(
            clause,
            text,
            values! { "lowest" => lowest, "max_ratio" => rules.max_ratio, "line" => line, "price" => price },
        )
    }

    fn passes_otherwise(&self, price: &Dec, by_cut: &Option<Dec>) -> bool {
        [&self.policy.selection.floor_price, by_cut].into_iter().flatten().any(|line| price <= line)
    }

    fn above_a_unit(&self, price: &Dec, next: &str) -> Step {
        let highest =
            self.award.units.first().and_then(|unit| unit.highest_selected.clone()).unwrap_or_default();
        let text =
            format!("本企业报价 {} 元高于 A 竞价单元最高中选价 {} 元，{next}", yuan(price), yuan(&highest));
        step("HVC-6", text, values! { "price" => price, "highest_of_a" => highest })
    }

    fn revival(&self, bidder: &Bidder, result: &BidResult) -> Option<Step> {
        let cap = self.policy.revival.cap?;
        let most = revival_cap(self.policy, cap, &self.award.units, result.unit);
        let limit = match (&most, cap) {
            (None, _) => String::new(),
            (Some(most), Cap::RatioOfLowest) => {
                format!("最低报价 × {} = {} 元", self.policy.revival.ratio, yuan(most))
            }
            (Some(most), Cap::HighestSelected) => format!("最高中选价 {} 元", yuan(most)),
        };
        let before =
            self.policy.revival.deadline.as_ref().map(|time| format!("（{time} 之前）")).unwrap_or_default();
        let text = match (result.outcome, result.reason) {
            (Outcome::Revived, _) => {
                let price = result.price.as_ref().map(yuan).unwrap_or_default();
                format!("接受复活，价格 {price} 元不高于本企业报价，也不高于{limit}，材料齐全，中选")
            }
            (_, Some(Reason::NoSelectedPrice)) => "没有中选价格可比，不能复活".to_owned(),
            (_, Some(Reason::NoAnswer)) => "没有答复是否接受复活，视为放弃".to_owned(),
            (_, Some(Reason::Late)) => format!("复活答复没有在截止时间{before}提交，视为放弃"),
            (_, Some(Reason::Incomplete)) => "复活答复的材料或价格不完整，未中选".to_owned(),
            (_, Some(Reason::AboveOwnBid)) => "复活价格高于本企业原报价，未中选".to_owned(),
            (_, Some(Reason::AboveCap)) => format!("复活价格高于{limit}，未中选"),
            _ => return None,
        };
        let own = bidder.price.clone().unwrap_or_default();
        let values =
            values! { "price" => own, "cap" => most.map(|most| most.to_string()).unwrap_or_default() };
        let clause = if self.award.units.len() > 1 { "HVC-7" } else { "NAT10-4" };
        Some(step(clause, text, values))
    }
}

//! Surplus retention and overspend sharing: SUR-1, SUR-2, SUR-5, HN-11.

use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind};
use crate::values;

/// The parameters of surplus retention.
pub const KEYS: &[Key] = &[
    Key { name: "sur.retention_pct", kind: SHARE },
    Key { name: "sur.score_full", kind: Kind::Decimal { min: "1", max: "100" } },
    Key { name: "sur.score_least", kind: Kind::Decimal { min: "0", max: "100" } },
    Key { name: "sur.overspend_share_cap", kind: SHARE },
];

const SHARE: Kind = Kind::Decimal { min: "0", max: "1" };

/// How retention is assessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Share of the base that may be retained.
    pub share: Dec,
    /// Score from which on all of it is.
    pub full_from: Dec,
    /// Score below which none of it is.
    pub least: Dec,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surplus {
    /// Budget less spending, yuan, never negative.
    pub base: Dec,
    /// Yuan, cut to the fen.
    pub retained: Dec,
}

/// The surplus base and what the hospital retains of it. Spending covers selected and other products of the same
/// generic names. Nothing without an approved volume report above zero. SUR-1, HN-11.
///
/// Open: between the least and the full score the share grows in proportion to the score, full at the full score.
pub fn surplus(
    budget: &Dec,
    spent: &Dec,
    score: &Dec,
    reported: bool,
    rules: &Retention,
    steps: &mut Steps,
) -> Surplus {
    if !reported {
        steps.add("HN-11", || ("没有报量的医疗机构不享受结余留用".to_owned(), values! {}));
        return Surplus { base: Dec::default(), retained: Dec::default() };
    }
    let base = if spent < budget { budget - spent } else { Dec::default() };
    let most = &base * &rules.share;
    let retained = if *score >= rules.full_from {
        most.rounded(2, Round::Down)
    } else if *score < rules.least {
        Dec::default()
    } else {
        (&most * score).divided(&rules.full_from, 2, Round::Down).unwrap_or_default()
    };
    steps.add("SUR-1", || {
        let share = &rules.share * &Dec::from(100);
        let text = format!(
            "集采药品医保资金预算 {budget} 元 − 支出 {spent} 元，结余基数 {base} 元；× {share}%，考核 {score} 分，留用 {retained} 元"
        );
        (text, values! { "base" => base, "retained" => retained })
    });
    Surplus { base, retained }
}

/// Settlement less the item-based amount, yuan; negative is overspent. SUR-2.
pub fn drg_balance(settlement: &Dec, items: &Dec, steps: &mut Steps) -> Dec {
    let balance = settlement - items;
    steps.add("SUR-2", || {
        let word = if balance.is_negative() { "超支" } else { "结余" };
        (
            format!("DRG 结算 {settlement} 元 − 按项目 {items} 元 = {balance} 元，{word}"),
            values! { "balance" => balance },
        )
    });
    balance
}

/// An overspent budget in its parts, yuan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overspend {
    /// May be shared by the fund.
    pub eligible: Dec,
    /// Stays with the community.
    pub own: Dec,
}

/// How much of an overspent budget may be shared: what lies above the budget by at most `cap` of it; nothing if
/// the assessment failed or the county's fund is in deficit. SUR-5.
pub fn overspend(
    budget: &Dec,
    actual: &Dec,
    cap: &Dec,
    passed: bool,
    fund_in_deficit: bool,
    steps: &mut Steps,
) -> Overspend {
    let over = if actual > budget { actual - budget } else { Dec::default() };
    let eligible = if passed && !fund_in_deficit { over.clone().min(budget * cap) } else { Dec::default() };
    let own = &over - &eligible;
    steps.add("SUR-5", || {
        let limit = match (passed, fund_in_deficit) {
            (false, _) => "考核不合格，不分担".to_owned(),
            (_, true) => "统筹基金当期亏损，不分担".to_owned(),
            _ => format!("最多分担预算的 {cap}，即 {} 元", budget * cap),
        };
        let text = format!(
            "支出 {actual} 元，预算 {budget} 元，超支 {over} 元；{limit}：分担 {eligible} 元，自行承担 {own} 元"
        );
        (text, values! { "over" => over, "eligible" => eligible })
    });
    Overspend { own, eligible }
}

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
pub fn drg_balance(settlement: &Dec, items: &Dec) -> Dec {
    settlement - items
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
pub fn overspend(budget: &Dec, actual: &Dec, cap: &Dec, passed: bool, fund_in_deficit: bool) -> Overspend {
    let over = if actual > budget { actual - budget } else { Dec::default() };
    let eligible = if passed && !fund_in_deficit { over.clone().min(budget * cap) } else { Dec::default() };
    Overspend { own: &over - &eligible, eligible }
}

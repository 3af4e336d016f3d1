//! Volume: checks of a hospital's report (VOL-3, VOL-4) and the agreed volume (VOL-1, HN-5).

use super::explain::Steps;
use super::money::{Dec, Round};
use super::policy::{Key, Kind, Policy, PolicyError};
use crate::values;

/// Why a reported volume needs a stated reason, in the order in which the codes are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonCode {
    /// Growth of 200 % or more against history (VOL-4).
    GrowthGe200,
    /// Fall of 50 % or more against history (VOL-4).
    DropGe50,
    /// Demand without any history (VOL-4).
    NoHistory,
    /// Below the last agreed volume (VOL-3).
    BelowLastAgreed,
}

impl ReasonCode {
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonCode::GrowthGe200 => "GROWTH_GE_200",
            ReasonCode::DropGe50 => "DROP_GE_50",
            ReasonCode::NoHistory => "NO_HISTORY",
            ReasonCode::BelowLastAgreed => "BELOW_LAST_AGREED",
        }
    }
}

/// The limits of VOL-3 and VOL-4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportLimits {
    /// Growth from which on a reason is needed: 2 is +200 %.
    pub growth_ge: Dec,
    /// Growth up to which a reason is needed: -0.5 is −50 %.
    pub drop_le: Dec,
    /// Share of the last agreed volume below which a reason is needed.
    pub floor_last_agreed: Dec,
}

/// What was found about one line of a volume report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportCheck {
    /// (proposed − history) / history to four decimals; `None` without history.
    pub growth: Option<Dec>,
    pub reasons: Vec<ReasonCode>,
}

/// Checks a reported volume against history and the last agreed volume; all in the same unit, none negative.
/// VOL-3, VOL-4.
pub fn check_report(
    history: &Dec,
    last_agreed: Option<&Dec>,
    proposed: &Dec,
    limits: &ReportLimits,
    steps: &mut Steps,
) -> ReportCheck {
    let change = proposed - history;
    let mut reasons = Vec::new();
    if history.is_zero() {
        if proposed.is_positive() {
            reasons.push(ReasonCode::NoHistory);
        }
    } else if change >= &limits.growth_ge * history {
        reasons.push(ReasonCode::GrowthGe200);
    } else if change <= &limits.drop_le * history {
        reasons.push(ReasonCode::DropGe50);
    }
    if last_agreed.is_some_and(|agreed| *proposed < agreed * &limits.floor_last_agreed) {
        reasons.push(ReasonCode::BelowLastAgreed);
    }
    let growth = change.divided(history, 4, Round::HalfAway);
    tell_growth(history, proposed, growth.as_ref(), &reasons, limits, steps);
    if let Some(agreed) = last_agreed {
        steps.add("VOL-3", || {
            let line = agreed * &limits.floor_last_agreed;
            let word = if *proposed < line { "低于，需要说明理由" } else { "不低于" };
            let text = format!("本次报量 {proposed}，上一年度约定采购量 {agreed}：{word}");
            (text, values! { "proposed" => proposed, "last_agreed" => agreed })
        });
    }
    ReportCheck { growth, reasons }
}

fn tell_growth(
    history: &Dec,
    proposed: &Dec,
    growth: Option<&Dec>,
    reasons: &[ReasonCode],
    limits: &ReportLimits,
    steps: &mut Steps,
) {
    steps.add("VOL-4", || {
        let percent = |ratio: &Dec| ratio * &Dec::from(100);
        let text = match growth {
            None if reasons.contains(&ReasonCode::NoHistory) => {
                format!("没有历史采购量而报量 {proposed}，需要说明理由")
            }
            None => "没有历史采购量，也没有报量".to_owned(),
            Some(growth) => {
                let (shown, up, down) =
                    (percent(growth), percent(&limits.growth_ge), percent(&limits.drop_le));
                let verdict = match reasons.first() {
                    Some(ReasonCode::GrowthGe200) => format!("增长达到 {up}%，需要说明理由"),
                    Some(ReasonCode::DropGe50) => format!("达到 {down}%，需要说明理由"),
                    _ => format!("在 {down}% 与 {up}% 之间"),
                };
                format!("（{proposed} − {history}）÷ {history} = {shown}%，{verdict}")
            }
        };
        (text, values! { "history" => history, "proposed" => proposed })
    });
}

/// How much the choice of a product is restricted, which lowers the agreed share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeClass {
    Ordinary,
    /// Antibacterials and the like.
    Restricted,
    KeyMonitored,
}

/// Agreed share of the demand by class and number of winners (1, 2, 3, 4 or more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatioTable {
    pub ordinary: [Dec; 4],
    pub restricted: [Dec; 4],
    pub key_monitored: [Dec; 4],
}

impl RatioTable {
    /// The share; `None` without a winner. VOL-1.
    pub fn ratio(&self, class: VolumeClass, winners: i64) -> Option<&Dec> {
        let row = match class {
            VolumeClass::Ordinary => &self.ordinary,
            VolumeClass::Restricted => &self.restricted,
            VolumeClass::KeyMonitored => &self.key_monitored,
        };
        let column = usize::try_from(winners.checked_sub(1)?).ok()?.min(row.len() - 1);
        row.get(column)
    }
}

/// The agreed volume of one hospital line: approved × ratio as a whole unit, `Up` or `Down`. VOL-1, HN-5.
pub fn agreed(approved: &Dec, ratio: &Dec, rounding: Round, steps: &mut Steps) -> Dec {
    let exact = approved * ratio;
    let agreed = exact.rounded(0, rounding);
    steps.add("VOL-1", || {
        let way = match (exact.is_whole(), rounding) {
            (true, _) => "",
            (false, Round::Up) => "，进为整数",
            (false, Round::Down) => "，去尾为整数",
            (false, Round::HalfAway) => "，四舍五入为整数",
        };
        let text = format!("{approved} × {}% = {exact}{way}，约定采购量 {agreed}", ratio * &Dec::from(100));
        (text, values! { "approved" => approved, "ratio" => ratio, "agreed" => agreed })
    });
    agreed
}

/// Says what the lines' volumes come to beside the exact share of their sum: rounding each line adds up.
/// VOL-1, HN-5.
pub fn tell_total(approved: &Dec, ratio: &Dec, total: &Dec, steps: &mut Steps) {
    steps.add("VOL-1", || {
        let exact_total = approved * ratio;
        let text = match exact_total == *total {
            true => format!("各行合计 {total}，与报量合计 {approved} 按比例计算的结果一致"),
            false => {
                format!("各行合计 {total}；报量合计 {approved}，按比例为 {exact_total}，差额由逐行取整产生")
            }
        };
        (text, values! { "approved" => approved, "exact_total" => exact_total, "total" => total })
    });
}

const SHARES: Kind = Kind::Decimals { count: 4, min: "0", max: "1" };

/// The parameters of volume reports and agreed volumes.
pub const KEYS: &[Key] = &[
    Key { name: "vol.growth_reason_ge", kind: Kind::Decimal { min: "0", max: "1000" } },
    Key { name: "vol.drop_reason_le", kind: Kind::Decimal { min: "-1", max: "0" } },
    Key { name: "vol.floor_last_agreed", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "volume.ratio.ordinary", kind: SHARES },
    Key { name: "volume.ratio.restricted", kind: SHARES },
    Key { name: "volume.ratio.key_monitored", kind: SHARES },
    Key { name: "volume.ratio.rounding", kind: Kind::Word(&["up", "down"]) },
];

impl ReportLimits {
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(ReportLimits {
            growth_ge: policy.dec("vol.growth_reason_ge")?,
            drop_le: policy.dec("vol.drop_reason_le")?,
            floor_last_agreed: policy.dec("vol.floor_last_agreed")?,
        })
    }
}

impl RatioTable {
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        let row = |key: &'static str| {
            let row = <[Dec; 4]>::try_from(policy.decs(key)?.to_vec());
            row.map_err(|_| PolicyError::Undeclared(key.to_owned(), "list of four decimals"))
        };
        Ok(RatioTable {
            ordinary: row("volume.ratio.ordinary")?,
            restricted: row("volume.ratio.restricted")?,
            key_monitored: row("volume.ratio.key_monitored")?,
        })
    }
}

/// The rounding of a hospital's agreed volume that the profile sets.
pub fn rounding(policy: &Policy) -> Result<Round, PolicyError> {
    Ok(if policy.word("volume.ratio.rounding")? == "down" { Round::Down } else { Round::Up })
}

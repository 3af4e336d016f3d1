//! Injections listed by the smallest preparation unit (注射剂按最小制剂单位挂网), clauses INJ.
//!
//! From a boxed price to the price of one unit, which of several is the listing price, and which mark it bears.

mod amounts;
mod checks;
mod dates;
mod linkage;
mod listing;
mod mark;
mod unit_price;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::money::Dec;
use super::policy::{Key, Kind, Policy, PolicyError};

pub use amounts::{order_amount, units_of_packs};
pub use checks::{Anomaly, Converted, Watch, Watched, anomalies, needs_unit_listing, watch};
pub use dates::{
    Agreement, CodeUse, old_code_use, price_in_force, report_in_time, switch_in_time, upload_open,
};
pub use linkage::{Linkage, linkage};
pub use listing::{Basis, Candidate, Choice, Decision, Peers, Refused, listing};
pub use mark::{Exempt, Mark, Marked, mark, mark_after_change};
pub use unit_price::{Branch, PackFault, PackPrice, PackQty, UnitPrice, unit_price, unit_price_steps};

/// The parameters of these clauses.
pub const KEYS: &[Key] = &[
    Key { name: "inj.decimals", kind: Kind::Whole { min: 2, max: 2 } },
    Key { name: "inj.switch_deadline", kind: Kind::Day },
    Key { name: "inj.old_code_stop", kind: Kind::Day },
    Key { name: "inj.upload_window", kind: Kind::Period },
    Key { name: "inj.report_deadline", kind: Kind::Day },
    Key { name: "inj.round.threshold_yuan", kind: Kind::Decimal { min: "0", max: "100000000" } },
    Key { name: "inj.round.residue", kind: Kind::Word(&["any_nonzero", "third_digit"]) },
    Key { name: "inj.linkage.equal_decimals", kind: Kind::Whole { min: 0, max: 2 } },
    Key { name: "inj.linkage.tolerance_enabled", kind: Kind::Flag },
    Key { name: "inj.high.originator_ratio", kind: Kind::Decimal { min: "0", max: "1" } },
    Key { name: "inj.high.peer_stat", kind: Kind::Word(&["median"]) },
    Key { name: "inj.mark.yellow_gt", kind: Kind::Decimal { min: "1", max: "1000" } },
    Key { name: "inj.mark.red_gt", kind: Kind::Decimal { min: "1", max: "1000" } },
    Key { name: "inj.mark.exemptions", kind: Kind::Flag },
    Key { name: "inj.mark.exempt_price_le", kind: Kind::Decimal { min: "0", max: "100000000" } },
    Key { name: "inj.mark.exempt_peer", kind: Kind::Word(&["lowest", "any"]) },
    Key { name: "inj.watch.amount_growth_ge", kind: Kind::Decimal { min: "0", max: "1000" } },
    Key { name: "inj.watch.amount_yuan_ge", kind: Kind::Decimal { min: "0", max: "10000000000" } },
    Key { name: "inj.watch.rank_gain_ge", kind: Kind::Whole { min: 1, max: 1_000_000 } },
    Key { name: "inj.watch.online_ratio_ge", kind: Kind::Decimal { min: "1", max: "1000" } },
    Key { name: "inj.check.outlier_ratio", kind: Kind::Decimal { min: "1", max: "1000" } },
];

/// The parameters of these clauses, typed.
#[derive(Clone, Debug)]
pub struct InjPolicy {
    pub round: Rounding,
    /// Decimals that must be equal for two prices to count as one (INJ-2.2).
    pub equal_decimals: u32,
    /// Whether that tolerance is used (INJ-2.2).
    pub tolerance: bool,
    /// Share of the originator's price that a high value may reach (INJ-3.3).
    pub originator_ratio: Dec,
    /// A ratio greater than this is yellow (INJ-4.1).
    pub yellow_gt: Dec,
    /// A ratio greater than this is red (INJ-4.1).
    pub red_gt: Dec,
    /// Whether the two exemptions are used (INJ-4.1).
    pub exemptions: bool,
    /// A unit price not above this, in yuan, bears no mark (INJ-4.1).
    pub exempt_price_le: Dec,
    /// Compare with the dearest other brand instead of the cheapest (INJ-4.1).
    pub exempt_any_peer: bool,
    pub switch_deadline: NaiveDate,
    pub old_code_stop: NaiveDate,
    pub upload_window: (NaiveDate, NaiveDate),
    pub report_deadline: NaiveDate,
    pub watch: Watch,
    /// How many times dearer or cheaper than all peers a unit price must be to look wrong (INJ-6.2).
    pub outlier_ratio: Dec,
}

/// How a quotient becomes a price (INJ-2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounding {
    /// Up to and with this many 10⁻⁴ yuan the rest is carried, above it is dropped.
    pub threshold: u64,
    /// Look at the third decimal only, instead of any rest.
    pub third_digit: bool,
}

impl InjPolicy {
    /// Takes the parameters out of a profile.
    pub fn of(policy: &Policy) -> Result<Self, PolicyError> {
        let yellow_gt = policy.dec("inj.mark.yellow_gt")?;
        let red_gt = policy.dec("inj.mark.red_gt")?;
        if red_gt < yellow_gt {
            let what = "inj.mark.red_gt must not be below inj.mark.yellow_gt";
            return Err(PolicyError::Invalid(vec![format!("{}: {what}", policy.name)]));
        }
        Ok(InjPolicy {
            round: Rounding::of(policy)?,
            equal_decimals: u32::try_from(policy.whole("inj.linkage.equal_decimals")?).unwrap_or_default(),
            tolerance: policy.flag("inj.linkage.tolerance_enabled")?,
            originator_ratio: policy.dec("inj.high.originator_ratio")?,
            yellow_gt,
            red_gt,
            exemptions: policy.flag("inj.mark.exemptions")?,
            exempt_price_le: policy.dec("inj.mark.exempt_price_le")?,
            exempt_any_peer: policy.word("inj.mark.exempt_peer")? == "any",
            switch_deadline: policy.day("inj.switch_deadline")?,
            old_code_stop: policy.day("inj.old_code_stop")?,
            upload_window: policy.period("inj.upload_window")?,
            report_deadline: policy.day("inj.report_deadline")?,
            watch: Watch::of(policy)?,
            outlier_ratio: policy.dec("inj.check.outlier_ratio")?,
        })
    }
}

impl Rounding {
    /// Takes the parameters of the rounding out of a profile.
    pub fn of(policy: &Policy) -> Result<Self, PolicyError> {
        let key = "inj.round.threshold_yuan";
        let threshold = policy.dec(key)?.to_scaled(4).and_then(|scaled| u64::try_from(scaled).ok());
        let threshold = threshold.ok_or_else(|| {
            PolicyError::Invalid(vec![format!("{}: {key} may have at most 4 decimals", policy.name)])
        })?;
        Ok(Rounding { threshold, third_digit: policy.word("inj.round.residue")? == "third_digit" })
    }
}

/// A price of one unit in whole fen (0.01 yuan), as INJ-2.1 gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fen(pub u64);

impl Fen {
    /// The price in yuan.
    pub fn yuan(self) -> Dec {
        Dec::new(self.0, 2)
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

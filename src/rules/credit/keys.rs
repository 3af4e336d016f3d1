//! What a policy says about credit points.

use super::Shares;
use crate::policy::{Key, Kind, Policy, PolicyError};

const SHARE: Kind = Kind::Decimal { min: "0", max: "1" };
const POINTS: Kind = Kind::Decimal { min: "0", max: "1000" };

/// The parameters of credit points.
pub const KEYS: &[Key] = &[
    Key { name: "credit.repair_full", kind: SHARE },
    Key { name: "credit.repair_partial", kind: SHARE },
    Key { name: "credit.publish_day", kind: Kind::Whole { min: 1, max: 28 } },
    Key { name: "credit.expire_months", kind: Kind::Whole { min: 1, max: 1_200 } },
    Key { name: "credit.vbp_listing_multiple", kind: Kind::Decimal { min: "1", max: "1000" } },
    Key { name: "credit.points.L1", kind: POINTS },
    Key { name: "credit.points.L2", kind: POINTS },
    Key { name: "credit.points.L3", kind: POINTS },
    Key { name: "credit.points.L4", kind: POINTS },
    Key { name: "credit.points.V1", kind: POINTS },
    Key { name: "credit.points.V2", kind: POINTS },
    Key { name: "credit.points.V3", kind: POINTS },
    Key { name: "credit.points.V4", kind: POINTS },
    Key { name: "credit.points.V5", kind: POINTS },
    Key { name: "credit.points.V6", kind: POINTS },
    Key { name: "credit.points.false_evidence", kind: POINTS },
    Key { name: "credit.points.collusion", kind: POINTS },
    Key { name: "credit.points.quality_failure", kind: POINTS },
    Key { name: "credit.points.other", kind: POINTS },
    Key { name: "credit.level.dishonest_ge", kind: POINTS },
    Key { name: "credit.level.serious_ge", kind: POINTS },
    Key { name: "credit.level.severe_ge", kind: POINTS },
];

impl Shares {
    pub fn from_policy(policy: &Policy) -> Result<Self, PolicyError> {
        Ok(Shares { full: policy.dec("credit.repair_full")?, partial: policy.dec("credit.repair_partial")? })
    }
}

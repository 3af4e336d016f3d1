//! `award`: the award of a lot (NAT10-3 to NAT10-6, HVC-3 to HVC-7).

use super::lines::{Form, Rule, write_json};
use crate::rules::award::{Lot, Policy as AwardPolicy, award, explain};
use crate::rules::explain::Steps;
use crate::rules::json::{Object, RowError};
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form = Form { key: "lot", prepare };

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let profile = policy.clone();
    Ok(Box::new(move |object, out, steps| compute(object, out, steps, &profile)))
}

fn compute(
    object: &Object<'_>,
    out: &mut Vec<u8>,
    steps: &mut Steps,
    profile: &Policy,
) -> Result<(), RowError> {
    let lot = Lot::read(object)?;
    let policy = AwardPolicy::read(object.opt_object("policy")?, profile)?;
    let result = award(&lot, &policy)?;
    let digest = policy.digest().map_err(|error| RowError::new("BAD_POLICY", "policy", error.to_string()))?;
    if steps.is_on() {
        for (bidder, told) in lot.bidders.iter().zip(explain(&lot, &policy, &result)) {
            for mut step in told {
                step.values.insert("bidder".to_owned(), bidder.id.as_str().into());
                step.text = format!("{}：{}", bidder.id, step.text);
                steps.push(step);
            }
        }
    }
    write_json(out, &result.publish(&lot, digest))
}

//! `injection-listing`: the listing price and the mark of a three-same group (INJ-3.1 to INJ-4.1).

use std::collections::HashSet;

use serde::Serialize;

use super::lines::{Form, Rule, write_json};
use crate::rules::explain::Steps;
use crate::rules::injection::{
    Basis, Candidate, Choice, Decision, Exempt, InjPolicy, Mark, PackFault, PackPrice, PackQty, Peers,
    Refused, listing,
};
use crate::rules::json::{Json, Object, RowError};
use crate::rules::money::Dec;
use crate::rules::policy::{Policy, PolicyError};

pub(super) const FORM: Form = Form { key: "id", prepare };

#[derive(Serialize)]
struct Out<'a> {
    id: &'a str,
    unit_prices: Vec<OutPrice<'a>>,
    low: String,
    high: String,
    high_eligible: bool,
    high_refused_because: Vec<Refused>,
    decision: Choice,
    listing_price: String,
    mark: Mark,
    ratio: Option<String>,
    exempt: Option<Exempt>,
}

#[derive(Serialize)]
struct OutPrice<'a> {
    id: &'a str,
    unit_price: String,
}

fn prepare(policy: &Policy) -> Result<Rule, PolicyError> {
    let policy = InjPolicy::of(policy)?;
    Ok(Box::new(move |object, out, steps| compute(object, out, steps, &policy)))
}

fn compute(
    object: &Object<'_>,
    out: &mut Vec<u8>,
    steps: &mut Steps,
    policy: &InjPolicy,
) -> Result<(), RowError> {
    let id = object.text("id")?;
    object.need("candidates")?;
    let candidates = object.objects("candidates", candidate)?.unwrap_or_default();
    let peers = match object.opt_object("peers")? {
        None => Peers::default(),
        Some(peers) => read_peers(peers).map_err(|error| error.inside("peers"))?,
    };
    let accept_high = object.flag("accept_high", false)?;
    let mut ids = HashSet::new();
    if let Some(twice) = candidates.iter().find(|candidate| !ids.insert(candidate.id.as_str())) {
        let problem = format!("holds the id \"{}\" twice, expected unique ids", twice.id);
        return Err(RowError::new("DUPLICATE_ID", "candidates", problem));
    }
    let decision = listing(&candidates, &peers, accept_high, policy, steps).ok_or_else(|| {
        RowError::new("BAD_VALUE", "candidates", "is empty, expected at least one candidate")
    })?;
    write_json(out, &result(id, &candidates, decision))
}

fn result<'a>(id: &'a str, candidates: &'a [Candidate], decision: Decision) -> Out<'a> {
    let pairs = candidates.iter().zip(&decision.unit_prices);
    let price = |(pack, unit): (&'a Candidate, &crate::rules::injection::UnitPrice)| OutPrice {
        id: &pack.id,
        unit_price: unit.price.to_string(),
    };
    Out {
        id,
        unit_prices: pairs.map(price).collect(),
        low: decision.low.to_string(),
        high: decision.high.to_string(),
        high_eligible: decision.high_eligible(),
        high_refused_because: decision.refused,
        decision: decision.choice,
        listing_price: decision.listing_price.to_string(),
        mark: decision.mark,
        ratio: decision.ratio.map(|ratio| ratio.to_fixed(4)),
        exempt: decision.exempt,
    }
}

const BASES: &[(&str, Basis)] = &[
    ("normal", Basis::Normal),
    ("rectification", Basis::Rectification),
    ("risk_disposal", Basis::RiskDisposal),
    ("before_evaluation", Basis::BeforeEvaluation),
    ("after_evaluation", Basis::AfterEvaluation),
];

fn candidate(object: &Object<'_>) -> Result<Candidate, RowError> {
    Ok(Candidate {
        id: object.text("id")?.to_owned(),
        label: String::new(),
        pack_price: number(object, "pack_price", PackPrice::parse)?,
        pack_qty: number(object, "pack_qty", PackQty::parse)?,
        basis: object.opt_word("basis", BASES)?.unwrap_or_default(),
    })
}

/// A number as it was written, with the limits of `injection-price`.
fn number<T>(
    object: &Object<'_>,
    name: &str,
    read: impl Fn(&[u8]) -> Result<T, PackFault>,
) -> Result<T, RowError> {
    let found = object.need(name)?;
    let text = match found {
        Json::Number(text) => *text,
        Json::String(text) => text,
        _ => "",
    };
    read(text.as_bytes()).map_err(|fault| RowError::bad(name, found, fault.expected()))
}

fn read_peers(object: &Object<'_>) -> Result<Peers, RowError> {
    let prices = |name: &str| -> Result<Vec<Dec>, RowError> {
        let read = |item: &Json<'_>| {
            let price = item.dec().filter(Dec::is_positive);
            price.ok_or_else(|| RowError::bad("", item, "a decimal above 0"))
        };
        Ok(object.list(name, read)?.unwrap_or_default())
    };
    Ok(Peers {
        evaluated: prices("evaluated")?,
        originator: prices("originator")?,
        other_brands: prices("other_brands")?,
    })
}

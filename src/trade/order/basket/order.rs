//! The basket becomes orders, one a supplier, exactly as the clerk saw them.

use std::collections::BTreeMap;

use super::check::{Delivery, input, ready};
use super::look::{self, Group};
use super::store;
use crate::order::input::{SubmitInput, SubmitLine};
use crate::order::{draft, submit};
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::number::Price;
use crate::platform::idempotency::Key;
use crate::platform::policy::Policies;
use crate::platform::sql::Id;
use crate::platform::who::Principal;

/// A line as it stood on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who would deliver it.
    pub supplier: Id,
    /// Priced units.
    pub quantity: i64,
    /// Yuan a unit.
    pub price: Price,
    /// Whether the warning of a red mark was taken note of (INJ-4.3).
    pub acknowledged: bool,
    /// Why it is bought all the same.
    pub reason: String,
}

/// What became of the basket.
#[derive(Debug, Default)]
pub struct Ordered {
    /// Numbers of the orders.
    pub numbers: Vec<String>,
    /// What was not ordered, and stays in the basket: each supplier with why.
    pub refused: Vec<(String, Box<Refusal>)>,
}

/// Submits an order for each supplier. What is refused stays in the basket and is told; the others stand.
///
/// # Errors
/// 403; 409 where the basket is no longer as it was seen; 422 where a quantity is missing.
pub async fn order(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    key: &Key,
    (delivery, seen): (&Delivery, &BTreeMap<Id, Seen>),
) -> Result<Ordered> {
    let mut basket = look::look(db, who).await?;
    for group in &mut basket.groups {
        group.drugs.retain(|drug| seen.contains_key(&drug.line.id));
    }
    basket.groups.retain(|group| !group.drugs.is_empty());
    as_seen(&basket.groups, seen)?;
    ready(&basket)?;
    let mut ordered = Ordered::default();
    let mut done = Vec::new();
    for group in &basket.groups {
        match one(db, who, policies, key, (group, delivery, seen)).await {
            Ok(number) => {
                ordered.numbers.push(number);
                done.extend(group.drugs.iter().map(|drug| drug.line.id));
            }
            Err(Error::Refused(no)) if matches!(no.status, 409 | 422) => {
                ordered.refused.push((group.supplier.name.clone(), at_lines(group, no)));
            }
            Err(other) => return Err(other),
        }
    }
    let hospital = who.organisation;
    db.write_unaudited("basket.ordered", move |conn| store::remove(conn, hospital, &done)).await?;
    Ok(ordered)
}

/// The basket may have changed since: a colleague, a supplier suspended.
fn as_seen(groups: &[Group], seen: &BTreeMap<Id, Seen>) -> Result<()> {
    let mut there = 0;
    for group in groups {
        for drug in &group.drugs {
            let same = seen.get(&drug.line.id).is_some_and(|seen| {
                seen.supplier == group.supplier.id && Some(seen.quantity) == drug.line.quantity
            });
            there += usize::from(same);
        }
    }
    if there == seen.len() && there > 0 {
        return Ok(());
    }
    let detail =
        "采购车在您核对后有变化（可能已提交、被同事修改，或供货企业已暂停），这次没有提交。请重新核对。";
    Err(Refusal::new(409, "BASKET_CHANGED", detail).into())
}

async fn one(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    key: &Key,
    (group, delivery, seen): (&Group, &Delivery, &BTreeMap<Id, Seen>),
) -> Result<String> {
    // A supplier has several orders where the lines are more than one holds.
    let first = group.drugs.first().map(|drug| drug.line.id).unwrap_or_default();
    let step = |name: &str| Key { key: format!("{}/{first}/{name}", key.key), ..key.clone() };
    let reason = |id: Id| seen.get(&id).map(|seen| seen.reason.clone()).filter(|reason| !reason.is_empty());
    let made = draft::create(db, who, Some(step("draft")), input(group, delivery, &reason)).await?.body;
    let shown = |(line_no, drug): (i32, &look::Drug)| {
        let seen = seen.get(&drug.line.id)?;
        Some(SubmitLine {
            line_no,
            unit_price: Some(seen.price),
            risk_acknowledged: seen.acknowledged,
            risk_reason: reason(drug.line.id),
        })
    };
    let shown = SubmitInput { lines: (1..).zip(&group.drugs).filter_map(shown).collect() };
    let (id, version) = (made.order.id, made.order.version);
    match submit::submit(db, who, policies, Some(step("submit")), id, version, shown).await {
        Ok(answer) => Ok(answer.body.order.number),
        Err(Error::Refused(no)) => {
            // The lines stay in the basket; a draft beside them would be ordered twice.
            let version = no.extra.get("version").and_then(serde_json::Value::as_i64).unwrap_or(version);
            draft::delete(db, who, id, version).await?;
            Err(Error::Refused(no))
        }
        Err(other) => Err(other),
    }
}

/// The refusal with the basket's lines in place of the order's: `/lines/0/risk_reason` is `/reason-<line>`.
fn at_lines(group: &Group, mut no: Box<Refusal>) -> Box<Refusal> {
    let pointer = |pointer: &str| {
        let mut parts = pointer.strip_prefix("/lines/")?.split('/');
        let drug = group.drugs.get(parts.next()?.parse::<usize>().ok()?)?;
        let field = match parts.next() {
            Some("risk_reason") => "reason",
            Some("risk_acknowledged") => "ack",
            _ => "line",
        };
        Some(format!("/{field}-{}", drug.line.id))
    };
    let named = |error: FieldError| FieldError {
        pointer: pointer(&error.pointer).unwrap_or(error.pointer),
        detail: error.detail,
    };
    no.errors = std::mem::take(&mut no.errors).into_iter().map(named).collect();
    no
}

//! The basket looked at as the orders that it would become.

use super::look::{self, Basket, Drug, Group};
use crate::order::draft::{self, Preview};
use crate::order::input::{DraftInput, LineInput, QuantityUnit};
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::sql::Id;
use crate::platform::who::Principal;

/// Where the goods go and when they are wanted.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// One of the hospital's addresses.
    pub address_id: Id,
    /// Not before the legal day.
    pub wanted_on: chrono::NaiveDate,
}

/// One order that would be made.
#[derive(Debug)]
pub struct Checked {
    /// Who delivers what.
    pub group: Group,
    /// What it comes to, or why it cannot be ordered.
    pub preview: Result<Preview, Box<Refusal>>,
}

/// Looks at the basket, and at each order that it would become. Nothing is written.
///
/// # Errors
/// 403; 422 `/q-<line>` for each drug without a quantity, or where nothing can be ordered.
pub async fn check(db: &Db, who: &Principal, delivery: &Delivery) -> Result<(Basket, Vec<Checked>)> {
    let basket = look::look(db, who).await?;
    ready(&basket)?;
    let mut all = Vec::new();
    for group in &basket.groups {
        let preview = match draft::preview(db, who, input(group, delivery, &|_| None)).await {
            Ok(preview) => Ok(preview),
            Err(Error::Refused(no)) if no.status == 422 => Err(no),
            Err(other) => return Err(other),
        };
        all.push(Checked { group: group.clone(), preview });
    }
    Ok((basket, all))
}

/// Every drug that can be ordered has a quantity.
pub(super) fn ready(basket: &Basket) -> Result<()> {
    let drugs = || basket.groups.iter().flat_map(|group| &group.drugs);
    let missing = |drug: &Drug| FieldError {
        pointer: super::change::pointer(drug.line.id),
        detail: format!("请填写{}的数量", drug.view.name),
    };
    let errors: Vec<FieldError> = drugs().filter(|drug| drug.line.quantity.is_none()).map(missing).collect();
    match (errors.is_empty(), drugs().next().is_some()) {
        (false, _) => Err(Refusal::invalid(errors).into()),
        (_, false) => Err(Refusal::field("/find", "采购车里没有可以订购的药品，请先加入药品").into()),
        _ => Ok(()),
    }
}

/// A group as the draft of an order; `reason` says why a red line is bought all the same.
pub(super) fn input(group: &Group, delivery: &Delivery, reason: &dyn Fn(Id) -> Option<String>) -> DraftInput {
    let line = |drug: &Drug| {
        Some(LineInput {
            listing_id: drug.line.listing_id,
            code: drug.line.code.clone(),
            quantity: crate::platform::http::number::Quantity::parse("", &drug.line.quantity?.to_string())
                .ok()?,
            quantity_unit: Some(QuantityUnit::Unit),
            pack_remark: None,
            risk_reason: reason(drug.line.id),
        })
    };
    DraftInput {
        supplier_id: group.supplier.id,
        address_id: delivery.address_id,
        wanted_on: delivery.wanted_on,
        remark: None,
        lines: group.drugs.iter().filter_map(line).collect(),
    }
}

//! What the clerk does to the basket's lines. What is typed is kept with every button.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::add::summed;
use super::model::BasketLine;
use super::store;
use crate::listing;
use crate::order::pasted::{Row, counted};
use crate::order::show;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Principal;

/// What is to be done beside keeping the quantities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Nothing more.
    Save,
    /// Takes a line out.
    Remove(Id),
    /// Takes everything out.
    Clear,
    /// Takes these drugs for lines that were not recognised, or in place of others.
    Take(Vec<(Id, Id)>),
}

/// Quantities as they were typed, by line; the rest of the basket stays as it is.
pub type Typed = BTreeMap<Id, String>;

/// Keeps what was typed and does what a button says. Quantities that can be read are kept in any case; the others are answered
/// with a field each, `/q-<line>`.
///
/// # Errors
/// 403; 422 where a drug that is to be taken does not exist or has no quantity.
pub async fn change(db: &Db, who: &Principal, typed: Typed, act: Act) -> Result<Vec<FieldError>> {
    show::buyer(who)?;
    let (hospital, received) = (who.organisation, who.received_at);
    db.write_unaudited("basket.change", move |conn| {
        let before = store::lines(conn, hospital)?;
        let (mut lines, mut wrong) = (before.clone(), Vec::new());
        for line in &mut lines {
            if let Some(text) = typed.get(&line.id) {
                wrong.extend(set_quantity(line, text)?);
            }
        }
        let removed = match &act {
            Act::Save => Vec::new(),
            Act::Clear => lines.iter().map(|line| line.id).collect(),
            Act::Remove(id) => vec![*id],
            Act::Take(chosen) => {
                let day = clock::legal_day(conn, received)?;
                take(conn, &mut lines, (chosen, day), &mut wrong)?
            }
        };
        wrong.retain(|error| !removed.iter().any(|id| error.pointer == pointer(*id)));
        store::remove(conn, hospital, &removed)?;
        let same = |line: &BasketLine| before.iter().any(|old| old == line) || removed.contains(&line.id);
        let changed: Vec<BasketLine> = lines.into_iter().filter(|line| !same(line)).collect();
        if !changed.is_empty() {
            store::put(conn, hospital, &changed)?;
        }
        Ok(wrong)
    })
    .await
}

/// The field of a line's quantity.
pub(super) fn pointer(line: Id) -> String {
    format!("/q-{line}")
}

fn set_quantity(line: &mut BasketLine, text: &str) -> Result<Option<FieldError>> {
    if let Some(row) = line.row()? {
        line.keeps(&row.with_quantity(text.trim()))?;
        return Ok(None);
    }
    if text.trim().is_empty() {
        line.quantity = None;
        return Ok(None);
    }
    match counted(text) {
        Ok(read) if read.unit.is_empty() => {
            line.quantity = Some(read.quantity.get());
            Ok(None)
        }
        Ok(read) => {
            let detail = format!("请只填数字，不写单位“{}”", read.unit);
            Ok(Some(FieldError { pointer: pointer(line.id), detail }))
        }
        Err(detail) => Ok(Some(FieldError { pointer: pointer(line.id), detail })),
    }
}

/// Makes drugs of lines that were not recognised; the lines whose drug has a line already end in that.
fn take(
    conn: &mut AnyConn,
    lines: &mut Vec<BasketLine>,
    (chosen, day): (&[(Id, Id)], NaiveDate),
    wrong: &mut Vec<FieldError>,
) -> Result<Vec<Id>> {
    let listings: Vec<Id> = chosen.iter().map(|(_, listing)| *listing).collect();
    let known = listing::store::goods(conn, &listings, day)?;
    let mut removed = Vec::new();
    for (id, listing) in chosen {
        let Some(goods) = known.get(listing) else {
            return Err(Refusal::field(pointer(*id), "没有找到该药品，请重新查找后选择").into());
        };
        let Some(at) = lines.iter().position(|line| line.id == *id) else { continue };
        let row = lines.get(at).map(BasketLine::row).transpose()?.flatten();
        let quantity = match row.as_ref().map(|row| quantity_of(row, goods.product.priced_unit())) {
            Some(Ok(quantity)) => Some(quantity),
            Some(Err(detail)) => {
                wrong.push(FieldError { pointer: pointer(*id), detail });
                continue;
            }
            None => lines.get(at).and_then(|line| line.quantity),
        };
        let other = lines.iter_mut().find(|line| line.listing_id == Some(*listing) && line.id != *id);
        match other {
            Some(other) => {
                other.quantity = summed(other.quantity, quantity)?;
                removed.push(*id);
            }
            None => {
                if let Some(line) = lines.get_mut(at) {
                    (line.listing_id, line.quantity) = (Some(*listing), quantity);
                    (line.code, line.given) = (None, None);
                }
            }
        }
    }
    lines.retain(|line| !removed.contains(&line.id));
    Ok(removed)
}

/// The quantity that stands beside the chosen drug: it counts that drug's unit, whatever the list counted.
fn quantity_of(row: &Row, unit: &str) -> Result<i64, String> {
    match &row.counted {
        Ok(counted) if counted.unit.is_empty() || counted.unit == unit => Ok(counted.quantity.get()),
        Ok(counted) => Err(format!("所选药品按{unit}订购，请填写{unit}数，不写“{}”", counted.unit)),
        Err(why) => Err(why.clone()),
    }
}

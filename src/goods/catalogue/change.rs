//! One product becomes another version of itself: its group, its place in lists and in the search follow.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{DosageClass, Product, ProductKind, ThreeSameGroup};
use super::{content, terms, words};
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::schema::{product, three_same_group};
use crate::platform::sql::{Id, Time};
use crate::{party, save};

/// The group that follows from what a product is; none where it is no injection (INJ-3.1). The brand is the enterprise by its
/// code where it has one: names never decide.
pub fn group_of(product: &Product, batch: Option<Id>, now: Time) -> Option<ThreeSameGroup> {
    if product.dosage_class != DosageClass::Injection {
        return None;
    }
    let read = content::read(&product.strength, product.fill_volume.as_deref());
    let brand = match &product.enterprise_code {
        Some(code) if product.maker_name.is_some() => format!("{} {code}", product.brand),
        _ => product.brand.clone(),
    };
    Some(content::group(&product.generic_name, &brand, &read.group(), batch, now))
}

/// Writes a changed product. Group and keys are computed again where what they follow from has changed.
///
/// # Errors
/// 409 where somebody else changed it meanwhile.
pub fn save_product(
    tx: &mut Tx,
    action: &str,
    before: &Product,
    mut after: Product,
    reason: Option<&str>,
) -> Result<Product> {
    let moved = after.generic_name != before.generic_name
        || after.brand != before.brand
        || after.strength != before.strength
        || after.fill_volume != before.fill_volume
        || after.dosage_form != before.dosage_form
        || after.dosage_class != before.dosage_class
        || after.enterprise_code != before.enterprise_code;
    if moved {
        settle(tx, &mut after)?;
    }
    save!(tx, product, before, &mut after, action, reason)?;
    follow(tx, before, &after)?;
    Ok(after)
}

/// As [`save_product`], where the office that changes it has set group and keys itself.
pub(super) fn save_as_is(tx: &mut Tx, action: &str, before: &Product, mut after: Product) -> Result<()> {
    save!(tx, product, before, &mut after, action, None)?;
    follow(tx, before, &after)
}

/// The search follows where names have changed.
fn follow(tx: &mut Tx, before: &Product, after: &Product) -> Result<()> {
    let named =
        |p: &Product| (p.generic_name.clone(), p.trade_name.clone(), p.brand.clone(), p.sort_key.clone());
    let maker = |p: &Product| (p.manufacturer_id, p.maker_name.clone());
    if named(before) != named(after) || maker(before) != maker(after) {
        let ids: Vec<Id> = after.manufacturer_id.into_iter().collect();
        let names: BTreeMap<Id, String> =
            party::store::organisations(tx.conn, &ids)?.into_iter().map(|o| (o.id, o.name)).collect();
        terms::move_product(tx.conn, after, &names)?;
    }
    Ok(())
}

fn settle(tx: &mut Tx, after: &mut Product) -> Result<()> {
    if after.kind == ProductKind::Consumable {
        return Ok(());
    }
    let read = content::read(&after.strength, after.fill_volume.as_deref());
    after.comparable_key = words::comparable_key(&after.generic_name, &read.comparable(), &after.dosage_form);
    after.sort_key = words::sort_key(&after.generic_name, &read.text, &after.brand);
    (after.content_key, after.content_fault) = (read.key, read.fault);
    let group = group_of(after, None, tx.now());
    if let Some(group) = &group {
        ensure(tx, group)?;
    }
    after.group_id = group.map(|g| g.id);
    Ok(())
}

/// The group's row, where it is not there yet.
pub(super) fn ensure(tx: &mut Tx, group: &ThreeSameGroup) -> Result<()> {
    let known: i64 = three_same_group::table.find(group.id).count().get_result(tx.conn)?;
    if known == 0 {
        diesel::insert_into(three_same_group::table).values(group).execute(tx.conn)?;
        tx.record("group.add", None, Some(group), None)?;
    }
    Ok(())
}

//! Old listings become listings: a group of injections by its unit, anything else by its pack.

use std::collections::BTreeMap;

use super::monitored;
use super::pack_prices_row::{CODE, PriceRow, Target, read, targets};
use crate::catalogue::imports::products_by_code;
use crate::catalogue::{MiCode, Product};
use crate::listing::convert::{self, GroupListing, OldPack};
use crate::listing::direct::{self, DirectListing, Term};
use crate::listing::model::{dec, money};
use crate::listing::{Listing, PriceSource, store};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::import::{Cells, Run};
use crate::platform::policy::Policies;
use crate::platform::sql::{AnyConn, Money};
use crate::rules::money::{Dec, Round};

/// Whether a listing came from just this row.
pub(super) fn already_listed_as(conn: &mut AnyConn, listing: &Listing, cells: &Cells) -> Result<bool> {
    let Ok(row) = read(cells) else { return Ok(false) };
    let packs = store::packs(conn, listing.id)?;
    if packs.iter().any(|pack| pack.code == row.code && pack.pack_price == row.price) {
        return Ok(true);
    }
    let first = store::prices(conn, listing.id)?.into_iter().next();
    // It may have been renewed since.
    let agreed = listing.price_source != PriceSource::General && listing.agreement_until >= row.until;
    Ok(listing.price_source == row.source
        && packs.is_empty()
        && (agreed || first.is_some_and(|price| price.unit_price == row.price)))
}

/// Lists one bundle: all rows that lead to one product.
pub(super) fn apply(tx: &mut Tx, policies: &Policies, _: &Run, cells: &[Cells]) -> Result<()> {
    let codes: Vec<&str> = cells.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(tx.conn, &codes)?;
    let targets = targets(tx.conn, &known)?;
    let rows: Vec<PriceRow> = cells.iter().filter_map(|row| read(row).ok()).collect();
    let Some(first) = rows.first() else { return Ok(()) };
    let target = match targets.get(&first.code) {
        Some(Ok(target)) => target.clone(),
        Some(Err(why)) => return Err(Refusal::wrong_state(why.clone()).into()),
        None => return Err(Refusal::not_found("药品代码").into()),
    };
    if let Some(listing) = store::of_product(tx.conn, target.product().id)? {
        // Carried out by an earlier attempt: then there is nothing to do.
        let mut all = true;
        for row in cells {
            all = all && already_listed_as(tx.conn, &listing, row)?;
        }
        return match all {
            true => Ok(()),
            false => Err(Refusal::wrong_state("该产品已挂网，不能再次导入。").into()),
        };
    }
    match &target {
        Target::Unit(unit) if rows.iter().all(|row| row.source == PriceSource::General) => {
            convert_group(tx, policies, unit, &rows, &known)
        }
        _ => agreed_or_pack(tx, policies, &target, &rows, &known),
    }
}

/// INJ-1.2: every pack of the group is converted; the low value stands until somebody asks for the high one (INJ-3.3).
fn convert_group(
    tx: &mut Tx,
    policies: &Policies,
    unit: &Product,
    rows: &[PriceRow],
    known: &BTreeMap<String, (MiCode, Product)>,
) -> Result<()> {
    let (evaluated, originator) = monitored::peers(tx.conn, unit)?;
    let mut packs = Vec::new();
    for row in rows {
        let (pack_qty, pack_unit) = pack_of(row, known)?;
        packs.push(OldPack {
            code: row.code.clone(),
            pack_qty,
            pack_unit,
            pack_price: row.price,
            basis: row.basis,
            since_day: Some(row.from),
            rise_reason: row.rise,
        });
    }
    let today = tx.legal_now()?.day();
    let from_day = rows.iter().map(|row| row.from).max().map_or(today, |day| day.max(today));
    let group = GroupListing {
        product: unit.id,
        packs,
        evaluated,
        originator,
        other_brands: None,
        accept_high: false,
        from_day,
    };
    convert::list_group(tx, policies, &group).map(drop)
}

/// Units in the pack of a row, and what the pack is.
fn pack_of(row: &PriceRow, known: &BTreeMap<String, (MiCode, Product)>) -> Result<(i64, String)> {
    let (code, product) = known.get(&row.code).ok_or_else(|| Refusal::not_found("药品代码"))?;
    let qty = if code.factor > 1 { code.factor } else { product.pack_qty };
    Ok((qty, product.pack_unit.clone()))
}

fn agreed_or_pack(
    tx: &mut Tx,
    policies: &Policies,
    target: &Target,
    rows: &[PriceRow],
    known: &BTreeMap<String, (MiCode, Product)>,
) -> Result<()> {
    let [row] = rows else {
        let detail = "同组药品有多个代码，其中有集采或国谈价格；请只保留协议约定的一行。";
        return Err(Refusal::wrong_state(detail).clause("INJ-2.3").into());
    };
    let (pack_qty, _) = pack_of(row, known)?;
    let unit_price = match target {
        Target::Pack(_) => row.price,
        Target::Unit(_) => exact(row.price, pack_qty)?,
    };
    let pack_qty = if matches!(target, Target::Pack(_)) { 1 } else { pack_qty };
    let today = tx.legal_now()?.day();
    let new = DirectListing {
        product: target.product().id,
        unit_price,
        price_source: row.source,
        from_day: row.from.max(today),
        term: row.until.map(|until| Term { until, pack_price: row.price, pack_qty }),
    };
    direct::list_product(tx, policies, &new).map(drop)
}

/// An agreed price a unit is what was agreed, to the last digit.
fn exact(price: Money, qty: i64) -> Result<Money> {
    let quotient = dec(price).divided(&Dec::from(qty), Money::SCALE, Round::Down);
    let quotient = quotient.filter(|q| q * &Dec::from(qty) == dec(price)).and_then(|q| money(&q));
    quotient.ok_or_else(|| {
        let detail =
            format!("协议价 {price} 元除以 {qty} 不能除尽，请按协议约定的最小制剂单位价格，以单位编码填报。");
        Error::from(Refusal::field("/unit_price", detail).clause("INJ-2.3"))
    })
}

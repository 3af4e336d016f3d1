//! Old listings become listings: a group of injections by its unit, anything else by its pack.

use diesel::prelude::*;

use super::monitored;
use super::pack_prices_plan::{Listed, Plan, differences, plan};
use super::pack_prices_row::{CODE, PriceRow, read, targets};
use crate::catalogue;
use crate::catalogue::imports::products_by_code;
use crate::listing::convert::{self, GroupListing};
use crate::listing::{Listing, direct, store};
use crate::platform::db::Tx;
use crate::platform::error::{Refusal, Result};
use crate::platform::import::{Cells, Run};
use crate::platform::policy::Policies;
use crate::platform::schema::{listing, pack_listing};
use crate::save;

/// Lists one bundle: all rows that lead to one product.
pub(super) fn apply(tx: &mut Tx, policies: &Policies, _: &Run, cells: &[Cells]) -> Result<()> {
    let codes: Vec<&str> = cells.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(tx.conn, &codes)?;
    let targets = targets(tx.conn, &known)?;
    let rows: Vec<PriceRow> = cells.iter().filter_map(|row| read(row).ok()).collect();
    let Some(first) = rows.first() else { return Ok(()) };
    let target = match targets.get(&first.code) {
        Some(Ok(target)) => target,
        Some(Err(why)) => return Err(Refusal::wrong_state(why.clone()).into()),
        None => return Err(Refusal::not_found("药品代码").into()),
    };
    let today = tx.legal_now()?.day();
    if let Some(listing) = store::of_product(tx.conn, target.product().id)? {
        let packs = store::packs(tx.conn, listing.id)?;
        let first = store::first_prices(tx.conn, &[listing.id])?.remove(&listing.id);
        let listed = Listed { listing: &listing, packs: packs.iter().collect(), first };
        for row in &rows {
            if !differences(row, target, &known, &listed, today)?.faults.is_empty() {
                return Err(Refusal::wrong_state("该产品已挂网，不能再次导入。").into());
            }
        }
        return correct(tx, &listing, &rows);
    }
    match plan(target, &rows, &known, today)? {
        Plan::Direct(new) => direct::list_product(tx, policies, &new).map(drop),
        Plan::Group(group) => {
            let unit = catalogue::store::product(tx.conn, group.product)?;
            let (evaluated, originator) = monitored::peers(tx.conn, &unit)?;
            convert::list_group(tx, policies, &GroupListing { evaluated, originator, ..group }).map(drop)
        }
    }
}

/// Puts right what is kept of packs beside their prices. Nothing is to be done where an earlier attempt carried the rows out.
fn correct(tx: &mut Tx, listing: &Listing, rows: &[PriceRow]) -> Result<()> {
    let before = store::record(tx.conn, listing.id)?;
    let mut after = before.clone();
    for pack in &mut after.packs {
        if let Some(row) = rows.iter().find(|row| row.code == pack.code) {
            (pack.since_day, pack.rise_reason) = (Some(row.from), row.rise);
        }
    }
    if after.packs == before.packs {
        return Ok(());
    }
    save!(tx, listing, &before.listing, &mut after.listing)?;
    for pack in &after.packs {
        let (since, rise) = (pack.since_day, pack.rise_reason);
        diesel::update(pack_listing::table.find(pack.id))
            .set((pack_listing::since_day.eq(since), pack_listing::rise_reason.eq(rise)))
            .execute(tx.conn)?;
    }
    tx.record("listing.correct", Some(&before), Some(&after), None)
}

//! A price that was converted with a wrong number of units is converted again with the right one (INJ-6.2, INJ-2.1).

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::Value;

use super::convert::{GroupListing, Made, OldPack, candidates};
use super::explanation::{Explanation, put_price};
use super::model::{ListingPrice, ListingRecord, PackListing, PriceReason};
use super::{change_price, store};
use crate::catalogue::{self, MiCode, Product};
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::http::number::Price;
use crate::platform::jobs::JobContext;
use crate::platform::policy::{self, Policies};
use crate::platform::schema::{listing, listing_price, pack_listing};
use crate::platform::sql::{Id, Money};
use crate::rules::explain::Steps;
use crate::rules::injection::{self, InjPolicy, Peers};
use crate::rules::money::Dec;
use crate::{save, values};

/// The job `listing.reconvert`, after the codes of a product were put right.
pub async fn job(cx: JobContext, policies: Policies) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (product, reason) = (text("product").parse().map_err(Error::internal)?, text("reason"));
    cx.db.write(&cx.actor(), move |tx| correct_packs(tx, &policies, product, &reason)).await?;
    Ok(Value::Null)
}

/// Corrects the packs by their codes. The price follows from the next legal day on where it is still the converted one; one
/// that was changed since is for a person to look at. Nothing happens where all is right already.
fn correct_packs(tx: &mut Tx, policies: &Policies, product: Id, reason: &str) -> Result<()> {
    let Some(row) = store::of_product(tx.conn, product)? else { return Ok(()) };
    let product = catalogue::store::product(tx.conn, product)?;
    let before = store::record(tx.conn, row.id)?;
    let codes = catalogue::store::codes(tx.conn, product.id)?;
    let wrong: Vec<(&PackListing, i64)> =
        before.packs.iter().filter_map(|pack| Some((pack, corrected(pack, &codes)?))).collect();
    let Some(last) = before.prices.last().filter(|_| !wrong.is_empty()) else { return Ok(()) };
    let today = tx.legal_now()?.day();
    let from_day = if last.from_day > today { Some(last.from_day) } else { today.succ_opt() };
    let from_day = from_day.ok_or_else(|| Error::internal("the end of the calendar"))?;
    let converted = before.prices.iter().rev().find(|price| price.reason.is_conversion());
    let input = converted.map(Explanation::of).transpose()?.map(|how| how.input).unwrap_or_default();
    let group = group(&before, &codes, &input, from_day)?;
    let made = made(tx, policies, &product, &group, &row.code, &wrong)?;
    let mut after = before.clone();
    for (pack, made) in after.packs.iter_mut().zip(&made.packs) {
        (pack.pack_qty, pack.unit_price, pack.branch) = (made.pack_qty, made.unit_price, made.branch.clone());
    }
    if last.reason.is_conversion() {
        let price = made.prices.into_iter().next().ok_or_else(|| Error::internal("no price"))?;
        after.prices.retain(|p| p.from_day < from_day);
        after.prices.push(ListingPrice { listing_id: row.id, reason: PriceReason::Correction, ..price });
    }
    save!(tx, listing, &before.listing, &mut after.listing)?;
    put_parts(tx, &before, &after)?;
    tx.record("listing.reconvert", Some(&before), Some(&after), Some(reason))?;
    let Some(new) = after.prices.last().filter(|price| !before.prices.contains(price)) else { return Ok(()) };
    change_price::tell(tx, &row, new, &product)
}

/// The right number of units, where the pack has another.
fn corrected(pack: &PackListing, codes: &[MiCode]) -> Option<i64> {
    let code = codes.iter().find(|code| code.code == pack.code && code.replaced_by.is_some())?;
    (code.factor != pack.pack_qty).then_some(code.factor)
}

/// The group as it was converted, with the right numbers and the peers of that time.
fn group(
    before: &ListingRecord,
    codes: &[MiCode],
    input: &Value,
    from_day: NaiveDate,
) -> Result<GroupListing> {
    let basis = |word: &str| serde_json::from_value(Value::String(word.into())).map_err(Error::internal);
    let pack = |pack: &PackListing| {
        Ok(OldPack {
            code: pack.code.clone(),
            pack_qty: corrected(pack, codes).unwrap_or(pack.pack_qty),
            pack_unit: pack.pack_unit.clone(),
            pack_price: pack.pack_price,
            basis: basis(&pack.basis)?,
            since_day: pack.since_day,
            rise_reason: pack.rise_reason,
        })
    };
    let peers = |list: &str| -> Result<Vec<Money>> {
        let all = input.pointer(&format!("/peers/{list}")).and_then(Value::as_array);
        let texts = all.into_iter().flatten().map(|text| text.as_str().unwrap_or_default());
        texts.map(|text| Ok(Price::parse(list, text).map_err(Error::internal)?.get())).collect()
    };
    Ok(GroupListing {
        product: before.listing.product_id,
        packs: before.packs.iter().map(pack).collect::<Result<_>>()?,
        evaluated: peers("evaluated")?,
        originator: peers("originator")?,
        other_brands: Some(peers("other_brands")?),
        accept_high: input.get("accept_high").and_then(Value::as_bool).unwrap_or(false),
        from_day,
    })
}

/// What the law makes of the group on its day.
fn made(
    tx: &mut Tx,
    policies: &Policies,
    product: &Product,
    group: &GroupListing,
    unit_code: &str,
    wrong: &[(&PackListing, i64)],
) -> Result<ListingRecord> {
    let policy = policies.in_force(group.from_day)?;
    let law = InjPolicy::of(&policy)?;
    policy::keep(tx, &policy)?;
    let decs = |list: &[Money]| -> Vec<Dec> { list.iter().map(|m| super::model::dec(*m)).collect() };
    let peers = Peers {
        evaluated: decs(&group.evaluated),
        originator: decs(&group.originator),
        other_brands: decs(group.other_brands.as_deref().unwrap_or_default()),
    };
    let mut steps = Steps::on();
    for (pack, right) in wrong {
        steps.add("INJ-6.2", || {
            let (code, old, day) = (&pack.code, pack.pack_qty, group.from_day);
            let text =
                format!("编码 {code} 的每包装数量由 {old} 更正为 {right}，自 {day} 起按更正后的数量换算");
            (text, values! { "code" => code, "old" => old, "new" => right, "day" => day })
        });
    }
    let candidates = candidates(group, product)?;
    let decision = injection::listing(&candidates, &peers, group.accept_high, &law, &mut steps)
        .ok_or_else(|| Error::internal("a group without packs"))?;
    Made { group, product, unit_code, peers: &peers, policy: &policy }.rows(&decision, steps, tx.now())
}

/// Packs and prices as they are now.
fn put_parts(tx: &mut Tx, before: &ListingRecord, after: &ListingRecord) -> Result<()> {
    for pack in &after.packs {
        let (qty, price, branch) = (pack.pack_qty, pack.unit_price, &pack.branch);
        diesel::update(pack_listing::table.find(pack.id))
            .set((
                pack_listing::pack_qty.eq(qty),
                pack_listing::unit_price.eq(price),
                pack_listing::branch.eq(branch),
            ))
            .execute(tx.conn)?;
    }
    for gone in before.prices.iter().filter(|p| !after.prices.contains(p)) {
        diesel::delete(listing_price::table.find(gone.id)).execute(tx.conn)?;
    }
    for new in after.prices.iter().filter(|p| !before.prices.contains(p)) {
        put_price(tx.conn, new)?;
    }
    Ok(())
}

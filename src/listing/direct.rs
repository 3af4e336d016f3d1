//! Lists a product at a price of its own: everything that is no injection by its pack, and unit prices that a volume-based
//! procurement or a negotiation agreed (INJ-2.3).

use chrono::NaiveDate;

use super::convert::save;
use super::explanation::{Explanation, INJ_DOCUMENT};
use super::model::{Listing, ListingPrice, ListingRecord, ListingState, Mark, PriceReason, PriceSource};
use super::store;
use crate::catalogue::{self, CodeState, DosageClass, Product};
use crate::platform::db::{Actor, Db, Id, Money, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::policy::{self, Policies};
use crate::rules::explain::Steps;
use crate::rules::injection::needs_unit_listing;
use crate::rules::policy::Policy;
use crate::values;

/// What is listed.
#[derive(Debug, Clone)]
pub struct DirectListing {
    /// The product.
    pub product: Id,
    /// Yuan a priced unit.
    pub unit_price: Money,
    /// Where the price comes from.
    pub price_source: PriceSource,
    /// First legal day.
    pub from_day: NaiveDate,
}

/// Lists a product.
///
/// # Errors
/// 404 for an unknown product, 409 if it is listed already, 422 for a price or an injection that cannot be listed so.
pub async fn list_direct(
    db: &Db,
    actor: &Actor,
    policies: &Policies,
    new: DirectListing,
) -> Result<ListingRecord> {
    let policies = policies.clone();
    db.write(actor, move |tx| put(tx, &policies, &new)).await
}

/// As [`list_direct`], inside a running write.
pub fn put(tx: &mut Tx, policies: &Policies, new: &DirectListing) -> Result<ListingRecord> {
    let product = catalogue::store::product(tx.conn, new.product)?;
    check_price(new.unit_price, new.price_source)?;
    let by_box = product.dosage_class == DosageClass::Injection
        && needs_unit_listing(&product.unit, u32::try_from(product.pack_qty).unwrap_or(0));
    if by_box {
        let detail = "注射剂须按最小制剂单位（支、瓶、袋、套）挂网，不能按盒挂网";
        return Err(Refusal::field("/product", detail).clause("INJ-1.1").into());
    }
    let codes = catalogue::store::codes(tx.conn, product.id)?;
    let Some(own) = codes.iter().find(|c| c.factor == 1 && c.state == CodeState::Active) else {
        return Err(Refusal::field(
            "/product",
            format!("{}没有可用的医保编码，请先申请编码", product.label()),
        )
        .into());
    };
    if store::of_product(tx.conn, product.id)?.is_some() {
        return Err(Refusal::wrong_state(format!("{}已挂网，不能重复挂网。", product.label())).into());
    }
    let policy = policies.in_force(new.from_day)?;
    policy::keep(tx, &policy)?;
    let now = tx.now();
    let listing = Listing {
        id: Id::new(),
        product_id: product.id,
        code: own.code.clone(),
        state: ListingState::Listed,
        price_source: new.price_source,
        created_at: now,
        version: 1,
    };
    let price = ListingPrice {
        id: Id::new(),
        listing_id: listing.id,
        from_day: new.from_day,
        unit_price: new.unit_price,
        mark: Mark::None,
        low: None,
        ratio: None,
        reason: PriceReason::FirstListing,
        explanation: explanation(new, &product, &policy).to_text()?,
        policy_digest: policy.digest().to_owned(),
        created_at: now,
    };
    let record = ListingRecord { listing, prices: vec![price], packs: Vec::new() };
    save(tx, &record)?;
    tx.record("listing.add", None, Some(&record), None)?;
    Ok(record)
}

/// A price that is bid directly has at most two decimals; an agreed one stands as it was agreed (INJ-2.1, INJ-2.3).
pub(super) fn check_price(price: Money, source: PriceSource) -> Result<()> {
    let per = if source == PriceSource::General { 10_000 } else { 1 };
    let detail = match price.0 {
        ..=0 => format!("价格应大于 0，您填的是 {price}"),
        100_000_000_000_001.. => format!("价格不能超过 100000000 元，您填的是 {price}"),
        p if p % per != 0 => format!("直接申报的价格至多 2 位小数，您填的是 {price}"),
        _ => return Ok(()),
    };
    Err(Refusal::field("/unit_price", detail).clause("INJ-2.1").into())
}

fn explanation(new: &DirectListing, product: &Product, policy: &Policy) -> Explanation {
    let (price, unit) = (new.unit_price, product.priced_unit());
    let mut steps = Steps::on();
    if new.price_source == PriceSource::General {
        steps.add("INJ-2.1", || {
            let text = format!("企业直接申报 {price} 元/{unit}，不经换算，至多 2 位小数");
            (text, values! { "unit_price" => price, "unit" => unit })
        });
    } else {
        let word =
            if new.price_source == PriceSource::Vbp { "集中带量采购" } else { "医保目录谈判" };
        steps.add("INJ-2.3", || {
            let text = format!("{word}约定价 {price} 元/{unit}，协议期内按约定执行");
            (text, values! { "unit_price" => price, "unit" => unit })
        });
    }
    Explanation {
        result: Explanation::sentence(price, unit, Mark::None, None),
        steps: steps.take(),
        rule: None,
        input: serde_json::Value::Null,
        policy: policy.name.clone(),
        policy_digest: policy.digest().to_owned(),
        documents: vec![INJ_DOCUMENT.into()],
    }
}

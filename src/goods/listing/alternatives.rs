//! What can be bought instead of a marked product (INJ-4.3): same generic name, content, volume and form, no mark, cheaper.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::{self, Goods};
use crate::catalogue::{Offered, Product};
use crate::party::store::Deliverer;
use crate::party::{self, OrgState};
use crate::platform::error::Result;
use crate::platform::sql::{AnyConn, Id, Money};

/// Alternatives shown at most.
pub const MOST: usize = 10;

/// A product that can be bought instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Alternative {
    /// Its listing.
    pub listing_id: Id,
    /// Its product.
    pub product_id: Id,
    /// Name.
    pub name: String,
    /// Brand.
    pub brand: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// Who delivers it: the order's own supplier where that one may, else the enterprise.
    pub supplier_id: Id,
    /// The supplier's name.
    pub supplier: String,
    /// True where it can stay in the same order.
    pub same_supplier: bool,
    /// The priced unit.
    pub unit: String,
    /// Yuan a unit.
    pub unit_price: Money,
    /// How much less that is than the marked product, yuan a unit.
    pub less: Money,
}

/// What something is to be bought in place of.
#[derive(Debug, Clone, Copy)]
pub struct Marked<'a> {
    /// The marked product.
    pub product: &'a Product,
    /// What it costs, yuan a unit.
    pub price: Money,
}

/// A product that is offered on the day without a mark.
struct Offer {
    listing_id: Id,
    product: Offered,
    unit_price: Money,
}

/// For each marked product up to ten alternatives, the cheapest first, then by name. `supplier` is the order's, where there is
/// one.
pub fn alternatives(
    conn: &mut AnyConn,
    marked: &[Marked<'_>],
    day: NaiveDate,
    supplier: Option<Id>,
) -> Result<Vec<Vec<Alternative>>> {
    if marked.is_empty() {
        return Ok(Vec::new());
    }
    let offers = offers(conn, marked, day)?;
    let makers = offers.values().flatten().filter_map(|offer| offer.product.manufacturer_id);
    let makers: Vec<Id> = makers.chain(supplier).collect();
    let parties = party::store::with_appointment(conn, &makers, supplier)?;
    Ok(marked.iter().map(|marked| instead_of(*marked, &offers, &parties, supplier)).collect())
}

/// What is offered in the place of any of them, by what makes products comparable.
fn offers(conn: &mut AnyConn, marked: &[Marked<'_>], day: NaiveDate) -> Result<BTreeMap<String, Vec<Offer>>> {
    let keys: Vec<&str> = marked.iter().map(|marked| marked.product.comparable_key.as_str()).collect();
    let mut offers: BTreeMap<String, Vec<Offer>> = BTreeMap::new();
    for Goods { listing_id, product, code, price, .. } in store::unmarked(conn, &keys, day)? {
        if let (Some(price), Some(false)) = (price, code.map(|code| code.is_stopped(day))) {
            let unit_price = price.unit_price;
            let key = product.comparable_key.clone();
            offers.entry(key).or_default().push(Offer { listing_id, product, unit_price });
        }
    }
    for same in offers.values_mut() {
        same.sort_by(|a, b| {
            let (one, two) = (&a.product, &b.product);
            (a.unit_price, &one.sort_key, one.id).cmp(&(b.unit_price, &two.sort_key, two.id))
        });
    }
    Ok(offers)
}

fn instead_of(
    Marked { product, price }: Marked<'_>,
    offers: &BTreeMap<String, Vec<Offer>>,
    parties: &BTreeMap<Id, Deliverer>,
    supplier: Option<Id>,
) -> Vec<Alternative> {
    let same_kind = offers.get(&product.comparable_key).into_iter().flatten();
    let cheaper = same_kind.filter(|offer| {
        offer.unit_price < price
            && offer.product.id != product.id
            && offer.product.priced_unit() == product.priced_unit()
    });
    let own_supplier = supplier.and_then(|id| parties.get(&id));
    let alternative = |offer: &Offer| {
        let maker = offer.product.manufacturer_id.and_then(|id| parties.get(&id))?;
        let same = maker.may_be_delivered_by(supplier);
        let who = own_supplier.filter(|_| same).unwrap_or(maker);
        (who.organisation.state == OrgState::Active).then(|| Alternative {
            listing_id: offer.listing_id,
            product_id: offer.product.id,
            name: offer.product.label(),
            brand: offer.product.brand.clone(),
            spec: offer.product.spec(),
            maker: maker.organisation.name.clone(),
            supplier_id: who.organisation.id,
            supplier: who.organisation.name.clone(),
            same_supplier: same,
            unit: offer.product.priced_unit().to_owned(),
            unit_price: offer.unit_price,
            less: Money(price.0 - offer.unit_price.0),
        })
    };
    cheaper.filter_map(alternative).take(MOST).collect()
}

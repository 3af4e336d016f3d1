//! What can be bought instead of a marked product (INJ-4.3): same generic name, content, volume and form, no mark, cheaper.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{ListingState, Mark, price_at};
use super::store;
use crate::catalogue::{self, MiCode, Product};
use crate::party::{self, OrgState, Organisation};
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

/// Up to ten alternatives, the cheapest first, then by name. `supplier` is the order's, where there is one.
pub fn alternatives(
    conn: &mut AnyConn,
    product: &Product,
    price: Money,
    day: NaiveDate,
    supplier: Option<Id>,
) -> Result<Vec<Alternative>> {
    let mut others = catalogue::store::comparable(conn, &product.comparable_key)?;
    others.retain(|other| other.id != product.id && other.priced_unit() == product.priced_unit());
    let ids: Vec<Id> = others.iter().map(|p| p.id).collect();
    let listings = store::of_products(conn, &ids)?;
    let keys: Vec<Id> = listings.values().map(|l| l.id).collect();
    let prices = store::prices_of(conn, &keys)?;
    let codes: BTreeMap<String, MiCode> =
        catalogue::store::codes_of(conn, &ids)?.into_iter().map(|c| (c.code.clone(), c)).collect();
    let mut found: Vec<(&Product, Id, Money)> = Vec::new();
    for other in &others {
        let Some(listing) = listings.get(&other.id).filter(|l| l.state == ListingState::Listed) else {
            continue;
        };
        let current = prices.get(&listing.id).and_then(|all| price_at(all, day));
        let Some(current) = current.filter(|p| p.mark == Mark::None && p.unit_price < price) else {
            continue;
        };
        if codes.get(&listing.code).is_some_and(|code| !code.is_stopped(day)) {
            found.push((other, listing.id, current.unit_price));
        }
    }
    found.sort_by(|a, b| (a.2, &a.0.sort_key, a.0.id).cmp(&(b.2, &b.0.sort_key, b.0.id)));
    with_suppliers(conn, found, price, supplier)
}

fn with_suppliers(
    conn: &mut AnyConn,
    found: Vec<(&Product, Id, Money)>,
    price: Money,
    supplier: Option<Id>,
) -> Result<Vec<Alternative>> {
    let mut ids: Vec<Id> = found.iter().filter_map(|(p, ..)| p.manufacturer_id).chain(supplier).collect();
    ids.sort_unstable();
    ids.dedup();
    let orgs: BTreeMap<Id, Organisation> =
        party::store::organisations(conn, &ids)?.into_iter().map(|o| (o.id, o)).collect();
    let mut all = Vec::new();
    for (product, listing_id, unit_price) in found {
        let Some(maker) = product.manufacturer_id.and_then(|id| orgs.get(&id)) else { continue };
        let same = match supplier {
            Some(id) => party::store::may_deliver(conn, maker.id, id)?,
            None => false,
        };
        let who = supplier.filter(|_| same).and_then(|id| orgs.get(&id)).unwrap_or(maker);
        if who.state != OrgState::Active {
            continue;
        }
        all.push(Alternative {
            listing_id,
            product_id: product.id,
            name: product.label(),
            brand: product.brand.clone(),
            spec: product.spec(),
            maker: maker.name.clone(),
            supplier_id: who.id,
            supplier: who.name.clone(),
            same_supplier: same,
            unit: product.priced_unit().to_owned(),
            unit_price,
            less: Money(price.0 - unit_price.0),
        });
        if all.len() == MOST {
            break;
        }
    }
    Ok(all)
}

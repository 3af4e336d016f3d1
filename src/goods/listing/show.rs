//! One product with everything that its page shows.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::alternatives::{Alternative, Marked, alternatives};
use super::explanation::Explanation;
use super::find::{self, ProductView};
use super::model::{Mark, PackListing, PriceReason};
use super::store;
use crate::catalogue::imports::consumables::{self, Consumable};
use crate::catalogue::{self, MiCode, Product};
use crate::party;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::sql::{AnyConn, Id, Money, Time};

/// Prices that are told at most.
const HISTORY: usize = 200;

/// A product, its listing, and where both come from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProductDetail {
    /// As in a list.
    #[serde(flatten)]
    pub view: ProductView,
    /// All of the product.
    pub product: Product,
    /// What only a consumable has; none for a drug.
    pub consumable: Option<Consumable>,
    /// Its codes, its own first.
    pub codes: Vec<MiCode>,
    /// Who delivers it: the enterprise first.
    pub suppliers: Vec<Supplier>,
    /// Packs until the switch, with what they convert to (INJ-1.2, INJ-2.1).
    pub packs: Vec<PackListing>,
    /// The price of the day's explanation.
    pub explanation: Option<Explanation>,
    /// Its prices, the latest first, at most 200.
    pub history: Vec<PriceStep>,
    /// How many prices there are.
    pub history_count: usize,
    /// Version of the listing, for a change of its price.
    pub listing_version: Option<i64>,
    /// For a marked product: what can be bought instead (INJ-4.3).
    pub alternatives: Vec<Alternative>,
}

/// Somebody who delivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Supplier {
    /// The organisation.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// Its city.
    pub city: String,
    /// True for the enterprise itself.
    pub is_manufacturer: bool,
}

/// A price and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriceStep {
    /// The price's key, for its explanation.
    pub id: Id,
    /// First legal day.
    pub from_day: chrono::NaiveDate,
    /// Yuan a unit.
    pub unit_price: Money,
    /// Mark.
    pub mark: Mark,
    /// Why it came about.
    pub reason: PriceReason,
    /// True where the office set it: then its enterprise cannot take it back.
    pub by_office: bool,
}

/// A product on the legal day of `now`.
///
/// # Errors
/// 404 if there is none, or its import is not published.
pub async fn show(db: &Db, product: Id, now: Time) -> Result<ProductDetail> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        let product = catalogue::store::product(conn, product)?;
        detail(conn, product, day)
    })
    .await
}

/// The product of a listing on the legal day of `now`.
///
/// # Errors
/// 404 if there is none.
pub async fn show_listing(db: &Db, listing: Id, now: Time) -> Result<ProductDetail> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        of_listing(conn, listing, day)
    })
    .await
}

/// The product of a listing on a legal day.
pub(super) fn of_listing(conn: &mut AnyConn, listing: Id, day: chrono::NaiveDate) -> Result<ProductDetail> {
    let listing = store::listing(conn, listing)?;
    let product = catalogue::store::product(conn, listing.product_id)?;
    detail(conn, product, day)
}

fn detail(conn: &mut AnyConn, product: Product, day: chrono::NaiveDate) -> Result<ProductDetail> {
    let view = find::views(conn, std::slice::from_ref(&product), day)?.into_iter().next();
    let view = view.ok_or_else(|| crate::platform::error::Error::internal("a product without its view"))?;
    let consumable = consumables::of_products(conn, &[product.id])?.remove(&product.id);
    let codes = catalogue::store::codes(conn, product.id)?;
    let suppliers = suppliers_of(conn, product.manufacturer_id)?;
    let record = view.listing_id.map(|id| store::record(conn, id)).transpose()?;
    let explanation = record.as_ref().and_then(|r| r.price_at(day)).map(Explanation::of).transpose()?;
    let explanation = explanation.map(|how| how.about(&product));
    let alternatives = match view.unit_price.filter(|_| view.mark != Mark::None) {
        Some(price) => alternatives(conn, &[Marked { product: &product, price }], day, None)?.pop(),
        None => None,
    };
    let listing_version = record.as_ref().map(|r| r.listing.version);
    let by_office = view.listing_id.map(|id| store::set_by_office(conn, id)).transpose()?;
    let by_office = by_office.unwrap_or_default();
    let (prices, packs) = record.map(|r| (r.prices, r.packs)).unwrap_or_default();
    let history_count = prices.len();
    let history = prices.into_iter().rev().take(HISTORY).map(|p| PriceStep {
        id: p.id,
        from_day: p.from_day,
        unit_price: p.unit_price,
        mark: p.mark,
        reason: p.reason,
        by_office: by_office.contains(&(p.from_day, p.unit_price)),
    });
    let history = history.collect();
    Ok(ProductDetail {
        view,
        product,
        consumable,
        codes,
        suppliers,
        packs,
        explanation,
        history,
        history_count,
        listing_version,
        alternatives: alternatives.unwrap_or_default(),
    })
}

/// Who delivers the products of enterprises, by enterprise: itself first, then its distributors by name.
pub fn suppliers(conn: &mut AnyConn, manufacturers: &[Id]) -> Result<BTreeMap<Id, Vec<Supplier>>> {
    let mut all: BTreeMap<Id, Vec<Supplier>> = BTreeMap::new();
    for (manufacturer, o) in party::store::suppliers_of(conn, manufacturers)? {
        let is_manufacturer = o.id == manufacturer;
        let supplier = Supplier { is_manufacturer, id: o.id, name: o.name, city: o.city };
        all.entry(manufacturer).or_default().push(supplier);
    }
    Ok(all)
}

fn suppliers_of(conn: &mut AnyConn, manufacturer: Option<Id>) -> Result<Vec<Supplier>> {
    let of = suppliers(conn, manufacturer.as_slice())?;
    Ok(of.into_values().flatten().collect())
}

/// Who delivers the product of a listing.
///
/// # Errors
/// 404 if there is no such listing.
pub async fn suppliers_of_listing(db: &Db, listing: Id) -> Result<Vec<Supplier>> {
    db.read(move |conn| {
        let listing = store::listing(conn, listing)?;
        let product = catalogue::store::product(conn, listing.product_id)?;
        suppliers_of(conn, product.manufacturer_id)
    })
    .await
}

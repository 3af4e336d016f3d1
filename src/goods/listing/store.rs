//! Queries of this office.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{Listing, ListingPrice, ListingRecord, PackListing};
use crate::on_db;
use crate::platform::audit::{Audited, RowSource};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::schema::{listing, listing_price, pack_listing};
use crate::platform::sql::{AnyConn, Id};

/// A listing by its key.
pub fn listing(conn: &mut AnyConn, id: Id) -> Result<Listing> {
    let found =
        on_db!(conn, c => listing::table.find(id).select(Listing::as_select()).get_result(c)).optional()?;
    found.ok_or_else(|| Refusal::not_found("挂网药品").into())
}

/// The listing of a product, if it has one.
pub fn of_product(conn: &mut AnyConn, product: Id) -> Result<Option<Listing>> {
    let found = listing::table.filter(listing::product_id.eq(product)).select(Listing::as_select());
    Ok(found.get_result(conn).optional()?)
}

/// The listings of several products, by product.
pub fn of_products(conn: &mut AnyConn, products: &[Id]) -> Result<BTreeMap<Id, Listing>> {
    let all: Vec<Listing> = listing::table
        .filter(listing::product_id.eq_any(products))
        .select(Listing::as_select())
        .load(conn)?;
    Ok(all.into_iter().map(|l| (l.product_id, l)).collect())
}

/// All prices of a listing by their first day.
pub fn prices(conn: &mut AnyConn, listing: Id) -> Result<Vec<ListingPrice>> {
    Ok(on_db!(conn, c => listing_price::table
        .filter(listing_price::listing_id.eq(listing))
        .select(ListingPrice::as_select())
        .order(listing_price::from_day)
        .load(c))?)
}

/// All prices of several listings, by listing.
pub fn prices_of(conn: &mut AnyConn, listings: &[Id]) -> Result<BTreeMap<Id, Vec<ListingPrice>>> {
    let all: Vec<ListingPrice> = listing_price::table
        .filter(listing_price::listing_id.eq_any(listings))
        .select(ListingPrice::as_select())
        .load(conn)?;
    let mut by_listing: BTreeMap<Id, Vec<ListingPrice>> = BTreeMap::new();
    for price in all {
        by_listing.entry(price.listing_id).or_default().push(price);
    }
    Ok(by_listing)
}

/// One price of a listing.
pub fn price(conn: &mut AnyConn, listing: Id, id: Id) -> Result<ListingPrice> {
    let found = listing_price::table
        .filter(listing_price::id.eq(id))
        .filter(listing_price::listing_id.eq(listing))
        .select(ListingPrice::as_select())
        .get_result(conn)
        .optional()?;
    found.ok_or_else(|| Refusal::not_found("价格").into())
}

/// The packs of a listing until the switch.
pub fn packs(conn: &mut AnyConn, listing: Id) -> Result<Vec<PackListing>> {
    Ok(pack_listing::table
        .filter(pack_listing::listing_id.eq(listing))
        .select(PackListing::as_select())
        .order(pack_listing::line_no)
        .load(conn)?)
}

/// A listing with all that belongs to it.
pub fn record(conn: &mut AnyConn, id: Id) -> Result<ListingRecord> {
    let (listing, prices, packs) = (listing(conn, id)?, prices(conn, id)?, packs(conn, id)?);
    Ok(ListingRecord { listing, prices, packs })
}

/// The rows of this office for `jicai audit verify --rows`: listings, each with its prices and packs.
pub const ROWS: RowSource = RowSource { object_type: ListingRecord::TYPE, load: records };

fn records(conn: &mut AnyConn, after: Option<Id>, limit: i64) -> Result<Vec<(Id, serde_json::Value)>> {
    let mut query = listing::table.order(listing::id).limit(limit).select(listing::id).into_boxed();
    if let Some(after) = after {
        query = query.filter(listing::id.gt(after));
    }
    let ids: Vec<Id> = query.load(conn)?;
    let value = |id| Ok((id, serde_json::to_value(record(conn, id)?).map_err(Error::internal)?));
    ids.into_iter().map(value).collect()
}

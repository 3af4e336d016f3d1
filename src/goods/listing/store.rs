//! Queries of this office.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{DayPrice, Listing, ListingPrice, ListingRecord, ListingState, Mark, PackListing};
use crate::catalogue::proposal::ProposalState;
use crate::catalogue::{CodeInUse, Offered};
use crate::platform::audit::{Audited, Row, RowSource};
use crate::platform::db::{Prepared, padded};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{listing, listing_price, mi_code, pack_listing, price_proposal, product};
use crate::platform::sql::{AnyConn, Id, Money};
use crate::{keyset, on_db, visible_product};

/// Prices of one listing that the office set and that are looked at.
const MOST_SET: i64 = 200;

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

/// The products of several listings, by listing.
pub fn products_of(conn: &mut AnyConn, listings: &[Id]) -> Result<BTreeMap<Id, Id>> {
    let all: Vec<(Id, Id)> = listing::table
        .filter(listing::id.eq_any(listings))
        .select((listing::id, listing::product_id))
        .load(conn)?;
    Ok(all.into_iter().collect())
}

/// All prices of a listing by their first day.
pub fn prices(conn: &mut AnyConn, listing: Id) -> Result<Vec<ListingPrice>> {
    Ok(on_db!(conn, c => listing_price::table
        .filter(listing_price::listing_id.eq(listing))
        .select(ListingPrice::as_select())
        .order(listing_price::from_day)
        .load(c))?)
}

/// True for a price that is in force on a day: the latest whose first day is not after it.
macro_rules! in_force {
    ($day:expr) => {{
        let later = diesel::alias!(listing_price as later_price);
        let (of, from) = (later.field(listing_price::listing_id), later.field(listing_price::from_day));
        let replaced = later
            .filter(of.eq(listing_price::listing_id))
            .filter(from.gt(listing_price::from_day))
            .filter(from.le($day));
        listing_price::from_day.le($day).and(not(exists(replaced)))
    }};
}

/// The prices of several listings that are in force on `day`, by listing; a listing without one has none yet.
pub fn prices_on(conn: &mut AnyConn, listings: &[Id], day: NaiveDate) -> Result<BTreeMap<Id, DayPrice>> {
    let keys = padded(listings.iter().copied());
    let found: Vec<DayPrice> = on_db!(conn, c => Prepared(
        listing_price::table
            .filter(listing_price::listing_id.eq_any(keys))
            .filter(in_force!(day))
            .select(DayPrice::as_select())
    )
    .load(c))?;
    Ok(found.into_iter().map(|price| (price.listing_id, price)).collect())
}

/// The next price of several listings after `day`, by listing; most have none.
pub fn coming(conn: &mut AnyConn, listings: &[Id], day: NaiveDate) -> Result<BTreeMap<Id, DayPrice>> {
    let keys = padded(listings.iter().copied());
    let found: Vec<DayPrice> = on_db!(conn, c => Prepared(
        listing_price::table
            .filter(listing_price::listing_id.eq_any(keys))
            .filter(listing_price::from_day.gt(day))
            .order(listing_price::from_day.desc())
            .select(DayPrice::as_select())
    )
    .load(c))?;
    Ok(found.into_iter().map(|price| (price.listing_id, price)).collect())
}

/// The prices of a listing that the office set, the latest 200 by day and yuan: its enterprise cannot take them back.
///
/// # Errors
/// Of the database.
pub fn set_by_office(conn: &mut AnyConn, listing: Id) -> Result<BTreeSet<(NaiveDate, Money)>> {
    let set: Vec<(NaiveDate, Money)> = price_proposal::table
        .filter(price_proposal::listing_id.eq(listing))
        .filter(price_proposal::state.eq(ProposalState::Confirmed))
        .order(price_proposal::from_day.desc())
        .limit(MOST_SET)
        .select((price_proposal::from_day, price_proposal::unit_price))
        .load(conn)?;
    Ok(set.into_iter().collect())
}

/// What can be bought under a listing.
#[derive(Debug, Clone, Queryable)]
pub struct Goods {
    /// The listing.
    pub listing_id: Id,
    /// The code under which it is bought.
    pub listed_as: String,
    /// How far the listing is.
    pub state: ListingState,
    /// Its product.
    pub product: Offered,
    /// What is known of the code.
    pub code: Option<CodeInUse>,
    /// Its price of the day; none before the first.
    pub price: Option<DayPrice>,
}

/// Rows of [`Goods`] on a day. A product that does not exist yet is left out.
macro_rules! goods_on {
    ($day:expr) => {
        listing::table
            .inner_join(product::table)
            .left_join(mi_code::table.on(mi_code::code.eq(listing::code)))
            .left_join(
                listing_price::table.on(listing_price::listing_id.eq(listing::id).and(in_force!($day))),
            )
            .filter(visible_product!())
            .select((
                listing::id,
                listing::code,
                listing::state,
                Offered::as_select(),
                Option::<CodeInUse>::as_select(),
                Option::<DayPrice>::as_select(),
            ))
    };
}

/// What can be bought under several listings on `day`, by listing.
pub fn goods(conn: &mut AnyConn, listings: &[Id], day: NaiveDate) -> Result<BTreeMap<Id, Goods>> {
    let keys = padded(listings.iter().copied());
    let found: Vec<Goods> =
        on_db!(conn, c => Prepared(goods_on!(day).filter(listing::id.eq_any(keys))).load(c))?;
    Ok(found.into_iter().map(|goods| (goods.listing_id, goods)).collect())
}

/// What is listed on `day` without a mark of the products that can stand in for one another under one of these keys (INJ-4.3).
pub fn unmarked(conn: &mut AnyConn, comparable_keys: &[&str], day: NaiveDate) -> Result<Vec<Goods>> {
    let keys = padded(comparable_keys.iter().copied());
    Ok(on_db!(conn, c => Prepared(
        goods_on!(day)
            .filter(product::comparable_key.eq_any(keys))
            .filter(listing::state.eq(ListingState::Listed))
            .filter(listing_price::mark.nullable().eq(Mark::None))
    )
    .load(c))?)
}

/// Codes, each with the listing of its product if it has one.
pub fn listed_under(conn: &mut AnyConn, codes: &[&str]) -> Result<BTreeMap<String, (CodeInUse, Option<Id>)>> {
    let codes = padded(codes.iter().copied());
    let found: Vec<(CodeInUse, Option<Id>)> = on_db!(conn, c => Prepared(
        mi_code::table
            .left_join(listing::table.on(listing::product_id.eq(mi_code::product_id)))
            .filter(mi_code::code.eq_any(codes))
            .select((CodeInUse::as_select(), listing::id.nullable()))
    )
    .load(c))?;
    Ok(found.into_iter().map(|(code, listing)| (code.code.clone(), (code, listing))).collect())
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

/// The packs of several listings.
pub fn packs_of(conn: &mut AnyConn, listings: &[Id]) -> Result<Vec<PackListing>> {
    let of = pack_listing::table.filter(pack_listing::listing_id.eq_any(listings));
    Ok(of.select(PackListing::as_select()).load(conn)?)
}

/// The first day and the first price of several listings, by listing.
pub fn first_prices(conn: &mut AnyConn, listings: &[Id]) -> Result<BTreeMap<Id, (NaiveDate, Money)>> {
    let rows: Vec<(Id, NaiveDate, Money)> = listing_price::table
        .filter(listing_price::listing_id.eq_any(listings))
        .order(listing_price::from_day.desc())
        .select((listing_price::listing_id, listing_price::from_day, listing_price::unit_price))
        .load(conn)?;
    Ok(rows.into_iter().map(|(listing, day, price)| (listing, (day, price))).collect())
}

/// A listing with all that belongs to it.
pub fn record(conn: &mut AnyConn, id: Id) -> Result<ListingRecord> {
    let (listing, prices, packs) = (listing(conn, id)?, prices(conn, id)?, packs(conn, id)?);
    Ok(ListingRecord { listing, prices, packs })
}

/// The rows of this office for `jicai audit verify --rows`: listings, each with its prices and packs.
pub const ROWS: RowSource =
    RowSource { object_type: ListingRecord::TYPE, load: records, keys: crate::platform::row_keys!(listing) };

fn records(conn: &mut AnyConn, after: Option<Id>, limit: i64) -> Result<Vec<Row>> {
    let query = listing::table.limit(limit).select(listing::id).into_boxed();
    let ids: Vec<Id> = keyset!(query, after, listing::id => asc).load(conn)?;
    ids.into_iter().map(|id| Row::of(&record(conn, id)?)).collect()
}

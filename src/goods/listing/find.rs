//! The search with prices: what [`catalogue::search`] finds, each with its price of the day, mark and who delivers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{DayPrice, Listing, ListingState, Mark, PriceSource};
use super::store;
use crate::catalogue::search::{self, Query};
use crate::catalogue::{self, DosageClass, MiCode, Product, ProductState};
use crate::party;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::PageOf;
use crate::platform::sql::{AnyConn, Id, Money, Time};

/// A product as anyone who orders sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProductView {
    /// The product.
    pub product_id: Id,
    /// Generic name, with the trade name in parentheses.
    pub name: String,
    /// Generic name.
    pub generic_name: String,
    /// Trade name.
    pub trade_name: Option<String>,
    /// Brand.
    pub brand: String,
    /// Content, volume, form.
    pub spec: String,
    /// Dosage form.
    pub dosage_form: String,
    /// What the law makes of the form.
    pub dosage_class: DosageClass,
    /// The pack: `12 片/盒`.
    pub pack: String,
    /// Smallest units in the pack.
    pub pack_qty: i64,
    /// The smallest unit: 片.
    pub content_unit: String,
    /// Approval number.
    pub approval_no: String,
    /// Its enterprise; none until somebody's claim is confirmed.
    pub maker_id: Option<Id>,
    /// Its enterprise's name.
    pub maker: String,
    /// The priced unit.
    pub unit: String,
    /// The code under which it is bought.
    pub code: Option<String>,
    /// Its listing.
    pub listing_id: Option<Id>,
    /// Yuan a unit on the legal day.
    pub unit_price: Option<Money>,
    /// First day of that price.
    pub since: Option<NaiveDate>,
    /// Where its price comes from (INJ-2.3).
    pub price_source: Option<PriceSource>,
    /// The last day of the agreement that fixes it.
    pub agreement_until: Option<NaiveDate>,
    /// Its mark.
    pub mark: Mark,
    /// The lowest conversion result at the switch.
    #[serde(rename = "low")]
    pub lowest_unit_price: Option<Money>,
    /// The price by it, 4 decimals.
    pub ratio: Option<String>,
    /// Whether it can be ordered on the legal day.
    pub orderable: bool,
    /// Why it cannot, with the clause.
    pub closed: Option<String>,
}

impl ProductView {
    /// Content and form, and the pack where that is what is priced.
    pub fn spec_and_pack(&self) -> String {
        match self.is_by_pack() {
            true => format!("{} · {}", self.spec, self.pack),
            false => self.spec.clone(),
        }
    }

    /// What one smallest unit of a priced pack comes to, in yuan to 4 decimals, for comparing packs; none where the unit is priced.
    pub fn price_of_unit(&self) -> Option<Money> {
        let price = self.unit_price.filter(|_| self.is_by_pack())?;
        let steps = price.0.checked_add(self.pack_qty.checked_mul(50)?)?;
        steps.checked_div(self.pack_qty.checked_mul(100)?)?.checked_mul(100).map(Money)
    }

    fn is_by_pack(&self) -> bool {
        self.dosage_class != DosageClass::Injection && self.pack_qty > 1
    }
}

/// Looks for products and their prices on the legal day of `now`.
///
/// # Errors
/// As [`search::find`].
pub async fn find(db: &Db, query: Query, now: Time) -> Result<PageOf<ProductView>> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        let found = search::find(conn, &query)?;
        Ok(PageOf { items: views(conn, &found.products, day)?, next: found.next })
    })
    .await
}

/// What a search is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct ProductFilter {
    /// Only this mark.
    pub mark: Option<Mark>,
    /// Only what can be ordered on the legal day.
    pub orderable: bool,
    /// Only of these enterprises.
    pub makers: Option<Vec<Id>>,
}

impl ProductFilter {
    pub(super) fn takes(&self, view: &ProductView) -> bool {
        let marked = self.mark.is_none_or(|mark| view.unit_price.is_some() && view.mark == mark);
        let made =
            self.makers.as_ref().is_none_or(|makers| view.maker_id.is_some_and(|id| makers.contains(&id)));
        marked && made && (view.orderable || !self.orderable)
    }
}

/// Products of a search that are looked through for one page of a narrowed list.
const LOOKED_THROUGH: usize = 2_000;

/// As [`find`], narrowed. Price and mark are not part of the search's index, so pages of the search are looked through until
/// one page is full or enough was looked at; `next` goes on from there, also where nothing fitted.
///
/// # Errors
/// As [`search::find`].
pub async fn find_filtered(
    db: &Db,
    query: Query,
    filter: ProductFilter,
    now: Time,
) -> Result<PageOf<ProductView>> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        let limit = query.limit.clamp(1, search::PAGE);
        let (mut part, mut items, mut looked) = (Query { limit, ..query }, Vec::new(), 0);
        loop {
            let found = search::find(conn, &part)?;
            let there = found.products.len();
            looked += there;
            let (places, products) = narrowed(conn, &filter, found.products)?;
            for (view, seen) in views(conn, &products, day)?.into_iter().zip(places) {
                if !filter.takes(&view) {
                    continue;
                }
                items.push(view);
                if items.len() == limit {
                    let next = match seen == there {
                        true => found.next,
                        false => search::find(conn, &Query { limit: seen, ..part })?.next,
                    };
                    return Ok(PageOf { items, next });
                }
            }
            match found.next {
                // Few fit: many are looked through at once, for each search looks its words up again.
                Some(next) if looked < LOOKED_THROUGH => {
                    part = Query { after: Some(next), limit: search::ROUND, ..part };
                }
                next => return Ok(PageOf { items, next }),
            }
        }
    })
    .await
}

/// Products that may fit, each with its place from 1: of what is not listed nobody asks for the price.
fn narrowed(
    conn: &mut AnyConn,
    filter: &ProductFilter,
    products: Vec<Product>,
) -> Result<(Vec<usize>, Vec<Product>)> {
    if !filter.orderable {
        return Ok(((1..=products.len()).collect(), products));
    }
    let ids: Vec<Id> = products.iter().map(|product| product.id).collect();
    let listings = store::of_products(conn, &ids)?;
    let is_listed = |id: Id| listings.get(&id).is_some_and(|listing| listing.state == ListingState::Listed);
    Ok((1..).zip(products).filter(|(_, product)| is_listed(product.id)).unzip())
}

/// Products with their prices on `day`, in the same order.
pub fn views(conn: &mut AnyConn, products: &[Product], day: NaiveDate) -> Result<Vec<ProductView>> {
    let ids: Vec<Id> = products.iter().map(|p| p.id).collect();
    let listings = store::of_products(conn, &ids)?;
    let keys: Vec<Id> = listings.values().map(|l| l.id).collect();
    let prices = store::prices_on(conn, &keys, day)?;
    let codes: BTreeMap<String, MiCode> =
        catalogue::store::codes_of(conn, &ids)?.into_iter().map(|c| (c.code.clone(), c)).collect();
    let mut makers: Vec<Id> = products.iter().filter_map(|p| p.manufacturer_id).collect();
    makers.sort_unstable();
    makers.dedup();
    let names: BTreeMap<Id, String> =
        party::store::organisations(conn, &makers)?.into_iter().map(|o| (o.id, o.name)).collect();
    let view = |product: &Product| {
        let listing = listings.get(&product.id);
        let price = listing.and_then(|l| prices.get(&l.id));
        let code = listing.and_then(|l| codes.get(&l.code));
        let owner = product.manufacturer_id.and_then(|id| names.get(&id).cloned());
        let maker = owner.or_else(|| product.maker_name.clone()).unwrap_or_default();
        let in_use = code.is_some_and(|code| !code.is_stopped(day));
        let why = closed(listing.map(|l| (l.state, l.code.as_str())), price.is_some(), in_use)
            .or_else(|| unavailable(product.state, product.manufacturer_id));
        view_of(product, maker, listing, price, why)
    };
    Ok(products.iter().map(view).collect())
}

/// Why nobody can order a product in that state and of that enterprise, whatever its listing says; none where that may decide.
pub fn unavailable(state: ProductState, owner: Option<Id>) -> Option<String> {
    match state {
        ProductState::Suspended => Some("因质量问题暂停采购（SH-A-8）".into()),
        ProductState::Withdrawn => Some("已撤出".into()),
        _ if owner.is_none() => Some("企业归属尚未确认".into()),
        _ => None,
    }
}

/// Why a product cannot be ordered on a day, by its listing and the code it is listed as, whether it has a price then, and
/// whether the code is in use; none where it can.
pub fn closed(listing: Option<(ListingState, &str)>, has_price: bool, in_use: bool) -> Option<String> {
    let Some((state, code)) = listing else { return Some("未挂网".into()) };
    match state {
        ListingState::Listed => {}
        ListingState::Suspended => return Some("已暂停挂网".into()),
        ListingState::Cancelled | ListingState::Revoked => return Some("已撤销挂网".into()),
    }
    if !has_price {
        return Some("尚未到价格执行日期".into());
    }
    (!in_use).then(|| format!("医保编码 {code} 已停用（INJ-6.1）"))
}

fn view_of(
    product: &Product,
    maker: String,
    listing: Option<&Listing>,
    price: Option<&DayPrice>,
    closed: Option<String>,
) -> ProductView {
    ProductView {
        product_id: product.id,
        name: product.label(),
        generic_name: product.generic_name.clone(),
        trade_name: product.trade_name.clone(),
        brand: product.brand.clone(),
        spec: product.spec(),
        dosage_form: product.dosage_form.clone(),
        dosage_class: product.dosage_class,
        pack: product.pack(),
        pack_qty: product.pack_qty,
        content_unit: product.unit.clone(),
        approval_no: product.approval_no.clone(),
        maker_id: product.manufacturer_id,
        maker,
        unit: product.priced_unit().to_owned(),
        code: listing.map(|l| l.code.clone()),
        listing_id: listing.map(|l| l.id),
        unit_price: price.map(|p| p.unit_price),
        since: price.map(|p| p.from_day),
        price_source: listing.map(|l| l.price_source),
        agreement_until: listing.and_then(|l| l.agreement_until),
        mark: price.map_or(Mark::None, |p| p.mark),
        lowest_unit_price: price.and_then(|p| p.low),
        ratio: price.and_then(|p| p.ratio.clone()),
        orderable: closed.is_none(),
        closed,
    }
}

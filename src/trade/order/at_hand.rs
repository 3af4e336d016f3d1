//! What the order form needs to know on the legal day about what stands in it: prices, marks, what can be bought instead, who
//! delivers it. Nothing is written, and nothing has to be right yet.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::repeats::{self, Own, Repeat};
use super::show::buyer;
use crate::catalogue::search::Query;
use crate::catalogue::{self, CodeInUse, Product};
use crate::listing::alternatives::{Alternative, Marked, alternatives};
use crate::listing::find::{self, ProductFilter, ProductView};
use crate::listing::show::{Supplier, suppliers};
use crate::listing::{self, Mark};
use crate::party::{self, DeliveryAddress};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Principal;

/// Products offered for another line at most.
pub const FOUND: usize = 10;
/// Products offered while it is being typed.
pub const AT_ONCE: usize = 8;

/// A line's product.
#[derive(Debug, Clone)]
pub struct Item {
    /// Price, mark and all; `closed` where it cannot be ordered.
    pub view: ProductView,
    /// For a marked one: what can be bought instead (INJ-4.3).
    pub alternatives: Vec<Alternative>,
}

/// What stands in the form, as far as it can be read.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The lines' listings.
    pub listings: Vec<Option<Id>>,
    /// The old codes that lines were ordered by.
    pub codes: Vec<String>,
    /// Who delivers.
    pub supplier: Option<Id>,
    /// The draft order that the form changes.
    pub order: Option<Id>,
}

/// All that the form shows.
#[derive(Debug, Clone)]
pub struct AtHand {
    /// The procedure's time.
    pub now: Time,
    /// The hospital's addresses, the default first.
    pub addresses: Vec<DeliveryAddress>,
    /// Who may deliver every line, by name; who made it stands first.
    pub suppliers: Vec<Supplier>,
    /// The lines' products; none where there is no such listing.
    pub items: Vec<Option<Item>>,
    /// What the old codes are, by code.
    pub codes: BTreeMap<String, CodeInUse>,
    /// Lines of the hospital's other open orders with the same drugs.
    pub repeats: Vec<Repeat>,
}

/// Looks at what stands in a form.
///
/// # Errors
/// 403 for who does not order for a hospital.
pub async fn look(db: &Db, who: &Principal, asked: Asked) -> Result<AtHand> {
    buyer(who)?;
    let (owner, received) = (who.organisation, who.received_at);
    db.read(move |conn| {
        let now = clock::legal_now(conn, received)?;
        let items = items(conn, &asked.listings, asked.supplier, now.day())?;
        let (addresses, suppliers) = (party::store::addresses(conn, owner)?, common(conn, &items)?);
        let codes = codes(conn, &asked.codes)?;
        let own = Own { hospital: owner, order: asked.order };
        let listings = asked.listings.iter().flatten().copied().collect();
        let repeats = repeats::repeats(conn, own, listings, now.day())?;
        Ok(AtHand { now, addresses, suppliers, items, codes, repeats })
    })
    .await
}

fn codes(conn: &mut AnyConn, given: &[String]) -> Result<BTreeMap<String, CodeInUse>> {
    if given.is_empty() {
        return Ok(BTreeMap::new());
    }
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let found = listing::store::listed_under(conn, &given)?;
    Ok(found.into_iter().map(|(code, (known, _))| (code, known)).collect())
}

fn items(
    conn: &mut AnyConn,
    listings: &[Option<Id>],
    supplier: Option<Id>,
    day: NaiveDate,
) -> Result<Vec<Option<Item>>> {
    let ids: Vec<Id> = listings.iter().flatten().copied().collect();
    let products: Vec<Id> =
        listing::store::goods(conn, &ids, day)?.into_values().map(|goods| goods.product.id).collect();
    let products: Vec<Product> = catalogue::store::products(conn, &products)?.into_values().collect();
    let views = find::views(conn, &products, day)?;
    let marked: Vec<(Id, Marked<'_>)> = views
        .iter()
        .zip(&products)
        .filter(|(view, _)| view.mark != Mark::None)
        .filter_map(|(view, product)| Some((view.listing_id?, Marked { product, price: view.unit_price? })))
        .collect();
    let asked: Vec<Marked<'_>> = marked.iter().map(|(_, marked)| *marked).collect();
    let instead = alternatives(conn, &asked, day, supplier)?;
    let instead: BTreeMap<Id, Vec<Alternative>> = marked.iter().map(|(id, _)| *id).zip(instead).collect();
    let views: BTreeMap<Id, ProductView> =
        views.into_iter().filter_map(|view| Some((view.listing_id?, view))).collect();
    let item = |id: Id| {
        let view = views.get(&id)?.clone();
        Some(Item { view, alternatives: instead.get(&id).cloned().unwrap_or_default() })
    };
    Ok(listings.iter().map(|listing| listing.and_then(item)).collect())
}

/// Who may deliver the products of every line's enterprise; who made the first line's stands first.
fn common(conn: &mut AnyConn, items: &[Option<Item>]) -> Result<Vec<Supplier>> {
    let mut makers: Vec<Option<Id>> = Vec::new();
    for item in items.iter().flatten() {
        if !makers.contains(&item.view.maker_id) {
            makers.push(item.view.maker_id);
        }
    }
    let known: Vec<Id> = makers.iter().copied().flatten().collect();
    let mut all = suppliers(conn, &known)?;
    let mut counted: BTreeMap<Id, usize> = BTreeMap::new();
    for supplier in all.values().flatten() {
        *counted.entry(supplier.id).or_default() += 1;
    }
    let first = makers.first().copied().flatten().and_then(|maker| all.remove(&maker)).unwrap_or_default();
    Ok(first.into_iter().filter(|supplier| counted.get(&supplier.id) == Some(&makers.len())).collect())
}

/// Looks for other products that the supplier may deliver and that can be ordered, so many at most; for an empty form any.
///
/// # Errors
/// As the search.
pub async fn another(
    db: &Db,
    who: &Principal,
    text: String,
    supplier: Option<Id>,
    most: usize,
) -> Result<Vec<ProductView>> {
    let makers = match supplier {
        Some(id) => Some(db.read(move |conn| party::store::manufacturers_for(conn, id)).await?),
        None => None,
    };
    let query = Query { text, after: None, limit: most };
    let filter = ProductFilter { orderable: true, makers, ..ProductFilter::default() };
    Ok(find::find_filtered(db, query, filter, who.received_at).await?.items)
}

//! What the order form needs to know on the legal day about what stands in it: prices, marks, what can be bought instead, who
//! delivers it. Nothing is written, and nothing has to be right yet.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::show::buyer;
use crate::catalogue::search::Query;
use crate::catalogue::{self, Product};
use crate::listing::alternatives::{Alternative, alternatives};
use crate::listing::find::{self, Filter, ProductView};
use crate::listing::show::{Supplier, suppliers};
use crate::listing::{self, Mark};
use crate::party::{self, DeliveryAddress};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Principal;

/// Products offered for another line at most.
const FOUND: usize = 10;

/// A line's product.
#[derive(Debug, Clone)]
pub struct Item {
    /// Price, mark and all; `closed` where it cannot be ordered.
    pub view: ProductView,
    /// For a marked one: what can be bought instead (INJ-4.3).
    pub alternatives: Vec<Alternative>,
}

/// All that the form shows.
#[derive(Debug, Clone)]
pub struct Basket {
    /// The procedure's time.
    pub now: Time,
    /// The hospital's addresses, the default first.
    pub addresses: Vec<DeliveryAddress>,
    /// Who may deliver every line, by name; who made it stands first.
    pub suppliers: Vec<Supplier>,
    /// The lines' products; none where there is no such listing.
    pub items: Vec<Option<Item>>,
}

/// Looks at what stands in a form.
///
/// # Errors
/// 403 for who does not order for a hospital.
pub async fn look(
    db: &Db,
    who: &Principal,
    listings: Vec<Option<Id>>,
    supplier: Option<Id>,
) -> Result<Basket> {
    buyer(who)?;
    let (owner, received) = (who.organisation, who.received_at);
    db.read(move |conn| {
        let now = clock::legal_now(conn, received)?;
        let mut items = Vec::with_capacity(listings.len());
        for listing in &listings {
            items.push(match listing {
                Some(id) => item(conn, *id, supplier, now.day())?,
                None => None,
            });
        }
        let (addresses, suppliers) = (party::store::addresses(conn, owner)?, common(conn, &items)?);
        Ok(Basket { now, addresses, suppliers, items })
    })
    .await
}

fn item(conn: &mut AnyConn, listing: Id, supplier: Option<Id>, day: NaiveDate) -> Result<Option<Item>> {
    let product = match product_of(conn, listing) {
        Ok(product) => product,
        Err(Error::Refused(refusal)) if refusal.status == 404 => return Ok(None),
        Err(other) => return Err(other),
    };
    let Some(view) = find::views(conn, std::slice::from_ref(&product), day)?.into_iter().next() else {
        return Ok(None);
    };
    let alternatives = match view.unit_price {
        Some(price) if view.mark != Mark::None => alternatives(conn, &product, price, day, supplier)?,
        _ => Vec::new(),
    };
    Ok(Some(Item { view, alternatives }))
}

fn product_of(conn: &mut AnyConn, listing: Id) -> Result<Product> {
    let listing = listing::store::listing(conn, listing)?;
    catalogue::store::product(conn, listing.product_id)
}

/// Who may deliver the products of every line's enterprise.
fn common(conn: &mut AnyConn, items: &[Option<Item>]) -> Result<Vec<Supplier>> {
    let mut makers: Vec<Option<Id>> = Vec::new();
    for item in items.iter().flatten() {
        if !makers.contains(&item.view.maker_id) {
            makers.push(item.view.maker_id);
        }
    }
    let mut counted: BTreeMap<Id, usize> = BTreeMap::new();
    let mut all: Vec<Supplier> = Vec::new();
    for maker in &makers {
        for supplier in suppliers(conn, *maker)? {
            let count = counted.entry(supplier.id).or_default();
            *count += 1;
            if *count == 1 {
                all.push(supplier);
            }
        }
    }
    all.retain(|supplier| counted.get(&supplier.id) == Some(&makers.len()));
    Ok(all)
}

/// Looks for another product that the supplier may deliver and that can be ordered; for an empty form any.
///
/// # Errors
/// As the search.
pub async fn another(
    db: &Db,
    who: &Principal,
    text: String,
    supplier: Option<Id>,
) -> Result<Vec<ProductView>> {
    let makers = match supplier {
        Some(id) => Some(db.read(move |conn| party::store::manufacturers_for(conn, id)).await?),
        None => None,
    };
    let query = Query { text, after: None, limit: FOUND };
    let filter = Filter { orderable: true, makers, ..Filter::default() };
    let mut found = find::find_filtered(db, query, filter, who.received_at).await?.items;
    found.truncate(FOUND);
    Ok(found)
}

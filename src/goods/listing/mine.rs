//! What an enterprise sells: its products with the price of the day and the one that is to come.

use chrono::NaiveDate;

use super::find::{ProductFilter, ProductView, views};
use super::model::{DayPrice, Mark};
use super::sorted::{self, MOST, SortKey};
use super::store;
use crate::catalogue::Product;
use crate::catalogue::mine::{self, Owned};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::sorting::Sort;
use crate::platform::sql::{AnyConn, Id, Time};

/// A product of the enterprise.
#[derive(Debug, Clone)]
pub struct Mine {
    /// The product with its codes.
    pub owned: Owned,
    /// With its price of the day.
    pub view: ProductView,
    /// The next price, where one is decided already.
    pub coming: Option<DayPrice>,
}

/// What the list is narrowed to, and how it is sorted.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Only this mark.
    pub mark: Option<Mark>,
    /// By name where nothing is said.
    pub sort: Option<Sort<SortKey>>,
}

/// A page of the enterprise's products; none where it has more than [`MOST`] and they are to be narrowed or sorted, for that
/// looks at every one of them.
///
/// # Errors
/// 422 for a cursor that is not of this list.
pub async fn list(
    db: &Db,
    owner: Id,
    narrowed: Narrowed,
    after: Option<String>,
    now: Time,
) -> Result<Option<PageOf<Mine>>> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        if narrowed.mark.is_none() && narrowed.sort.is_none() {
            let after: Option<(String, Id)> = Paging { after: after.clone(), limit: None }.after()?;
            let owned = mine::products(conn, owner, after, DEFAULT_LIMIT + 1)?;
            let rows = with_prices(conn, owned, day)?;
            let key = |row: &Mine| (row.owned.product.sort_key.clone(), row.owned.product.id);
            return Ok(Some(PageOf::new(rows, DEFAULT_LIMIT, key)));
        }
        let Some(rows) = everything(conn, owner, &narrowed, day)? else { return Ok(None) };
        let sort = narrowed.sort.unwrap_or(Sort { by: SortKey::Name, down: false });
        let limit = usize::try_from(DEFAULT_LIMIT).unwrap_or(MOST);
        Ok(Some(sorted::page(rows, |row| &row.view, sort, after.clone(), limit)?))
    })
    .await
}

/// All of them, sorted; none where there are more than [`MOST`].
///
/// # Errors
/// Of the database.
pub async fn all(db: &Db, owner: Id, narrowed: Narrowed, now: Time) -> Result<Option<Vec<Mine>>> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        let rows = everything(conn, owner, &narrowed, day)?;
        Ok(rows.map(|rows| match narrowed.sort {
            Some(sort) => sorted::ordered(rows, |row| &row.view, sort),
            None => rows,
        }))
    })
    .await
}

fn everything(
    conn: &mut AnyConn,
    owner: Id,
    narrowed: &Narrowed,
    day: NaiveDate,
) -> Result<Option<Vec<Mine>>> {
    let most = i64::try_from(MOST).unwrap_or(i64::MAX);
    let owned = mine::products(conn, owner, None, most.saturating_add(1))?;
    if owned.len() > MOST {
        return Ok(None);
    }
    let filter = ProductFilter { mark: narrowed.mark, ..ProductFilter::default() };
    let mut rows = with_prices(conn, owned, day)?;
    rows.retain(|row| filter.takes(&row.view));
    Ok(Some(rows))
}

fn with_prices(conn: &mut AnyConn, owned: Vec<Owned>, day: NaiveDate) -> Result<Vec<Mine>> {
    let products: Vec<Product> = owned.iter().map(|row| row.product.clone()).collect();
    let views = views(conn, &products, day)?;
    let listings: Vec<Id> = views.iter().filter_map(|view| view.listing_id).collect();
    let mut coming = store::coming(conn, &listings, day)?;
    let row = |(owned, view): (Owned, ProductView)| {
        let coming = view.listing_id.and_then(|id| coming.remove(&id));
        Mine { owned, view, coming }
    };
    Ok(owned.into_iter().zip(views).map(row).collect())
}

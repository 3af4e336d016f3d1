//! The search with prices, sorted by a column. The search's index knows relevance only, so all that is found is read; where that
//! is too much, the caller is told and shows what is most relevant first.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::find::{ProductFilter, ProductView, views};
use crate::catalogue::search::{self, PAGE, Query};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::sorting::Sort;
use crate::platform::sql::{AnyConn, Id, Time};

crate::text_enum! {
    /// What products are sorted by.
    pub enum SortKey {
        /// The product's name.
        Name = "name",
        /// The enterprise's name.
        Maker = "maker",
        /// The price of the day; products without one come last.
        Price = "price",
    }
}

/// Products that are read for sorting at most.
pub const MOST: usize = 2_000;

/// Where a page ended: how it was sorted, and the last row.
type Cursor = (String, Key);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    /// Millionths of a yuan.
    price: Option<i64>,
    name: String,
    id: Id,
}

impl Key {
    fn of(view: &ProductView, by: SortKey) -> Self {
        let name = match by {
            SortKey::Name => view.name.clone(),
            SortKey::Maker => view.maker.clone(),
            SortKey::Price => String::new(),
        };
        let price = view.unit_price.filter(|_| by == SortKey::Price).map(|price| price.0);
        Self { price, name, id: view.product_id }
    }

    fn compare(&self, other: &Self, down: bool) -> Ordering {
        let turned = |order: Ordering| if down { order.reverse() } else { order };
        let missing = self.price.is_none().cmp(&other.price.is_none());
        missing
            .then(turned(self.price.cmp(&other.price)))
            .then(turned(self.name.cmp(&other.name)))
            .then(self.id.cmp(&other.id))
    }
}

/// All that a search finds, sorted; none where that is more than [`MOST`] products.
///
/// # Errors
/// As [`search::find`].
pub async fn all(
    db: &Db,
    query: Query,
    filter: ProductFilter,
    sort: Sort<SortKey>,
    now: Time,
) -> Result<Option<Vec<ProductView>>> {
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        Ok(everything(conn, &query, &filter, day)?.map(|found| ordered(found, itself, sort)))
    })
    .await
}

fn itself(view: &ProductView) -> &ProductView {
    view
}

/// Rows that show a product, sorted by what they show of it.
pub(super) fn ordered<R>(mut rows: Vec<R>, view: fn(&R) -> &ProductView, sort: Sort<SortKey>) -> Vec<R> {
    rows.sort_by(|a, b| Key::of(view(a), sort.by).compare(&Key::of(view(b), sort.by), sort.down));
    rows
}

/// A page of what a search finds, sorted; none where more than [`MOST`] products are found.
///
/// # Errors
/// As [`search::find`]; 422 for a cursor that is not of this list.
pub async fn find(
    db: &Db,
    query: Query,
    filter: ProductFilter,
    sort: Sort<SortKey>,
    now: Time,
) -> Result<Option<PageOf<ProductView>>> {
    let after = query.after.clone();
    db.read(move |conn| {
        let day = clock::legal_day(conn, now)?;
        let Some(found) = everything(conn, &query, &filter, day)? else { return Ok(None) };
        Ok(Some(page(found, itself, sort, after.clone(), query.limit)?))
    })
    .await
}

/// A page of all rows, sorted.
///
/// # Errors
/// 422 for a cursor that is not of this list.
pub(super) fn page<R>(
    rows: Vec<R>,
    view: fn(&R) -> &ProductView,
    sort: Sort<SortKey>,
    after: Option<String>,
    limit: usize,
) -> Result<PageOf<R>> {
    let rows = ordered(rows, view, sort);
    let cursor: Option<Cursor> = Paging { after, limit: None }.after()?;
    let start = match cursor.filter(|(sorted, _)| *sorted == sort.to_string()) {
        None => 0,
        Some((_, last)) => rows.partition_point(|row| {
            Key::of(view(row), sort.by).compare(&last, sort.down) != Ordering::Greater
        }),
    };
    let limit = limit.clamp(1, PAGE);
    let rows = rows.into_iter().skip(start).take(limit + 1).collect();
    let limit = i64::try_from(limit).unwrap_or(50);
    let place = |row: &R| -> Cursor { (sort.to_string(), Key::of(view(row), sort.by)) };
    Ok(PageOf::new(rows, limit, place))
}

/// All that is found and fits; none where it is too much.
fn everything(
    conn: &mut AnyConn,
    query: &Query,
    filter: &ProductFilter,
    day: chrono::NaiveDate,
) -> Result<Option<Vec<ProductView>>> {
    let (mut all, mut looked) = (Vec::new(), 0);
    let mut query = Query { after: None, limit: search::ROUND, ..query.clone() };
    loop {
        let found = search::find(conn, &query)?;
        looked += found.products.len();
        if looked > MOST || (looked == MOST && found.next.is_some()) {
            return Ok(None);
        }
        all.extend(views(conn, &found.products, day)?.into_iter().filter(|view| filter.takes(view)));
        match found.next {
            Some(next) => query.after = Some(next),
            None => return Ok(Some(all)),
        }
    }
}

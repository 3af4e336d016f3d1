//! Many products at once, in writes of at most [`CHUNK`] products each: imports, the demo, the search benchmark.
//!
//! An import [`insert`]s under its batch, [`super::batch::publish`]es it, then [`index_batch`]es it for the search; each step
//! can be taken up again where it stopped. What comes without a batch exists and is found at once, but leaves nothing in the
//! audit: that is for benchmarks only; single products are [`super::create`]d.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::create::{self, NewProduct, Rows};
use super::model::{MiCode, Product, ThreeSameGroup};
use super::{store, terms};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::import::Run;
use crate::platform::schema::{consumable, import_batch, mi_code, product, product_term, three_same_group};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::{keyset, party};

/// Products in one write at most, so that no write holds the database long.
pub const CHUNK: usize = 500;

/// Inserts products under a batch, unseen until it is published, or at once where `batch` is none. Returns how many.
///
/// # Errors
/// 422 with the members of the first product that is wrong; products of earlier chunks stay.
pub async fn insert(db: &Db, batch: Option<Id>, now: Time, products: Vec<NewProduct>) -> Result<usize> {
    let mut done = 0;
    for chunk in products.chunks(CHUNK) {
        let mut all = Vec::with_capacity(chunk.len());
        for new in chunk {
            create::check(new).finish()?;
            all.push(create::rows(new, batch, now));
        }
        done += all.len();
        db.write_unaudited("catalogue.bulk", move |conn| {
            insert_products(conn, &all)?;
            if batch.is_none() {
                let products: Vec<Product> = all.iter().map(|rows| rows.product.clone()).collect();
                index(conn, &products)?;
            }
            Ok(())
        })
        .await?;
    }
    Ok(done)
}

/// Makes the products of a published batch findable; returns how many were new to the search.
pub async fn index_batch(db: &Db, batch: Id) -> Result<usize> {
    let mut done = 0;
    loop {
        let n = db
            .write_unaudited("catalogue.index", move |conn| {
                let products = store::unindexed(conn, batch, 500)?;
                index(conn, &products)?;
                Ok(products.len())
            })
            .await?;
        done += n;
        if n == 0 {
            return Ok(done);
        }
    }
}

/// Makes up to [`CHUNK`] products of a published run findable, behind a key; those that are already are passed over.
pub(super) fn index_behind(conn: &mut AnyConn, run: &Run, after: Option<Id>) -> Result<Option<Id>> {
    let query = product::table
        .filter(product::batch_id.eq(run.id))
        .limit(500)
        .select(Product::as_select())
        .into_boxed();
    let mut products: Vec<Product> = keyset!(query, after, product::id => asc).load(conn)?;
    let last = products.last().map(|p| p.id);
    let ids: Vec<Id> = products.iter().map(|p| p.id).collect();
    let there: BTreeSet<Id> = product_term::table
        .filter(product_term::product_id.eq_any(ids))
        .select(product_term::product_id)
        .load::<Id>(conn)?
        .into_iter()
        .collect();
    products.retain(|p| !there.contains(&p.id));
    index(conn, &products)?;
    Ok(last)
}

/// Takes away up to [`CHUNK`] products that were put in under a key and never published, then their groups; answers how many.
pub(super) fn discard(conn: &mut AnyConn, batch: Id) -> Result<usize> {
    let published: i64 = import_batch::table
        .find(batch)
        .filter(import_batch::published_at.is_not_null())
        .count()
        .get_result(conn)?;
    if published > 0 {
        return Ok(0);
    }
    let ids: Vec<Id> = product::table
        .filter(product::batch_id.eq(batch))
        .order(product::id)
        .limit(500)
        .select(product::id)
        .load(conn)?;
    if ids.is_empty() {
        return discard_groups(conn, batch);
    }
    diesel::delete(mi_code::table.filter(mi_code::product_id.eq_any(&ids))).execute(conn)?;
    diesel::delete(consumable::table.filter(consumable::product_id.eq_any(&ids))).execute(conn)?;
    Ok(diesel::delete(product::table.filter(product::id.eq_any(&ids))).execute(conn)?)
}

/// The groups that came with a batch and hold nothing else by now.
fn discard_groups(conn: &mut AnyConn, batch: Id) -> Result<usize> {
    let used = product::table.filter(product::group_id.eq(three_same_group::id.nullable()));
    let ids: Vec<Id> = three_same_group::table
        .filter(three_same_group::batch_id.eq(batch))
        .filter(diesel::dsl::not(diesel::dsl::exists(used)))
        .limit(500)
        .select(three_same_group::id)
        .load(conn)?;
    Ok(diesel::delete(three_same_group::table.filter(three_same_group::id.eq_any(&ids))).execute(conn)?)
}

fn index(conn: &mut AnyConn, products: &[Product]) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<Id> = products.iter().filter_map(|p| p.manufacturer_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let makers: BTreeMap<Id, String> =
        party::store::organisations(conn, &ids)?.into_iter().map(|o| (o.id, o.name)).collect();
    terms::index(conn, products, &makers)
}

pub(super) fn insert_products(conn: &mut AnyConn, all: &[Rows]) -> Result<()> {
    let groups: BTreeMap<Id, &ThreeSameGroup> =
        all.iter().filter_map(|r| r.group.as_ref()).map(|g| (g.id, g)).collect();
    let groups: Vec<&ThreeSameGroup> = groups.into_values().collect();
    let products: Vec<&Product> = all.iter().map(|r| &r.product).collect();
    let codes: Vec<&MiCode> = all.iter().flat_map(|r| &r.codes).collect();
    match conn {
        // One by one: the statement is parsed once, and needs no journal of its own; measured, a quarter of the writer's time.
        AnyConn::Sqlite(c) => {
            for group in groups {
                let row = diesel::insert_into(three_same_group::table).values(group);
                row.on_conflict(three_same_group::id).do_nothing().execute(c)?;
            }
            for product in products {
                diesel::insert_into(product::table).values(product).execute(c)?;
            }
            for code in codes {
                diesel::insert_into(mi_code::table).values(code).execute(c)?;
            }
        }
        AnyConn::Pg(c) => {
            let rows = diesel::insert_into(three_same_group::table).values(groups);
            rows.on_conflict(three_same_group::id).do_nothing().execute(c)?;
            diesel::copy_from(product::table).from_insertable(products).execute(c)?;
            diesel::copy_from(mi_code::table).from_insertable(codes).execute(c)?;
        }
    }
    Ok(())
}

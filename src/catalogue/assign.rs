//! The products of a confirmed enterprise code become the organisation's, some at a time.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::change;
use super::model::Product;
use super::owner::owners;
use crate::platform::db::{Actor, Db, Id, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::JobContext;
use crate::platform::schema::{enterprise_code, product};
use crate::visible_product;

/// Products in one write.
const CHUNK: i64 = 100;

/// Gives every product with the code to whose the code is; a product that is theirs already is passed over, so that the job
/// may run again. Returns how many changed.
///
/// # Errors
/// Of the database.
pub async fn assign(db: &Db, actor: &Actor, code: &str) -> Result<usize> {
    let (mut after, mut changed) = (None, 0);
    loop {
        let code = code.to_owned();
        let (last, n) = db
            .write(actor, move |tx| {
                let Some(owner) = owners(tx.conn, &[&code])?.remove(&code) else { return Ok((None, 0)) };
                let mut query = product::table
                    .filter(product::enterprise_code.eq(&code))
                    .filter(visible_product!())
                    .order(product::id)
                    .limit(CHUNK)
                    .select(Product::as_select())
                    .into_boxed();
                if let Some(after) = after {
                    query = query.filter(product::id.gt::<Id>(after));
                }
                let rows: Vec<Product> = query.load(tx.conn)?;
                let mut n = 0;
                for before in &rows {
                    // An import waits for its national agent: the officer sees it on the work list (SN-2).
                    let Some(id) = owner.for_product(before) else { continue };
                    if before.manufacturer_id != Some(id) {
                        let to = Product { manufacturer_id: Some(id), ..before.clone() };
                        change::put(tx, "product.assign", before, to, None)?;
                        n += 1;
                    }
                }
                Ok((rows.last().map(|p| p.id), n))
            })
            .await?;
        changed += n;
        after = last;
        if after.is_none() {
            return Ok(changed);
        }
    }
}

/// Gives the products of a published import, whose code was confirmed while it ran, to whose the code is.
///
/// # Errors
/// Of the database.
pub async fn settle(db: &Db, actor: &Actor, batch: Id) -> Result<usize> {
    let (mut after, mut changed) = (None, 0);
    loop {
        let (last, n) = db.write(actor, move |tx| settle_some(tx, batch, after)).await?;
        changed += n;
        after = last;
        if after.is_none() {
            return Ok(changed);
        }
    }
}

/// Some of an import's products without an owner, behind a key: the last of them, and how many have one now.
fn settle_some(tx: &mut Tx, batch: Id, after: Option<Id>) -> Result<(Option<Id>, usize)> {
    let mut query = product::table
        .inner_join(enterprise_code::table.on(product::enterprise_code.eq(enterprise_code::code.nullable())))
        .filter(product::batch_id.eq(batch).and(product::manufacturer_id.is_null()))
        .filter(visible_product!())
        .order(product::id)
        .limit(CHUNK)
        .select(Product::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(product::id.gt::<Id>(after));
    }
    let rows: Vec<Product> = query.load(tx.conn)?;
    let codes: Vec<&str> = rows.iter().filter_map(|p| p.enterprise_code.as_deref()).collect();
    let owners = owners(tx.conn, &codes)?;
    let mut changed = 0;
    for before in &rows {
        let owner = before.enterprise_code.as_ref().and_then(|code| owners.get(code));
        if let Some(id) = owner.and_then(|owner| owner.for_product(before)) {
            let to = Product { manufacturer_id: Some(id), ..before.clone() };
            change::put(tx, "product.assign", before, to, None)?;
            changed += 1;
        }
    }
    Ok((rows.last().map(|p| p.id), changed))
}

/// The job `catalogue.assign`: of one code, or of an import.
///
/// # Errors
/// Of the database.
pub async fn job(cx: JobContext) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
    let products = match (text("code"), text("batch").and_then(|id| id.parse().ok())) {
        (Some(code), _) => assign(&cx.db, &cx.actor(), &code).await?,
        (None, Some(batch)) => settle(&cx.db, &cx.actor(), batch).await?,
        (None, None) => 0,
    };
    Ok(json!({ "products": products }))
}

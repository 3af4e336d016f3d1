//! The products of a confirmed enterprise code become the organisation's, some at a time.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::change;
use super::claim;
use super::model::Product;
use crate::platform::db::{Actor, Db, Id};
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
                let Some(owner) = claim::owner(tx.conn, &code)? else { return Ok((None, 0)) };
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
                    if before.manufacturer_id != Some(owner.organisation_id) {
                        let to = Product { manufacturer_id: Some(owner.organisation_id), ..before.clone() };
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
    let mut changed = 0;
    loop {
        let n = db
            .write(actor, move |tx| {
                let rows: Vec<(Product, Id)> = product::table
                    .inner_join(
                        enterprise_code::table
                            .on(product::enterprise_code.eq(enterprise_code::code.nullable())),
                    )
                    .filter(product::batch_id.eq(batch).and(product::manufacturer_id.is_null()))
                    .filter(visible_product!())
                    .order(product::id)
                    .limit(CHUNK)
                    .select((Product::as_select(), enterprise_code::organisation_id))
                    .load(tx.conn)?;
                for (before, owner) in &rows {
                    let to = Product { manufacturer_id: Some(*owner), ..before.clone() };
                    change::put(tx, "product.assign", before, to, None)?;
                }
                Ok(rows.len())
            })
            .await?;
        changed += n;
        if n == 0 {
            return Ok(changed);
        }
    }
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

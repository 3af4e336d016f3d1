//! The products of a confirmed enterprise code become the organisation's, some at a time.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::model::Product;
use super::owner::{self, owners};
use super::{change, store};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::JobContext;
use crate::platform::schema::{enterprise_code, product};
use crate::platform::sql::{AnyConn, Id};
use crate::visible_product;

/// Products in one write.
const CHUNK: i64 = 100;

/// Whose products are looked at.
#[derive(Clone)]
enum Of {
    /// All with an enterprise code.
    Code(String),
    /// Those of a published import that nobody has yet: their code may have been confirmed while it ran.
    Batch(Id),
}

/// Gives products to whose their enterprise code is; one that is theirs already is passed over, so that the job may run again.
/// Returns how many changed. They are looked for outside the writes, because in a large import none may be left to find.
async fn give_products(db: &Db, actor: &Actor, of: Of) -> Result<usize> {
    let (mut after, mut changed) = (None, 0);
    loop {
        let of = of.clone();
        let ids = db.read(move |conn| candidates(conn, of, after)).await?;
        if ids.is_empty() {
            return Ok(changed);
        }
        after = ids.last().copied();
        changed += db.write(actor, move |tx| give_some(tx, &ids)).await?;
    }
}

fn candidates(conn: &mut AnyConn, of: Of, after: Option<Id>) -> Result<Vec<Id>> {
    let mut query = product::table
        .inner_join(enterprise_code::table.on(product::enterprise_code.eq(enterprise_code::code.nullable())))
        .filter(visible_product!())
        .order(product::id)
        .limit(CHUNK)
        .select(product::id)
        .into_boxed();
    query = match of {
        Of::Code(code) => query.filter(enterprise_code::code.eq(code)),
        Of::Batch(batch) => query.filter(product::batch_id.eq(batch).and(product::manufacturer_id.is_null())),
    };
    if let Some(after) = after {
        query = query.filter(product::id.gt::<Id>(after));
    }
    Ok(query.load(conn)?)
}

fn give_some(tx: &mut Tx, ids: &[Id]) -> Result<usize> {
    let rows: Vec<_> = store::products(tx.conn, ids)?.into_values().collect();
    let codes: Vec<&str> = rows.iter().filter_map(|p| p.enterprise_code.as_deref()).collect();
    let owners = owners(tx.conn, &codes)?;
    let mut changed = 0;
    for before in &rows {
        // An import waits for its national agent: the officer sees it on the work list (SN-2).
        let Some(id) = owner::of_product(before, &owners) else { continue };
        if before.manufacturer_id != Some(id) {
            let to = Product { manufacturer_id: Some(id), ..before.clone() };
            change::save_product(tx, "product.assign", before, to, None)?;
            changed += 1;
        }
    }
    Ok(changed)
}

/// The job `catalogue.assign`: of one code, or of an import.
pub async fn job(cx: JobContext) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let text = |key: &str| payload.get(key).and_then(Value::as_str).map(str::to_owned);
    let products = match (text("code"), text("batch").and_then(|id| id.parse().ok())) {
        (Some(code), _) => give_products(&cx.db, &cx.actor(), Of::Code(code)).await?,
        (None, Some(batch)) => give_products(&cx.db, &cx.actor(), Of::Batch(batch)).await?,
        (None, None) => 0,
    };
    Ok(json!({ "products": products }))
}

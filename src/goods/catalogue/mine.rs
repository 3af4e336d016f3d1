//! What an enterprise owns: its products with their codes.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::model::{MiCode, Product};
use super::store;
use crate::platform::error::Result;
use crate::platform::schema::product;
use crate::platform::sql::{AnyConn, Id};
use crate::{keyset, visible_product};

/// A product with its codes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Owned {
    /// The product.
    #[serde(flatten)]
    pub product: Product,
    /// Its codes, its own first.
    pub codes: Vec<MiCode>,
}

/// Products of an organisation in the order of lists, behind a key.
pub fn products(
    conn: &mut AnyConn,
    organisation: Id,
    after: Option<(String, Id)>,
    limit: i64,
) -> Result<Vec<Owned>> {
    let query = product::table
        .filter(product::manufacturer_id.eq(organisation))
        .filter(visible_product!())
        .limit(limit)
        .select(Product::as_select())
        .into_boxed();
    let query = keyset!(query, after, product::sort_key => asc, product::id => asc);
    let rows: Vec<Product> = query.load(conn)?;
    let ids: Vec<Id> = rows.iter().map(|p| p.id).collect();
    let mut codes: BTreeMap<Id, Vec<MiCode>> = BTreeMap::new();
    for code in store::codes_of(conn, &ids)? {
        codes.entry(code.product_id).or_default().push(code);
    }
    let owned = |product: Product| {
        let mut codes = codes.remove(&product.id).unwrap_or_default();
        codes.sort_by(|a, b| (a.factor, &a.code).cmp(&(b.factor, &b.code)));
        Owned { product, codes }
    };
    Ok(rows.into_iter().map(owned).collect())
}

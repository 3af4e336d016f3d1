//! Queries of this office. A product of an unpublished batch does not exist for any of them but [`unindexed`]'s own job.

use std::collections::BTreeMap;

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{MiCode, Product, ThreeSameGroup};
use crate::on_db;
use crate::platform::db::{Prepared, padded};
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{import_batch, mi_code, product, product_term, three_same_group};
use crate::platform::sql::{AnyConn, Id};

/// True for rows without a batch and of published batches.
#[macro_export]
macro_rules! visible_product {
    () => {
        $crate::platform::schema::product::batch_id.is_null().or($crate::platform::schema::product::batch_id
            .eq_any(
                $crate::platform::schema::import_batch::table
                    .filter($crate::platform::schema::import_batch::published_at.is_not_null())
                    .select($crate::platform::schema::import_batch::id.nullable()),
            ))
    };
}

/// A product by its key.
pub fn product(conn: &mut AnyConn, id: Id) -> Result<Product> {
    let found = on_db!(conn, c => product::table
        .filter(product::id.eq(id))
        .filter(visible_product!())
        .select(Product::as_select())
        .get_result(c))
    .optional()?;
    found.ok_or_else(|| Refusal::not_found("药品").into())
}

/// Products by their keys.
pub fn products(conn: &mut AnyConn, ids: &[Id]) -> Result<BTreeMap<Id, Product>> {
    let ids = padded(ids.iter().copied());
    let found: Vec<Product> = on_db!(conn, c => Prepared(
        product::table
            .filter(product::id.eq_any(ids))
            .filter(visible_product!())
            .select(Product::as_select())
    )
    .load(c))?;
    Ok(found.into_iter().map(|product| (product.id, product)).collect())
}

/// Products of one kind that are compared at most: a price is never decided by a part of them.
const MOST_COMPARABLE: i64 = 1_000;

/// Products that can stand in for one another (INJ-4.3).
///
/// # Errors
/// 409 where there are more than can be compared.
pub fn comparable(conn: &mut AnyConn, key: &str) -> Result<Vec<Product>> {
    let found: Vec<Product> = product::table
        .filter(product::comparable_key.eq(key))
        .filter(visible_product!())
        .limit(MOST_COMPARABLE + 1)
        .select(Product::as_select())
        .load(conn)?;
    if i64::try_from(found.len()).is_ok_and(|count| count > MOST_COMPARABLE) {
        let detail = format!("同类药品超过 {MOST_COMPARABLE} 个，平台不能比较，请管理部门核对产品资料。");
        return Err(Refusal::wrong_state(detail).into());
    }
    Ok(found)
}

/// A code by itself.
pub fn code(conn: &mut AnyConn, code: &str) -> Result<Option<MiCode>> {
    Ok(on_db!(conn, c => mi_code::table.find(code).select(MiCode::as_select()).get_result(c)).optional()?)
}

/// The codes of a product, its own first.
pub fn codes(conn: &mut AnyConn, product: Id) -> Result<Vec<MiCode>> {
    Ok(mi_code::table
        .filter(mi_code::product_id.eq(product))
        .select(MiCode::as_select())
        .order((mi_code::factor, mi_code::code))
        .load(conn)?)
}

/// The codes of several products.
pub fn codes_of(conn: &mut AnyConn, products: &[Id]) -> Result<Vec<MiCode>> {
    Ok(mi_code::table.filter(mi_code::product_id.eq_any(products)).select(MiCode::as_select()).load(conn)?)
}

/// A three-same group by its key.
pub fn group(conn: &mut AnyConn, id: Id) -> Result<ThreeSameGroup> {
    let found =
        three_same_group::table.find(id).select(ThreeSameGroup::as_select()).get_result(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("三同组").into())
}

/// Products of a published batch that the search does not know yet.
pub fn unindexed(conn: &mut AnyConn, batch: Id, limit: i64) -> Result<Vec<Product>> {
    let published = import_batch::table.find(batch).filter(import_batch::published_at.is_not_null());
    if published.count().get_result::<i64>(conn)? == 0 {
        return Err(Refusal::wrong_state("该批数据尚未发布。").into());
    }
    Ok(product::table
        .filter(product::batch_id.eq(batch))
        .filter(not(exists(product_term::table.filter(product_term::product_id.eq(product::id)))))
        .select(Product::as_select())
        .limit(limit)
        .load(conn)?)
}

//! The sheets of this office: the national workbook, product details, consumables.

mod cells;
pub mod consumables;
pub mod details;
pub mod drugs;
mod drugs_apply;
mod drugs_row;

pub use cells::{code_fault, day, text, whole};
pub use drugs::publish;

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{MiCode, Product};
use crate::platform::audit::made::MadeSource;
use crate::platform::error::Result;
use crate::platform::made_source;
use crate::platform::schema::{mi_code, product};
use crate::platform::sql::AnyConn;
use crate::visible_product;

pub(super) const PRODUCTS: MadeSource = made_source!(product by id, Product);
pub(super) const CODES: MadeSource = made_source!(mi_code by id, MiCode);

/// What stands now in the cells of rows with these codes, each as `cells` says it.
fn standing(
    conn: &mut AnyConn,
    codes: &[&str],
    cells: impl Fn(&MiCode, &Product) -> Vec<String>,
) -> Result<Vec<Option<Vec<String>>>> {
    let known = products_by_code(conn, codes)?;
    Ok(codes.iter().map(|code| known.get(*code).map(|(code, product)| cells(code, product))).collect())
}

/// The codes in use with their products, by code. Rows of an import that was never published are not there.
pub fn products_by_code(conn: &mut AnyConn, codes: &[&str]) -> Result<BTreeMap<String, (MiCode, Product)>> {
    let rows: Vec<(MiCode, Product)> = mi_code::table
        .inner_join(product::table)
        .filter(mi_code::code.eq_any(codes))
        .filter(visible_product!())
        .select((MiCode::as_select(), Product::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(|(code, product)| (code.code.clone(), (code, product))).collect())
}

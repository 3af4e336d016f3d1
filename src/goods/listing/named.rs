//! What a list of drugs names, found in sets: by codes, by numbers, by names. The number of statements depends on no list.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::catalogue::CodeInUse;
use crate::catalogue::model::TermKind;
use crate::catalogue::terms::term_id;
use crate::platform::db::padded;
use crate::platform::error::Result;
use crate::platform::schema::{listing, mi_code, organisation, product, product_term};
use crate::platform::sql::{AnyConn, Id};
use crate::visible_product;

/// Products of one list that are looked at at most.
const MOST: i64 = 10_000;
/// What stands before an approval number.
const APPROVAL: &str = "国药准字";

/// A product, as far as lists name one.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Named {
    /// The product.
    pub product: Id,
    /// Generic name.
    pub generic_name: String,
    /// Trade name.
    pub trade_name: Option<String>,
    /// Brand.
    pub brand: String,
    /// The normalised content; none where it could not be read.
    pub content_key: Option<String>,
    /// Smallest units in the pack.
    pub pack_qty: i64,
    /// Approval number.
    pub approval_no: String,
    /// Standard code.
    pub standard_code: Option<String>,
    /// The enterprise as registered.
    pub maker_name: Option<String>,
    /// The enterprise that holds it.
    pub maker: Option<String>,
    /// Its listing.
    pub listing: Option<Id>,
}

/// Rows of [`Named`] from a query that joins the product.
macro_rules! known {
    ($from:expr) => {
        $from
            .left_join(organisation::table.on(product::manufacturer_id.eq(organisation::id.nullable())))
            .left_join(listing::table.on(listing::product_id.eq(product::id)))
            .filter(visible_product!())
            .limit(MOST)
    };
}

macro_rules! columns {
    () => {
        (
            product::id,
            product::generic_name,
            product::trade_name,
            product::brand,
            product::content_key,
            product::pack_qty,
            product::approval_no,
            product::standard_code,
            product::maker_name,
            organisation::name.nullable(),
            listing::id.nullable(),
        )
    };
}

/// Medical-insurance codes in use or still mapped, each with its product.
///
/// # Errors
/// Of the database.
pub fn by_codes(conn: &mut AnyConn, codes: Vec<String>) -> Result<BTreeMap<String, (CodeInUse, Named)>> {
    if codes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of = mi_code::table.inner_join(product::table);
    let found: Vec<(CodeInUse, Named)> = known!(of)
        .filter(mi_code::code.eq_any(padded(codes)))
        .select((CodeInUse::as_select(), columns!()))
        .load(conn)?;
    Ok(found.into_iter().map(|(code, product)| (code.code.clone(), (code, product))).collect())
}

/// Products with one of these approval numbers, without what stands before a number, or standard codes.
///
/// # Errors
/// Of the database.
pub fn by_numbers(conn: &mut AnyConn, numbers: &[String]) -> Result<Vec<Named>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let approvals = numbers.iter().flat_map(|no| [no.clone(), format!("{APPROVAL}{no}")]);
    let approvals = product::approval_no.eq_any(padded(approvals));
    let standard = product::standard_code.eq_any(padded(numbers.iter().cloned()));
    let numbered = approvals.nullable().or(standard);
    Ok(known!(product::table).filter(numbered).select(columns!()).load(conn)?)
}

/// Products of one of these generic or trade names, folded; where `contents` are given, only those that hold one of them.
///
/// # Errors
/// Of the database.
pub fn by_names(
    conn: &mut AnyConn,
    names: impl IntoIterator<Item = String>,
    contents: Option<Vec<String>>,
) -> Result<Vec<Named>> {
    let term = |name: String| [TermKind::Generic, TermKind::Trade].map(|kind| term_id(kind, &name));
    let terms = padded(names.into_iter().flat_map(term));
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let of = product_term::table.inner_join(product::table);
    let query = known!(of).filter(product_term::term_id.eq_any(terms)).select(columns!());
    let mut found: Vec<Named> = match contents {
        Some(contents) => query.filter(product::content_key.eq_any(padded(contents))).load(conn)?,
        None => query.load(conn)?,
    };
    // A product stands under its generic and its trade name.
    found.sort_by_key(|named| named.product);
    found.dedup_by_key(|named| named.product);
    Ok(found)
}

//! What a list of drugs names, found in sets: by codes, by numbers, by names. The number of statements depends on no list.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::catalogue::CodeInUse;
use crate::catalogue::model::TermKind;
use crate::catalogue::terms::term_id;
use crate::platform::db::padded;
use crate::platform::error::Result;
use crate::platform::schema::{listing, mi_code, organisation, product, product_term, search_term};
use crate::platform::sql::{AnyConn, Id};
use crate::visible_product;

/// Products of one list that are looked at at most.
const MOST: i64 = 40_000;
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

/// Products of one of these generic names, as they are written, that hold one of these contents.
///
/// # Errors
/// Of the database.
pub fn by_contents(conn: &mut AnyConn, names: Vec<String>, contents: Vec<String>) -> Result<Vec<Named>> {
    if names.is_empty() || contents.is_empty() {
        return Ok(Vec::new());
    }
    Ok(known!(product::table)
        .filter(product::generic_name.eq_any(padded(names)))
        .filter(product::content_key.eq_any(padded(contents)))
        .select(columns!())
        .load(conn)?)
}

/// How many products have each of these generic or trade names, folded; a name that nothing has is left out.
///
/// # Errors
/// Of the database.
pub fn counts(conn: &mut AnyConn, names: &[String]) -> Result<BTreeMap<String, i64>> {
    let ids = padded(names.iter().flat_map(|name| terms(name)));
    let found: Vec<(String, i64)> = search_term::table
        .filter(search_term::id.eq_any(ids))
        .select((search_term::text, search_term::product_count))
        .load(conn)?;
    let mut counts = BTreeMap::new();
    for (name, count) in found.into_iter().filter(|(_, count)| *count > 0) {
        *counts.entry(name).or_insert(0) += count;
    }
    Ok(counts)
}

/// Products of these generic or trade names, folded.
///
/// # Errors
/// Of the database.
pub fn by_names(conn: &mut AnyConn, names: &[String]) -> Result<Vec<Named>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let ids = padded(names.iter().flat_map(|name| terms(name)));
    let of = product_term::table.inner_join(product::table);
    let query = known!(of).filter(product_term::term_id.eq_any(ids)).select(columns!());
    let mut found: Vec<Named> = query.load(conn)?;
    // A product stands under its generic and its trade name.
    found.sort_by_key(|named| named.product);
    found.dedup_by_key(|named| named.product);
    Ok(found)
}

fn terms(name: &str) -> [i64; 2] {
    [TermKind::Generic, TermKind::Trade].map(|kind| term_id(kind, name))
}

//! The dictionary behind search: which terms a product is found under.

use std::collections::BTreeMap;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::model::{Product, ProductTerm, SearchTerm};
use super::words;
use crate::platform::db::{AnyConn, Id};
use crate::platform::error::Result;
use crate::platform::schema::{product_term, search_term};

crate::words! {
    /// What a term names, the most telling first.
    pub enum TermKind {
        /// 通用名.
        Generic = "generic",
        /// 商品名.
        Trade = "trade",
        /// 厂牌.
        Brand = "brand",
        /// The enterprise.
        Maker = "maker",
    }
}

/// The key of a term: the first 64 bits of the SHA-256 of its kind and text.
pub fn term_id(kind: TermKind, folded: &str) -> i64 {
    let digest = Sha256::digest(format!("{kind}\n{folded}"));
    let mut first = [0; 8];
    first.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    i64::from_be_bytes(first)
}

/// Puts products under their terms; `makers` has the name of each one's enterprise. Not idempotent: a product is put once.
pub fn index(conn: &mut AnyConn, products: &[Product], makers: &BTreeMap<Id, String>) -> Result<()> {
    let mut terms: BTreeMap<i64, SearchTerm> = BTreeMap::new();
    let mut rows = Vec::with_capacity(products.len() * 4);
    for product in products {
        let owner = product.manufacturer_id.and_then(|id| makers.get(&id)).map(String::as_str);
        let maker = owner.or(product.maker_name.as_deref()).unwrap_or_default();
        let ids = [
            count(&mut terms, TermKind::Generic, &product.generic_name),
            count(&mut terms, TermKind::Trade, product.trade_name.as_deref().unwrap_or_default()),
            count(&mut terms, TermKind::Brand, &product.brand),
            count(&mut terms, TermKind::Maker, maker),
        ];
        let [generic_term, trade_term, brand_term, maker_term] = ids;
        for term_id in ids.into_iter().filter(|id| *id != 0) {
            let (sort_key, product_id) = (product.sort_key.clone(), product.id);
            rows.push(ProductTerm {
                term_id,
                sort_key,
                product_id,
                generic_term,
                trade_term,
                brand_term,
                maker_term,
            });
        }
    }
    put_terms(conn, &terms.into_values().collect::<Vec<_>>())?;
    put_rows(conn, &rows)
}

/// Puts a product whose names have changed under its new terms.
pub fn move_product(conn: &mut AnyConn, product: &Product, makers: &BTreeMap<Id, String>) -> Result<()> {
    let old: Vec<i64> = product_term::table
        .filter(product_term::product_id.eq(product.id))
        .select(product_term::term_id)
        .load(conn)?;
    diesel::delete(product_term::table.filter(product_term::product_id.eq(product.id))).execute(conn)?;
    diesel::update(search_term::table.filter(search_term::id.eq_any(old)))
        .set(search_term::product_count.eq(search_term::product_count - 1))
        .execute(conn)?;
    index(conn, std::slice::from_ref(product), makers)
}

/// Counts one more product under a term; 0 for an empty one.
fn count(terms: &mut BTreeMap<i64, SearchTerm>, kind: TermKind, name: &str) -> i64 {
    let text = words::folded(name);
    if text.is_empty() {
        return 0;
    }
    let id = term_id(kind, &text);
    let term = terms.entry(id).or_insert_with(|| {
        let initials = words::initials(name).join(" ");
        SearchTerm { id, kind, text, initials, product_count: 0 }
    });
    term.product_count += 1;
    id
}

fn put_terms(conn: &mut AnyConn, terms: &[SearchTerm]) -> Result<()> {
    use diesel::upsert::excluded;
    let add =
        search_term::product_count.eq(search_term::product_count + excluded(search_term::product_count));
    match conn {
        AnyConn::Sqlite(c) => {
            for term in terms {
                let row = diesel::insert_into(search_term::table).values(term);
                row.on_conflict(search_term::id).do_update().set(add).execute(c)?;
            }
        }
        AnyConn::Pg(c) => {
            let rows = diesel::insert_into(search_term::table).values(terms);
            rows.on_conflict(search_term::id).do_update().set(add).execute(c)?;
        }
    }
    Ok(())
}

fn put_rows(conn: &mut AnyConn, rows: &[ProductTerm]) -> Result<()> {
    match conn {
        AnyConn::Sqlite(c) => {
            for row in rows {
                diesel::insert_into(product_term::table).values(row).execute(c)?;
            }
        }
        AnyConn::Pg(c) => {
            diesel::copy_from(product_term::table).from_insertable(rows).execute(c)?;
        }
    }
    Ok(())
}

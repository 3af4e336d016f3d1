//! The dictionary behind search: which terms a product is found under.

use std::collections::BTreeMap;

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::model::{Product, ProductTerm, SearchTerm, TermKind};
use super::readings::FORM;
use super::words;
use crate::keyset;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::schema::{product_term, search_term};
use crate::platform::sql::{AnyConn, Id};

/// Terms whose initials are made again in one write.
const AT_ONCE: i64 = 200;

/// The key of a term: the first 64 bits of the SHA-256 of its kind and text.
pub fn term_id(kind: TermKind, folded: &str) -> i64 {
    let digest = Sha256::digest(format!("{kind}\n{folded}"));
    let mut first = [0; 8];
    first.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    i64::from_be_bytes(first)
}

/// Puts products under their terms; `makers` has the name of each one's enterprise. Not idempotent: a product is put once.
pub fn index(conn: &mut AnyConn, products: &[Product], makers: &BTreeMap<Id, String>) -> Result<()> {
    let mut terms: BTreeMap<i64, Counted> = BTreeMap::new();
    let mut rows = Vec::with_capacity(products.len() * 4);
    for product in products {
        let owner = product.manufacturer_id.and_then(|id| makers.get(&id)).map(String::as_str);
        let maker = owner.or(product.maker_name.as_deref()).unwrap_or_default();
        // A brand that is the enterprise's name, as the national workbook has it, would only double the rows.
        let brand = if product.brand == maker { "" } else { &product.brand };
        let ids = [
            count(&mut terms, TermKind::Generic, &product.generic_name),
            count(&mut terms, TermKind::Trade, product.trade_name.as_deref().unwrap_or_default()),
            count(&mut terms, TermKind::Brand, brand),
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
    put_terms(conn, &terms)?;
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

/// A term and how many of these products stand under it.
struct Counted {
    kind: TermKind,
    text: String,
    products: i64,
}

impl Counted {
    fn row(&self, id: i64) -> SearchTerm {
        let (kind, text, product_count) = (self.kind, self.text.clone(), self.products);
        SearchTerm { id, kind, initials: initials(&text), text, product_count, made_as: FORM }
    }
}

fn initials(text: &str) -> String {
    words::initials(text).join(" ")
}

/// Makes the initials of terms again that have them in an earlier form.
///
/// # Errors
/// Of the database.
pub async fn renew(db: &Db) -> Result<()> {
    let mut after = None;
    loop {
        // Looked for outside the writer: mostly there is nothing to do, and every term is looked at.
        let earlier: Vec<(i64, String)> = db.read(move |conn| earlier(conn, after)).await?;
        let Some((last, _)) = earlier.last() else { return Ok(()) };
        after = Some(*last);
        let made: Vec<(i64, String)> = earlier.iter().map(|(id, text)| (*id, initials(text))).collect();
        db.write_unaudited("catalogue.terms", move |conn| renew_some(conn, &made)).await?;
    }
}

/// Some terms behind `after` whose initials have an earlier form.
fn earlier(conn: &mut AnyConn, after: Option<i64>) -> Result<Vec<(i64, String)>> {
    let query = search_term::table
        .filter(search_term::made_as.ne(FORM))
        .limit(AT_ONCE)
        .select((search_term::id, search_term::text))
        .into_boxed();
    Ok(keyset!(query, after, search_term::id => asc).load(conn)?)
}

fn renew_some(conn: &mut AnyConn, made: &[(i64, String)]) -> Result<()> {
    for (id, initials) in made {
        diesel::update(search_term::table.find(id))
            .set((search_term::initials.eq(initials), search_term::made_as.eq(FORM)))
            .execute(conn)?;
    }
    Ok(())
}

/// Counts one more product under a term; 0 for an empty one.
fn count(terms: &mut BTreeMap<i64, Counted>, kind: TermKind, name: &str) -> i64 {
    let text = words::folded(name);
    if text.is_empty() {
        return 0;
    }
    let id = term_id(kind, &text);
    terms.entry(id).or_insert_with(|| Counted { kind, text, products: 0 }).products += 1;
    id
}

fn put_terms(conn: &mut AnyConn, terms: &BTreeMap<i64, Counted>) -> Result<()> {
    use diesel::upsert::excluded;
    match conn {
        AnyConn::Sqlite(c) => {
            // Two statements that are parsed once; what inserts or adds in one is parsed each time.
            for (id, term) in terms {
                let more = search_term::product_count.eq(search_term::product_count + term.products);
                if diesel::update(search_term::table.find(id)).set(more).execute(c)? == 0 {
                    diesel::insert_into(search_term::table).values(&term.row(*id)).execute(c)?;
                }
            }
        }
        AnyConn::Pg(c) => {
            let rows: Vec<SearchTerm> = terms.iter().map(|(id, term)| term.row(*id)).collect();
            let add = search_term::product_count
                .eq(search_term::product_count + excluded(search_term::product_count));
            let rows = diesel::insert_into(search_term::table).values(rows);
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

//! Finds products by generic name, trade name, brand, enterprise, code and pinyin initials; several words must all hold. A word
//! that no name contains is looked for in the numbers, the strength and the pack ([`facts`]), unless it stands
//! alone without a digit.
//!
//! Each word is looked up in the dictionary ([`super::terms`]); the rarest word drives: its terms are walked in the order of
//! their relevance (equal, begins, contains), each in the order of the list, until a page is full. The other words are held
//! against the terms that stand in each row. So neither all hits nor all products are ever read or sorted.

mod cursor;
mod dictionary;
mod facts;
mod walk;

use diesel::prelude::*;

use super::model::Product;
use super::store;
use crate::platform::error::Result;
use crate::platform::input::search_words;
use crate::platform::schema::{mi_code, product};
use crate::platform::sql::{AnyConn, Id};
use crate::{keyset, visible_product};
use cursor::Cursor;
use dictionary::{Hits, Set};
use facts::Fact;

/// Rows on a page at most.
pub const PAGE: usize = 50;
/// Rows that are looked through at once, where not all of them are shown.
pub const ROUND: usize = 500;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// As typed.
    pub text: String,
    /// Where the page before ended.
    pub after: Option<String>,
    /// Products on this page, 1 to [`ROUND`].
    pub limit: usize,
}

/// One page of products.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// In the order of their relevance.
    pub products: Vec<Product>,
    /// For the next page; none at the end.
    pub next: Option<String>,
}

/// Looks for products. An empty text finds all of them in the order of the list.
///
/// # Errors
/// 422 for too many or too long words, 400 for a cursor that is not of this search.
pub fn find(conn: &mut AnyConn, query: &Query) -> Result<Found> {
    let limit = query.limit.clamp(1, ROUND);
    let after = query.after.as_deref().map(Cursor::decode).transpose()?;
    let words = search_words(&query.text)?;
    if let Some((code, rest)) = code_word(conn, &words)? {
        return by_code(conn, &code, &rest, after, limit);
    }
    let (driver, rest) = match words.as_slice() {
        [only] if !facts::may_be(only) => (dictionary::look_up(conn, only)?, Rest::default()),
        words => {
            let Words { named, facts } = Words::of(conn, words)?;
            if named.is_empty() {
                return all(conn, &facts, after, limit);
            }
            let (driver, sets) = divide(conn, named)?;
            (driver, Rest { sets, facts })
        }
    };
    let page = walk::walk(conn, driver, rest, after, limit)?;
    let products = in_order(conn, &page.ids)?;
    Ok(Found { products, next: page.next.map(|c| c.encode()) })
}

/// The words of a search, each with what it is looked for in.
#[derive(Default)]
struct Words {
    /// Words of names, with what they hit.
    named: Vec<(String, Set)>,
    facts: Vec<Fact>,
}

impl Words {
    fn of(conn: &mut AnyConn, words: &[String]) -> Result<Self> {
        let mut all = Self::default();
        for word in words {
            let set = dictionary::set(conn, word)?;
            match set.products == 0 {
                true => all.facts.push(Fact::of(conn, word.clone())?),
                false => all.named.push((word.clone(), set)),
            }
        }
        Ok(all)
    }

    /// What a row is held against where none of the words drives.
    fn rest(self) -> Rest {
        Rest { sets: self.named.into_iter().map(|(_, set)| set).collect(), facts: self.facts }
    }
}

/// The words that do not drive.
#[derive(Debug, Default)]
struct Rest {
    sets: Vec<Set>,
    facts: Vec<Fact>,
}

impl Rest {
    fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.facts.is_empty()
    }
}

/// The rarest word, with its terms in order, and what the others hit.
fn divide(conn: &mut AnyConn, words: Vec<(String, Set)>) -> Result<(Hits, Vec<Set>)> {
    let rarest = words.iter().enumerate().min_by_key(|(_, (_, set))| set.products).map(|(n, _)| n);
    let driver = match rarest.and_then(|n| words.get(n)) {
        Some((word, set)) => dictionary::look_up_found(conn, word, set)?,
        None => Hits::default(),
    };
    let others = words.into_iter().enumerate().filter(|(n, _)| Some(*n) != rarest);
    Ok((driver, others.map(|(_, (_, set))| set).collect()))
}

/// The first word that is the beginning of a code in use, and the other words.
fn code_word(conn: &mut AnyConn, words: &[String]) -> Result<Option<(String, Vec<String>)>> {
    for (n, word) in words.iter().enumerate() {
        let like_a_code = word.len() >= 4 && word.bytes().all(|b| b.is_ascii_alphanumeric());
        if !like_a_code {
            continue;
        }
        let code = word.to_ascii_uppercase();
        let first: Option<String> = mi_code::table
            .filter(mi_code::code.ge(&code))
            .order(mi_code::code)
            .select(mi_code::code)
            .first(conn)
            .optional()?;
        if first.is_some_and(|first| first.starts_with(&code)) {
            let rest = words.iter().enumerate().filter(|(m, _)| *m != n).map(|(_, w)| w.clone()).collect();
            return Ok(Some((code, rest)));
        }
    }
    Ok(None)
}

/// Products whose code begins so, in the order of the codes. A product with several such codes stands under the first.
fn by_code(
    conn: &mut AnyConn,
    code: &str,
    rest: &[String],
    after: Option<Cursor>,
    limit: usize,
) -> Result<Found> {
    let others = Words::of(conn, rest)?.rest();
    let mut from = match after {
        Some(Cursor::Code(last)) if last.starts_with(code) => Some(last),
        Some(_) => return Err(cursor::foreign()),
        None => None,
    };
    let (mut ids, mut next) = (Vec::new(), None);
    let mut budget = walk::BUDGET;
    // Other words may refuse most rows, and a product may stand under several codes.
    let most = if others.is_empty() { limit + 1 } else { 500 };
    'pages: while budget > 0 {
        let mut query = mi_code::table.inner_join(product::table).into_boxed();
        // One lower bound only: of two, SQLite may take the lower and read all codes from there on.
        query = match &from {
            None => query.filter(mi_code::code.ge(code)),
            Some(from) => query.filter(mi_code::code.gt(from)),
        };
        let rows: Vec<(String, Id)> = query
            .filter(mi_code::code.lt(format!("{code}~")))
            .filter(visible_product!())
            .order(mi_code::code)
            .select((mi_code::code, product::id))
            .limit(i64::try_from(most).unwrap_or(500))
            .load(conn)?;
        let full = rows.len() == most;
        budget = budget.saturating_sub(rows.len());
        let fitting = walk::fitting(conn, rows.iter().map(|(_, id)| *id).collect(), &others)?;
        for (code, id) in rows {
            if fitting.contains(&id) && !ids.contains(&id) {
                if ids.len() == limit {
                    next = from.map(Cursor::Code);
                    break 'pages;
                }
                ids.push(id);
            }
            from = Some(code);
        }
        if !full {
            break;
        }
        if budget == 0 {
            next = from.clone().map(Cursor::Code);
        }
    }
    Ok(Found { products: in_order(conn, &ids)?, next: next.map(|c| c.encode()) })
}

/// Everything for which the facts hold, in the order of the list.
fn all(conn: &mut AnyConn, facts: &[Fact], after: Option<Cursor>, limit: usize) -> Result<Found> {
    let after = match after {
        None => None,
        Some(Cursor::List(key, id)) => Some((key, id)),
        Some(_) => return Err(cursor::foreign()),
    };
    let query = product::table.filter(visible_product!()).into_boxed();
    let query = facts::narrowed(query, facts).select(Product::as_select());
    let query = keyset!(query, after, product::sort_key => asc, product::id => asc);
    let count = i64::try_from(limit).unwrap_or(50) + 1;
    let mut products: Vec<Product> = query.limit(count).load(conn)?;
    let more = products.len() > limit;
    products.truncate(limit);
    let last = products.last().filter(|_| more).map(|p| Cursor::List(p.sort_key.clone(), p.id).encode());
    Ok(Found { products, next: last })
}

fn in_order(conn: &mut AnyConn, ids: &[Id]) -> Result<Vec<Product>> {
    let mut products = store::products(conn, ids)?;
    Ok(ids.iter().filter_map(|id| products.remove(id)).collect())
}

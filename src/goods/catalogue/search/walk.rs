//! The walk through the products of the driving word.

use std::collections::HashSet;

use diesel::prelude::*;

use super::cursor::{self, Cursor};
use super::dictionary::{Hits, Set};
use super::{Rest, facts};
use crate::catalogue::model::ProductTerm;
use crate::keyset;
use crate::platform::error::Result;
use crate::platform::schema::product_term;
use crate::platform::sql::{AnyConn, Id};

/// Rows looked at for one page at most. A page may then be shorter; its cursor leads on.
pub(super) const BUDGET: usize = 40_000;
/// Terms with so few products together are read at once.
const TOGETHER: i64 = 400;
const TOGETHER_TERMS: usize = 200;

/// One page of keys.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub ids: Vec<Id>,
    pub next: Option<Cursor>,
}

/// Walks from `after` on until `limit` products fit all words.
pub(super) fn walk(
    conn: &mut AnyConn,
    driver: Hits,
    others: Rest,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page> {
    let mut walker = Walker { driver, others, limit, page: Page::default(), last: None, seen: 0 };
    let (mut at, mut behind) = match after {
        None => (0, None),
        Some(Cursor::Term(key, sort_key, id)) => {
            let at = walker.driver.terms.partition_point(|hit| hit.key < key);
            let same = walker.driver.terms.get(at).is_some_and(|hit| hit.key == key);
            (at, same.then_some((sort_key, id)))
        }
        Some(_) => return Err(cursor::foreign()),
    };
    while let Some(hit) = walker.driver.terms.get(at) {
        let (term, until) = (hit.id, walker.run_of_small_terms(at));
        let (full, next) = if until > at + 1 && behind.is_none() {
            (walker.together(conn, at, until)?, until)
        } else {
            (walker.one(conn, at, term, behind.take())?, at + 1)
        };
        if full {
            break;
        }
        at = next;
    }
    Ok(walker.page)
}

struct Walker {
    driver: Hits,
    others: Rest,
    limit: usize,
    page: Page,
    /// The last row looked at: place of its term, sort key, product.
    last: Option<(usize, String, Id)>,
    seen: usize,
}

impl Walker {
    /// The first term behind `at` that is not read together with it.
    fn run_of_small_terms(&self, at: usize) -> usize {
        let mut sum = 0;
        let terms = self.driver.terms.iter().skip(at).take(TOGETHER_TERMS);
        at + terms
            .take_while(|hit| {
                sum += hit.products;
                sum <= TOGETHER
            })
            .count()
    }

    /// All products of the terms from `at` to `until`; true if the page is full.
    fn together(&mut self, conn: &mut AnyConn, at: usize, until: usize) -> Result<bool> {
        let ids: Vec<i64> = self.driver.terms.iter().take(until).skip(at).map(|hit| hit.id).collect();
        let rows: Vec<ProductTerm> = product_term::table
            .filter(product_term::term_id.eq_any(ids))
            .select(ProductTerm::as_select())
            .load(conn)?;
        let mut placed: Vec<(usize, ProductTerm)> =
            rows.into_iter().filter_map(|row| Some((*self.driver.place.get(&row.term_id)?, row))).collect();
        placed.sort_unstable_by(|(a, x), (b, y)| {
            (a, &x.sort_key, x.product_id).cmp(&(b, &y.sort_key, y.product_id))
        });
        let holding = self.holding(conn, placed.iter().map(|(_, row)| row))?;
        Ok(placed.into_iter().any(|(place, row)| self.take(place, row, &holding)))
    }

    /// The products of one term behind `behind`; true if the page is full.
    fn one(
        &mut self,
        conn: &mut AnyConn,
        place: usize,
        term: i64,
        mut behind: Option<(String, Id)>,
    ) -> Result<bool> {
        let mut chunk = if self.others.is_empty() { self.limit + 1 } else { 500 };
        loop {
            let query = product_term::table
                .filter(product_term::term_id.eq(term))
                .select(ProductTerm::as_select())
                .into_boxed();
            let query =
                keyset!(query, behind, product_term::sort_key => asc, product_term::product_id => asc);
            let count = i64::try_from(chunk).unwrap_or(500);
            let rows: Vec<ProductTerm> = query.limit(count).load(conn)?;
            let ended = rows.len() < chunk;
            behind = rows.last().map(|row| (row.sort_key.clone(), row.product_id));
            let holding = self.holding(conn, rows.iter())?;
            if rows.into_iter().any(|row| self.take(place, row, &holding)) {
                return Ok(true);
            }
            if ended {
                return Ok(false);
            }
            chunk = (chunk * 2).clamp(500, 4000);
        }
    }

    /// The products of these rows for which all facts hold.
    fn holding<'r>(
        &self,
        conn: &mut AnyConn,
        rows: impl Iterator<Item = &'r ProductTerm>,
    ) -> Result<HashSet<Id>> {
        if self.others.facts.is_empty() {
            return Ok(HashSet::new());
        }
        facts::holding(conn, rows.map(|row| row.product_id).collect(), &self.others.facts)
    }

    /// Looks at a row; true if the page is full or enough rows were seen.
    fn take(&mut self, place: usize, row: ProductTerm, holding: &HashSet<Id>) -> bool {
        let terms = row.terms();
        // A product under several hits stands under the best of them only.
        let best = terms.iter().filter_map(|t| self.driver.place.get(t)).min();
        let fits = best == Some(&place) && self.others.sets.iter().all(|set| fits(set, &terms));
        let fits = fits && (self.others.facts.is_empty() || holding.contains(&row.product_id));
        if self.seen >= BUDGET || (fits && self.page.ids.len() == self.limit) {
            self.page.next = self.cursor();
            return true;
        }
        self.seen += 1;
        if fits {
            self.page.ids.push(row.product_id);
        }
        self.last = Some((place, row.sort_key, row.product_id));
        false
    }

    fn cursor(&self) -> Option<Cursor> {
        let (place, sort_key, id) = self.last.clone()?;
        let hit = self.driver.terms.get(place)?;
        Some(Cursor::Term(hit.key.clone(), sort_key, id))
    }
}

fn fits(set: &Set, terms: &[i64; 4]) -> bool {
    terms.iter().any(|term| set.ids.contains(term))
}

/// Those of the products that fit all words.
pub(super) fn fitting(conn: &mut AnyConn, ids: Vec<Id>, words: &Rest) -> Result<HashSet<Id>> {
    let ids: Vec<Id> = facts::holding(conn, ids, &words.facts)?.into_iter().collect();
    if words.sets.is_empty() {
        return Ok(ids.into_iter().collect());
    }
    let rows: Vec<ProductTerm> = product_term::table
        .filter(product_term::product_id.eq_any(ids))
        .select(ProductTerm::as_select())
        .load(conn)?;
    let all = rows.into_iter().filter(|row| words.sets.iter().all(|set| fits(set, &row.terms())));
    Ok(all.map(|row| row.product_id).collect())
}

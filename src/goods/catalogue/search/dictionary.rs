//! One word against the dictionary.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::cursor::TermKey;
use crate::catalogue::model::{SearchTerm, TermKind};
use crate::platform::error::Result;
use crate::platform::schema::search_term;
use crate::platform::sql::AnyConn;
use crate::platform::sql::like::escaped;

/// Terms that are fetched by their keys at most; looking through the dictionary is faster for more.
const BY_KEY: usize = 1_000;

/// The terms that a word hits, the best first.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// The best first.
    pub terms: Vec<Hit>,
    /// Place of each term in `terms`.
    pub place: HashMap<i64, usize>,
}

/// A term that a word hits.
#[derive(Debug)]
pub(super) struct Hit {
    pub id: i64,
    pub key: TermKey,
    pub products: i64,
}

/// The terms that a word hits, unordered: for words that do not drive.
#[derive(Debug, Default)]
pub(super) struct Set {
    pub ids: HashSet<i64>,
    /// Products under all of them; one under two terms counts twice.
    pub products: i64,
}

/// Which terms a word hits: those whose text or initials contain it; for a single letter, those that begin with it.
macro_rules! hit_by {
    ($word:expr, $select:expr) => {{
        let latin = $word.bytes().all(|b| b.is_ascii_alphanumeric());
        let start = if latin && $word.len() == 1 { "" } else { "%" };
        let pattern = format!("{start}{}%", escaped($word));
        let mut query = search_term::table
            .filter(search_term::text.like(pattern.clone()).escape('\\'))
            .select($select)
            .into_boxed();
        if latin {
            query = query.or_filter(search_term::initials.like(pattern).escape('\\'));
        }
        query
    }};
}

/// The terms that a word hits, ordered by how well they fit.
pub(super) fn look_up(conn: &mut AnyConn, word: &str) -> Result<Hits> {
    let found: Vec<SearchTerm> = hit_by!(word, SearchTerm::as_select()).load(conn)?;
    Ok(ordered(found, word))
}

/// As [`look_up`], where [`set`] has found them already: a few are fetched by their keys, not looked for again.
pub(super) fn look_up_found(conn: &mut AnyConn, word: &str, set: &Set) -> Result<Hits> {
    if set.ids.len() > BY_KEY {
        return look_up(conn, word);
    }
    let found: Vec<SearchTerm> = search_term::table
        .filter(search_term::id.eq_any(&set.ids))
        .select(SearchTerm::as_select())
        .load(conn)?;
    Ok(ordered(found, word))
}

fn ordered(found: Vec<SearchTerm>, word: &str) -> Hits {
    let mut terms: Vec<Hit> =
        found.into_iter().filter(|t| t.product_count > 0).map(|t| hit(t, word)).collect();
    terms.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let place = terms.iter().enumerate().map(|(n, hit)| (hit.id, n)).collect();
    Hits { terms, place }
}

/// The terms that a word hits, without their texts.
pub(super) fn set(conn: &mut AnyConn, word: &str) -> Result<Set> {
    let found: Vec<(i64, i64)> = hit_by!(word, (search_term::id, search_term::product_count)).load(conn)?;
    let products = found.iter().map(|(_, products)| products).sum();
    Ok(Set { ids: found.into_iter().map(|(id, _)| id).collect(), products })
}

fn hit(term: SearchTerm, word: &str) -> Hit {
    let mut names = std::iter::once(term.text.as_str()).chain(term.initials.split(' '));
    let fit = match () {
        () if names.clone().any(|name| name == word) => 0,
        () if names.any(|name| name.starts_with(word)) => 1,
        () => 2,
    };
    let kind = match term.kind {
        TermKind::Generic => 0,
        TermKind::Trade => 1,
        TermKind::Brand => 2,
        TermKind::Maker => 3,
    };
    Hit { id: term.id, key: (fit, kind, term.text.chars().count(), term.text), products: term.product_count }
}

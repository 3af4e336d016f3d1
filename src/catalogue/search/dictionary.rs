//! One word against the dictionary.

use std::collections::HashMap;

use diesel::prelude::*;

use super::cursor::TermKey;
use crate::catalogue::model::SearchTerm;
use crate::catalogue::terms::TermKind;
use crate::catalogue::words::escaped;
use crate::platform::db::AnyConn;
use crate::platform::error::Result;
use crate::platform::schema::search_term;

/// The terms that a word hits.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// The best first.
    pub terms: Vec<Hit>,
    /// Place of each term in `terms`.
    pub place: HashMap<i64, usize>,
    /// Products under all of them; one under two terms counts twice.
    pub products: i64,
}

/// A term that a word hits.
#[derive(Debug)]
pub(super) struct Hit {
    pub id: i64,
    pub key: TermKey,
    pub products: i64,
}

/// The terms whose text or initials contain the word; for a single letter, those that begin with it.
pub(super) fn look_up(conn: &mut AnyConn, word: &str) -> Result<Hits> {
    let latin = word.bytes().all(|b| b.is_ascii_alphanumeric());
    let pattern = match latin && word.len() == 1 {
        true => format!("{}%", escaped(word)),
        false => format!("%{}%", escaped(word)),
    };
    let mut query = search_term::table
        .filter(search_term::text.like(pattern.clone()).escape('\\'))
        .select(SearchTerm::as_select())
        .into_boxed();
    if latin {
        query = query.or_filter(search_term::initials.like(pattern).escape('\\'));
    }
    let found: Vec<SearchTerm> = query.load(conn)?;
    let mut terms: Vec<Hit> =
        found.into_iter().filter(|t| t.product_count > 0).map(|t| hit(t, word)).collect();
    terms.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let place = terms.iter().enumerate().map(|(n, hit)| (hit.id, n)).collect();
    let products = terms.iter().map(|t| t.products).sum();
    Ok(Hits { terms, place, products })
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

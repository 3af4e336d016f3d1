//! Statements that save ways to the database: prepared once where diesel prepares them each time, and two sent as one.

use diesel::backend::Backend;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// A statement that is prepared once for each text that it has. diesel prepares updates, lists of values and rows each time,
/// for they might have any number of texts; only what has few may be wrapped.
#[derive(Debug, Clone, Copy)]
pub struct Prepared<Q>(pub Q);

impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    // Found again by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> RunQueryDsl<C> for Prepared<Q> {}

impl<DB: Backend, Q: QueryFragment<DB>> QueryFragment<DB> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// The values, each once, the last one repeated up to a power of two: a list has ten texts up to 512 values, not 512.
pub fn padded<T: Ord + Clone>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut all: Vec<T> = values.into_iter().collect();
    all.sort_unstable();
    all.dedup();
    if let Some(last) = all.last().cloned() {
        all.resize(all.len().next_power_of_two(), last);
    }
    all
}

/// Two statements of PostgreSQL on one way to the server; both are done, and the second one is counted.
#[derive(Debug, Clone, Copy, QueryId)]
pub struct Together<A, B>(pub A, pub B);

impl<A, B, C> RunQueryDsl<C> for Together<A, B> {}

impl<A: QueryFragment<Pg>, B: QueryFragment<Pg>> QueryFragment<Pg> for Together<A, B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH first AS (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        self.1.walk_ast(out)
    }
}

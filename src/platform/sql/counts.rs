//! Several numbers in one statement, for what stands on every page.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer, Nullable};

use super::total::two_numbers;
use super::{AnyConn, MultiBackend, Total};
use crate::error::Result;

/// A question that one number answers, such as `order::table.filter(…).count()`.
pub type Question = Box<dyn QueryFragment<MultiBackend>>;

/// A question in both engines' SQL, without values.
pub fn fixed(sql: &'static str) -> Question {
    Box::new(Fixed(sql))
}

/// The answers in the order of the questions; zero where there is none.
///
/// # Errors
/// Of the database.
pub fn counts(conn: &mut AnyConn, questions: Vec<Question>) -> Result<Vec<i64>> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows: Vec<(i32, Option<i64>)> = Together(questions).load(conn)?;
    rows.sort_unstable();
    Ok(rows.into_iter().map(|(_, n)| n.unwrap_or(0)).collect())
}

/// How many rows a query gives; it has a limit, so that a great number costs no more.
pub fn at_most(few: Question) -> Question {
    Box::new(AtMost(few))
}

/// How many amounts each query gives and what they come to, in the order of the queries. Each gives one column, called `total`.
///
/// # Errors
/// Of the database.
pub fn sums(conn: &mut AnyConn, amounts: Vec<Question>) -> Result<Vec<(i64, Total)>> {
    let mut rows: Vec<(i32, i64, (i64, i64))> = Sums(amounts).load(conn)?;
    rows.sort_unstable();
    Ok(rows.into_iter().map(|(_, count, (yuan, rest))| (count, Total::of(yuan, rest))).collect())
}

struct Fixed(&'static str);

impl QueryFragment<MultiBackend> for Fixed {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

struct AtMost(Question);

impl QueryFragment<MultiBackend> for AtMost {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("SELECT COUNT(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS few");
        Ok(())
    }
}

/// `SELECT 0, (…) UNION ALL SELECT 1, (…) …`: the numbers come in any order, with the place of their question.
struct Together(Vec<Question>);

impl QueryFragment<MultiBackend> for Together {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for (place, question) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { " UNION ALL " };
            out.push_sql(&format!("{between}SELECT {place}, ("));
            question.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl QueryId for Together {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Together {
    type SqlType = (Integer, Nullable<BigInt>);
}

impl RunQueryDsl<AnyConn> for Together {}

/// `SELECT 0, COUNT(*), … FROM (…) UNION ALL …`: counts and sums of what each query gives.
struct Sums(Vec<Question>);

impl QueryFragment<MultiBackend> for Sums {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        for (place, amounts) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { " UNION ALL " };
            let sum = two_numbers("few.total");
            out.push_sql(&format!("{between}SELECT {place}, COUNT(*), {sum} FROM ("));
            amounts.walk_ast(out.reborrow())?;
            out.push_sql(") AS few");
        }
        Ok(())
    }
}

impl QueryId for Sums {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sums {
    type SqlType = (Integer, BigInt, (BigInt, BigInt));
}

impl RunQueryDsl<AnyConn> for Sums {}

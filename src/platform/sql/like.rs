//! Searches within a text, the same on both engines: SQLite has no escape of its own in LIKE and passes over ASCII case there,
//! PostgreSQL does neither. Both sides are folded: half width, lower case, no blanks.

use diesel::dsl::sql;
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::helper_types::AsExprOf;
use diesel::sql_types::{Bool, Text};

use crate::input::folded;

/// A condition on a text.
pub type Contains = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, Text>>>;

/// For LIKE with `\` as escape: the signs that mean something to it stand for themselves.
pub fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
}

/// A pattern for texts that contain `words`; for `.escape('\\')`.
pub fn containing(words: &str) -> String {
    format!("%{}%", escaped(words))
}

/// Whether a column, named with its table, contains `words` when both are folded. Of full width only what stands in names is
/// folded in the column: brackets and the blank.
pub fn contains(column: &'static str, words: &str) -> Contains {
    like(&folded_column(column), containing(&folded(words)))
}

/// Whether what `expression` gives, folded already, is like a pattern.
pub fn like(expression: &str, pattern: String) -> Contains {
    sql::<Bool>(&format!("{expression} LIKE ")).bind::<Text, _>(pattern).sql(" ESCAPE '\\'")
}

/// The SQL that folds a column.
pub fn folded_column(column: &str) -> String {
    let folds = [("（", "("), ("）", ")"), ("　", ""), (" ", "")];
    let replaced = folds
        .iter()
        .fold(column.to_owned(), |inner, (from, to)| format!("REPLACE({inner}, '{from}', '{to}')"));
    format!("LOWER({replaced})")
}

//! A word that no name contains, against what else is written on a box: approval number, standard code, medical-insurance code,
//! strength, volume, pack.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::platform::error::Result;
use crate::platform::schema::{mi_code, product};
use crate::platform::sql::like::{containing, escaped, folded_column, like};
use crate::platform::sql::{AnyConn, Id, MultiBackend};

/// Letters and digits from which on a word may be the middle of a code.
const PART_OF_CODE: usize = 4;
/// Products under one part of a code that are looked at at most.
const MOST_CODED: i64 = 2_000;

/// A word with what it can be found by.
#[derive(Debug)]
pub(super) struct Fact {
    word: String,
    /// Products with a code that contains it.
    coded: HashSet<Id>,
}

/// Whether a word may stand on a box and nowhere else: a number does. Alone, any other word that no name contains finds nothing,
/// and finds it without a look at every product.
pub(super) fn may_be(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_digit())
}

/// Products, before columns are chosen.
type Products<'a> = product::BoxedQuery<'a, MultiBackend>;

/// The products for which all facts hold.
pub(super) fn narrowed<'a>(mut query: Products<'a>, facts: &[Fact]) -> Products<'a> {
    for Fact { word, coded } in facts {
        let coded: Vec<Id> = coded.iter().copied().collect();
        query = query.filter(
            like(&numbers(), containing(word))
                .or(like(&measures(), format!("% {}%", escaped(&parted(word)))))
                .or(product::id.eq_any(coded)),
        );
    }
    query
}

impl Fact {
    /// Looks a word up among the codes.
    pub(super) fn of(conn: &mut AnyConn, word: String) -> Result<Self> {
        let plain = word.len() >= PART_OF_CODE && word.bytes().all(|b| b.is_ascii_alphanumeric());
        let coded = match plain {
            true => mi_code::table
                .filter(like("mi_code.code", containing(&word.to_ascii_uppercase())))
                .limit(MOST_CODED)
                .select(mi_code::product_id)
                .load(conn)?
                .into_iter()
                .collect(),
            false => HashSet::new(),
        };
        Ok(Self { word, coded })
    }
}

/// Those of the products for which all facts hold.
pub(super) fn holding(conn: &mut AnyConn, ids: Vec<Id>, facts: &[Fact]) -> Result<HashSet<Id>> {
    if facts.is_empty() || ids.is_empty() {
        return Ok(ids.into_iter().collect());
    }
    let query = narrowed(product::table.filter(product::id.eq_any(ids)).into_boxed(), facts);
    Ok(query.select(product::id).load(conn)?.into_iter().collect())
}

/// Approval number and standard code, folded.
fn numbers() -> String {
    format!(
        "({} || ' ' || COALESCE({}, ''))",
        folded_column("product.approval_no"),
        folded_column("product.standard_code")
    )
}

/// Strength, volume and pack, folded, each part behind a blank: `5mg` is not found in `25mg`.
fn measures() -> String {
    let (strength, volume) = (folded_column("product.strength"), folded_column("product.fill_volume"));
    let pack = "product.pack_qty || product.unit || ' ' || product.pack_unit || ' ' || product.unit";
    PARTS.iter().fold(
        format!("(' ' || {strength} || ' ' || COALESCE({volume}, '') || ' ' || {pack})"),
        |all, sign| format!("REPLACE({all}, '{sign}', ' ')"),
    )
}

/// What parts a strength: `10ml:0.5g`, `12片/盒`.
const PARTS: [&str; 5] = [":", "：", "/", "×", "*"];

fn parted(word: &str) -> String {
    PARTS.iter().fold(word.to_owned(), |text, sign| text.replace(sign, " "))
}

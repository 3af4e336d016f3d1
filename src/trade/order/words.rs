//! What an order is found by beside the names of its two sides: its number, and the drug, code and enterprise of every line,
//! with their pinyin initials. Kept as one folded text in the write that keeps the lines.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::OrderRecord;
use crate::catalogue::readings;
use crate::catalogue::words::{folded, initials};
use crate::platform::error::Result;
use crate::platform::schema::order_words;
use crate::platform::sql::AnyConn;

/// Which form the words have: the first of ours, and what that of the readings adds. Counted up where they are made otherwise; the
/// sweep makes all again.
pub(super) const FORM: i32 = 1 + readings::FORM;
/// Stands between two words, so that no search runs over the end of one; never in a folded search.
const BETWEEN: &str = "\n";

/// Everything that an order is found by.
fn of(record: &OrderRecord) -> String {
    let number = folded(&record.order.number);
    let mut all = vec![number.replace('-', ""), number];
    // Many lines are of one enterprise: what stands in several is folded and read once.
    let lines = &record.lines;
    let plain = lines.iter().flat_map(|line| [&line.spec, &line.code].into_iter().chain(&line.given_code));
    let spoken: BTreeSet<&String> =
        lines.iter().flat_map(|line| [&line.product_label, &line.maker]).collect();
    let plain: BTreeSet<&String> = plain.chain(spoken.iter().copied()).collect();
    all.extend(plain.into_iter().map(|text| folded(text)));
    all.extend(spoken.into_iter().flat_map(|text| initials(text)));
    all.sort_unstable();
    all.dedup();
    all.join(BETWEEN)
}

/// Keeps the words of a new order.
pub(super) fn insert(conn: &mut AnyConn, record: &OrderRecord) -> Result<()> {
    let row = (
        order_words::order_id.eq(record.order.id),
        order_words::words.eq(of(record)),
        order_words::made_as.eq(FORM),
    );
    diesel::insert_into(order_words::table).values(row).execute(conn)?;
    Ok(())
}

/// Keeps the words of an order whose lines have changed.
pub(super) fn replace(conn: &mut AnyConn, record: &OrderRecord) -> Result<()> {
    let changed = diesel::update(order_words::table.find(record.order.id))
        .set((order_words::words.eq(of(record)), order_words::made_as.eq(FORM)))
        .execute(conn)?;
    if changed == 0 { insert(conn, record) } else { Ok(()) }
}

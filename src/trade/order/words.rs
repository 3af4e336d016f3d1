//! What an order is found by beside the names of its two sides: its number, and the drug, code and enterprise of every line,
//! with their pinyin initials. Kept as one folded text in the write that keeps the lines.

use diesel::prelude::*;

use super::model::OrderRecord;
use crate::catalogue::words::{folded, initials};
use crate::platform::error::Result;
use crate::platform::schema::order_words;
use crate::platform::sql::AnyConn;

/// Which form the words have. Counted up where they are made otherwise, such as by other readings; the sweep makes all again.
pub(super) const FORM: i32 = 1;
/// Stands between two words, so that no search runs over the end of one; never in a folded search.
const BETWEEN: &str = "\n";

/// Everything that an order is found by.
fn of(record: &OrderRecord) -> String {
    let number = folded(&record.order.number);
    let mut all = vec![number.replace('-', ""), number];
    for line in &record.lines {
        all.extend([&line.product_label, &line.spec, &line.maker, &line.code].map(|text| folded(text)));
        all.extend(line.given_code.as_deref().map(folded));
        all.extend([&line.product_label, &line.maker].into_iter().flat_map(|text| initials(text)));
    }
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

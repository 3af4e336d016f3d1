//! What an order is found by beside the names of its two sides: its number, and the drug, code and enterprise of every line,
//! with their pinyin initials. Kept as one folded text in the write that keeps the lines.

use diesel::prelude::*;

use super::model::{OrderLine, OrderRecord, PurchaseOrder};
use super::store::{self, Orders};
use crate::catalogue::words::{folded, initials};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::schema::{order_words, organisation, purchase_order};
use crate::platform::sql::like::{containing, contains};
use crate::platform::sql::{AnyConn, Id};

/// Which form the words have. Counted up where they are made otherwise, such as by other readings; the sweep makes all again.
const FORM: i32 = 1;
/// Orders whose words are made in one write.
const AT_ONCE: i64 = 200;
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

/// Narrows orders to those with a word in them, or in the name of one of their sides.
pub(super) fn with_word<'a>(query: Orders<'a>, word: &str) -> Orders<'a> {
    let own = order_words::table
        .filter(order_words::order_id.eq(purchase_order::id))
        .filter(order_words::words.like(containing(word)).escape('\\'));
    let named = || organisation::table.filter(contains("organisation.name", word)).select(organisation::id);
    query.filter(
        diesel::dsl::exists(own)
            .or(purchase_order::hospital_id.eq_any(named()))
            .or(purchase_order::supplier_id.eq_any(named())),
    )
}

/// Makes the words of orders that have none, or have them in an earlier form.
///
/// # Errors
/// Of the database.
pub async fn fill(db: &Db) -> Result<()> {
    let mut after = None;
    loop {
        let last = db.write_unaudited("order.words", move |conn| some(conn, after)).await?;
        match last {
            None => return Ok(()),
            last => after = last,
        }
    }
}

/// Makes the words of some orders behind `after`; the last of them, none where none is left.
fn some(conn: &mut AnyConn, after: Option<Id>) -> Result<Option<Id>> {
    let made = order_words::table
        .filter(order_words::order_id.eq(purchase_order::id))
        .filter(order_words::made_as.eq(FORM));
    let mut query = purchase_order::table
        .filter(diesel::dsl::not(diesel::dsl::exists(made)))
        .order(purchase_order::id)
        .limit(AT_ONCE)
        .select(PurchaseOrder::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(purchase_order::id.gt(after));
    }
    let orders: Vec<PurchaseOrder> = query.load(conn)?;
    let ids: Vec<Id> = orders.iter().map(|order| order.id).collect();
    let mut lines: Vec<OrderLine> = store::lines_of(conn, &ids)?;
    for order in orders {
        let own = lines.extract_if(.., |line| line.order_id == order.id).collect();
        replace(conn, &OrderRecord { order, lines: own })?;
    }
    Ok(ids.last().copied())
}

//! Letters about orders, stored in the write that causes them.

use askama::Template;
use chrono::NaiveDate;

use super::model::PurchaseOrder;
use crate::party;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Post;

/// Tells the supplier that an order waits for its answer.
#[derive(Template)]
#[template(path = "mail/order_submitted.txt")]
struct OrderSubmitted<'a> {
    order: &'a PurchaseOrder,
    hospital: String,
    respond_by: String,
    deliver_by: String,
    red: bool,
}

/// Tells the hospital how the supplier answered.
#[derive(Template)]
#[template(path = "mail/order_answered.txt")]
struct OrderAnswered<'a> {
    order: &'a PurchaseOrder,
    supplier: String,
}

/// Tells the supplier that the hospital took the order back.
#[derive(Template)]
#[template(path = "mail/order_cancelled.txt")]
struct OrderCancelled<'a> {
    order: &'a PurchaseOrder,
    hospital: String,
}

/// Tells the supplier that the hospital still waits for its answer.
#[derive(Template)]
#[template(path = "mail/order_urged.txt")]
struct OrderUrged<'a> {
    order: &'a PurchaseOrder,
    hospital: &'a str,
    respond_by: String,
}

/// Tells both sides that the supplier did not answer in time.
#[derive(Template)]
#[template(path = "mail/order_overdue.txt")]
struct OrderOverdue<'a> {
    order: &'a PurchaseOrder,
    hospital: String,
    supplier: String,
    respond_by: String,
    to_supplier: bool,
}

/// Tells both sides that the last day of delivery is another, or settled now.
#[derive(Template)]
#[template(path = "mail/order_recounted.txt")]
struct OrderRecounted<'a> {
    order: &'a PurchaseOrder,
    before: String,
    deliver_by: String,
    notice: &'a str,
}

const BUYERS: &[Post] = &[Post::Order];
const SELLERS: &[Post] = &[Post::Trade, Post::Fulfilment];

fn about(order: &PurchaseOrder, words: &impl Template) -> Result<Letter> {
    Ok(Letter::new(words, format!("/orders/{}", order.id))?.about(Topic::Order))
}

fn respond_by(order: &PurchaseOrder) -> String {
    order.respond_by.map(Time::minute).unwrap_or_default()
}

/// To the supplier, on submission by `hospital`.
pub(super) fn submitted(tx: &mut Tx, order: &PurchaseOrder, hospital: &str) -> Result<()> {
    let letter = OrderSubmitted {
        order,
        hospital: hospital.into(),
        respond_by: respond_by(order),
        deliver_by: order.delivery().unwrap_or_default(),
        red: order.mark == crate::listing::Mark::Red,
    };
    let letter = Letter { due: order.respond_by, ..about(order, &letter)? };
    outbox::notify(tx, order.supplier_id, SELLERS, &letter)
}

/// To the hospital, on the answer of `supplier`.
pub(super) fn answered(tx: &mut Tx, order: &PurchaseOrder, supplier: &str) -> Result<()> {
    let letter = OrderAnswered { order, supplier: supplier.into() };
    outbox::notify(tx, order.hospital_id, BUYERS, &about(order, &letter)?)
}

/// To the supplier, where `hospital` takes the order back.
pub(super) fn cancelled(tx: &mut Tx, order: &PurchaseOrder, hospital: &str) -> Result<()> {
    let letter = OrderCancelled { order, hospital: hospital.into() };
    outbox::notify(tx, order.supplier_id, SELLERS, &about(order, &letter)?)
}

/// To the supplier, where `hospital` reminds it of an answer that is late.
pub(super) fn urged(tx: &mut Tx, order: &PurchaseOrder, hospital: &str) -> Result<()> {
    let letter = OrderUrged { order, hospital, respond_by: respond_by(order) };
    outbox::notify(tx, order.supplier_id, SELLERS, &about(order, &letter)?)
}

/// To both sides, where the supplier is silent.
pub(super) fn overdue(tx: &mut Tx, order: &PurchaseOrder) -> Result<()> {
    let mut letter = OrderOverdue {
        order,
        hospital: organisation_name(tx.conn, order.hospital_id)?,
        supplier: organisation_name(tx.conn, order.supplier_id)?,
        respond_by: respond_by(order),
        to_supplier: true,
    };
    outbox::notify(tx, order.supplier_id, SELLERS, &about(order, &letter)?)?;
    letter.to_supplier = false;
    outbox::notify(tx, order.hospital_id, BUYERS, &about(order, &letter)?)
}

/// To both sides, where `notice` lets the last day of delivery be counted again; it was `before`.
pub(super) fn recounted(tx: &mut Tx, order: &PurchaseOrder, before: NaiveDate, notice: &str) -> Result<()> {
    let deliver_by = order.delivery().unwrap_or_default();
    let letter = OrderRecounted { order, before: before.to_string(), deliver_by, notice };
    let letter = about(order, &letter)?;
    outbox::notify(tx, order.supplier_id, SELLERS, &letter)?;
    outbox::notify(tx, order.hospital_id, BUYERS, &letter)
}

/// An organisation's name.
fn organisation_name(conn: &mut AnyConn, id: Id) -> Result<String> {
    Ok(party::store::organisation(conn, id)?.name)
}

//! Letters about orders, stored in the write that causes them.

use super::model::PurchaseOrder;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Function;
use crate::{letter, party};

letter! {
    /// Tells the supplier that an order waits for its answer.
    pub struct OrderSubmitted {
        /// The order's number.
        number: String,
        /// Who orders.
        hospital: String,
        /// What.
        summary: String,
        /// For how much, yuan.
        total: String,
        /// When it is wanted.
        wanted_on: String,
        /// Until when to answer.
        respond_by: String,
        /// True where a line is marked red.
        red: bool,
    }
    "mail/order_submitted/subject.txt", "mail/order_submitted/body.txt", "mail/order_submitted/body.html"
}

letter! {
    /// Tells the hospital how the supplier answered.
    pub struct OrderAnswered {
        /// The order's number.
        number: String,
        /// Who answered.
        supplier: String,
        /// What.
        summary: String,
        /// For how much, yuan.
        total: String,
        /// True for a confirmation.
        confirmed: bool,
        /// Why it was refused.
        reason: String,
    }
    "mail/order_answered/subject.txt", "mail/order_answered/body.txt", "mail/order_answered/body.html"
}

letter! {
    /// Tells the supplier that the hospital took the order back.
    pub struct OrderCancelled {
        /// The order's number.
        number: String,
        /// Who took it back.
        hospital: String,
        /// What.
        summary: String,
        /// For how much, yuan.
        total: String,
        /// Why; empty where nothing was said.
        reason: String,
    }
    "mail/order_cancelled/subject.txt", "mail/order_cancelled/body.txt", "mail/order_cancelled/body.html"
}

letter! {
    /// Tells both sides that the supplier did not answer in time.
    pub struct OrderOverdue {
        /// The order's number.
        number: String,
        /// Who ordered.
        hospital: String,
        /// Who did not answer.
        supplier: String,
        /// What.
        summary: String,
        /// Until when the answer was due.
        respond_by: String,
        /// True in the supplier's letter.
        to_supplier: bool,
    }
    "mail/order_overdue/subject.txt", "mail/order_overdue/body.txt", "mail/order_overdue/body.html"
}

const BUYERS: &[Function] = &[Function::Order];
const SELLERS: &[Function] = &[Function::Trade, Function::Fulfilment];

fn link(order: &PurchaseOrder) -> String {
    format!("/orders/{}", order.id)
}

fn about(letter: Letter) -> Letter {
    letter.about(Topic::Order)
}

/// To the supplier, on submission.
pub(super) fn submitted(tx: &mut Tx, order: &PurchaseOrder) -> Result<()> {
    let letter = OrderSubmitted {
        number: order.number.clone(),
        hospital: organisation_name(tx.conn, order.hospital_id)?,
        summary: order.summary.clone(),
        total: order.total.display(),
        wanted_on: order.wanted_on.to_string(),
        respond_by: order.respond_by.map(Time::minute).unwrap_or_default(),
        red: order.mark == crate::listing::Mark::Red,
    };
    let letter = about(letter.letter(link(order))?);
    let letter = order.respond_by.map_or(letter.clone(), |until| letter.due(until));
    outbox::notify(tx, order.supplier_id, SELLERS, &letter)
}

/// To the hospital, on the answer.
pub(super) fn answered(tx: &mut Tx, order: &PurchaseOrder) -> Result<()> {
    let letter = OrderAnswered {
        number: order.number.clone(),
        supplier: organisation_name(tx.conn, order.supplier_id)?,
        summary: order.summary.clone(),
        total: order.total.display(),
        confirmed: order.refusal_reason.is_none(),
        reason: order.refusal_reason.clone().unwrap_or_default(),
    };
    outbox::notify(tx, order.hospital_id, BUYERS, &about(letter.letter(link(order))?))
}

/// To the supplier, where the hospital takes the order back.
pub(super) fn cancelled(tx: &mut Tx, order: &PurchaseOrder) -> Result<()> {
    let letter = OrderCancelled {
        number: order.number.clone(),
        hospital: organisation_name(tx.conn, order.hospital_id)?,
        summary: order.summary.clone(),
        total: order.total.display(),
        reason: order.cancel_reason.clone().unwrap_or_default(),
    };
    outbox::notify(tx, order.supplier_id, SELLERS, &about(letter.letter(link(order))?))
}

/// To both sides, where the supplier is silent.
pub(super) fn overdue(tx: &mut Tx, order: &PurchaseOrder) -> Result<()> {
    let mut letter = OrderOverdue {
        number: order.number.clone(),
        hospital: organisation_name(tx.conn, order.hospital_id)?,
        supplier: organisation_name(tx.conn, order.supplier_id)?,
        summary: order.summary.clone(),
        respond_by: order.respond_by.map(Time::minute).unwrap_or_default(),
        to_supplier: true,
    };
    outbox::notify(tx, order.supplier_id, SELLERS, &about(letter.letter(link(order))?))?;
    letter.to_supplier = false;
    outbox::notify(tx, order.hospital_id, BUYERS, &about(letter.letter(link(order))?))
}

/// An organisation's name.
fn organisation_name(conn: &mut AnyConn, id: Id) -> Result<String> {
    Ok(party::store::organisation(conn, id)?.name)
}

//! Drafts: made, replaced whole, deleted, and looked at before they are submitted. Only their hospital sees them.

use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::input::{DraftInput, REMARK};
use super::model::{OrderLine, OrderRecord, OrderState, PurchaseOrder};
use super::repeats::Own;
use super::risk::{self, Risk};
use super::show::{self, Acted, OrderView};
use super::{pricing, store};
use crate::listing::Mark;
use crate::platform::clock;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::http::day::Horizon;
use crate::platform::idempotency::{self, Answer, Key, Made, Once};
use crate::platform::input::Checks;
use crate::platform::schema::purchase_order;
use crate::platform::sql::{AnyConn, Id, Money, Time};
use crate::platform::who::Principal;
use crate::rules::order as law;
use crate::{party, save};

/// Makes a draft.
///
/// # Errors
/// 404 for a foreign address, 422 with every member that is wrong, `CODE_STOPPED` (INJ-6.1).
pub async fn create(
    db: &Db,
    principal: &Principal,
    key: Option<Key>,
    input: DraftInput,
) -> Result<Answer<OrderView>> {
    show::buyer(principal)?;
    let (who, input, key) = (Arc::new(principal.clone()), Arc::new(input), Arc::new(key));
    let actor = principal.actor();
    let write = || {
        let (who, key, input) = (who.clone(), key.clone(), input.clone());
        let made = Made { id: Id::new(), version: 1 };
        db.write(&actor, move |tx| {
            idempotency::once(tx, key.as_ref().as_ref(), (201, made), |tx| {
                insert_draft(tx, &who, made.id, &input)
            })
        })
    };
    // A number that is taken already is drawn again.
    let mut tries = 0;
    let once = loop {
        match write().await {
            Err(error) if error.is_unique_violation() && tries < 3 => tries += 1,
            ended => break ended?,
        }
    };
    Ok(match once {
        Once::Now(acted) => Answer { status: 201, body: acted.view(db, principal).await?, repeated: false },
        Once::Before(Answer { status, body, repeated }) => {
            Answer { status, body: show::again(db, principal, body.id).await?, repeated }
        }
    })
}

fn insert_draft(tx: &mut Tx, who: &Principal, id: Id, input: &DraftInput) -> Result<Acted> {
    let now = tx.legal_now()?;
    let mut record = OrderRecord { order: blank(id, who, input, now.day(), now), lines: Vec::new() };
    let supplier = fill(tx.conn, &mut record, input, now.day())?;
    store::insert(tx.conn, &record)?;
    tx.record("order.create", None, Some(&record), None)?;
    Ok(Acted { record, now, supplier: Some(supplier) })
}

fn blank(id: Id, who: &Principal, input: &DraftInput, day: NaiveDate, now: Time) -> PurchaseOrder {
    PurchaseOrder {
        id,
        number: law::number(day, rand::random()),
        hospital_id: who.organisation,
        supplier_id: input.supplier_id,
        state: OrderState::Draft,
        address_id: input.address_id,
        recipient: String::new(),
        phone: String::new(),
        address: String::new(),
        wanted_on: input.wanted_on,
        remark: None,
        summary: String::new(),
        line_count: 0,
        mark: Mark::None,
        total: Money(0),
        legal_day: None,
        submitted_at: None,
        submitted_by: None,
        respond_by: None,
        next_check: None,
        reminded_at: None,
        answered_at: None,
        answered_by: None,
        refusal_reason: None,
        cancelled_at: None,
        cancelled_by: None,
        cancel_reason: None,
        created_by: who.user,
        created_at: now,
        version: 1,
        deliver_by: None,
        deliver_by_provisional: false,
    }
}

/// Puts what was sent into the order: supplier, address, date, lines at the day's prices. Returns the supplier's name.
fn fill(conn: &mut AnyConn, record: &mut OrderRecord, input: &DraftInput, day: NaiveDate) -> Result<String> {
    let (lines, supplier) = pricing::price(conn, record.order.id, input.supplier_id, &input.lines, day)?;
    record.lines = lines;
    let order = &mut record.order;
    let unknown = || Refusal::field("/address_id", "没有找到该收货地址，请重新选择");
    let address = party::store::address(conn, order.hospital_id, input.address_id);
    let address = address.map_err(|error| error.or_missing(unknown))?;
    let mut checks = Checks::default();
    check_wanted(&mut checks, input.wanted_on, day);
    order.remark =
        input.remark.as_deref().map(|text| checks.paragraph(&REMARK, text)).filter(|text| !text.is_empty());
    checks.finish()?;
    order.supplier_id = input.supplier_id;
    order.address_id = address.id;
    order.recipient = address.recipient;
    order.phone = address.phone;
    order.address = address.address;
    order.wanted_on = input.wanted_on;
    pricing::sum_up(record)?;
    Ok(supplier)
}

/// How far ahead goods are wanted at most: what is wanted later is ordered later.
const WANTED: Horizon = Horizon { name: "wanted_on", label: "期望到货日", years: 2 };

/// The goods cannot be wanted before the legal day, nor years after it.
pub(super) fn check_wanted(checks: &mut Checks, wanted_on: NaiveDate, day: NaiveDate) {
    if wanted_on < day {
        checks.wrong("/wanted_on", format!("期望到货日不能早于今天（{day}），您填的是 {wanted_on}"));
    }
    let last = WANTED.last(day);
    if wanted_on > last {
        checks.wrong("/wanted_on", format!("期望到货日不能晚于 {last}，您填的是 {wanted_on}，请核对年份"));
    }
}

/// Replaces a draft whole.
///
/// # Errors
/// As [`create`]; 404, 409 for a stale version or another state.
pub async fn replace(
    db: &Db,
    principal: &Principal,
    id: Id,
    version: i64,
    input: DraftInput,
) -> Result<OrderView> {
    let scope = show::buyer(principal)?;
    let actor = principal.actor();
    let replaced = db.write(&actor, move |tx| {
        let before = store::to_change(tx.conn, &scope, id, version, OrderState::Draft)?;
        let now = tx.legal_now()?;
        let mut after = before.clone();
        let supplier = fill(tx.conn, &mut after, &input, now.day())?;
        save!(tx, purchase_order, &before.order, &mut after.order)?;
        store::replace_lines(tx.conn, &after)?;
        tx.record("order.edit", Some(&before), Some(&after), None)?;
        Ok(Acted { record: after, now, supplier: Some(supplier) })
    });
    replaced.await?.view(db, principal).await
}

/// Deletes a draft.
///
/// # Errors
/// 404, 409 for a stale version or another state.
pub async fn delete(db: &Db, principal: &Principal, id: Id, version: i64) -> Result<()> {
    let scope = show::buyer(principal)?;
    db.write(&principal.actor(), move |tx| {
        let before = store::to_change(tx.conn, &scope, id, version, OrderState::Draft)?;
        store::delete_lines(tx.conn, id)?;
        diesel::delete(purchase_order::table.find(id)).execute(tx.conn)?;
        tx.record("order.delete", Some(&before), None, None)
    })
    .await
}

/// What an order would be on the legal day, without a trace.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Preview {
    /// The day whose prices are shown.
    pub legal_day: NaiveDate,
    /// The supplier's name.
    pub supplier: String,
    /// The lines at those prices.
    pub lines: Vec<OrderLine>,
    /// Their sum.
    pub total: Money,
    /// What the marks ask for (INJ-4.3), and which drugs stand on another open order.
    pub risks: Vec<Risk>,
}

/// Looks at an order before it is saved.
///
/// # Errors
/// As [`create`].
pub async fn preview(db: &Db, principal: &Principal, input: DraftInput) -> Result<Preview> {
    preview_of(db, principal, input, None).await
}

/// As [`preview`], where it changes this draft order.
///
/// # Errors
/// As [`create`].
pub(super) async fn preview_of(
    db: &Db,
    principal: &Principal,
    input: DraftInput,
    draft: Option<Id>,
) -> Result<Preview> {
    show::buyer(principal)?;
    let who = principal.clone();
    db.read(move |conn| {
        let now = clock::legal_now(conn, who.received_at)?;
        let order = blank(Id::new(), &who, &input, now.day(), now);
        let mut record = OrderRecord { order, lines: Vec::new() };
        let supplier = fill(conn, &mut record, &input, now.day())?;
        let own = Own { hospital: who.organisation, order: draft };
        let risks = risk::told(conn, own, &record.lines, input.supplier_id, now.day())?;
        Ok(Preview { legal_day: now.day(), supplier, total: record.order.total, lines: record.lines, risks })
    })
    .await
}

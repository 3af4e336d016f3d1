//! The supplier answers: it will deliver, or it will not and says why. A late answer counts, and stays marked as late.

use diesel::prelude::*;
use serde_json::json;

use super::model::{OrderState, PurchaseOrder};
use super::show::{self, Acted, OrderView};
use super::store::Scope;
use super::{letters, store};
use crate::listing::Mark;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Result};
use crate::platform::feed;
use crate::platform::input::{Checks, Field};
use crate::platform::schema::purchase_order;
use crate::platform::sql::{Id, Money, Total};
use crate::platform::who::Principal;
use crate::save;

/// Why a supplier refuses.
pub const REASON: Field = Field::new("reason", "拒绝理由", 2..=500);

/// Confirms an order.
///
/// # Errors
/// 404, 409 `WRONG_STATE`, 409 `STALE_VERSION`.
pub async fn confirm(db: &Db, principal: &Principal, id: Id, version: i64) -> Result<OrderView> {
    answer(db, principal, id, version, None).await
}

/// Refuses an order, with a reason of 2 to 500 characters.
///
/// # Errors
/// As [`confirm`]; 422 without a reason.
pub async fn refuse(db: &Db, principal: &Principal, id: Id, version: i64, reason: &str) -> Result<OrderView> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    answer(db, principal, id, version, Some(reason)).await
}

async fn answer(
    db: &Db,
    principal: &Principal,
    id: Id,
    version: i64,
    refusal: Option<String>,
) -> Result<OrderView> {
    let (scope, who, actor) = (show::seller(principal)?, principal.clone(), principal.actor());
    let answered = db.write(&actor, move |tx| put(tx, &who, &scope, (id, version), refusal.as_deref()));
    answered.await?.view(db, principal).await
}

/// Orders of which somebody asks before all are answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chosen {
    /// How many wait for an answer.
    pub count: usize,
    /// What they come to.
    pub total: Total,
    /// How many of them hold a red drug.
    pub red: usize,
}

/// What of these orders waits for the principal's answer.
///
/// # Errors
/// 403 for who does not answer orders; of the database.
pub async fn about(db: &Db, principal: &Principal, chosen: Vec<Id>) -> Result<Chosen> {
    let scope = show::seller(principal)?;
    let orders: Vec<(Money, Mark)> = db
        .read(move |conn| {
            Ok(store::in_scope(&scope)
                .filter(purchase_order::id.eq_any(chosen))
                .filter(purchase_order::state.eq(OrderState::Submitted))
                .select((purchase_order::total, purchase_order::mark))
                .load(conn)?)
        })
        .await?;
    let red = orders.iter().filter(|(_, mark)| *mark == Mark::Red).count();
    let total = orders.iter().try_fold(Total::default(), |sum, (total, _)| sum.plus(*total))?;
    Ok(Chosen { count: orders.len(), total, red })
}

/// Confirms several orders, each for itself, in one write; answers how many, and why the others were not. An order is refused
/// before anything of it is written.
///
/// # Errors
/// 403 for who does not answer orders; of the database.
pub async fn confirm_several(
    db: &Db,
    principal: &Principal,
    chosen: Vec<(Id, i64)>,
) -> Result<(usize, Vec<String>)> {
    let (scope, who) = (show::seller(principal)?, principal.clone());
    db.write(&principal.actor(), move |tx| {
        let (mut done, mut failed) = (0, Vec::new());
        for order in &chosen {
            match put(tx, &who, &scope, *order, None) {
                Ok(_) => done += 1,
                Err(Error::Refused(refusal)) => failed.push(refusal.detail),
                Err(other) => return Err(other),
            }
        }
        Ok((done, failed))
    })
    .await
}

fn put(
    tx: &mut Tx,
    who: &Principal,
    scope: &Scope,
    (id, version): (Id, i64),
    refusal: Option<&str>,
) -> Result<Acted> {
    let before = store::to_change(tx.conn, scope, id, version, OrderState::Submitted)?;
    let now = tx.legal_now()?;
    let mut after = before.clone();
    let (action, kind) = match refusal {
        None => {
            after.order.confirm(who.user, now);
            ("order.confirm", "order.confirmed")
        }
        Some(why) => {
            after.order.refuse(who.user, now, why.to_owned());
            ("order.refuse", "order.refused")
        }
    };
    save!(tx, purchase_order, &before.order, &mut after.order)?;
    tx.record(action, Some(&before), Some(&after), refusal)?;
    tell(tx, who, &after.order, kind)?;
    Ok(Acted { record: after, now, supplier: Some(who.organisation_name.clone()) })
}

fn tell(tx: &mut Tx, who: &Principal, order: &PurchaseOrder, kind: &str) -> Result<()> {
    letters::answered(tx, order, &who.organisation_name)?;
    let body = json!({"order_id": order.id, "number": order.number, "state": order.state, "reason": order.refusal_reason});
    feed::emit(tx, kind, "purchase_order", order.id, &[order.hospital_id, order.supplier_id], &body)
}

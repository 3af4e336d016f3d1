//! The supplier answers: it will deliver, or it will not and says why. A late answer counts, and stays marked as late.

use serde_json::json;

use super::model::{OrderRecord, OrderState};
use super::show::{self, Acted, OrderView};
use super::{letters, store};
use crate::platform::db::{Db, Tx};
use crate::platform::error::Result;
use crate::platform::feed;
use crate::platform::input::Checks;
use crate::platform::sql::Id;
use crate::platform::who::Principal;

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
    let reason = checks.prose("/reason", "拒绝理由", reason, 2..=500);
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
    let (scope, who) = (show::seller(principal)?, principal.clone());
    let actor = principal.actor();
    let answered = db.write(&actor, move |tx| {
        let before = store::to_change(tx.conn, &scope, id, version, OrderState::Submitted)?;
        let now = tx.legal_now()?;
        let mut after = before.clone();
        let order = &mut after.order;
        order.state = if refusal.is_some() { OrderState::Refused } else { OrderState::Confirmed };
        order.answered_at = Some(now);
        order.answered_by = Some(who.user);
        order.refusal_reason.clone_from(&refusal);
        order.next_check = None;
        order.version += 1;
        keep(tx, &who, &before, &after)?;
        Ok(Acted { record: after, now, supplier: Some(who.organisation_name.clone()) })
    });
    answered.await?.view(db, principal).await
}

fn keep(tx: &mut Tx, who: &Principal, before: &OrderRecord, after: &OrderRecord) -> Result<()> {
    let order = &after.order;
    store::save(tx, order)?;
    let (action, kind) = match order.state {
        OrderState::Confirmed => ("order.confirm", "order.confirmed"),
        _ => ("order.refuse", "order.refused"),
    };
    tx.record(action, Some(before), Some(after), order.refusal_reason.as_deref())?;
    letters::answered(tx, order, &who.organisation_name)?;
    let body = json!({"order_id": order.id, "number": order.number, "state": order.state, "reason": order.refusal_reason});
    feed::emit(tx, kind, "purchase_order", order.id, &[order.hospital_id, order.supplier_id], &body)
}

//! The hospital takes a submitted order back, as long as the supplier has not answered.

use serde_json::json;

use super::model::OrderState;
use super::show::{self, Acted, OrderView};
use super::{letters, store};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::feed;
use crate::platform::input::{Checks, Field};
use crate::platform::schema::purchase_order;
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::save;

/// Why a hospital cancels.
pub const REASON: Field = Field::new("reason", "撤销理由", 0..=500);

/// Cancels an order; a reason is welcome.
///
/// # Errors
/// 404, 409 `WRONG_STATE`, 409 `STALE_VERSION`, 422 for too long a reason.
pub async fn cancel(db: &Db, principal: &Principal, id: Id, version: i64, reason: &str) -> Result<OrderView> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    let (scope, who) = (show::buyer(principal)?, principal.clone());
    let actor = principal.actor();
    let cancelled = db.write(&actor, move |tx| {
        let before = store::to_change(tx.conn, &scope, id, version, OrderState::Submitted)?;
        let now = tx.legal_now()?;
        let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
        let mut after = before.clone();
        after.order.cancel(who.user, now, reason.map(str::to_owned));
        save!(tx, purchase_order, &before.order, &mut after.order)?;
        tx.record("order.cancel", Some(&before), Some(&after), reason)?;
        let order = &after.order;
        letters::cancelled(tx, order, &who.organisation_name)?;
        let body = json!({"order_id": order.id, "number": order.number, "state": order.state});
        let readers = [order.hospital_id, order.supplier_id];
        feed::emit(tx, "order.cancelled", "purchase_order", order.id, &readers, &body)?;
        Ok(Acted { record: after, now, supplier: None })
    });
    cancelled.await?.view(db, principal).await
}

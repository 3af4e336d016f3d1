//! The hospital reminds a supplier that is late with its answer: once a day of the procedure, so that reminders are read.

use serde_json::json;

use super::model::{OrderRecord, OrderState};
use super::show::{self, Acted, OrderView};
use super::{letters, store};
use crate::platform::audit::Audited;
use crate::platform::audit::history::last;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::feed;
use crate::platform::sql::{Id, Time};
use crate::platform::versioned::in_state;
use crate::platform::who::Principal;

/// Reminds the supplier of an order that it has not answered in time. The order itself stays as it is.
///
/// # Errors
/// 404, 409 `STALE_VERSION`, 409 `WRONG_STATE` where it is not late or was reminded of today.
pub async fn urge(db: &Db, principal: &Principal, id: Id, version: i64) -> Result<OrderView> {
    let (scope, who) = (show::buyer(principal)?, principal.clone());
    let actor = principal.actor();
    let urged = db.write(&actor, move |tx| {
        let record = store::to_change(tx.conn, &scope, id, version, OrderState::Submitted)?;
        let now = tx.legal_now()?;
        let order = &record.order;
        in_state(order.is_overdue(now), || {
            let by = order.respond_by.map(Time::minute).unwrap_or_default();
            format!("确认期限（{by}）未到，逾期未确认的订单才能催办。")
        })?;
        let before = last(tx.conn, OrderRecord::TYPE, id, show::URGED)?;
        in_state(
            before.is_none_or(|at| at.day() < now.day()),
            || "今天已催办过，每日一次；可拨打对方联系电话，也可撤销后另选供货企业。",
        )?;
        tx.record(show::URGED, Some(&record), Some(&record), None)?;
        letters::urged(tx, order, &who.organisation_name)?;
        let body = json!({"order_id": order.id, "number": order.number, "respond_by": order.respond_by});
        feed::emit(tx, "order.urged", "purchase_order", order.id, &[order.supplier_id], &body)?;
        Ok(Acted { record, now, supplier: None })
    });
    urged.await?.view(db, principal).await
}

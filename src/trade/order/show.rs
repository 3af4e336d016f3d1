//! One order as its readers see it.

use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::fallen::{Fallen, fallen};
use super::model::{OrderLine, OrderRecord, OrderState, PurchaseOrder};
use super::repeats::Own;
use super::risk::{self, Risk};
use super::store::{self, Scope};
use crate::party::contact::{self, OrderContact};
use crate::party::{self, OrgState, Organisation};
use crate::platform::audit::Audited;
use crate::platform::audit::history::{Event, history};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::{Post, Principal};

crate::text_enum! {
    /// What a reader may do with an order.
    pub enum OrderAct {
        /// Change the draft.
        Edit = "edit",
        /// Submit the draft.
        Submit = "submit",
        /// Delete the draft.
        Delete = "delete",
        /// Remind the supplier of an answer that is late.
        Urge = "urge",
        /// Take it back before the answer.
        Cancel = "cancel",
        /// Accept it.
        Confirm = "confirm",
        /// Refuse it.
        Refuse = "refuse",
    }
}

/// An order with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderView {
    /// The order.
    #[serde(flatten)]
    pub order: PurchaseOrder,
    /// The hospital's name.
    pub hospital: String,
    /// The supplier's name.
    pub supplier: String,
    /// Its lines.
    pub lines: Vec<OrderLine>,
    /// Whether the supplier's answer is late, or late in coming.
    pub overdue: bool,
    /// Whether it waits for a supplier that is suspended and will not answer.
    pub supplier_suspended: bool,
    /// What the marks ask for; for a draft only.
    pub risks: Vec<Risk>,
    /// What the reader may do.
    pub may: Vec<OrderAct>,
}

/// An order with what happened to it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrderDetail {
    /// The order.
    #[serde(flatten)]
    pub view: OrderView,
    /// What happens next and until when, one sentence.
    pub next: String,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Lines whose price is lower now, of a draft or while an answer is waited for.
    pub fallen: Vec<Fallen>,
    /// Whom the reader calls at the other side; none where nobody is named there, or to who is of neither side.
    pub contact: Option<OrderContact>,
}

/// An order that the principal may see.
///
/// # Errors
/// 404 for any other.
pub async fn show(db: &Db, principal: &Principal, id: Id) -> Result<OrderDetail> {
    let who = principal.clone();
    db.read(move |conn| {
        let scope = store::scope(conn, &who)?;
        let record = store::record(conn, &scope, id)?;
        detail(conn, record, &who)
    })
    .await
}

/// As [`show`], by the number that was typed or said.
///
/// # Errors
/// 404 for an order that the principal may not see, 422 where it is no number.
pub async fn show_number(db: &Db, principal: &Principal, typed: &str) -> Result<OrderDetail> {
    use crate::platform::schema::purchase_order;
    let number = crate::rules::order::read_number(typed).ok_or_else(|| {
        let detail = "订单号有误，请逐位核对；订单号形如 240805-7K3QWX-4";
        Refusal::field("/number", detail)
    })?;
    let who = principal.clone();
    db.read(move |conn| {
        let scope = store::scope(conn, &who)?;
        let id: Option<Id> = purchase_order::table
            .filter(purchase_order::number.eq(&number))
            .select(purchase_order::id)
            .get_result(conn)
            .optional()?;
        let id = id.ok_or_else(|| Refusal::not_found("订单"))?;
        let record = store::record(conn, &scope, id)?;
        detail(conn, record, &who)
    })
    .await
}

fn detail(conn: &mut AnyConn, record: OrderRecord, who: &Principal) -> Result<OrderDetail> {
    let events = events(conn, &record.order)?;
    let now = clock::legal_now(conn, who.received_at)?;
    let fallen = fallen(conn, &record, now.day())?;
    let mut view = view(conn, record, who, now)?;
    if view.order.state == OrderState::Draft {
        let own = Own { hospital: view.order.hospital_id, order: Some(view.order.id) };
        view.risks.extend(risk::repeated(conn, own, &view.lines, now.day())?);
    }
    let contact = match view.order.state {
        OrderState::Draft => None,
        _ if who.organisation == view.order.hospital_id => contact::of(conn, view.order.supplier_id)?,
        _ if who.organisation == view.order.supplier_id => contact::of(conn, view.order.hospital_id)?,
        _ => None,
    };
    let next = next(&view, who);
    Ok(OrderDetail { next, view, events, fallen, contact })
}

/// What an act leaves behind: all that its answer is told from, after the commit.
#[derive(Debug)]
pub(super) struct Acted {
    /// The order as it is now.
    pub record: OrderRecord,
    /// The procedure's time of the act.
    pub now: Time,
    /// The supplier's name, where the act has read it.
    pub supplier: Option<String>,
}

impl Acted {
    /// The order as `who` sees it. Where both names are known and no mark asks for anything, nothing is left to be read; what
    /// stands on other orders too is told by the look at the order, which costs nothing in the write's answer.
    pub async fn view(self, db: &Db, who: &Principal) -> Result<OrderView> {
        let Self { record, now, supplier } = self;
        let hospital = (record.order.hospital_id == who.organisation).then(|| who.organisation_name.clone());
        let who = who.clone();
        match (hospital, supplier) {
            (Some(hospital), Some(supplier))
                if record.order.state != OrderState::Draft || risk::none(&record.lines) =>
            {
                Ok(told(record, &who, now, (hospital, supplier), false, Vec::new()))
            }
            _ => db.read(move |conn| view(conn, record, &who, now)).await,
        }
    }
}

/// An order of the principal's as it is now, for the answer to a request that came before.
///
/// # Errors
/// 404 where it was deleted since.
pub(super) async fn again(db: &Db, who: &Principal, id: Id) -> Result<OrderView> {
    let (scope, who) = (buyer(who)?, who.clone());
    db.read(move |conn| {
        let record = store::record(conn, &scope, id)?;
        let now = clock::legal_now(conn, who.received_at)?;
        view(conn, record, &who, now)
    })
    .await
}

/// The order as `who` sees it at `now`, in the procedure's time.
fn view(conn: &mut AnyConn, record: OrderRecord, who: &Principal, now: Time) -> Result<OrderView> {
    let order = &record.order;
    let ids: Vec<Id> =
        [order.hospital_id, order.supplier_id].into_iter().filter(|id| *id != who.organisation).collect();
    let others = party::store::organisations(conn, &ids)?;
    let name = |id: Id| match id == who.organisation {
        true => Ok(who.organisation_name.clone()),
        false => {
            let other = others.iter().find(|other| other.id == id).map(|other| other.name.clone());
            other.ok_or_else(|| Error::from(Refusal::not_found("单位")))
        }
    };
    let names = (name(order.hospital_id)?, name(order.supplier_id)?);
    let risks = risks(conn, &record, now)?;
    let suspended = |of: &Organisation| of.id == order.supplier_id && of.state == OrgState::Suspended;
    let suspended = order.state == OrderState::Submitted && others.iter().any(suspended);
    Ok(told(record, who, now, names, suspended, risks))
}

/// What the marks of a draft ask for.
fn risks(conn: &mut AnyConn, OrderRecord { order, lines }: &OrderRecord, now: Time) -> Result<Vec<Risk>> {
    if order.state != OrderState::Draft || risk::none(lines) {
        return Ok(Vec::new());
    }
    risk::risks(conn, lines, order.supplier_id, now.day())
}

fn told(
    OrderRecord { order, lines }: OrderRecord,
    who: &Principal,
    now: Time,
    (hospital, supplier): (String, String),
    supplier_suspended: bool,
    risks: Vec<Risk>,
) -> OrderView {
    let overdue = order.is_overdue(now);
    let may = may(&order, who, overdue && !supplier_suspended);
    OrderView { hospital, supplier, overdue, supplier_suspended, may, order, lines, risks }
}

/// As JSON, for a member of a refusal.
pub(super) fn json(view: &impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(Error::internal)
}

fn may(order: &PurchaseOrder, who: &Principal, late: bool) -> Vec<OrderAct> {
    let buyer = who.organisation == order.hospital_id && who.post == Post::Order;
    let seller = who.organisation == order.supplier_id && who.post.answers_orders();
    match order.state {
        OrderState::Draft if buyer => vec![OrderAct::Submit, OrderAct::Edit, OrderAct::Delete],
        OrderState::Submitted if buyer && late => vec![OrderAct::Urge, OrderAct::Cancel],
        OrderState::Submitted if buyer => vec![OrderAct::Cancel],
        OrderState::Submitted if seller => vec![OrderAct::Confirm, OrderAct::Refuse],
        _ => Vec::new(),
    }
}

fn next(view: &OrderView, who: &Principal) -> String {
    let order = &view.order;
    let own = |id: Id| who.organisation == id;
    match order.state {
        OrderState::Draft => "尚未提交，供货企业看不到本单。以提交当日挂网价为准。".into(),
        OrderState::Submitted => {
            let by = order.respond_by.map(Time::minute).unwrap_or_default();
            let supplier = &view.supplier;
            match view.overdue {
                _ if view.supplier_suspended => {
                    format!("{supplier}已暂停办理业务，不会确认本单；请撤销后另选供货企业。")
                }
                true if own(order.supplier_id) => format!("应于 {by} 前确认或拒绝，现已逾期，请尽快办理。"),
                false if own(order.supplier_id) => format!("请于 {by} 前确认或拒绝。"),
                true => format!(
                    "{supplier}应于 {by} 前确认，现已逾期；可催办或致电对方，也可撤销后另选供货企业。"
                ),
                false => format!("等待{supplier}确认，期限为 {by} 前。"),
            }
        }
        OrderState::Confirmed => {
            let due = order.delivery().map(|day| format!("最迟 {day} 配送到位。")).unwrap_or_default();
            match own(order.supplier_id) {
                true => format!("已确认，请于 {} 前送达。{due}", order.wanted_on),
                false => format!("{}已确认，请于 {} 前后收货。{due}", view.supplier, order.wanted_on),
            }
        }
        OrderState::Refused => {
            let reason = order.refusal_reason.as_deref().unwrap_or_default();
            match own(order.supplier_id) {
                true => format!("已拒绝，理由：{reason}。"),
                false => format!("{}已拒绝，理由：{reason}。可另选供货企业或其他药品。", view.supplier),
            }
        }
        OrderState::Cancelled => "已撤销，不再供货。".into(),
    }
}

/// What the audit calls a reminder.
pub(super) const URGED: &str = "order.urge";

/// Action and words of what the audit keeps of an order.
const ACTIONS: [(&str, &str); 11] = [
    ("order.create", "新建草稿"),
    ("order.edit", "修改草稿"),
    ("order.reprice", "按当日价格更新草稿"),
    ("order.submit", "提交订单"),
    ("order.confirm", "确认订单"),
    ("order.refuse", "拒绝订单"),
    ("order.cancel", "撤销订单"),
    ("order.overdue", "逾期未确认，已通知双方"),
    (URGED, "催办"),
    ("order.recount", "放假安排公布，重新计算配送期限"),
    ("order.delete", "删除草稿"),
];

/// What happened. What the hospital did with the draft concerns nobody else and is left out afterwards.
fn events(conn: &mut AnyConn, order: &PurchaseOrder) -> Result<Vec<Event>> {
    let mut events = history(conn, OrderRecord::TYPE, order.id, &ACTIONS)?;
    let drafting = |event: &Event| matches!(event.action.as_str(), "order.edit" | "order.reprice");
    events.retain(|event| order.state == OrderState::Draft || !drafting(event));
    Ok(events)
}

/// The scope of who orders for a hospital.
///
/// # Errors
/// 403 for anybody else.
pub(super) fn buyer(who: &Principal) -> Result<Scope> {
    if who.buys() {
        return Ok(Scope::Hospital(who.organisation));
    }
    Err(Refusal::new(403, "FORBIDDEN", "订单由医疗机构的采购人员办理。").into())
}

/// The scope of who answers for a supplier.
///
/// # Errors
/// 403 for anybody else.
pub(super) fn seller(who: &Principal) -> Result<Scope> {
    if who.sells() {
        return Ok(Scope::Supplier(who.organisation));
    }
    Err(Refusal::new(403, "FORBIDDEN", "订单由供货企业的业务或订单配送人员办理。").into())
}

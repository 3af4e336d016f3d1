//! Queries of this office.

use diesel::prelude::*;

use super::lines::{self, Columns};
use super::model::{OrderLine, OrderRecord, OrderState, PurchaseOrder};
use super::words;
use crate::on_db;
use crate::platform::audit::{Audited, Row, RowSource};
use crate::platform::db::Together;
use crate::platform::error::{Refusal, Result};
use crate::platform::schema::{order_line, purchase_order};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::{Principal, Region, Side};

/// Whose orders somebody may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those that this hospital made.
    Hospital(Id),
    /// Those that this supplier received: no drafts.
    Supplier(Id),
    /// Those of the hospitals of a region: no drafts.
    Region(Region),
}

/// Whose orders the principal may see.
///
/// # Errors
/// 403 for who has nothing to do with orders.
pub fn scope(conn: &mut AnyConn, who: &Principal) -> Result<Scope> {
    let found = match who.side() {
        Some(Side::Hospital) => Some(Scope::Hospital(who.organisation)),
        Some(Side::Supplier) => Some(Scope::Supplier(who.organisation)),
        Some(Side::Authority) => Region::of(conn, who)?.map(Scope::Region),
        None => None,
    };
    found.ok_or_else(|| Refusal::new(403, "FORBIDDEN", "您的身份不能查阅订单。").into())
}

/// A query for the orders in a scope.
pub type Orders<'a> = purchase_order::BoxedQuery<'a, crate::platform::sql::MultiBackend>;

/// The orders in a scope.
pub fn in_scope<'a>(scope: &Scope) -> Orders<'a> {
    let all = purchase_order::table.into_boxed();
    let submitted = || purchase_order::state.ne(OrderState::Draft);
    match scope {
        Scope::Hospital(id) => all.filter(purchase_order::hospital_id.eq(*id)),
        Scope::Supplier(id) => all.filter(purchase_order::supplier_id.eq(*id)).filter(submitted()),
        Scope::Region(Region::Province) => all.filter(submitted()),
        Scope::Region(region) => {
            all.filter(purchase_order::hospital_id.eq_any(region.hospitals())).filter(submitted())
        }
    }
}

/// An order in a scope; any other is not found.
pub fn order(conn: &mut AnyConn, scope: &Scope, id: Id) -> Result<PurchaseOrder> {
    let found = in_scope(scope)
        .filter(purchase_order::id.eq(id))
        .select(PurchaseOrder::as_select())
        .get_result(conn)
        .optional()?;
    found.ok_or_else(|| Refusal::not_found("订单").into())
}

/// The lines of an order.
pub fn lines(conn: &mut AnyConn, order: Id) -> Result<Vec<OrderLine>> {
    Ok(on_db!(conn, c => order_line::table
        .filter(order_line::order_id.eq(order))
        .select(OrderLine::as_select())
        .order(order_line::line_no)
        .load(c))?)
}

/// The lines of several orders, by their numbers.
pub(super) fn lines_of(conn: &mut AnyConn, orders: &[Id]) -> Result<Vec<OrderLine>> {
    Ok(order_line::table
        .filter(order_line::order_id.eq_any(orders))
        .select(OrderLine::as_select())
        .order(order_line::line_no)
        .load(conn)?)
}

/// An order in a scope with its lines.
pub fn record(conn: &mut AnyConn, scope: &Scope, id: Id) -> Result<OrderRecord> {
    let order = order(conn, scope, id)?;
    let lines = lines(conn, id)?;
    Ok(OrderRecord { order, lines })
}

/// An order that is to be changed: in the scope, in this version, in this state.
///
/// # Errors
/// 404, 409 `WRONG_STATE`, 409 `STALE_VERSION`.
pub fn to_change(
    conn: &mut AnyConn,
    scope: &Scope,
    id: Id,
    version: i64,
    state: OrderState,
) -> Result<OrderRecord> {
    let record = record(conn, scope, id)?;
    if record.order.state != state {
        let now = record.order.state;
        let detail =
            format!("订单 {} 当前为“{}”，不能进行此操作，请刷新后查看。", record.order.number, now.label());
        return Err(Refusal::wrong_state(detail)
            .with("state", now.as_str())
            .with("version", record.order.version)
            .into());
    }
    if record.order.version != version {
        return Err(Refusal::stale("订单").with("version", record.order.version).into());
    }
    Ok(record)
}

/// Inserts an order with its lines.
pub fn insert(conn: &mut AnyConn, record: &OrderRecord) -> Result<()> {
    let order = diesel::insert_into(purchase_order::table).values(&record.order);
    match conn {
        AnyConn::Pg(c) => {
            Together(order, Columns::of(&record.lines)).execute(c)?;
        }
        AnyConn::Sqlite(c) => {
            order.execute(c)?;
            lines::insert(conn, &record.lines)?;
        }
    }
    words::insert(conn, record)
}

/// Writes `after` in the place of all lines that the order has.
pub fn replace_lines(conn: &mut AnyConn, after: &OrderRecord) -> Result<()> {
    delete_lines(conn, after.order.id)?;
    lines::insert(conn, &after.lines)?;
    words::replace(conn, after)
}

/// Removes all lines of a draft.
pub fn delete_lines(conn: &mut AnyConn, order: Id) -> Result<()> {
    diesel::delete(order_line::table.filter(order_line::order_id.eq(order))).execute(conn)?;
    Ok(())
}

/// The rows of this office for `jicai audit verify --rows`: orders, each with its lines.
pub const ROWS: RowSource = RowSource {
    object_type: OrderRecord::TYPE,
    load: records,
    keys: crate::platform::row_keys!(purchase_order),
};

fn records(conn: &mut AnyConn, after: Option<Id>, limit: i64) -> Result<Vec<Row>> {
    let mut query = purchase_order::table
        .order(purchase_order::id)
        .limit(limit)
        .select(PurchaseOrder::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(purchase_order::id.gt(after));
    }
    let orders: Vec<PurchaseOrder> = query.load(conn)?;
    let ids: Vec<Id> = orders.iter().map(|order| order.id).collect();
    let mut lines = lines_of(conn, &ids)?;
    let value = |order: PurchaseOrder| {
        let own = lines.extract_if(.., |line| line.order_id == order.id).collect();
        Row::of(&OrderRecord { order, lines: own })
    };
    orders.into_iter().map(value).collect()
}

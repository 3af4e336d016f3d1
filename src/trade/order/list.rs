//! Lists of orders for hospital, supplier and officer.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{OrderState, PurchaseOrder};
use super::store::{self, Orders, Scope};
pub use super::totals::{LeftOut, StateCount, Totals};
use crate::keyset;
use crate::listing::Mark;
use crate::party::{self, OrgState};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::day;
use crate::platform::http::paging::PageOf;
use crate::platform::http::sorting::Sort;
use crate::platform::input::search_words;
use crate::platform::schema::{order_words, organisation, purchase_order};
use crate::platform::sql::like::{containing, contains};
use crate::platform::sql::{AnyConn, Id, Money, Question, Time, Total, shanghai, sums};
use crate::platform::who::Principal;
use crate::rules::order::read_number;

crate::text_enum! {
    /// What orders are sorted by.
    pub enum SortKey {
        /// When the draft was made.
        Created = "created",
        /// When it was submitted; drafts count as the latest.
        Submitted = "submitted",
        /// Its sum.
        Amount = "amount",
    }
}

/// Orders of a state that a page counts and adds up at most; a file of them counts all.
pub const COUNTED: i64 = 20_000;

/// How orders stand where nothing is said: the latest first.
const LATEST_FIRST: Sort<SortKey> = Sort { by: SortKey::Created, down: true };

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    /// In this state only.
    pub state: Option<OrderState>,
    /// An order's number or a part of it, a drug, code or enterprise of any line, also in pinyin initials, or a part of the other
    /// side's name; several words must all hold.
    #[param(pattern = r"^\s*([^\s\x00]{1,60}(\s+[^\s\x00]{1,60}){0,5}\s*)?$")]
    pub q: Option<String>,
    /// Submitted on this day or later; drafts by the day they were made.
    #[serde(default, deserialize_with = "day::read_optional")]
    pub from: Option<NaiveDate>,
    /// Submitted on this day or earlier; drafts by the day they were made.
    #[serde(default, deserialize_with = "day::read_optional")]
    pub to: Option<NaiveDate>,
    /// With this mark as the gravest.
    pub mark: Option<Mark>,
    /// Waiting for an answer beyond the deadline.
    #[serde(default)]
    pub overdue: bool,
    /// `created`, `submitted` or `amount`, the least first; with a minus the greatest first. The latest first where nothing
    /// is said.
    #[param(value_type = Option<String>, pattern = "^-?(created|submitted|amount)$", example = "-amount")]
    pub sort: Option<Sort<SortKey>>,
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderRow {
    /// Key.
    pub id: Id,
    /// Number.
    pub number: String,
    /// State.
    pub state: OrderState,
    /// Who orders.
    pub hospital_id: Id,
    /// Its name.
    pub hospital: String,
    /// Who delivers.
    pub supplier_id: Id,
    /// Its name.
    pub supplier: String,
    /// First product and how many more.
    pub summary: String,
    /// How many lines.
    pub line_count: i32,
    /// The gravest mark.
    pub mark: Mark,
    /// Sum, yuan.
    pub total: Money,
    /// When the goods are wanted.
    pub wanted_on: NaiveDate,
    /// When the draft was made.
    pub created_at: Time,
    /// When it was submitted.
    pub submitted_at: Option<Time>,
    /// Until when the supplier answers.
    pub respond_by: Option<Time>,
    /// When it answered.
    pub answered_at: Option<Time>,
    /// Whether that is or was late.
    pub overdue: bool,
    /// Whether it waits for a supplier that is suspended and will not answer.
    pub supplier_suspended: bool,
    /// Version, for acts on several orders at once.
    pub version: i64,
    /// The last day of delivery by the working days of the province (JX-12); none for a draft.
    pub deliver_by: Option<NaiveDate>,
    /// True while that day rests on a year whose holidays are not arranged yet.
    pub deliver_by_provisional: bool,
}

/// A page of orders with what they come to.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct OrderPage {
    /// The page, the latest first.
    #[serde(flatten)]
    pub page: PageOf<OrderRow>,
    /// Of all that is filtered: how many, and what those come to that stand.
    pub totals: Totals,
    /// Those that do not, and are not in that sum.
    pub left_out: LeftOut,
    /// How many in each state, with all other filters.
    pub states: Vec<StateCount>,
}

/// Where a page ended: how it was sorted, the last row's key (microseconds or millionths of a yuan) and the last row.
pub type Cursor = (String, i64, Id);

/// A page of the orders that the principal may see, the latest first.
///
/// # Errors
/// 403 for who has nothing to do with orders.
pub async fn list(
    db: &Db,
    principal: &Principal,
    filter: OrderFilter,
    after: Option<Cursor>,
    limit: i64,
) -> Result<OrderPage> {
    let who = principal.clone();
    db.read_much(who.user, move |conn| {
        let scope = store::scope(conn, &who)?;
        let now = clock::legal_now(conn, who.received_at)?;
        let states = states(conn, &scope, &filter, now, COUNTED)?;
        let totals = Totals::of(&states, filter.state)?;
        let rows = page(conn, &scope, &filter, now, after, limit)?;
        let sort = filter.sort.unwrap_or(LATEST_FIRST);
        let page = PageOf::new(rows, limit, |order: &PurchaseOrder| -> Cursor {
            (sort.to_string(), key_of(order, sort.by), order.id)
        });
        let names = names(conn, &page.items)?;
        Ok(OrderPage {
            page: page.map(|order| row(order, &names, now)),
            left_out: totals.left_out,
            totals,
            states,
        })
    })
    .await
}

/// Orders for an export.
#[derive(Debug)]
pub struct AllOrders {
    /// The rows, which may be only the first.
    pub rows: Vec<OrderRow>,
    /// Of all that is filtered.
    pub totals: Totals,
    /// How many of them are in each state.
    pub states: Vec<StateCount>,
}

/// Every order that is filtered, the latest first, at most `most`, with what all come to; for exports.
///
/// # Errors
/// As [`list`].
pub async fn all(db: &Db, principal: &Principal, filter: OrderFilter, most: i64) -> Result<AllOrders> {
    let who = principal.clone();
    db.read_much(who.user, move |conn| {
        let scope = store::scope(conn, &who)?;
        let now = clock::legal_now(conn, who.received_at)?;
        let mut rows = page(conn, &scope, &filter, now, None, most)?;
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let mut states = states(conn, &scope, &filter, now, i64::MAX)?;
        states.retain(|found| filter.state.is_none_or(|state| found.state == state));
        let totals = Totals::of(&states, filter.state)?;
        Ok(AllOrders { rows: self::rows(conn, rows, now)?, totals, states })
    })
    .await
}

/// Orders as rows of a list, in the same order.
pub fn rows(conn: &mut AnyConn, orders: Vec<PurchaseOrder>, now: Time) -> Result<Vec<OrderRow>> {
    let names = names(conn, &orders)?;
    Ok(orders.into_iter().map(|order| row(order, &names, now)).collect())
}

fn page(
    conn: &mut AnyConn,
    scope: &Scope,
    filter: &OrderFilter,
    now: Time,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<PurchaseOrder>> {
    let mut query = filtered(scope, filter, now)?;
    if let Some(state) = filter.state {
        query = query.filter(purchase_order::state.eq(state));
    }
    let sort = filter.sort.unwrap_or(LATEST_FIRST);
    let after = match after {
        None => None,
        Some((sorted, key, id)) if sorted == sort.to_string() => Some((key, id)),
        Some(_) => return Err(foreign_cursor()),
    };
    let at = after.map(|(key, id)| (Time::from_micros(key), id));
    let query = match sort.by {
        SortKey::Created => {
            keyset!(query, at, down: sort.down, purchase_order::created_at, purchase_order::id)
        }
        SortKey::Submitted => keyset!(query, at, down: sort.down, submitted_or_last(), purchase_order::id),
        SortKey::Amount => {
            let amount = after.map(|(key, id)| (Money(key), id));
            keyset!(query, amount, down: sort.down, purchase_order::total, purchase_order::id)
        }
    };
    Ok(query.limit(limit + 1).select(PurchaseOrder::as_select()).load(conn)?)
}

/// A draft's time of submission is still to come. Both engines sort nulls differently, so there is none.
fn submitted_or_last() -> diesel::expression::SqlLiteral<diesel::sql_types::Timestamp> {
    diesel::dsl::sql("COALESCE(purchase_order.submitted_at, '9999-12-31 00:00:00')")
}

/// Microseconds of that instant.
const LAST_INSTANT: i64 = 253_402_214_400_000_000;

fn key_of(order: &PurchaseOrder, by: SortKey) -> i64 {
    let micros = |at: Time| at.0.and_utc().timestamp_micros();
    match by {
        SortKey::Created => micros(order.created_at),
        SortKey::Submitted => order.submitted_at.map_or(LAST_INSTANT, micros),
        SortKey::Amount => order.total.0,
    }
}

fn foreign_cursor() -> Error {
    Refusal::field("/after", "after 应取自同样排序的上一页返回的 next，请从第一页重新开始。").into()
}

/// All filters but the state.
fn filtered<'a>(scope: &Scope, filter: &OrderFilter, now: Time) -> Result<Orders<'a>> {
    let mut query = store::in_scope(scope);
    let text = filter.q.as_deref().unwrap_or_default();
    match read_number(text) {
        Some(number) => query = query.filter(purchase_order::number.eq(number)),
        None => {
            for word in search_words(text)? {
                query = with_word(query, &word);
            }
        }
    }
    if let Some(day) = filter.from {
        query = query.filter(submitted_or_made().ge(begin(day)));
    }
    if let Some(day) = filter.to.and_then(|day| day.succ_opt()) {
        query = query.filter(submitted_or_made().lt(begin(day)));
    }
    if let Some(mark) = filter.mark {
        query = query.filter(purchase_order::mark.eq(mark));
    }
    if filter.overdue {
        query = query
            .filter(purchase_order::state.eq(OrderState::Submitted))
            .filter(purchase_order::respond_by.le(now));
    }
    Ok(query)
}

/// Narrows orders to those with a word in them, or in the name of one of their sides.
fn with_word<'a>(query: Orders<'a>, word: &str) -> Orders<'a> {
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

/// The instant that decides on the period an order belongs to: its submission; for a draft, which has none yet, when it was
/// made. The database makes it, so that it stands in the indexes.
fn submitted_or_made() -> diesel::expression::SqlLiteral<diesel::sql_types::Timestamp> {
    diesel::dsl::sql("purchase_order.period_at")
}

/// The first instant of a day in Shanghai.
pub fn begin(day: NaiveDate) -> Time {
    let local = day.and_time(chrono::NaiveTime::MIN).and_local_timezone(shanghai()).single();
    let micros = local.map_or(if day.year() < 1 { i64::MIN } else { i64::MAX }, |t| t.timestamp_micros());
    Time::from_micros(micros)
}

/// How many orders that are filtered are in each state, in one statement; at most `most` of each are counted.
pub(super) fn states(
    conn: &mut AnyConn,
    scope: &Scope,
    filter: &OrderFilter,
    now: Time,
    most: i64,
) -> Result<Vec<StateCount>> {
    let of = |state: &OrderState| {
        let orders = filtered(scope, filter, now)?.filter(purchase_order::state.eq(*state));
        Ok(Box::new(orders.select(purchase_order::total).limit(most)) as Question)
    };
    let sums = sums(conn, OrderState::ALL.iter().map(of).collect::<Result<_>>()?)?;
    let count = |(state, (count, total)): (&OrderState, (i64, Total))| StateCount {
        state: *state,
        count,
        total,
        more: count >= most,
    };
    Ok(OrderState::ALL.iter().zip(sums).map(count).collect())
}

/// Names of both sides, and who of them is suspended.
fn names(conn: &mut AnyConn, rows: &[PurchaseOrder]) -> Result<BTreeMap<Id, (String, bool)>> {
    let mut ids: Vec<Id> = rows.iter().flat_map(|o| [o.hospital_id, o.supplier_id]).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut all = BTreeMap::new();
    for chunk in ids.chunks(500) {
        all.extend(party::store::organisations(conn, chunk)?.into_iter().map(|o| {
            let suspended = o.state == OrgState::Suspended;
            (o.id, (o.name, suspended))
        }));
    }
    Ok(all)
}

fn row(order: PurchaseOrder, names: &BTreeMap<Id, (String, bool)>, now: Time) -> OrderRow {
    let name = |id: Id| names.get(&id).map(|(name, _)| name.clone()).unwrap_or_default();
    let suspended = names.get(&order.supplier_id).is_some_and(|(_, suspended)| *suspended);
    OrderRow {
        hospital: name(order.hospital_id),
        supplier: name(order.supplier_id),
        overdue: order.is_overdue(now),
        supplier_suspended: suspended && order.state == OrderState::Submitted,
        id: order.id,
        number: order.number,
        state: order.state,
        hospital_id: order.hospital_id,
        supplier_id: order.supplier_id,
        summary: order.summary,
        line_count: order.line_count,
        mark: order.mark,
        total: order.total,
        wanted_on: order.wanted_on,
        created_at: order.created_at,
        submitted_at: order.submitted_at,
        respond_by: order.respond_by,
        answered_at: order.answered_at,
        version: order.version,
        deliver_by: order.deliver_by,
        deliver_by_provisional: order.deliver_by_provisional,
    }
}

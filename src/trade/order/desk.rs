//! What start pages show of orders: what waits for the reader, and how the month stands.

use chrono::{Datelike, NaiveDate};

use super::form::OrderForm;
use super::list::{self, OrderFilter, OrderRow, StateCount, Totals};
use super::model::OrderState;
use super::pages::new::KEPT;
use super::store::{self, Scope};
use super::{suspended, waiting};
use crate::listing::Mark;
use crate::platform::error::Result;
use crate::platform::http::kept::{self, Kept};
use crate::platform::http::present::{at_least, left};
use crate::platform::http::view::{Figure, Todo, Tone};
use crate::platform::office::{Desk, MOST_TODOS, rest};
use crate::platform::sql::{AnyConn, Time};
use crate::platform::who::{Post, Principal, Side};

/// The reader's part of the start page.
pub fn desk(conn: &mut AnyConn, who: &Principal, now: Time) -> Result<Desk> {
    let Some(side) = who.side() else { return Ok(Desk::default()) };
    let scope = store::scope(conn, who)?;
    let todos = match side {
        Side::Hospital => hospital_todos(conn, who, &scope, now)?,
        Side::Supplier => supplier_todos(conn, who, &scope, now)?,
        Side::Authority => {
            let of = |order: &OrderRow| format!("{} → {}", order.hospital, order.supplier);
            let mut all = stuck(conn, &scope, now, "供货企业已暂停，订单无人答复", of)?;
            all.extend(late_answers(conn, &scope, now, of)?);
            all
        }
    };
    Ok(Desk { todos, figures: figures(conn, side, &scope, now)? })
}

fn hospital_todos(conn: &mut AnyConn, who: &Principal, scope: &Scope, now: Time) -> Result<Vec<Todo>> {
    if who.post != Post::Order {
        return Ok(Vec::new());
    }
    let of = |order: &OrderRow| order.supplier.clone();
    let mut all = stuck(conn, scope, now, "供货企业已暂停，请撤销后另选", of)?;
    all.extend(late_answers(conn, scope, now, of)?);
    let drafts = waiting::drafts(conn, scope, now, MOST_TODOS)?;
    all.extend(drafts.iter().map(draft));
    let count = waiting::count_drafts(scope);
    all.extend(rest(conn, drafts.len(), count, "提交草稿", "/orders?state=draft")?);
    let ahead = now.0 - who.received_at.0;
    let kept = kept::starting(conn, who.user, KEPT)?;
    all.extend(kept.iter().filter_map(|kept| unsent(kept, kept.saved_at.plus(ahead))));
    Ok(all)
}

/// Orders that a suspended supplier will not answer.
fn stuck(
    conn: &mut AnyConn,
    scope: &Scope,
    now: Time,
    what: &str,
    of: fn(&OrderRow) -> String,
) -> Result<Vec<Todo>> {
    let orders = suspended::orders(conn, scope, now, MOST_TODOS)?;
    let todo = |order: &OrderRow| Todo { tone: Tone::Wrong, ..answer(order, what, &of(order), now) };
    let mut all: Vec<Todo> = orders.iter().map(todo).collect();
    all.extend(rest(conn, orders.len(), suspended::count(scope), what, "/orders?state=submitted")?);
    Ok(all)
}

/// Orders without an answer in time, but of suppliers that are suspended; `of` says between whom.
fn late_answers(
    conn: &mut AnyConn,
    scope: &Scope,
    now: Time,
    of: fn(&OrderRow) -> String,
) -> Result<Vec<Todo>> {
    let late = waiting::for_answer(conn, scope, now, true, MOST_TODOS)?;
    let what = "供货企业逾期未答复";
    let mut all: Vec<Todo> = late
        .iter()
        .filter(|order| !order.supplier_suspended)
        .map(|order| answer(order, what, &of(order), now))
        .collect();
    let count = waiting::count_for_answer(scope, now, true);
    all.extend(rest(conn, late.len(), count, what, "/orders?overdue=true")?);
    Ok(all)
}

/// An answer that is waited for.
fn answer(order: &OrderRow, what: &str, of: &str, now: Time) -> Todo {
    let (words, tone) = order.respond_by.map(|by| left(by, now)).unwrap_or_default();
    Todo {
        what: what.into(),
        about: format!("{of}，{}，{} 元", order.summary, order.total.display()),
        due: order.respond_by.map(Time::minute).unwrap_or_default(),
        left: words,
        tone,
        href: format!("/orders/{}", order.id),
        ..Todo::default()
    }
}

fn draft(order: &OrderRow) -> Todo {
    Todo {
        what: "提交草稿".into(),
        about: format!("{}，{}，{} 元", order.supplier, order.summary, order.total.display()),
        href: format!("/orders/new?order={}", order.id),
        tone: Tone::Waiting,
        ..Todo::default()
    }
}

/// An order form that was not sent; one that belongs to a draft order is shown with that.
fn unsent(kept: &Kept, saved_at: Time) -> Option<Todo> {
    let typed = OrderForm::of(&kept.form());
    (typed.order.is_empty() && !typed.lines.is_empty()).then(|| Todo {
        what: "继续填写订单".into(),
        about: format!("{} 个品种，{} 自动保存", typed.lines.len(), saved_at.minute()),
        href: format!("/orders/new?draft={}", typed.draft),
        tone: Tone::Waiting,
        ..Todo::default()
    })
}

fn supplier_todos(conn: &mut AnyConn, who: &Principal, scope: &Scope, now: Time) -> Result<Vec<Todo>> {
    let orders = waiting::for_answer(conn, scope, now, false, MOST_TODOS)?;
    let what = if who.post.answers_orders() { "确认或拒绝订单" } else { "订单待答复" };
    let mut all: Vec<Todo> = orders.iter().map(|order| answer(order, what, &order.hospital, now)).collect();
    let count = waiting::count_for_answer(scope, now, false);
    all.extend(rest(conn, orders.len(), count, what, "/orders?state=submitted")?);
    Ok(all)
}

fn figures(conn: &mut AnyConn, side: Side, scope: &Scope, now: Time) -> Result<Vec<Figure>> {
    let all = this_month(conn, scope, now, None)?;
    let from = first_of_month(now);
    let of = |state, label| of_state(&all, state, label, from);
    Ok(match side {
        Side::Hospital => vec![
            of(OrderState::Submitted, "本月待企业确认"),
            of(OrderState::Confirmed, "本月已确认"),
            of(OrderState::Refused, "本月被拒绝"),
            with_mark(
                conn,
                scope,
                now,
                Mark::Red,
                "本月含红标药品的订单",
                format!("/orders?mark=red&from={from}"),
            )?,
        ],
        Side::Supplier => vec![
            of(OrderState::Submitted, "本月待确认"),
            of(OrderState::Confirmed, "本月已确认"),
            of(OrderState::Refused, "本月已拒绝"),
            of(OrderState::Cancelled, "本月被撤销"),
        ],
        Side::Authority => {
            vec![of(OrderState::Submitted, "本月待企业确认"), of(OrderState::Confirmed, "本月已确认")]
        }
    })
}

/// The orders since the first of the month, by state.
fn this_month(conn: &mut AnyConn, scope: &Scope, now: Time, mark: Option<Mark>) -> Result<Vec<StateCount>> {
    let filter = OrderFilter { from: Some(first_of_month(now)), mark, ..OrderFilter::default() };
    list::states(conn, scope, &filter, now, list::COUNTED)
}

/// The month's first day.
pub fn first_of_month(now: Time) -> NaiveDate {
    now.day().with_day(1).unwrap_or_else(|| now.day())
}

/// The month's orders that stand and whose gravest mark this is: how many, for how much.
fn with_mark(
    conn: &mut AnyConn,
    scope: &Scope,
    now: Time,
    mark: Mark,
    label: &str,
    href: String,
) -> Result<Figure> {
    let sum = Totals::of(&this_month(conn, scope, now, Some(mark))?, None)?;
    Ok(figure(label, sum, href))
}

/// A state's orders of the month: how many, for how much.
fn of_state(all: &[StateCount], state: OrderState, label: &str, from: NaiveDate) -> Figure {
    let found = all.iter().find(|s| s.state == state);
    let sum = found.map(|s| Totals { count: s.count, total: s.total, more: s.more, ..Totals::default() });
    figure(label, sum.unwrap_or_default(), format!("/orders?state={state}&from={from}"))
}

fn figure(label: &str, sum: Totals, href: String) -> Figure {
    Figure {
        label: label.into(),
        value: at_least(sum.counted(), sum.more),
        unit: "张".into(),
        note: if sum.more { String::new() } else { format!("{} 元", sum.total.display()) },
        href: Some(href),
    }
}

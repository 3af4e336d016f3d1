//! The list of orders as pages show it.

use crate::listing::present::mark_filter;
use crate::listing::{self, Mark};
use crate::order::list::{COUNTED, OrderPage, OrderRow, SortKey, StateCount, Totals};
use crate::order::model::OrderState;
use crate::order::present::badge;
use crate::order::views::{OrderList, StateTab};
use crate::platform::calendar::PROVISIONAL;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::place::{ListAddress, SORT};
use crate::platform::http::present::{at_least, whole};
use crate::platform::http::view::{Bulk, Cell, Choice, Field, Frame, Kind, Link, Table};
use crate::platform::sql::Time;
use crate::platform::who::{Principal, Side};

/// The filters of the list in the address.
pub const FILTERS: [&str; 7] = ["state", "q", "from", "to", "mark", "overdue", SORT];

/// The page.
pub fn page(frame: Frame, who: &Principal, place: &ListAddress, found: &OrderPage) -> OrderList {
    let is_supplier = who.side() == Some(Side::Supplier);
    OrderList {
        purpose: purpose(who, !place.value(SORT).is_empty()),
        action: who.buys().then(|| Link::new("新建订单", "/orders/new")),
        states: tabs(who, place, &found.states),
        filters: filters(place, is_supplier),
        table: table(who, place, found, &frame.token),
        frame,
    }
}

fn purpose(who: &Principal, sorted: bool) -> String {
    let order = if sorted { "" } else { "，最新的在前" };
    match who.side() {
        Some(Side::Hospital) => format!("本院提交的订单{order}。"),
        Some(Side::Supplier) => "医疗机构发给本企业的订单，请在确认期限前确认或拒绝。".into(),
        _ => format!("各医疗机构的订单{order}。"),
    }
}

fn tabs(who: &Principal, place: &ListAddress, counts: &[StateCount]) -> Vec<StateTab> {
    let chosen = place.value("state");
    let (all, more) = (counts.iter().map(|c| c.count).sum(), counts.iter().any(|c| c.more));
    let first = StateTab {
        text: "全部".into(),
        count: at_least(all, more),
        href: place.with("state", ""),
        current: chosen.is_empty(),
    };
    let others = counts
        .iter()
        .filter(|c| c.state != OrderState::Draft || who.side() == Some(Side::Hospital))
        .map(|c| StateTab {
            text: c.state.label().into(),
            count: at_least(c.count, c.more),
            href: place.with("state", c.state.as_str()),
            current: chosen == c.state.as_str(),
        });
    std::iter::once(first).chain(others).collect()
}

fn filters(place: &ListAddress, is_supplier: bool) -> Vec<Field> {
    let other = if is_supplier {
        "订单号、药品、编码、医疗机构"
    } else {
        "订单号、药品、编码、企业"
    };
    let state = place.value("state");
    let mut all = [
        Field::new(Kind::Text, "q", other),
        Field::new(Kind::Date, "from", "提交日自"),
        Field::new(Kind::Date, "to", "提交日至"),
        mark_filter(),
        Field::new(Kind::Select, "overdue", "答复").choices([("", "全部"), ("true", "已超时")]),
    ]
    .map(|field| place.field(field))
    .to_vec();
    if !state.is_empty() {
        all.push(Field::new(Kind::Hidden, "state", "").value(state));
    }
    all.extend(place.kept());
    all
}

fn table(who: &Principal, place: &ListAddress, found: &OrderPage, token: &str) -> Table {
    let buys = who.buys();
    let orders = &found.page.items;
    let table = Table {
        caption: "订单".into(),
        empty_text: match place.is_filtered() {
            true => "没有符合条件的订单，请放宽筛选条件。".into(),
            false if buys => "还没有订单。先查找药品，再下单。".into(),
            false => "还没有订单。医疗机构提交订单后会出现在这里，并发消息给您。".into(),
        },
        empty_link: match place.is_filtered() {
            true => Some(Link::new("查看全部订单", "/orders")),
            false => buys.then(|| Link::new("查找药品", "/catalogue")),
        },
        paging: place.paging(
            orders.len(),
            found.page.next.as_deref(),
            (!found.totals.more).then_some(found.totals.count),
        ),
        export: Some(place.at("/orders.xlsx")),
        ..columns(Some(who), label(&found.states, found.totals), found.totals)
            .table("orders", orders, place, "")
    };
    if !who.sells() || orders.iter().all(|order| !waits(order)) {
        return table;
    }
    let bulk = Bulk {
        action: "/orders/confirm".into(),
        token: token.into(),
        counted: "张订单",
        acts: vec![Choice { value: "ask".into(), text: "确认所选订单".into() }],
    };
    table.choose(bulk, orders.iter().map(choice))
}

fn choice(order: &OrderRow) -> Choice {
    let value = if waits(order) { format!("{}:{}", order.id, order.version) } else { String::new() };
    Choice { value, text: format!("选择订单 {}", order.number) }
}

fn waits(order: &OrderRow) -> bool {
    order.state == OrderState::Submitted
}

/// What the sum is of: how many orders, and beside it what is left out of it.
pub fn label(states: &[StateCount], totals: Totals) -> String {
    if totals.more {
        return format!("订单超过 {} 张，请筛选后查看合计", whole(COUNTED));
    }
    if totals.left_out.count == 0 {
        return "合计".into();
    }
    let left = states.iter().filter(|found| found.count > 0 && !found.state.stands());
    let left = left.map(|found| {
        format!("{} {} 张 {} 元", found.state.label(), whole(found.count), found.total.display())
    });
    let left: Vec<String> = left.collect();
    format!("合计 {} 张（不含{}）", whole(totals.counted()), left.join("、"))
}

/// The list of orders, for a reader of the page or for a system that takes the sheet; `label` says what the sum is of.
pub fn columns<'a>(who: Option<&'a Principal>, label: String, totals: Totals) -> Columns<'a, OrderRow> {
    let side = who.and_then(|who| who.side());
    Columns::new([
        Column::name("订单号", |o: &OrderRow| Cell::opens(href(o), &o.number).link_class("nowrap"))
            .sheet("订单号", 18, |o| o.number.clone())
            .foot(label),
        Column::text("other", other_head(side), move |o: &OrderRow| other(side, o))
            .under(move |o| other(side, o))
            .sheet("医疗机构", 28, |o| o.hospital.clone())
            .sheet("供货企业", 28, |o| o.supplier.clone()),
        Column::text("products", "品种", products)
            .under(products)
            .sheet("品种", 36, |o| o.summary.clone())
            .sheet("品种数", 8, |o| i64::from(o.line_count))
            .sheet("标识", 8, |o| mark(o.mark)),
        Column::text("state", "状态", state).sheet("状态", 10, |o| o.state.label()),
        Column::number("amount", "金额", "元", |o: &OrderRow| o.total)
            .sort(SortKey::Amount.as_str())
            .sheet("金额（元）", 16, |o| o.total)
            .sum(if totals.more { "—".to_owned() } else { totals.total.display() }, totals.total),
        Column::text("wanted", "期望到货日", |o: &OrderRow| Cell::text(o.wanted_on))
            .class("nowrap")
            .wide_only()
            .extra()
            .sheet("期望到货日", 12, |o| o.wanted_on.to_string()),
        Column::text("submitted", "提交时间", |o: &OrderRow| {
            o.submitted_at.map_or("未提交".into(), Cell::from)
        })
        .sort(SortKey::Submitted.as_str())
        .class("nowrap")
        .wide_only()
        .sheet("提交时间", 18, |o| o.submitted_at),
        Column::text("due", "确认期限", due).class("nowrap").under(due_on_a_phone).sheet(
            "确认期限",
            18,
            |o| o.respond_by,
        ),
        Column::text("delivery", "配送期限", delivery)
            .class("nowrap")
            .wide_only()
            .extra()
            .sheet("配送期限", 12, |o| o.deliver_by.map(|day| day.to_string()))
            .sheet("配送期限暂定", 12, |o| o.deliver_by_provisional.then_some(PROVISIONAL)),
        Column::text("answered", "答复时间", |o: &OrderRow| {
            o.answered_at.map_or(Cell::quiet("—"), Cell::from)
        })
        .class("nowrap")
        .wide_only()
        .extra()
        .sheet("办理时间", 18, |o| o.answered_at)
        .sheet("是否逾期", 10, |o| o.overdue.then_some("逾期")),
        Column::acts(move |o: &OrderRow| Cell::link(href(o), action(who, o), format!("订单 {}", o.number)))
            .wide_only(),
    ])
}

fn href(order: &OrderRow) -> String {
    format!("/orders/{}", order.id)
}

fn other_head(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Supplier) => "医疗机构",
        Some(Side::Hospital) => "供货企业",
        _ => "医疗机构 → 供货企业",
    }
}

fn other(side: Option<Side>, order: &OrderRow) -> String {
    match side {
        Some(Side::Supplier) => order.hospital.clone(),
        Some(Side::Hospital) => order.supplier.clone(),
        _ => format!("{} → {}", order.hospital, order.supplier),
    }
}

/// The mark in a sheet, where there is one.
pub fn mark(mark: Mark) -> Option<&'static str> {
    (mark != Mark::None).then(|| mark.label())
}

fn products(order: &OrderRow) -> Cell {
    match order.mark {
        Mark::None => Cell::from(&order.summary),
        mark => Cell::from(&order.summary).and(listing::present::mark(mark)),
    }
}

fn state(order: &OrderRow) -> Cell {
    let badge = Cell::from(badge(order.state, order.overdue));
    if order.supplier_suspended { badge.line("供货企业已暂停业务").class("late") } else { badge }
}

/// Until when an answer is waited for; none where there is none.
fn answer_by(order: &OrderRow) -> Option<String> {
    order.respond_by.filter(|_| waits(order)).map(Time::minute)
}

fn due(order: &OrderRow) -> Cell {
    match answer_by(order) {
        None => Cell::quiet("—"),
        Some(by) if order.overdue => Cell::text(by).line("已超时").class("late"),
        Some(by) => Cell::text(by),
    }
}

fn delivery(order: &OrderRow) -> Cell {
    match order.deliver_by {
        None => Cell::quiet("—"),
        Some(day) if order.deliver_by_provisional => Cell::text(day).line("暂定"),
        Some(day) => Cell::text(day),
    }
}

fn due_on_a_phone(order: &OrderRow) -> Cell {
    match answer_by(order) {
        None => Cell::default(),
        Some(by) if order.overdue => Cell::span("late", format!("{by} 前答复，已超时")),
        Some(by) => Cell::text(format!("{by} 前答复")),
    }
}

fn action(who: Option<&Principal>, order: &OrderRow) -> &'static str {
    match order.state {
        OrderState::Submitted if who.is_some_and(|who| who.sells()) => "答复",
        OrderState::Draft if who.is_some_and(|who| who.buys()) => "继续填写",
        _ => "查看",
    }
}

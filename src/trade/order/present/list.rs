//! The list of orders as pages show it.

use crate::listing;
use crate::order::list::{OrderPage, OrderRow, StateCount};
use crate::order::model::OrderState;
use crate::order::present::badge;
use crate::order::views::{OrderList, OrderRow as Row, StateTab};
use crate::platform::http::place::Place;
use crate::platform::http::place::SORT;
use crate::platform::http::present::whole;
use crate::platform::http::sorting;
use crate::platform::http::view::{Choice, Field, Frame, Kind, Link, Table};
use crate::platform::sql::Time;
use crate::platform::who::{Principal, Side};

/// The filters of the list in the address.
pub const FILTERS: [&str; 7] = ["state", "q", "from", "to", "mark", "overdue", SORT];

/// The page, without its frame.
pub fn page(who: &Principal, place: &Place, found: &OrderPage) -> OrderList {
    let is_supplier = who.side() == Some(Side::Supplier);
    let may_answer = who.sells();
    let buys = who.buys();
    let bulk = may_answer && found.page.items.iter().any(|row| row.state == OrderState::Submitted);
    OrderList {
        frame: Frame::default(),
        purpose: purpose(who, !place.value(SORT).is_empty()),
        action: buys.then(|| Link::new("新建订单", "/orders/new")),
        states: tabs(who, place, &found.states),
        filters: filters(place, is_supplier),
        table: table(who, place, found, bulk),
        rows: found.page.items.iter().map(|order| row(who, order)).collect(),
        total: found.totals.total.display(),
        bulk: if bulk {
            vec![Choice { value: "confirm".into(), text: "确认所选订单".into() }]
        } else {
            Vec::new()
        },
        bulk_action: "/orders/confirm".into(),
    }
}

fn purpose(who: &Principal, sorted: bool) -> String {
    let order = if sorted { "" } else { "，最新的在前" };
    match who.side() {
        Some(Side::Hospital) => format!("本院提交的订单{order}。"),
        Some(Side::Supplier) => "医疗机构发给本企业的订单，请在答复期限前确认或拒绝。".into(),
        _ => format!("各医疗机构的订单{order}。"),
    }
}

fn tabs(who: &Principal, place: &Place, counts: &[StateCount]) -> Vec<StateTab> {
    let chosen = place.value("state");
    let all: i64 = counts.iter().map(|c| c.count).sum();
    let first = StateTab {
        text: "全部".into(),
        count: whole(all),
        href: place.with("state", ""),
        current: chosen.is_empty(),
    };
    let others = counts
        .iter()
        .filter(|c| c.state != OrderState::Draft || who.side() == Some(Side::Hospital))
        .map(|c| StateTab {
            text: c.state.label().into(),
            count: whole(c.count),
            href: place.with("state", c.state.as_str()),
            current: chosen == c.state.as_str(),
        });
    std::iter::once(first).chain(others).collect()
}

fn filters(place: &Place, is_supplier: bool) -> Vec<Field> {
    let other = if is_supplier { "订单号、品名、医疗机构" } else { "订单号、品名、企业" };
    let state = place.value("state");
    let mut all = vec![
        Field::new(Kind::Text, "q", other).value(place.value("q")),
        Field::new(Kind::Date, "from", "自").value(place.value("from")),
        Field::new(Kind::Date, "to", "至").value(place.value("to")),
        Field::new(Kind::Select, "mark", "标识").value(place.value("mark")).choices([
            ("", "全部"),
            ("none", "无标识"),
            ("yellow", "黄标"),
            ("red", "红标"),
        ]),
        Field::new(Kind::Select, "overdue", "答复")
            .value(place.value("overdue"))
            .choices([("", "全部"), ("true", "已超时")]),
    ];
    for (name, value) in [("state", state), (SORT, place.value(SORT))] {
        if !value.is_empty() {
            all.push(Field::new(Kind::Hidden, name, "").value(value));
        }
    }
    all
}

fn table(who: &Principal, place: &Place, found: &OrderPage, choose: bool) -> Table {
    let other_side = match who.side() {
        Some(Side::Supplier) => "医疗机构",
        Some(Side::Hospital) => "供货企业",
        _ => "医疗机构 → 供货企业",
    };
    let buys = who.buys();
    Table {
        id: "orders".into(),
        caption: "订单".into(),
        columns: sorting::heads(OrderList::heads(other_side), &["amount", "submitted"], place),
        empty: found.page.items.is_empty(),
        empty_text: match place.is_filtered() {
            true => "没有符合条件的订单，请放宽筛选条件。".into(),
            false if buys => "还没有订单。先查找药品，再下单。".into(),
            false => "还没有订单。医疗机构提交订单后会出现在这里，并发消息给您。".into(),
        },
        empty_link: match place.is_filtered() {
            true => Some(Link::new("查看全部订单", "/orders")),
            false => buys.then(|| Link::new("查找药品", "/catalogue")),
        },
        paging: place.paging(found.page.items.len(), found.page.next.as_deref(), Some(found.totals.count)),
        export: Some(place.at("/orders.xlsx")),
        choose,
    }
}

fn row(who: &Principal, order: &OrderRow) -> Row {
    let waits = order.state == OrderState::Submitted;
    let answers = who.sells();
    let buys = who.buys();
    let other = match who.side() {
        Some(Side::Supplier) => order.hospital.clone(),
        Some(Side::Hospital) => order.supplier.clone(),
        _ => format!("{} → {}", order.hospital, order.supplier),
    };
    Row {
        value: if waits && answers { format!("{}:{}", order.id, order.version) } else { String::new() },
        number: order.number.clone(),
        href: format!("/orders/{}", order.id),
        other,
        what: order.summary.clone(),
        mark: listing::present::mark(order.mark),
        amount: order.total.display(),
        submitted: order.submitted_at.map(Time::minute).unwrap_or_else(|| "未提交".into()),
        due: order.respond_by.filter(|_| waits).map(Time::minute).unwrap_or_default(),
        late: waits && order.overdue,
        state: badge(order.state, order.overdue),
        action: match order.state {
            OrderState::Submitted if answers => "答复".into(),
            OrderState::Draft if buys => "继续填写".into(),
            _ => "查看".into(),
        },
    }
}

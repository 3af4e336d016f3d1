//! One order as pages show it.

use sha2::{Digest, Sha256};

use crate::listing;
use crate::order::model::{OrderLine, OrderState, PurchaseOrder};
use crate::order::present::badge;
use crate::order::show::{OrderAct, OrderDetail};
use crate::order::views::{OrderPage, OrderPrint, ShownLine};
use crate::order::{answer, cancel};
use crate::platform::audit::history;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::form::Form;
use crate::platform::http::present::whole;
use crate::platform::http::view::{Confirm, Event, Field, Frame, Kind, Link, Pair, Tone};
use crate::platform::sql::Time;
use crate::rules::canonical::canonical_of;

/// A line that is shown, not edited.
pub fn line(line: &OrderLine) -> ShownLine {
    ShownLine {
        name: line.product_label.clone(),
        code: line.code.clone(),
        spec: line.spec.clone(),
        maker: line.maker.clone(),
        unit: line.unit.clone(),
        price: line.unit_price.display(),
        mark: listing::present::mark(line.mark),
        quantity: whole(line.quantity),
        amount: line.amount.display(),
        remark: line.pack_remark.clone().unwrap_or_default(),
        reason: line.risk_reason.clone().unwrap_or_default(),
        why: listing::present::why_href(Some(line.listing_id)),
    }
}

/// The page of an order, without its frame. `wrong` is what was typed into which act and what is wrong with it.
/// `buys` says that the reader orders for this hospital.
pub fn page(detail: &OrderDetail, buys: bool, wrong: Option<(OrderAct, &Form, &[FieldError])>) -> OrderPage {
    let view = &detail.view;
    let order = &view.order;
    OrderPage {
        frame: Frame::default(),
        number: order.number.clone(),
        spoken: spoken(&order.number),
        state: badge(order.state, view.overdue),
        next: detail.next.clone(),
        facts: facts(detail),
        lines: view.lines.iter().map(line).collect(),
        total: order.total.display(),
        events: detail.events.iter().map(event).collect(),
        edit: edit(detail, buys),
        acts: view.may.iter().filter_map(|act| confirm(*act, detail, wrong)).collect(),
        print: format!("/orders/{}/print", order.id),
        export: format!("/orders/{}/export", order.id),
    }
}

/// A draft goes on; what is done or not to be had can be ordered once more.
fn edit(detail: &OrderDetail, buys: bool) -> Option<Link> {
    let order = &detail.view.order;
    match order.state {
        OrderState::Draft if detail.view.may.contains(&OrderAct::Edit) => {
            Some(Link::new("继续填写", format!("/orders/new?order={}", order.id)))
        }
        OrderState::Confirmed | OrderState::Refused | OrderState::Cancelled if buys => {
            Some(Link::new("照此单再订", format!("/orders/new?copy={}", order.id)))
        }
        _ => None,
    }
}

/// The number in groups, as it is said on the phone.
pub fn spoken(number: &str) -> String {
    let digit = |c: char| match c {
        '0' => "零".to_owned(),
        '1' => "幺".to_owned(),
        '2'..='9' => ["二", "三", "四", "五", "六", "七", "八", "九"]
            .get(usize::from(u8::try_from(c).unwrap_or(b'2') - b'2'))
            .map_or_else(String::new, |w| (*w).to_owned()),
        other => format!(" {other} "),
    };
    let groups = number.split('-').map(|group| group.chars().map(digit).collect::<String>());
    let said: Vec<String> = groups.map(|g| g.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    said.join("，")
}

fn facts(detail: &OrderDetail) -> Vec<Pair> {
    let view = &detail.view;
    let order = &view.order;
    let mut all = vec![
        Pair::new("医疗机构", view.hospital.clone()),
        Pair::new("供货企业", view.supplier.clone()),
        Pair::new("收货人", format!("{}，{}", order.recipient, order.phone)),
        Pair::new("收货地址", order.address.clone()),
        Pair::new("期望到货日", order.wanted_on.to_string()),
    ];
    let mut add = |term: &str, text: Option<String>| {
        if let Some(text) = text {
            all.push(Pair::new(term, text));
        }
    };
    add("备注", order.remark.clone());
    add("价格日", order.legal_day.map(|day| day.to_string()));
    add("提交时间", order.submitted_at.map(Time::minute));
    add("答复期限", order.respond_by.map(Time::minute));
    add("配送期限", order.delivery());
    let late = if view.overdue { "（逾期）" } else { "" };
    add("答复时间", order.answered_at.map(|at| format!("{}{late}", at.minute())));
    all
}

fn event(event: &history::Event) -> Event {
    let tone = match event.action.as_str() {
        "order.submit" => Tone::Waiting,
        "order.confirm" => Tone::Done,
        "order.refuse" | "order.overdue" => Tone::Wrong,
        _ => Tone::Plain,
    };
    let who = match event.organisation.is_empty() {
        true => event.who.clone(),
        false => format!("{} {}", event.organisation, event.who),
    };
    Event {
        when: event.at.minute(),
        who,
        what: event.text.clone(),
        note: event.reason.clone().unwrap_or_default(),
        tone,
    }
}

fn confirm(
    act: OrderAct,
    detail: &OrderDetail,
    wrong: Option<(OrderAct, &Form, &[FieldError])>,
) -> Option<Confirm> {
    let order = &detail.view.order;
    let what = format!("{} 个品种、合计 {} 元", order.line_count, order.total.display());
    let (word, label, consequence, danger) = match act {
        OrderAct::Edit | OrderAct::Submit => return None,
        OrderAct::Delete => {
            ("delete", "删除草稿", format!("将删除草稿 {}（{what}），删除后不能恢复。", order.number), true)
        }
        OrderAct::Cancel => {
            let text = format!("将撤销 {what} 的订单；撤销后不能恢复，{}会收到通知。", detail.view.supplier);
            ("cancel", "撤销订单", text, true)
        }
        OrderAct::Confirm => {
            let text =
                format!("确认后须按期供应 {what}，期望到货日 {}；确认后不能改为拒绝。", order.wanted_on);
            ("confirm", "确认订单", text, false)
        }
        OrderAct::Refuse => {
            let text = format!("将拒绝 {what} 的订单；{}会收到您填写的理由。", detail.view.hospital);
            ("refuse", "拒绝订单", text, true)
        }
    };
    let again = wrong.filter(|(failed, ..)| *failed == act);
    let fields = reason(act).map(|field| match again {
        Some((_, form, errors)) => Field { focus: true, ..form.refill(field, errors) },
        None => field,
    });
    Some(Confirm {
        action: format!("/orders/{}/{word}", order.id),
        label: label.into(),
        consequence,
        fields: fields.into_iter().collect(),
        hidden: vec![("version".into(), order.version.to_string())],
        danger,
        open: again.is_some(),
    })
}

fn reason(act: OrderAct) -> Option<Field> {
    match act {
        OrderAct::Refuse => {
            Some(Field::of(Kind::Long, &answer::REASON).help("2 至 500 个字，医疗机构会看到"))
        }
        OrderAct::Cancel => Some(Field::of(Kind::Text, &cancel::REASON)),
        _ => None,
    }
}

/// The order on paper, without its frame.
///
/// # Errors
/// Internal, where the order cannot be written as canonical JSON.
pub fn print(detail: &OrderDetail, audit_head: String, now: Time) -> Result<OrderPrint> {
    let view = &detail.view;
    let order = &view.order;
    Ok(OrderPrint {
        frame: Frame::default(),
        id: order.id.to_string(),
        number: order.number.clone(),
        state: order.state.label().into(),
        organisation: view.hospital.clone(),
        facts: facts(detail),
        lines: view.lines.iter().map(line).collect(),
        total: order.total.display(),
        events: detail.events.iter().map(event).collect(),
        hash: if order.state == OrderState::Draft { String::new() } else { hash(order, &view.lines)? },
        audit_head,
        printed_at: now.minute(),
    })
}

/// SHA-256 of the order with its lines as canonical JSON: the same text that the audit keeps of it.
fn hash(order: &PurchaseOrder, lines: &[OrderLine]) -> Result<String> {
    let record = crate::order::OrderRecord { order: order.clone(), lines: lines.to_vec() };
    Ok(hex::encode(Sha256::digest(canonical_of(&record).map_err(Error::internal)?)))
}

//! One order as pages show it.

use sha2::{Digest, Sha256};

use crate::listing;
use crate::order::model::{OrderLine, OrderState, PurchaseOrder};
use crate::order::present::badge;
use crate::order::risk::{Risk, RiskCode};
use crate::order::show::{OrderAct, OrderDetail};
use crate::order::views::{OrderPage, OrderPrint, ShownLine, Told};
use crate::order::{answer, cancel};
use crate::platform::audit::history;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::form::Form;
use crate::platform::http::present::{short, whole};
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
        given: line.given().unwrap_or_default(),
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
        hints: hints(detail),
        facts: facts(detail),
        lines: view.lines.iter().map(line).collect(),
        total: order.total.display(),
        events: detail.events.iter().map(event).collect(),
        edit: edit(detail, buys),
        acts: view.may.iter().flat_map(|act| confirms(*act, detail, wrong)).collect(),
        print: format!("/orders/{}/print", order.id),
        export: format!("/orders/{}/export", order.id),
    }
}

/// What is told above the lines: prices that have fallen, and of a draft what its lines ask for.
fn hints(detail: &OrderDetail) -> Vec<Told> {
    let advice = match detail.view.order.state {
        OrderState::Draft => "提交时按当日价格。",
        _ => "如需按现价采购，可在企业确认前撤销后重新下单。",
    };
    let fallen = detail.fallen.iter().map(|line| {
        let (was, now) = (line.ordered_price.display(), line.current_price.display());
        let text = format!("{} 本单为 {was} 元，自 {} 起降为 {now} 元。{advice}", line.product, line.since);
        Told { what: "价格已降", text }
    });
    let risks = detail.view.risks.iter().filter_map(|risk| said(risk, &detail.view.lines));
    fallen.chain(risks).collect()
}

/// What is told of a line; a red mark is not told here, it has its own warning.
pub fn said(risk: &Risk, lines: &[OrderLine]) -> Option<Told> {
    match risk.code {
        RiskCode::Warning => return None,
        RiskCode::Repeated => return Some(Told { what: "同一药品", text: risk.text.clone() }),
        RiskCode::Hint => {}
    }
    let line = lines.iter().find(|l| l.line_no == risk.line_no);
    let name = line.map(|l| l.product_label.as_str()).unwrap_or_default();
    let text = format!(
        "{name} 现价 {} 元，为同组最低换算价 {} 元的 {} 倍。建议优先采购低风险药品。",
        risk.unit_price.display(),
        listing::present::price(risk.lowest_unit_price),
        short(risk.ratio.as_deref().unwrap_or_default())
    );
    Some(Told { what: "黄标药品", text })
}

/// A draft goes on; whatever was submitted can be ordered once more.
fn edit(detail: &OrderDetail, buys: bool) -> Option<Link> {
    let order = &detail.view.order;
    match order.state {
        OrderState::Draft if detail.view.may.contains(&OrderAct::Edit) => {
            Some(Link::new("继续填写", format!("/orders/new?order={}", order.id)))
        }
        OrderState::Draft => None,
        _ => buys.then(|| Link::new("照此单再订", format!("/orders/new?copy={}", order.id))),
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

/// Who, where, when and why, for the page, the paper and the sheet.
pub fn facts(detail: &OrderDetail) -> Vec<Pair> {
    let view = &detail.view;
    let order = &view.order;
    let mut all =
        vec![Pair::new("医疗机构", view.hospital.clone()), Pair::new("供货企业", view.supplier.clone())];
    if let Some(to) = &detail.contact {
        all.push(Pair::new("对方联系电话", format!("{}，{}", to.name, to.phone)));
    }
    all.extend([
        Pair::new("收货人", format!("{}，{}", order.recipient, order.phone)),
        Pair::new("收货地址", order.address.clone()),
        Pair::new("期望到货日", order.wanted_on.to_string()),
    ]);
    let mut add = |term: &str, text: Option<String>| {
        if let Some(text) = text {
            all.push(Pair::new(term, text));
        }
    };
    add("备注", order.remark.clone());
    add("计价日期", order.legal_day.map(|day| day.to_string()));
    add("提交人", by(detail, &["order.submit"]));
    add("提交时间", order.submitted_at.map(Time::minute));
    add("确认期限", order.respond_by.map(Time::minute));
    add("配送期限", order.delivery());
    let late = if view.overdue { "（逾期）" } else { "" };
    add("办理人", by(detail, &["order.confirm", "order.refuse"]));
    add("办理时间", order.answered_at.map(|at| format!("{}{late}", at.minute())));
    add("拒绝理由", order.refusal_reason.clone());
    add("撤销时间", order.cancelled_at.map(Time::minute));
    add("撤销理由", order.cancel_reason.clone());
    all
}

/// Who did one of these last.
fn by(detail: &OrderDetail, actions: &[&str]) -> Option<String> {
    let done = detail.events.iter().rfind(|event| actions.contains(&event.action.as_str()))?;
    Some(done.who.clone())
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

/// The button of an act; of taking an order back a second one, which goes on to a form with the same lines.
fn confirms(
    act: OrderAct,
    detail: &OrderDetail,
    wrong: Option<(OrderAct, &Form, &[FieldError])>,
) -> Vec<Confirm> {
    let first = confirm(act, detail, wrong);
    let again = first.clone().filter(|_| act == OrderAct::Cancel).map(|cancel| Confirm {
        label: "撤销并改订".into(),
        consequence: format!("{}随后打开已填好原有品种的新订单。", cancel.consequence),
        hidden: [cancel.hidden, vec![("again".into(), "true".into())]].concat(),
        open: false,
        ..cancel
    });
    first.into_iter().chain(again).collect()
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
        OrderAct::Urge => {
            let text = format!("将催办 {what} 的订单；{}会收到通知，每日限催办一次。", detail.view.supplier);
            ("urge", "催办", text, false)
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

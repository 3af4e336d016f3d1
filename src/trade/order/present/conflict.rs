//! A form whose draft order somebody else changed meanwhile: what stands there now, beside what was typed here.

use super::one;
use crate::order::model::OrderState;
use crate::order::show::OrderDetail;
use crate::order::views::Conflict;
use crate::platform::http::view::{Choice, Link, Pair};

/// What the clerk decides about. None where the order is gone.
pub fn conflict(theirs: Option<&OrderDetail>) -> Conflict {
    let anew = choice("anew", "用我填的内容另立新订单");
    let Some(detail) = theirs else {
        let text = "这张草稿已被同事删除。您填的内容还在下面。".to_owned();
        return Conflict { text, choices: vec![anew], ..Conflict::default() };
    };
    let order = &detail.view.order;
    let last = detail.events.last();
    let by = last.map(|e| format!("{} 于 {}", e.who, e.at.minute())).unwrap_or_else(|| "同事".into());
    let (text, choices) = match order.state {
        OrderState::Draft => (
            format!("{by} 修改了这张草稿。这里是现在保存的内容；您填的内容在下面，还没有写入。"),
            vec![
                choice("theirs", "改用现在保存的内容"),
                choice(format!("mine:{}", order.version), "已看过，仍用我填的内容"),
            ],
        ),
        state => (
            format!("{by} 已处理这张订单（{}）。您填的内容没有写入该订单，还在下面。", state.label()),
            vec![anew],
        ),
    };
    Conflict {
        text,
        link: Some(Link::new(format!("查看订单 {}", order.number), format!("/orders/{}", order.id))),
        facts: vec![
            Pair::new("供货企业", &detail.view.supplier),
            Pair::new("收货地址", format!("{}，{}，{}", order.address, order.recipient, order.phone)),
            Pair::new("期望到货日", order.wanted_on.to_string()),
            Pair::new("备注", order.remark.clone().unwrap_or_else(|| "无".into())),
        ],
        lines: detail.view.lines.iter().map(one::line).collect(),
        total: order.total.display(),
        choices,
    }
}

fn choice(value: impl Into<String>, text: &str) -> Choice {
    Choice { value: value.into(), text: text.into() }
}

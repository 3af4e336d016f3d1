//! The order form and its preview as pages show them.

use crate::listing::alternatives::Alternative as Other;
use crate::listing::find::ProductView;
use crate::listing::{self, Mark};
use crate::order::at_hand::{AtHand, Item};
use crate::order::draft::Preview as Looked;
use crate::order::form::{LineForm, OrderForm, field_of};
use crate::order::input::{PACK_REMARK, REMARK, RISK_REASON};
use crate::order::model::given;
use crate::order::repeats::sentence;
use crate::order::views::{Adding, Alternative, Found, Hint, Line, NewOrder, Preview, Warning};
use crate::platform::error::{FieldError as Wrong, Result};
use crate::platform::http::present::short;
use crate::platform::http::view::{Confirm, Field, FieldError, Frame, Kind, Pair};
use crate::platform::sql::Total;

/// The form, without its frame.
///
/// # Errors
/// Internal where the sum is out of range, which 200 lines exclude.
pub fn form(form: &OrderForm, at_hand: &AtHand, wrong: &[Wrong]) -> Result<NewOrder> {
    let named: Vec<(String, String)> = wrong.iter().map(|e| (field_of(e), e.detail.clone())).collect();
    let mut errors: Vec<FieldError> = named
        .iter()
        .map(|(field, message)| FieldError { field: field.clone(), message: message.clone() })
        .collect();
    let mut lines = Vec::new();
    for (at, (typed, item)) in form.lines.iter().zip(&at_hand.items).enumerate() {
        let shown = line(at, typed, item.as_ref(), &named);
        lines.push(known(shown, typed, at_hand));
    }
    let amounts =
        form.lines.iter().zip(&at_hand.items).filter_map(|(typed, item)| amount(typed, item.as_ref()));
    let total = amounts.into_iter().try_fold(Total::default(), Total::plus)?;
    let mut fields = fields(form, at_hand, &named);
    // The first wrong field of the page gets the cursor; lines stand above the rest.
    let at_lines = lines.iter_mut().flat_map(|l| {
        let reason = l.warning.as_mut().map(|w| &mut w.reason);
        std::iter::once(&mut l.quantity).chain(reason)
    });
    if let Some(first) = at_lines.chain(fields.iter_mut()).find(|f| !f.error.is_empty()) {
        first.focus = true;
    }
    errors.dedup_by(|a, b| a.message == b.message);
    Ok(NewOrder {
        frame: Frame::default(),
        errors,
        notes: Vec::new(),
        conflict: None,
        fields,
        no_address: at_hand.addresses.is_empty(),
        lines,
        total: total.display(),
        price_day: at_hand.now.day().to_string(),
        adding: Adding { query: form.find.clone(), open: form.lines.is_empty(), ..Adding::default() },
        draft_saved: String::new(),
        hidden: form.hidden(),
        give_up: None,
    })
}

/// Throws a kept form away.
pub fn give_up(form: &OrderForm) -> Confirm {
    Confirm {
        action: format!("/orders/drafts/{}/drop", form.draft),
        label: "放弃这张草稿".into(),
        consequence: format!("将删除这张未提交的订单草稿（{} 个品种），删除后不能恢复。", form.lines.len()),
        danger: true,
        ..Confirm::default()
    }
}

fn error(named: &[(String, String)], field: &str) -> String {
    named.iter().find(|(name, _)| name == field).map(|(_, message)| message.clone()).unwrap_or_default()
}

fn fields(form: &OrderForm, at_hand: &AtHand, named: &[(String, String)]) -> Vec<Field> {
    let addresses = at_hand
        .addresses
        .iter()
        .map(|a| (a.id.to_string(), format!("{}，{}，{}", a.address, a.recipient, a.phone)));
    let suppliers = at_hand.suppliers.iter().map(|s| {
        let kind = if s.is_manufacturer {
            "生产企业直供".to_owned()
        } else {
            format!("配送企业，{}", s.city)
        };
        (s.id.to_string(), format!("{}（{kind}）", s.name))
    });
    let nobody = "没有一家企业能供应以上全部品种，请把不同企业的品种分成几张订单。";
    let supplier_help = if at_hand.suppliers.is_empty() && !form.lines.is_empty() { nobody } else { "" };
    let all = [
        Field::new(Kind::Select, "address_id", "收货地址").value(&form.address).choices(choose(
            "请选择收货地址",
            &form.address,
            addresses,
        )),
        Field::new(Kind::Select, "supplier_id", "供货企业")
            .value(&form.supplier)
            .help(supplier_help)
            .choices(choose("请选择供货企业", &form.supplier, suppliers)),
        Field::new(Kind::Date, "wanted_on", "期望到货日").value(&form.wanted_on),
        Field::of(Kind::Text, &REMARK).called("remark", "给供货企业的备注").value(&form.remark),
    ];
    all.into_iter()
        .map(|field| {
            let wrong = error(named, &field.name);
            field.error(wrong)
        })
        .collect()
}

/// What a list offers; the empty answer stands first until one of the others is chosen.
fn choose(
    nothing: &str,
    chosen: &str,
    offered: impl Iterator<Item = (String, String)>,
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = offered.collect();
    if !all.iter().any(|(value, _)| value == chosen) {
        all.insert(0, (String::new(), nothing.into()));
    }
    all
}

fn amount(typed: &LineForm, item: Option<&Item>) -> Option<Total> {
    Some(item?.view.unit_price?.times(typed.units()?.get()))
}

fn line(at: usize, typed: &LineForm, item: Option<&Item>, named: &[(String, String)]) -> Line {
    let prefix = format!("line-{at}");
    let mut quantity =
        Field::new(Kind::Whole, format!("{prefix}-quantity"), "数量").value(&typed.quantity).longest(20);
    quantity.error = error(named, &quantity.name);
    let mut remark = Field::of(Kind::Text, &PACK_REMARK)
        .called(format!("{prefix}-pack_remark"), "包装要求")
        .value(&typed.remark)
        .help("例如 尽量供 10 支装；不影响价格");
    remark.error = error(named, &remark.name);
    let Some(Item { view, alternatives }) = item else {
        let name = "没有找到该药品，请去掉后重新查找".to_owned();
        return Line {
            index: at,
            listing: typed.listing.clone(),
            quantity,
            remark,
            name,
            prefix,
            ..Line::default()
        };
    };
    let price_plain = view.unit_price.map(|p| p.to_string()).unwrap_or_default();
    let changed = !typed.price.is_empty() && typed.price != price_plain;
    Line {
        index: at,
        listing: typed.listing.clone(),
        name: view.name.clone(),
        spec: view.spec.clone(),
        maker: listing::present::maker(&view.brand, &view.maker),
        code: view.code.clone().unwrap_or_default(),
        unit: view.unit.clone(),
        price: listing::present::price(view.unit_price),
        price_was: if changed { typed.price.clone() } else { String::new() },
        price_plain,
        mark: listing::present::mark(view.mark),
        why: listing::present::why_href(view.listing_id),
        closed: view.closed.clone().unwrap_or_default(),
        quantity: quantity.unit(&view.unit),
        remark,
        amount: amount(typed, item).map(Total::display).unwrap_or_default(),
        hint: (view.mark == Mark::Yellow).then(|| hint(view, alternatives)),
        warning: (view.mark == Mark::Red).then(|| warning(&prefix, typed, view, alternatives, named)),
        prefix,
        ..Line::default()
    }
}

/// The line with what else is known: the old code it was ordered by, the other orders that have the drug.
fn known(line: Line, typed: &LineForm, at_hand: &AtHand) -> Line {
    let factor = at_hand.codes.get(&typed.code).map(|code| code.factor).filter(|factor| *factor > 1);
    let given = match (factor, typed.units()) {
        _ if typed.code.is_empty() => String::new(),
        (None, _) => format!("原编码 {}", typed.code),
        (Some(factor), None) => format!("原编码 {}（1 盒 = {factor} {}）", typed.code, line.unit),
        (Some(factor), Some(units)) => given(&typed.code, factor, units.get(), &line.unit),
    };
    let other = typed.listing().and_then(|id| sentence(&at_hand.repeats, id, &line.name, &line.unit));
    let repeated = other.map(|(text, _)| text).unwrap_or_default();
    Line { given_code: typed.code.clone(), given, repeated, ..line }
}

fn hint(view: &ProductView, alternatives: &[Other]) -> Hint {
    Hint {
        lowest_unit_price: listing::present::price(view.lowest_unit_price),
        times: short(view.ratio.as_deref().unwrap_or_default()).into(),
        alternatives: alternatives.iter().map(alternative).collect(),
    }
}

fn warning(
    prefix: &str,
    typed: &LineForm,
    view: &ProductView,
    alternatives: &[Other],
    named: &[(String, String)],
) -> Warning {
    let (least, most) = (RISK_REASON.least, RISK_REASON.most);
    let mut reason = Field::of(Kind::Long, &RISK_REASON)
        .called(format!("{prefix}-risk_reason"), "仍需采购的原因")
        .help(format!("{least} 至 {most} 个字，例如 患者对其他厂牌过敏，无可替代品种"))
        .value(&typed.reason);
    reason.error = error(named, &reason.name);
    Warning {
        lowest_unit_price: listing::present::price(view.lowest_unit_price),
        times: short(view.ratio.as_deref().unwrap_or_default()).into(),
        alternatives: alternatives.iter().map(alternative).collect(),
        acknowledged: typed.acknowledged,
        error: error(named, &format!("{prefix}-risk_acknowledged")),
        reason,
    }
}

fn alternative(other: &Other) -> Alternative {
    Alternative {
        listing: other.listing_id.to_string(),
        name: other.name.clone(),
        maker: listing::present::maker(&other.brand, &other.maker),
        spec: other.spec.clone(),
        price: other.unit_price.display(),
        less: other.less.display(),
    }
}

/// What was found for another line.
pub fn found(query: &str, found: &[ProductView], one_supplier: bool) -> Adding {
    let nothing = match (found.is_empty(), one_supplier) {
        (false, _) => String::new(),
        (true, true) => {
            format!("本单的供货企业没有可订购的“{query}”。其他企业的药品请另立订单，或先更换供货企业。")
        }
        (true, false) => {
            format!("没有找到可订购的“{query}”。请核对写法，或改用编码、企业名称、拼音首字母查找。")
        }
    };
    let hit = |view: &ProductView| Found {
        listing: view.listing_id.map(|id| id.to_string()).unwrap_or_default(),
        name: view.name.clone(),
        spec: view.spec.clone(),
        maker: listing::present::maker(&view.brand, &view.maker),
        price: listing::present::price(view.unit_price),
        unit: view.unit.clone(),
        mark: listing::present::mark(view.mark),
    };
    Adding { query: query.into(), found: found.iter().map(hit).collect(), nothing, open: true }
}

/// Why nothing was looked for.
pub fn not_looked_for(query: &str, why: &str) -> Adding {
    Adding { query: query.into(), found: Vec::new(), nothing: why.into(), open: true }
}

/// The order before it is submitted, without its frame.
pub fn preview(form: &OrderForm, at_hand: &AtHand, looked: &Looked) -> Preview {
    let address = at_hand.addresses.iter().find(|a| a.id.to_string() == form.address);
    let mut facts = vec![Pair::new("供货企业", looked.supplier.clone())];
    if let Some(to) = address {
        facts.push(Pair::new("收货人", format!("{}，{}", to.recipient, to.phone)));
        facts.push(Pair::new("收货地址", to.address.clone()));
    }
    facts.push(Pair::new("期望到货日", form.wanted_on.clone()));
    if !form.remark.trim().is_empty() {
        facts.push(Pair::new("备注", form.remark.clone()));
    }
    Preview {
        frame: Frame::default(),
        facts,
        lines: looked.lines.iter().map(super::one::line).collect(),
        total: looked.total.display(),
        price_day: looked.legal_day.to_string(),
        hints: looked.risks.iter().filter_map(|risk| super::one::said(risk, &looked.lines)).collect(),
        hidden: form.fields(),
    }
}

//! The basket as pages show it.

use std::collections::BTreeMap;

use super::add::Unread;
use super::check::Checked;
use super::look::{Basket, Drug, Group, Open};
use super::views::{
    BasketPage, CheckPage, DrugRow, GroupView, OpenRow, OrderView, Pasted, Quantity, RedLine,
};
use crate::listing::find::ProductView;
use crate::listing::present::{maker, mark, price};
use crate::order::input::RISK_REASON;
use crate::order::pasted::MOST;
use crate::order::present::one;
use crate::order::risk::{Risk, RiskCode};
use crate::order::standing::keep::NAME;
use crate::order::views::Adding;
use crate::platform::error::{FieldError as Wrong, Result};
use crate::platform::http::form::{Form, KEY_FIELD};
use crate::platform::http::view::{Choice, Confirm, Field, FieldError, Frame, Kind};
use crate::platform::sql::{Id, Total};

/// What was typed, what is wrong with it, and where the cursor goes.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub form: Form,
    pub wrong: Vec<Wrong>,
    /// The line that was just put in.
    pub at: Option<Id>,
    /// What was found for a line that was not recognised, or for a new one.
    pub found: BTreeMap<Id, Vec<ProductView>>,
    pub adding: Adding,
    pub pasted: Pasted,
}

impl Typed {
    /// Quantities that cannot be read, beside their lines.
    pub fn unread(basket: &Basket, unread: &[Unread]) -> Self {
        let drugs: Vec<&Drug> = basket.groups.iter().flat_map(|group| &group.drugs).collect();
        let (mut fields, mut wrong) = (Vec::new(), Vec::new());
        for Unread { listing, text, why } in unread {
            let Some(drug) = drugs.iter().find(|drug| drug.line.listing_id == Some(*listing)) else {
                continue;
            };
            fields.push((format!("q-{}", drug.line.id), text.clone()));
            wrong.push(Wrong { pointer: format!("/q-{}", drug.line.id), detail: why.clone() });
        }
        Self { form: Form::from_fields(fields), wrong, ..Self::default() }
    }

    fn error(&self, field: &str) -> String {
        let pointer = format!("/{field}");
        self.wrong.iter().find(|e| e.pointer == pointer).map(|e| e.detail.clone()).unwrap_or_default()
    }

    /// The field of a line's quantity: what was typed where that is wrong, else what is kept.
    fn quantity(&self, id: Id, kept: String) -> Quantity {
        let (name, error) = (format!("q-{id}"), self.error(&format!("q-{id}")));
        let typed = self.form.value(&name);
        let value = if error.is_empty() || typed.is_empty() { kept } else { typed.to_owned() };
        let first = self.wrong.iter().find(|wrong| wrong.pointer.starts_with("/q-"));
        let focus = match first {
            Some(wrong) => wrong.pointer == format!("/{name}"),
            None => self.at == Some(id),
        };
        Quantity { value, error, focus }
    }
}

/// The page.
pub(super) fn page(frame: Frame, basket: &Basket, typed: Typed) -> Result<BasketPage> {
    let groups: Vec<GroupView> = basket.groups.iter().map(|of| group(of, &typed)).collect::<Result<_>>()?;
    let totals = basket.groups.iter().map(Group::total);
    let total = totals.into_iter().try_fold(Total::default(), |sum, of| sum.plus(of?))?;
    let count = basket.groups.iter().map(|group| group.drugs.len()).sum();
    let lines = count + basket.open.len() + basket.closed.len();
    let name = Field::of(Kind::Text, &NAME).value(typed.form.value("name")).error(typed.error("name"));
    Ok(BasketPage {
        frame,
        errors: typed
            .wrong
            .iter()
            .map(|e| FieldError {
                field: e.pointer.trim_start_matches('/').into(),
                message: e.detail.clone(),
            })
            .collect(),
        open: basket.open.iter().map(|line| open(line, &typed)).collect(),
        closed: basket
            .closed
            .iter()
            .map(|(of, why)| DrugRow { closed: why.clone(), ..drug(of, &typed) })
            .collect(),
        groups,
        count,
        total: total.display(),
        price_day: basket.now.day().to_string(),
        name,
        idempotency_key: Id::new().to_string(),
        clear: (lines > 0).then(|| Confirm {
            action: "/basket".into(),
            label: "清空采购车".into(),
            consequence: format!("将去掉采购车里的全部 {lines} 行，去掉后不能恢复；已提交的订单不受影响。"),
            hidden: vec![("act".into(), "clear".into())],
            danger: true,
            ..Confirm::default()
        }),
        pasted: Pasted { open: typed.pasted.open || lines == 0, most: MOST, ..typed.pasted },
        adding: typed.adding,
    })
}

fn group(of: &Group, typed: &Typed) -> Result<GroupView> {
    Ok(GroupView {
        supplier: of.supplier.name.clone(),
        drugs: of.drugs.iter().map(|of| drug(of, typed)).collect(),
        total: of.total()?.display(),
    })
}

fn drug(of: &Drug, typed: &Typed) -> DrugRow {
    let view = &of.view;
    DrugRow {
        id: of.line.id.to_string(),
        href: format!("/catalogue/{}", view.product_id),
        name: view.name.clone(),
        spec: view.spec_and_pack(),
        maker: maker(&view.brand, &view.maker),
        price: price(view.unit_price),
        price_plain: view.unit_price.map(|price| price.to_string()).unwrap_or_default(),
        unit: view.unit.clone(),
        mark: mark(view.mark),
        quantity: typed.quantity(of.line.id, of.line.quantity.map(|n| n.to_string()).unwrap_or_default()),
        amount: of.amount().map(Total::display).unwrap_or_default(),
        closed: String::new(),
    }
}

fn open(of: &Open, typed: &Typed) -> OpenRow {
    let may_be = typed.found.get(&of.id).unwrap_or(&of.may_be);
    let only = match may_be.as_slice() {
        [only] => only.listing_id.map(|id| id.to_string()).unwrap_or_default(),
        _ => String::new(),
    };
    let chosen = typed.form.value(&format!("pick-{}", of.id));
    OpenRow {
        id: of.id.to_string(),
        number: of.row.number,
        text: of.row.text.clone(),
        why: of.why.clone(),
        quantity: typed.quantity(of.id, of.row.quantity.clone()),
        chosen: if chosen.is_empty() { only } else { chosen.into() },
        choices: may_be.iter().filter_map(choice).collect(),
        find: match typed.form.value(&format!("find-{}", of.id)) {
            "" => of.row.name.clone(),
            text => text.into(),
        },
    }
}

/// A drug with price and mark in words.
fn choice(view: &ProductView) -> Option<Choice> {
    let mark = mark(view.mark).word();
    let words = [
        view.name.clone(),
        view.spec_and_pack(),
        maker(&view.brand, &view.maker),
        format!("{} 元/{}", price(view.unit_price), view.unit),
        mark.to_owned(),
    ];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    Some(Choice { value: view.listing_id?.to_string(), text: words.join("，") })
}

/// The orders that the basket would become, with what was typed there.
///
/// # Errors
/// Where the sum is more than can be added up.
pub(super) fn check(
    frame: Frame,
    (basket, checked): (&Basket, &[Checked]),
    (form, wrong): (&Form, &[Wrong]),
) -> Result<CheckPage> {
    let mut hidden = vec![(KEY_FIELD.into(), Id::new().to_string())];
    let mut total = Total::default();
    for order in checked {
        let Ok(preview) = &order.preview else { continue };
        total = total.plus(preview.total)?;
        for (drug, line) in order.group.drugs.iter().zip(&preview.lines) {
            let seen = format!("{} {} {}", order.group.supplier.id, line.quantity, line.unit_price);
            hidden.push((format!("line-{}", drug.line.id), seen));
        }
    }
    let mut notes = Vec::new();
    if !basket.open.is_empty() {
        notes.push(format!("还有 {} 行未识别，会留在采购车里，不随本次提交。", basket.open.len()));
    }
    if !basket.closed.is_empty() {
        notes.push(format!("有 {} 个药品目前不能订购，会留在采购车里。", basket.closed.len()));
    }
    Ok(CheckPage {
        frame,
        errors: wrong
            .iter()
            .map(|e| FieldError {
                field: e.pointer.trim_start_matches('/').into(),
                message: e.detail.clone(),
            })
            .collect(),
        notes,
        fields: delivery(basket, form, wrong),
        orders: checked.iter().map(|order| order_view(order, form, wrong)).collect(),
        count: checked.iter().filter(|order| order.preview.is_ok()).count(),
        total: total.display(),
        price_day: basket.now.day().to_string(),
        hidden,
    })
}

fn delivery(basket: &Basket, form: &Form, wrong: &[Wrong]) -> Vec<Field> {
    let addresses = basket
        .addresses
        .iter()
        .map(|a| (a.id.to_string(), format!("{}，{}，{}", a.address, a.recipient, a.phone)));
    let fields = [
        Field::new(Kind::Select, "address_id", "收货地址").choices(addresses),
        Field::new(Kind::Date, "wanted_on", "期望到货日"),
    ];
    fields.into_iter().map(|field| form.refill(field, wrong)).collect()
}

fn order_view(of: &Checked, form: &Form, wrong: &[Wrong]) -> OrderView {
    let supplier = of.group.supplier.name.clone();
    let preview = match &of.preview {
        Ok(preview) => preview,
        Err(no) => {
            let mut words: Vec<&str> = no.errors.iter().map(|e| e.detail.as_str()).collect();
            if words.is_empty() {
                words.push(&no.detail);
            }
            return OrderView { supplier, refused: words.join("；"), ..OrderView::default() };
        }
    };
    let drug = |risk: &Risk| of.group.drugs.iter().find(|drug| drug.line.listing_id == Some(risk.listing_id));
    let (red, other): (Vec<&Risk>, Vec<&Risk>) =
        preview.risks.iter().partition(|risk| risk.code == RiskCode::Warning);
    let warnings = red.into_iter().filter_map(|risk| Some(warning(drug(risk)?, risk, form, wrong)));
    OrderView {
        supplier,
        refused: String::new(),
        lines: preview.lines.iter().map(one::line).collect(),
        total: preview.total.display(),
        hints: other.into_iter().map(|risk| risk.text.clone()).collect(),
        warnings: warnings.collect(),
    }
}

fn warning(drug: &Drug, risk: &Risk, form: &Form, wrong: &[Wrong]) -> RedLine {
    let id = drug.line.id;
    let ack = format!("/ack-{id}");
    let instead = |other: &crate::listing::alternatives::Alternative| Choice {
        value: format!("take:{id}:{}", other.listing_id),
        text: format!(
            "{}，{}，{} 元/{}，低 {} 元",
            other.name,
            other.maker,
            other.unit_price.display(),
            other.unit,
            other.less.display()
        ),
    };
    RedLine {
        id: id.to_string(),
        name: drug.view.name.clone(),
        text: risk.text.clone(),
        alternatives: risk.alternatives.iter().map(instead).collect(),
        acknowledged: !form.value(&format!("ack-{id}")).is_empty(),
        error: wrong.iter().find(|e| e.pointer == ack).map(|e| e.detail.clone()).unwrap_or_default(),
        reason: form
            .refill(Field::of(Kind::Long, &RISK_REASON).called(format!("reason-{id}"), "采购理由"), wrong),
    }
}

//! The order form: what was typed, as it was typed, and what it says once it is right.

use super::at_hand::{Asked, AtHand};
use super::draft::Preview;
use super::input::{DraftInput, LineInput, QuantityUnit, SubmitInput, SubmitLine};
use super::model::OrderLine;
use super::pricing::LINES;
use super::show::OrderView;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::form::Form;
use crate::platform::http::number::{Price, Quantity};
use crate::platform::sql::Id;

/// Everything that stands in the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderForm {
    /// Which of several unsent forms it is.
    pub draft: String,
    /// The draft order that it changes; empty for a new one.
    pub order: String,
    /// That draft's version.
    pub version: String,
    /// Delivery address.
    pub address: String,
    /// Who delivers.
    pub supplier: String,
    /// When the goods are wanted.
    pub wanted_on: String,
    /// To the supplier.
    pub remark: String,
    /// What another product is looked for by.
    pub find: String,
    /// What is ordered.
    pub lines: Vec<LineForm>,
}

/// One line of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineForm {
    /// What is bought.
    pub listing: String,
    /// The old code that it was ordered by; the quantity stands in units all the same.
    pub code: String,
    /// The price that was shown, plain digits.
    pub price: String,
    /// Units.
    pub quantity: String,
    /// A wish about packages.
    pub remark: String,
    /// True where 「仍需采购」 is ticked.
    pub acknowledged: bool,
    /// Why.
    pub reason: String,
}

impl LineForm {
    /// A line with nothing in it but the product.
    pub fn of(listing: Id) -> Self {
        Self { listing: listing.to_string(), ..Self::default() }
    }

    /// The listing's key.
    pub fn listing(&self) -> Option<Id> {
        self.listing.parse().ok()
    }

    /// The units, if they can be read.
    pub fn units(&self) -> Option<Quantity> {
        Quantity::parse("", crate::platform::input::half_width(&self.quantity).trim()).ok()
    }
}

/// What a button of the form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormAct {
    /// Go on to the preview.
    Preview,
    /// Look for another product.
    Find,
    /// Add one.
    Add(Id),
    /// Take a line away.
    Remove(usize),
    /// Order another product in a line.
    Replace(usize, Id),
    /// Keep the form for later.
    Keep,
    /// Show it again.
    Edit,
    /// Take what the draft order holds now in place of what was typed.
    Theirs,
    /// Go on with what was typed, having seen this version of the draft order.
    Mine(i64),
    /// Go on with what was typed as a new order.
    Anew,
}

impl FormAct {
    /// From the button's value; a form sent without a button shows the preview.
    pub fn of(form: &Form) -> Self {
        let value = form.value("act");
        let (word, rest) = value.split_once(':').unwrap_or((value, ""));
        let (index, listing) = rest.split_once(':').unwrap_or((rest, ""));
        match (word, rest.parse().ok(), index.parse().ok(), listing.parse().ok()) {
            ("find", ..) => Self::Find,
            ("draft", ..) => Self::Keep,
            ("edit", ..) => Self::Edit,
            ("theirs", ..) => Self::Theirs,
            ("anew", ..) => Self::Anew,
            ("mine", ..) => rest.parse().map_or(Self::Edit, Self::Mine),
            ("add", Some(listing), ..) => Self::Add(listing),
            ("remove", _, Some(index), _) => Self::Remove(index),
            ("replace", _, Some(index), Some(listing)) => Self::Replace(index, listing),
            ("add" | "remove" | "replace", ..) => Self::Edit,
            _ => Self::Preview,
        }
    }
}

impl OrderForm {
    /// What was sent.
    pub fn of(form: &Form) -> Self {
        let value = |name: &str| form.value(name).to_owned();
        let lines = (0..LINES).map_while(|at| {
            let of = |name: &str| form.value(&format!("line-{at}-{name}")).to_owned();
            let listing = Some(of("listing")).filter(|l| !l.is_empty())?;
            Some(LineForm {
                listing,
                code: of("code"),
                price: of("price"),
                quantity: of("quantity"),
                remark: of("pack_remark"),
                acknowledged: !of("risk_acknowledged").is_empty(),
                reason: of("risk_reason"),
            })
        });
        Self {
            draft: value("draft"),
            order: value("order"),
            version: value("version"),
            address: value("address_id"),
            supplier: value("supplier_id"),
            wanted_on: value("wanted_on"),
            remark: value("remark"),
            find: value("find"),
            lines: lines.collect(),
        }
    }

    /// What stands in a draft order.
    pub fn of_order(view: &OrderView) -> Self {
        let line = |line: &OrderLine| LineForm {
            listing: line.listing_id.to_string(),
            code: line.given_code.clone().unwrap_or_default(),
            price: line.unit_price.to_string(),
            quantity: line.quantity.to_string(),
            remark: line.pack_remark.clone().unwrap_or_default(),
            acknowledged: false,
            reason: line.risk_reason.clone().unwrap_or_default(),
        };
        Self {
            draft: Id::new().to_string(),
            order: view.order.id.to_string(),
            version: view.order.version.to_string(),
            address: view.order.address_id.to_string(),
            supplier: view.order.supplier_id.to_string(),
            wanted_on: view.order.wanted_on.to_string(),
            remark: view.order.remark.clone().unwrap_or_default(),
            find: String::new(),
            lines: view.lines.iter().map(line).collect(),
        }
    }

    /// The same once more: a new order, wanted on another day, at today's prices, by today's codes, with reasons of its own.
    pub fn again(view: &OrderView) -> Self {
        let mut form = Self::of_order(view);
        (form.order, form.version, form.wanted_on) = Default::default();
        for line in &mut form.lines {
            (line.code, line.price, line.reason) = Default::default();
        }
        form
    }

    /// Goes on as another order: what was made of the form before stands for itself.
    pub fn begin_anew(&mut self) {
        (self.order, self.version) = Default::default();
        self.draft = Id::new().to_string();
    }

    /// The prices that the preview shows are the ones that count.
    pub fn take_prices(&mut self, looked: &Preview) {
        for (typed, line) in self.lines.iter_mut().zip(&looked.lines) {
            typed.price = line.unit_price.to_string();
        }
    }

    /// Where the chosen supplier cannot deliver a single line that was just put in, its enterprise takes the supplier's place;
    /// says so in a sentence.
    pub fn follow_supplier(&mut self, at_hand: &AtHand) -> Option<String> {
        let first = at_hand.suppliers.first()?;
        if at_hand.suppliers.iter().any(|s| s.id.to_string() == self.supplier) {
            return None;
        }
        self.supplier = first.id.to_string();
        Some(format!("原来的供货企业不能供应所选药品，已改为 {}，请核对。", first.name))
    }

    /// As the fields that carry it.
    pub fn fields(&self) -> Vec<(String, String)> {
        let mut all = vec![
            ("address_id".to_owned(), self.address.clone()),
            ("supplier_id".to_owned(), self.supplier.clone()),
            ("wanted_on".to_owned(), self.wanted_on.clone()),
            ("remark".to_owned(), self.remark.clone()),
        ];
        all.extend(self.hidden());
        for (at, line) in self.lines.iter().enumerate() {
            let mut push =
                |name: &str, value: &str| all.push((format!("line-{at}-{name}"), value.to_owned()));
            push("listing", &line.listing);
            if !line.code.is_empty() {
                push("code", &line.code);
            }
            push("price", &line.price);
            push("quantity", &line.quantity);
            push("pack_remark", &line.remark);
            push("risk_reason", &line.reason);
            if line.acknowledged {
                push("risk_acknowledged", "true");
            }
        }
        all
    }

    /// What the page carries without showing it.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let named = [("draft", &self.draft), ("order", &self.order), ("version", &self.version)];
        let given = named.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// The draft order that it changes.
    pub fn changes(&self) -> Option<(Id, i64)> {
        Some((self.order.parse().ok()?, self.version.parse().ok()?))
    }

    /// What it says.
    ///
    /// # Errors
    /// 422 with every field that cannot be read, under the names of the operations.
    pub fn read(&self) -> Result<DraftInput> {
        let form = Form::from_fields(self.fields());
        let fields = form.reader();
        let address_id = fields.choice::<Id>("address_id", "收货地址");
        let supplier_id = fields.choice::<Id>("supplier_id", "供货企业");
        let wanted_on = fields.date("wanted_on", "期望到货日");
        let mut lines = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let quantity = fields.quantity(&format!("line-{at}-quantity"), "数量");
            let listing_id = fields.choice::<Id>(&format!("line-{at}-listing"), "药品");
            let (Some(quantity), Some(listing_id)) = (quantity, listing_id) else { continue };
            lines.push(LineInput {
                listing_id: Some(listing_id),
                code: Some(line.code.clone()).filter(|code| !code.is_empty()),
                quantity,
                quantity_unit: Some(QuantityUnit::Unit),
                pack_remark: Some(line.remark.clone()),
                risk_reason: Some(line.reason.clone()),
            });
        }
        if self.lines.is_empty() {
            fields.wrong("find", "请先查找并加入要订购的药品");
        }
        fields.finish()?;
        match (address_id, supplier_id, wanted_on) {
            (Some(address_id), Some(supplier_id), Some(wanted_on)) => Ok(DraftInput {
                supplier_id,
                address_id,
                wanted_on,
                remark: Some(self.remark.clone()),
                lines,
            }),
            _ => Err(Error::internal("a form without errors and without values")),
        }
    }

    /// What the page has to look up about it.
    pub fn asked(&self) -> Asked {
        Asked {
            listings: self.lines.iter().map(LineForm::listing).collect(),
            codes: self.lines.iter().map(|line| line.code.clone()).filter(|code| !code.is_empty()).collect(),
            supplier: self.supplier.parse().ok(),
            order: self.order.parse().ok(),
        }
    }

    /// What was on the screen.
    pub fn shown(&self) -> SubmitInput {
        let line = |(at, line): (usize, &LineForm)| SubmitLine {
            line_no: i32::try_from(at + 1).unwrap_or(i32::MAX),
            unit_price: Price::parse("", &line.price).ok(),
            risk_acknowledged: line.acknowledged,
            risk_reason: Some(line.reason.clone()),
        };
        SubmitInput { lines: self.lines.iter().enumerate().map(line).collect() }
    }
}

/// The form's field that an operation means by a pointer: `/lines/0/quantity` is `line-0-quantity`.
pub fn field_of(error: &FieldError) -> String {
    let path = error.pointer.trim_start_matches('/');
    let mut parts = path.split('/');
    match (parts.next(), parts.next(), parts.next()) {
        // What is wrong with the product itself is said where the cursor can stand.
        (
            Some("lines"),
            Some(at),
            Some("listing_id" | "code" | "line_no" | "quantity_unit" | "unit_price"),
        ) => {
            format!("line-{at}-quantity")
        }
        (Some("lines"), Some(at), Some(member)) => format!("line-{at}-{member}"),
        (Some("lines"), ..) => "find".into(),
        _ => path.into(),
    }
}

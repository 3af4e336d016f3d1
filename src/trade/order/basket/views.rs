//! What the pages of the basket show.

use askama::Template;

use crate::order::views::{Adding, ShownLine};
use crate::platform::http::view::{Choice, Confirm, Field, FieldError, Frame, RiskMark};

/// The basket.
#[derive(Debug, Template)]
#[template(path = "order/basket.html")]
pub struct BasketPage {
    /// The frame.
    pub frame: Frame,
    /// What is wrong.
    pub errors: Vec<FieldError>,
    /// A pasted list that was not taken, and why.
    pub pasted: Pasted,
    /// Lines that were not recognised.
    pub open: Vec<OpenRow>,
    /// Drugs that cannot be ordered.
    pub closed: Vec<DrugRow>,
    /// What each supplier delivers.
    pub groups: Vec<GroupView>,
    /// How many drugs can be ordered.
    pub count: usize,
    /// What they come to.
    pub total: String,
    /// The legal day whose prices are shown.
    pub price_day: String,
    /// What was looked for and found.
    pub adding: Adding,
    /// What the basket would be called as a standing list.
    pub name: Field,
    /// The key of that form.
    pub idempotency_key: String,
    /// Takes everything out.
    pub clear: Option<Confirm>,
}

/// A pasted list.
#[derive(Clone, Debug, Default)]
pub struct Pasted {
    /// As it was pasted.
    pub text: String,
    /// Why it was not taken. Empty: nothing was pasted.
    pub error: String,
    /// Whether the box stands open.
    pub open: bool,
    /// Lines at most.
    pub most: usize,
}

/// A line that was not recognised.
#[derive(Clone, Debug, Default)]
pub struct OpenRow {
    /// Its key.
    pub id: String,
    /// Its number in the list.
    pub number: u32,
    /// What was written.
    pub text: String,
    /// Why it was not taken.
    pub why: String,
    /// How many, as written.
    pub quantity: Quantity,
    /// Drugs to choose from, price and mark in words.
    pub choices: Vec<Choice>,
    /// The one that is chosen.
    pub chosen: String,
    /// What was looked for in its place.
    pub find: String,
}

/// The field of a quantity.
#[derive(Clone, Debug, Default)]
pub struct Quantity {
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub error: String,
    /// Whether it gets the cursor.
    pub focus: bool,
}

/// A drug.
#[derive(Clone, Debug, Default)]
pub struct DrugRow {
    /// The line's key.
    pub id: String,
    /// Its product's page.
    pub href: String,
    /// Name.
    pub name: String,
    /// Content, form, pack.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// Price a unit.
    pub price: String,
    /// The same for the script.
    pub price_plain: String,
    /// The unit.
    pub unit: String,
    /// Its mark.
    pub mark: RiskMark,
    /// How many.
    pub quantity: Quantity,
    /// What it comes to. Empty: not known.
    pub amount: String,
    /// Why it cannot be ordered. Empty: it can.
    pub closed: String,
}

/// What one supplier delivers.
#[derive(Clone, Debug, Default)]
pub struct GroupView {
    /// Who.
    pub supplier: String,
    /// What.
    pub drugs: Vec<DrugRow>,
    /// What it comes to.
    pub total: String,
}

/// The orders that the basket would become.
#[derive(Debug, Template)]
#[template(path = "order/basket_check.html")]
pub struct CheckPage {
    /// The frame.
    pub frame: Frame,
    /// What is wrong.
    pub errors: Vec<FieldError>,
    /// What to know.
    pub notes: Vec<String>,
    /// Address and day.
    pub fields: Vec<Field>,
    /// The orders.
    pub orders: Vec<OrderView>,
    /// How many of them can be submitted.
    pub count: usize,
    /// What these come to.
    pub total: String,
    /// The legal day whose prices count.
    pub price_day: String,
    /// What goes with it.
    pub hidden: Vec<(String, String)>,
}

/// One order.
#[derive(Clone, Debug, Default)]
pub struct OrderView {
    /// Who delivers.
    pub supplier: String,
    /// Why it cannot be submitted. Empty: it can.
    pub refused: String,
    /// The lines.
    pub lines: Vec<ShownLine>,
    /// What they come to.
    pub total: String,
    /// What to know, one sentence each.
    pub hints: Vec<String>,
    /// Red lines.
    pub warnings: Vec<RedLine>,
}

/// A red line, which is bought for a reason or changed (INJ-4.3).
#[derive(Clone, Debug, Default)]
pub struct RedLine {
    /// The line's key.
    pub id: String,
    /// Its drug.
    pub name: String,
    /// What is told.
    pub text: String,
    /// What can be bought instead: the button's value and words.
    pub alternatives: Vec<Choice>,
    /// Whether it was ticked.
    pub acknowledged: bool,
    /// What is wrong with that.
    pub error: String,
    /// Why it is bought all the same.
    pub reason: Field,
}

//! What the order pages show.

use askama::Template;

use crate::platform::http::view::{
    Badge, Choice, Confirm, Event, Field, FieldError, Frame, Link, Pair, RiskMark, Table,
};

/// The order form. One `<form>`: every button sends all of it, so that nothing typed is lost, with or without script.
///
/// Buttons: `act=preview` goes on, `act=find` looks for a product to add, `act=add:LISTING`, `act=remove:N` and `act=replace:N:LISTING`
/// change the lines and show the form again; `act=draft` saves it. N counts the lines from 0.
#[derive(Debug, Template)]
#[template(path = "order/new.html")]
pub struct NewOrder {
    /// The frame.
    pub frame: Frame,
    /// What was wrong, above the form.
    pub errors: Vec<FieldError>,
    /// What the platform changed by itself, one sentence a line.
    pub notes: Vec<String>,
    /// What somebody else made of the draft meanwhile.
    pub conflict: Option<Conflict>,
    /// Delivery and supplier, in order: address, supplier, wanted date, remark.
    pub fields: Vec<Field>,
    /// True if the hospital has no delivery address yet.
    pub no_address: bool,
    /// What is ordered.
    pub lines: Vec<Line>,
    /// Sum of the lines, as far as they are filled in.
    pub total: String,
    /// The legal day whose prices are shown.
    pub price_day: String,
    /// Other products of the same supplier, to be added.
    pub adding: Adding,
    /// When the draft was saved, 「09:12」. Empty: not yet.
    pub draft_saved: String,
    /// Hidden fields: idempotency key, draft and version.
    pub hidden: Vec<(String, String)>,
    /// Throws a kept form away.
    pub give_up: Option<Confirm>,
}

/// A draft that was changed by somebody else while the form was open: both versions stand on the page until the clerk chooses.
#[derive(Clone, Debug, Default)]
pub struct Conflict {
    /// Who did what, one sentence.
    pub text: String,
    /// The order as it is; none where it is gone.
    pub link: Option<Link>,
    /// Its delivery and supplier.
    pub facts: Vec<Pair>,
    /// Its lines.
    pub lines: Vec<ShownLine>,
    /// Its sum.
    pub total: String,
    /// Buttons of the form.
    pub choices: Vec<Choice>,
}

/// A line of the form.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// What its fields start with: `line-0`. The listing goes in `line-0-listing`, with the price shown in `line-0-price`.
    pub prefix: String,
    /// Its place, from 0.
    pub index: usize,
    /// The listing.
    pub listing: String,
    /// Name, brand.
    pub name: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// The product's code.
    pub code: String,
    /// The unit, 「支」.
    pub unit: String,
    /// Price a unit.
    pub price: String,
    /// The same price in plain digits, sent back with the form so that a change since is noticed, and used to show the amount.
    pub price_plain: String,
    /// Its mark.
    pub mark: RiskMark,
    /// The address of the explanation.
    pub why: String,
    /// Why it cannot be ordered. Empty: it can.
    pub closed: String,
    /// Whole units.
    pub quantity: Field,
    /// The old code that it was ordered by, sent back with the form. Empty: none.
    pub given_code: String,
    /// That code, and what the quantity comes to in its packs. Empty: none.
    pub given: String,
    /// Which other open orders have the same drug. Empty: none.
    pub repeated: String,
    /// A wish about packages; changes no price (INJ-1.3).
    pub remark: Field,
    /// Price × units. Empty: not yet known.
    pub amount: String,
    /// The price when the form was first shown, if it has changed since. Empty: unchanged.
    pub price_was: String,
    /// For a yellow mark.
    pub hint: Option<Hint>,
    /// For a red mark.
    pub warning: Option<Warning>,
}

/// The hint for a yellow mark (INJ-4.3).
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// The lowest conversion result of the group.
    pub lowest_unit_price: String,
    /// The price as a multiple of it, 「1.80」.
    pub times: String,
    /// Cheaper ones without a mark.
    pub alternatives: Vec<Alternative>,
}

/// The red warning (INJ-4.3).
#[derive(Clone, Debug, Default)]
pub struct Warning {
    /// The lowest conversion result of the group.
    pub lowest_unit_price: String,
    /// The price as a multiple of it, 「3.002」.
    pub times: String,
    /// Cheaper ones without a mark: same content, volume and form; at most ten, the cheapest first.
    pub alternatives: Vec<Alternative>,
    /// True if the clerk has ticked 「仍需采购」.
    pub acknowledged: bool,
    /// What is wrong with the tick. Empty: nothing.
    pub error: String,
    /// The reason, 10–500 characters.
    pub reason: Field,
}

/// A product that can be ordered instead.
#[derive(Clone, Debug, Default)]
pub struct Alternative {
    /// The listing that takes the line's place.
    pub listing: String,
    /// Name, brand.
    pub name: String,
    /// Its enterprise.
    pub maker: String,
    /// Content, volume, form.
    pub spec: String,
    /// Price a unit.
    pub price: String,
    /// How much less that is.
    pub less: String,
}

/// Looking for another product inside the form.
#[derive(Clone, Debug, Default)]
pub struct Adding {
    /// What was looked for.
    pub query: String,
    /// What was found; price and mark are shown.
    pub found: Vec<Found>,
    /// One sentence when nothing was found. Empty: not looked yet, or found.
    pub nothing: String,
    /// True if it stands open.
    pub open: bool,
}

/// What was found, for the page's script.
#[derive(Debug, Template)]
#[template(path = "order/found.html")]
pub struct FoundPart {
    /// The products.
    pub adding: Adding,
}

/// A product found for another line.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The listing.
    pub listing: String,
    /// Name, brand.
    pub name: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// Price a unit.
    pub price: String,
    /// The unit.
    pub unit: String,
    /// Its mark.
    pub mark: RiskMark,
}

/// The order before it is submitted, with the consequence in numbers.
#[derive(Debug, Template)]
#[template(path = "order/preview.html")]
pub struct Preview {
    /// The frame.
    pub frame: Frame,
    /// Delivery and supplier.
    pub facts: Vec<Pair>,
    /// The lines.
    pub lines: Vec<ShownLine>,
    /// Sum.
    pub total: String,
    /// The legal day whose prices are shown.
    pub price_day: String,
    /// What the clerk is told before the order goes out.
    pub hints: Vec<Told>,
    /// Everything typed, with form token and idempotency key; sent by 「提交订单」 and by 「返回修改」.
    pub hidden: Vec<(String, String)>,
}

/// Something that the clerk is told.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What it is about, in a few words.
    pub what: &'static str,
    /// A sentence.
    pub text: String,
}

/// A line that is shown, not edited.
#[derive(Clone, Debug, Default)]
pub struct ShownLine {
    /// Name, brand.
    pub name: String,
    /// The product's code.
    pub code: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// The unit.
    pub unit: String,
    /// Price a unit.
    pub price: String,
    /// The mark shown to the clerk.
    pub mark: RiskMark,
    /// Units.
    pub quantity: String,
    /// Amount.
    pub amount: String,
    /// The old code that was given, and what the quantity comes to in its packs. Empty: none.
    pub given: String,
    /// The wish about packages. Empty: none.
    pub remark: String,
    /// Why it is bought in spite of the mark. Empty: none.
    pub reason: String,
    /// The address of the explanation.
    pub why: String,
}

/// The list of orders, for hospital, supplier and officer.
#[derive(Debug, Template)]
#[template(path = "order/list.html")]
pub struct OrderList {
    /// The frame.
    pub frame: Frame,
    /// What this list is for, one line.
    pub purpose: String,
    /// The main action, for example 「新建订单」.
    pub action: Option<Link>,
    /// States as tabs: value, words with the number in it; the chosen one in `state`.
    pub states: Vec<StateTab>,
    /// Words, days; sent with GET.
    pub filters: Vec<Field>,
    /// The orders with the sum of all that is filtered.
    pub table: Table,
}

/// A state above the list.
#[derive(Clone, Debug, Default)]
pub struct StateTab {
    /// Its name and number: 「待确认」, 「3」.
    pub text: String,
    /// How many there are. Empty: not said.
    pub count: String,
    /// The list of these.
    pub href: String,
    /// True for the one that is shown.
    pub current: bool,
}

/// One order.
#[derive(Debug, Template)]
#[template(path = "order/show.html")]
pub struct OrderPage {
    /// The frame.
    pub frame: Frame,
    /// Its number.
    pub number: String,
    /// The number as it is said on the phone: 「二四零八零五…」 or grouped characters. Empty: not said.
    pub spoken: String,
    /// Its state.
    pub state: Badge,
    /// What happens next and until when, one sentence.
    pub next: String,
    /// What is told above the lines.
    pub hints: Vec<Told>,
    /// Delivery, supplier, dates.
    pub facts: Vec<Pair>,
    /// The lines.
    pub lines: Vec<ShownLine>,
    /// Sum.
    pub total: String,
    /// What happened, oldest first.
    pub events: Vec<Event>,
    /// Where a draft is filled in further, or the same ordered again; none where the reader cannot.
    pub edit: Option<Link>,
    /// What the reader may do: confirm, refuse, cancel; the first is the main one.
    pub acts: Vec<Confirm>,
    /// The print view.
    pub print: String,
    /// The order as a sheet.
    pub export: String,
}

/// The order on paper.
#[derive(Debug, Template)]
#[template(path = "order/print.html")]
pub struct OrderPrint {
    /// The frame, for the platform's name and the style sheets.
    pub frame: Frame,
    /// Its key, for the way back.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: String,
    /// The organisation that ordered.
    pub organisation: String,
    /// Delivery, supplier, dates.
    pub facts: Vec<Pair>,
    /// The lines.
    pub lines: Vec<ShownLine>,
    /// Sum in digits.
    pub total: String,
    /// What happened.
    pub events: Vec<Event>,
    /// Hash of the order's canonical form. Empty: none.
    pub hash: String,
    /// Head of the audit chain when this was printed. Empty: none.
    pub audit_head: String,
    /// When this was printed.
    pub printed_at: String,
}

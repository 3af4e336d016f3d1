//! What the product pages show.

use askama::Template;

use super::goods_views::ProposalRow;
use crate::platform::http::view::{Confirm, Field, Frame, Pair, RiskMark, Table};

/// The search page.
#[derive(Debug, Template)]
#[template(path = "catalogue/search.html")]
pub struct SearchPage {
    /// The frame; its `search` is what was looked for.
    pub frame: Frame,
    /// The filters beside the search words, such as mark and dosage form; all are sent with GET.
    pub filters: Vec<Field>,
    /// The products found.
    pub table: Table,
    /// Where the figures of the rows go; none for who may not order.
    pub basket: Option<BasketBar>,
}

/// The form that puts the figures of the rows into the basket.
#[derive(Debug, Clone)]
pub struct BasketBar {
    /// Its id, which the boxes in the rows name.
    pub form: &'static str,
    /// The key under which it is taken once.
    pub key: String,
    /// The list as it is, to come back to.
    pub back: String,
}

/// The page of one product.
#[derive(Debug, Template)]
#[template(path = "catalogue/product.html")]
pub struct ProductPage {
    /// The frame.
    pub frame: Frame,
    /// Generic name, with the brand name if there is one.
    pub name: String,
    /// One line: content, form, enterprise.
    pub line: String,
    /// Price a unit.
    pub price: String,
    /// The unit that is priced.
    pub unit: String,
    /// Since when, `2024-08-01`.
    pub since: String,
    /// What the price is for, and what an order comes to.
    pub basis: String,
    /// Its mark.
    pub mark: RiskMark,
    /// What the mark means for who orders. Empty without a mark.
    pub mark_text: String,
    /// How long an agreement fixes the price, and what follows it (INJ-2.3). Empty: none does.
    pub term: String,
    /// Lets the agreement run on; none for who may not, or where there is none (INJ-2.3).
    pub renew: Option<Confirm>,
    /// What is decided for a day to come: 「自 2024-08-10 起 9.00 元/支」. Empty: nothing.
    pub coming: String,
    /// Where the enterprise lowers the price; none for who may not.
    pub cut: Option<String>,
    /// Lets an officer of the agency propose another price; none for who may not, or where one waits (INJ-4.2).
    pub set_price: Option<Confirm>,
    /// Prices that officers proposed, the latest first; empty for who may not see them.
    pub proposals: Vec<ProposalRow>,
    /// Takes back the price to come; none for who may not, or where there is none.
    pub withdraw: Option<Confirm>,
    /// The address of the explanation.
    pub why: String,
    /// Where it is ordered; none if the reader cannot.
    pub order: Option<String>,
    /// Why nobody can order it now, with the clause. Empty: it can be.
    pub closed: String,
    /// The product in terms: code, approval number, enterprise, form, content.
    pub facts: Vec<Pair>,
    /// Who delivers.
    pub suppliers: Vec<String>,
    /// The packages of the same three-same group and what they convert to.
    pub group: Vec<Conversion>,
    /// For a marked product: what can be ordered instead, as (its page, its words); the cheapest first (INJ-4.3).
    pub alternatives: Vec<(String, String)>,
    /// The prices until now, latest first.
    pub history: Vec<PriceChange>,
    /// The same prices for the picture: JSON `{"days":[…],"prices":["…"]}`, oldest first, with today and the
    /// present price as the last pair. Empty: no picture.
    pub chart: String,
    /// What the picture shows, in words, for readers who do not see it.
    pub chart_text: String,
}

/// One package of a three-same group (INJ-3.1).
#[derive(Clone, Debug, Default)]
pub struct Conversion {
    /// The package, 「5 支/盒」.
    pub pack: String,
    /// Its price.
    pub pack_price: String,
    /// What it converts to, a unit.
    pub unit_price: String,
    /// Which way it was rounded, in words: 「整除」「进位」「去尾」.
    pub branch: String,
    /// Why this price came about: 「过评前」「整改」. Empty: nothing special.
    pub basis: String,
    /// What it is in the group: 「最低」「最高」「挂网价」. Empty: nothing.
    pub standing: String,
}

/// A price and since when.
#[derive(Clone, Debug, Default)]
pub struct PriceChange {
    /// Its first day.
    pub from: String,
    /// Price a unit.
    pub price: String,
    /// Its mark.
    pub mark: RiskMark,
    /// Why it changed.
    pub reason: String,
    /// The address of the explanation.
    pub why: String,
}

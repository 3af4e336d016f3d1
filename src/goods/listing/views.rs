//! What the listing pages show.

use askama::Template;

use crate::catalogue::goods_views::ProposalRow;
use crate::platform::http::view::{Field, FieldError, Frame, Link, Pair, Step, Table, Why};

/// 「为什么」 as a page; `portal.js` shows the part marked `data-sheet-content` in a side sheet.
#[derive(Debug, Template)]
#[template(path = "listing/why.html")]
pub struct WhyPage {
    /// The frame.
    pub frame: Frame,
    /// The explanation.
    pub why: Why,
}

/// 「调价复核」.
#[derive(Debug, Template)]
#[template(path = "listing/work.html")]
pub struct WorkPage {
    /// The frame.
    pub frame: Frame,
    /// Prices that wait.
    pub proposals: Vec<ProposalRow>,
    /// What is said of those that are not shown.
    pub rest: String,
}

/// 「我的产品」.
#[derive(Debug, Template)]
#[template(path = "goods/mine.html")]
pub struct MyProductsPage {
    /// The frame.
    pub frame: Frame,
    /// Where a code is claimed; none for who may only look.
    pub claim: Option<Link>,
    /// What narrows the list.
    pub filters: Vec<Field>,
    /// The products.
    pub table: Table,
}

/// 「下调挂网价」.
#[derive(Debug, Template)]
#[template(path = "listing/cut.html")]
pub struct CutPage {
    /// The frame.
    pub frame: Frame,
    /// The product.
    pub name: String,
    /// The product with its content and pack.
    pub about: String,
    /// The product's page.
    pub back: String,
    /// Price and mark until now.
    pub facts: Vec<Pair>,
    /// Why the price cannot be lowered at all. Empty: it can.
    pub closed: String,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// Where the form goes.
    pub action: String,
    /// The listing's version that the page shows.
    pub version: i64,
    /// The form's fields.
    pub fields: Vec<Field>,
    /// What the law makes of what was typed.
    pub preview: Option<CutPreview>,
}

/// What a lower price would be.
#[derive(Debug)]
pub struct CutPreview {
    /// 「9.00 ÷ 5.00 = 1.8，红标解除」.
    pub sum: String,
    /// From when on, from what to what, and whether it can be taken back.
    pub consequence: String,
    /// The result in one sentence.
    pub result: String,
    /// How the law comes to it.
    pub steps: Vec<Step>,
    /// What was looked at, for the submission: nothing else can be submitted.
    pub tried: String,
}

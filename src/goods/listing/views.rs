//! What the listing pages show.

use askama::Template;

use crate::catalogue::goods_views::ProposalRow;
use crate::platform::http::view::{Frame, Why};

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

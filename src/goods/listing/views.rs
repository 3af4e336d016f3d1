//! What the listing pages show.

use askama::Template;

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

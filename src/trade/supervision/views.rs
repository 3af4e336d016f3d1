//! What officers see.

use askama::Template;

use crate::platform::http::view::{Field, Frame, Table};

/// Purchases of marked drugs, by hospital (INJ-4.3).
#[derive(Debug, Template)]
#[template(path = "supervision/marked.html")]
pub struct MarkedPage {
    /// The frame.
    pub frame: Frame,
    /// City, hospital, mark, days; sent with GET.
    pub filters: Vec<Field>,
    /// The purchases, with the sum over all that is filtered.
    pub table: Table,
    /// The hospitals with the most, for context.
    pub hospitals: Vec<HospitalSum>,
}

/// A hospital's sum.
#[derive(Clone, Debug, Default)]
pub struct HospitalSum {
    /// The hospital.
    pub hospital: String,
    /// Lines marked red.
    pub red: String,
    /// Lines marked yellow.
    pub yellow: String,
    /// Amount of both.
    pub amount: String,
    /// The list of this hospital.
    pub href: String,
}

/// Mails that were refused for good.
#[derive(Debug, Template)]
#[template(path = "supervision/mails.html")]
pub struct MailsPage {
    /// The frame.
    pub frame: Frame,
    /// What the page is for, and how many mails still wait by themselves.
    pub purpose: String,
    /// The mails.
    pub table: Table,
}

//! What officers see.

use askama::Template;

use crate::platform::http::view::{Column, Field, Frame, Link, Mark, Table};

/// Purchases of marked drugs, by hospital (INJ-4.3).
#[derive(Debug, Template)]
#[template(path = "supervision/marked.html")]
pub struct MarkedPage {
    /// The frame.
    pub frame: Frame,
    /// City, hospital, mark, days; sent with GET.
    pub filters: Vec<Field>,
    /// The frame of the list.
    pub table: Table,
    /// The purchases.
    pub rows: Vec<MarkedRow>,
    /// The sum over all that is filtered, not only over this page.
    pub total: MarkedTotal,
    /// The hospitals with the most, for context.
    pub hospitals: Vec<HospitalSum>,
}

impl MarkedPage {
    /// The heads of the list, as the template writes its cells; `hospital` and `amount` may be made sortable.
    #[must_use]
    pub fn heads() -> Vec<Column> {
        vec![
            Column::text("医疗机构").key("hospital"),
            Column::text("药品"),
            Column::text("标识"),
            Column::number("单价", "元"),
            Column::number("同组最低", "元"),
            Column::number("数量", ""),
            Column::text("单位"),
            Column::number("金额", "元").key("amount"),
            Column::text("采购原因"),
            Column::text("订单").key("submitted"),
        ]
    }
}

/// One marked line of an order.
#[derive(Clone, Debug, Default)]
pub struct MarkedRow {
    /// The hospital.
    pub hospital: String,
    /// Its city.
    pub city: String,
    /// The order's number and page.
    pub order: String,
    /// The order's page.
    pub href: String,
    /// When it was submitted.
    pub when: String,
    /// The product.
    pub product: String,
    /// Its enterprise.
    pub maker: String,
    /// The mark shown to the clerk.
    pub mark: Mark,
    /// Price a unit shown to the clerk.
    pub price: String,
    /// The lowest conversion result of the group.
    pub low: String,
    /// Units.
    pub quantity: String,
    /// The unit, 「支」.
    pub unit: String,
    /// Amount.
    pub amount: String,
    /// The clerk's reason. Empty for yellow.
    pub reason: String,
    /// Who gave it.
    pub by: String,
    /// The address of the explanation.
    pub why: String,
}

/// The sums of the list.
#[derive(Clone, Debug, Default)]
pub struct MarkedTotal {
    /// Amount.
    pub amount: String,
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
    /// The frame of the list.
    pub table: Table,
    /// The mails.
    pub mails: Vec<RefusedMail>,
}

impl MailsPage {
    /// The heads of the list, as the template writes its cells.
    #[must_use]
    pub fn heads() -> Vec<Column> {
        vec![
            Column::text("收件人"),
            Column::text("主题").wide_only(),
            Column::text("退回原因"),
            Column::text("写信时间").wide_only(),
            Column::text(""),
        ]
    }
}

/// A mail that was refused for good.
#[derive(Clone, Debug, Default)]
pub struct RefusedMail {
    /// Its key.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// The page that it is about, with its subject as words.
    pub link: Option<Link>,
    /// Why it was refused, as the mail server said it.
    pub reason: String,
    /// How often it was tried.
    pub attempts: String,
    /// When it was written.
    pub when: String,
}

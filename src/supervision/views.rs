//! What officers see.

use askama::Template;

use crate::platform::http::view::{Column, Field, Frame, Mark, Table};

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
            Column::number("金额", "元").key("amount"),
            Column::text("采购原因"),
            Column::text("订单"),
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

//! Purchases of marked drugs: what is looked for, the rows, the sums (INJ-4.3).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::listing::Mark;
use crate::order::model::OrderState;
use crate::platform::http::day;
use crate::platform::http::paging::PageOf;
use crate::platform::http::sorting::Sort;
use crate::platform::sql::{Id, Money, Time, Total};

crate::text_enum! {
    /// What purchases are sorted by.
    pub enum SortKey {
        /// When the order was submitted.
        Submitted = "submitted",
        /// The hospital's name.
        Hospital = "hospital",
        /// The line's sum.
        Amount = "amount",
    }
}

/// How purchases stand where nothing is said: the latest first.
pub(super) const LATEST_FIRST: Sort<SortKey> = Sort { by: SortKey::Submitted, down: true };

/// What is looked for.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MarkedFilter {
    /// This mark only.
    pub mark: Option<Mark>,
    /// This hospital only.
    pub hospital_id: Option<Id>,
    /// Hospitals of this city only.
    pub city: Option<String>,
    /// Submitted on this legal day or later.
    #[serde(default, deserialize_with = "day::read_optional")]
    pub from: Option<NaiveDate>,
    /// Submitted on this legal day or earlier.
    #[serde(default, deserialize_with = "day::read_optional")]
    pub to: Option<NaiveDate>,
    /// `submitted`, `hospital` or `amount`, the least first; with a minus the greatest first. The latest first where nothing
    /// is said.
    #[param(value_type = Option<String>, pattern = "^-?(submitted|hospital|amount)$", example = "-amount")]
    pub sort: Option<Sort<SortKey>>,
}

/// One marked line of an order that was neither refused nor taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarkedPurchase {
    /// The order.
    pub order_id: Id,
    /// Its number.
    pub number: String,
    /// The line's number.
    pub line_no: i32,
    /// Its state.
    pub state: OrderState,
    /// Who bought.
    pub hospital_id: Id,
    /// The hospital's name.
    pub hospital: String,
    /// Its city.
    pub city: String,
    /// When it was submitted.
    pub submitted_at: Option<Time>,
    /// The listing.
    pub listing_id: Id,
    /// Its code.
    pub code: String,
    /// The product's name.
    pub product: String,
    /// Content, volume, form.
    pub spec: String,
    /// Its enterprise.
    pub maker: String,
    /// The mark shown.
    pub mark: Mark,
    /// The price shown, yuan a unit.
    pub unit_price: Money,
    /// The lowest conversion result.
    #[serde(rename = "low")]
    pub lowest_unit_price: Option<Money>,
    /// The price by it, 4 decimals.
    pub ratio: Option<String>,
    /// The unit.
    pub unit: String,
    /// Units.
    pub quantity: i64,
    /// Yuan.
    pub amount: Money,
    /// Why it was bought all the same; red only.
    pub reason: Option<String>,
    /// Who took note of the warning, or submitted the order.
    pub by: String,
}

/// What a hospital bought with a mark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HospitalMarked {
    /// The hospital.
    pub hospital_id: Id,
    /// Its name.
    pub hospital: String,
    /// Its city.
    pub city: String,
    /// Lines marked red.
    pub red: i64,
    /// Lines marked yellow.
    pub yellow: i64,
    /// Yuan of red lines.
    pub red_amount: Total,
    /// Yuan of yellow lines.
    pub yellow_amount: Total,
    /// Yuan of both.
    #[serde(skip)]
    pub amount: Total,
}

/// The sums over all that is filtered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarkedTotals {
    /// Lines.
    pub lines: i64,
    /// Units.
    pub quantity: i64,
    /// Yuan.
    pub amount: Total,
}

/// A page with its sums.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct MarkedPurchases {
    /// The page, the latest first.
    #[serde(flatten)]
    pub page: PageOf<MarkedPurchase>,
    /// Over all that is filtered.
    pub totals: MarkedTotals,
    /// By hospital, the greatest amount first, at most 200.
    pub hospitals: Vec<HospitalMarked>,
    /// How many hospitals there are.
    pub hospital_count: i64,
}

/// Where a page ended: how it was sorted, the last row's key, its order, its line.
pub type Cursor = (String, Key, Id, i32);

/// What a row is sorted by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Key {
    /// Microseconds or millionths of a yuan.
    Number(i64),
    /// A name.
    Name(String),
}

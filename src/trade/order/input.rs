//! What a hospital sends.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::platform::http::day;
use crate::platform::http::number::{Price, Quantity};
use crate::platform::input::Field;
use crate::platform::sql::Id;
use crate::rules::order::REASON;

/// What the supplier is told beside the lines.
pub const REMARK: Field = Field::new("remark", "备注", 0..=300);
/// How the hospital would like a line packed.
pub const PACK_REMARK: Field = Field::new("pack_remark", "包装备注", 0..=100);
/// Why a red line is bought all the same (INJ-4.3).
pub const RISK_REASON: Field = Field::new("risk_reason", "采购理由", REASON);

/// A draft, whole: what is not given is empty.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftInput {
    /// Who delivers: the enterprise or a distributor it named.
    pub supplier_id: Id,
    /// One of the hospital's delivery addresses; it is copied.
    pub address_id: Id,
    /// When the goods are wanted, not before the legal day.
    #[serde(deserialize_with = "day::read")]
    pub wanted_on: NaiveDate,
    /// A remark to the supplier.
    #[serde(default)]
    #[schema(max_length = 300)]
    pub remark: Option<String>,
    /// What is ordered, 1 to 200 lines, each listing once, at most 10⁹ yuan together.
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Vec<LineInput>,
}

crate::text_enum! {
    /// What a quantity counts.
    pub enum QuantityUnit {
        /// The priced unit.
        Unit = "unit",
        /// The pack whose code is given.
        Pack = "pack",
    }
}

/// A line: a listing, or a code.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineInput {
    /// The listing.
    #[serde(default)]
    pub listing_id: Option<Id>,
    /// In its place a medical-insurance code; an old one is mapped to the unit's code until it stops (INJ-6.1). Beside a listing
    /// the old code of that listing.
    #[serde(default)]
    pub code: Option<String>,
    /// How many, 1 to 10⁹: whole priced units (INJ-1.3), or whole packs where `quantity_unit` says so.
    pub quantity: Quantity,
    /// `unit` or `pack`. Needed where `code` is the code of a pack that holds several units, for nobody can tell which is meant.
    #[serde(default)]
    pub quantity_unit: Option<QuantityUnit>,
    /// A wish about packages; changes no price (INJ-1.3).
    #[serde(default)]
    #[schema(max_length = 100)]
    pub pack_remark: Option<String>,
    /// Why a red product is bought all the same; may be given with the draft or when it is submitted.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub risk_reason: Option<String>,
}

/// What was on the screen when the clerk submitted. A line that is not named stands as the draft has it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitInput {
    /// Lines by their number.
    #[serde(default)]
    pub lines: Vec<SubmitLine>,
}

/// What was on the screen for one line.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitLine {
    /// The line's number, from 1.
    #[schema(minimum = 1, maximum = 200)]
    pub line_no: i32,
    /// The price that was shown, yuan a unit; the draft's where it is not given.
    #[serde(default)]
    pub unit_price: Option<Price>,
    /// True where the clerk took note of the warning (INJ-4.3).
    #[serde(default)]
    pub risk_acknowledged: bool,
    /// Why it is bought all the same, 10 to 500 characters (INJ-4.3); the draft's where it is not given.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub risk_reason: Option<String>,
}

/// A reason in words.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonInput {
    /// The reason.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

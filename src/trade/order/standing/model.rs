//! Rows of standing lists.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::audit::Audited;
use crate::platform::http::number::Quantity;
use crate::platform::schema::{standing_line, standing_list};
use crate::platform::sql::{Id, Time};
use crate::versioned;

/// A named list of a hospital.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = standing_list, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct StandingList {
    /// Key.
    pub id: Id,
    /// Whose it is.
    pub hospital_id: Id,
    /// What it is called; no two lists of a hospital are called the same.
    pub name: String,
    /// How many drugs stand in it.
    pub line_count: i32,
    /// Who made it.
    pub created_by: Id,
    /// When.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

versioned!(StandingList, "清单");

/// A drug in a list.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = standing_line, treat_none_as_default_value = false)]
pub struct StandingLine {
    /// The list.
    #[serde(skip)]
    pub list_id: Id,
    /// Its place, from 1.
    pub line_no: i32,
    /// What is ordered.
    pub listing_id: Id,
    /// Priced units.
    pub quantity: i64,
}

/// A list with its lines, as the audit records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListRecord {
    /// The list.
    #[serde(flatten)]
    pub list: StandingList,
    /// Its lines in their order.
    pub lines: Vec<StandingLine>,
}

impl Audited for ListRecord {
    const TYPE: &'static str = "standing_list";
    fn id(&self) -> Id {
        self.list.id
    }
}

/// So much of a drug, for a list or the basket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListLine {
    /// What is ordered.
    pub listing_id: Id,
    /// Priced units.
    pub quantity: Quantity,
}

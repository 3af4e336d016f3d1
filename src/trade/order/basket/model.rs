//! Rows of the basket.

use diesel::prelude::*;

use crate::order::pasted::Row;
use crate::platform::error::{Error, Result};
use crate::platform::schema::basket_line;
use crate::platform::sql::Id;

/// A line of a basket: a drug, or what was written in a list and not recognised.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = basket_line, treat_none_as_default_value = false)]
pub struct BasketLine {
    /// Key.
    pub id: Id,
    /// Whose basket.
    pub hospital_id: Id,
    /// Its place in the basket.
    pub place: i64,
    /// The drug.
    pub listing_id: Option<Id>,
    /// The old code that it was named by.
    pub code: Option<String>,
    /// Priced units; none until they are typed.
    pub quantity: Option<i64>,
    /// What was written, as JSON, where it was not recognised.
    pub given: Option<String>,
}

impl BasketLine {
    /// What was written, where it was not recognised.
    ///
    /// # Errors
    /// Internal, for what cannot be read any more.
    pub fn row(&self) -> Result<Option<Row>> {
        self.given.as_deref().map(serde_json::from_str).transpose().map_err(Error::internal)
    }

    /// A line that keeps what was written.
    ///
    /// # Errors
    /// Internal.
    pub fn keeps(&mut self, row: &Row) -> Result<()> {
        self.given = Some(serde_json::to_string(row).map_err(Error::internal)?);
        Ok(())
    }
}

//! What buying asks of products and codes: the columns that name one, and say whether it can be had. An order of many lines
//! reads no others.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{CodeState, DosageClass, MiCode, Product, ProductState};
use crate::platform::schema::{mi_code, product};
use crate::platform::sql::Id;

/// A product as it is bought.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = product)]
pub struct Offered {
    /// Key.
    pub id: Id,
    /// Generic name (通用名).
    pub generic_name: String,
    /// Trade name (商品名).
    pub trade_name: Option<String>,
    /// Brand (厂牌).
    pub brand: String,
    /// The organisation that holds it.
    pub manufacturer_id: Option<Id>,
    /// Dosage form.
    pub dosage_form: String,
    /// What the law makes of the form.
    pub dosage_class: DosageClass,
    /// Content.
    pub strength: String,
    /// Fill volume.
    pub fill_volume: Option<String>,
    /// The smallest unit.
    pub unit: String,
    /// The pack.
    pub pack_unit: String,
    /// How far it is.
    pub state: ProductState,
    /// What products that can stand in for one another have in common (INJ-4.3).
    pub comparable_key: String,
    /// For its place among others.
    pub sort_key: String,
}

/// A code as it is bought under.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = mi_code)]
pub struct CodeInUse {
    /// The code.
    pub code: String,
    /// How far it is.
    pub state: CodeState,
    /// First legal day on which it is refused.
    pub disabled_from: Option<NaiveDate>,
    /// The code to be used instead.
    pub replaced_by: Option<String>,
    /// Units that one piece under this code holds; 1 for a unit's own code.
    pub factor: i64,
}

macro_rules! named {
    ($($of:ty),+) => {$(
        impl $of {
            /// Generic name, with the trade name in parentheses if there is one.
            pub fn label(&self) -> String {
                match &self.trade_name {
                    Some(trade) => format!("{}（{trade}）", self.generic_name),
                    None => self.generic_name.clone(),
                }
            }

            /// Content, volume and form: `1.0g · 粉针剂`.
            pub fn spec(&self) -> String {
                let volume = self.fill_volume.as_deref().map(|v| format!("（{v}）")).unwrap_or_default();
                format!("{}{volume} · {}", self.strength, self.dosage_form)
            }

            /// What a price is for and an order counts: the smallest unit of an injection (INJ-1.1), else the pack.
            pub fn priced_unit(&self) -> &str {
                if self.dosage_class == DosageClass::Injection { &self.unit } else { &self.pack_unit }
            }
        }
    )+};
}

named!(Product, Offered);

macro_rules! stopped {
    ($($of:ty),+) => {$(
        impl $of {
            /// Whether an order of this legal day is refused because of the code (INJ-6.1).
            pub fn is_stopped(&self, day: NaiveDate) -> bool {
                match self.disabled_from {
                    Some(from) => day >= from,
                    None => self.state == CodeState::Disabled,
                }
            }
        }
    )+};
}

stopped!(MiCode, CodeInUse);

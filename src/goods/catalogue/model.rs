//! Rows of this office.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

pub use super::kinds::{CodeState, DosageClass, ProductKind, ProductState, QualityLevel, SpecialClass};
use crate::platform::audit::Audited;
use crate::platform::schema::{import_batch, mi_code, product, product_term, search_term, three_same_group};
use crate::platform::sql::{Id, Time};
use crate::versioned;

/// A group of rows that came together and becomes visible at once.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = import_batch, treat_none_as_default_value = false)]
pub struct ImportBatch {
    /// Key; that of the job that imports.
    pub id: Id,
    /// What is imported.
    pub kind: String,
    /// Rows in it, once it is published.
    pub row_count: i64,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Since when its rows exist; none before.
    pub published_at: Option<Time>,
    /// When the import began.
    pub created_at: Time,
}

impl Audited for ImportBatch {
    const TYPE: &'static str = "import_batch";
    fn id(&self) -> Id {
        self.id
    }
}

/// Injections of one generic name, brand and content (INJ-3.1).
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize, ToSchema)]
#[diesel(table_name = three_same_group, treat_none_as_default_value = false)]
pub struct ThreeSameGroup {
    /// Key, made of the three names.
    pub id: Id,
    /// Generic name.
    pub generic_name: String,
    /// Brand (厂牌).
    pub brand: String,
    /// Strength and fill volume.
    pub content: String,
    /// The import that it came with.
    pub batch_id: Option<Id>,
    /// When the first product came.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for ThreeSameGroup {
    const TYPE: &'static str = "three_same_group";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(Product, "产品");
versioned!(MiCode, "编码");

/// A product. An injection stands for its unit, whatever packs it comes in.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = product, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Product {
    /// Key.
    pub id: Id,
    /// Generic name (通用名).
    pub generic_name: String,
    /// Trade name (商品名).
    pub trade_name: Option<String>,
    /// Brand (厂牌).
    pub brand: String,
    /// The organisation that holds it; none until a claim is confirmed or an officer assigned it.
    pub manufacturer_id: Option<Id>,
    /// Dosage form (剂型).
    pub dosage_form: String,
    /// What the law makes of the form.
    pub dosage_class: DosageClass,
    /// Strength (含量).
    pub strength: String,
    /// Fill volume (装量).
    pub fill_volume: Option<String>,
    /// Smallest preparation unit: 支, 瓶, 袋, 套, 片, 粒.
    pub unit: String,
    /// Such units in a pack.
    pub pack_qty: i64,
    /// What the pack is: 盒, 瓶.
    pub pack_unit: String,
    /// Approval number (批准文号).
    pub approval_no: String,
    /// 14-digit standard code (药品本位码).
    pub standard_code: Option<String>,
    /// What stands behind its quality.
    pub quality_level: QualityLevel,
    /// Its three-same group, for injections.
    pub group_id: Option<Id>,
    /// Equal for products of the same generic name, content, volume and form.
    pub comparable_key: String,
    /// Order in lists: pinyin of the name, content, brand.
    pub sort_key: String,
    /// The import that it came with.
    pub batch_id: Option<Id>,
    /// When it came.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
    /// Drug or consumable.
    pub kind: ProductKind,
    /// How far it is.
    pub state: ProductState,
    /// Marketing authorisation holder (上市许可持有人) as registered.
    pub holder: Option<String>,
    /// The enterprise (药品企业) as registered: words, never a key.
    pub maker_name: Option<String>,
    /// Packing material.
    pub material: Option<String>,
    /// Digits 4 to 8 of the standard code.
    pub enterprise_code: Option<String>,
    /// Whether special rules hold for it.
    pub special_class: SpecialClass,
    /// The normalised content (`rules::strength`); none where it could not be read.
    pub content_key: Option<String>,
    /// Why the content could not be read; none once a person has looked (INJ-3.1).
    pub content_fault: Option<String>,
}

impl Audited for Product {
    const TYPE: &'static str = "product";
    fn id(&self) -> Id {
        self.id
    }
}

impl Product {
    /// `12 片/盒`.
    pub fn pack(&self) -> String {
        format!("{} {}/{}", self.pack_qty, self.unit, self.pack_unit)
    }
}

/// A medical-insurance code (医保编码).
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = mi_code, primary_key(code), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MiCode {
    /// The code.
    pub code: String,
    /// Key for the audit.
    pub id: Id,
    /// Whose code it is.
    pub product_id: Id,
    /// How far it is.
    pub state: CodeState,
    /// First legal day on which it is refused.
    pub disabled_from: Option<NaiveDate>,
    /// The code to be used instead.
    pub replaced_by: Option<String>,
    /// Units that one piece under this code holds; 1 for a unit's own code.
    pub factor: i64,
    /// The import that it came with.
    pub batch_id: Option<Id>,
    /// When it came.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for MiCode {
    const TYPE: &'static str = "mi_code";
    fn id(&self) -> Id {
        self.id
    }
}

impl MiCode {
    /// It stops on its day and leads to the unit's code, of which it holds `factor` (INJ-6.1).
    pub fn freeze(&mut self, stop: Option<NaiveDate>, unit: Option<String>, factor: i64) {
        self.state = CodeState::Frozen;
        self.disabled_from = stop;
        self.replaced_by = unit;
        self.factor = factor;
    }
}

crate::text_enum! {
    /// What a term names, the most telling first.
    pub enum TermKind {
        /// 通用名.
        Generic = "generic",
        /// 商品名.
        Trade = "trade",
        /// 厂牌.
        Brand = "brand",
        /// The enterprise.
        Maker = "maker",
    }
}

/// A word of the dictionary that search looks through.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = search_term, treat_none_as_default_value = false)]
pub struct SearchTerm {
    /// Made of kind and text.
    pub id: i64,
    /// What it names.
    pub kind: TermKind,
    /// In the form in which it is compared.
    pub text: String,
    /// First letters of its pinyin; several readings are divided by a blank.
    pub initials: String,
    /// Products under it.
    pub product_count: i64,
    /// In which form its initials were made.
    pub made_as: i32,
}

/// A product under one of its terms, with the others.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_term, treat_none_as_default_value = false)]
pub struct ProductTerm {
    /// The term.
    pub term_id: i64,
    /// The product's place in lists.
    pub sort_key: String,
    /// The product.
    pub product_id: Id,
    /// Its generic name.
    pub generic_term: i64,
    /// Its trade name, 0 without one.
    pub trade_term: i64,
    /// Its brand.
    pub brand_term: i64,
    /// Its enterprise.
    pub maker_term: i64,
}

impl ProductTerm {
    /// All terms of the product.
    pub fn terms(&self) -> [i64; 4] {
        [self.generic_term, self.trade_term, self.brand_term, self.maker_term]
    }
}

//! Puts a product into the catalogue, with its codes and its place in the search.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{
    CodeState, DosageClass, MiCode, Product, ProductKind, ProductState, QualityLevel, SpecialClass,
    ThreeSameGroup,
};
use super::{content, owner, terms, words};
use crate::party;
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::Result;
use crate::platform::input::Checks;
use crate::platform::schema::{mi_code, product, three_same_group};
use crate::platform::sql::{Id, Time};
use crate::rules::codes::{self, CodeKind};
use crate::rules::explain::Steps;

/// A product as it is handed in.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// Generic name.
    pub generic_name: String,
    /// Trade name.
    pub trade_name: Option<String>,
    /// Brand (厂牌).
    pub brand: String,
    /// The enterprise that holds it.
    pub manufacturer: Id,
    /// Dosage form.
    pub dosage_form: String,
    /// What the law makes of the form.
    pub dosage_class: DosageClass,
    /// Strength.
    pub strength: String,
    /// Fill volume.
    pub fill_volume: Option<String>,
    /// Smallest preparation unit.
    pub unit: String,
    /// Such units in a pack; 1 for an injection that stands for its unit.
    pub pack_qty: i64,
    /// What the pack is.
    pub pack_unit: String,
    /// Approval number.
    pub approval_no: String,
    /// Standard code.
    pub standard_code: Option<String>,
    /// What stands behind its quality.
    pub quality_level: QualityLevel,
    /// Its codes, its own first.
    pub codes: Vec<NewCode>,
}

/// A code of a new product.
#[derive(Debug, Clone)]
pub struct NewCode {
    /// The code.
    pub code: String,
    /// How far it is.
    pub state: CodeState,
    /// First legal day on which it is refused.
    pub disabled_from: Option<NaiveDate>,
    /// The code to be used instead.
    pub replaced_by: Option<String>,
    /// Units that one piece under it holds.
    pub factor: i64,
}

impl NewCode {
    /// The product's own code, in use.
    pub fn own(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            state: CodeState::Active,
            disabled_from: None,
            replaced_by: None,
            factor: 1,
        }
    }
}

/// A product with what belongs to it, as rows.
#[derive(Debug)]
pub(super) struct Rows {
    pub product: Product,
    pub group: Option<ThreeSameGroup>,
    pub codes: Vec<MiCode>,
}

/// Puts one product into the catalogue.
///
/// # Errors
/// 422 `INVALID` with the members that are wrong.
pub async fn create(db: &Db, actor: &Actor, new: NewProduct) -> Result<Product> {
    db.write(actor, move |tx| insert_product(tx, &new)).await
}

/// As [`create`], inside a running write.
pub fn insert_product(tx: &mut Tx, new: &NewProduct) -> Result<Product> {
    let maker = party::store::organisation(tx.conn, new.manufacturer)?;
    let mut checks = check(new);
    if let Some(why) = owner::refusal(&maker, &new.approval_no) {
        checks.wrong("/manufacturer", why);
    }
    for code in &new.codes {
        let taken: i64 = mi_code::table.find(&code.code).count().get_result(tx.conn)?;
        if taken > 0 {
            checks.wrong("/codes", format!("医保编码 {} 已属于其他产品", code.code));
        }
    }
    checks.finish()?;
    let rows = rows(new, None, tx.now());
    if let Some(group) = &rows.group {
        let known: i64 = three_same_group::table.find(group.id).count().get_result(tx.conn)?;
        if known == 0 {
            diesel::insert_into(three_same_group::table).values(group).execute(tx.conn)?;
            tx.record("group.add", None, Some(group), None)?;
        }
    }
    diesel::insert_into(product::table).values(&rows.product).execute(tx.conn)?;
    tx.record("product.add", None, Some(&rows.product), None)?;
    for code in &rows.codes {
        diesel::insert_into(mi_code::table).values(code).execute(tx.conn)?;
        tx.record("code.add", None, Some(code), None)?;
    }
    let makers = BTreeMap::from([(maker.id, maker.name)]);
    terms::index(tx.conn, std::slice::from_ref(&rows.product), &makers)?;
    Ok(rows.product)
}

/// What is wrong with a product as far as it can be said without the database.
pub(super) fn check(new: &NewProduct) -> Checks {
    let mut checks = Checks::default();
    for (pointer, label, text, most) in [
        ("/generic_name", "通用名", &new.generic_name, 100),
        ("/brand", "厂牌", &new.brand, 50),
        ("/dosage_form", "剂型", &new.dosage_form, 50),
        ("/strength", "规格含量", &new.strength, 200),
        ("/unit", "最小制剂单位", &new.unit, 10),
        ("/pack_unit", "包装单位", &new.pack_unit, 10),
        ("/approval_no", "批准文号", &new.approval_no, 50),
    ] {
        checks.text(pointer, label, text, 1..=most);
    }
    if !(1..=1_000_000).contains(&new.pack_qty) {
        checks.wrong("/pack_qty", format!("包装数量应为 1 至 1000000 的整数，您填的是 {}", new.pack_qty));
    }
    if let Some(code) = &new.standard_code
        && codes::check(CodeKind::StandardCode, code, None, &mut Steps::off()).is_err()
    {
        checks.wrong(
            "/standard_code",
            format!("药品本位码 {code} 不合规则，应为 869 开头、末位校验相符的 14 位数字"),
        );
    }
    for code in &new.codes {
        if codes::check(CodeKind::Drug, &code.code, new.standard_code.as_deref(), &mut Steps::off()).is_err()
        {
            checks.wrong("/codes", format!("医保编码 {} 不合规则，请核对位数和字母", code.code));
        }
    }
    checks
}

/// The rows of a product. The key of its group is made of the three names, so that bulk loads need no look-up.
pub(super) fn rows(new: &NewProduct, batch_id: Option<Id>, now: Time) -> Rows {
    let read = content::read(&new.strength, new.fill_volume.as_deref());
    let content = read.text.clone();
    let group = (new.dosage_class == DosageClass::Injection)
        .then(|| content::group(&new.generic_name, &new.brand, &read.group(), batch_id, now));
    let product = Product {
        id: Id::new(),
        generic_name: new.generic_name.clone(),
        trade_name: new.trade_name.clone().filter(|name| !name.trim().is_empty()),
        brand: new.brand.clone(),
        manufacturer_id: Some(new.manufacturer),
        dosage_form: new.dosage_form.clone(),
        dosage_class: new.dosage_class,
        strength: new.strength.clone(),
        fill_volume: new.fill_volume.clone(),
        unit: new.unit.clone(),
        pack_qty: new.pack_qty,
        pack_unit: new.pack_unit.clone(),
        approval_no: new.approval_no.clone(),
        standard_code: new.standard_code.clone(),
        quality_level: new.quality_level,
        group_id: group.as_ref().map(|g| g.id),
        comparable_key: words::comparable_key(&new.generic_name, &read.comparable(), &new.dosage_form),
        sort_key: words::sort_key(&new.generic_name, &content, &new.brand),
        batch_id,
        created_at: now,
        version: 1,
        kind: ProductKind::Drug,
        state: ProductState::Active,
        holder: None,
        maker_name: None,
        material: None,
        enterprise_code: new.standard_code.as_deref().and_then(codes::enterprise_of).map(Into::into),
        special_class: SpecialClass::None,
        content_key: read.key,
        content_fault: read.fault,
    };
    let codes = new.codes.iter().map(|code| MiCode { batch_id, ..code_row(code, product.id, now) }).collect();
    Rows { product, group, codes }
}

/// A code's row.
pub fn code_row(code: &NewCode, product_id: Id, now: Time) -> MiCode {
    MiCode {
        code: code.code.clone(),
        id: Id::new(),
        product_id,
        state: code.state,
        disabled_from: code.disabled_from,
        replaced_by: code.replaced_by.clone(),
        factor: code.factor,
        batch_id: None,
        created_at: now,
        version: 1,
    }
}

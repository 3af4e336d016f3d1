//! Rows of the national workbook become products, or change them.

use std::collections::BTreeMap;

use super::drugs_row::{
    APPROVAL, CODE, FORM, MAKER, MATERIAL, NAME, PACK_QTY, PACK_UNIT, STANDARD, STRENGTH, TRADE, UNIT, is_as,
};
use super::products_by_code;
use crate::catalogue::create::{Rows, code_row};
use crate::catalogue::model::{Product, ProductKind, ProductState, QualityLevel, SpecialClass};
use crate::catalogue::owner::{self, owners};
use crate::catalogue::{DosageClass, NewCode, batch, bulk, change, content, words};
use crate::party::model::Organisation;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::import::{Cells, Run};
use crate::platform::policy::Policies;
use crate::platform::sql::AnyConn;
use crate::rules::approval::is_imported;
use crate::rules::{codes, dosage};

/// Puts new products under the run's key.
pub(super) fn insert(conn: &mut AnyConn, run: &Run, rows: &[Cells]) -> Result<()> {
    batch::open(conn, run.id, &run.kind, &run.sha256, run.created_at)?;
    let enterprises: Vec<&str> = rows.iter().filter_map(|row| enterprise(row)).collect();
    let owners = owners(conn, &enterprises)?;
    let all: Vec<Rows> = rows.iter().map(|row| new(row, &owners, run)).collect::<Result<_>>()?;
    bulk::insert_products(conn, &all)
}

fn enterprise(row: &Cells) -> Option<&str> {
    codes::enterprise_of(row.get(STANDARD))
}

fn new(row: &Cells, owners: &BTreeMap<String, Organisation>, run: &Run) -> Result<Rows> {
    let blank = blank(run, row);
    let mut product = filled(blank, row)?;
    product.manufacturer_id = owner::of_product(&product, owners);
    let group = change::group_of(&product, Some(run.id), run.created_at);
    product.group_id = group.as_ref().map(|g| g.id);
    let mut code = code_row(&NewCode::own(row.get(CODE)), product.id, run.created_at);
    (code.id, code.batch_id) = (run.key_of(row.number, 1), Some(run.id));
    Ok(Rows { product, group, codes: vec![code] })
}

/// A product of a run before anything is known of it.
pub(super) fn blank(run: &Run, row: &Cells) -> Product {
    Product {
        id: run.key_of(row.number, 0),
        generic_name: String::new(),
        trade_name: None,
        brand: String::new(),
        manufacturer_id: None,
        dosage_form: String::new(),
        dosage_class: DosageClass::Other,
        strength: String::new(),
        fill_volume: None,
        unit: String::new(),
        pack_qty: 1,
        pack_unit: String::new(),
        approval_no: String::new(),
        standard_code: None,
        quality_level: QualityLevel::Ordinary,
        group_id: None,
        comparable_key: String::new(),
        sort_key: String::new(),
        batch_id: Some(run.id),
        created_at: run.created_at,
        version: 1,
        kind: ProductKind::Drug,
        state: ProductState::Active,
        holder: None,
        maker_name: None,
        material: None,
        enterprise_code: None,
        special_class: SpecialClass::None,
        content_key: None,
        content_fault: None,
    }
}

/// A product with what the row says; what the workbook does not know stays.
fn filled(before: Product, row: &Cells) -> Result<Product> {
    let form = row.get(FORM);
    let same_form = before.dosage_form == form;
    let brand_follows = before.brand.is_empty() || Some(&before.brand) == before.maker_name.as_ref();
    let after = Product {
        generic_name: row.get(NAME).into(),
        trade_name: row.some(TRADE),
        brand: if brand_follows { row.get(MAKER).chars().take(50).collect() } else { before.brand.clone() },
        dosage_form: form.into(),
        dosage_class: if same_form { before.dosage_class } else { dosage::class_of(form).into() },
        strength: row.get(STRENGTH).into(),
        material: row.some(MATERIAL),
        pack_qty: row.get(PACK_QTY).parse().map_err(Error::internal)?,
        unit: row.get(UNIT).into(),
        pack_unit: row.get(PACK_UNIT).into(),
        maker_name: row.some(MAKER),
        approval_no: row.get(APPROVAL).into(),
        standard_code: row.some(STANDARD),
        enterprise_code: enterprise(row).map(Into::into),
        ..before
    };
    Ok(with_content(after))
}

/// With everything that follows from name, strength and fill.
fn with_content(product: Product) -> Product {
    let read = content::read(&product.strength, product.fill_volume.as_deref());
    Product {
        comparable_key: words::comparable_key(
            &product.generic_name,
            &read.comparable(),
            &product.dosage_form,
        ),
        sort_key: words::sort_key(&product.generic_name, &read.text, &product.brand),
        content_key: read.key,
        content_fault: read.fault,
        ..product
    }
}

/// Changes products that are known.
pub(super) fn apply(tx: &mut Tx, _: &Policies, _: &Run, rows: &[Cells]) -> Result<()> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(tx.conn, &codes)?;
    for row in rows {
        let Some((_, before)) = known.get(row.get(CODE)).filter(|(_, product)| !is_as(product, row)) else {
            continue;
        };
        let after = owned_anew(tx.conn, before, filled(before.clone(), row)?)?;
        change::save_product(tx, "product.import", before, after, None)?;
    }
    Ok(())
}

/// What a product has become, with the owner that its code and its origin ask for now (SN-2).
pub(super) fn owned_anew(conn: &mut AnyConn, before: &Product, after: Product) -> Result<Product> {
    let same_origin = is_imported(&after.approval_no) == is_imported(&before.approval_no);
    if same_origin && after.enterprise_code == before.enterprise_code {
        return Ok(after);
    }
    let codes: Vec<&str> = after.enterprise_code.as_deref().into_iter().collect();
    let manufacturer_id = owner::of_product(&after, &owners(conn, &codes)?);
    Ok(Product { manufacturer_id, ..after })
}

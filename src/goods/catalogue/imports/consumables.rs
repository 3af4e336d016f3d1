//! Consumables by their 20- or 27-character code; reported by brand and certificate (HVC-10), some as parts of a system
//! whose price is the sum of its parts (HVC-11, YN-4), lenses with their injector (HVC-1).

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::cells::{code_fault, text, whole};
use super::{drugs_apply, products_by_code, publish, standing};
use crate::catalogue::create::{Rows, code_row};
use crate::catalogue::model::{Product, ProductKind};
use crate::catalogue::owner::{self, owners};
use crate::catalogue::{NewCode, batch, bulk, change, words};
use crate::insert_many;
use crate::platform::audit::Audited;
use crate::platform::audit::made::MadeSource;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::import::{Basis, Cells, Column, Compared, Faults, Run, Shape, Spec, Verdict};
use crate::platform::made_source;
use crate::platform::policy::Policies;
use crate::platform::schema::consumable;
use crate::platform::sql::{AnyConn, Id};
use crate::rules::codes::CodeKind;

const CODE: usize = 0;
const NAME: usize = 1;
const MODEL: usize = 2;
const CERTIFICATE: usize = 3;
const MAKER: usize = 4;
const BRAND: usize = 5;
const UNIT: usize = 6;
const PACK_QTY: usize = 7;
const PACK_UNIT: usize = 8;
const CHARGED: usize = 9;
const CLASS: usize = 10;
const INJECTOR: usize = 11;
const ADDITIVE: usize = 12;
const SYSTEM: usize = 13;
const ROLE: usize = 14;
const ROLE_QTY: usize = 15;

const YES_NO: &[&str] = &["是", "否"];

/// The sheet.
pub const SPEC: Spec = Spec {
    kind: "consumables",
    title: "医用耗材",
    purpose: "医保医用耗材代码及注册证、厂牌、单独收费、所属系统和部件（HVC-1、HVC-10、HVC-11、YN-4）。",
    columns: &[
        Column::new("医保耗材代码", 30).needed().or(&["耗材代码", "医用耗材代码"]),
        Column::new("产品名称", 24).needed().or(&["通用名", "注册名称"]),
        Column::new("规格型号", 24).needed().or(&["规格", "型号"]),
        Column::new("注册证号", 26).needed().or(&["注册证", "注册备案号"]),
        Column::new("生产企业", 30).needed().or(&["耗材企业", "注册人"]),
        Column::new("厂牌", 20).or(&["品牌"]),
        Column::new("单位", 8).needed().or(&["最小使用单位"]),
        Column::new("包装数量", 10).of_shape(Shape::Whole),
        Column::new("包装单位", 10),
        Column::new("单独收费", 10).needed().of(YES_NO),
        Column::new("类别", 20).or(&["三级分类"]),
        Column::new("配推注器", 10).of(YES_NO),
        Column::new("增材制造", 10).of(YES_NO),
        Column::new("所属系统", 20),
        Column::new("部件", 14),
        Column::new("部件数量", 10).of_shape(Shape::Whole),
    ],
    check,
    key: |cells| cells.get(CODE).to_owned(),
    key_column: CODE,
    compare,
    now: Some(now),
    insert: Some(insert),
    makes: &[super::PRODUCTS, super::CODES, MADE],
    publish,
    apply,
    bundle: None,
    follow: Some(bulk::index_behind),
    discard: bulk::discard,
};

const MADE: MadeSource = made_source!(consumable by product_id, Consumable);

/// What only a consumable has.
#[derive(
    Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize, ToSchema,
)]
#[diesel(table_name = consumable, primary_key(product_id), treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Consumable {
    /// The product.
    pub product_id: Id,
    /// Registration certificate.
    pub certificate: String,
    /// C and six digits of its code.
    pub class_code: String,
    /// The class in words.
    pub class_name: Option<String>,
    /// Whether patients are charged for it by itself.
    pub separately_charged: bool,
    /// Comes with a usable injector (HVC-1).
    pub has_injector: bool,
    /// Additive manufacturing: may join a round voluntarily (HVC-1).
    pub additive: bool,
    /// The system that it is a part of (HVC-11, YN-4).
    pub system_name: Option<String>,
    /// Which part.
    pub component_role: Option<String>,
    /// How many of them the system's price holds.
    pub component_qty: Option<i64>,
    /// The import that it came with.
    pub batch_id: Option<Id>,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for Consumable {
    const TYPE: &'static str = "consumable";
    fn id(&self) -> Id {
        self.product_id
    }
}

fn check(cells: &Cells) -> Faults {
    let mut faults = Faults::new();
    faults.extend(code_fault(CodeKind::Consumable, cells.get(CODE), None).map(|why| (CODE, why)));
    text(cells, NAME, "产品名称", 1..=100, &mut faults);
    text(cells, MODEL, "规格型号", 1..=200, &mut faults);
    text(cells, CERTIFICATE, "注册证号", 1..=100, &mut faults);
    text(cells, MAKER, "生产企业", 1..=100, &mut faults);
    text(cells, BRAND, "厂牌", 0..=50, &mut faults);
    text(cells, UNIT, "单位", 1..=10, &mut faults);
    text(cells, PACK_UNIT, "包装单位", 0..=10, &mut faults);
    text(cells, CLASS, "类别", 0..=100, &mut faults);
    text(cells, SYSTEM, "所属系统", 0..=100, &mut faults);
    text(cells, ROLE, "部件", 0..=50, &mut faults);
    if cells.some(PACK_QTY).is_some() {
        whole(cells, PACK_QTY, "包装数量", 1..=1_000_000, &mut faults);
    }
    for (column, label, needed) in
        [(CHARGED, "单独收费", true), (INJECTOR, "配推注器", false), (ADDITIVE, "增材制造", false)]
    {
        let given = cells.get(column);
        if !(YES_NO.contains(&given) || (given.is_empty() && !needed)) {
            faults.push((column, format!("{label}应填“是”或“否”")));
        }
    }
    match (cells.some(SYSTEM), cells.some(ROLE), cells.some(ROLE_QTY)) {
        (None, None, None) => {}
        (Some(_), Some(_), Some(_)) => drop(whole(cells, ROLE_QTY, "部件数量", 1..=100, &mut faults)),
        _ => faults.push((SYSTEM, "所属系统、部件、部件数量应同时填写或同时留空（YN-4）".into())),
    }
    faults
}

/// The code's own enterprise digits, apart from those of drugs.
fn enterprise(row: &Cells) -> Option<String> {
    row.get(CODE).get(15..20).map(|digits| format!("C{digits}"))
}

fn filled(before: Product, row: &Cells) -> Result<Product> {
    let pack_qty = row.some(PACK_QTY).map_or(Ok(1), |n| n.parse()).map_err(Error::internal)?;
    let maker: String = row.get(MAKER).chars().take(50).collect();
    let after = Product {
        kind: ProductKind::Consumable,
        generic_name: row.get(NAME).into(),
        brand: row.some(BRAND).unwrap_or(maker),
        dosage_form: "医用耗材".into(),
        strength: row.get(MODEL).into(),
        unit: row.get(UNIT).into(),
        pack_qty,
        pack_unit: row.some(PACK_UNIT).unwrap_or_else(|| row.get(UNIT).into()),
        approval_no: row.get(CERTIFICATE).into(),
        maker_name: row.some(MAKER),
        enterprise_code: enterprise(row),
        ..before
    };
    // A model is no strength: it is compared as it is written, and nobody has to read it.
    Ok(Product {
        comparable_key: words::comparable_key(&after.generic_name, &after.strength, &after.dosage_form),
        sort_key: words::sort_key(&after.generic_name, &after.strength, &after.brand),
        content_key: Some(after.strength.clone()),
        content_fault: None,
        ..after
    })
}

fn extra(product: Id, row: &Cells, batch: Option<Id>, version: i64) -> Consumable {
    Consumable {
        product_id: product,
        certificate: row.get(CERTIFICATE).into(),
        class_code: row.get(CODE).chars().take(7).collect(),
        class_name: row.some(CLASS),
        separately_charged: row.get(CHARGED) == "是",
        has_injector: row.get(INJECTOR) == "是",
        additive: row.get(ADDITIVE) == "是",
        system_name: row.some(SYSTEM),
        component_role: row.some(ROLE),
        component_qty: row.some(ROLE_QTY).and_then(|n| n.parse().ok()),
        batch_id: batch,
        version,
    }
}

/// What consumables there are among products, by product.
pub fn of_products(conn: &mut AnyConn, products: &[Id]) -> Result<BTreeMap<Id, Consumable>> {
    let rows: Vec<Consumable> = consumable::table
        .filter(consumable::product_id.eq_any(products))
        .select(Consumable::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.product_id, row)).collect())
}

fn compare(conn: &mut AnyConn, _: &Basis, rows: &[Cells]) -> Result<Vec<Compared>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let ids: Vec<Id> = known.values().map(|(_, p)| p.id).collect();
    let extras = of_products(conn, &ids)?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let verdict = match known.get(row.get(CODE)) {
            None => Verdict::Add,
            Some((_, product)) => {
                let old = extras.get(&product.id);
                let same = filled(product.clone(), row)? == *product
                    && old.is_some_and(|old| extra(product.id, row, old.batch_id, old.version) == *old);
                if same { Verdict::Same } else { Verdict::Change }
            }
        };
        all.push(Compared::fine(verdict));
    }
    Ok(all)
}

fn now(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<Vec<String>>>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let ids: Vec<Id> = products_by_code(conn, &codes)?.values().map(|(_, p)| p.id).collect();
    let extras = of_products(conn, &ids)?;
    standing(conn, &codes, |code, p| {
        let text = |t: Option<&String>| t.cloned().unwrap_or_default();
        let yes = |is: bool| if is { "是" } else { "否" }.to_owned();
        let more = extras.get(&p.id);
        vec![
            code.code.clone(),
            p.generic_name.clone(),
            p.strength.clone(),
            p.approval_no.clone(),
            text(p.maker_name.as_ref()),
            p.brand.clone(),
            p.unit.clone(),
            p.pack_qty.to_string(),
            p.pack_unit.clone(),
            more.map(|m| yes(m.separately_charged)).unwrap_or_default(),
            text(more.and_then(|m| m.class_name.as_ref())),
            more.map(|m| yes(m.has_injector)).unwrap_or_default(),
            more.map(|m| yes(m.additive)).unwrap_or_default(),
            text(more.and_then(|m| m.system_name.as_ref())),
            text(more.and_then(|m| m.component_role.as_ref())),
            more.and_then(|m| m.component_qty).map(|n| n.to_string()).unwrap_or_default(),
        ]
    })
}

fn insert(conn: &mut AnyConn, run: &Run, rows: &[Cells]) -> Result<()> {
    batch::open(conn, run.id, &run.kind, &run.sha256, run.created_at)?;
    let codes: Vec<String> = rows.iter().filter_map(enterprise).collect();
    let owners = owners(conn, &codes.iter().map(String::as_str).collect::<Vec<_>>())?;
    let (mut all, mut extras) = (Vec::new(), Vec::new());
    for row in rows {
        let mut product = filled(drugs_apply::blank(run, row), row)?;
        product.manufacturer_id = owner::of_product(&product, &owners);
        let mut code = code_row(&NewCode::own(row.get(CODE)), product.id, run.created_at);
        (code.id, code.batch_id) = (run.key_of(row.number, 1), Some(run.id));
        extras.push(extra(product.id, row, Some(run.id), 1));
        all.push(Rows { product, group: None, codes: vec![code] });
    }
    bulk::insert_products(conn, &all)?;
    insert_many!(conn, consumable::table, &extras)?;
    Ok(())
}

fn apply(tx: &mut Tx, _: &Policies, _: &Run, rows: &[Cells]) -> Result<()> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(tx.conn, &codes)?;
    let ids: Vec<Id> = known.values().map(|(_, p)| p.id).collect();
    let extras = of_products(tx.conn, &ids)?;
    for row in rows {
        let Some((_, before)) = known.get(row.get(CODE)) else { continue };
        let after = drugs_apply::owned_anew(tx.conn, before, filled(before.clone(), row)?)?;
        if after != *before {
            change::save_as_is(tx, "product.import", before, after)?;
        }
        let old = extras.get(&before.id);
        let new = extra(before.id, row, old.and_then(|o| o.batch_id), old.map_or(1, |o| o.version));
        if old != Some(&new) {
            let new = Consumable { version: old.map_or(1, |o| o.version + 1), ..new };
            diesel::delete(consumable::table.find(before.id)).execute(tx.conn)?;
            diesel::insert_into(consumable::table).values(&new).execute(tx.conn)?;
            tx.record("consumable.import", old, Some(&new), None)?;
        }
    }
    Ok(())
}

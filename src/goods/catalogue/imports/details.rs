//! Product details that the national workbook does not know: dosage class, fill volume, quality level, holder, special class.

use std::collections::BTreeMap;

use super::cells::text;
use super::{products_by_code, standing};
use crate::catalogue::model::Product;
use crate::catalogue::{DosageClass, QualityLevel, SpecialClass, change};
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::import::{Basis, Cells, Column, Compared, Faults, Run, Spec, Verdict};
use crate::platform::policy::Policies;
use crate::platform::sql::{AnyConn, Id};

const CODE: usize = 0;
const CLASS: usize = 1;
const FILL: usize = 2;
const LEVEL: usize = 3;
const HOLDER: usize = 4;
const SPECIAL: usize = 5;
const BRAND: usize = 6;

/// The sheet; a cell that is left empty changes nothing.
pub const SPEC: Spec = Spec {
    kind: "details",
    title: "药品补充信息",
    purpose: "为已有药品代码补充剂型类别、装量、质量层次、上市许可持有人、特殊类别和厂牌；空格不改动原值。",
    columns: &[
        Column::new("药品代码", 27).needed().or(&["goodscode", "医保药品代码"]),
        Column::new("剂型类别", 12).of(&["注射剂", "口服", "外用", "其他"]),
        Column::new("装量", 12),
        Column::new("质量层次", 12).of(&["原研药", "参比制剂", "过评", "普通"]),
        Column::new("上市许可持有人", 30).or(&["持有人", "MAH"]),
        Column::new("特殊类别", 18).of(&[
            "一般",
            "麻醉药品",
            "第一类精神药品",
            "第二类精神药品",
            "医疗用毒性药品",
            "放射性药品",
            "细胞治疗药品",
            "短缺药品",
            "抗菌药物",
            "重点监控药品",
        ]),
        Column::new("厂牌", 20).or(&["品牌"]),
    ],
    check,
    key: |cells| cells.get(CODE).to_owned(),
    key_column: CODE,
    compare,
    now: Some(now),
    insert: None,
    makes: &[],
    publish,
    apply,
    bundle: None,
    follow: None,
    discard: |_, _| Ok(0),
};

fn class(word: &str) -> Option<DosageClass> {
    DosageClass::ALL.iter().copied().find(|class| class.label() == word)
}

fn level(word: &str) -> Option<QualityLevel> {
    QualityLevel::ALL.iter().copied().find(|level| level.word() == word)
}

fn special(word: &str) -> Option<SpecialClass> {
    SpecialClass::ALL.iter().copied().find(|class| class.label() == word)
}

fn check(cells: &Cells) -> Faults {
    let mut faults = Faults::new();
    if cells.get(CODE).is_empty() {
        faults.push((CODE, "请填写药品代码".into()));
    }
    let known: [(usize, &str, bool); 3] = [
        (CLASS, "剂型类别", class(cells.get(CLASS)).is_some()),
        (LEVEL, "质量层次", level(cells.get(LEVEL)).is_some()),
        (SPECIAL, "特殊类别", special(cells.get(SPECIAL)).is_some()),
    ];
    for (column, label, fits) in known {
        if !cells.get(column).is_empty() && !fits {
            let choices = SPEC.columns.get(column).map_or(&[][..], |c| c.choices).join("、");
            faults.push((column, format!("{label}应为{choices}之一，请从列表中选择")));
        }
    }
    text(cells, FILL, "装量", 0..=50, &mut faults);
    text(cells, HOLDER, "上市许可持有人", 0..=100, &mut faults);
    text(cells, BRAND, "厂牌", 0..=50, &mut faults);
    faults
}

/// The product with what the row says.
fn filled(before: &Product, row: &Cells) -> Product {
    Product {
        dosage_class: class(row.get(CLASS)).unwrap_or(before.dosage_class),
        fill_volume: row.some(FILL).or_else(|| before.fill_volume.clone()),
        quality_level: level(row.get(LEVEL)).unwrap_or(before.quality_level),
        holder: row.some(HOLDER).or_else(|| before.holder.clone()),
        special_class: special(row.get(SPECIAL)).unwrap_or(before.special_class),
        brand: row.some(BRAND).unwrap_or_else(|| before.brand.clone()),
        ..before.clone()
    }
}

fn compare(conn: &mut AnyConn, _: &Basis, rows: &[Cells]) -> Result<Vec<Compared>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let answer = |row: &Cells| match known.get(row.get(CODE)) {
        None => Compared::fault(CODE, "没有该药品代码，请先导入国家药品编码，或核对是否抄错"),
        Some((_, product)) if filled(product, row) == *product => Compared::fine(Verdict::Same),
        Some(_) => Compared::fine(Verdict::Change),
    };
    Ok(rows.iter().map(answer).collect())
}

fn now(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<Vec<String>>>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let now = standing(conn, &codes, |code, p| {
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        vec![
            code.code.clone(),
            p.dosage_class.label().into(),
            text(&p.fill_volume),
            p.quality_level.word().into(),
            text(&p.holder),
            p.special_class.label().into(),
            p.brand.clone(),
        ]
    })?;
    // An empty cell changes nothing.
    let said = |row: &Cells, now: Vec<String>| {
        let cells = now.into_iter().enumerate();
        cells.map(|(n, now)| if row.get(n).is_empty() { String::new() } else { now }).collect()
    };
    Ok(rows.iter().zip(now).map(|(row, now)| now.map(|now| said(row, now))).collect())
}

fn publish(tx: &mut Tx, run: &Run, _: i64) -> Result<()> {
    let content = serde_json::json!({ "rows": run.changed, "sha256": run.sha256 });
    tx.note("import.publish", "import_run", run.id, &content)
}

fn apply(tx: &mut Tx, _: &Policies, _: &Run, rows: &[Cells]) -> Result<()> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(tx.conn, &codes)?;
    // Two codes may belong to one product: a row goes on from what the row before made of it.
    let mut products: BTreeMap<Id, Product> = known.values().map(|(_, p)| (p.id, p.clone())).collect();
    for row in rows {
        let Some((_, product)) = known.get(row.get(CODE)) else { continue };
        let Some(before) = products.get(&product.id) else { continue };
        let after = filled(before, row);
        if after != *before {
            let after = change::save_product(tx, "product.import", before, after, None)?;
            products.insert(product.id, after);
        }
    }
    Ok(())
}

//! The national workbook (国家药品编码本位库): one row a code.

use crate::catalogue::batch;
use crate::catalogue::model::ThreeSameGroup;
use crate::platform::audit::made::MadeSource;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::import::{Basis, Cells, Column, Compared, Faults, Run, Shape, Spec, Verdict};
use crate::platform::jobs::{self, NewJob};
use crate::platform::made_source;
use crate::platform::schema::three_same_group;
use crate::platform::sql::AnyConn;
use crate::rules::codes::CodeKind;

use super::cells::{code_fault, text, whole};
use super::drugs_row::{
    APPROVAL, CODE, FORM, MAKER, MATERIAL, NAME, PACK_QTY, PACK_UNIT, STANDARD, STRENGTH, TRADE, UNIT, is_as,
};
use super::{drugs_apply, products_by_code, standing};

/// The sheet. 无 counts as empty; only 药品代码 is unique.
pub const SPEC: Spec = Spec {
    kind: "drugs",
    title: "国家药品编码",
    purpose: "国家医保药品编码库的标准表：一行一个药品代码，新代码新增产品，已有代码更新产品。",
    columns: &[
        Column::new("药品代码", 27).needed().or(&["goodscode", "医保药品代码", "国家药品代码"]),
        Column::new("注册名称", 24).needed().or(&["registeredproductname", "药品名称"]),
        Column::new("商品名称", 16).or(&["goodsname", "商品名"]),
        Column::new("注册剂型", 16).needed().or(&["registeredmedicinemodel", "剂型"]),
        Column::new("注册规格", 24).needed().or(&["registeredoutlook", "规格"]),
        Column::new("包装材质", 16).or(&["materialname"]),
        Column::new("最小包装数量", 13).of_shape(Shape::Whole).needed().or(&["factor", "包装数量"]),
        Column::new("最小制剂单位", 13).needed().or(&["minunit", "制剂单位"]),
        Column::new("最小包装单位", 13).needed().or(&["unit", "包装单位"]),
        Column::new("药品企业", 30).needed().or(&["companynamesc", "生产企业"]),
        Column::new("批准文号", 20).needed().or(&["approvalcode"]),
        Column::new("药品本位码", 17).or(&["goodsstandardcode", "本位码"]),
    ],
    check,
    key: |cells| cells.get(CODE).to_owned(),
    key_column: CODE,
    compare,
    now: Some(now),
    insert: Some(drugs_apply::insert),
    makes: &[GROUPS, super::PRODUCTS, super::CODES],
    publish,
    apply: drugs_apply::apply,
    bundle: None,
    follow: Some(crate::catalogue::bulk::index_behind),
    discard: crate::catalogue::bulk::discard,
};

const GROUPS: MadeSource = made_source!(three_same_group by id, ThreeSameGroup);

fn check(cells: &Cells) -> Faults {
    let mut faults = Faults::new();
    let standard = cells.some(STANDARD);
    let standard_fault = standard.as_deref().and_then(|c| code_fault(CodeKind::StandardCode, c, None));
    let held_against = standard.as_deref().filter(|_| standard_fault.is_none());
    faults.extend(code_fault(CodeKind::Drug, cells.get(CODE), held_against).map(|why| (CODE, why)));
    text(cells, NAME, "注册名称", 1..=100, &mut faults);
    text(cells, TRADE, "商品名称", 0..=100, &mut faults);
    text(cells, FORM, "注册剂型", 1..=50, &mut faults);
    text(cells, STRENGTH, "注册规格", 0..=300, &mut faults);
    text(cells, MATERIAL, "包装材质", 0..=100, &mut faults);
    whole(cells, PACK_QTY, "最小包装数量", 1..=1_000_000, &mut faults);
    text(cells, UNIT, "最小制剂单位", 1..=10, &mut faults);
    text(cells, PACK_UNIT, "最小包装单位", 1..=10, &mut faults);
    text(cells, MAKER, "药品企业", 1..=100, &mut faults);
    text(cells, APPROVAL, "批准文号", 1..=50, &mut faults);
    faults.extend(standard_fault.map(|why| (STANDARD, why)));
    faults
}

fn compare(conn: &mut AnyConn, _: &Basis, rows: &[Cells]) -> Result<Vec<Compared>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    let known = products_by_code(conn, &codes)?;
    let verdict = |row: &Cells| match known.get(row.get(CODE)) {
        None => Verdict::Add,
        // A pack that was merged into its unit: the workbook speaks of the pack, we of the unit.
        Some((code, _)) if code.replaced_by.is_some() => Verdict::Same,
        Some((_, product)) if is_as(product, row) => Verdict::Same,
        Some(_) => Verdict::Change,
    };
    Ok(rows.iter().map(|row| Compared::fine(verdict(row))).collect())
}

fn now(conn: &mut AnyConn, rows: &[Cells]) -> Result<Vec<Option<Vec<String>>>> {
    let codes: Vec<&str> = rows.iter().map(|row| row.get(CODE)).collect();
    standing(conn, &codes, |code, p| {
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        vec![
            code.code.clone(),
            p.generic_name.clone(),
            text(&p.trade_name),
            p.dosage_form.clone(),
            p.strength.clone(),
            text(&p.material),
            p.pack_qty.to_string(),
            p.unit.clone(),
            p.pack_unit.clone(),
            text(&p.maker_name),
            p.approval_no.clone(),
            text(&p.standard_code),
        ]
    })
}

/// Publishes what was put in under the run's key. Its entry in the audit holds the count and the file's hash.
pub fn publish(tx: &mut Tx, run: &Run, count: i64) -> Result<()> {
    batch::open(tx.conn, run.id, &run.kind, &run.sha256, tx.now())?;
    batch::publish(tx, run.id, count)?;
    let payload = serde_json::json!({ "batch": run.id });
    jobs::enqueue(tx.conn, &NewJob::new("catalogue.assign", payload), tx.now()).map(drop)
}

//! Purchases of marked drugs as xlsx.

use super::model::{HospitalMarked, MarkedPurchase};
use crate::platform::sheet::{Cell, Column, Sheet};

/// A row a purchase, then a line with the sums of each hospital.
pub(super) fn sheet(rows: &[MarkedPurchase], hospitals: &[HospitalMarked]) -> Sheet {
    let columns = [
        ("医疗机构", 28),
        ("市", 8),
        ("订单号", 18),
        ("提交时间", 18),
        ("药品", 28),
        ("规格", 24),
        ("生产企业", 28),
        ("医保编码", 26),
        ("标识", 8),
        ("单价（元）", 12),
        ("同组最低换算价（元）", 20),
        ("比值", 10),
        ("数量", 12),
        ("单位", 6),
        ("金额（元）", 16),
        ("采购理由", 40),
        ("经办人", 10),
    ];
    let mut sheet = Sheet::new("标识药品采购", columns.map(|(head, width)| Column::new(head, width)).into());
    for row in rows {
        sheet.row(vec![
            row.hospital.as_str().into(),
            row.city.as_str().into(),
            row.number.as_str().into(),
            row.submitted_at.map_or(Cell::Empty, |t| t.minute().into()),
            row.product.as_str().into(),
            row.spec.as_str().into(),
            row.maker.as_str().into(),
            row.code.as_str().into(),
            row.mark.label().into(),
            Cell::Money(row.unit_price),
            row.low.map_or(Cell::Empty, Cell::Money),
            row.ratio.as_deref().map_or(Cell::Empty, Into::into),
            Cell::Whole(row.quantity),
            row.unit.as_str().into(),
            Cell::Money(row.amount),
            row.reason.as_deref().map_or(Cell::Empty, Into::into),
            row.by.as_str().into(),
        ]);
    }
    for h in hospitals {
        let (red, yellow) = (h.red_amount.display(), h.yellow_amount.display());
        sheet.note(format!("{}：红标 {} 行 {red} 元，黄标 {} 行 {yellow} 元", h.hospital, h.red, h.yellow));
    }
    sheet
}

//! Orders as xlsx: the filtered list, and one order.

use super::list::{OrderRow, Totals};
use super::present::list::{columns, mark};
use super::show::OrderDetail;
use crate::platform::sheet::{Cell, Column, Sheet};

/// The list, with all its columns.
pub fn list(rows: &[OrderRow]) -> Sheet {
    chosen(rows, &[])
}

/// The list with the chosen columns.
pub(super) fn chosen(rows: &[OrderRow], chosen: &[String]) -> Sheet {
    columns(None, Totals::default()).sheet("订单", chosen, rows)
}

/// One order, a row a line.
pub fn one(detail: &OrderDetail) -> Sheet {
    let columns = [
        ("序号", 6),
        ("医保编码", 26),
        ("药品", 28),
        ("规格", 24),
        ("生产企业", 28),
        ("单位", 6),
        ("单价（元）", 12),
        ("数量", 12),
        ("金额（元）", 16),
        ("标识", 8),
        ("包装备注", 20),
        ("红标采购理由", 40),
    ];
    let order = &detail.view.order;
    let columns = columns.map(|(head, width)| Column::new(head, width)).into();
    let mut sheet = Sheet::new(format!("订单 {}", order.number), columns);
    for line in &detail.view.lines {
        sheet.row(vec![
            Cell::Whole(line.line_no.into()),
            line.code.as_str().into(),
            line.product_label.as_str().into(),
            line.spec.as_str().into(),
            line.maker.as_str().into(),
            line.unit.as_str().into(),
            Cell::Money(line.unit_price),
            Cell::Whole(line.quantity),
            Cell::Money(line.amount),
            mark(line.mark).into(),
            line.pack_remark.as_ref().into(),
            line.risk_reason.as_ref().into(),
        ]);
    }
    sheet.note(format!("订单 {}，{}，合计 {} 元", order.number, order.state.label(), order.total.display()));
    sheet.note(format!("{} 向 {} 订购", detail.view.hospital, detail.view.supplier));
    sheet.note(format!(
        "收货：{}，{}，{}；期望到货日 {}",
        order.recipient, order.phone, order.address, order.wanted_on
    ));
    if let Some(day) = order.delivery() {
        sheet.note(format!("配送期限：{day}"));
    }
    if let Some(remark) = &order.remark {
        sheet.note(format!("备注：{remark}"));
    }
    sheet
}

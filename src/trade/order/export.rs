//! Orders as xlsx: the filtered list, and one order.

use super::list::AllOrders;
use super::present::list::{columns, label, mark};
use super::present::one::facts;
use super::show::OrderDetail;
use crate::platform::sheet::{Cell, Column, Sheet};

/// The list, with all its columns.
pub fn list(all: &AllOrders) -> Sheet {
    chosen(all, &[])
}

/// The list with the chosen columns.
pub(super) fn chosen(all: &AllOrders, chosen: &[String]) -> Sheet {
    let label = label(&all.states, all.totals);
    let mut sheet = columns(None, label, all.totals).sheet("订单", chosen, &all.rows);
    sheet.of(all.totals.count);
    sheet
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
        ("原编码", 44),
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
            line.given().into(),
        ]);
    }
    sheet.total([(0, "合计".into()), (8, Cell::Money(order.total))]);
    sheet.note(format!("订单 {}，{}，合计 {} 元", order.number, order.state.label(), order.total.display()));
    for fact in facts(detail) {
        sheet.note(format!("{}：{}", fact.term, fact.text));
    }
    sheet
}

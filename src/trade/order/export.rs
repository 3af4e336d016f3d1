//! Orders as xlsx: the filtered list, and one order.

use super::list::OrderRow;
use super::show::OrderDetail;
use crate::listing::Mark;
use crate::platform::sheet::{Cell, Column, Sheet};
use crate::platform::sql::Time;

fn minute(time: Option<Time>) -> Cell {
    time.map_or(Cell::Empty, |t| t.minute().into())
}

fn mark(mark: Mark) -> Cell {
    if mark == Mark::None { Cell::Empty } else { mark.label().into() }
}

fn text(text: Option<&String>) -> Cell {
    text.map_or(Cell::Empty, |t| t.as_str().into())
}

/// The list.
pub fn list(rows: &[OrderRow]) -> Sheet {
    let columns = [
        ("订单号", 18),
        ("状态", 10),
        ("医疗机构", 28),
        ("供货企业", 28),
        ("品种", 36),
        ("品种数", 8),
        ("标识", 8),
        ("金额（元）", 16),
        ("期望到货日", 12),
        ("提交时间", 18),
        ("应答时限", 18),
        ("应答时间", 18),
        ("是否逾期", 10),
    ];
    let mut sheet = Sheet::new("订单", columns.map(|(head, width)| Column::new(head, width)).into());
    for row in rows {
        sheet.row(vec![
            row.number.as_str().into(),
            row.state.label().into(),
            row.hospital.as_str().into(),
            row.supplier.as_str().into(),
            row.summary.as_str().into(),
            Cell::Whole(row.line_count.into()),
            mark(row.mark),
            Cell::Money(row.total),
            row.wanted_on.to_string().into(),
            minute(row.submitted_at),
            minute(row.respond_by),
            minute(row.answered_at),
            if row.overdue { "逾期".into() } else { Cell::Empty },
        ]);
    }
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
            mark(line.mark),
            text(line.pack_remark.as_ref()),
            text(line.risk_reason.as_ref()),
        ]);
    }
    sheet.note(format!("订单 {}，{}，合计 {} 元", order.number, order.state.label(), order.total.display()));
    sheet.note(format!("{} 向 {} 订购", detail.view.hospital, detail.view.supplier));
    sheet.note(format!(
        "收货：{}，{}，{}；期望到货日 {}",
        order.recipient, order.phone, order.address, order.wanted_on
    ));
    if let Some(remark) = &order.remark {
        sheet.note(format!("备注：{remark}"));
    }
    sheet
}

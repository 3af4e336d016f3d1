//! The list of marked purchases, column by column.

use super::model::{MarkedPurchase, MarkedTotals, SortKey};
use crate::listing::present::{mark, price, why_href};
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::present::short;
use crate::platform::http::view::Cell;

/// The columns, with the sums over all that is filtered.
pub(super) fn columns(totals: MarkedTotals) -> Columns<'static, MarkedPurchase> {
    Columns::new([
        Column::name("医疗机构", |p: &MarkedPurchase| Cell::from(&p.hospital).below(&p.city))
            .sort(SortKey::Hospital.as_str())
            .sheet("医疗机构", 28, |p| p.hospital.clone())
            .sheet("市", 8, |p| p.city.clone())
            .foot("合计"),
        Column::text("product", "药品", |p: &MarkedPurchase| Cell::from(&p.product).below(&p.maker))
            .class("name-cell")
            .sheet("药品", 28, |p| p.product.clone())
            .sheet("生产企业", 28, |p| p.maker.clone()),
        Column::text("spec", "规格", |p: &MarkedPurchase| p.spec.clone())
            .extra()
            .sheet("规格", 24, |p| p.spec.clone()),
        Column::text("code", "医保编码", |p: &MarkedPurchase| Cell::code(&p.code)).extra().sheet(
            "医保编码",
            26,
            |p| p.code.clone(),
        ),
        Column::text("mark", "标识", |p: &MarkedPurchase| {
            Cell::from(mark(p.mark)).why(why_href(Some(p.listing_id)), &p.product)
        })
        .sheet("标识", 8, |p| p.mark.label()),
        Column::number("price", "单价", "元", |p: &MarkedPurchase| p.unit_price).sheet(
            "单价（元）",
            12,
            |p| p.unit_price,
        ),
        Column::number("low", "同组最低", "元", |p: &MarkedPurchase| price(p.lowest_unit_price)).sheet(
            "同组最低换算价（元）",
            20,
            |p| p.lowest_unit_price,
        ),
        Column::number("ratio", "比值", "", |p: &MarkedPurchase| {
            p.ratio.as_deref().map(short).unwrap_or("—").to_owned()
        })
        .extra()
        .sheet("比值", 10, |p| p.ratio.clone()),
        Column::number("quantity", "数量", "", |p: &MarkedPurchase| p.quantity)
            .sheet("数量", 12, |p| p.quantity),
        Column::text("unit", "单位", |p: &MarkedPurchase| p.unit.clone())
            .sheet("单位", 6, |p| p.unit.clone()),
        Column::number("amount", "金额", "元", |p: &MarkedPurchase| p.amount)
            .sort(SortKey::Amount.as_str())
            .sheet("金额（元）", 16, |p| p.amount)
            .sum(totals.amount.display(), totals.amount),
        Column::text("reason", "采购原因", reason)
            .class("reason-cell")
            .sheet("采购理由", 40, |p| p.reason.clone())
            .sheet("经办人", 10, |p| p.by.clone()),
        Column::text("order", "订单", order)
            .sort(SortKey::Submitted.as_str())
            .class("nowrap")
            .sheet("订单号", 18, |p| p.number.clone())
            .sheet("提交时间", 18, |p| p.submitted_at),
    ])
}

fn reason(purchase: &MarkedPurchase) -> Cell {
    let reason = purchase.reason.as_deref().map_or(Cell::quiet("黄标不需填写"), Cell::from);
    reason.below(&purchase.by)
}

fn order(purchase: &MarkedPurchase) -> Cell {
    let number = Cell::opens(format!("/orders/{}", purchase.order_id), &purchase.number);
    number.below(purchase.submitted_at.map_or(Cell::default(), Cell::from))
}

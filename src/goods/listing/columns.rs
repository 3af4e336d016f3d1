//! The list of products that a search finds, column by column.

use super::find::ProductView;
use super::model::Mark;
use super::present::{maker, mark, mark_filter, order_href, price, why_href};
use super::sorted::{MOST, SortKey};
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::paging::PageOf;
use crate::platform::http::place::ListAddress;
use crate::platform::http::present::{short, whole};
use crate::platform::http::view::{Button, Cell, Field, Flash, Kind, Link, Table, Tone};

/// The filters beside the search words.
pub fn filters(place: &ListAddress) -> Vec<Field> {
    [mark_filter(), Field::new(Kind::Select, "open", "订购").choices([("", "全部"), ("yes", "现在可订购")])]
        .map(|field| place.field(field))
        .into_iter()
        .chain(place.kept())
        .collect()
}

/// Said above a list that is too long to be sorted.
pub fn too_many_to_sort() -> Flash {
    let most = whole(i64::try_from(MOST).unwrap_or(i64::MAX));
    let text = format!("找到的药品超过 {most} 个，先按相关程度排列；缩小查找范围后可以按列排序。");
    Flash { tone: Tone::Hint, text, link: None }
}

/// The form that puts the figures of the rows into the basket.
pub const TO_BASKET: &str = "to-basket";

/// The list that a search found.
pub fn table(place: &ListAddress, found: &PageOf<ProductView>, can_order: bool, sorted: bool) -> Table {
    let words = place.value("q");
    let empty_text = match words {
        _ if found.next.is_some() => {
            "这一段里没有符合筛选条件的药品，可以继续往下找，或放宽筛选条件。".into()
        }
        "" => "没有符合筛选条件的药品，请放宽筛选条件。".into(),
        words => {
            format!("没有找到“{words}”。请核对写法，或改用品名的一部分、企业名称、编码或拼音首字母查找。")
        }
    };
    let further = found.next.as_deref().and_then(|next| place.paging(0, Some(next), None).next);
    let table = Table {
        caption: "找到的药品".into(),
        empty_text,
        empty_link: match further {
            Some(href) => Some(Link::new("继续往下找", href)),
            None => Some(Link::new("查看全部药品", "/catalogue")).filter(|_| place.is_filtered()),
        },
        paging: place.paging(found.items.len(), found.next.as_deref(), None),
        export: Some(place.at("/catalogue.xlsx")),
        ..columns(can_order, sorted).table("products", &found.items, place, "")
    };
    table.row_classes(found.items.iter().map(|view| match view.mark {
        Mark::None => "",
        Mark::Yellow => "row-yellow",
        Mark::Red => "row-red",
    }))
}

/// The columns; with links that sort where the list can be sorted, with the way to an order for who may order.
pub fn columns(can_order: bool, sorted: bool) -> Columns<'static, ProductView> {
    let by = |key: SortKey| sorted.then_some(key.as_str());
    Columns::new([
        Column::name("品名", name).sort(by(SortKey::Name)).sheet("品名", 30, |v| v.name.clone()),
        Column::text("spec", "规格", ProductView::spec_and_pack).under(ProductView::spec_and_pack).sheet(
            "规格",
            26,
            |v| v.spec.clone(),
        ),
        Column::text("maker", "生产企业", |v: &ProductView| maker(&v.brand, &v.maker))
            .sort(by(SortKey::Maker))
            .under(|v| maker(&v.brand, &v.maker))
            .sheet("厂牌", 14, |v| v.brand.clone())
            .sheet("生产企业", 28, |v| v.maker.clone()),
        Column::text("code", "医保编码", |v: &ProductView| {
            Cell::code(v.code.clone().unwrap_or_default())
        })
        .wide_only()
        .extra()
        .sheet("医保编码", 26, |v| v.code.clone()),
        Column::number("price", "单价", "元", |v: &ProductView| price(v.unit_price))
            .sort(by(SortKey::Price))
            .sheet("单位", 6, |v| v.unit.clone())
            .sheet("挂网价（元）", 14, |v| v.unit_price),
        Column::text("unit", "单位", |v: &ProductView| v.unit.clone()),
        Column::text("per", "折算单价", of_unit)
            .class("num nowrap")
            .under(of_unit)
            .sheet("包装", 14, |v| v.pack.clone())
            .sheet("折算单价（元/最小单位）", 22, ProductView::price_of_unit),
        Column::text("approval", "批准文号", |v: &ProductView| v.approval_no.clone())
            .wide_only()
            .extra()
            .sheet("批准文号", 20, |v| v.approval_no.clone()),
        Column::text("since", "执行日期", |v: &ProductView| v.since.map_or(Cell::quiet("—"), Cell::text))
            .class("nowrap")
            .wide_only()
            .extra()
            .sheet("执行日期", 12, |v| v.since.map(|day| day.to_string())),
        Column::text("mark", "标识", marked)
            .class("risk-cell")
            .sheet("标识", 8, |v| v.unit_price.map(|_| v.mark.label())),
        Column::number("low", "同组最低换算价", "元", |v: &ProductView| price(v.lowest_unit_price))
            .wide_only()
            .extra()
            .sheet("同组最低换算价（元）", 20, |v| v.lowest_unit_price),
        Column::number("ratio", "倍数", "", |v: &ProductView| ratio(v).unwrap_or_else(|| "—".into()))
            .wide_only()
            .extra()
            .sheet("倍数", 8, ratio),
        Column::acts(move |v: &ProductView| act(v, can_order))
            .sheet("不能订购的原因", 30, |v| v.closed.clone()),
    ])
}

/// 「0.4125 元/粒」; empty where the smallest unit is what is priced.
fn of_unit(view: &ProductView) -> Cell {
    match view.price_of_unit() {
        Some(price) => Cell::text(format!("{} 元/{}", price.display(), view.content_unit)),
        None => Cell::default(),
    }
}

fn href(view: &ProductView) -> String {
    format!("/catalogue/{}", view.product_id)
}

fn name(view: &ProductView) -> Cell {
    Cell::opens(href(view), &view.name)
}

fn marked(view: &ProductView) -> Cell {
    match view.listing_id.filter(|_| view.unit_price.is_some()) {
        Some(listing) => Cell::from(mark(view.mark)).why(why_href(Some(listing)), &view.name),
        None => Cell::default(),
    }
}

fn ratio(view: &ProductView) -> Option<String> {
    view.ratio.as_deref().map(|ratio| short(ratio).to_owned())
}

fn act(view: &ProductView, can_order: bool) -> Cell {
    match (view.listing_id.filter(|_| can_order && view.orderable), &view.closed) {
        (Some(listing), _) => {
            let figure = Button {
                form: TO_BASKET.into(),
                name: format!("q-{listing}"),
                text: "数量".into(),
                about: format!("{}的数量（{}）", view.name, view.unit),
                ..Button::default()
            };
            let one = Cell::link(order_href(listing), "订购", &view.name);
            Cell::figure(figure).and(one.link_class("btn btn-outline-primary btn-sm"))
        }
        (None, Some(why)) => Cell::quiet(why),
        (None, None) => Cell::link(href(view), "查看", &view.name),
    }
}

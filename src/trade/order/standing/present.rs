//! Standing lists as pages show them.

use super::keep::NAME;
use super::model::StandingList;
use super::show::{LineView, ListView};
use super::views::{ListPage, ListsPage};
use crate::listing::find::ProductView;
use crate::listing::present::{maker, mark, price};
use crate::platform::error::FieldError;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Cell, Confirm, Field, Frame, Kind, Link, Table, focus_first};
use crate::platform::sql::Id;

/// All lists.
pub(super) fn lists(frame: Frame, all: &[StandingList], place: &ListAddress) -> ListsPage {
    let columns = Columns::new([
        Column::name("清单", |l: &StandingList| Cell::opens(href(l), &l.name)),
        Column::number("drugs", "药品", "个", |l: &StandingList| i64::from(l.line_count)),
        Column::text("made", "保存时间", |l: &StandingList| l.created_at).class("nowrap").wide_only(),
        Column::acts(|l: &StandingList| Cell::link(href(l), "打开", l.name.clone())),
    ]);
    let table = Table {
        caption: "常购清单".into(),
        empty_text: "还没有常购清单。在采购车里选好药品后，可以把它保存为清单，下次一次加入。".into(),
        empty_link: Some(Link::new("查找药品", "/catalogue")),
        ..columns.table("standing-lists", all, place, "")
    };
    ListsPage { frame, table }
}

fn href(list: &StandingList) -> String {
    format!("/standing-lists/{}", list.id)
}

/// One list; with what was typed and what is wrong with it.
pub(super) fn one(
    frame: Frame,
    view: &ListView,
    place: &ListAddress,
    typed: Option<(&Form, &[FieldError])>,
) -> ListPage {
    let list = &view.list;
    let blank = Field::of(Kind::Text, &NAME);
    let mut field = match typed {
        Some((form, errors)) => form.refill(blank, errors),
        None => blank.value(&list.name),
    };
    let errors = focus_first(std::iter::once(&mut field));
    ListPage {
        frame,
        id: list.id.to_string(),
        name: list.name.clone(),
        table: Table {
            caption: list.name.clone(),
            ..columns().table("standing-list", &view.lines, place, "")
        },
        idempotency_key: Id::new().to_string(),
        field,
        errors,
        hidden: vec![("version".into(), list.version.to_string())],
        delete: Confirm {
            action: format!("/standing-lists/{}/delete", list.id),
            label: "删除清单".into(),
            consequence: format!(
                "将删除清单“{}”（{} 个药品）；订单和采购车不受影响。",
                list.name, list.line_count
            ),
            hidden: vec![("version".into(), list.version.to_string())],
            danger: true,
            ..Confirm::default()
        },
    }
}

fn columns<'a>() -> Columns<'a, LineView> {
    let of = |line: &LineView, text: fn(&ProductView) -> String| {
        line.product.as_ref().map(text).unwrap_or_default()
    };
    Columns::new([
        Column::name("药品", |line: &LineView| match &line.product {
            Some(view) => Cell::opens(format!("/catalogue/{}", view.product_id), &view.name),
            None => Cell::quiet("已不在目录中"),
        }),
        Column::text("spec", "规格", move |line: &LineView| of(line, ProductView::spec_and_pack))
            .under(move |line| of(line, ProductView::spec_and_pack)),
        Column::text("maker", "生产企业", move |line: &LineView| of(line, |v| maker(&v.brand, &v.maker)))
            .wide_only(),
        Column::number("price", "单价", "元", |line: &LineView| {
            price(line.product.as_ref().and_then(|view| view.unit_price))
        }),
        Column::text("mark", "标识", |line: &LineView| match &line.product {
            Some(view) => Cell::from(mark(view.mark)),
            None => Cell::default(),
        }),
        Column::number("quantity", "数量", "", |line: &LineView| line.line.quantity),
        Column::text("unit", "单位", move |line: &LineView| of(line, |view| view.unit.clone())),
        Column::text("closed", "能否订购", |line: &LineView| match &line.product {
            Some(ProductView { closed: None, .. }) => Cell::text("可以订购"),
            Some(ProductView { closed: Some(why), .. }) => Cell::text(why),
            None => Cell::text("已不在目录中"),
        }),
    ])
}

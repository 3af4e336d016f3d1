//! 「我的产品」: what an enterprise sells, at which price, with which mark, and the way to a lower price.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::mine::{self, Mine, Narrowed};
use super::model::{DayPrice, Mark};
use super::pages::legal_day;
use super::present::{cut_href, mark, mark_filter, price, why_href};
use super::sorted::{MOST, SortKey};
use super::views::MyProductsPage;
use crate::catalogue::CodeState;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::PageOf;
use crate::platform::http::place::{ListAddress, SORT};
use crate::platform::http::present::whole;
use crate::platform::http::view::{Cell, Field, Link, Table};
use crate::platform::sheet;
use crate::platform::who::guard::Manufacturer;
use crate::rules::codes::is_unconfirmed;

/// The list's parameters in the address.
const FILTERS: [&str; 2] = ["mark", SORT];

/// `GET /my/products`.
///
/// # Errors
/// Of the database; a filter that is not understood is shown in place of the list.
pub async fn list(who: Manufacturer, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let (owner, now, narrowed) = (who.organisation, who.received_at, narrowed(&place));
    let found = place
        .found(async {
            let found = mine::list(&db, owner, narrowed, place.after(), now).await?;
            Ok(found.unwrap_or_else(|| too_many(&place)))
        })
        .await?;
    let claim = who.post.lists().then(|| Link::new("认领企业代码", "/my/claims"));
    let (empty_text, empty_link) = match place.is_filtered() {
        true => ("没有带这种标识的产品。", Some(Link::new("查看全部产品", "/my/products"))),
        false => ("还没有确认归属本企业的产品。请先认领企业代码，审核确认后产品自动归入。", claim.clone()),
    };
    page::html(&MyProductsPage {
        frame: page.frame,
        filters: filters(&place),
        table: Table {
            caption: "我的产品".into(),
            empty_text: empty_text.into(),
            empty_link,
            paging: place.paging(found.items.len(), found.next.as_deref(), None),
            export: Some(place.at("/my/products.xlsx")),
            ..columns(who.post.lists()).table("my-products", &found.items, &place, "")
        },
        claim,
    })
}

/// `GET /my/products.xlsx`: the list as a sheet, narrowed and sorted as the page.
///
/// # Errors
/// 422 for a filter that is not understood, or more products than a sheet holds.
pub async fn export(who: Manufacturer, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let narrowed = narrowed(&place);
    place.understood()?;
    let rows = mine::all(&db, who.organisation, narrowed, who.received_at).await?;
    let rows = rows.unwrap_or_else(|| too_many(&place).items);
    place.understood()?;
    let name = format!("我的产品 {}", legal_day(&db, who.received_at).await?);
    let chosen = place.columns().to_vec();
    sheet::download(&name, move || columns(false).sheet("我的产品", &chosen, &rows)).await
}

fn narrowed(place: &ListAddress) -> Narrowed {
    Narrowed { mark: place.choice("mark"), sort: place.choice(SORT) }
}

/// Nothing, and why.
fn too_many(place: &ListAddress) -> PageOf<Mine> {
    let most = whole(i64::try_from(MOST).unwrap_or(i64::MAX));
    place.wrong(SORT, format!("本企业的产品超过 {most} 个，不能筛选、排序或整表导出"));
    PageOf::default()
}

fn filters(place: &ListAddress) -> Vec<Field> {
    std::iter::once(place.field(mark_filter())).chain(place.kept()).collect()
}

fn columns(may_cut: bool) -> Columns<'static, Mine> {
    let spec = |row: &Mine| match row.owned.product.pack_qty {
        1 => row.view.spec.clone(),
        _ => format!("{} · {}", row.view.spec, row.view.pack),
    };
    let state = |row: &Mine| row.owned.product.state.label();
    Columns::new([
        Column::name("品名", |row: &Mine| {
            Cell::opens(format!("/catalogue/{}", row.view.product_id), &row.view.name)
        })
        .sort(SortKey::Name.as_str())
        .sheet("品名", 30, |row| row.view.name.clone()),
        Column::text("spec", "规格", spec).under(spec).sheet("规格", 30, spec),
        Column::text("approval", "批准文号", |row: &Mine| row.owned.product.approval_no.clone())
            .wide_only()
            .sheet("批准文号", 20, |row| row.owned.product.approval_no.clone()),
        Column::text("codes", "医保编码", codes)
            .wide_only()
            .sheet("医保编码", 26, |row| row.view.code.clone()),
        Column::number("price", "现价", "元", price_cell)
            .sort(SortKey::Price.as_str())
            .sheet("单位", 6, |row| row.view.unit.clone())
            .sheet("现价（元）", 14, |row| row.view.unit_price),
        Column::text("mark", "标识", marked)
            .class("risk-cell")
            .sheet("标识", 8, |row| row.view.unit_price.map(|_| row.view.mark.label())),
        Column::text("since", "执行日期", |row: &Mine| {
            row.view.since.map_or(Cell::quiet("—"), Cell::text)
        })
        .class("nowrap")
        .wide_only()
        .sheet("执行日期", 12, |row| row.view.since.map(|day| day.to_string()))
        .sheet("下一价格执行日期", 18, |row| {
            row.coming.as_ref().map(|next| next.from_day.to_string())
        })
        .sheet("下一价格（元）", 14, |row| row.coming.as_ref().map(|next| next.unit_price)),
        Column::text("state", "状态", state).class("nowrap").under(state).sheet("状态", 10, state),
        Column::acts(move |row: &Mine| act(row, may_cut)),
    ])
}

fn price_cell(row: &Mine) -> Cell {
    let now = Cell::from(price(row.view.unit_price));
    match &row.coming {
        Some(next) => now.below(coming(next)),
        None => now,
    }
}

/// What is said of a price before its day: 「自 2024-08-10 起 9.00 元」.
fn coming(next: &DayPrice) -> String {
    let mark = if next.mark == Mark::None { String::new() } else { format!("，{}", next.mark.label()) };
    format!("自 {} 起 {} 元{mark}", next.from_day, next.unit_price.display())
}

fn marked(row: &Mine) -> Cell {
    match row.view.listing_id.filter(|_| row.view.unit_price.is_some()) {
        Some(listing) => Cell::from(mark(row.view.mark)).why(why_href(Some(listing)), &row.view.name),
        None => Cell::default(),
    }
}

fn act(row: &Mine, may_cut: bool) -> Cell {
    match (row.view.listing_id.filter(|_| may_cut && row.view.unit_price.is_some()), &row.view.closed) {
        (Some(listing), _) => Cell::link(cut_href(listing), "下调挂网价", &row.view.name),
        (None, Some(why)) => Cell::quiet(why),
        (None, None) => Cell::link(format!("/catalogue/{}", row.view.product_id), "查看", &row.view.name),
    }
}

/// The code in use; the product's page has the former ones with the days on which they stop.
fn codes(row: &Mine) -> Cell {
    let all = &row.owned.codes;
    let own = all.iter().find(|code| Some(&code.code) == row.view.code.as_ref()).or(all.first());
    let Some(own) = own else { return Cell::default() };
    let mut notes = Vec::new();
    if own.state != CodeState::Active {
        notes.push(own.state.label().to_owned());
    }
    if is_unconfirmed(&own.code) {
        notes.push("J 类编码规则待核实".to_owned());
    }
    if all.len() > 1 {
        notes.push(format!("另有原编码 {} 个", all.len() - 1));
    }
    let cell = Cell::code(&own.code);
    if notes.is_empty() { cell } else { cell.below(notes.join("，")) }
}

//! Listed products, their prices of the legal day, and how each came about, for everybody.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::views::Prices;
use crate::accounts::door::Auth;
use crate::accounts::limit;
use crate::catalogue::views::{PriceChange, ProductPage};
use crate::listing::find::ProductView;
use crate::listing::present::{maker, mark, mark_filter, price, product, why as why_of};
use crate::listing::sorted::SortKey;
use crate::listing::views::WhyPage;
use crate::listing::{columns, explanation, pages, show};
use crate::platform::clock::{self, Clock};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::PageOf;
use crate::platform::http::place::{ListAddress, SORT};
use crate::platform::http::view::{Cell, Link, Table, Why};
use crate::platform::sheet;
use crate::platform::sql::Id;
use crate::platform::who::guard::Anyone;

/// The list's parameters in the address.
const FILTERS: [&str; 3] = ["q", "mark", SORT];

/// `GET /prices`: the page.
///
/// # Errors
/// Of the database; a search that is too long is shown with what is wrong.
pub async fn list(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let (now, mut sorted, mut frame) = (clock.now(), true, page.frame);
    let found = pages::found(&db, &place, now, &mut sorted).await?;
    if !sorted {
        frame.flash.push(columns::too_many_to_sort());
    }
    let day = db.read(move |c| clock::legal_day(c, now)).await?;
    let prices = Prices {
        frame,
        query: place.value("q").into(),
        day: day.to_string(),
        filters: [place.field(mark_filter())].into_iter().chain(place.kept()).collect(),
        table: table(&place, &found, sorted),
    };
    page::html(&prices)
}

/// `GET /prices.xlsx`: what is found, as a sheet, in the order of the page.
///
/// # Errors
/// 422 where more is found than fits, 429 for an address that took many files.
pub async fn export(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    auth: Data<Auth>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let room = auth.limits.exports.try_take(Caller::of(&request).network(), auth.clock.steady());
    room.map_err(|seconds| {
        let detail = format!("下载过于集中，请在 {}后再试。", limit::wait(seconds));
        Refusal::new(429, "TOO_MANY_FILES", detail).with("retry_after", seconds)
    })?;
    let (place, now) = (ListAddress::of(&request, &FILTERS), clock.now());
    let (rows, notes) = pages::rows(&db, &place, now).await?;
    let day = db.read(move |c| clock::legal_day(c, now)).await?;
    let make = move || {
        let mut sheet = columns::columns(false, false).sheet("挂网价格", &[], &rows);
        notes.into_iter().for_each(|note| sheet.note(note));
        sheet
    };
    sheet::download(&format!("挂网价格 {day}"), make).await
}

/// `GET /prices/{listing}`: a product with its price of the legal day and those before it. What hospitals order and who delivers is
/// not shown.
///
/// # Errors
/// 404.
pub async fn show(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    listing: Path<Id>,
    page: Page,
) -> Result<HttpResponse> {
    let now = clock.now();
    let detail = show::show_listing(&db, *listing, now).await?;
    let day = db.read(move |c| clock::legal_day(c, now)).await?;
    let why = if detail.view.unit_price.is_some() { why_href(*listing) } else { String::new() };
    let shown = product(&detail, false, day);
    let history = shown.history.into_iter().map(|step| PriceChange { why: String::new(), ..step }).collect();
    page::html(&ProductPage { frame: page.frame, why, history, suppliers: Vec::new(), ..shown })
}

/// `GET /prices/{listing}/why`: how a price of the legal day came about, with what it takes to compute it again.
///
/// # Errors
/// 404.
pub async fn why(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    listing: Path<Id>,
    page: Page,
) -> Result<HttpResponse> {
    let explained = explanation::explain(&db, *listing, None, clock.now()).await?;
    let back = Some(Link::new("返回该药品", format!("/prices/{listing}")));
    page::html(&WhyPage { frame: page.frame, why: Why { back, ..why_of(&explained) } })
}

fn why_href(listing: Id) -> String {
    format!("/prices/{listing}/why")
}

fn table(place: &ListAddress, found: &PageOf<ProductView>, sorted: bool) -> Table {
    let nothing = match place.is_filtered() {
        true => "没有找到，请换几个字，或用通用名、企业、编码、拼音首字母再找。".into(),
        false => "还没有挂网的产品。".into(),
    };
    let priced: Vec<ProductView> =
        found.items.iter().filter(|view| view.unit_price.is_some()).cloned().collect();
    Table {
        caption: "挂网产品与价格".into(),
        empty: found.items.is_empty(),
        empty_text: nothing,
        empty_link: place.is_filtered().then(|| Link::new("查看全部", "/prices")),
        paging: place.paging(found.items.len(), found.next.as_deref(), None),
        export: Some(place.at("/prices.xlsx")),
        ..heads(sorted).table("prices", &priced, place, "")
    }
}

/// The heads; with links that sort where the list can be sorted.
fn heads(sorted: bool) -> Columns<'static, ProductView> {
    let by = |key: SortKey| if sorted { key.as_str() } else { "" };
    Columns::new([
        Column::name("品名", |view: &ProductView| {
            let code = Cell::code(view.code.clone().unwrap_or_default());
            let name = match view.listing_id {
                Some(listing) => Cell::opens(format!("/prices/{listing}"), &view.name),
                None => Cell::from(&view.name),
            };
            name.then(Cell::span("below wide-only", code))
        })
        .sort(by(SortKey::Name)),
        Column::text("spec", "规格", ProductView::spec_and_pack).under(ProductView::spec_and_pack),
        Column::text("maker", "生产企业", |view: &ProductView| maker(&view.brand, &view.maker))
            .under(|view| maker(&view.brand, &view.maker))
            .sort(by(SortKey::Maker)),
        Column::number("price", "挂网价", "元", |view: &ProductView| price(view.unit_price))
            .sort(by(SortKey::Price)),
        Column::text("unit", "单位", |view: &ProductView| view.unit.clone()),
        Column::text("mark", "标识", |view: &ProductView| {
            let mark = Cell::from(mark(view.mark));
            let mark = match view.listing_id {
                Some(listing) => mark.why(why_href(listing), &view.name),
                None => mark,
            };
            match &view.closed {
                Some(why) => mark.below(why),
                None => mark,
            }
        })
        .class("risk-cell"),
    ])
}

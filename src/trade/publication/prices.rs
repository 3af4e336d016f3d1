//! Listed products, their prices of the legal day, and how each came about, for everybody.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::views::Prices;
use crate::catalogue::search::{PAGE, Query};
use crate::listing::explanation;
use crate::listing::find::{self, ProductFilter, ProductView};
use crate::listing::present::{maker, mark, mark_filter, price, why as why_of};
use crate::listing::views::WhyPage;
use crate::platform::clock::{self, Clock};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::PageOf;
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Cell, Link, Table, Why};
use crate::platform::sql::Id;
use crate::platform::who::guard::Anyone;

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
    let place = ListAddress::of(&request, &["q", "mark"]);
    let now = clock.now();
    let asked = Query { text: place.value("q").into(), after: place.after(), limit: PAGE };
    let filter = ProductFilter { mark: place.choice("mark"), ..ProductFilter::default() };
    let found = place.found(find::find_filtered(&db, asked, filter, now)).await?;
    let day = db.read(move |c| clock::legal_day(c, now)).await?;
    let prices = Prices {
        frame: page.frame,
        query: place.value("q").into(),
        day: day.to_string(),
        filters: vec![place.field(mark_filter())],
        table: table(&place, &found),
    };
    page::html(&prices)
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
    let back = Some(Link::new("返回挂网价格", "/prices"));
    page::html(&WhyPage { frame: page.frame, why: Why { back, ..why_of(&explained) } })
}

fn table(place: &ListAddress, found: &PageOf<ProductView>) -> Table {
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
        ..columns().table("prices", &priced, place, "")
    }
}

fn columns() -> Columns<'static, ProductView> {
    Columns::new([
        Column::name("品名", |view: &ProductView| {
            let code = Cell::code(view.code.clone().unwrap_or_default());
            Cell::from(&view.name).then(Cell::span("below wide-only", code))
        }),
        Column::text("spec", "规格", ProductView::spec_and_pack).under(ProductView::spec_and_pack),
        Column::text("maker", "生产企业", |view: &ProductView| maker(&view.brand, &view.maker))
            .under(|view| maker(&view.brand, &view.maker)),
        Column::number("price", "挂网价", "元", |view: &ProductView| price(view.unit_price)),
        Column::text("unit", "单位", |view: &ProductView| view.unit.clone()),
        Column::text("mark", "标识", |view: &ProductView| {
            let mark = Cell::from(mark(view.mark));
            let mark = match view.listing_id {
                Some(listing) => mark.why(format!("/prices/{listing}/why"), &view.name),
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

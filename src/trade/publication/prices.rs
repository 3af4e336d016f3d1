//! `GET /prices`: listed products and their prices of the legal day, for everybody.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::views::{PriceRow, Prices};
use crate::catalogue::search::{PAGE, Query};
use crate::listing::find::{self, Filter, ProductView};
use crate::listing::present::{maker, mark, price};
use crate::platform::clock::{self, Clock};
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::PageOf;
use crate::platform::http::place::Place;
use crate::platform::http::view::{Link, Table};
use crate::platform::who::guard::Anyone;

/// The page.
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
    let place = Place::of(&request, &["q"]);
    let now = clock.now();
    let asked = Query { text: place.value("q").into(), after: place.after(), limit: PAGE };
    let (found, wrong) = match find::find_filtered(&db, asked, Filter::default(), now).await {
        Ok(found) => (found, String::new()),
        Err(Error::Refused(refusal)) if refusal.status == 422 => {
            (PageOf { items: Vec::new(), next: None }, refusal.detail)
        }
        Err(other) => return Err(other),
    };
    let day = db.read(move |c| clock::legal_day(c, now)).await?;
    page::html(&Prices {
        frame: page.frame,
        query: place.value("q").into(),
        day: day.to_string(),
        table: table(&place, &found, wrong),
        rows: found.items.iter().filter(|v| v.unit_price.is_some()).map(row).collect(),
    })
}

fn table(place: &Place, found: &PageOf<ProductView>, wrong: String) -> Table {
    let nothing = match (place.is_filtered(), wrong.is_empty()) {
        (_, false) => wrong,
        (true, _) => "没有找到，请换几个字，或用通用名、企业、编码、拼音首字母再找。".into(),
        _ => "还没有挂网的产品。".into(),
    };
    Table {
        id: "prices".into(),
        caption: "挂网产品与价格".into(),
        columns: Prices::heads(),
        empty: found.items.is_empty(),
        empty_text: nothing,
        empty_link: place.is_filtered().then(|| Link::new("查看全部", "/prices")),
        paging: place.paging(found.items.len(), found.next.as_deref(), None),
        ..Table::default()
    }
}

fn row(view: &ProductView) -> PriceRow {
    PriceRow {
        name: view.name.clone(),
        code: view.code.clone().unwrap_or_default(),
        spec: view.spec.clone(),
        maker: maker(&view.brand, &view.maker),
        price: price(view.unit_price),
        unit: view.unit.clone(),
        mark: mark(view.mark),
        closed: view.closed.clone().unwrap_or_default(),
    }
}

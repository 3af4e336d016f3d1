//! The officers' pages.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::marked::{self, Filter, Place as Ended};
use super::present;
use super::views::MarkedPage;
use crate::platform::auth::guard::Authority;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, Paging};
use crate::platform::http::place::Place;

/// The filters in the address.
const FILTERS: [&str; 5] = ["mark", "city", "hospital", "from", "to"];
/// Lines in an export at most.
const MOST_EXPORTED: i64 = 50_000;

fn filter(place: &Place) -> Filter {
    Filter {
        mark: place.choice("mark"),
        hospital_id: place.choice("hospital"),
        city: Some(place.value("city").to_owned()).filter(|c| !c.is_empty()),
        from: place.choice("from"),
        to: place.choice("to"),
    }
}

/// `GET /supervision/marked`: purchases of marked drugs, by hospital (INJ-4.3).
///
/// # Errors
/// Of the database.
pub async fn marked(who: Authority, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = Place::of(&request, &FILTERS);
    let after: Option<Ended> = Paging { after: place.after(), limit: None }.after()?;
    let found = marked::marked(&db, &who, filter(&place), after, DEFAULT_LIMIT).await?;
    page::html(&MarkedPage { frame: page.frame, ..present::marked(&place, &found) })
}

/// `GET /supervision/marked.xlsx`.
///
/// # Errors
/// Of the database.
pub async fn export(who: Authority, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let place = Place::of(&request, &FILTERS);
    let sheet = marked::sheet(&db, &who, filter(&place), MOST_EXPORTED).await?;
    let received = who.received_at;
    let today = db.read(move |c| clock::legal_day(c, received)).await?;
    sheet.download(&format!("标识药品采购 {today}"))
}

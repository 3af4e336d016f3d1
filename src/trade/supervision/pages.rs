//! The officers' pages.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::marked::{self, Cursor, MarkedFilter};
use super::views::MarkedPage;
use super::{mails, present};
use crate::order::desk::first_of_month;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, Paging};
use crate::platform::http::place::{ListAddress, SORT};
use crate::platform::http::reply;
use crate::platform::http::view::Tone;
use crate::platform::sheet;
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::{AgencyOfficer, Authority};

/// The filters in the address.
const FILTERS: [&str; 6] = ["mark", "city", "hospital", "from", "to", SORT];
/// Lines in an export at most.
const MOST_EXPORTED: i64 = 50_000;

fn filter(place: &ListAddress) -> MarkedFilter {
    MarkedFilter {
        mark: place.choice("mark"),
        hospital_id: place.choice("hospital"),
        city: Some(place.value("city").to_owned()).filter(|c| !c.is_empty()),
        from: place.day("from"),
        to: place.day("to"),
        sort: place.choice(SORT),
    }
}

/// `GET /supervision/marked`: purchases of marked drugs, by hospital (INJ-4.3).
pub async fn marked(who: Authority, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = match request.query_string() {
        // What nobody asked for is the month, which the filter shows: all that there ever was is somebody's question.
        "" => {
            let received = who.received_at;
            let now = db.read(move |conn| clock::legal_now(conn, received)).await?;
            ListAddress::read(request.path(), &format!("from={}", first_of_month(now)), &FILTERS)
        }
        asked => ListAddress::read(request.path(), asked, &FILTERS),
    };
    let after: Option<Cursor> = Paging { after: place.after(), limit: None }.after()?;
    let found = place.found(marked::marked(&db, &who, filter(&place), after, DEFAULT_LIMIT)).await?;
    page::html(&MarkedPage { frame: page.frame, ..present::marked(&place, &found) })
}

/// `GET /supervision/marked.xlsx`.
pub async fn export(who: Authority, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let filter = filter(&place);
    place.understood()?;
    let make = marked::chosen_columns(&db, &who, filter, place.columns(), MOST_EXPORTED).await?;
    let received = who.received_at;
    let today = db.read(move |c| clock::legal_day(c, received)).await?;
    sheet::download(&format!("红标、黄标药品采购 {today}"), make).await
}

/// `GET /supervision/mails`: mails that were refused for good.
pub async fn mails(
    who: AgencyOfficer,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &[]);
    let before: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let found = mails::refused(&db, &who, before, DEFAULT_LIMIT).await?;
    page::html(&present::mails(page.frame, &place, &found))
}

/// `POST /supervision/mails`: sends one mail again, or the chosen ones.
///
/// # Errors
/// 400 for a page that was changed; of the database.
pub async fn send_again(who: AgencyOfficer, db: Data<Db>, form: Form) -> Result<HttpResponse> {
    let one = form.value("one");
    let named: Vec<&str> = if one.is_empty() { form.values("chosen").collect() } else { vec![one] };
    let keys: Option<Vec<Id>> = named.iter().map(|key| key.parse().ok()).collect();
    let keys = keys.ok_or_else(|| Refusal::unreadable("页面内容不完整，请刷新页面后重新选择。"))?;
    let done = mails::try_again(&db, &who, &keys).await?;
    let (tone, text) = match (keys.len(), done) {
        (0, _) => (Tone::Hint, "没有选中邮件。请先在要重新发送的邮件前打勾。".to_owned()),
        (all, done) if all == done => (Tone::Done, format!("{done} 封邮件将在一分钟内重新发送。")),
        (all, done) => (
            Tone::Hint,
            format!("{done} 封邮件将重新发送；{} 封已不在退回状态，或该单位仍没有在用的人员。", all - done),
        ),
    };
    Ok(with_flash(reply::see_other("/supervision/mails"), tone, text, None))
}

//! The directory's pages.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::present;
use super::store::{self, Ended, OrganisationFilter};
use super::suspend::{self, StateInput};
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::{ListAddress, SORT};
use crate::platform::sheet;
use crate::platform::sql::Id;
use crate::platform::who::guard::{Authority, Guard, ProvinceOfficer};

const FILTERS: [&str; 5] = ["kind", "state", "city", "q", SORT];
/// Organisations in a sheet at most.
const MOST_EXPORTED: i64 = 50_000;

fn filter(place: &ListAddress) -> OrganisationFilter {
    OrganisationFilter {
        kind: place.choice("kind"),
        state: place.choice("state"),
        city: place.value("city").into(),
        q: place.value("q").into(),
        sort: place.choice(SORT),
    }
}

/// `GET /organisations`.
pub async fn list(who: Authority, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let after: Option<Ended> = Paging { after: place.after(), limit: None }.after()?;
    let rows = place.found(store::list(&db, &who, filter(&place), after, DEFAULT_LIMIT + 1)).await?;
    let found = PageOf::new(rows, DEFAULT_LIMIT, Ended::of);
    let shown = present::list(page.frame, &place, &found.items, found.next.as_deref());
    page::html(&shown)
}

/// `GET /organisations.xlsx`: what is filtered, as a sheet.
///
/// # Errors
/// As the list.
pub async fn export(who: Authority, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let filter = filter(&place);
    place.understood()?;
    let (rows, all) = store::all(&db, &who, filter, MOST_EXPORTED).await?;
    let chosen = place.columns().to_vec();
    let make = move || {
        let mut sheet = present::sheet(&rows, &chosen);
        sheet.of(all);
        sheet
    };
    sheet::download("单位名录", make).await
}

/// `GET /organisations/{id}`.
///
/// # Errors
/// 404.
pub async fn show(who: Authority, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let shown = store::show(&db, &who, *id).await?;
    let may = ProvinceOfficer::is(&who) && who.organisation != shown.organisation.id;
    page::html(&present::one(page.frame, &shown, may, &Form::default(), None))
}

/// `POST /organisations/{id}/state`.
///
/// # Errors
/// 403, 404, 409; what is wrong is shown with the form.
pub async fn set_state(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let broken = || Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。");
    let state = form.value("state").parse().map_err(|_| broken())?;
    let input = StateInput { state, reason: form.value("reason").into() };
    let words = |name| format!("{name}的状态已变更，并已发邮件告知。");
    act::answer(
        &request,
        suspend::set(&db, &who, *id, form.version()?, &input),
        async |row| act::done(&format!("/organisations/{id}"), words(row.name)),
        async |page, no| {
            let shown = store::show(&db, &who, *id).await?;
            Ok(present::one(page.frame, &shown, true, &form, Some(&no.errors)))
        },
    )
    .await
}

//! Prices that wait for a second officer.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::office_part::{rows, with_office};
use super::office_price::{self, OfficePrice, REASON};
use super::pages::{legal_day, product_page};
use super::show;
use super::views::WorkPage;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;
use crate::platform::policy::Policies;
use crate::platform::sql::{Id, counts};
use crate::platform::who::Principal;
use crate::platform::who::guard::AgencyOfficer;

/// Where the list is.
pub(super) const WORK: &str = "/listings/work";
/// Proposals on the page.
const SHOWN: i64 = 50;

/// `GET /listings/work`.
///
/// # Errors
/// Of the database.
pub async fn work(who: AgencyOfficer, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let (user, received) = (who.user, who.received_at);
    let (proposals, count) = db
        .read(move |conn| {
            let day = clock::legal_day(conn, received)?;
            let waiting = office_price::waiting(conn, None, SHOWN)?;
            let count = counts(conn, vec![office_price::count_waiting(None)])?;
            Ok((rows(conn, &waiting, user, day)?, count.first().copied().unwrap_or(0)))
        })
        .await?;
    let more = count - i64::try_from(proposals.len()).unwrap_or(count);
    let rest =
        if more > 0 { format!("还有 {} 项，处理后会列出。", whole(more)) } else { String::new() };
    page::html(&WorkPage { frame: page.frame, proposals, rest })
}

/// `POST /price-proposals/{id}/decision`.
///
/// # Errors
/// 403, 404, 409, 422.
pub async fn decide(
    who: AgencyOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, form): (Path<Id>, Form),
) -> Result<HttpResponse> {
    let confirm = form.value("verdict") == "confirm";
    let done = office_price::decide(&db, &who, &policies, *id, confirm).await?;
    act::done(WORK, format!("该调价{}。", done.state.label()))
}

/// `POST /listings/{id}/prices`: proposes a price.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn propose(
    who: AgencyOfficer,
    db: Data<Db>,
    (id, form): (Path<Id>, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let detail = show::show_listing(&db, *id, who.received_at).await?;
    let product = format!("/catalogue/{}", detail.view.product_id);
    act::answer(
        &request,
        proposed(&db, &who, *id, &form),
        async |()| act::done(&product, "调价已提出，须由另一位经办人复核后执行。"),
        async |page, no| {
            let today = legal_day(&db, who.received_at).await?;
            let again = product_page(&who, page.frame, &detail, today, &Form::default(), &[]);
            with_office(&db, &who, again, &detail, (&form, &no.errors)).await
        },
    )
    .await
}

async fn proposed(db: &Db, who: &Principal, id: Id, form: &Form) -> Result<()> {
    let version = form.version()?;
    let fields = form.reader();
    let unit_price = fields.price("unit_price", "新价格");
    let from_day = fields.date("from_day", "执行日期");
    let reason = fields.paragraph(&REASON);
    fields.finish()?;
    let (Some(unit_price), Some(from_day)) = (unit_price, from_day) else {
        return Err(Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。").into());
    };
    let confirm_far = form.confirms_far();
    let new = OfficePrice { unit_price, from_day, reason, confirm_far };
    office_price::propose(db, who, None, (id, version), new).await.map(drop)
}

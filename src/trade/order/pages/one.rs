//! One order: its page, what can be done with it, its paper and its sheet.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::order::present::one;
use crate::order::show::{self, Act, OrderView};
use crate::order::views::{OrderPage, OrderPrint};
use crate::order::{answer, cancel, draft, export};
use crate::platform::audit::head;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::reply;
use crate::platform::http::view::{Flash, Tone};
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{AnyUser, HospitalBuyer, SupplierClerk};

/// `GET /orders/{id}`.
///
/// # Errors
/// 404.
pub async fn show(who: AnyUser, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let detail = show::show(&db, &who, *id).await?;
    page::html(&OrderPage { frame: page.frame, ..one::page(&detail, who.buys(), None) })
}

/// `GET /orders/{id}/print`: on A4.
///
/// # Errors
/// 404.
pub async fn print(who: AnyUser, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let detail = show::show(&db, &who, *id).await?;
    let received = who.received_at;
    let (head, now) = db.read(move |c| Ok((head::head(c)?, clock::legal_now(c, received)?))).await?;
    let head = head.map(|h| format!("{}:{}", h.no, h.hash)).unwrap_or_default();
    page::html(&OrderPrint { frame: page.frame, ..one::print(&detail, head, now)? })
}

/// `GET /orders/{id}/export`: as a sheet.
///
/// # Errors
/// 404.
pub async fn export(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let detail = show::show(&db, &who, *id).await?;
    export::one(&detail).download(&format!("订单 {}", detail.view.order.number))
}

/// `POST /orders/{id}/confirm`.
///
/// # Errors
/// 404; what is refused is shown with the order as it is now.
pub async fn confirm(
    who: SupplierClerk,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let done = match form.version() {
        Ok(version) => answer::confirm(&db, &who, *id, version).await,
        Err(error) => Err(error),
    };
    let answer = Answer { db: &db, who: &who, id: *id, form: &form, request: &request };
    answer.give(Act::Confirm, done, "订单已确认，医疗机构会收到通知。").await
}

/// `POST /orders/{id}/refuse`, with a reason.
///
/// # Errors
/// 404; what is refused is shown with the order as it is now.
pub async fn refuse(
    who: SupplierClerk,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let done = match form.version() {
        Ok(version) => answer::refuse(&db, &who, *id, version, form.value("reason")).await,
        Err(error) => Err(error),
    };
    let answer = Answer { db: &db, who: &who, id: *id, form: &form, request: &request };
    answer.give(Act::Refuse, done, "订单已拒绝，医疗机构会收到通知和理由。").await
}

/// `POST /orders/{id}/cancel`.
///
/// # Errors
/// 404; what is refused is shown with the order as it is now.
pub async fn cancel(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let done = match form.version() {
        Ok(version) => cancel::cancel(&db, &who, *id, version, form.value("reason")).await,
        Err(error) => Err(error),
    };
    let answer = Answer { db: &db, who: &who, id: *id, form: &form, request: &request };
    answer.give(Act::Cancel, done, "订单已撤销，供货企业会收到通知。").await
}

/// `POST /orders/{id}/delete`: a draft.
///
/// # Errors
/// 404, 409.
pub async fn delete(who: HospitalBuyer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    draft::delete(&db, &who, *id, form.version()?).await?;
    Ok(with_flash(reply::see_other("/orders"), Tone::Done, "草稿已删除。", None))
}

/// How an act on an order is answered.
struct Answer<'a> {
    db: &'a Db,
    who: &'a Principal,
    id: Id,
    form: &'a Form,
    request: &'a HttpRequest,
}

impl Answer<'_> {
    /// Back to the order where it is done; else the order as it is now, with what was refused in words.
    async fn give(&self, act: Act, done: Result<OrderView>, words: &str) -> Result<HttpResponse> {
        let refusal = match done {
            Ok(_) => {
                let back = reply::see_other(&format!("/orders/{}", self.id));
                return Ok(with_flash(back, Tone::Done, words, None));
            }
            Err(Error::Refused(refusal)) if matches!(refusal.status, 409 | 422) => refusal,
            Err(other) => return Err(other),
        };
        let detail = show::show(self.db, self.who, self.id).await?;
        let mut frame = page::frame(self.request).await?;
        if refusal.status == 409 {
            let text = format!("{}下面是订单现在的情况。", refusal.detail);
            frame.flash.push(Flash { tone: Tone::Wrong, text, link: None });
        }
        let wrong = (refusal.status == 422).then_some((act, self.form, refusal.errors.as_slice()));
        let view = one::page(&detail, self.who.buys(), wrong);
        page::html_with(refusal.status, &OrderPage { frame, ..view })
    }
}

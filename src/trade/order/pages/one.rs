//! One order: its page, what can be done with it, its paper and its sheet.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::order::present::one;
use crate::order::show::{self, OrderAct};
use crate::order::views::{OrderPage, OrderPrint};
use crate::order::{answer, cancel, draft, export, urge};
use crate::platform::audit::head;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Flash, Tone};
use crate::platform::sheet;
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{AnyUser, HospitalBuyer, SupplierClerk};

/// Refusals of an act that are shown with the order.
const CHANGED_OR_WRONG: [u16; 2] = [409, 422];

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
    let name = format!("订单 {}", detail.view.order.number);
    sheet::download(&name, move || export::one(&detail)).await
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
    act::answer_on(
        &CHANGED_OR_WRONG,
        &request,
        answer::confirm(&db, &who, *id, form.version()?),
        async |_| act::done(&address(*id), "订单已确认，医疗机构会收到通知。"),
        async |page, no| again(&db, &who, *id, page, &no, (OrderAct::Confirm, &form)).await,
    )
    .await
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
    act::answer_on(
        &CHANGED_OR_WRONG,
        &request,
        answer::refuse(&db, &who, *id, form.version()?, form.value("reason")),
        async |_| act::done(&address(*id), "订单已拒绝，医疗机构会收到通知和理由。"),
        async |page, no| again(&db, &who, *id, page, &no, (OrderAct::Refuse, &form)).await,
    )
    .await
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
    act::answer_on(
        &CHANGED_OR_WRONG,
        &request,
        cancel::cancel(&db, &who, *id, form.version()?, form.value("reason")),
        async |_| match form.value("again") {
            "" => act::done(&address(*id), "订单已撤销，供货企业会收到通知。"),
            _ => act::done(&format!("/orders/new?copy={id}"), "原订单已撤销，请在此改订。"),
        },
        async |page, no| again(&db, &who, *id, page, &no, (OrderAct::Cancel, &form)).await,
    )
    .await
}

/// `POST /orders/{id}/urge`.
///
/// # Errors
/// 404; what is refused is shown with the order as it is now.
pub async fn urge(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    act::answer_on(
        &CHANGED_OR_WRONG,
        &request,
        urge::urge(&db, &who, *id, form.version()?),
        async |_| act::done(&address(*id), "已催办，供货企业会收到通知。"),
        async |page, no| again(&db, &who, *id, page, &no, (OrderAct::Urge, &form)).await,
    )
    .await
}

/// `POST /orders/{id}/delete`: a draft.
///
/// # Errors
/// 404, 409.
pub async fn delete(who: HospitalBuyer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    draft::delete(&db, &who, *id, form.version()?).await?;
    act::done("/orders", "草稿已删除。")
}

fn address(id: Id) -> String {
    format!("/orders/{id}")
}

/// The order as it is now, with what was refused in words.
async fn again(
    db: &Db,
    who: &Principal,
    id: Id,
    page: Page,
    no: &Refusal,
    (act, form): (OrderAct, &Form),
) -> Result<OrderPage> {
    let detail = show::show(db, who, id).await?;
    let mut frame = page.frame;
    if no.status == 409 {
        let text = format!("{}下面是订单现在的情况。", no.detail);
        frame.flash.push(Flash { tone: Tone::Wrong, text, link: None });
    }
    let wrong = (no.status == 422).then_some((act, form, no.errors.as_slice()));
    Ok(OrderPage { frame, ..one::page(&detail, who.buys(), wrong) })
}

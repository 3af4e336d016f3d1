//! The pages of standing lists.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::{keep, present, show};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::place::ListAddress;
use crate::platform::sql::Id;
use crate::platform::who::guard::HospitalBuyer;

/// `GET /standing-lists`.
pub async fn lists(
    who: HospitalBuyer,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let (all, place) = (show::lists(&db, &who).await?, ListAddress::of(&request, &[]));
    page::html(&present::lists(page.frame, &all, &place))
}

/// `GET /standing-lists/{id}`.
///
/// # Errors
/// 404.
pub async fn one(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let (view, place) = (show::one(&db, &who, *id).await?, ListAddress::of(&request, &[]));
    page::html(&present::one(page.frame, &view, &place, None))
}

/// `POST /standing-lists/{id}`: another name.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn rename(
    who: HospitalBuyer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    act::answer(
        &request,
        keep::rename(&db, &who, *id, form.version()?, form.value("name")),
        async |record| act::done(&format!("/standing-lists/{}", record.list.id), "清单名称已修改。"),
        async |page, no| {
            let (view, place) = (show::one(&db, &who, *id).await?, ListAddress::of(&request, &[]));
            Ok(present::one(page.frame, &view, &place, Some((&form, &no.errors))))
        },
    )
    .await
}

/// `POST /standing-lists/{id}/delete`.
///
/// # Errors
/// 404, 409.
pub async fn delete(who: HospitalBuyer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    keep::delete(&db, &who, *id, form.version()?).await?;
    act::done("/standing-lists", "清单已删除。")
}

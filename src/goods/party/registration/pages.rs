//! The applicant's pages. The link's secret travels in the query or in the form, never in the path, which the log keeps.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::apply::{self, Applicant, ApplicationInput};
use super::views::{MessagePage, StatusPage};
use super::{letters, present};
use crate::accounts::door::Auth;
use crate::platform::attachment;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::caller::{self, Caller};
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::Frame;
use crate::platform::http::{Query, Upload, act, body};
use crate::platform::sql::Id;
use crate::platform::who::OrgKind;
use crate::platform::who::guard::{self, Anyone};

/// The link's secret in an address.
#[derive(Debug, Default, Deserialize)]
pub struct Key {
    /// The secret; empty where somebody came without it.
    #[serde(default)]
    pub key: String,
}

/// Who asks, for an operation.
pub(super) fn applicant(request: &HttpRequest) -> Result<Applicant> {
    Ok(Applicant {
        principal: guard::visitor(request)?.principal,
        request_id: caller::request_id(request),
        at: body::received(request)?.at,
    })
}

/// A page that says why a link does not work.
pub(super) async fn unusable(request: &HttpRequest, title: &str, refusal: &Refusal) -> Result<HttpResponse> {
    let frame = page::frame(request).await?;
    page::html_with(refusal.status, &MessagePage { frame, title: title.into(), text: refusal.detail.clone() })
}

fn input(form: &Form) -> Result<ApplicationInput> {
    let text = |name: &str| form.value(name).to_owned();
    let kind: Option<OrgKind> = form.value("kind").parse().ok();
    let given = ApplicationInput {
        name: text("name"),
        credit_code: text("credit_code"),
        kind: kind.unwrap_or(OrgKind::Clinic),
        other_kinds: form.values("other_kinds").filter_map(|k| k.parse().ok()).collect(),
        city: text("city"),
        district: text("district"),
        address: text("address"),
        contact_name: text("contact_name"),
        phone: text("phone"),
        email: text("email"),
    };
    if kind.is_some() {
        return Ok(given);
    }
    let without_others = ApplicationInput { other_kinds: vec![], ..given };
    let mut errors = match apply::checked(&without_others) {
        Err(Error::Refused(refusal)) => refusal.errors,
        _ => vec![],
    };
    errors.push(FieldError { pointer: "/kind".into(), detail: "请选择单位类别".into() });
    Err(Refusal::invalid(errors).into())
}

/// `GET /registration`: the form.
pub async fn begin(_: Anyone, page: Page) -> Result<HttpResponse> {
    page::html(&present::form(page.frame, "/registration", "", &Form::default(), &[]))
}

/// `POST /registration`.
///
/// # Errors
/// 429; what is wrong is shown with the form.
pub async fn save(_: Anyone, auth: Data<Auth>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let (who, caller) = (applicant(&request)?, Caller::of(&request));
    act::answer(
        &request,
        async { apply::begin_outside(&auth, &who, &caller, &input(&form)?).await },
        async |(row, key)| {
            let words = format!("申请 {} 已保存，链接已发到 {}。", row.number, row.email);
            act::done(&letters::own_page(&key), words)
        },
        async |page, no| Ok(present::form(page.frame, "/registration", "", &form, &no.errors)),
    )
    .await
}

/// `GET /registration/status?key=`.
///
/// # Errors
/// Of the database; a link that does not work is explained.
pub async fn status(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    key: Query<Key>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    match apply::mine(&db, &key.key, clock.now()).await {
        Ok((row, files)) => {
            let frame = page::frame(&request).await?;
            page::html(&present::status(frame, &row, &files, &key.key, &[]))
        }
        Err(Error::Refused(refusal)) => unusable(&request, "未找到申请", &refusal).await,
        Err(other) => Err(other),
    }
}

/// `GET /registration/change?key=`: the form again.
///
/// # Errors
/// 404, 409.
pub async fn edit(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    key: Query<Key>,
    page: Page,
) -> Result<HttpResponse> {
    let (row, _) = apply::mine(&db, &key.key, clock.now()).await?;
    if !row.state.is_open() {
        return Err(Refusal::wrong_state("申请已提交，不能再修改。").into());
    }
    let typed = present::as_typed(&row);
    page::html(&present::form(page.frame, "/registration/change", &key.key, &typed, &[]))
}

/// `POST /registration/change`.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn change(_: Anyone, db: Data<Db>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let (who, key) = (applicant(&request)?, form.value("key"));
    act::answer(
        &request,
        async { apply::change(&db, &who, key, &input(&form)?).await },
        async |_| act::done(&letters::own_page(key), "修改已保存。"),
        async |page, no| Ok(present::form(page.frame, "/registration/change", key, &form, &no.errors)),
    )
    .await
}

/// `POST /registration/files`: evidence.
///
/// # Errors
/// 404, 409, 413; what is wrong is shown with the form.
pub async fn add_files(
    _: Anyone,
    auth: Data<Auth>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (who, key) = (applicant(&request)?, upload.form.value("key").to_owned());
    let caller = Caller::of(&request);
    act::answer(
        &request,
        apply::add_files_outside(&auth, &who, &caller, &key, &upload),
        async |_| act::done(&letters::own_page(&key), "证明材料已保存。"),
        async |page, no| status_again(&auth.db, page.frame, &who, &key, &no.errors).await,
    )
    .await
}

/// `POST /registration/submit`.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn submit(_: Anyone, db: Data<Db>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let (who, key) = (applicant(&request)?, form.value("key").to_owned());
    act::answer(
        &request,
        apply::submit(&db, &who, &key, form.value("statement")),
        async |_| act::done(&letters::own_page(&key), "申请已提交。"),
        async |page, no| status_again(&db, page.frame, &who, &key, &no.errors).await,
    )
    .await
}

async fn status_again(
    db: &Db,
    frame: Frame,
    who: &Applicant,
    key: &str,
    errors: &[FieldError],
) -> Result<StatusPage> {
    let (row, files) = apply::mine(db, key, who.at).await?;
    Ok(present::status(frame, &row, &files, key, errors))
}

/// `GET /registration/files/{id}?key=`: the applicant's own evidence.
///
/// # Errors
/// 404.
pub async fn file(
    _: Anyone,
    db: Data<Db>,
    clock: Data<Clock>,
    id: Path<Id>,
    key: Query<Key>,
) -> Result<HttpResponse> {
    let row = apply::own_file(&db, &key.key, clock.now(), *id).await?;
    attachment::download(&db, &row).await
}

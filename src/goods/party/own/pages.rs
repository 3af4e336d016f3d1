//! The page of an organisation's own data.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::views::{FileRow, OwnPage, PostRow};
use super::{FIELD, Own, add_files as add, posts, show};
use crate::party::contact::{self, ContactInput};
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Field, Kind, Pair, focus_first};
use crate::platform::http::{Upload, act};
use crate::platform::who::guard::{AnyUser, OrgAdmin};
use crate::platform::who::{Post, Principal};

/// `GET /organisation`.
pub async fn own(who: AnyUser, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    page::html(&view(&db, &who, page).await?)
}

/// `POST /organisation/files`.
///
/// # Errors
/// 403, 413; what is wrong is shown with the form.
pub async fn add_files(
    who: OrgAdmin,
    db: Data<Db>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse> {
    act::answer(
        &request,
        add(&db, &who, &upload),
        async |files| act::done("/organisation", format!("已保存 {} 份证照。", files.len())),
        async |page, no| {
            let mut shown = view(&db, &who, page).await?;
            let error = no.errors.first().map(|e| e.detail.clone()).unwrap_or_default();
            shown.upload = shown.upload.map(|field| field.error(error));
            Ok(shown)
        },
    )
    .await
}

/// `POST /organisation/contact`.
///
/// # Errors
/// 403, 409; what is wrong is shown with the form.
pub async fn set_contact(
    who: OrgAdmin,
    db: Data<Db>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let typed = |field: &str| form.value(field).to_owned();
    let input = ContactInput { name: typed("name"), phone: typed("phone") };
    act::answer(
        &request,
        contact::set(&db, &who, form.version()?, input),
        async |_| act::done("/organisation", "订单联系电话已保存，对方在订单页可以看到。"),
        async |page, no| {
            let mut shown = view(&db, &who, page).await?;
            let refill = |field| form.refill(field, &no.errors);
            shown.contact_form = shown.contact_form.into_iter().map(refill).collect();
            shown.errors = focus_first(shown.contact_form.iter_mut());
            Ok(shown)
        },
    )
    .await
}

async fn view(db: &Db, who: &Principal, page: Page) -> Result<OwnPage> {
    let (Own { organisation: own, files, contact }, posts) = (show(db, who).await?, posts(db, who).await?);
    let may = who.post == Post::Admin;
    let called =
        contact.as_ref().map_or("尚未登记".to_owned(), |to| format!("{}，{}", to.name, to.phone));
    let typed = contact.as_ref().map_or([""; 2], |to| [to.name.as_str(), to.phone.as_str()]);
    let fields = contact::FIELDS.into_iter().zip(typed);
    Ok(OwnPage {
        frame: page.frame,
        facts: vec![
            Pair::new("单位名称", &own.name),
            Pair::new("统一社会信用代码", &own.credit_code),
            Pair::new("单位类别", own.kind_labels()),
            Pair::new("所在市", &own.city),
            Pair::new("登记时间", own.created_at.minute()),
            Pair::new("订单联系电话", called),
        ],
        posts: posts.iter().map(PostRow::of).collect(),
        files: files.iter().map(FileRow::of).collect(),
        upload: may.then(|| {
            Field::new(Kind::Files, FIELD, "证照文件")
                .help("PDF、OFD、PNG、JPEG、xlsx 或 docx，可一次选多份，合计不超过 20 MB")
        }),
        contact_form: fields
            .filter(|_| may)
            .map(|(field, typed)| Field::of(Kind::Text, field).value(typed))
            .collect(),
        contact_version: contact.map_or(0, |to| to.version),
        errors: Vec::new(),
    })
}

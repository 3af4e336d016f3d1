//! The page of an organisation's own data.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::views::{FileRow, OwnPage, PostRow};
use super::{FIELD, PostHolders, add_files as add, posts, show};
use crate::party::model::Organisation;
use crate::platform::attachment::Attachment;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Result};
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Field, Kind, Pair};
use crate::platform::http::{Upload, act};
use crate::platform::who::guard::{AnyUser, OrgAdmin};
use crate::platform::who::{Post, Principal};

/// `GET /organisation`.
pub async fn own(who: AnyUser, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let shown = (show(&db, &who).await?, posts(&db, &who).await?);
    page::html(&view(&who, page, &shown, &[]))
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
            let shown = (show(&db, &who).await?, posts(&db, &who).await?);
            Ok(view(&who, page, &shown, &no.errors))
        },
    )
    .await
}

fn view(
    who: &Principal,
    page: Page,
    shown: &((Organisation, Vec<Attachment>), Vec<PostHolders>),
    errors: &[FieldError],
) -> OwnPage {
    let ((own, files), posts) = shown;
    let may = who.post == Post::Admin;
    let error = errors.first().map(|e| e.detail.clone()).unwrap_or_default();
    OwnPage {
        frame: page.frame,
        facts: vec![
            Pair::new("单位名称", &own.name),
            Pair::new("统一社会信用代码", &own.credit_code),
            Pair::new("单位类别", own.kind_labels()),
            Pair::new("所在市", &own.city),
            Pair::new("登记时间", own.created_at.minute()),
        ],
        posts: posts.iter().map(PostRow::of).collect(),
        files: files.iter().map(FileRow::of).collect(),
        upload: may.then(|| {
            Field::new(Kind::Files, FIELD, "证照文件")
                .help("PDF、OFD、PNG、JPEG、xlsx 或 docx，可一次选多份，合计不超过 20 MiB")
                .error(error)
        }),
    }
}

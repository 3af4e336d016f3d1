//! Every mail that the platform wrote, in demo and training only: there nothing is sent.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::clock::only_in_training;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Badge, Cell, Link, Outbox, Table};
use crate::platform::http::{Site, site};
use crate::platform::outbox::{self, Mail};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::Provincial;

/// `GET /demo/outbox`.
///
/// # Errors
/// 404 in production.
pub async fn show(
    _: Provincial,
    db: Data<Db>,
    site: Data<Site>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    only_in_training(&site)?;
    let place = ListAddress::of(&request, &[]);
    let before: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let found = db.read(move |c| outbox::mails(c, None, before, DEFAULT_LIMIT + 1)).await?;
    let found = PageOf::new(found, DEFAULT_LIMIT, |m| (m.created_at, m.id));
    page::html(&Outbox {
        table: Table {
            caption: "平台写的邮件".into(),
            empty_text: "还没有邮件。提交一张订单后，给供货企业的通知会出现在这里。".into(),
            paging: place.paging(found.items.len(), found.next.as_deref(), None),
            ..columns().table("outbox", &found.items, &place, "")
        },
        frame: page.frame,
    })
}

fn columns() -> Columns<'static, Mail> {
    Columns::new([
        Column::text("when", "时间", |mail: &Mail| mail.legal_at).class("nowrap").wide_only(),
        Column::text("to", "收件人", |mail: &Mail| mail.recipient.clone()).wide_only(),
        Column::text("subject", "主题", |mail: &Mail| {
            let on_a_phone = format!("{} {}", mail.legal_at.minute(), mail.recipient);
            let link = site::is_local(&mail.link).then(|| Link::new("打开信中的链接", &mail.link));
            Cell::span("narrow-only", on_a_phone).then(Cell::letter(&mail.subject, &mail.body_text, link))
        }),
        Column::text("state", "状态", |mail: &Mail| Badge::new(mail.state.tone(), mail.state.label())),
    ])
}

//! Every mail that the platform wrote, in demo and training only: there nothing is sent.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::clock::only_in_training;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::Site;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::Place;
use crate::platform::http::site;
use crate::platform::http::view::{Badge, Link, Mail, Outbox, Table};
use crate::platform::outbox;
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::Authority;

/// `GET /demo/outbox`.
///
/// # Errors
/// 404 in production.
pub async fn show(
    _: Authority,
    db: Data<Db>,
    site: Data<Site>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    only_in_training(&site)?;
    let place = Place::of(&request, &[]);
    let before: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let found = db.read(move |c| outbox::mails(c, None, before, DEFAULT_LIMIT + 1)).await?;
    let found = PageOf::new(found, DEFAULT_LIMIT, |m| (m.created_at, m.id));
    page::html(&Outbox {
        table: Table {
            id: "outbox".into(),
            caption: "平台写的邮件".into(),
            columns: Outbox::heads(),
            empty: found.items.is_empty(),
            empty_text: "还没有邮件。提交一张订单后，给供货企业的通知会出现在这里。".into(),
            paging: place.paging(found.items.len(), found.next.as_deref(), None),
            ..Table::default()
        },
        mails: found.items.into_iter().map(mail).collect(),
        frame: page.frame,
    })
}

fn mail(mail: outbox::Mail) -> Mail {
    Mail {
        when: mail.legal_at.minute(),
        to: mail.recipient,
        subject: mail.subject,
        body: mail.body_text,
        state: Badge::new(mail.state.tone(), mail.state.label()),
        link: site::is_local(&mail.link).then(|| Link::new("打开信中的链接", mail.link)),
    }
}

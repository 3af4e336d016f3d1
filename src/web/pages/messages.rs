//! Messages to the person who is logged in.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::platform::auth::guard::AnyUser;
use crate::platform::clock::Time;
use crate::platform::db::{Db, Id};
use crate::platform::error::Result;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::Place;
use crate::platform::http::reply;
use crate::platform::http::view::{MessageRow, Messages};
use crate::platform::outbox::{self, Message};

/// `GET /messages`.
///
/// # Errors
/// Of the database.
pub async fn list(who: AnyUser, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = Place::of(&request, &[]);
    let before: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let user = who.user;
    let found = db.read(move |c| outbox::messages(c, user, before, DEFAULT_LIMIT + 1)).await?;
    let found = PageOf::new(found, DEFAULT_LIMIT, |m| (m.created_at, m.id));
    page::html(&Messages {
        unread: page.frame.viewer.as_ref().map_or(0, |v| v.unread),
        paging: place.paging(found.items.len(), found.next.as_deref(), None),
        messages: found.items.into_iter().map(row).collect(),
        frame: page.frame,
    })
}

fn row(message: Message) -> MessageRow {
    MessageRow {
        id: message.id.to_string(),
        title: message.title,
        body: message.body,
        when: message.legal_at.minute(),
        is_new: message.read_at.is_none(),
    }
}

/// `POST /messages/{id}`: opened; goes where the message leads.
///
/// # Errors
/// 404.
pub async fn open(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let (user, id, now) = (who.user, id.into_inner(), who.received_at);
    let message = db.keep("message.open", move |c| outbox::open_message(c, user, id, now)).await?;
    let to = if page::is_local(&message.link) { message.link.as_str() } else { "/messages" };
    Ok(reply::see_other(to))
}

/// `POST /messages`: all are marked as read.
///
/// # Errors
/// Of the database.
pub async fn open_all(who: AnyUser, db: Data<Db>) -> Result<HttpResponse> {
    let (user, now) = (who.user, who.received_at);
    db.keep("message.open_all", move |c| outbox::open_all_messages(c, user, now)).await?;
    Ok(reply::see_other("/messages"))
}

//! The start page of each role: what waits, by deadline; how things stand; what is new.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;
use crate::platform::http::site;
use crate::platform::http::view::{Link, News, StartHospital, StartOfficer, StartSupplier};
use crate::platform::office::{Desk, Offices};
use crate::platform::outbox::{self, Message};
use crate::platform::who::Side;
use crate::platform::who::guard::Anyone;
use crate::publication;

/// Messages shown.
const NEWS: i64 = 5;

/// `GET /`.
///
/// # Errors
/// Of the database.
pub async fn show(who: Anyone, db: Data<Db>, offices: Data<Offices>, page: Page) -> Result<HttpResponse> {
    let Some(who) = who.0 else { return publication::pages::welcome(&db, page).await };
    let (side, offices, frame) = (who.side(), **offices, page.frame);
    let (desk, messages) = db
        .read(move |c| {
            let now = clock::legal_now(c, who.received_at)?;
            Ok((offices.desk(c, &who, now)?, outbox::messages(c, who.user, None, NEWS)?))
        })
        .await?;
    let waiting = whole(desk.waiting());
    let Desk { todos, figures } = desk;
    let news = messages.into_iter().map(piece).collect();
    match side {
        Some(Side::Hospital) => page::html(&StartHospital { frame, waiting, todos, figures, news }),
        Some(Side::Supplier) => page::html(&StartSupplier { frame, waiting, todos, figures, news }),
        Some(Side::Authority) | None => page::html(&StartOfficer { frame, waiting, todos, figures, news }),
    }
}

fn piece(message: Message) -> News {
    News {
        date: message.legal_at.day().to_string(),
        link: Link::new(
            message.title,
            if site::is_local(&message.link) { message.link } else { "/messages".into() },
        ),
    }
}

//! Messages to the person who is logged in.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Field, Kind, MailChoice, MailChoices, MessageRow, Messages};
use crate::platform::http::{act, reply, site};
use crate::platform::outbox::inbox::{self, MessageFilter};
use crate::platform::outbox::{self, Message, Topic, choice};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::AnyUser;

/// Deadlines shown above the messages.
const MOST_DUE: i64 = 20;

/// `GET /messages`.
pub async fn list(who: AnyUser, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &["kind", "unread", "due"]);
    let before: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let (kind, only_due) = (place.choice("kind"), place.is("due", "true"));
    let filter = MessageFilter { kind, unread: place.is("unread", "true"), due: None };
    let (user, now, first) = (who.user, who.received_at, before.is_none());
    let (due, found) = place
        .found(db.read(move |c| {
            let legal = clock::legal_now(c, now)?;
            let due = if first { inbox::due(c, user, legal, MOST_DUE)? } else { Vec::new() };
            let filter = MessageFilter { due: only_due.then_some(legal), ..filter };
            Ok((due, inbox::filtered(c, user, filter, before, DEFAULT_LIMIT + 1)?))
        }))
        .await?;
    let found = PageOf::new(found, DEFAULT_LIMIT, |m| (m.created_at, m.id));
    let faults: Vec<String> = place.faults().into_iter().map(|fault| fault.detail).collect();
    let messages = Messages {
        filters: filters(&place),
        filtered: place.is_filtered(),
        due: due.into_iter().map(row).collect(),
        unread: page.frame.viewer.as_ref().map_or(0, |v| v.unread),
        paging: place.paging(found.items.len(), found.next.as_deref(), None),
        messages: found.items.into_iter().map(row).collect(),
        frame: page.frame,
        faults,
    };
    page::html(&messages)
}

fn filters(place: &ListAddress) -> Vec<Field> {
    let every = std::iter::once(("", "全部"));
    let kinds = every.chain(Topic::sent().map(|kind| (kind.as_str(), kind.label())));
    [
        Field::new(Kind::Select, "kind", "类别").choices(kinds),
        Field::new(Kind::Select, "unread", "状态").choices([("", "全部"), ("true", "未读")]),
        Field::new(Kind::Select, "due", "期限").choices([("", "全部"), ("true", "未读且未到期")]),
    ]
    .map(|field| place.field(field))
    .to_vec()
}

fn row(message: Message) -> MessageRow {
    MessageRow {
        id: message.id.to_string(),
        title: message.title,
        body: message.body,
        when: message.legal_at.minute(),
        kind: message.kind.label().into(),
        due: message.due_at.map(Time::minute).unwrap_or_default(),
        is_new: message.read_at.is_none(),
    }
}

/// `POST /messages/{id}`: opened; goes where the message leads.
///
/// # Errors
/// 404.
pub async fn open(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let (user, id, now) = (who.user, id.into_inner(), who.received_at);
    let message = db.write_unaudited("message.open", move |c| outbox::open_message(c, user, id, now)).await?;
    let to = if site::is_local(&message.link) { message.link.as_str() } else { "/messages" };
    Ok(reply::see_other(to))
}

/// `POST /messages`: all are marked as read.
pub async fn open_all(who: AnyUser, db: Data<Db>) -> Result<HttpResponse> {
    let (user, now) = (who.user, who.received_at);
    db.write_unaudited("message.open_all", move |c| outbox::open_all_messages(c, user, now)).await?;
    Ok(reply::see_other("/messages"))
}

/// `GET /messages/choices`: what comes by mail as well.
pub async fn choices(who: AnyUser, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let user = who.user;
    let all = db.read(move |c| choice::choices(c, user)).await?;
    let choices = all.into_iter().map(|(kind, ticked)| MailChoice {
        word: kind.as_str().into(),
        label: kind.label().into(),
        ticked,
        fixed: kind.is_obligatory(),
    });
    page::html(&MailChoices { frame: page.frame, choices: choices.collect() })
}

/// `POST /messages/choices`. Legal notices and the safety of the account come by mail whatever is sent.
pub async fn choose(who: AnyUser, db: Data<Db>, form: Form) -> Result<HttpResponse> {
    let wanted: Vec<Topic> = form.values("kinds").filter_map(|word| word.parse().ok()).collect();
    let user = who.user;
    db.write_unaudited("message.choose", move |c| choice::choose(c, user, &wanted)).await?;
    act::done("/messages/choices", "邮件设置已保存。")
}

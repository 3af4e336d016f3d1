//! Messages to the person who is logged in, as JSON.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::paging::{PageOf, Paging};
use crate::platform::http::{Json, Query, number, operation, reply};
use crate::platform::outbox::inbox::{self, MessageFilter};
use crate::platform::outbox::{self, Message, Topic, choice};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::AnyUser;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only about this.
    #[param(value_type = Option<Topic>)]
    pub kind: Option<String>,
    /// `true`: only those not opened.
    #[param(value_type = Option<bool>)]
    pub unread: Option<String>,
    /// `true`: only what is due: not opened, with a date until when to act that has not passed.
    #[param(value_type = Option<bool>)]
    pub due: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Rows wanted, 1 to 200; 50 where nothing is said.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 200)]
    pub limit: Option<String>,
}

impl Wanted {
    /// The filter, and whether only what is due is wanted; what is due tells the procedure's clock.
    fn filter(&self) -> Result<(MessageFilter, bool)> {
        let kind =
            self.kind.as_deref().map(|word| word.parse().map_err(|_| unknown_kind(word))).transpose()?;
        let unread = yes_or_no("unread", self.unread.as_deref())?;
        Ok((MessageFilter { kind, unread, due: None }, yes_or_no("due", self.due.as_deref())?))
    }
}

fn yes_or_no(name: &str, given: Option<&str>) -> Result<bool> {
    match given {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let detail = format!("{name} 应为 true 或 false，您填的是 {}", number::shown(other));
            Err(Refusal::field(format!("/{name}"), detail).into())
        }
    }
}

fn unknown_kind(word: &str) -> Error {
    let known: Vec<&str> = Topic::sent().map(Topic::as_str).collect();
    let detail = format!("kind 应为 {} 之一，您填的是 {}", known.join("、"), number::shown(word));
    Refusal::field("/kind", detail).into()
}

/// One message.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Key.
    pub id: Id,
    /// What it is about.
    pub kind: Topic,
    /// One line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// Path in the portal where one can act.
    pub link: String,
    /// When it came, by the procedure's clock.
    pub sent_at: Time,
    /// Until when to act, where there is a date.
    pub due_at: Option<Time>,
    /// When it was opened.
    pub read_at: Option<Time>,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        Self {
            id: message.id,
            kind: message.kind,
            title: message.title,
            body: message.body,
            link: message.link,
            sent_at: message.legal_at,
            due_at: message.due_at,
            read_at: message.read_at,
        }
    }
}

/// One's own messages, the latest first.
///
/// # Errors
/// 401, 422.
#[operation(responses(
    (status = 200, description = "A page", body = PageOf<MessageView>),
    (status = 422, description = "INVALID"),
))]
pub async fn list(who: AnyUser, db: Data<Db>, wanted: Query<Wanted>) -> Result<HttpResponse> {
    let (filter, due) = wanted.filter()?;
    let Wanted { after, limit, .. } = wanted.into_inner();
    let paging = Paging { after, limit };
    let (before, limit) = (paging.after::<(Time, Id)>()?, paging.limit()?);
    let (user, now) = (who.user, who.received_at);
    let found = db
        .read(move |c| {
            let due = if due { Some(clock::legal_now(c, now)?) } else { None };
            inbox::filtered(c, user, MessageFilter { due, ..filter }, before, limit + 1)
        })
        .await?;
    Ok(reply::ok(&PageOf::new(found, limit, |m| (m.created_at, m.id)).map(MessageView::from)))
}

/// Marks one as opened; the time of the first opening stays.
///
/// # Errors
/// 404 for an unknown one and for everybody else's.
#[operation(responses((status = 204, description = "Opened"), (status = 404, description = "NOT_FOUND")))]
pub async fn open(who: AnyUser, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let (user, id, now) = (who.user, id.into_inner(), who.received_at);
    db.write_unaudited("message.open", move |c| outbox::open_message(c, user, id, now).map(drop)).await?;
    Ok(reply::nothing())
}

/// Marks all of them as opened.
///
/// # Errors
/// 401.
#[operation(responses((status = 204, description = "Opened")))]
pub async fn open_all(who: AnyUser, db: Data<Db>) -> Result<HttpResponse> {
    let (user, now) = (who.user, who.received_at);
    db.write_unaudited("message.open_all", move |c| outbox::open_all_messages(c, user, now).map(drop))
        .await?;
    Ok(reply::nothing())
}

/// Whether messages about something come by mail as well.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChoiceView {
    /// About what.
    pub kind: Topic,
    /// For people.
    pub label: String,
    /// Whether they come by mail.
    pub by_mail: bool,
    /// True where they come by mail whatever is chosen.
    pub obligatory: bool,
}

/// What one wants by mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// All the kinds that come by mail; those that are obligatory need not be named.
    pub by_mail: Vec<Topic>,
}

/// What comes by mail as well.
///
/// # Errors
/// 401.
#[operation(responses((status = 200, description = "Every kind", body = PageOf<ChoiceView>)))]
pub async fn choices(who: AnyUser, db: Data<Db>) -> Result<HttpResponse> {
    chosen(&db, who.user).await
}

/// Chooses what comes by mail as well. What the law says and what touches the account's safety always does.
///
/// # Errors
/// 401, 422.
#[operation(responses(
    (status = 200, description = "Every kind, as it is now", body = PageOf<ChoiceView>),
    (status = 422, description = "INVALID"),
))]
pub async fn choose(who: AnyUser, db: Data<Db>, Json(given): Json<Choices>) -> Result<HttpResponse> {
    let user = who.user;
    db.write_unaudited("message.choose", move |c| choice::choose(c, user, &given.by_mail)).await?;
    chosen(&db, user).await
}

async fn chosen(db: &Db, user: Id) -> Result<HttpResponse> {
    let all = db.read(move |c| choice::choices(c, user)).await?;
    let items = all.into_iter().map(|(kind, by_mail)| ChoiceView {
        kind,
        label: kind.label().into(),
        by_mail,
        obligatory: kind.is_obligatory(),
    });
    Ok(reply::ok(&PageOf { items: items.collect(), next: None }))
}

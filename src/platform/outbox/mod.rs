//! Mail and in-app messages: rendered and stored in the write that causes them, sent afterwards by a worker.
//!
//! A mail is a struct with one template in `templates/mail` ([`Letter::new`]). [`notify`] stores it for every active user of
//! an organisation who has one of the named posts; where there is nobody, its administrators get it and the agency has a line
//! among the refused mails. A worker on every instance claims what is due
//! ([`worker`]) and hands it to the configured [`sender`]; a refusal for good stops the mail and shows on the officer's page.

mod again;
pub mod choice;
pub mod inbox;
pub mod sender;
pub mod worker;

use diesel::prelude::*;

pub use again::try_again;
pub use choice::Topic;
pub use inbox::{count_unread, messages, open_all_messages, open_message, unread};

use super::db::{self, Prepared, Together, Tx, Work};
use super::error::{Error, Result};
use super::schema::{app_user, mail_choice, message, organisation, outbox_mail};
use super::sql::{AnyConn, Id, Question, Time};
use super::who::{OrgKind, Post};
use crate::{keyset, on_db, secret_link, text_enum};

/// One rendered mail, the same for each of its readers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    /// The body for readers of plain text; the message in the portal says the same.
    pub text: String,
    /// The body as HTML.
    pub html: String,
    /// What it is about; people choose by it what they also get by mail.
    pub kind: Topic,
    /// Until when the reader has to act, where there is a date.
    pub due: Option<Time>,
    /// Path in the portal where the reader can act, such as `/orders/…`; the mail shows it with the platform's address.
    pub link: String,
}

impl Letter {
    /// Renders a template of `templates/mail`: the subject, an empty line, the lines of the body; `link` is the path where
    /// the reader can act. The HTML has the same words, a paragraph a line. No value that a letter tells has an empty line in
    /// it, see [`Checks::text`](super::input::Checks::text).
    pub fn new(words: &impl askama::Template, link: impl Into<String>) -> Result<Self> {
        let words = words.render().map_err(Error::internal)?;
        let (subject, text) = words.split_once("\n\n").unwrap_or((&words, ""));
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(Self {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            text: text.trim().to_owned(),
            html: lines.map(|line| format!("<p>{}</p>", escaped(line))).collect(),
            kind: Topic::Notice,
            due: None,
            link: link.into(),
        })
    }

    /// About that; a letter that says nothing else is a notice.
    #[must_use]
    pub fn about(self, kind: Topic) -> Self {
        Self { kind, ..self }
    }
}

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

text_enum! {
    /// How far a mail is.
    pub enum MailState {
        /// To be sent, for the first time or again.
        Waiting = "waiting" | "待发送" [Waiting],
        /// The mail server took it.
        Sent = "sent" | "已发送" [Done],
        /// Refused for good, or given up; the reason stands beside it.
        Refused = "refused" | "未能送达" [Wrong],
    }
}

/// One mail to one person.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = outbox_mail, treat_none_as_default_value = false)]
pub struct Mail {
    /// Key; also the mail's Message-ID, so that a mail sent twice after a crash is shown once.
    pub id: Id,
    /// Address.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Plain body.
    pub body_text: String,
    /// HTML body.
    pub body_html: String,
    /// Path in the portal; a secret in it is there until the mail has left.
    pub link: String,
    /// How far it is.
    pub state: MailState,
    /// How often it was taken up for sending.
    pub attempts: i32,
    /// Not before this time.
    pub next_try_at: Time,
    /// Until then an instance is sending it.
    pub lease_until: Option<Time>,
    /// Why it was not sent the last time, in words.
    pub last_error: Option<String>,
    /// When the write stored it.
    pub created_at: Time,
    /// The procedure's time then, which people read.
    pub legal_at: Time,
    /// When the mail server took it.
    pub sent_at: Option<Time>,
    /// Whose letter it is, where nobody there could get it: then there is no address.
    pub organisation_id: Option<Id>,
}

/// One message in the portal.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = message, treat_none_as_default_value = false)]
pub struct Message {
    /// Key.
    pub id: Id,
    /// Whose.
    pub user_id: Id,
    /// One line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// Path in the portal.
    pub link: String,
    /// When the write stored it.
    pub created_at: Time,
    /// The procedure's time then, which people read.
    pub legal_at: Time,
    /// When it was opened.
    pub read_at: Option<Time>,
    /// What it is about.
    pub kind: Topic,
    /// Until when to act.
    pub due_at: Option<Time>,
}

/// Stores `letter` in the running write: one mail and one in-app message for each active user of `organisation` who has one
/// of `posts`, or for every active user where `posts` is empty. A user without an address gets the message only. Where there is
/// no such user the organisation's administrators get it, and the agency sees that it reached nobody else.
pub fn notify(tx: &mut Tx, organisation: Id, posts: &[Post], letter: &Letter) -> Result<()> {
    notify_but(tx, organisation, posts, &[], letter)
}

/// Somebody of an organisation who gets letters.
struct Reader {
    user: Id,
    address: String,
    post: Post,
    by_mail: bool,
}

/// As [`notify`], without those who know of it anyway.
pub fn notify_but(tx: &mut Tx, organisation: Id, posts: &[Post], but: &[Id], letter: &Letter) -> Result<()> {
    let people = active_people(tx.conn, organisation, letter.kind)?;
    let wanted = |reader: &&Reader| posts.is_empty() || posts.contains(&reader.post);
    let mut readers: Vec<&Reader> = people.iter().filter(wanted).collect();
    let (now, legal) = (tx.now(), tx.legal_now()?);
    let mut unread = None;
    if readers.is_empty() {
        readers = people.iter().filter(|reader| reader.post == Post::Admin).collect();
        unread = Some(without_reader(tx, organisation, !readers.is_empty(), letter)?);
    }
    readers.retain(|reader| !but.contains(&reader.user));
    send(tx.conn, &readers, unread, letter, (now, legal))
}

fn active_people(conn: &mut AnyConn, organisation: Id, kind: Topic) -> Result<Vec<Reader>> {
    // By the organisation's key only: a wider list would make unrelated serializable writes collide.
    let users: Vec<(Id, String, Post, String, bool)> = on_db!(conn, c => app_user::table
        .left_join(mail_choice::table.on(
            mail_choice::user_id.eq(app_user::id)
                .and(mail_choice::kind.eq(kind))
                .and(mail_choice::by_mail.eq(false)),
        ))
        .filter(app_user::organisation_id.eq(organisation))
        .select((
            app_user::id,
            app_user::email,
            app_user::function,
            app_user::state,
            mail_choice::user_id.nullable().is_null(),
        ))
        .load(c))?;
    let reader = |(user, address, post, _, by_mail)| Reader { user, address, post, by_mail };
    Ok(users.into_iter().filter(|(_, _, _, state, _)| state == "active").map(reader).collect())
}

/// What the agency sees of a letter that reached nobody whom it was for.
fn without_reader(tx: &mut Tx, organisation: Id, to_admin: bool, letter: &Letter) -> Result<Mail> {
    let name: String = organisation::table.find(organisation).select(organisation::name).first(tx.conn)?;
    let why = match to_admin {
        true => "该单位没有在用的经办人员，已转送单位管理员；请联系该单位补设人员后重新发送",
        false => "该单位没有在用的经办人员和管理员；请联系该单位补设人员后重新发送",
    };
    Ok(Mail {
        state: MailState::Refused,
        last_error: Some(why.into()),
        organisation_id: Some(organisation),
        ..mail_to(&name, letter, tx.now(), tx.legal_now()?)
    })
}

fn send(
    conn: &mut AnyConn,
    readers: &[&Reader],
    unread: Option<Mail>,
    letter: &Letter,
    (now, legal): (Time, Time),
) -> Result<()> {
    let by_mail = |reader: &&&Reader| reader.by_mail || letter.kind.is_obligatory();
    let messages =
        readers.iter().map(|reader| message_to(reader.user, letter, now, legal)).collect::<Result<_>>()?;
    let addresses =
        readers.iter().filter(by_mail).map(|reader| reader.address.trim()).filter(|to| !to.is_empty());
    let mails = addresses.map(|to| mail_to(to, letter, now, legal)).chain(unread).collect();
    store(conn, messages, mails)
}

/// All of them on one way to PostgreSQL. SQLite has no way to save, and its statement for one row is prepared already.
fn store(conn: &mut AnyConn, messages: Vec<Message>, mails: Vec<Mail>) -> Result<()> {
    let some_mails = !mails.is_empty();
    match conn {
        AnyConn::Pg(c) => {
            let some_messages = !messages.is_empty();
            let messages = diesel::insert_into(message::table).values(messages);
            let mails = diesel::insert_into(outbox_mail::table).values(mails);
            match (some_messages, some_mails) {
                (true, true) => Prepared(Together(messages, mails)).execute(c)?,
                (true, false) => Prepared(messages).execute(c)?,
                (false, true) => Prepared(mails).execute(c)?,
                (false, false) => 0,
            };
        }
        AnyConn::Sqlite(c) => {
            for row in &messages {
                diesel::insert_into(message::table).values(row).execute(c)?;
            }
            for row in &mails {
                diesel::insert_into(outbox_mail::table).values(row).execute(c)?;
            }
        }
    }
    if some_mails {
        db::due(Work::Mail);
    }
    Ok(())
}

/// As [`notify`], for the officers of the procurement agency, whatever else their organisation is, but not these people.
pub fn notify_agency(tx: &mut Tx, but: &[Id], letter: &Letter) -> Result<()> {
    let agencies = of_kinds(tx.conn, &[OrgKind::Agency])?;
    agencies.into_iter().try_for_each(|agency| notify_but(tx, agency, &[Post::Officer], but, letter))
}

/// The organisations that are of one of these kinds, whatever else they are.
pub fn of_kinds(conn: &mut AnyConn, kinds: &[OrgKind]) -> Result<Vec<Id>> {
    let first = organisation::kind.eq_any(kinds.to_vec());
    let mut query = organisation::table.filter(first).select(organisation::id).into_boxed();
    for kind in kinds {
        query = query.or_filter(organisation::other_kinds.like(format!("%{kind}%")));
    }
    Ok(query.load(conn)?)
}

/// As [`notify`], for one person. Without an address there is the message only.
pub fn notify_one(tx: &mut Tx, user: Id, address: &str, letter: &Letter) -> Result<()> {
    let (now, legal) = (tx.now(), tx.legal_now()?);
    let by_mail = choice::without_mail(tx.conn, &[user], letter.kind)?.is_empty();
    let address = Some(address.trim()).filter(|to| by_mail && !to.is_empty());
    let mails = address.map(|to| mail_to(to, letter, now, legal)).into_iter().collect();
    store(tx.conn, vec![message_to(user, letter, now, legal)?], mails)
}

/// Stores a mail to one address in the running write, without a message in the portal.
pub fn mail(tx: &mut Tx, address: &str, letter: &Letter) -> Result<()> {
    let row = mail_to(address, letter, tx.now(), tx.legal_now()?);
    diesel::insert_into(outbox_mail::table).values(&row).execute(tx.conn)?;
    db::due(Work::Mail);
    Ok(())
}

fn mail_to(address: &str, letter: &Letter, now: Time, legal_at: Time) -> Mail {
    Mail {
        id: Id::new(),
        recipient: address.into(),
        subject: letter.subject.clone(),
        body_text: letter.text.clone(),
        body_html: letter.html.clone(),
        link: letter.link.clone(),
        state: MailState::Waiting,
        attempts: 0,
        next_try_at: now,
        lease_until: None,
        last_error: None,
        created_at: now,
        legal_at,
        sent_at: None,
        organisation_id: None,
    }
}

fn message_to(user: Id, letter: &Letter, now: Time, legal_at: Time) -> Result<Message> {
    if secret_link::forget_secret(&letter.link).is_some() {
        return Err(Error::internal("a link with a secret belongs into a mail only"));
    }
    Ok(Message {
        id: Id::new(),
        user_id: user,
        title: letter.subject.clone(),
        body: letter.text.clone(),
        link: letter.link.clone(),
        created_at: now,
        legal_at,
        read_at: None,
        kind: letter.kind,
        due_at: letter.due,
    })
}

/// The newest mails, at most `limit`, in one state or in any: the officer's page of what was refused, the demo's outbox.
/// `before` is the creation time and key of the last one of the page before.
pub fn mails(
    conn: &mut AnyConn,
    state: Option<MailState>,
    before: Option<(Time, Id)>,
    limit: i64,
) -> Result<Vec<Mail>> {
    let mut query = outbox_mail::table.select(Mail::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(outbox_mail::state.eq(state));
    }
    let query = keyset!(query, before, outbox_mail::created_at => desc, outbox_mail::id => desc);
    Ok(query.limit(limit).load(conn)?)
}

/// How many mails are in `state`, to be asked beside other numbers.
pub fn counting(state: MailState) -> Question {
    Box::new(outbox_mail::table.filter(outbox_mail::state.eq(state)).count())
}

/// How many mails are in `state`.
pub fn count(conn: &mut AnyConn, state: MailState) -> Result<i64> {
    Ok(outbox_mail::table.filter(outbox_mail::state.eq(state)).count().get_result(conn)?)
}

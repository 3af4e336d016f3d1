//! Pages that belong to no office: login, start, errors, the demonstration's own.

use askama::Template;

use super::{Field, FieldError, Figure, Frame, News, Paging, Pair, Table, Todo};

/// The login page.
#[derive(Debug, Template)]
#[template(path = "login.html")]
pub struct Login {
    /// The frame, without a viewer.
    pub frame: Frame,
    /// Account.
    pub account: Field,
    /// Password.
    pub password: Field,
    /// Why the last try failed. Empty: none.
    pub refused: String,
    /// Where to go after it.
    pub next: String,
    /// Accounts of the demonstration as (who, account, password); empty elsewhere.
    pub demo_accounts: Vec<(String, String, String)>,
}

/// Start page of a hospital's clerk.
#[derive(Debug, Template)]
#[template(path = "start/hospital.html")]
pub struct StartHospital {
    /// The frame.
    pub frame: Frame,
    /// How many things wait, shown or not.
    pub waiting: String,
    /// What waits, sorted by deadline.
    pub todos: Vec<Todo>,
    /// How things stand.
    pub figures: Vec<Figure>,
    /// What is new, latest first.
    pub news: Vec<News>,
}

/// Start page of an enterprise's clerk.
#[derive(Debug, Template)]
#[template(path = "start/supplier.html")]
pub struct StartSupplier {
    /// The frame.
    pub frame: Frame,
    /// How many things wait, shown or not.
    pub waiting: String,
    /// What waits, sorted by deadline.
    pub todos: Vec<Todo>,
    /// How things stand.
    pub figures: Vec<Figure>,
    /// What is new, latest first.
    pub news: Vec<News>,
}

/// Start page of an officer.
#[derive(Debug, Template)]
#[template(path = "start/officer.html")]
pub struct StartOfficer {
    /// The frame.
    pub frame: Frame,
    /// How many things wait, shown or not.
    pub waiting: String,
    /// What waits, sorted by deadline.
    pub todos: Vec<Todo>,
    /// How things stand.
    pub figures: Vec<Figure>,
    /// What is new, latest first.
    pub news: Vec<News>,
}

/// Any refusal or failure, in the frame.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame; without a viewer it shows the public one.
    pub frame: Frame,
    /// What happened, in a few words.
    pub title: String,
    /// Why, and what to do.
    pub detail: String,
    /// The number to quote.
    pub number: String,
    /// A way back.
    pub back: super::Link,
    /// The fields that were wrong, if the request was a form.
    pub errors: Vec<FieldError>,
}

/// A question before what cannot be undone: what would happen, in numbers. Esc and 取消 lead back.
#[derive(Debug, Default, Template)]
#[template(path = "question.html")]
pub struct Question {
    /// The frame.
    pub frame: Frame,
    /// What is asked.
    pub title: String,
    /// What follows, one sentence.
    pub consequence: String,
    /// The numbers.
    pub facts: Vec<Pair>,
    /// Who takes the answer.
    pub action: String,
    /// What goes with it.
    pub hidden: Vec<(String, String)>,
    /// What the button does.
    pub label: String,
    /// Where 取消 leads. Empty where it leads back to what was typed: then it posts `act` = `edit`.
    pub back: String,
}

/// The page that moves the legal clock, in demo and training.
#[derive(Debug, Template)]
#[template(path = "demo/clock.html")]
pub struct Clock {
    /// The frame.
    pub frame: Frame,
    /// The new time.
    pub to: Field,
    /// Steps offered, as (words, target time).
    pub steps: Vec<(String, String)>,
    /// What will happen on the way, as (time, what).
    pub upcoming: Vec<(String, String)>,
    /// The key of this form.
    pub idempotency_key: String,
}

/// The demonstration's outbox.
#[derive(Debug, Template)]
#[template(path = "demo/outbox.html")]
pub struct Outbox {
    /// The frame.
    pub frame: Frame,
    /// The mails, latest first.
    pub table: Table,
}

/// A message in the portal.
#[derive(Clone, Debug, Default)]
pub struct MessageRow {
    /// Its key.
    pub id: String,
    /// One line.
    pub title: String,
    /// Its text, lines and all.
    pub body: String,
    /// When it came.
    pub when: String,
    /// True until it was opened.
    pub is_new: bool,
    /// What it is about.
    pub kind: String,
    /// Until when to act. Empty: no date.
    pub due: String,
}

/// A person's messages.
#[derive(Debug, Template)]
#[template(path = "messages.html")]
pub struct Messages {
    /// The frame.
    pub frame: Frame,
    /// How many were not opened.
    pub unread: u32,
    /// What is not opened and due, the most pressing first.
    pub due: Vec<MessageRow>,
    /// The filters.
    pub filters: Vec<Field>,
    /// True where one is set.
    pub filtered: bool,
    /// What of the address was not understood; then no message is shown.
    pub faults: Vec<String>,
    /// The messages, latest first.
    pub messages: Vec<MessageRow>,
    /// Back and on.
    pub paging: Paging,
}

/// What a person wants by mail.
#[derive(Debug, Template)]
#[template(path = "account/mail_choices.html")]
pub struct MailChoices {
    /// The frame.
    pub frame: Frame,
    /// Each kind of message.
    pub choices: Vec<MailChoice>,
}

/// One kind of message.
#[derive(Clone, Debug, Default)]
pub struct MailChoice {
    /// What is sent.
    pub word: String,
    /// What is shown.
    pub label: String,
    /// True where it comes by mail.
    pub ticked: bool,
    /// True where that cannot be changed.
    pub fixed: bool,
}

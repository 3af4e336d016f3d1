//! What the pages show.

use askama::Template;

use crate::party::own::views::FileRow;
use crate::platform::http::view::{Badge, Confirm, Event, Field, FieldError, Frame, Pair, Table};

/// The form of an application.
#[derive(Debug, Default, Template)]
#[template(path = "registration/form.html")]
pub struct FormPage {
    /// The frame.
    pub frame: Frame,
    /// What was wrong, above the form.
    pub errors: Vec<FieldError>,
    /// Where it goes.
    pub action: String,
    /// What its button says.
    pub button: String,
    /// Hidden fields: the applicant's key.
    pub hidden: Vec<(String, String)>,
    /// Name, credit code and kind.
    pub first: Vec<Field>,
    /// The further kinds.
    pub others: Vec<Tick>,
    /// What is wrong with them. Empty: nothing.
    pub others_error: String,
    /// Region and contact.
    pub last: Vec<Field>,
}

/// A box that can be ticked.
#[derive(Clone, Debug, Default)]
pub struct Tick {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub text: String,
    /// Whether it is ticked.
    pub on: bool,
}

/// An applicant's own application.
#[derive(Debug, Template)]
#[template(path = "registration/status.html")]
pub struct StatusPage {
    /// The frame.
    pub frame: Frame,
    /// Its number.
    pub number: String,
    /// How far it is.
    pub state: Badge,
    /// What that means and what to do next.
    pub next: String,
    /// What the officer said. Empty: nothing.
    pub words: String,
    /// What was typed.
    pub facts: Vec<Pair>,
    /// The evidence.
    pub files: Vec<FileRow>,
    /// Evidence and answer; none while nothing can be changed.
    pub open: Option<OpenForms>,
    /// What was wrong with them.
    pub errors: Vec<FieldError>,
}

/// What an applicant can still do.
#[derive(Clone, Debug, Default)]
pub struct OpenForms {
    /// The applicant's key.
    pub key: String,
    /// Where what was typed is changed.
    pub change: String,
    /// The field for evidence.
    pub upload: Field,
    /// Hands it in, with what the applicant wants to say.
    pub submit: Confirm,
}

/// Where an applicant without the link is told what to do, and where a link does not work.
#[derive(Debug, Template)]
#[template(path = "registration/message.html")]
pub struct MessagePage {
    /// The frame.
    pub frame: Frame,
    /// What happened.
    pub title: String,
    /// Why, and what to do.
    pub text: String,
}

/// Where the first administrator chooses name and password.
#[derive(Debug, Template)]
#[template(path = "registration/welcome.html")]
pub struct WelcomePage {
    /// The frame.
    pub frame: Frame,
    /// The organisation.
    pub organisation: String,
    /// The link's secret.
    pub key: String,
    /// Login name, name, password, password again.
    pub fields: Vec<Field>,
    /// What was wrong.
    pub errors: Vec<FieldError>,
}

/// The officers' list of applications.
#[derive(Debug, Template)]
#[template(path = "registration/list.html")]
pub struct ListPage {
    /// The frame.
    pub frame: Frame,
    /// The filters.
    pub filters: Vec<Field>,
    /// The applications, the newest first.
    pub table: Table,
}

/// One application, for officers.
#[derive(Debug, Template)]
#[template(path = "registration/show.html")]
pub struct ShowPage {
    /// The frame.
    pub frame: Frame,
    /// Who applies.
    pub name: String,
    /// Its number.
    pub number: String,
    /// How far it is.
    pub state: Badge,
    /// What was typed.
    pub facts: Vec<Pair>,
    /// What the applicant says. Empty: nothing.
    pub statement: String,
    /// The evidence.
    pub files: Vec<FileRow>,
    /// What happened.
    pub events: Vec<Event>,
    /// What this officer can do.
    pub acts: Vec<Confirm>,
    /// Why there is nothing to do. Empty: there is.
    pub nothing: String,
}

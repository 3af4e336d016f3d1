//! What the pages about accounts show.

use askama::Template;

use crate::platform::error::FieldError as Wrong;
use crate::platform::http::form::Form;
use crate::platform::http::page::Page;
use crate::platform::http::view::{Badge, Confirm, Field, FieldError, Frame, Link, Pair, Table, focus_first};

/// A page with one form and nothing else.
#[derive(Debug, Template)]
#[template(path = "account/form.html")]
pub struct FormPage {
    /// The frame.
    pub frame: Frame,
    /// Title.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// Sentences above the form.
    pub notes: Vec<String>,
    /// Where it goes.
    pub action: String,
    /// The fields.
    pub fields: Vec<Field>,
    /// Hidden ones.
    pub hidden: Vec<(String, String)>,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// What the button says.
    pub button: String,
    /// Where to go instead.
    pub back: Option<Link>,
}

impl FormPage {
    /// An empty form.
    pub fn new(page: Page, title: &str, purpose: &str, action: &str, button: &str) -> Self {
        Self {
            frame: page.frame,
            title: title.into(),
            purpose: purpose.into(),
            notes: Vec::new(),
            action: action.into(),
            fields: Vec::new(),
            hidden: Vec::new(),
            errors: Vec::new(),
            button: button.into(),
            back: None,
        }
    }

    /// Its fields, with what was typed into them and what is wrong with it.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>, form: &Form, wrong: &[Wrong]) -> Self {
        self.fields = fields.into_iter().map(|field| form.refill(field, wrong)).collect();
        self.errors = focus_first(self.fields.iter_mut());
        self
    }

    /// Where to go instead.
    #[must_use]
    pub fn back(mut self, text: &str, href: &str) -> Self {
        self.back = Some(Link::new(text, href));
        self
    }

    /// A hidden field.
    #[must_use]
    pub fn hidden(mut self, name: &str, value: &str) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// A sentence above the form.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }
}

/// The people of an organisation.
#[derive(Debug, Template)]
#[template(path = "account/users.html")]
pub struct UsersPage {
    /// The frame.
    pub frame: Frame,
    /// The people.
    pub table: Table,
}

/// One person.
#[derive(Debug, Template)]
#[template(path = "account/user.html")]
pub struct UserPage {
    /// The frame.
    pub frame: Frame,
    /// The person's name.
    pub name: String,
    /// What is known of the person.
    pub facts: Vec<Pair>,
    /// Whether the person may log in.
    pub state: Badge,
    /// Where the post is changed.
    pub action: String,
    /// The post.
    pub function: Field,
    /// The row's version.
    pub version: String,
    /// Other acts.
    pub acts: Vec<Confirm>,
}

/// A person's own account.
#[derive(Debug, Template)]
#[template(path = "account/show.html")]
pub struct AccountPage {
    /// The frame.
    pub frame: Frame,
    /// Who it is.
    pub facts: Vec<Pair>,
    /// How the second step stands.
    pub totp: String,
    /// The log-ins.
    pub table: Table,
    /// True where there are others than this one.
    pub others: bool,
}

/// The second step where it is on.
#[derive(Debug, Template)]
#[template(path = "account/totp.html")]
pub struct TotpPage {
    /// The frame.
    pub frame: Frame,
    /// Since when.
    pub since: String,
    /// Recovery codes left.
    pub left: String,
    /// True where it must stay on.
    pub obligatory: bool,
    /// What may be done.
    pub acts: Vec<Confirm>,
}

/// The picture and the first code.
#[derive(Debug, Template)]
#[template(path = "account/totp_confirm.html")]
pub struct TotpConfirmPage {
    /// The frame.
    pub frame: Frame,
    /// Side of the picture in modules.
    pub side: String,
    /// The black modules as an SVG path.
    pub path: String,
    /// The secret for typing.
    pub typed: String,
    /// The code.
    pub fields: Vec<Field>,
}

/// Recovery codes, shown once.
#[derive(Debug, Template)]
#[template(path = "account/codes.html")]
pub struct CodesPage {
    /// The frame.
    pub frame: Frame,
    /// The codes.
    pub codes: Vec<String>,
}

/// Requests to take away a second step.
#[derive(Debug, Template)]
#[template(path = "account/resets.html")]
pub struct ResetsPage {
    /// The frame.
    pub frame: Frame,
    /// What waits.
    pub table: Table,
    /// The form for another.
    pub fields: Vec<Field>,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
}

/// The organisation's own systems.
#[derive(Debug, Template)]
#[template(path = "account/clients.html")]
pub struct ClientsPage {
    /// The frame.
    pub frame: Frame,
    /// The systems.
    pub table: Table,
    /// The name of another.
    pub name: Field,
    /// What it may do: word, label, whether it is ticked.
    pub scopes: Vec<(String, String, bool)>,
    /// What is wrong with the choice. Empty: nothing.
    pub scopes_wrong: String,
    /// What is wrong with the form.
    pub errors: Vec<FieldError>,
}

/// A system's secret, shown once.
#[derive(Debug, Template)]
#[template(path = "account/secret.html")]
pub struct SecretPage {
    /// The frame.
    pub frame: Frame,
    /// What the system is called.
    pub name: String,
    /// Its key.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

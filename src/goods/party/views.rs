//! What the pages of this office show.

use askama::Template;

use crate::platform::http::view::{Confirm, Field, FieldError, Frame, Table};

/// A hospital's delivery addresses, with the form for one more.
#[derive(Debug, Template)]
#[template(path = "party/addresses.html")]
pub struct AddressesPage {
    /// The frame.
    pub frame: Frame,
    /// The addresses, the default first.
    pub table: Table,
    /// The form; none for who may only look.
    pub form: Option<AddressForm>,
}

/// The form of an address.
#[derive(Clone, Debug, Default)]
pub struct AddressForm {
    /// What was wrong, above the form.
    pub errors: Vec<FieldError>,
    /// Where it goes.
    pub action: String,
    /// Recipient, phone, address.
    pub fields: Vec<Field>,
    /// Whether it becomes the default.
    pub is_default: bool,
    /// Hidden fields, such as the version.
    pub hidden: Vec<(String, String)>,
}

/// One address, to be changed.
#[derive(Debug, Template)]
#[template(path = "party/address.html")]
pub struct AddressPage {
    /// The frame.
    pub frame: Frame,
    /// The form.
    pub form: AddressForm,
    /// Deletes it; none while something in the form is wrong.
    pub delete: Option<Confirm>,
}

/// The distributors that an enterprise has named, and the search for another.
#[derive(Debug, Template)]
#[template(path = "party/distributors.html")]
pub struct DistributorsPage {
    /// The frame.
    pub frame: Frame,
    /// Those named, by name.
    pub table: Table,
    /// The key of the form that names one.
    pub idempotency_key: String,
    /// True if the reader may name others.
    pub may_appoint: bool,
    /// What was looked for.
    pub query: String,
    /// What was found; empty where nothing was looked for.
    pub found: Vec<FoundDistributor>,
    /// One sentence when nothing was found. Empty: not looked yet, or found.
    pub nothing: String,
}

/// A distributor that can be named.
#[derive(Clone, Debug, Default)]
pub struct FoundDistributor {
    /// What is sent.
    pub value: String,
    /// Its name.
    pub name: String,
    /// Its city.
    pub city: String,
    /// True if it is named already.
    pub named: bool,
}

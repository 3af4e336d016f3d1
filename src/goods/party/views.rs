//! What the pages of this office show.

use askama::Template;

use crate::platform::http::view::{Column, Confirm, Field, FieldError, Frame, Table};

/// A hospital's delivery addresses, with the form for one more.
#[derive(Debug, Template)]
#[template(path = "party/addresses.html")]
pub struct AddressesPage {
    /// The frame.
    pub frame: Frame,
    /// The frame of the list.
    pub table: Table,
    /// The addresses, the default first.
    pub rows: Vec<AddressRow>,
    /// The form; none for who may only look.
    pub form: Option<AddressForm>,
}

impl AddressesPage {
    /// The heads of the list, as the template writes its cells.
    #[must_use]
    pub fn heads() -> Vec<Column> {
        vec![
            Column::text("收货人"),
            Column::text("联系电话").wide_only(),
            Column::text("收货地址"),
            Column::text("默认").wide_only(),
            Column::text(""),
        ]
    }
}

/// An address in the list.
#[derive(Clone, Debug, Default)]
pub struct AddressRow {
    /// Who takes the goods.
    pub recipient: String,
    /// How the recipient is reached.
    pub phone: String,
    /// Where.
    pub address: String,
    /// Whether it is chosen where nothing else is said.
    pub is_default: bool,
    /// Where it is changed; none for who may only look.
    pub change: Option<String>,
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
    /// The frame of the list.
    pub table: Table,
    /// Those named, by name.
    pub rows: Vec<DistributorRow>,
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

impl DistributorsPage {
    /// The heads of the list, as the template writes its cells.
    #[must_use]
    pub fn heads() -> Vec<Column> {
        vec![Column::text("配送企业"), Column::text("所在市").wide_only(), Column::text("")]
    }
}

/// A distributor that was named.
#[derive(Clone, Debug, Default)]
pub struct DistributorRow {
    /// Its name.
    pub name: String,
    /// Its city.
    pub city: String,
    /// Ends the appointment; none for who may only look.
    pub end: Option<Confirm>,
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

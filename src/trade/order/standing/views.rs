//! What the pages of standing lists show.

use askama::Template;

use crate::platform::http::view::{Confirm, Field, FieldError, Frame, Table};

/// All lists of a hospital.
#[derive(Debug, Template)]
#[template(path = "order/standing_lists.html")]
pub struct ListsPage {
    /// The frame.
    pub frame: Frame,
    /// The lists.
    pub table: Table,
}

/// One list.
#[derive(Debug, Template)]
#[template(path = "order/standing_list.html")]
pub struct ListPage {
    /// The frame.
    pub frame: Frame,
    /// Its key.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its drugs.
    pub table: Table,
    /// The key of the form that puts it into the basket.
    pub idempotency_key: String,
    /// Another name.
    pub field: Field,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
    /// The version that is shown.
    pub hidden: Vec<(String, String)>,
    /// Deletes it.
    pub delete: Confirm,
}

//! What the pages show.

use askama::Template;

use crate::party::own::views::FileRow;
use crate::platform::http::view::{Badge, Confirm, Field, Frame, Pair, Table};

/// The directory.
#[derive(Debug, Template)]
#[template(path = "directory/list.html")]
pub struct ListPage {
    /// The frame.
    pub frame: Frame,
    /// The filters.
    pub filters: Vec<Field>,
    /// The organisations.
    pub table: Table,
}

/// One organisation.
#[derive(Debug, Template)]
#[template(path = "directory/show.html")]
pub struct ShowPage {
    /// The frame.
    pub frame: Frame,
    /// Its name.
    pub name: String,
    /// Whether it may act.
    pub state: Badge,
    /// What is registered.
    pub facts: Vec<Pair>,
    /// What it handed in.
    pub files: Vec<FileRow>,
    /// Suspends it or lets it act again; none for who may only look.
    pub act: Option<Confirm>,
}

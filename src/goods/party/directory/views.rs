//! What the pages show.

use askama::Template;

use crate::party::own::views::FileRow;
use crate::platform::http::view::{Badge, Column, Confirm, Field, Frame, Pair, Table};

/// The directory.
#[derive(Debug, Template)]
#[template(path = "directory/list.html")]
pub struct ListPage {
    /// The frame.
    pub frame: Frame,
    /// The filters.
    pub filters: Vec<Field>,
    /// The frame of the list.
    pub table: Table,
    /// The organisations.
    pub rows: Vec<Row>,
}

impl ListPage {
    /// The heads of the list, as the template writes its cells.
    #[must_use]
    pub fn heads() -> Vec<Column> {
        vec![
            Column::text("单位名称").key("name"),
            Column::text("单位类别").wide_only(),
            Column::text("所在地").wide_only(),
            Column::text("登记时间").key("time").wide_only(),
            Column::text("状态"),
            Column::text(""),
        ]
    }
}

/// An organisation in the list.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Its credit code.
    pub credit_code: String,
    /// What it is.
    pub kinds: String,
    /// City and district.
    pub place: String,
    /// When it was registered.
    pub when: String,
    /// Whether it may act.
    pub state: Badge,
    /// Where it is.
    pub href: String,
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

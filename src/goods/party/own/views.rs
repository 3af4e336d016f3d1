//! What the pages show.

use askama::Template;

use super::PostHolders;
use crate::platform::attachment::Attachment;
use crate::platform::http::view::{Field, FieldError, Frame, Pair};

/// An organisation's own data.
#[derive(Debug, Template)]
#[template(path = "party/own.html")]
pub struct OwnPage {
    /// The frame.
    pub frame: Frame,
    /// What is registered.
    pub facts: Vec<Pair>,
    /// Who does what there.
    pub posts: Vec<PostRow>,
    /// The licences.
    pub files: Vec<FileRow>,
    /// The field for more; none for who may only look.
    pub upload: Option<Field>,
    /// The fields for whom the other side of an order calls; none for who may only look.
    pub contact_form: Vec<Field>,
    /// What version they change; 0 where nobody was named.
    pub contact_version: i64,
    /// What is wrong with what was typed.
    pub errors: Vec<FieldError>,
}

/// A post, what it is for, who has it.
#[derive(Clone, Debug, Default)]
pub struct PostRow {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub duty: String,
    /// Who has it; in words where nobody has.
    pub people: String,
}

impl PostRow {
    /// As everybody of the organisation sees it.
    #[must_use]
    pub fn of(held: &PostHolders) -> Self {
        Self {
            name: held.post.label().into(),
            duty: held.duty.into(),
            people: if held.people.is_empty() { "暂无".into() } else { held.people.join("、") },
        }
    }
}

/// A file in a list.
#[derive(Clone, Debug, Default)]
pub struct FileRow {
    /// Its name.
    pub name: String,
    /// How large, 「1.2 MB」.
    pub size: String,
    /// When it came.
    pub when: String,
    /// Where it is.
    pub href: String,
}

impl FileRow {
    /// As the organisation's own people and officers see it.
    #[must_use]
    pub fn of(file: &Attachment) -> Self {
        Self {
            name: file.name.clone(),
            size: size(file.size),
            when: file.created_at.minute(),
            href: format!("/files/{}", file.id),
        }
    }
}

/// Bytes for people; whole kilobytes, rounded up.
fn size(bytes: i64) -> String {
    let kib = bytes.max(0).saturating_add(1023) / 1024;
    if kib < 1024 { format!("{kib} KB") } else { format!("{}.{} MB", kib / 1024, kib % 1024 * 10 / 1024) }
}

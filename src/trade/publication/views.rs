//! What everybody may see.

use askama::Template;

use crate::platform::http::view::{Confirm, Field, FieldError, Frame, Link, Table};

/// The head of the audit chain, public.
#[derive(Debug, Template)]
#[template(path = "audit/head.html")]
pub struct AuditHead {
    /// The frame, without a viewer.
    pub frame: Frame,
    /// The number of the last block, for people.
    pub block: String,
    /// The same in addresses.
    pub number: String,
    /// When it was sealed.
    pub sealed_at: String,
    /// How many entries it holds.
    pub entries: String,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// The blocks before it, latest first.
    pub earlier: Vec<AuditBlock>,
}

/// The key that the platform's documents are verified with, public.
#[derive(Debug, Template)]
#[template(path = "publication/key.html")]
pub struct KeyPage {
    /// The frame, without a viewer.
    pub frame: Frame,
    /// SHA-256 of the key.
    pub fingerprint: String,
    /// Since when it is used. Empty: not yet known.
    pub since: String,
    /// The key.
    pub pem: String,
    /// The last block's number. Empty: there is none.
    pub block: String,
    /// Keys that were used before, latest first.
    pub earlier: Vec<KeyRow>,
}

/// A key that was used before.
#[derive(Clone, Debug, Default)]
pub struct KeyRow {
    /// SHA-256 of the key.
    pub fingerprint: String,
    /// Since when it was used.
    pub since: String,
    /// The key.
    pub pem: String,
}

/// A sealed block.
#[derive(Clone, Debug, Default)]
pub struct AuditBlock {
    /// Its number.
    pub block: String,
    /// When it was sealed.
    pub sealed_at: String,
    /// How many entries it holds.
    pub entries: String,
    /// Its hash.
    pub hash: String,
}

/// The start page of anyone who is not logged in.
#[derive(Debug, Template)]
#[template(path = "publication/welcome.html")]
pub struct Welcome {
    /// The frame, without a viewer.
    pub frame: Frame,
    /// The head of the audit chain; its hash is empty where nothing is sealed yet.
    pub block: AuditBlock,
    /// What everybody may look up.
    pub links: Vec<Link>,
}

/// Announcements, the newest first.
#[derive(Debug, Template)]
#[template(path = "publication/announcements.html")]
pub struct Announcements {
    /// The frame.
    pub frame: Frame,
    /// The announcements.
    pub table: Table,
    /// True for who may publish one.
    pub may_publish: bool,
}

/// One announcement.
#[derive(Debug, Template)]
#[template(path = "publication/announcement.html")]
pub struct AnnouncementPage {
    /// The frame.
    pub frame: Frame,
    /// Its title.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// When.
    pub when: String,
    /// Its paragraphs; none where it was withdrawn.
    pub paragraphs: Vec<String>,
    /// When and why it was withdrawn. Empty: it stands.
    pub withdrawn: String,
    /// Withdraws it; none for who may only read.
    pub act: Option<Confirm>,
}

/// The form of an announcement.
#[derive(Debug, Template)]
#[template(path = "publication/announce.html")]
pub struct Announce {
    /// The frame.
    pub frame: Frame,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// Title and text.
    pub fields: Vec<Field>,
}

/// Listed products and their prices.
#[derive(Debug, Template)]
#[template(path = "publication/prices.html")]
pub struct Prices {
    /// The frame.
    pub frame: Frame,
    /// What was looked for.
    pub query: String,
    /// What else narrows the list.
    pub filters: Vec<Field>,
    /// The day of the prices.
    pub day: String,
    /// The products.
    pub table: Table,
}

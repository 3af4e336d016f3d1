//! What everybody may see.

use askama::Template;

use crate::platform::http::view::{Frame, Link};

/// The head of the audit chain, public.
#[derive(Debug, Template)]
#[template(path = "audit/head.html")]
pub struct AuditHead {
    /// The frame, without a viewer.
    pub frame: Frame,
    /// The number of the last block.
    pub block: String,
    /// When it was sealed.
    pub sealed_at: String,
    /// How many entries it holds.
    pub entries: String,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// The blocks before it, latest first.
    pub earlier: Vec<AuditBlock>,
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

/// The start page of whoever is not logged in.
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

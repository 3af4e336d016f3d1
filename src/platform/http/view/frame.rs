//! The frame around every page.

use super::Tone;
use crate::http::assets;

/// What surrounds a page: who looks, on which legal day, what waits elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Name of the platform, in the top bar and the window's title.
    pub platform: String,
    /// The procedure's day and time, `2024-08-05 09:00`.
    pub legal_time: String,
    /// Where 「推进时间」 leads; only in demo and training, and only for officers.
    pub clock: Option<String>,
    /// One line under the top bar on every page, for example that this is a demonstration. Empty: none.
    pub notice: String,
    /// What stands under every page.
    pub foot: Foot,
    /// The person who is logged in.
    pub viewer: Option<Viewer>,
    /// The offices that this role may use, in order.
    pub offices: Vec<NavItem>,
    /// What has just happened, shown once.
    pub flash: Vec<Flash>,
    /// What stands in the search box.
    pub search: String,
    /// Where help for this part of the portal stands.
    pub help: String,
    /// The form token that every POST carries in the field `form_token`.
    pub token: String,
}

impl Frame {
    /// The address of a file under `static/`, with what it holds in short.
    #[must_use]
    pub fn asset(&self, path: &str) -> String {
        assets::address(path)
    }
}

/// Who runs the platform. What is empty is not shown.
#[derive(Clone, Debug, Default)]
pub struct Foot {
    /// The authority that runs it.
    pub sponsor: String,
    /// Whom people call.
    pub telephone: String,
    /// Its number at the ministry and the police.
    pub filing: String,
}

/// The person in front of the page.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    /// Name of the organisation.
    pub organisation: String,
    /// Name of the person.
    pub name: String,
    /// What the person is here, 「药剂科采购员」.
    pub role: String,
    /// Messages not yet read.
    pub unread: u32,
}

/// One office in the navigation.
#[derive(Clone, Debug, Default)]
pub struct NavItem {
    /// Its name.
    pub label: String,
    /// Its address.
    pub href: String,
    /// The number of things that wait there.
    pub waiting: u32,
    /// True on the office's own pages.
    pub current: bool,
}

/// A link with its words.
#[derive(Clone, Debug, Default)]
pub struct Link {
    /// What it says.
    pub text: String,
    /// Where it leads.
    pub href: String,
}

impl Link {
    /// A link.
    pub fn new(text: impl Into<String>, href: impl Into<String>) -> Self {
        Self { text: text.into(), href: href.into() }
    }
}

/// A notice about what has just happened.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Its kind.
    pub tone: Tone,
    /// What happened, why, what to do.
    pub text: String,
    /// Where to go on.
    pub link: Option<Link>,
}

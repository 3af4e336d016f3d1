//! What the portal is called, where it stands, and which cookies and origins follow from that.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::Data;

use super::view::Foot;
use crate::error::{Error, Result};

/// The portal as it is set up.
#[derive(Clone)]
pub struct Site {
    /// Name of the platform.
    pub name: String,
    /// One line on every page, for example that this is a demonstration; empty for none.
    pub notice: String,
    /// What stands at the foot of every page.
    pub foot: Foot,
    /// Who may send forms.
    pub origin: Origin,
    /// Where officers move the legal clock; only in demo and training.
    pub clock_page: Option<String>,
    /// Who, account and password, shown at the log-in of the demonstration; empty elsewhere.
    pub demo_accounts: Vec<(String, String, String)>,
    /// Proxies whose word about the caller's address is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            name: "医药集中采购平台".into(),
            notice: String::new(),
            foot: Foot::default(),
            origin: Origin::Loopback,
            clock_page: None,
            demo_accounts: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// The address that browsers know the portal by. A form from any other is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// `https://host[:port]`, or `http://…` where the operator insists.
    Public(String),
    /// Plain http on this machine: any loopback name and port that the request itself was sent to.
    Loopback,
}

impl Origin {
    /// Reads a public address such as `https://jicai.example.cn`; a path is not allowed. Plain http on this machine is
    /// [`Origin::Loopback`].
    ///
    /// # Errors
    /// A sentence for the operator.
    pub fn parse(address: &str) -> std::result::Result<Self, String> {
        let address = without_default_port(address.trim_end_matches('/').to_ascii_lowercase());
        let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
        match host {
            Some(host) if address.starts_with("http://") && is_loopback(host) => Ok(Self::Loopback),
            Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
                Ok(Self::Public(address))
            }
            _ => Err(format!("平台地址应为 https://主机名[:端口]，不带路径，收到的是 {address}")),
        }
    }

    /// True where cookies travel over TLS only.
    pub fn is_secure(&self) -> bool {
        matches!(self, Self::Public(address) if address.starts_with("https://"))
    }

    /// True where a browser at `origin` may send forms to the host that the request names.
    pub fn allows(&self, origin: &str, host: &str) -> bool {
        match self {
            Self::Public(address) => origin.eq_ignore_ascii_case(address),
            Self::Loopback => is_loopback(host) && origin.eq_ignore_ascii_case(&format!("http://{host}")),
        }
    }
}

/// Browsers do not say `:443` with https, nor `:80` with http.
fn without_default_port(address: String) -> String {
    let port = if address.starts_with("https://") { ":443" } else { ":80" };
    address.strip_suffix(port).map(ToOwned::to_owned).unwrap_or(address)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name.trim_matches(['[', ']']);
    name.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// A cookie of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// The session's secret.
    Session,
    /// The form token of a visitor who has not logged in.
    Form,
    /// What has just happened, shown once.
    Flash,
}

impl CookieKind {
    /// `__Host-` where it travels over TLS: the browser then takes it from this very host only.
    pub fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-jicai-session",
            (Self::Session, false) => "jicai-session",
            (Self::Form, true) => "__Host-jicai-form",
            (Self::Form, false) => "jicai-form",
            (Self::Flash, true) => "__Host-jicai-flash",
            (Self::Flash, false) => "jicai-flash",
        }
    }

    /// The cookie with that value, for as long as the browser is open.
    pub fn bake(self, secure: bool, value: String) -> Cookie<'static> {
        Cookie::build(self.name(secure), value)
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(SameSite::Lax)
            .finish()
    }

    /// The cookie that removes it.
    pub fn crumble(self, secure: bool) -> Cookie<'static> {
        let mut cookie = self.bake(secure, String::new());
        cookie.make_removal();
        cookie
    }
}

/// What the application holds of a type, such as its database.
///
/// # Errors
/// Internal, where it holds none.
pub fn data<T: Clone + 'static>(request: &HttpRequest) -> Result<T> {
    request
        .app_data::<Data<T>>()
        .map(|d| T::clone(d))
        .ok_or_else(|| Error::internal(format!("no {} in the application", std::any::type_name::<T>())))
}

/// True for an address inside the portal: where a log-in or a notice may lead.
pub fn is_local(href: &str) -> bool {
    href.starts_with('/')
        && !href.starts_with("//")
        && !href.contains('\\')
        && !href.chars().any(char::is_control)
}

/// True for the address of a file of the program: the same for everybody, anyone who asks.
pub fn is_file(path: &str) -> bool {
    path.starts_with("/static/")
}

/// True where the request asks for the API or a machine's page, whose errors are problem documents.
pub fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path == "/healthz" || path == "/readyz"
}

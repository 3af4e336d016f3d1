//! Where a request comes from, as far as that can be believed.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

use crate::http::site;
use crate::http::site::Site;
use crate::rules::order::ALPHABET;

/// Who knocks: shown in the list of sessions, written into the audit, counted against floods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The address.
    pub address: IpAddr,
    /// What kind of browser or program it is, in a few words.
    pub device: String,
    /// The request's id, as in the log.
    pub request_id: Option<String>,
}

impl Caller {
    /// Of a request. A proxy's word is taken only from a proxy that the operator named.
    pub fn of(request: &HttpRequest) -> Self {
        let agent = request.headers().get(USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Self { address: address(request), device: device(agent), request_id: request_id(request) }
    }

    /// What is counted together: an IPv4 address, or the /64 that one IPv6 household has.
    pub fn network(&self) -> IpAddr {
        network(self.address)
    }
}

/// As [`Caller::network`].
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The address that a request comes from.
pub fn address(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
    let proxies = site::data::<Site>(request).map(|site| site.trusted_proxies).unwrap_or_default();
    if !proxies.contains(&peer) {
        return peer;
    }
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|v| v.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|line| line.split(',')).map(str::trim).collect();
    behind(&proxies, peer, &hops)
}

/// The nearest hop that is none of our own proxies; whatever stands before it may have been made up.
pub fn behind(proxies: &[IpAddr], peer: IpAddr, hops: &[&str]) -> IpAddr {
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        let Ok(ip) = hop.parse::<IpAddr>() else { return nearest };
        nearest = ip.to_canonical();
        if !proxies.contains(&nearest) {
            return nearest;
        }
    }
    nearest
}

/// A browser says much about itself; two words are enough to know one's own device again.
pub fn device(agent: &str) -> String {
    let has = |word: &str| agent.contains(word);
    let system = [
        ("HarmonyOS", "鸿蒙"),
        ("Android", "安卓"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let browser = [
        ("MicroMessenger", "微信"),
        ("Edg/", "Edge"),
        ("QQBrowser", "QQ 浏览器"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let first = |known: &[(&str, &'static str)]| known.iter().find(|(k, _)| has(k)).map(|(_, name)| *name);
    match (first(&system), first(&browser)) {
        (Some(system), Some(browser)) => {
            format!("{system}，{browser} 浏览器").replace("浏览器 浏览器", "浏览器")
        }
        (Some(system), None) => system.into(),
        _ => {
            let plain = agent.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
            let short: String = plain.take(40).collect();
            if short.is_empty() { "未知设备".into() } else { short }
        }
    }
}

/// The number of a request, for the log, the audit and the telephone: `K7QM-2XWD`, eight characters of those that order numbers
/// are written in: the last forty bits of its id, which are random. With the day it leaves no doubt which request is meant.
pub fn request_id(request: &HttpRequest) -> Option<String> {
    use actix_web::HttpMessage;
    let id = *request.extensions().get::<tracing_actix_web::RequestId>()?;
    let bits = id.as_u128();
    let letter = |place: u32| {
        let value = usize::try_from(bits >> (5 * place) & 31).unwrap_or_default();
        ALPHABET.get(value).copied().map_or('0', char::from)
    };
    let half = |from: u32| (from..from + 4).map(letter).collect::<String>();
    Some(format!("{}-{}", half(4), half(0)))
}

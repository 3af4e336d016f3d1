//! Where a request comes from, as far as that can be believed.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

use crate::http::site;
use crate::http::site::Site;

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
        match self.address {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
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
fn behind(proxies: &[IpAddr], peer: IpAddr, hops: &[&str]) -> IpAddr {
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
fn device(agent: &str) -> String {
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

fn request_id(request: &HttpRequest) -> Option<String> {
    use actix_web::HttpMessage;
    request.extensions().get::<tracing_actix_web::RequestId>().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_header_is_believed_only_as_far_as_our_own_proxies_reach() {
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        let seen = |hops: &[&str]| behind(&proxies, proxies[0], hops);
        assert_eq!(seen(&["203.0.113.9"]), ip("203.0.113.9"));
        // The caller wrote the first one; our own proxy wrote the last.
        assert_eq!(seen(&["198.51.100.1", "203.0.113.9"]), ip("203.0.113.9"));
        assert_eq!(seen(&["198.51.100.1", "203.0.113.9", "10.0.0.2"]), ip("203.0.113.9"));
        assert_eq!(seen(&["nonsense"]), proxies[0]);
        assert_eq!(seen(&[]), proxies[0]);
    }

    #[test]
    fn a_device_is_told_in_two_words() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(device(edge), "Windows，Edge 浏览器");
        let qq = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/98 Safari/537.36 QQBrowser/11";
        assert_eq!(device(qq), "Windows，QQ 浏览器");
        assert_eq!(device("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(device(""), "未知设备");
        assert_eq!(device(&"x".repeat(500)).chars().count(), 40);
    }

    #[test]
    fn one_household_counts_as_one() {
        let caller = |text| Caller { address: ip(text), device: String::new(), request_id: None };
        assert_eq!(caller("2001:db8:1:2:3:4:5:6").network(), caller("2001:db8:1:2::9").network());
        assert_ne!(caller("192.0.2.1").network(), caller("192.0.2.2").network());
    }
}

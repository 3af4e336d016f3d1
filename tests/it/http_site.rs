//! Where forms may come from, and what cookies are like over TLS.

use jicai::platform::http::site::{CookieKind, Origin};

#[test]
fn a_public_address_takes_forms_from_itself_only() {
    for address in ["https://jicai.example.cn", "https://jicai.example.cn/", "https://Jicai.Example.cn:443"] {
        let origin = Origin::parse(address).expect(address);
        assert_eq!(origin, Origin::Public("https://jicai.example.cn".into()));
        assert!(origin.is_secure());
        // The Host header is the sender's to choose, so it proves nothing.
        assert!(origin.allows("https://jicai.example.cn", "anything"));
        for foreign in [
            "http://jicai.example.cn",
            "https://jicai.example.cn.evil.example",
            "https://evil.example",
            "https://jicai.example.cn:8443",
            "null",
            "",
        ] {
            assert!(!origin.allows(foreign, "jicai.example.cn"), "{foreign}");
        }
    }
    for wrong in ["jicai.example.cn", "ftp://x", "https://", "https://x/path", "https://u@x", "https://x?y"] {
        let said = Origin::parse(wrong).expect_err(wrong);
        assert!(said.contains("https://主机名"), "{said}");
    }
}

#[test]
fn on_this_machine_any_name_of_it_will_do_but_no_other() {
    for address in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
        let origin = Origin::parse(address).expect(address);
        assert_eq!(origin, Origin::Loopback);
        assert!(!origin.is_secure());
        for host in ["127.0.0.1:8080", "localhost:9", "localhost", "[::1]:8080", "[::1]"] {
            assert!(origin.allows(&format!("http://{host}"), host), "{host}");
            assert!(!origin.allows(&format!("https://{host}"), host), "{host}");
            assert!(!origin.allows("http://127.0.0.1:1", host), "{host}");
        }
        // A name that somebody points at this machine is not this machine's.
        assert!(!origin.allows("http://evil.example:8080", "evil.example:8080"));
    }
}

#[test]
fn over_tls_a_cookie_belongs_to_this_host_alone() {
    for kind in [CookieKind::Session, CookieKind::Form, CookieKind::Flash] {
        let cookie = kind.bake(true, "value".into()).to_string();
        assert!(cookie.starts_with("__Host-jicai-"), "{cookie}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
        let plain = kind.bake(false, "value".into()).to_string();
        assert!(plain.starts_with("jicai-") && !plain.contains("Secure"), "{plain}");
    }
}

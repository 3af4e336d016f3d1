//! What the pages and addresses of organisations, registration and files answer.

use serde_json::json;

use super::{Body, Row, row};

/// The smallest thing that is taken as evidence.
const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

fn licence() -> Body {
    Body::Upload(vec![], "files", "licence.pdf", PDF)
}

fn version(n: i64) -> Body {
    Body::Form(vec![("version", n.to_string())])
}

pub fn rows() -> Vec<Row> {
    vec![
        row("GET /organisation", "*=200 anonymous=login"),
        row("POST /organisation/files", "*=403 anonymous=login hospital_admin=303").sends(|_, _| licence()),
        row("POST /organisation/contact", "*=403 anonymous=login hospital_admin=303").sends(|_, _| {
            let typed = [("version", "0"), ("name", "药剂科"), ("phone", "0791-5550100")];
            Body::Form(typed.map(|(name, value)| (name, value.into())).to_vec())
        }),
        row("PUT /api/v1/organisation/contact", "*=403 anonymous=401 hospital_admin=200")
            .sends(|_, _| Body::Json(json!({ "name": "药剂科", "phone": "0791-5550101" })))
            .if_match(1),
        row("GET /api/v1/organisation", "*=200 anonymous=401"),
        row("POST /api/v1/organisation/files", "*=403 anonymous=401 hospital_admin=201")
            .sends(|_, _| licence()),
        row("GET /registration", "*=200"),
        // Who has no account is refused without the cookie that comes with the page; whoever is logged in may apply.
        row("POST /registration", "*=422 anonymous=403").sends(|_, _| Body::Form(vec![])),
        row("GET /registration/status", "*=404"),
        row("GET /registration/change", "*=404"),
        row("POST /registration/change", "*=422 anonymous=403").sends(|_, _| Body::Form(vec![])),
        row("POST /registration/files", "*=404 anonymous=403").sends(|_, _| licence()),
        row("GET /registration/files/{id}", "*=404").at(|w, _| format!("/registration/files/{}", w.file)),
        row("POST /registration/submit", "*=404 anonymous=403").sends(|_, _| Body::Form(vec![])),
        row("GET /welcome", "*=404"),
        row("POST /welcome", "*=404 anonymous=403").sends(|_, _| Body::Form(vec![])),
        row("GET /registrations", "*=403 anonymous=login authorities=200"),
        row("GET /registrations/{id}", "*=403 anonymous=login authorities=200")
            .at(|w, _| format!("/registrations/{}", w.registration)),
        // Nobody said why: a matter of the form, not of the right.
        row("POST /registrations/{id}/decide", "*=403 anonymous=login authorities=422")
            .at(|w, _| format!("/registrations/{}/decide", w.registration))
            .sends(|_, _| Body::Form(vec![("act", "refuse".into()), ("version", "2".into())])),
        row("GET /api/v1/registrations", "*=403 anonymous=401 authorities=200"),
        row("GET /api/v1/registrations/{id}", "*=403 anonymous=401 authorities=200")
            .at(|w, _| format!("/api/v1/registrations/{}", w.registration)),
        row("POST /api/v1/registrations/{id}/decisions", "*=403 anonymous=401 authorities=422")
            .at(|w, _| format!("/api/v1/registrations/{}/decisions", w.registration))
            .sends(|_, _| Body::Json(json!({ "act": "refuse" })))
            .if_match(2),
        row("GET /organisations", "*=403 anonymous=login authorities=200"),
        row("GET /organisations.xlsx", "*=403 anonymous=login authorities=200"),
        row("GET /organisations/{id}", "*=403 anonymous=login authorities=200")
            .at(|w, _| format!("/organisations/{}", w.distributor)),
        row("POST /organisations/{id}/state", "*=403 anonymous=login authorities=422")
            .at(|w, _| format!("/organisations/{}/state", w.distributor))
            .sends(|_, _| Body::Form(vec![("state", "suspended".into()), ("version", "1".into())])),
        row("GET /api/v1/organisations", "*=403 anonymous=401 authorities=200"),
        row("GET /api/v1/organisations/{id}", "*=403 anonymous=401 authorities=200")
            .at(|w, _| format!("/api/v1/organisations/{}", w.distributor)),
        row("PUT /api/v1/organisations/{id}/state", "*=403 anonymous=401 authorities=422")
            .at(|w, _| format!("/api/v1/organisations/{}/state", w.distributor))
            .sends(|_, _| Body::Json(json!({ "state": "suspended", "reason": "" })))
            .if_match(1),
        row("GET /prices", "*=200"),
        row("GET /prices.xlsx", "*=200"),
        row("GET /prices/{listing}", "*=200").at(|w, _| format!("/prices/{}", w.listing)),
        row("GET /prices/{listing}/why", "*=200").at(|w, _| format!("/prices/{}/why", w.listing)),
        row("GET /announcements", "*=200"),
        row("GET /announcements/new", "*=403 anonymous=login authorities=200"),
        row("POST /announcements", "*=403 anonymous=login authorities=303").sends(|_, _| {
            Body::Form(vec![("title", "关于挂网的通知".into()), ("body", "请各单位核对目录。".into())])
        }),
        row("GET /announcements/{id}", "*=200").at(|w, _| format!("/announcements/{}", w.announcement)),
        row("POST /announcements/{id}/withdraw", "*=403 anonymous=login authorities=422")
            .at(|w, _| format!("/announcements/{}/withdraw", w.announcement))
            .sends(|_, _| version(1)),
        // A licence of the first hospital: its own people and reviewing officers see it, to everybody else it is not there.
        row("GET /files/{id}", "*=404 anonymous=login first_hospital=200 authorities=200")
            .at(|w, _| format!("/files/{}", w.file)),
        row("GET /api/v1/files/{id}", "*=404 anonymous=401 first_hospital=200 authorities=200")
            .at(|w, _| format!("/api/v1/files/{}", w.file)),
    ]
}

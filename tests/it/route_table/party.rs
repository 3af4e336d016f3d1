//! What the pages and addresses of organisations, registration and files answer.

use super::{Body, Row, row};

/// The smallest thing that is taken as evidence.
const PDF: &[u8] = b"%PDF-1.4\n%%EOF\n";

fn licence() -> Body {
    Body::Upload(vec![], "files", "licence.pdf", PDF)
}

pub fn rows() -> Vec<Row> {
    vec![
        row("GET /organisation", "*=200 anonymous=login"),
        row("POST /organisation/files", "*=403 anonymous=login hospital_admin=303").sends(|_, _| licence()),
        row("GET /api/v1/organisation", "*=200 anonymous=401"),
        row("POST /api/v1/organisation/files", "*=403 anonymous=401 hospital_admin=201")
            .sends(|_, _| licence()),
        // A licence of the first hospital: its own people and reviewing officers see it, to everybody else it is not there.
        row("GET /files/{id}", "*=404 anonymous=login first_hospital=200 authorities=200")
            .at(|w, _| format!("/files/{}", w.file)),
        row("GET /api/v1/files/{id}", "*=404 anonymous=401 first_hospital=200 authorities=200")
            .at(|w, _| format!("/api/v1/files/{}", w.file)),
    ]
}

//! Imports, products and their owners.

use super::{Body, Row, row};

/// Officers of the agency.
const PAGES: &str = "*=403 anonymous=login officer=200 second_officer=200";
const API: &str = "*=403 anonymous=401 officer=200 second_officer=200";

pub fn rows() -> Vec<Row> {
    let mut all = imports();
    all.extend(imports_api());
    all
}

/// The import of the world is done, so that it can neither be confirmed nor given up.
fn imports() -> Vec<Row> {
    let done = "*=403 anonymous=login officer=409 second_officer=409";
    vec![
        row("GET /imports", PAGES),
        row("POST /imports", "*=403 anonymous=login officer=422 second_officer=422")
            .sends(|_, _| Body::Upload(vec![("kind", "drugs".into())], "file", "empty.xlsx", &[])),
        row("GET /imports/templates/{kind}", PAGES).at(|_, _| "/imports/templates/drugs".into()),
        row("GET /imports/{id}", PAGES).at(|w, _| format!("/imports/{}", w.import)),
        row("POST /imports/{id}/confirm", done)
            .at(|w, _| format!("/imports/{}/confirm", w.import))
            .sends(|_, _| Body::Form(vec![])),
        row("POST /imports/{id}/drop", done)
            .at(|w, _| format!("/imports/{}/drop", w.import))
            .sends(|_, _| Body::Form(vec![])),
        row("GET /imports/{id}/sheet.xlsx", PAGES).at(|w, _| format!("/imports/{}/sheet.xlsx", w.import)),
    ]
}

fn imports_api() -> Vec<Row> {
    let done = "*=403 anonymous=401 officer=409 second_officer=409";
    vec![
        row("GET /api/v1/imports", API),
        row("POST /api/v1/imports", "*=403 anonymous=401 officer=422 second_officer=422")
            .at(|_, _| "/api/v1/imports?kind=drugs".into()),
        row("GET /api/v1/imports/{id}", API).at(|w, _| format!("/api/v1/imports/{}", w.import)),
        row("POST /api/v1/imports/{id}/confirm", done)
            .at(|w, _| format!("/api/v1/imports/{}/confirm", w.import)),
        row("POST /api/v1/imports/{id}/drop", done).at(|w, _| format!("/api/v1/imports/{}/drop", w.import)),
        row("GET /api/v1/imports/{id}/sheet.xlsx", API)
            .at(|w, _| format!("/api/v1/imports/{}/sheet.xlsx", w.import)),
        row("GET /api/v1/import-templates/{kind}", API).at(|_, _| "/api/v1/import-templates/drugs".into()),
    ]
}

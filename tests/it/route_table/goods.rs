//! Imports, products and their owners.

use serde_json::json;

use super::{Body, Row, row};

/// Officers of the agency.
const PAGES: &str = "*=403 anonymous=login officer=200 second_officer=200";
const API: &str = "*=403 anonymous=401 officer=200 second_officer=200";

pub fn rows() -> Vec<Row> {
    let mut all = imports();
    all.extend(imports_api());
    all.extend(owners());
    all.extend(office());
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

/// The claim of the world is the first enterprise's, and withdrawn: it can neither be taken back nor decided again.
fn owners() -> Vec<Row> {
    let pages = "*=403 anonymous=login manufacturers=200";
    let api = "*=403 anonymous=401 manufacturers=200";
    vec![
        row("GET /my/products", pages),
        row("GET /my/products.xlsx", pages),
        row("GET /listings/{id}/price-cuts", "*=403 anonymous=login enterprise=200 other_enterprise=404")
            .at(|w, _| format!("/listings/{}/price-cuts", w.listing)),
        row("POST /listings/{id}/price-cuts", "*=403 anonymous=login enterprise=422 other_enterprise=404")
            .at(|w, _| format!("/listings/{}/price-cuts", w.listing))
            .sends(|_, _| incomplete()),
        row("GET /my/claims", pages),
        row("POST /my/claims", "*=403 anonymous=login manufacturers=422")
            .sends(|_, _| Body::Upload(vec![("code", "1".into())], "evidence", "empty.pdf", &[])),
        row("POST /my/claims/{id}/withdraw", "*=403 anonymous=login enterprise=409 other_enterprise=404")
            .at(|w, _| format!("/my/claims/{}/withdraw", w.claim))
            .sends(|_, _| Body::Form(vec![])),
        row("GET /api/v1/my/products", api),
        row("GET /api/v1/my/codes", api),
        row("GET /api/v1/my/claims", api),
        row("POST /api/v1/my/claims", "*=403 anonymous=401 manufacturers=422")
            .sends(|_, _| Body::Upload(vec![("code", "1".into())], "evidence", "empty.pdf", &[])),
        row("GET /api/v1/my/claims/{id}", "*=403 anonymous=401 enterprise=200 other_enterprise=404")
            .at(|w, _| format!("/api/v1/my/claims/{}", w.claim)),
        row(
            "POST /api/v1/my/claims/{id}/withdraw",
            "*=403 anonymous=401 enterprise=409 other_enterprise=404",
        )
        .at(|w, _| format!("/api/v1/my/claims/{}/withdraw", w.claim)),
    ]
}

/// Incomplete forms, stale versions and decided things: an officer may, but there is nothing to be done.
fn office() -> Vec<Row> {
    let late = "*=403 anonymous=login officer=409 second_officer=409";
    let api_late = "*=403 anonymous=401 officer=409 second_officer=409";
    vec![
        row("GET /products/work", PAGES),
        row("GET /listings/work", PAGES),
        row("POST /listings/{id}/prices", "*=403 anonymous=login officer=422 second_officer=422")
            .at(|w, _| format!("/listings/{}/prices", w.listing))
            .sends(|_, _| incomplete()),
        row("POST /price-proposals/{id}/decision", "*=403 anonymous=login officer=404 second_officer=404")
            .at(|w, _| format!("/price-proposals/{}/decision", w.claim))
            .sends(|_, _| Body::Form(vec![("verdict", "confirm".into())])),
        row("GET /products/{id}", PAGES).at(|w, _| format!("/products/{}", w.product)),
        row("POST /products/{id}", "*=403 anonymous=login officer=422 second_officer=422")
            .at(|w, _| format!("/products/{}", w.product))
            .sends(|_, _| incomplete()),
        row("POST /products/{id}/group", "*=403 anonymous=login officer=422 second_officer=422")
            .at(|w, _| format!("/products/{}/group", w.product))
            .sends(|_, _| incomplete()),
        row("POST /claims/{id}/decision", late)
            .at(|w, _| format!("/claims/{}/decision", w.claim))
            .sends(|_, _| Body::Form(vec![("verdict", "confirm".into())])),
        row("POST /product-proposals/{id}/decision", "*=403 anonymous=login officer=404 second_officer=404")
            .at(|w, _| format!("/product-proposals/{}/decision", w.claim))
            .sends(|_, _| Body::Form(vec![("verdict", "confirm".into())])),
        row("GET /api/v1/product-work", API),
        row("POST /api/v1/claims/{id}/decision", api_late)
            .at(|w, _| format!("/api/v1/claims/{}/decision", w.claim))
            .sends(|_, _| Body::Json(json!({ "confirm": true }))),
        row("POST /api/v1/products/{id}/changes", api_late)
            .at(|w, _| format!("/api/v1/products/{}/changes", w.product))
            .sends(|_, _| Body::Json(json!({ "changes": { "brand": "新厂牌" }, "reason": "核对批准文件" })))
            .if_match(77),
        row("POST /api/v1/products/{id}/group", api_late)
            .at(|w, _| format!("/api/v1/products/{}/group", w.product))
            .sends(|_, _| Body::Json(json!({ "reason": "核对批准文件" })))
            .if_match(77),
        row(
            "POST /api/v1/product-proposals/{id}/decision",
            "*=403 anonymous=401 officer=404 second_officer=404",
        )
        .at(|w, _| format!("/api/v1/product-proposals/{}/decision", w.claim))
        .sends(|_, _| Body::Json(json!({ "confirm": true }))),
    ]
}

/// Most fields of the page are missing.
fn incomplete() -> Body {
    Body::Form(vec![("version", "77".into()), ("reason", "核对批准文件".into()), ("brand", "新厂牌".into())])
}

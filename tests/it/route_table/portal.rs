//! What the portal answers.

use serde_json::json;

use super::{Body, Row, row};
use crate::support::app::PASSWORD;

fn nothing() -> Body {
    Body::Form(vec![])
}

fn version(n: i64) -> Body {
    Body::Form(vec![("version", n.to_string())])
}

fn reason(version: i64) -> Body {
    Body::Form(vec![("version", version.to_string()), ("reason", "本月缺货，下月十日恢复供应".into())])
}

fn street() -> Vec<(&'static str, String)> {
    vec![
        ("recipient", "王药师".into()),
        ("phone", "0771-5550123".into()),
        ("address", "南州市民主路 1 号药库".into()),
    ]
}

pub fn rows() -> Vec<Row> {
    vec![
        row("GET /healthz", "*=200"),
        row("GET /readyz", "*=200"),
        row("GET /static/{file:.*}", "*=200").at(|_, _| "/static/css/theme.css".into()),
        row("GET /login", "*=303 anonymous=200"),
        // Without the cookie that comes with the page the form token of a stranger is refused.
        row("POST /login", "*=303 anonymous=403")
            .sends(|_, _| Body::Form(vec![("account", "hospital".into()), ("password", PASSWORD.into())])),
        row("POST /logout", "*=303 anonymous=login").sends(|_, _| nothing()),
        row("GET /", "*=200"),
        row("GET /help", "*=200"),
        row("GET /resume/{id}", "*=404 anonymous=login").at(|w, _| format!("/resume/{}", w.message)),
        row("POST /resume/{id}/drop", "*=303 anonymous=login")
            .at(|w, _| format!("/resume/{}/drop", w.message))
            .sends(|_, _| nothing()),
        row("GET /messages", "*=200 anonymous=login"),
        row("POST /messages/{id}", "*=404 anonymous=login enterprise=303")
            .at(|w, _| format!("/messages/{}", w.message))
            .sends(|_, _| nothing()),
        row("POST /messages", "*=303 anonymous=login").sends(|_, _| nothing()),
        row("GET /audit/head", "*=200"),
        row("GET /audit/blocks/{no}.json", "*=404").at(|_, _| "/audit/blocks/9999.json".into()),
        row("GET /audit/blocks/{no}.sig", "*=404").at(|_, _| "/audit/blocks/9999.sig".into()),
        row("GET /verification-key", "*=200"),
        row("GET /verification-key.pem", "*=200"),
        row("GET /catalogue", "*=200 anonymous=login"),
        row("GET /catalogue.xlsx", "*=200 anonymous=login"),
        row("GET /catalogue/{product}", "*=200 anonymous=login")
            .at(|w, _| format!("/catalogue/{}", w.product)),
        row("GET /listings/{id}/why", "*=200 anonymous=login")
            .at(|w, _| format!("/listings/{}/why", w.listing)),
        // Its price is a general one: there is nothing to be renewed.
        row("POST /listings/{id}/renewals", "*=403 anonymous=login authorities=409")
            .at(|w, _| format!("/listings/{}/renewals", w.listing))
            .sends(|_, _| renewal()),
        // A stale version for whoever may.
        row(
            "POST /listings/{id}/price-withdrawals",
            "*=404 anonymous=login officer=409 second_officer=409 enterprise=409",
        )
        .at(|w, _| format!("/listings/{}/price-withdrawals", w.listing))
        .sends(|w, _| {
            let fields =
                [("version", "9"), ("reason", "日期填错")].map(|(name, value)| (name, value.to_owned()));
            Body::Form(fields.into_iter().chain([("price", w.listing.to_string())]).collect())
        }),
        row("GET /supervision/marked", "*=403 anonymous=login authorities=200"),
        row("GET /supervision/marked.xlsx", "*=403 anonymous=login authorities=200"),
        row("GET /supervision/mails", "*=403 anonymous=login officer=200 second_officer=200"),
        row("POST /supervision/mails", "*=403 anonymous=login officer=303 second_officer=303")
            .sends(|_, _| nothing()),
        row("GET /demo/clock", "*=403 anonymous=login authorities=200"),
        row("GET /demo/outbox", "*=403 anonymous=login authorities=200"),
        row("GET /addresses", "*=403 anonymous=login hospitals=200"),
        row("POST /addresses", "*=403 anonymous=login buyers=303 hospital_admin=303")
            .sends(|_, _| Body::Form(street())),
        row(
            "GET /addresses/{id}",
            "*=403 anonymous=login hospital=200 hospital_admin=200 other_hospital=404",
        )
        .at(|w, who| format!("/addresses/{}", w.address(who))),
        row(
            "POST /addresses/{id}",
            "*=403 anonymous=login hospital=303 hospital_admin=303 other_hospital=404",
        )
        .at(|w, who| format!("/addresses/{}", w.address(who)))
        .sends(|_, _| Body::Form([street(), vec![("version", "1".into())]].concat())),
        row("GET /distributors", "*=403 anonymous=login suppliers=200"),
        row("POST /distributors", "*=403 anonymous=login manufacturers=303")
            .sends(|w, _| Body::Form(vec![("distributor_id", w.distributor.to_string())])),
        row("POST /distributors/{id}/end", "*=403 anonymous=login manufacturers=303")
            .at(|w, _| format!("/distributors/{}/end", w.distributor))
            .sends(|_, _| nothing()),
    ]
}

/// Who may look at a submitted order of the first hospital at the first enterprise.
const READERS: &str =
    "*=200 anonymous=login other_hospital=404 other_enterprise=404 distributor=404 observer=403";

pub fn order_rows() -> Vec<Row> {
    let buyers = "*=403 anonymous=login buyers=200";
    vec![
        row("GET /orders", "*=200 anonymous=login observer=403"),
        row("GET /orders.xlsx", "*=200 anonymous=login observer=403"),
        row("GET /orders/new", buyers),
        // The address is the first hospital's.
        row("POST /orders/new", "*=403 anonymous=login hospital=200 other_hospital=422")
            .sends(|w, _| Body::Form(w.order_form())),
        row("GET /orders/find", buyers).at(|_, _| "/orders/find?q=tbqs".into()),
        row("POST /orders/check", buyers).sends(|w, _| Body::Form(w.order_form())),
        row("POST /orders/draft", buyers).sends(|w, _| Body::Form(w.order_form())),
        row("POST /orders/drafts/{id}/drop", "*=403 anonymous=login buyers=303")
            .at(|w, _| format!("/orders/drafts/{}/drop", w.message))
            .sends(|_, _| nothing()),
        row("POST /orders", "*=403 anonymous=login hospital=303 other_hospital=422")
            .sends(|w, _| Body::Form(w.order_form())),
        row("POST /orders/confirm", "*=403 anonymous=login suppliers=303").sends(|_, _| nothing()),
        row("GET /orders/{id}", READERS).at(|w, _| format!("/orders/{}", w.submitted[0])),
        row("GET /orders/{id}/print", READERS).at(|w, _| format!("/orders/{}/print", w.submitted[0])),
        row("GET /orders/{id}/export", READERS).at(|w, _| format!("/orders/{}/export", w.submitted[0])),
        row(
            "POST /orders/{id}/confirm",
            "*=403 anonymous=login enterprise=303 other_enterprise=404 distributor=404",
        )
        .at(|w, _| format!("/orders/{}/confirm", w.submitted[0]))
        .sends(|_, _| version(2)),
        row(
            "POST /orders/{id}/refuse",
            "*=403 anonymous=login enterprise=303 other_enterprise=404 distributor=404",
        )
        .at(|w, _| format!("/orders/{}/refuse", w.submitted[1]))
        .sends(|_, _| reason(2)),
        row("POST /orders/{id}/cancel", "*=403 anonymous=login hospital=303 other_hospital=404")
            .at(|w, _| format!("/orders/{}/cancel", w.submitted[2]))
            .sends(|_, _| reason(2)),
        row("POST /orders/{id}/urge", "*=403 anonymous=login hospital=409 other_hospital=404")
            .at(|w, _| format!("/orders/{}/urge", w.submitted[2]))
            .sends(|_, _| version(2)),
        row("POST /orders/{id}/delete", "*=403 anonymous=login hospital=303 other_hospital=404")
            .at(|w, _| format!("/orders/{}/delete", w.drafts[0]))
            .sends(|_, _| version(1)),
        row("GET /basket", buyers),
        // It is empty.
        row("GET /basket/check", "*=403 anonymous=login buyers=422"),
        row("POST /basket", "*=403 anonymous=login buyers=303").sends(|_, _| nothing()),
        row("POST /basket/pasted", "*=403 anonymous=login buyers=303").sends(|_, _| {
            Body::Upload(vec![("text", "注射用头孢曲松钠\t10".into())], "other", "none.csv", b"")
        }),
        row("POST /basket/chosen", "*=403 anonymous=login buyers=303").sends(|_, _| nothing()),
        row("POST /basket/list", "*=403 anonymous=login buyers=303")
            .sends(|_, _| Body::Form(vec![("name", "采购车".into())])),
        // Nothing was ordered in the month before.
        row("POST /basket/last-month", "*=403 anonymous=login buyers=422").sends(|_, _| nothing()),
        row("POST /basket/orders", "*=403 anonymous=login buyers=422").sends(|_, _| nothing()),
        row("POST /standing-lists/{id}/take", "*=403 anonymous=login hospital=303 other_hospital=404")
            .at(|w, _| format!("/standing-lists/{}/take", w.lists[0]))
            .sends(|_, _| nothing()),
        row("GET /standing-lists", buyers),
        row("GET /standing-lists/{id}", "*=403 anonymous=login hospital=200 other_hospital=404")
            .at(|w, _| format!("/standing-lists/{}", w.lists[0])),
        row("POST /standing-lists/{id}", "*=403 anonymous=login hospital=303 other_hospital=404")
            .at(|w, _| format!("/standing-lists/{}", w.lists[0]))
            .sends(|_, _| Body::Form(vec![("version", "1".into()), ("name", "急诊".into())])),
        row("POST /standing-lists/{id}/delete", "*=403 anonymous=login hospital=303 other_hospital=404")
            .at(|w, _| format!("/standing-lists/{}/delete", w.lists[1]))
            .sends(|_, _| version(1)),
    ]
}

/// What would spoil the rows before it.
pub fn last_rows() -> Vec<Row> {
    vec![
        row(
            "POST /addresses/{id}/delete",
            "*=403 anonymous=login hospital=303 hospital_admin=303 other_hospital=404",
        )
        .at(|w, who| format!("/addresses/{}/delete", w.address(who)))
        .sends(|_, _| version(3)),
        // Both move everybody's day, each officer further than the one before.
        row("POST /api/v1/legal-clock", "*=403 anonymous=401 authorities=200").sends(|_, who| {
            Body::Json(json!({ "to": format!("20{}-01-01T09:00:00+08:00", 50 + who as u8) }))
        }),
        row("POST /demo/clock", "*=403 anonymous=login authorities=303")
            .sends(|_, who| Body::Form(vec![("to", format!("20{}-01-01T09:00", 80 + who as u8))])),
    ]
}

fn renewal() -> Body {
    let fields = [("version", "1"), ("until", "2030-12-31"), ("reason", "续约文件〔2029〕1 号")];
    Body::Form(fields.map(|(name, value)| (name, value.to_owned())).to_vec())
}

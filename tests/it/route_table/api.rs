//! What the API answers.

use serde_json::json;

use super::world::street;
use super::{Body, Row, row};
use crate::support::app::PASSWORD;

pub fn rows() -> Vec<Row> {
    let users = "*=200 anonymous=401";
    vec![
        row("GET /api/v1/openapi.json", "*=200"),
        row("GET /api/docs", "*=303"),
        row("GET /api/docs/{file:.*}", "*=200").at(|_, _| "/api/docs/".into()),
        row("POST /api/v1/tokens", "*=201")
            .sends(|_, _| Body::Json(json!({ "login": "hospital", "password": PASSWORD }))),
        row("POST /api/v1/tokens/refresh", "*=401")
            .sends(|_, _| Body::Json(json!({ "refresh_token": "unknown" }))),
        row("POST /api/v1/tokens/revoke", "*=204")
            .sends(|_, _| Body::Json(json!({ "refresh_token": "unknown" }))),
        row("GET /api/v1/me", users),
        row("GET /api/v1/products", users),
        row("GET /api/v1/products/{id}", users).at(|w, _| format!("/api/v1/products/{}", w.product)),
        row("GET /api/v1/listings/{id}", users).at(|w, _| format!("/api/v1/listings/{}", w.listing)),
        row("GET /api/v1/listings/{id}/explanation", users)
            .at(|w, _| format!("/api/v1/listings/{}/explanation", w.listing)),
        row("GET /api/v1/listings/{id}/suppliers", users)
            .at(|w, _| format!("/api/v1/listings/{}/suppliers", w.listing)),
        // Of their own products only; that today's price is no cut of itself is a rule, not a right.
        row(
            "POST /api/v1/listings/{id}/price-cuts",
            "*=403 anonymous=401 enterprise=422 other_enterprise=404",
        )
        .at(|w, _| format!("/api/v1/listings/{}/price-cuts", w.listing))
        .sends(|w, _| Body::Json(json!({ "unit_price": "5.80", "from_day": w.soon })))
        .if_match(1),
        // What the office sets is the agency's: no bureau, of whatever level, sets a price.
        row("POST /api/v1/listings/{id}/prices", "*=403 anonymous=401 officer=422 second_officer=422")
            .at(|w, _| format!("/api/v1/listings/{}/prices", w.listing))
            .sends(|_, _| {
                let reason = "核定文件〔2024〕1 号";
                Body::Json(json!({ "unit_price": "5.80", "from_day": "2020-01-01", "reason": reason }))
            })
            .if_match(1),
        row("GET /api/v1/price-proposals", "*=403 anonymous=401 officer=200 second_officer=200"),
        row(
            "POST /api/v1/price-proposals/{id}/decision",
            "*=403 anonymous=401 officer=404 second_officer=404",
        )
        .at(|w, _| format!("/api/v1/price-proposals/{}/decision", w.claim))
        .sends(|_, _| Body::Json(json!({ "confirm": true }))),
        row("POST /api/v1/listings/{id}/renewals", "*=403 anonymous=401 authorities=409")
            .at(|w, _| format!("/api/v1/listings/{}/renewals", w.listing))
            .sends(|_, _| Body::Json(json!({ "until": "2030-12-31", "reason": "续约文件〔2029〕1 号" })))
            .if_match(1),
        row(
            "POST /api/v1/listings/{id}/price-withdrawals",
            "*=404 anonymous=401 officer=409 second_officer=409 enterprise=409",
        )
        .at(|w, _| format!("/api/v1/listings/{}/price-withdrawals", w.listing))
        .sends(|w, _| Body::Json(json!({ "price": w.listing, "reason": "日期填错" })))
        .if_match(9),
        row("GET /api/v1/addresses", "*=403 anonymous=401 hospitals=200"),
        row("POST /api/v1/addresses", "*=403 anonymous=401 buyers=201 hospital_admin=201")
            .sends(|_, _| Body::Json(street("赵药师"))),
        row(
            "PUT /api/v1/addresses/{id}",
            "*=403 anonymous=401 hospital=200 hospital_admin=200 other_hospital=404",
        )
        .at(|w, who| format!("/api/v1/addresses/{}", w.address(who)))
        .sends(|_, _| Body::Json(street("钱药师")))
        .if_match(2),
        // Stale for whoever may: the addresses are needed below.
        row(
            "DELETE /api/v1/addresses/{id}",
            "*=403 anonymous=401 hospital=409 hospital_admin=409 other_hospital=404",
        )
        .at(|w, who| format!("/api/v1/addresses/{}", w.address(who)))
        .if_match(1),
        row("GET /api/v1/distributors", "*=403 anonymous=401 manufacturers=200"),
        row("POST /api/v1/distributors", "*=403 anonymous=401 manufacturers=201")
            .sends(|w, _| Body::Json(json!({ "distributor_id": w.distributor }))),
        row("DELETE /api/v1/distributors/{id}", "*=403 anonymous=401 manufacturers=204")
            .at(|w, _| format!("/api/v1/distributors/{}", w.distributor)),
        row("GET /api/v1/marked-purchases", "*=403 anonymous=401 authorities=200"),
        row("GET /api/v1/marked-purchases.xlsx", "*=403 anonymous=401 authorities=200"),
    ]
}

/// Who may look at a submitted order of the first hospital at the first enterprise.
const READERS: &str =
    "*=200 anonymous=401 other_hospital=404 other_enterprise=404 distributor=404 observer=403";

pub fn order_rows() -> Vec<Row> {
    let supplier = "*=403 anonymous=401 enterprise=200 other_enterprise=404 distributor=404";
    vec![
        row("GET /api/v1/orders", "*=200 anonymous=401 observer=403"),
        row("GET /api/v1/orders.xlsx", "*=200 anonymous=401 observer=403"),
        // The address is the first hospital's.
        row("POST /api/v1/orders", "*=403 anonymous=401 hospital=201 other_hospital=422")
            .sends(|w, _| Body::Json(w.order_input())),
        row("POST /api/v1/orders/preview", "*=403 anonymous=401 hospital=200 other_hospital=422")
            .sends(|w, _| Body::Json(w.order_input())),
        row("GET /api/v1/feed", "*=200 anonymous=401"),
        row("GET /api/v1/legal-clock", "*=200"),
        row("GET /api/v1/orders/{id}", READERS).at(|w, _| format!("/api/v1/orders/{}", w.submitted[3])),
        row("GET /api/v1/orders/{id}/sheet.xlsx", READERS)
            .at(|w, _| format!("/api/v1/orders/{}/sheet.xlsx", w.submitted[3])),
        row("PUT /api/v1/orders/{id}", "*=403 anonymous=401 hospital=200 other_hospital=404")
            .at(|w, _| format!("/api/v1/orders/{}", w.drafts[1]))
            .sends(|w, _| Body::Json(w.order_input()))
            .if_match(1),
        row("DELETE /api/v1/orders/{id}", "*=403 anonymous=401 hospital=204 other_hospital=404")
            .at(|w, _| format!("/api/v1/orders/{}", w.drafts[2]))
            .if_match(1),
        row("POST /api/v1/orders/{id}/submit", "*=403 anonymous=401 hospital=200 other_hospital=404")
            .at(|w, _| format!("/api/v1/orders/{}/submit", w.drafts[3]))
            .sends(|_, _| Body::Json(json!({})))
            .if_match(1),
        row("POST /api/v1/orders/{id}/confirm", supplier)
            .at(|w, _| format!("/api/v1/orders/{}/confirm", w.submitted[4]))
            .if_match(2),
        row("POST /api/v1/orders/{id}/refuse", supplier)
            .at(|w, _| format!("/api/v1/orders/{}/refuse", w.submitted[5]))
            .sends(|_, _| Body::Json(json!({ "reason": "本月缺货，下月十日恢复供应" })))
            .if_match(2),
        row("POST /api/v1/orders/{id}/cancel", "*=403 anonymous=401 hospital=200 other_hospital=404")
            .at(|w, _| format!("/api/v1/orders/{}/cancel", w.submitted[6]))
            .sends(|_, _| Body::Json(json!({ "reason": "重复下单，另一张订单有效" })))
            .if_match(2),
        row("POST /api/v1/orders/{id}/urge", "*=403 anonymous=401 hospital=409 other_hospital=404")
            .at(|w, _| format!("/api/v1/orders/{}/urge", w.submitted[6]))
            .if_match(2),
        row("GET /api/v1/basket", "*=403 anonymous=401 buyers=200"),
        row("POST /api/v1/basket/lines", "*=403 anonymous=401 buyers=200")
            .sends(|w, _| Body::Json(json!({ "lines": [{ "listing_id": w.listing, "quantity": 5 }] }))),
        row("POST /api/v1/basket/pasted", "*=403 anonymous=401 buyers=200")
            .sends(|_, _| Body::Json(json!({ "text": "注射用头孢曲松钠\t10" }))),
        // Nothing was ordered in the month before.
        row("POST /api/v1/basket/last-month", "*=403 anonymous=401 buyers=422")
            .sends(|_, _| Body::Json(json!({}))),
        row("POST /api/v1/standing-lists/{id}/take", "*=403 anonymous=401 hospital=200 other_hospital=404")
            .at(|w, _| format!("/api/v1/standing-lists/{}/take", w.lists[2]))
            .sends(|_, _| Body::Json(json!({}))),
        row("DELETE /api/v1/basket", "*=403 anonymous=401 buyers=204"),
        row("GET /api/v1/standing-lists", "*=403 anonymous=401 hospitals=200"),
        row("POST /api/v1/standing-lists", "*=403 anonymous=401 buyers=201").sends(|w, _| {
            Body::Json(json!({ "name": "常用", "lines": [{ "listing_id": w.listing, "quantity": 5 }] }))
        }),
        row("GET /api/v1/standing-lists/{id}", "*=403 anonymous=401 first_hospital=200 other_hospital=404")
            .at(|w, _| format!("/api/v1/standing-lists/{}", w.lists[2])),
        row("PUT /api/v1/standing-lists/{id}", "*=403 anonymous=401 hospital=200 other_hospital=404")
            .at(|w, _| format!("/api/v1/standing-lists/{}", w.lists[2]))
            .sends(|_, _| Body::Json(json!({ "name": "麻醉科" })))
            .if_match(1),
        row("DELETE /api/v1/standing-lists/{id}", "*=403 anonymous=401 hospital=204 other_hospital=404")
            .at(|w, _| format!("/api/v1/standing-lists/{}", w.lists[3]))
            .if_match(1),
    ]
}

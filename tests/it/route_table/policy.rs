//! What the pages and addresses of the parameters answer.

use serde_json::json;

use super::{Body, Row, row};

fn stale() -> Body {
    Body::Form(vec![("version", "9".into()), ("reason", "文号有误".into())])
}

pub fn rows() -> Vec<Row> {
    let (page, api) = ("*=403 anonymous=login authorities=200", "*=403 anonymous=401 authorities=200");
    // A wrong file and a stale version for whoever may: nothing changes.
    let (wrong_page, wrong_api) =
        ("*=403 anonymous=login authorities=422", "*=403 anonymous=401 authorities=422");
    let (stale_page, stale_api) =
        ("*=403 anonymous=login authorities=409", "*=403 anonymous=401 authorities=409");
    vec![
        row("GET /policy", page),
        row("GET /policy/versions/{day}", page).at(|_, _| "/policy/versions/2024-07-08".into()),
        row("GET /policy/propose", page),
        row("POST /policy/propose", wrong_page).sends(|_, _| {
            Body::Upload(vec![("effective_from", "2030-01-01".into())], "file", "new.toml", b"x = 1")
        }),
        row("GET /policy/proposals/{id}", page).at(|w, _| format!("/policy/proposals/{}", w.proposal)),
        row("POST /policy/proposals/{id}/confirm", stale_page)
            .at(|w, _| format!("/policy/proposals/{}/confirm", w.proposal))
            .sends(|_, _| stale()),
        row("POST /policy/proposals/{id}/reject", stale_page)
            .at(|w, _| format!("/policy/proposals/{}/reject", w.proposal))
            .sends(|_, _| stale()),
        row("GET /calendar", page),
        row("GET /calendar/propose", page),
        row("POST /calendar/propose", wrong_page).sends(|_, _| Body::Form(vec![("number", "号".into())])),
        row("GET /calendar/notices/{id}", page).at(|w, _| format!("/calendar/notices/{}", w.notice)),
        row("POST /calendar/notices/{id}/confirm", stale_page)
            .at(|w, _| format!("/calendar/notices/{}/confirm", w.notice))
            .sends(|_, _| stale()),
        row("POST /calendar/notices/{id}/reject", stale_page)
            .at(|w, _| format!("/calendar/notices/{}/reject", w.notice))
            .sends(|_, _| stale()),
        row("POST /policy/proposals/{id}/withdraw", stale_page)
            .at(|w, _| format!("/policy/proposals/{}/withdraw", w.proposal))
            .sends(|_, _| stale()),
        row("GET /what-if", page),
        row("POST /what-if", page).sends(|_, _| {
            let fields = [("parameter", "selection.max_ratio"), ("values", "1.8"), ("profile", "")];
            let fields = fields.map(|(name, value)| (name, value.to_owned())).into();
            Body::Upload(fields, "file", "lots.jsonl", br#"{"lot":"1","bidders":[]}"#)
        }),
        row("GET /api/v1/policy", api),
        row("GET /api/v1/policy/versions", api),
        row("GET /api/v1/policy/proposals", api),
        row("POST /api/v1/policy/proposals", wrong_api).sends(|_, _| {
            Body::Json(json!({ "effective_from": "2030-01-01", "text": "x = 1", "note": "试试" }))
        }),
        row("GET /api/v1/policy/proposals/{id}", api)
            .at(|w, _| format!("/api/v1/policy/proposals/{}", w.proposal)),
        row("POST /api/v1/policy/proposals/{id}/confirm", stale_api)
            .at(|w, _| format!("/api/v1/policy/proposals/{}/confirm", w.proposal))
            .if_match(9),
        row("POST /api/v1/policy/proposals/{id}/reject", stale_api)
            .at(|w, _| format!("/api/v1/policy/proposals/{}/reject", w.proposal))
            .sends(|_, _| Body::Json(json!({ "reason": "文号有误" })))
            .if_match(9),
        row("GET /api/v1/calendar", api),
        row("POST /api/v1/calendar/notices", wrong_api)
            .sends(|_, _| Body::Json(json!({ "number": "号", "issued": "2024-08-01" }))),
        row("GET /api/v1/calendar/notices/{id}", api)
            .at(|w, _| format!("/api/v1/calendar/notices/{}", w.notice)),
        row("POST /api/v1/calendar/notices/{id}/confirm", stale_api)
            .at(|w, _| format!("/api/v1/calendar/notices/{}/confirm", w.notice))
            .if_match(9),
        row("POST /api/v1/calendar/notices/{id}/reject", stale_api)
            .at(|w, _| format!("/api/v1/calendar/notices/{}/reject", w.notice))
            .sends(|_, _| Body::Json(json!({ "reason": "文号有误" })))
            .if_match(9),
        row("POST /api/v1/policy/proposals/{id}/withdraw", stale_api)
            .at(|w, _| format!("/api/v1/policy/proposals/{}/withdraw", w.proposal))
            .sends(|_, _| Body::Json(json!({ "reason": "文号有误" })))
            .if_match(9),
        row("POST /api/v1/what-if", api)
            .sends(|_, _| Body::Json(json!({ "parameter": "selection.max_ratio", "values": "1.8" }))),
    ]
}

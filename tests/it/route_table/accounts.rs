//! Accounts: one's own, and those that an administrator manages.

use serde_json::json;

use super::{Body, Row, row};

fn form(fields: &[(&'static str, &str)]) -> Body {
    Body::Form(fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
}

pub fn rows() -> Vec<Row> {
    let mut all = strangers();
    all.extend(own());
    all.extend(own_at_the_api());
    all.extend(people());
    all.extend(people_at_the_api());
    all.extend(machines());
    all
}

/// A link without a key is nobody's; a stranger without the page's cookie is refused before that.
fn strangers() -> Vec<Row> {
    vec![
        row("POST /login/code", "*=404 anonymous=403")
            .sends(|_, _| form(&[("half", "x"), ("code", "123456")])),
        row("GET /invitation", "*=404"),
        row("POST /invitation", "*=404 anonymous=403").sends(|_, _| form(&[("key", "x")])),
        row("GET /password/forgotten", "*=200"),
        row("POST /password/forgotten", "*=303 anonymous=403").sends(|_, _| form(&[("account", "nobody")])),
        row("GET /password/reset", "*=404"),
        row("POST /password/reset", "*=404 anonymous=403").sends(|_, _| form(&[("key", "x")])),
        row("GET /account/email/confirm", "*=404"),
        row("POST /account/email/confirm", "*=404 anonymous=403").sends(|_, _| form(&[("key", "x")])),
        row("GET /account/email/undo", "*=404"),
        row("POST /account/email/undo", "*=404 anonymous=403").sends(|_, _| form(&[("key", "x")])),
    ]
}

fn own() -> Vec<Row> {
    let user = "*=200 anonymous=login";
    let keeper = "*=403 anonymous=login hospital_admin=200 officer=200 second_officer=200";
    vec![
        row("GET /account", user),
        row("GET /account/password", user),
        row("POST /account/password", "*=422 anonymous=login").sends(|_, _| {
            form(&[("old", "wrong"), ("password", "green otter ladder"), ("again", "green otter ladder")])
        }),
        row("GET /account/email", user),
        row("POST /account/email", "*=422 anonymous=login")
            .sends(|_, _| form(&[("password", "wrong"), ("email", "new")])),
        row("GET /account/totp", user),
        row("POST /account/totp", "*=422 anonymous=login").sends(|_, _| form(&[("password", "wrong")])),
        row("GET /account/totp/confirm", "*=409 anonymous=login"),
        row("POST /account/totp/confirm", "*=409 anonymous=login").sends(|_, _| form(&[("code", "123456")])),
        row("POST /account/totp/codes", "*=409 anonymous=login").sends(|_, _| form(&[("code", "123456")])),
        row("POST /account/totp/off", "*=422 anonymous=login").sends(|_, _| form(&[("password", "wrong")])),
        row("POST /account/sessions/{key}/end", "*=404 anonymous=login")
            .at(|_, _| "/account/sessions/unknown/end".into())
            .sends(|_, _| form(&[])),
        row("POST /account/sessions/end-others", "*=303 anonymous=login").sends(|_, _| form(&[])),
        row("GET /messages/choices", user),
        row("POST /messages/choices", "*=303 anonymous=login").sends(|_, _| form(&[("kinds", "order")])),
        row("GET /totp-resets", keeper),
        row("POST /totp-resets", "*=403 anonymous=login hospital_admin=422 officer=422 second_officer=422")
            .sends(|_, _| form(&[("login", "nobody"), ("reason", "手机遗失，已当面核对工作证")])),
        row(
            "POST /totp-resets/{id}/{decision}",
            "*=403 anonymous=login hospital_admin=404 officer=404 second_officer=404",
        )
        .at(|w, _| format!("/totp-resets/{}/confirm", w.message))
        .sends(|_, _| form(&[])),
    ]
}

/// Nobody has a second step here, and what is wrong here is not the password, which would lock the name. Every request logs in anew, so all log-ins may be ended.
fn own_at_the_api() -> Vec<Row> {
    let user = "*=200 anonymous=401";
    let code = |_: &super::World, _| Body::Json(json!({ "code": "123456" }));
    vec![
        row("GET /api/v1/account/totp", user),
        row("POST /api/v1/account/totp", "*=422 anonymous=401").sends(|_, _| Body::Json(json!({}))),
        row("POST /api/v1/account/totp/confirmation", "*=409 anonymous=401").sends(code),
        row("POST /api/v1/account/totp/recovery-codes", "*=409 anonymous=401").sends(code),
        row("POST /api/v1/account/totp/removal", "*=422 anonymous=401")
            .sends(|_, _| Body::Json(json!({ "code": "123456" }))),
        row("PUT /api/v1/account/email", "*=422 anonymous=401")
            .sends(|_, _| Body::Json(json!({ "password": "wrong", "email": "new" }))),
        row("GET /api/v1/account/sessions", user),
        row("DELETE /api/v1/account/sessions/{id}", "*=404 anonymous=401")
            .at(|_, _| "/api/v1/account/sessions/unknown".into()),
        row("DELETE /api/v1/account/sessions", "*=204 anonymous=401"),
        row("GET /api/v1/messages", user),
        row("POST /api/v1/messages/read", "*=204 anonymous=401"),
        row("POST /api/v1/messages/{id}/read", "*=404 anonymous=401 enterprise=204")
            .at(|w, _| format!("/api/v1/messages/{}/read", w.message)),
        row("GET /api/v1/messages/choices", user),
        row("PUT /api/v1/messages/choices", user).sends(|_, _| Body::Json(json!({ "by_mail": ["order"] }))),
    ]
}

const ADMIN: &str = "*=403 anonymous=login hospital_admin=200";
const ADMIN_ACTS: &str = "*=403 anonymous=login hospital_admin=303";

fn people() -> Vec<Row> {
    vec![
        row("GET /users", ADMIN),
        row("GET /users/new", ADMIN),
        row("POST /users", ADMIN_ACTS).sends(|_, _| {
            form(&[
                ("login", "first.new"),
                ("display_name", "赵新"),
                ("email", "first@example.cn"),
                ("function", "report"),
            ])
        }),
        row("GET /users/{id}", ADMIN).at(|w, _| format!("/users/{}", w.invited)),
        row("POST /users/{id}/invite", ADMIN_ACTS)
            .at(|w, _| format!("/users/{}/invite", w.invited))
            .sends(|_, _| form(&[("email", "newcomer@example.cn")])),
        row("POST /users/{id}/function", ADMIN_ACTS)
            .at(|w, _| format!("/users/{}/function", w.invited))
            .sends(|_, _| form(&[("version", "1"), ("function", "check")])),
        row("POST /users/{id}/disable", ADMIN_ACTS)
            .at(|w, _| format!("/users/{}/disable", w.invited))
            .sends(|_, _| form(&[("version", "2")])),
        row("POST /users/{id}/enable", ADMIN_ACTS)
            .at(|w, _| format!("/users/{}/enable", w.invited))
            .sends(|_, _| form(&[("version", "3")])),
    ]
}

fn people_at_the_api() -> Vec<Row> {
    let admin = "*=403 anonymous=401 hospital_admin=200";
    vec![
        row("GET /api/v1/users", admin),
        row("POST /api/v1/users", "*=403 anonymous=401 hospital_admin=201").sends(|_, _| {
            Body::Json(json!({
                "login": "second.new", "display_name": "钱新", "email": "second@example.cn", "function": "finance",
            }))
        }),
        row("GET /api/v1/users/{id}", admin).at(|w, _| format!("/api/v1/users/{}", w.invited)),
        row("PUT /api/v1/users/{id}/function", admin)
            .at(|w, _| format!("/api/v1/users/{}/function", w.invited))
            .sends(|_, _| Body::Json(json!({ "function": "order" })))
            .if_match(4),
        row("POST /api/v1/users/{id}/disable", admin)
            .at(|w, _| format!("/api/v1/users/{}/disable", w.invited))
            .if_match(5),
        row("POST /api/v1/users/{id}/enable", admin)
            .at(|w, _| format!("/api/v1/users/{}/enable", w.invited))
            .if_match(6),
        row("POST /api/v1/users/{id}/invitation", "*=403 anonymous=401 hospital_admin=204")
            .at(|w, _| format!("/api/v1/users/{}/invitation", w.invited)),
    ]
}

/// Of the second hospital's client everybody is told that there is none; its own acts are tried elsewhere.
fn machines() -> Vec<Row> {
    let api = "*=403 anonymous=401 hospital_admin=404";
    let portal = "*=403 anonymous=login hospital_admin=404";
    vec![
        row("POST /api/v1/tokens/client", "*=401")
            .sends(|_, _| Body::Json(json!({ "client_id": "unknown", "client_secret": "unknown" }))),
        row("GET /clients", ADMIN),
        row("POST /clients", ADMIN)
            .sends(|_, _| form(&[("name", "药库管理系统"), ("scopes", "orders:read")])),
        row("POST /clients/{id}/rotate", portal)
            .at(|w, _| format!("/clients/{}/rotate", w.message))
            .sends(|_, _| form(&[("version", "1")])),
        row("POST /clients/{id}/revoke", portal)
            .at(|w, _| format!("/clients/{}/revoke", w.message))
            .sends(|_, _| form(&[("version", "1")])),
        row("GET /api/v1/clients", "*=403 anonymous=401 hospital_admin=200"),
        row("POST /api/v1/clients", "*=403 anonymous=401 hospital_admin=201")
            .sends(|_, _| Body::Json(json!({ "name": "药库管理系统", "scopes": ["orders:read"] }))),
        row("POST /api/v1/clients/{id}/rotate", api)
            .at(|w, _| format!("/api/v1/clients/{}/rotate", w.message))
            .if_match(1),
        row("DELETE /api/v1/clients/{id}", api)
            .at(|w, _| format!("/api/v1/clients/{}", w.message))
            .if_match(1),
    ]
}

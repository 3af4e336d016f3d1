//! Errors as answers: `application/problem+json` (RFC 9457) at the API, a page in the frame at the portal. The cause goes to
//! the log with the request id, never to the client.

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use super::flash::with_flash;
use super::site::Site;
use super::view::{ErrorPage, FieldError as ViewError, Link, Tone};
use super::{page, reply};
use crate::error::{Error, Refusal};
use crate::http::site;
use crate::sql::Id;
use crate::who::guard;

/// Code of the refusal that leads to the page where the second step is set up.
pub const SECOND_STEP_FIRST: &str = "SECOND_STEP_FIRST";
/// Seconds after which somebody who found the house full may try again.
const BUSY_SECONDS: i64 = 2;
/// As long when the database could not be reached.
const UNREACHABLE_SECONDS: i64 = 5;

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(public(self).status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The middleware replaces this by [`respond`], which knows the request.
    fn error_response(&self) -> HttpResponse {
        problem(&public(self), "", "")
    }
}

/// What a client is told.
fn public(error: &Error) -> Refusal {
    match error {
        Error::Refused(refusal) => Refusal::clone(refusal),
        Error::Busy => {
            Refusal::new(503, "BUSY", "当前办理的人较多，请稍候几秒再试。").with("retry_after", BUSY_SECONDS)
        }
        Error::Unreachable => Refusal::new(
            503,
            "DATABASE_UNREACHABLE",
            "平台暂时连不上数据库，本次操作可能没有办成。请稍候刷新页面，看是否已办成，再决定是否重新提交。",
        )
        .with("retry_after", UNREACHABLE_SECONDS),
        Error::Database(_) | Error::Internal(_) => Refusal::new(
            500,
            "INTERNAL",
            "平台出现故障，本次操作没有办成。请稍后再试；如仍不行，请把编号告诉管理部门。",
        ),
    }
}

/// The short name of a status.
pub fn title(status: u16) -> &'static str {
    match status {
        400 => "请求无法读取",
        401 => "需要登录",
        403 => "不能办理",
        404 => "没有找到",
        405 => "不支持的操作",
        408 => "等待超时",
        409 => "与现状冲突",
        413 => "内容过大",
        415 => "内容类型不支持",
        422 => "内容需要修改",
        429 => "过于频繁",
        503 => "暂时繁忙",
        _ => "平台故障",
    }
}

/// The answer to a failed request.
pub async fn respond(request: &HttpRequest, error: &Error, request_id: &str) -> HttpResponse {
    log(error, request_id);
    let refusal = public(error);
    let path = request.path();
    if site::is_api(path) {
        return problem(&refusal, path, request_id);
    }
    if refusal.code == SECOND_STEP_FIRST {
        return reply::see_other("/account/totp");
    }
    if refusal.code == "LOGIN_REQUIRED" {
        // A page's own script cannot follow to another page.
        return if asks_for_json(request) { problem(&refusal, path, request_id) } else { to_login(request) };
    }
    if let Some(Typed(kept)) = typed(request) {
        return reply::see_other(&format!("/resume/{kept}"));
    }
    match error_page(request, &refusal, request_id).await {
        Some(response) => response,
        None => problem(&refusal, path, request_id),
    }
}

fn log(error: &Error, request_id: &str) {
    match error {
        Error::Refused(r) => tracing::debug!(request_id, status = r.status, code = r.code, "refused"),
        Error::Busy => tracing::warn!(request_id, "busy"),
        Error::Unreachable => tracing::error!(request_id, "database unreachable"),
        Error::Database(cause) => tracing::error!(request_id, %cause, "database"),
        Error::Internal(cause) => tracing::error!(request_id, cause, "internal"),
    }
}

fn problem(refusal: &Refusal, instance: &str, request_id: &str) -> HttpResponse {
    let mut response = base(refusal);
    response.insert_header((CONTENT_TYPE, "application/problem+json"));
    if refusal.status == 401 {
        response.insert_header((WWW_AUTHENTICATE, "Bearer realm=\"jicai\""));
    }
    response.body(document(refusal, instance, request_id).to_string())
}

fn base(refusal: &Refusal) -> actix_web::HttpResponseBuilder {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(seconds) = refusal.extra.get("retry_after").and_then(Value::as_i64) {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
    }
    response
}

/// The members of RFC 9457, then ours.
fn document(refusal: &Refusal, instance: &str, request_id: &str) -> Value {
    let mut members = Map::new();
    members.insert("type".into(), json!(format!("urn:jicai:problem:{}", refusal.code.to_lowercase())));
    members.insert("title".into(), json!(title(refusal.status)));
    members.insert("status".into(), json!(refusal.status));
    members.insert("code".into(), json!(refusal.code));
    members.insert("detail".into(), json!(refusal.detail));
    if !instance.is_empty() {
        members.insert("instance".into(), json!(instance));
    }
    if !request_id.is_empty() {
        members.insert("request_id".into(), json!(request_id));
    }
    if !refusal.errors.is_empty() {
        members.insert("errors".into(), json!(refusal.errors));
    }
    if let Some(clause) = refusal.clause {
        members.insert("clause".into(), json!(clause));
    }
    for (key, value) in &refusal.extra {
        members.insert(key.clone(), value.clone());
    }
    Value::Object(members)
}

/// Marks a request of an ended session whose form was kept, and under which key.
#[derive(Debug, Clone, Copy)]
pub struct Typed(pub Id);

fn typed(request: &HttpRequest) -> Option<Typed> {
    request.extensions().get::<Typed>().copied()
}

fn asks_for_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.starts_with("application/json")
}

/// Somebody who must log in first is led there and back, to what was typed where that was kept.
fn to_login(request: &HttpRequest) -> HttpResponse {
    let kept = typed(request);
    let next = match kept {
        Some(Typed(kept)) => format!("/resume/{kept}"),
        None if request.method().is_safe() => {
            request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned()
        }
        None => "/".to_owned(),
    };
    let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("next", &next).finish();
    let to = format!("/login?{query}");
    let words = match kept {
        Some(_) => "登录已过期，这次没有办理。您填写的内容已保存，登录后可以继续；选过的文件请重新选择。",
        None if request.method().is_safe() => return reply::see_other(&to),
        None => "登录已过期，这次没有办理。请登录后重新办理。",
    };
    with_flash(reply::see_other(&to), Tone::Hint, words, None)
}

async fn error_page(request: &HttpRequest, refusal: &Refusal, request_id: &str) -> Option<HttpResponse> {
    let site = site::data::<Site>(request).ok()?;
    let visitor = guard::visitor(request).unwrap_or_default();
    let frame = match page::frame(request).await {
        Ok(frame) => frame,
        Err(_) => page::bare(request, &site, &visitor),
    };
    let errors = refusal.errors.iter().map(|e| ViewError {
        field: e.pointer.trim_start_matches('/').replace('/', "-"),
        message: e.detail.clone(),
    });
    let view = ErrorPage {
        title: title(refusal.status).into(),
        detail: refusal.detail.clone(),
        number: request_id.into(),
        back: match refusal.status {
            401 | 403 if frame.viewer.is_none() => Link::new("去登录", "/login"),
            _ => Link::new("回到首页", "/"),
        },
        errors: errors.collect(),
        frame,
    };
    let text = askama::Template::render(&view).ok()?;
    let mut response = base(refusal);
    response.insert_header((CONTENT_TYPE, "text/html; charset=utf-8"));
    Some(response.body(text))
}

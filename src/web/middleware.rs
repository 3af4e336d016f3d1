//! What happens around every request: who is it, may they, is it from our own page, the body, the time it takes, and the
//! answer where something went wrong.

use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, Uri};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest};

use crate::accounts::door::Auth;
use crate::accounts::link;
use crate::accounts::session;
use crate::accounts::token::{self, Holder};
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::body::{self, Most};
use crate::platform::http::flash::{Left, NoticesShown};
use crate::platform::http::lane::Lane;
use crate::platform::http::page::TokenShown;
use crate::platform::http::route::{Route, Rule, Size};
use crate::platform::http::site::{CookieKind, Site};
use crate::platform::http::{Form, caller, csrf, nul, problem, site, upload};
use crate::platform::sql::Id;
use crate::platform::who::guard::{Anyone, Visitor};
use crate::platform::{files, secret};
use crate::web::resume::{self, RESUMED};
use crate::web::typed;

/// What one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// It ends within this time, whatever it waits for.
    pub time: Duration,
    /// Bytes of JSON or of a form.
    pub body: usize,
    /// Bytes of files and sheets.
    pub upload: usize,
}

/// Bytes that a form takes around a file: its other fields.
const FRAMING: usize = 256 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self { time: Duration::from_secs(30), body: 2 * 1024 * 1024, upload: files::LIMIT + FRAMING }
    }
}

impl Limits {
    fn of(&self, size: Size) -> Most {
        match size {
            Size::Body => Most { kept: self.body, dropped: 0 },
            Size::Upload => Most { kept: self.upload, dropped: 2 * self.upload },
        }
    }
}

/// Who may do what at one address, and how much they may send.
#[derive(Clone)]
pub struct Door(Rc<Vec<(Method, Rule, Size)>>);

impl Door {
    /// Of the table's lines with one address.
    pub fn new<'a>(lines: impl Iterator<Item = &'a Route>) -> Self {
        Self(Rc::new(lines.map(|r| (r.method.clone(), r.rule, r.size)).collect()))
    }

    /// The methods that the address knows, as the header names them.
    fn allow(&self) -> Option<HeaderValue> {
        let heads = self.0.iter().any(|(method, ..)| *method == Method::GET).then_some("HEAD");
        let names = self.0.iter().map(|(method, ..)| method.as_str()).chain(heads);
        HeaderValue::from_str(&names.collect::<Vec<_>>().join(", ")).ok()
    }

    fn line(&self, method: &Method) -> Option<&(Method, Rule, Size)> {
        let asked = if *method == Method::HEAD { &Method::GET } else { method };
        self.0.iter().find(|(m, _, _)| m == asked)
    }

    fn rule(&self, method: &Method) -> (Rule, Size) {
        self.line(method).map_or((Rule::of::<Anyone>(), Size::Body), |(_, rule, size)| (*rule, *size))
    }

    /// Refuses what no line is for. Nobody reads what comes with it: what it is decides nothing.
    fn knows(&self, method: &Method, uri: &Uri) -> Result<()> {
        if self.line(method).is_some() {
            return Ok(());
        }
        nul::check(uri, "", &[], None)?;
        let (status, code, detail) = if self.0.is_empty() {
            (404, "NOT_FOUND", "没有这个页面。地址可能写错或已变更，请从首页重新进入。")
        } else {
            (405, "METHOD_NOT_ALLOWED", "该地址不支持这种操作，请核对请求方法。")
        };
        Err(Refusal::new(status, code, detail).into())
    }
}

/// Runs a request through its door. Never fails: whatever goes wrong becomes an answer.
///
/// # Errors
/// None.
pub async fn admit<B: MessageBody + 'static>(
    door: Door,
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse, actix_web::Error> {
    let kept = request.request().clone();
    let id = request_id(&kept);
    let limits: Limits = site::data(&kept).unwrap_or_default();
    let outcome = tokio::time::timeout(limits.time, pass(&door, request, next, &limits, &id)).await;
    let mut response = match outcome {
        Ok(Ok(response)) => match failure(&response) {
            Some(error) => answer(&kept, &error, &id).await,
            None => response.map_into_boxed_body(),
        },
        Ok(Err(error)) => answer(&kept, &error, &id).await,
        Err(_) => answer(&kept, &too_slow(), &id).await,
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED
        && let Some(known) = door.allow()
    {
        response.headers_mut().insert(ALLOW, known);
    }
    if !site::is_api(kept.path()) {
        add_cookies(&kept, &mut response);
    }
    Ok(response)
}

async fn answer(request: &HttpRequest, error: &Error, id: &str) -> ServiceResponse {
    ServiceResponse::new(request.clone(), problem::respond(request, error, id).await)
}

fn too_slow() -> Error {
    Refusal::new(
        503,
        "TOO_SLOW",
        "办理时间过长，结果尚不确定。请刷新页面查看是否已办成，再决定是否重新提交。",
    )
    .into()
}

async fn pass<B: MessageBody + 'static>(
    door: &Door,
    mut request: ServiceRequest,
    next: Next<B>,
    limits: &Limits,
    id: &str,
) -> Result<ServiceResponse<B>> {
    let (rule, size) = door.rule(request.method());
    let takes_files = size == Size::Upload;
    let site: Site = site::data(request.request())?;
    let guarded = csrf::is_unsafe(request.method()) && !site::is_api(request.path());
    if guarded {
        csrf::check_origin(request.headers(), &site.origin)?;
    }
    let mut visitor = visitor(request.request(), &site, &rule, id).await?;
    if !rule.open {
        visitor.narrow(rule.scope)?;
    }
    if !site::is_api(request.path()) {
        // For the frame of the page that says no, or what is wrong with the body.
        request.extensions_mut().insert(visitor.clone());
    }
    door.knows(request.method(), request.uri())?;
    if let Err(refused) = (rule.admit)(&visitor) {
        if guarded && visitor.principal.is_none() {
            typed::keep_of_ended(&mut request, &site, limits.of(size), size).await?;
        }
        return Err(refused);
    }
    confine(&visitor, request.path())?;
    let clock: Clock = site::data(request.request())?;
    let size = if takes_files && visitor.principal.is_none() && !has_key(&request, &clock).await? {
        // A stranger sends much only with the key of what it is for, and shows the key before anything is read.
        Size::Body
    } else {
        size
    };
    let lane: Lane = site::data(request.request())?;
    let network = caller::network(caller::address(request.request()));
    let received = body::read(&mut request, limits.of(size), &clock, &lane, network).await?;
    let upload = upload::read(request.headers(), takes_files, &received.body).await?;
    let kind = body::media_type(request.request());
    nul::check(request.uri(), &kind, &received.body, upload.as_ref().map(|upload| &upload.form))?;
    let mut resumed = None;
    if guarded {
        let form = upload.as_ref().map_or_else(|| Form::parse(&received.body), |u| u.form.clone());
        resumed = form.value(RESUMED).parse::<Id>().ok().zip(visitor.principal.as_ref().map(|who| who.user));
        typed::check_token(&request, &visitor, &form, upload.as_ref(), received.at).await?;
    }
    if let Some(who) = &mut visitor.principal {
        who.received_at = received.at;
    }
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(received);
    if let Some(upload) = upload {
        request.extensions_mut().insert(upload);
    }
    let db: Db = site::data(request.request())?;
    let response = next.call(request).await.map_err(|e| from_actix(&e))?;
    if let Some((form, user)) = resumed
        && response.status().is_redirection()
    {
        resume::done(&db, user, form).await?;
    }
    Ok(response)
}

/// True where the address carries the secret of a link that works.
async fn has_key(request: &ServiceRequest, clock: &Clock) -> Result<bool> {
    let key = Form::parse(request.query_string().as_bytes()).value("key").to_owned();
    if key.is_empty() {
        return Ok(false);
    }
    let (db, now): (Db, _) = (site::data(request.request())?, clock.now());
    db.read(move |conn| link::works(conn, &key, now)).await
}

/// Who stands in front of the counter: a bearer token at the API, a session's cookie at the portal, never the one for the
/// other.
async fn visitor(request: &HttpRequest, site: &Site, rule: &Rule, id: &str) -> Result<Visitor> {
    if site::is_file(request.path()) {
        return Ok(Visitor::default());
    }
    let auth: Auth = site::data(request)?;
    if site::is_api(request.path()) {
        let Some(bearer) = bearer(request.headers()) else { return Ok(Visitor::default()) };
        return match token::holder(&auth, bearer, Some(id.into())).await {
            Ok(Holder { principal, scopes, family }) => {
                let session = family.map(|family| family.to_string());
                Ok(Visitor { principal: Some(principal), scopes, session, ..Visitor::default() })
            }
            Err(Error::Refused(_)) if rule.open => Ok(Visitor::default()),
            Err(error) => Err(error),
        };
    }
    let secure = site.origin.is_secure();
    if let Some(cookie) = request.cookie(CookieKind::Session.name(secure))
        && let Some(session) = session::find(&auth, cookie.value()).await?
    {
        let (form_token, hash) = (session.form_token.clone(), session.token_hash.clone());
        let confined = session.confined;
        let who = session.principal(Some(id.into()), auth.clock.now());
        return Ok(Visitor { principal: Some(who), form_token, session: Some(hash), confined, scopes: None });
    }
    let cookie = request.cookie(CookieKind::Form.name(secure));
    let form_token = cookie.map_or_else(secret::fresh, |c| c.value().to_owned());
    Ok(Visitor { form_token, ..Visitor::default() })
}

/// Anyone who must have a second step and has none may only set it up.
fn confine(visitor: &Visitor, path: &str) -> Result<()> {
    let free = ["/account/totp", "/logout", "/static/"];
    if !visitor.confined || free.iter().any(|start| path.starts_with(start)) {
        return Ok(());
    }
    Err(Refusal::new(403, problem::SECOND_STEP_FIRST, "管理部门的账号须先启用两步验证。").into())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The id that the log knows the request by.
pub fn request_id(request: &HttpRequest) -> String {
    caller::request_id(request).unwrap_or_default()
}

/// What a handler or one of its extractors refused.
fn failure<B>(response: &ServiceResponse<B>) -> Option<Error> {
    response.response().error().map(from_actix)
}

fn from_actix(error: &actix_web::Error) -> Error {
    match error.as_error::<Error>() {
        Some(Error::Refused(refusal)) => Error::Refused(refusal.clone()),
        Some(Error::Busy) => Error::Busy,
        Some(Error::Unreachable) => Error::Unreachable,
        Some(other) => Error::internal(other),
        None => foreign(error),
    }
}

/// The framework's own extractors: a path or a query that cannot be read.
fn foreign(error: &actix_web::Error) -> Error {
    match error.as_response_error().status_code().as_u16() {
        404 => Refusal::not_found("内容").into(),
        400..500 => {
            let said = error.to_string();
            // The framework begins with "Query deserialize error: ", which says nothing to anyone who asked.
            let said = said.split_once(" deserialize error: ").map_or(said.as_str(), |(_, rest)| rest);
            Refusal::unreadable(format!("地址中的参数无法读取，请核对：{said}")).into()
        }
        _ => Error::internal(error),
    }
}

/// Cookies that follow from what the page showed or left behind.
fn add_cookies(request: &HttpRequest, response: &mut ServiceResponse) {
    let Ok(site) = site::data::<Site>(request) else { return };
    let secure = site.origin.is_secure();
    let left = response.response().extensions().get::<Left>().cloned();
    let (shown, token_shown) = {
        let extensions = request.extensions();
        let anonymous =
            extensions.get::<Visitor>().filter(|v| v.session.is_none()).map(|v| v.form_token.clone());
        (extensions.contains::<NoticesShown>(), anonymous.filter(|_| extensions.contains::<TokenShown>()))
    };
    let mut cookies = Vec::new();
    if let Some(Left(value)) = left {
        cookies.push(CookieKind::Flash.bake(secure, value));
    } else if shown {
        cookies.push(CookieKind::Flash.crumble(secure));
    }
    if let Some(token) = token_shown.filter(|_| request.cookie(CookieKind::Form.name(secure)).is_none()) {
        cookies.push(CookieKind::Form.bake(secure, token));
    }
    for cookie in &cookies {
        // A cookie of ours always fits a header.
        let _ = response.response_mut().add_cookie(cookie);
    }
}

/// Around the whole application: headers of every answer, the access log, the figures.
///
/// # Errors
/// Those of the application.
pub async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<B>, actix_web::Error> {
    let started = Instant::now();
    let mut response = next.call(request).await?;
    let request = response.request().clone();
    let id = request_id(&request);
    let secure = site::data::<Site>(&request).is_ok_and(|s| s.origin.is_secure());
    add_headers(response.headers_mut(), &id, secure);
    log(&request, response.status().as_u16(), started.elapsed(), &id);
    Ok(response)
}

/// Everything comes from this host, nothing is written into pages, nobody frames them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

fn add_headers(headers: &mut HeaderMap, id: &str, secure: bool) {
    let fixed: [(&'static str, &'static str); 6] = [
        // A page may bring a stricter policy of its own.
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ];
    for (name, value) in fixed {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(HeaderName::from_static("strict-transport-security"), year);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
}

/// A method as the figures name it. Anybody may invent methods, and each name would be a series that is never given up.
fn known(method: &Method) -> &'static str {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    methods.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}

fn log(request: &HttpRequest, status: u16, took: Duration, id: &str) {
    let route = request.match_pattern().unwrap_or_else(|| "none".into());
    let method = request.method().as_str().to_owned();
    let user =
        request.extensions().get::<Visitor>().and_then(|v| Some(v.principal.as_ref()?.user.to_string()));
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    let client = caller::address(request).to_string();
    tracing::info!(target: "access", request_id = id, method, route, path = request.path(), status, micros, user, client);
    let labels =
        [("method", known(request.method()).into()), ("route", route), ("status", status.to_string())];
    metrics::counter!("jicai_http_requests_total", &labels).increment(1);
    metrics::histogram!("jicai_http_request_seconds", &labels[..2]).record(took);
}

//! A form that came with the wrong session: its text is put aside before the request is refused.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::ACCEPT;

use super::resume;
use crate::accounts::door::Auth;
use crate::accounts::session;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::http::body::{self, Most};
use crate::platform::http::form::TOKEN_FIELD;
use crate::platform::http::lane::Lane;
use crate::platform::http::route::Size;
use crate::platform::http::site::{CookieKind, Site};
use crate::platform::http::{Form, Upload, caller, csrf, nul, problem, site, upload};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::Visitor;

/// What was sent with a session that has ended is kept for its person. A page's own script keeps its page, and nothing is lost.
///
/// # Errors
/// Of the database; what cannot be read.
pub async fn keep_of_ended(request: &mut ServiceRequest, site: &Site, most: Most, size: Size) -> Result<()> {
    let cookie = request.request().cookie(CookieKind::Session.name(site.origin.is_secure()));
    let script =
        request.headers().get(ACCEPT).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let Some(cookie) = cookie.filter(|_| !script) else { return Ok(()) };
    let (auth, clock): (Auth, Clock) = (site::data(request.request())?, site::data(request.request())?);
    let lane: Lane = site::data(request.request())?;
    let network = caller::network(caller::address(request.request()));
    // What is kept is the text; a file is chosen again.
    let received = body::read(request, most, &clock, &lane, network).await?;
    let upload = upload::read(request.headers(), size == Size::Upload, &received.body).await?;
    let kind = body::media_type(request.request());
    nul::check(request.uri(), &kind, &received.body, upload.as_ref().map(|upload| &upload.form))?;
    let form = upload.as_ref().map_or_else(|| Form::parse(&received.body), |u| u.form.clone());
    match session::ended(&auth, cookie.value(), &csrf::plain(form.value(TOKEN_FIELD))).await? {
        Some(user) => keep(request, user, &form, upload.as_ref(), received.at).await,
        None => Ok(()),
    }
}

/// Checks the form token. A form of an earlier session of the same person is put aside before it is refused.
///
/// # Errors
/// 403 `FORM_TOKEN`; of the database.
pub async fn check_token(
    request: &ServiceRequest,
    visitor: &Visitor,
    form: &Form,
    upload: Option<&Upload>,
    now: Time,
) -> Result<()> {
    let checked = csrf::check_token(request.headers(), || form.clone(), &visitor.form_token);
    let token = csrf::plain(form.value(TOKEN_FIELD));
    if let (Err(_), Some(who)) = (&checked, &visitor.principal)
        && session::is_of_another(&site::data(request.request())?, who.user, &token).await?
    {
        keep(request, who.user, form, upload, now).await?;
    }
    checked
}

/// Keeps a form for somebody, and marks the request so that its answer leads there.
async fn keep(
    request: &ServiceRequest,
    user: Id,
    form: &Form,
    upload: Option<&Upload>,
    now: Time,
) -> Result<()> {
    let db: Db = site::data(request.request())?;
    match resume::keep(&db, user, request.path(), form, upload, now).await {
        Ok(Some(kept)) => {
            request.extensions_mut().insert(problem::Typed(kept));
            Ok(())
        }
        // What is too long or too much is told as before: the page still holds it.
        Ok(None) | Err(Error::Refused(_)) => Ok(()),
        Err(other) => Err(other),
    }
}

//! Log-in and log-out at the portal.

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::guard::{self, AnyUser, Anyone};
use super::{Auth, login as door, session};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::reply;
use crate::platform::http::site::{CookieKind, Site};
use crate::platform::http::view::{Field, Kind, Login, Tone};

/// Where to go after the log-in.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    /// An address of the portal.
    #[serde(default)]
    next: String,
}

/// `GET /login`. Somebody who is logged in goes on.
///
/// # Errors
/// Of the database.
pub async fn login(who: Anyone, next: Query<Next>, site: Data<Site>, page: Page) -> Result<HttpResponse> {
    if who.0.is_some() {
        return Ok(reply::see_other(target(&next.next)));
    }
    page::html(&view(&site, page, &Form::default(), &next.next, ""))
}

/// `POST /login`: a new session, whatever was before.
///
/// # Errors
/// Of the database; a refused log-in is shown with the form.
pub async fn log_in(
    _: Anyone,
    auth: Data<Auth>,
    site: Data<Site>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let password = form.value("password").to_owned();
    let id = super::api::request_id(&request);
    let proven = match door::check(&auth, form.value("account"), password, id).await {
        Ok(proven) => proven,
        Err(Error::Refused(refusal)) => return refused(&request, &site, &form, &refusal).await,
        Err(other) => return Err(other),
    };
    if let Some(earlier) = guard::visitor(&request)?.session {
        session::revoke(&auth, &earlier).await?;
    }
    let secret = session::open(&auth, &proven).await?;
    let secure = site.origin.is_secure();
    let mut response = reply::see_other(target(form.value("next")));
    for cookie in [CookieKind::Session.bake(secure, secret), CookieKind::Form.crumble(secure)] {
        response.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(response)
}

async fn refused(request: &HttpRequest, site: &Site, form: &Form, refusal: &Refusal) -> Result<HttpResponse> {
    let page = Page { frame: page::frame(request).await? };
    // 401 would make a browser ask for a password of its own.
    let status = if refusal.status == 401 { 422 } else { refusal.status };
    page::html_with(status, &view(site, page, form, form.value("next"), &refusal.detail))
}

fn view(site: &Site, page: Page, form: &Form, next: &str, refused: &str) -> Login {
    let account = Field::new(Kind::Text, "account", "账号").autocomplete("username").longest(64);
    let mut account = form.refill(account, &[]);
    account.focus = true;
    Login {
        frame: page.frame,
        account,
        password: Field::new(Kind::Password, "password", "密码")
            .autocomplete("current-password")
            .longest(128),
        code: None,
        refused: refused.into(),
        next: target(next).into(),
        demo_accounts: site.demo_accounts.clone(),
    }
}

/// Only inside the portal: a log-in never leads to another site.
fn target(next: &str) -> &str {
    if page::is_local(next) && !next.starts_with("/login") { next } else { "/" }
}

/// `POST /logout`: the session ends at once.
///
/// # Errors
/// Of the database.
pub async fn log_out(
    _: AnyUser,
    auth: Data<Auth>,
    site: Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    if let Some(hash) = guard::visitor(&request)?.session {
        session::revoke(&auth, &hash).await?;
    }
    let mut response = with_flash(reply::see_other("/login"), Tone::Done, "您已退出登录。", None);
    response.add_cookie(&CookieKind::Session.crumble(site.origin.is_secure())).map_err(Error::internal)?;
    Ok(response)
}

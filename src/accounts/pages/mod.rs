//! The pages about accounts: log-in and log-out here, the rest beside it.

pub mod account;
pub mod api_clients;
pub mod links;
pub mod totp;
pub mod users;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use super::door::Auth;
use super::login::{self as door, Given, Step};
use super::name::LOGIN;
use super::session;
use super::strength::PASSWORD;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::site::{CookieKind, Site};
use crate::platform::http::view::{Field, Kind, Login, Tone};
use crate::platform::http::{Query, act, reply, site};
use crate::platform::who::guard::{self, AnyUser, Anyone};

use super::views::FormPage;

/// What a log-in is refused with; the page says why.
const REFUSED: [u16; 5] = [401, 404, 409, 422, 429];

/// Where to go after the log-in.
#[derive(Debug, Default, Deserialize)]
pub struct Next {
    /// An address of the portal.
    #[serde(default)]
    next: String,
}

/// `GET /login`. Somebody who is logged in goes on.
pub async fn login(who: Anyone, next: Query<Next>, site: Data<Site>, page: Page) -> Result<HttpResponse> {
    if who.0.is_some() {
        return Ok(reply::see_other(target(&next.next)));
    }
    page::html(&view(&site, page, &Form::default(), &next.next, ""))
}

/// `POST /login`: a new session, whatever was before; or the page that asks for the code.
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
    let given =
        Given { login: form.value("account").into(), password: form.value("password").into(), code: None };
    act::answer_on(
        &REFUSED,
        &request,
        door::check(&auth, given, Caller::of(&request)),
        async |step| go_on(&auth, &site, &form, &request, step).await,
        async |page, no| Ok(view(&site, page, &form, form.value("next"), &no.detail)),
    )
    .await
}

/// `POST /login/code`: the second step.
///
/// # Errors
/// Of the database; a wrong code is shown with the form.
pub async fn log_in_with_code(
    _: Anyone,
    auth: Data<Auth>,
    site: Data<Site>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (half, code) = (form.value("half").to_owned(), form.value("code").to_owned());
    let second = door::second(&auth, half, code, Caller::of(&request));
    let second = act::at_field("/code", |no| no.code == "TOTP_WRONG", second.await);
    let tried = act::answer(
        &request,
        async { second },
        async |step| go_on(&auth, &site, &form, &request, step).await,
        async |page, no| Ok(code_view(page, form.value("half"), form.value("next"), &no.errors)),
    );
    // Anything but a wrong code begins the log-in again.
    let again =
        async |page, no: Refusal| Ok(view(&site, page, &Form::default(), form.value("next"), &no.detail));
    act::answer_on(&REFUSED, &request, tried, async |answer| Ok(answer), again).await
}

async fn go_on(
    auth: &Auth,
    site: &Site,
    form: &Form,
    request: &HttpRequest,
    step: Step,
) -> Result<HttpResponse> {
    let proven = match step {
        Step::In(proven) => proven,
        Step::CodeNeeded(half) => {
            let page = Page { frame: page::frame(request).await? };
            return page::html(&code_view(page, &half, form.value("next"), &[]));
        }
    };
    if let Some(earlier) = guard::visitor(request)?.session {
        session::revoke(auth, proven.principal.actor(), &earlier).await?;
    }
    let secret = session::open(auth, &proven).await?;
    let secure = site.origin.is_secure();
    let mut response = reply::see_other(target(form.value("next")));
    for cookie in [CookieKind::Session.bake(secure, secret), CookieKind::Form.crumble(secure)] {
        response.add_cookie(&cookie).map_err(Error::internal)?;
    }
    Ok(response)
}

fn code_view(page: Page, half: &str, next: &str, wrong: &[FieldError]) -> FormPage {
    let code = Field::new(Kind::Text, "code", "验证码")
        .help("验证器应用上显示的 6 位数字；手机不在身边时，可以输入一个恢复码")
        .autocomplete("one-time-code")
        .longest(24);
    let mut view = FormPage::new(page, "输入验证码", "您的账号启用了两步验证。", "/login/code", "登录")
        .fields([code], &Form::default(), wrong)
        .hidden("half", half)
        .hidden("next", target(next))
        .back("重新输入账号和密码", "/login");
    view.fields.iter_mut().for_each(|field| field.focus = true);
    view
}

fn view(site: &Site, page: Page, form: &Form, next: &str, refused: &str) -> Login {
    let account = Field::of(Kind::Text, &LOGIN).called("account", "账号").autocomplete("username");
    let mut account = form.refill(account, &[]);
    account.focus = true;
    Login {
        frame: page.frame,
        account,
        password: Field::of(Kind::Password, &PASSWORD).autocomplete("current-password"),
        refused: refused.into(),
        next: target(next).into(),
        demo_accounts: site.demo_accounts.clone(),
    }
}

/// Only inside the portal: a log-in never leads to another site.
fn target(next: &str) -> &str {
    if site::is_local(next) && !next.starts_with("/login") { next } else { "/" }
}

/// `POST /logout`: the session ends at once.
pub async fn log_out(
    who: AnyUser,
    auth: Data<Auth>,
    site: Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    if let Some(hash) = guard::visitor(&request)?.session {
        session::revoke(&auth, who.actor(), &hash).await?;
    }
    let mut response = with_flash(reply::see_other("/login"), Tone::Done, "您已退出登录。", None);
    response.add_cookie(&CookieKind::Session.crumble(site.origin.is_secure())).map_err(Error::internal)?;
    Ok(response)
}

//! A person's own account: password and sessions.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::links::{new_password_fields, same};
use crate::devices::{self, Device};
use crate::door::Auth;
use crate::name::EMAIL;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::caller::Caller;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::place::ListAddress;
use crate::platform::http::site::{CookieKind, Site};
use crate::platform::http::view::{Button, Cell, Field, Kind, Pair, Table, Tone};
use crate::platform::http::{act, reply};
use crate::platform::who::guard::{self, AnyUser};
use crate::strength::PASSWORD;
use crate::views::{AccountPage, FormPage};
use crate::{change, enrol, mailbox};

/// `GET /account`.
pub async fn show(who: AnyUser, auth: Data<Auth>, page: Page, request: HttpRequest) -> Result<HttpResponse> {
    let all = devices::list(&auth, &who, guard::visitor(&request)?.session).await?;
    let status = enrol::status(&auth, &who).await?;
    let role = format!("{}，{}", who.kind.label(), who.post.label());
    let email = mailbox::current(&auth, &who).await?;
    let table = Table {
        caption: "登录设备".into(),
        empty_text: "没有有效的登录。".into(),
        ..columns(&page.frame.token).table("sessions", &all, &ListAddress::of(&request, &[]), "")
    };
    page::html(&AccountPage {
        frame: page.frame,
        facts: vec![
            Pair::new("姓名", who.name.clone()),
            Pair::new(
                "电子邮箱",
                if email.is_empty() { "未填写，无法通过邮件重置密码".into() } else { email },
            ),
            Pair::new("单位", who.organisation_name.clone()),
            Pair::new("岗位", role),
        ],
        totp: match status.since {
            Some(since) => format!("已于 {} 启用，还有 {} 个恢复码", since.minute(), status.recovery_left),
            None => "未启用".into(),
        },
        table,
        others: all.iter().any(|device| !device.current),
    })
}

fn columns(token: &str) -> Columns<'_, Device> {
    Columns::new([
        Column::name("设备", name),
        Column::text("address", "网络地址", |d: &Device| d.address.clone()).under(|d| d.address.clone()),
        Column::text("since", "登录时间", |d: &Device| d.since).class("nowrap").wide_only(),
        Column::text("used", "最近使用", |d: &Device| d.last_used).class("nowrap"),
        Column::acts(move |d: &Device| match d.current {
            true => Cell::default(),
            false => Cell::post(token, end(d)),
        }),
    ])
}

fn name(device: &Device) -> String {
    let kind = if device.api { "接口：" } else { "" };
    let mark = if device.current { "（本次登录）" } else { "" };
    format!("{kind}{}{mark}", device.device)
}

fn end(device: &Device) -> Button {
    Button {
        value: format!("/account/sessions/{}/end", device.key),
        text: "退出".into(),
        about: format!("{}，{}", name(device), device.since.minute()),
        ..Button::default()
    }
}

/// `POST /account/sessions/{key}/end`.
///
/// # Errors
/// 404.
pub async fn end_session(who: AnyUser, auth: Data<Auth>, key: Path<String>) -> Result<HttpResponse> {
    devices::revoke(&auth, &who, key.into_inner()).await?;
    act::done("/account", "已退出该登录。")
}

/// `POST /account/sessions/end-others`.
pub async fn end_others(who: AnyUser, auth: Data<Auth>, request: HttpRequest) -> Result<HttpResponse> {
    devices::revoke_others(&auth, &who, guard::visitor(&request)?.session).await?;
    let text = "已退出您在其他地方的全部登录。";
    act::done("/account", text)
}

fn password_view(page: Page, wrong: &[FieldError]) -> FormPage {
    let old = Field::of(Kind::Password, &PASSWORD).called("old", "原密码").autocomplete("current-password");
    let [new, again] = new_password_fields();
    FormPage::new(
        page,
        "修改密码",
        "修改后，您在其他地方的登录和系统接口凭证全部失效，本次登录不受影响。",
        "/account/password",
        "修改密码",
    )
    .fields([old, new, again], &Form::default(), wrong)
    .back("返回我的账号", "/account")
}

/// `GET /account/password`.
///
/// # Errors
/// None.
pub async fn password(_: AnyUser, page: Page) -> Result<HttpResponse> {
    page::html(&password_view(page, &[]))
}

/// `POST /account/password`.
///
/// # Errors
/// 429; what is wrong is shown with the form.
pub async fn change_password(
    who: AnyUser,
    auth: Data<Auth>,
    site: Data<Site>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let kept = guard::visitor(&request)?.session;
    let (old, new) = (form.value("old").to_owned(), form.value("password").to_owned());
    let changed = async {
        same(&form)?;
        change::change(&auth, &who, kept, old, new, Caller::of(&request)).await
    };
    let secure = site.origin.is_secure();
    act::answer(
        &request,
        changed,
        async |renewed| {
            let mut done = act::done("/account", "密码已修改，您在其他地方的登录已全部失效。")?;
            if let Some(secret) = renewed {
                done.add_cookie(&CookieKind::Session.bake(secure, secret)).map_err(Error::internal)?;
            }
            Ok(done)
        },
        async |page, no| Ok(password_view(page, &no.errors)),
    )
    .await
}

fn email_view(page: Page, form: &Form, wrong: &[FieldError]) -> FormPage {
    let password =
        Field::of(Kind::Password, &PASSWORD).called("password", "登录密码").autocomplete("current-password");
    let email = Field::of(Kind::Email, &EMAIL)
        .called("email", "新的电子邮箱")
        .help("例如 zhang@example.cn")
        .autocomplete("email");
    FormPage::new(
        page,
        "更改电子邮箱",
        "新邮箱会收到一个确认链接，确认后重置密码的链接和各类通知才发往新邮箱；原邮箱会收到告知邮件。",
        "/account/email",
        "发送确认邮件",
    )
    .fields([email, password], form, wrong)
    .back("返回我的账号", "/account")
}

/// `GET /account/email`.
///
/// # Errors
/// None.
pub async fn email(_: AnyUser, page: Page) -> Result<HttpResponse> {
    page::html(&email_view(page, &Form::default(), &[]))
}

/// `POST /account/email`.
///
/// # Errors
/// 429; what is wrong is shown with the form.
pub async fn change_email(
    who: AnyUser,
    auth: Data<Auth>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let password = form.value("password").to_owned();
    let text = "确认链接已发往新邮箱，请在 24 小时内打开并确认；在此之前邮件仍发往原邮箱。";
    act::answer(
        &request,
        mailbox::ask(&auth, &who, password, form.value("email"), Caller::of(&request)),
        async |()| Ok(with_flash(reply::see_other("/account"), Tone::Plain, text, None)),
        async |page, no| Ok(email_view(page, &form, &no.errors)),
    )
    .await
}

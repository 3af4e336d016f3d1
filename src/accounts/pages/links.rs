//! Where the links in mails lead: a page with a button. Opening it changes nothing, so that a mail scanner does no harm.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::door::Auth;
use crate::invite::{self, Invited};
use crate::mailbox::Wanted;
use crate::name::LOGIN;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Field, Kind, Tone};
use crate::platform::http::{Query, act, reply};
use crate::platform::who::guard::{self, Anyone};
use crate::strength::PASSWORD;
use crate::views::FormPage;
use crate::{change, mailbox};

/// What a link carries; in the query, which no log keeps.
#[derive(Debug, Default, Deserialize)]
pub struct LinkKey {
    #[serde(default)]
    key: String,
}

/// A new password, twice, because it is not shown.
pub(super) fn new_password_fields() -> [Field; 2] {
    let help =
        format!("至少 {} 个字符，可以是一句话；不要求大小写、数字或符号，也不要求定期更换", PASSWORD.least);
    [
        Field::of(Kind::Password, &PASSWORD)
            .called("password", "新密码")
            .help(help)
            .autocomplete("new-password"),
        Field::of(Kind::Password, &PASSWORD).called("again", "再输入一次新密码").autocomplete("new-password"),
    ]
}

/// Refuses two that differ.
pub(super) fn same(form: &Form) -> Result<()> {
    match form.value("password") == form.value("again") {
        true => Ok(()),
        false => Err(Refusal::field("/again", "两次输入的新密码不一致，请重新输入。").into()),
    }
}

fn invitation(page: Page, key: &str, invited: &Invited, wrong: &[FieldError]) -> FormPage {
    let purpose = format!("{}邀请您使用本平台，请设置密码。", invited.organisation);
    FormPage::new(page, "接受邀请", &purpose, "/invitation", "设置密码并启用账号")
        .fields(new_password_fields(), &Form::default(), wrong)
        .note(format!("姓名：{}；登录名：{}", invited.name, invited.login))
        .hidden("key", key)
}

/// `GET /invitation?key=`.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn invited(_: Anyone, auth: Data<Auth>, link: Query<LinkKey>, page: Page) -> Result<HttpResponse> {
    let invited = invite::look(&auth, link.key.clone()).await?;
    page::html(&invitation(page, &link.key, &invited, &[]))
}

/// `POST /invitation`: takes up the account.
///
/// # Errors
/// 404 `LINK_INVALID`; what is wrong with the password is shown with the form.
pub async fn accept(_: Anyone, auth: Data<Auth>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let key = form.value("key").to_owned();
    let invited = invite::look(&auth, key.clone()).await?;
    let accepted = async {
        same(&form)?;
        invite::accept(&auth, key, form.value("password").into(), Caller::of(&request)).await
    };
    let words = |login| format!("账号已启用，请用登录名 {login} 和刚才设置的密码登录。");
    act::answer(
        &request,
        accepted,
        async |taken| act::done("/login", words(taken.login)),
        async |page, no| Ok(invitation(page, form.value("key"), &invited, &no.errors)),
    )
    .await
}

/// `GET /password/forgotten`.
///
/// # Errors
/// None.
pub async fn forgotten(_: Anyone, page: Page) -> Result<HttpResponse> {
    let account = Field::of(Kind::Text, &LOGIN).called("account", "账号").autocomplete("username");
    let purpose = "填写登录名，我们把重置链接发到该账号登记的电子邮箱，30 分钟内有效。";
    page::html(
        &FormPage::new(page, "忘记密码", purpose, "/password/forgotten", "发送重置邮件")
            .fields([account], &Form::default(), &[])
            .back("返回登录", "/login"),
    )
}

/// `POST /password/forgotten`: says the same whether there is such an account or not.
///
/// # Errors
/// 429.
pub async fn send_reset(
    _: Anyone,
    auth: Data<Auth>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    change::ask_reset(&auth, form.value("account"), Caller::of(&request)).await?;
    let text = "如果该账号存在并登记了电子邮箱，重置链接已经发出，30 分钟内有效。没有收到请查看垃圾邮件，或联系本单位管理员。";
    Ok(with_flash(reply::see_other("/login"), Tone::Plain, text, None))
}

fn reset_page(page: Page, key: &str, login: &str, wrong: &[FieldError]) -> FormPage {
    FormPage::new(
        page,
        "设置新密码",
        "设置后，该账号在其他地方的登录全部失效。",
        "/password/reset",
        "设置新密码",
    )
    .fields(new_password_fields(), &Form::default(), wrong)
    .note(format!("登录名：{login}"))
    .hidden("key", key)
}

/// `GET /password/reset?key=`.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn reset(_: Anyone, auth: Data<Auth>, link: Query<LinkKey>, page: Page) -> Result<HttpResponse> {
    let login = change::look_reset(&auth, link.key.clone()).await?;
    page::html(&reset_page(page, &link.key, &login, &[]))
}

/// `POST /password/reset`: sets the password and ends every session.
///
/// # Errors
/// 404 `LINK_INVALID`; what is wrong with the password is shown with the form.
pub async fn set_password(
    _: Anyone,
    auth: Data<Auth>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let key = form.value("key").to_owned();
    let login = change::look_reset(&auth, key.clone()).await?;
    let set = async {
        same(&form)?;
        change::reset(&auth, key, form.value("password").into(), Caller::of(&request)).await
    };
    act::answer(
        &request,
        set,
        async |()| act::done("/login", "密码已修改，请用新密码登录。"),
        async |page, no| Ok(reset_page(page, form.value("key"), &login, &no.errors)),
    )
    .await
}

/// The page of a link to a new mailbox. Anyone who is not logged in as its person gives the password.
fn mailbox_page(page: Page, key: &str, wanted: &Wanted, own: bool, wrong: &[FieldError]) -> FormPage {
    let purpose = "确认后，重置密码的链接和各类通知都发往这个邮箱。";
    let password =
        Field::of(Kind::Password, &PASSWORD).called("password", "登录密码").autocomplete("current-password");
    let fields: Vec<Field> = if own { vec![] } else { vec![password] };
    FormPage::new(page, "确认新的电子邮箱", purpose, "/account/email/confirm", "确认更改")
        .fields(fields, &Form::default(), wrong)
        .note(format!("登录名：{}；新的电子邮箱：{}", wanted.login, wanted.email))
        .hidden("key", key)
}

/// True where the person of the link is the one who is logged in.
fn is_own(request: &HttpRequest, wanted: &Wanted) -> Result<bool> {
    Ok(guard::visitor(request)?.principal.is_some_and(|who| who.user == wanted.user))
}

/// `GET /account/email/confirm?key=`.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn new_mailbox(
    _: Anyone,
    auth: Data<Auth>,
    link: Query<LinkKey>,
    page: Page,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let wanted = mailbox::look(&auth, link.key.clone()).await?;
    page::html(&mailbox_page(page, &link.key, &wanted, is_own(&request, &wanted)?, &[]))
}

/// `POST /account/email/confirm`: the mails go there from now on.
///
/// # Errors
/// 404 `LINK_INVALID`, 409, 429; a wrong password is shown with the form.
pub async fn confirm_mailbox(
    _: Anyone,
    auth: Data<Auth>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (key, password) = (form.value("key").to_owned(), form.value("password").to_owned());
    let wanted = mailbox::look(&auth, key.clone()).await?;
    let (who, own) = (guard::visitor(&request)?.principal, is_own(&request, &wanted)?);
    act::answer(
        &request,
        mailbox::confirm(&auth, who.as_ref(), key, password, Caller::of(&request)),
        async |email| act::done("/login", format!("电子邮箱已改为 {email}，以后的邮件都发往这里。")),
        async |page, no| Ok(mailbox_page(page, form.value("key"), &wanted, own, &no.errors)),
    )
    .await
}

/// `GET /account/email/undo?key=`.
///
/// # Errors
/// 404 `LINK_INVALID`.
pub async fn old_mailbox(
    _: Anyone,
    auth: Data<Auth>,
    link: Query<LinkKey>,
    page: Page,
) -> Result<HttpResponse> {
    let wanted = mailbox::look_undo(&auth, link.key.clone()).await?;
    let purpose = "撤回后，邮件恢复发往原邮箱，该账号的所有登录失效，原邮箱会收到重新设置密码的链接。";
    page::html(
        &FormPage::new(page, "撤回电子邮箱的更改", purpose, "/account/email/undo", "撤回更改")
            .note(format!("登录名：{}；恢复为：{}", wanted.login, wanted.email))
            .hidden("key", &link.key),
    )
}

/// `POST /account/email/undo`: the mails go to the old mailbox again.
///
/// # Errors
/// 404 `LINK_INVALID`, 409, 429.
pub async fn undo_mailbox(
    _: Anyone,
    auth: Data<Auth>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let email = mailbox::undo(&auth, form.value("key").to_owned(), Caller::of(&request)).await?;
    act::done("/login", format!("电子邮箱已恢复为 {email}。请打开该邮箱中的链接，重新设置密码。"))
}

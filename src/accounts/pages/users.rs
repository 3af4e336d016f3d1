//! The administrator's pages: the organisation's people.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::invite::{self, Person};
use crate::manage;
use crate::name::{DISPLAY_NAME, EMAIL, LOGIN};
use crate::people::Account;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::Paging;
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Badge, Cell, Confirm, Field, Kind, Link, Pair, Table};
use crate::platform::sql::Id;
use crate::platform::who::guard::OrgAdmin;
use crate::platform::who::{Post, Principal};
use crate::users::UserState;
use crate::views::{FormPage, UserPage, UsersPage};

/// `GET /users`.
pub async fn list(who: OrgAdmin, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &[]);
    let after = Paging { after: place.after(), limit: None }.after()?;
    let found = manage::list(&db, &who, after).await?;
    page::html(&UsersPage {
        frame: page.frame,
        table: Table {
            caption: "本单位用户".into(),
            empty_text: "还没有用户。".into(),
            empty_link: Some(Link::new("邀请用户", "/users/new")),
            paging: place.paging(found.items.len(), found.next.as_deref(), None),
            ..columns().table("users", &found.items, &place, "")
        },
    })
}

fn columns() -> Columns<'static, Account> {
    Columns::new([
        Column::name("姓名", |a: &Account| {
            Cell::opens(format!("/users/{}", a.user.id), &a.user.display_name)
        }),
        Column::text("login", "登录名", |a: &Account| a.user.login.clone()).under(|a| a.user.login.clone()),
        Column::text("email", "电子邮箱", |a: &Account| a.user.email.clone()).wide_only(),
        Column::text("function", "岗位", |a: &Account| a.user.function.label()),
        Column::text("totp", "两步验证", |a: &Account| second_step(a)).wide_only(),
        Column::text("state", "状态", |a: &Account| badge(a)),
    ])
}

fn second_step(account: &Account) -> &'static str {
    if account.totp { "已启用" } else { "未启用" }
}

fn badge(account: &Account) -> Badge {
    Badge::new(account.user.state.tone(), account.user.state.label())
}

/// `GET /users/new`.
///
/// # Errors
/// None.
pub async fn new(who: OrgAdmin, page: Page) -> Result<HttpResponse> {
    page::html(&invitation(&who, page, &Form::default(), &[]))
}

fn invitation(who: &Principal, page: Page, form: &Form, wrong: &[FieldError]) -> FormPage {
    let fields = [
        Field::of(Kind::Text, &DISPLAY_NAME),
        Field::of(Kind::Text, &LOGIN).help("3 至 64 个小写字母、数字或 . _ - @，全平台唯一"),
        Field::of(Kind::Email, &EMAIL).help("邀请链接发到这里，7 天内有效，只能使用一次"),
        posts(who, true),
    ];
    FormPage::new(
        page,
        "邀请用户",
        "对方打开邮件中的链接、设置密码后即可登录；密码只有本人知道。",
        "/users",
        "发送邀请",
    )
    .fields(fields, form, wrong)
    .back("返回用户列表", "/users")
}

/// Nobody becomes an administrator because nothing was chosen: where there is no post yet the list begins with none.
fn posts(who: &Principal, none_yet: bool) -> Field {
    let fitting = Post::ALL.iter().filter(|f| who.is(|kind| f.fits(kind)));
    let words = fitting.map(|f| (f.as_str(), format!("{}：{}", f.label(), f.duty(who))));
    let none = none_yet.then(|| ("", "请选择".to_owned()));
    Field::new(Kind::Select, "function", "岗位").choices(none.into_iter().chain(words))
}

/// `POST /users`: invites.
///
/// # Errors
/// Of the database; what is wrong is shown with the form.
pub async fn invite(who: OrgAdmin, db: Data<Db>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let invited = async {
        let text = |name: &str| form.value(name).to_owned();
        let (login, display_name) = (text("login"), text("display_name"));
        let person = Person { login, display_name, email: text("email"), function: post(&form)? };
        let invited = invite::invite(&db, &who, None, person).await;
        act::at_field("/login", |no| no.status == 422 || no.code == "LOGIN_TAKEN", invited)
    };
    act::answer(
        &request,
        invited,
        async |_| act::done("/users", format!("已向 {} 发送邀请。", form.value("email").trim())),
        async |page, no| Ok(invitation(&who, page, &form, &no.errors)),
    )
    .await
}

fn post(form: &Form) -> Result<Post> {
    form.value("function").parse().map_err(|_| Refusal::field("/function", "请从列表中选择岗位").into())
}

/// `GET /users/{id}`.
///
/// # Errors
/// 404.
pub async fn show(who: OrgAdmin, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    page::html(&user_page(&who, &manage::show(&db, &who, *id).await?, page, None))
}

/// One person; with what was typed and what was wrong with it where a new invitation was refused.
fn user_page(
    who: &Principal,
    account: &Account,
    page: Page,
    refused: Option<(&Form, &[FieldError])>,
) -> UserPage {
    UserPage {
        frame: page.frame,
        name: account.user.display_name.clone(),
        facts: vec![
            Pair::new("登录名", &account.user.login),
            Pair::new("电子邮箱", &account.user.email),
            Pair::new("两步验证", second_step(account)),
        ],
        state: badge(account),
        action: format!("/users/{}/function", account.user.id),
        function: posts(who, false).value(account.user.function.as_str()),
        version: account.user.version.to_string(),
        acts: acts(who, account, refused),
    }
}

fn invitation_act(account: &Account, refused: Option<(&Form, &[FieldError])>) -> Confirm {
    let email = Field::of(Kind::Email, &EMAIL).value(&account.user.email);
    Confirm {
        action: format!("/users/{}/invite", account.user.id),
        label: "再次发送邀请".into(),
        consequence: "新的邀请链接将发往下面的邮箱，之前的链接随即失效。邮箱填错的，请在此更正。".into(),
        fields: vec![match refused {
            Some((form, wrong)) => form.refill(email, wrong),
            None => email,
        }],
        open: refused.is_some(),
        ..Confirm::default()
    }
}

fn acts(who: &Principal, account: &Account, refused: Option<(&Form, &[FieldError])>) -> Vec<Confirm> {
    let user = &account.user;
    let act = |word: &str, label: &str, consequence: String, danger: bool| Confirm {
        action: format!("/users/{}/{word}", user.id),
        label: label.into(),
        consequence,
        hidden: vec![("version".into(), user.version.to_string())],
        danger,
        ..Confirm::default()
    };
    let mut acts = Vec::new();
    if user.state == UserState::Invited {
        acts.push(invitation_act(account, refused));
    }
    match user.state {
        UserState::Disabled => {
            let consequence = match user.has_password() {
                true => format!("{} 将可以再次登录。", user.display_name),
                false => format!("将向 {} 发送新的邀请链接。", user.email),
            };
            acts.push(act("enable", "恢复账号", consequence, false));
        }
        _ if user.id != who.user => acts.push(act(
            "disable",
            "停用账号",
            format!("{} 将立即退出登录，不能再登录；已办理的业务不受影响。", user.display_name),
            true,
        )),
        _ => {}
    }
    acts
}

/// `POST /users/{id}/function`.
///
/// # Errors
/// 404, 409, 422.
pub async fn change_function(who: OrgAdmin, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let post = post(&form)?;
    let user = manage::change_function(&db, &who, *id, form.version()?, post).await?.user;
    act::done("/users", format!("{} 的岗位现为“{}”，已立即生效。", user.display_name, user.function.label()))
}

/// `POST /users/{id}/disable`.
///
/// # Errors
/// 404, 409.
pub async fn disable(who: OrgAdmin, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let user = manage::disable(&db, &who, *id, form.version()?).await?.user;
    act::done("/users", format!("已停用 {} 的账号，其登录已全部失效。", user.display_name))
}

/// `POST /users/{id}/enable`.
///
/// # Errors
/// 404, 409.
pub async fn enable(who: OrgAdmin, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let user = manage::enable(&db, &who, *id, form.version()?).await?.user;
    let words = match user.state {
        UserState::Invited => {
            format!("已恢复 {} 的账号，并向 {} 发送新的邀请。", user.display_name, user.email)
        }
        _ => format!("已恢复 {} 的账号。", user.display_name),
    };
    act::done("/users", words)
}

/// `POST /users/{id}/invite`: once more, perhaps to another mailbox.
///
/// # Errors
/// 404, 409; a wrong mailbox is shown with the form.
pub async fn invite_again(
    who: OrgAdmin,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    act::answer(
        &request,
        invite::again(&db, &who, *id, Some(form.value("email"))),
        async |email| act::done("/users", format!("已向 {email} 再次发送邀请，之前的链接已失效。")),
        async |page, no| {
            let account = manage::show(&db, &who, *id).await?;
            Ok(user_page(&who, &account, page, Some((&form, &no.errors))))
        },
    )
    .await
}

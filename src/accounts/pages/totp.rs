//! Setting up the second step, and taking it away from somebody who lost it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::door::Auth;
use crate::enrol;
use crate::name::LOGIN;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::caller::Caller;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Cell, Confirm, Field, Kind, Table, focus_first};
use crate::platform::http::{Site, act, reply};
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{self, AnyUser, ResetKeeper};
use crate::resets::{self, WaitingReset};
use crate::strength::PASSWORD;
use crate::views::{CodesPage, FormPage, ResetsPage, TotpConfirmPage, TotpPage};

const PATH: &str = "/account/totp";

fn password_field() -> Field {
    Field::of(Kind::Password, &PASSWORD).called("password", "登录密码").autocomplete("current-password")
}

/// Only the app shows the first one.
fn first_code_field() -> Field {
    Field::new(Kind::Whole, "code", "验证码")
        .help("验证器应用上显示的 6 位数字")
        .autocomplete("one-time-code")
        .longest(24)
}

/// Recovery codes have letters: a phone must not show the digits alone.
fn code_field() -> Field {
    Field::new(Kind::Text, "code", "验证码")
        .help("验证器应用上显示的 6 位数字，或一个恢复码")
        .autocomplete("one-time-code")
        .longest(24)
}

async fn begin_page(auth: &Auth, who: &Principal, page: Page, wrong: &[FieldError]) -> Result<FormPage> {
    let purpose = "登录时除密码外，再输入手机验证器应用上的 6 位数字；别人知道密码也无法登录。";
    let mut view = FormPage::new(page, "启用两步验证", purpose, PATH, "开始设置")
        .fields([password_field()], &Form::default(), wrong)
        .note("请先在手机上安装一个支持标准动态口令（TOTP）的验证器应用，再输入您的登录密码开始设置。");
    if enrol::status(auth, who).await?.obligatory {
        view = view.note("管理部门的账号须启用两步验证，设置完成后才能办理其他业务。");
        return Ok(view);
    }
    Ok(view.back("返回我的账号", "/account"))
}

/// `GET /account/totp`.
pub async fn show(who: AnyUser, auth: Data<Auth>, page: Page) -> Result<HttpResponse> {
    let status = enrol::status(&auth, &who).await?;
    match status.since {
        None => page::html(&begin_page(&auth, &who, page, &[]).await?),
        Some(_) => page::html(&on_page(page, &status, &[], "")),
    }
}

fn on_page(page: Page, status: &enrol::Status, wrong: &[FieldError], open: &str) -> TotpPage {
    let act = |word: &str, label: &str, consequence: &str, fields: Vec<Field>, danger: bool| Confirm {
        action: format!("{PATH}/{word}"),
        label: label.into(),
        consequence: consequence.into(),
        fields: if open == word { with_errors(fields, wrong) } else { prefixed(fields, word) },
        danger,
        open: open == word,
        ..Confirm::default()
    };
    let codes = act(
        "codes",
        "重新生成恢复码",
        "旧的恢复码随即全部失效，新的 10 个恢复码只显示一次。",
        vec![code_field()],
        false,
    );
    let off = act(
        "off",
        "停用两步验证",
        "以后登录只需密码，恢复码全部失效。",
        vec![password_field(), code_field()],
        true,
    );
    TotpPage {
        frame: page.frame,
        since: status.since.map(|at| at.minute()).unwrap_or_default(),
        left: status.recovery_left.to_string(),
        acts: if status.obligatory { vec![codes] } else { vec![codes, off] },
        obligatory: status.obligatory,
    }
}

fn with_errors(mut fields: Vec<Field>, wrong: &[FieldError]) -> Vec<Field> {
    let form = Form::default();
    fields = fields.into_iter().map(|field| form.refill(field, wrong)).collect();
    focus_first(fields.iter_mut());
    fields
}

/// Two forms on a page ask for a code; the ids must differ. The handlers read either name.
fn prefixed(fields: Vec<Field>, word: &str) -> Vec<Field> {
    fields.into_iter().map(|field| Field { name: format!("{word}-{}", field.name), ..field }).collect()
}

fn either(form: &Form, word: &str, name: &str) -> String {
    let plain = form.value(name);
    if plain.is_empty() { form.value(&format!("{word}-{name}")).into() } else { plain.into() }
}

/// `POST /account/totp`: begins, against the password.
///
/// # Errors
/// 409, 429; a wrong password is shown with the form.
pub async fn begin(who: AnyUser, auth: Data<Auth>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    act::answer(
        &request,
        enrol::begin(&auth, &who, form.value("password").into(), Caller::of(&request)),
        async |()| Ok(reply::see_other("/account/totp/confirm")),
        async |page, no| begin_page(&auth, &who, page, &no.errors).await,
    )
    .await
}

async fn confirm_page(
    auth: &Auth,
    who: &Principal,
    site: &Site,
    page: Page,
    wrong: &[FieldError],
) -> Result<TotpConfirmPage> {
    let pending = enrol::pending(auth, who, &site.name).await?;
    let mut fields = with_errors(vec![first_code_field()], wrong);
    fields.iter_mut().for_each(|field| field.focus = true);
    Ok(TotpConfirmPage {
        frame: page.frame,
        side: pending.side.to_string(),
        path: pending.path,
        typed: pending.typed,
        fields,
    })
}

/// `GET /account/totp/confirm`: the picture. Never cached, and gone once the first code was right.
///
/// # Errors
/// 409 where nothing was begun.
pub async fn picture(who: AnyUser, auth: Data<Auth>, site: Data<Site>, page: Page) -> Result<HttpResponse> {
    page::html(&confirm_page(&auth, &who, &site, page, &[]).await?)
}

/// `POST /account/totp/confirm`: the first code. Shows the recovery codes, once.
///
/// # Errors
/// 409, 429; a wrong code is shown with the form.
pub async fn confirm(
    who: AnyUser,
    auth: Data<Auth>,
    site: Data<Site>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let session = guard::visitor(&request)?.session;
    act::answer(
        &request,
        enrol::confirm(&auth, &who, session, form.value("code").to_owned(), Caller::of(&request)),
        async |codes| page::html(&CodesPage { frame: page::frame(&request).await?, codes }),
        async |page, no| confirm_page(&auth, &who, &site, page, &no.errors).await,
    )
    .await
}

/// `POST /account/totp/codes`: new recovery codes.
///
/// # Errors
/// 409, 429; a wrong code is shown with the form.
pub async fn codes(who: AnyUser, auth: Data<Auth>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    act::answer(
        &request,
        enrol::renew_codes(&auth, &who, either(&form, "codes", "code"), Caller::of(&request)),
        async |codes| page::html(&CodesPage { frame: page::frame(&request).await?, codes }),
        async |page, no| Ok(on_page(page, &enrol::status(&auth, &who).await?, &no.errors, "codes")),
    )
    .await
}

/// `POST /account/totp/off`.
///
/// # Errors
/// 409, 429; what is wrong is shown with the form.
pub async fn off(who: AnyUser, auth: Data<Auth>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let (password, code) = (either(&form, "off", "password"), either(&form, "off", "code"));
    act::answer(
        &request,
        enrol::off(&auth, &who, password, code, Caller::of(&request)),
        async |()| act::done("/account", "两步验证已停用。"),
        async |page, no| Ok(on_page(page, &enrol::status(&auth, &who).await?, &no.errors, "off")),
    )
    .await
}

async fn resets_page(
    db: &Db,
    who: &Principal,
    (page, place): (Page, &ListAddress),
    form: &Form,
    wrong: &[FieldError],
) -> Result<ResetsPage> {
    let waiting = resets::list(db, who).await?;
    let fields = [
        Field::of(Kind::Text, &LOGIN).called("login", "需要重置的登录名"),
        Field::of(Kind::Long, &resets::REASON).help("写明如何核实了本人身份，例如 已当面核对工作证"),
    ];
    let mut fields: Vec<Field> = fields.into_iter().map(|field| form.refill(field, wrong)).collect();
    let table = Table {
        caption: "等待第二人确认的申请".into(),
        empty_text: "没有等待确认的申请。".into(),
        ..reset_columns(&page.frame.token).table("resets", &waiting, place, "")
    };
    Ok(ResetsPage { frame: page.frame, table, errors: focus_first(fields.iter_mut()), fields })
}

fn reset_columns(token: &str) -> Columns<'_, WaitingReset> {
    Columns::new([
        Column::name("用户", |r: &WaitingReset| r.person.clone()),
        Column::text("organisation", "单位", |r: &WaitingReset| r.organisation.clone())
            .under(|r| r.organisation.clone()),
        Column::text("reason", "理由", |r: &WaitingReset| r.reset.reason.clone()),
        Column::text("asked", "申请人", |r: &WaitingReset| {
            format!("{} {}", r.asked_by, r.reset.asked_at.minute())
        })
        .wide_only(),
        Column::acts(move |r: &WaitingReset| match r.may_decide {
            true => {
                reset_acts(r).into_iter().fold(Cell::default(), |cell, act| cell.then(Cell::act(token, act)))
            }
            false => Cell::quiet("等待另一人确认"),
        }),
    ])
}

fn reset_acts(shown: &WaitingReset) -> [Confirm; 2] {
    let act = |word: &str, label: &str, consequence: String, danger: bool| Confirm {
        action: format!("/totp-resets/{}/{word}", shown.reset.id),
        label: label.into(),
        consequence,
        danger,
        ..Confirm::default()
    };
    [
        act("confirm", "确认重置", format!("{} 的两步验证将被取消，所有登录立即失效。", shown.person), true),
        act("refuse", "不予确认", format!("{} 的两步验证保持不变。", shown.person), false),
    ]
}

/// `GET /totp-resets`.
pub async fn waiting(
    who: ResetKeeper,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    page::html(&resets_page(&db, &who, (page, &ListAddress::of(&request, &[])), &Form::default(), &[]).await?)
}

/// `POST /totp-resets`: asks.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn ask(who: ResetKeeper, db: Data<Db>, form: Form, request: HttpRequest) -> Result<HttpResponse> {
    let asked = resets::ask(&db, &who, form.value("login"), form.value("reason")).await;
    let asked = act::at_field("/login", |no| matches!(no.status, 404 | 409 | 422), asked);
    let place = ListAddress::of(&request, &[]);
    act::answer(
        &request,
        async { asked },
        async |()| act::done("/totp-resets", "已申请，请另一位管理员或采购机构经办人在本页确认。"),
        async |page, no| resets_page(&db, &who, (page, &place), &form, &no.errors).await,
    )
    .await
}

/// `POST /totp-resets/{id}/{decision}`: `confirm` or `refuse`.
///
/// # Errors
/// 403 `FOUR_EYES`, 404, 409.
pub async fn decide(who: ResetKeeper, auth: Data<Auth>, path: Path<(Id, String)>) -> Result<HttpResponse> {
    let (id, decision) = path.into_inner();
    let (confirmed, text) = match decision.as_str() {
        "confirm" => (true, "已重置该用户的两步验证，其登录已全部失效。"),
        "refuse" => (false, "已不予确认，该用户的两步验证保持不变。"),
        _ => return Err(Refusal::not_found("操作").into()),
    };
    resets::decide(&auth, &who, id, confirmed).await?;
    act::done("/totp-resets", text)
}

//! The administrator's page of the organisation's own systems.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::api_client::{self, Client, NewClient};
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Result};
use crate::platform::http::act;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Badge, Cell, Confirm, Field, Frame, Kind, Table, Tone, focus_first};
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::ClientKeeper;
use crate::platform::who::scope::Scope;
use crate::views::{ClientsPage, SecretPage};

/// `GET /clients`.
pub async fn list(who: ClientKeeper, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    page::html(&view(&db, &who, (page, &ListAddress::of(&request, &[])), &Form::default(), &[]).await?)
}

async fn view(
    db: &Db,
    who: &Principal,
    (page, place): (Page, &ListAddress),
    form: &Form,
    wrong: &[FieldError],
) -> Result<ClientsPage> {
    let clients = api_client::list(db, who).await?;
    let name = Field::of(Kind::Text, &api_client::NAME).help("例如 药库管理系统");
    let mut name = form.refill(name, wrong);
    let chosen: Vec<&str> = form.values("scopes").collect();
    let fitting = Scope::ALL.iter().filter(|scope| who.is(|kind| scope.fits(kind)));
    let table = Table {
        caption: "系统对接".into(),
        empty_text: "还没有系统对接。需要让本单位的信息系统直接调用平台接口时，请在下面新建。".into(),
        ..columns(&page.frame.token).table("clients", &clients, place, "")
    };
    Ok(ClientsPage {
        frame: page.frame,
        table,
        errors: focus_first([&mut name]),
        name,
        scopes: fitting
            .map(|scope| {
                let word = scope.as_str();
                (word.to_owned(), scope.label().to_owned(), chosen.contains(&word))
            })
            .collect(),
        scopes_wrong: wrong
            .iter()
            .find(|e| e.pointer == "/scopes")
            .map(|e| e.detail.clone())
            .unwrap_or_default(),
    })
}

fn columns(token: &str) -> Columns<'_, Client> {
    Columns::new([
        Column::name("系统名称", |c: &Client| c.name.clone()),
        Column::text("number", "系统编号", |c: &Client| Cell::code(c.id.to_string())).wide_only(),
        Column::text("scopes", "权限", |c: &Client| {
            c.scopes().iter().map(|scope| scope.label()).collect::<Vec<_>>().join("、")
        })
        .wide_only(),
        Column::text("used", "最近使用", last_used).class("nowrap").under(last_used),
        Column::text("state", "状态", |c: &Client| match c.revoked_at {
            None => Badge::new(Tone::Done, "可用"),
            Some(_) => Badge::new(Tone::Plain, "已撤销"),
        }),
        Column::acts(move |c: &Client| {
            acts(c).into_iter().fold(Cell::default(), |cell, act| cell.then(Cell::act(token, act)))
        }),
    ])
}

fn last_used(client: &Client) -> String {
    client.last_used_at.map_or_else(|| "从未使用".into(), |at| at.minute())
}

fn acts(client: &Client) -> Vec<Confirm> {
    if client.revoked_at.is_some() {
        return Vec::new();
    }
    let act = |word: &str, label: &str, consequence: &str, danger: bool| Confirm {
        action: format!("/clients/{}/{word}", client.id),
        label: label.into(),
        consequence: consequence.into(),
        hidden: vec![("version".into(), client.version.to_string())],
        danger,
        ..Confirm::default()
    };
    vec![
        act("rotate", "更换密钥", "旧密钥和已发出的令牌立即失效，请准备好同时修改系统中的设置。", false),
        act("revoke", "撤销", "该系统将立即不能访问平台，撤销后不能恢复。", true),
    ]
}

/// `POST /clients`: makes one and shows its secret, once.
///
/// # Errors
/// 409; what is wrong is shown with the form.
pub async fn create(
    who: ClientKeeper,
    db: Data<Db>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let scopes = form.values("scopes").filter_map(|word| word.parse().ok()).collect();
    let place = ListAddress::of(&request, &[]);
    act::answer(
        &request,
        api_client::create(&db, &who, NewClient { name: form.value("name").into(), scopes }),
        async |(client, secret)| page::html(&secret_page(page::frame(&request).await?, &client, secret)),
        async |page, no| view(&db, &who, (page, &place), &form, &no.errors).await,
    )
    .await
}

fn secret_page(frame: Frame, client: &Client, secret: String) -> SecretPage {
    SecretPage { frame, name: client.name.clone(), id: client.id.to_string(), secret }
}

/// `POST /clients/{id}/rotate`: shows the new secret, once.
///
/// # Errors
/// 404, 409.
pub async fn rotate(
    who: ClientKeeper,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    page: Page,
) -> Result<HttpResponse> {
    let (client, secret) = api_client::rotate(&db, &who, *id, form.version()?).await?;
    page::html(&secret_page(page.frame, &client, secret))
}

/// `POST /clients/{id}/revoke`.
///
/// # Errors
/// 404, 409.
pub async fn revoke(who: ClientKeeper, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    api_client::revoke(&db, &who, *id, form.version()?).await?;
    act::done("/clients", "已撤销，该系统不能再访问平台。")
}

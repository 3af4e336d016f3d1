//! The page of the orders that the basket would become, and its button.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::Duration;

use super::check::{self as orders, Delivery};
use super::look::{self, Basket};
use super::order::{self, Ordered, Seen};
use super::present::{self, Typed};
use super::views::{BasketPage, CheckPage};
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::{Form, KEY_FIELD};
use crate::platform::http::number::Price;
use crate::platform::http::page::{self, Page};
use crate::platform::idempotency::Key;
use crate::platform::policy::Policies;
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::HospitalBuyer;

/// Days until the goods are wanted, where nothing else is said.
const WANTED_AFTER: i64 = 3;

/// The basket, with what was typed and what is wrong with it.
pub(super) async fn again(db: &Db, who: &Principal, page: Page, typed: Typed) -> Result<BasketPage> {
    present::page(page.frame, &look::look(db, who).await?, typed)
}

/// `GET /basket/check`: the orders that the basket would become.
///
/// # Errors
/// What is wrong is shown with the basket.
pub async fn check(who: HospitalBuyer, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    check_page(&db, &who, &request, Form::default()).await
}

pub(super) async fn check_page(
    db: &Db,
    who: &Principal,
    request: &HttpRequest,
    form: Form,
) -> Result<HttpResponse> {
    let basket = look::look(db, who).await?;
    let form = with_delivery(&basket, form);
    let view = async { check_view(db, who, Page { frame: page::frame(request).await? }, &form, &[]).await };
    act::answer(
        request,
        view,
        async |view| page::html(&view),
        async |page, no| {
            again(db, who, page, Typed { form: form.clone(), wrong: no.errors, ..Typed::default() }).await
        },
    )
    .await
}

/// The form with the usual address and day, where nothing else is said.
fn with_delivery(basket: &Basket, form: Form) -> Form {
    let mut fields = form.fields().to_vec();
    if form.value("address_id").is_empty() {
        let first = basket.addresses.first().map(|a| a.id.to_string()).unwrap_or_default();
        fields.insert(0, ("address_id".into(), first));
    }
    if form.value("wanted_on").is_empty() {
        let day = basket.now.plus(Duration::days(WANTED_AFTER)).day();
        fields.insert(0, ("wanted_on".into(), day.to_string()));
    }
    Form::from_fields(fields)
}

fn delivery(form: &Form) -> Result<Delivery> {
    let fields = form.reader();
    let address_id = match form.value("address_id") {
        "" => {
            fields.wrong("find", "还没有收货地址，请先在“收货地址”中填写一个");
            None
        }
        _ => fields.choice::<Id>("address_id", "收货地址"),
    };
    let wanted_on = fields.date("wanted_on", "期望到货日");
    fields.finish()?;
    match (address_id, wanted_on) {
        (Some(address_id), Some(wanted_on)) => Ok(Delivery { address_id, wanted_on }),
        _ => Err(Error::internal("a form without errors and without values")),
    }
}

async fn check_view(
    db: &Db,
    who: &Principal,
    page: Page,
    form: &Form,
    wrong: &[FieldError],
) -> Result<CheckPage> {
    let (basket, checked) = orders::check(db, who, &delivery(form)?).await?;
    present::check(page.frame, (&basket, &checked), (form, wrong))
}

/// What stood on the page of the orders.
fn seen(form: &Form) -> BTreeMap<Id, Seen> {
    let line = |(name, value): &(String, String)| {
        let id: Id = name.strip_prefix("line-")?.parse().ok()?;
        let mut parts = value.split(' ');
        let seen = Seen {
            supplier: parts.next()?.parse().ok()?,
            quantity: parts.next()?.parse().ok()?,
            price: Price::parse("", parts.next()?).ok()?,
            acknowledged: !form.value(&format!("ack-{id}")).is_empty(),
            reason: form.value(&format!("reason-{id}")).to_owned(),
        };
        Some((id, seen))
    };
    form.fields().iter().filter_map(line).collect()
}

/// `POST /basket/orders`: submits.
///
/// # Errors
/// What is refused is shown with what was typed.
pub async fn submit(
    who: HospitalBuyer,
    db: Data<Db>,
    policies: Data<Policies>,
    (key, form): (Key, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let ordered = async {
        let delivery = delivery(&form)?;
        order::order(&db, &who, &policies, &key, (&delivery, &seen(&form))).await
    };
    match ordered.await.and_then(all_or_told) {
        Ok(words) => act::done("/orders?state=submitted", words),
        Err(Error::Refused(no)) if matches!(no.status, 409 | 422) => {
            refused(&db, &who, &request, form, *no).await
        }
        Err(other) => Err(other),
    }
}

/// What was refused, on the page of the orders; on the basket where nothing can be ordered any more.
async fn refused(
    db: &Db,
    who: &Principal,
    request: &HttpRequest,
    form: Form,
    no: Refusal,
) -> Result<HttpResponse> {
    let page = Page { frame: page::frame(request).await? };
    let form = with_delivery(&look::look(db, who).await?, without_key(&form));
    let wrong = match no.errors.is_empty() {
        true => vec![FieldError { pointer: "/main".into(), detail: no.detail }],
        false => no.errors,
    };
    match check_view(db, who, Page { frame: page.frame.clone() }, &form, &wrong).await {
        Ok(view) => page::html_with(no.status, &view),
        Err(Error::Refused(_)) => {
            let typed = Typed { form, wrong, ..Typed::default() };
            page::html_with(no.status, &again(db, who, page, typed).await?)
        }
        Err(other) => Err(other),
    }
}

fn without_key(form: &Form) -> Form {
    Form::from_fields(form.fields().iter().filter(|(name, _)| name != KEY_FIELD).cloned().collect())
}

/// Where all was ordered, what is said; else what was refused, with what was ordered all the same.
fn all_or_told(ordered: Ordered) -> Result<String> {
    let numbers = ordered.numbers.join("、");
    if ordered.refused.is_empty() {
        return Ok(format!("已提交 {} 张订单：{numbers}。等待供货企业确认。", ordered.numbers.len()));
    }
    let mut errors = Vec::new();
    if !ordered.numbers.is_empty() {
        let detail =
            format!("已提交 {} 张订单：{numbers}；以下供货企业的品种没有提交", ordered.numbers.len());
        errors.push(FieldError { pointer: "/main".into(), detail });
    }
    for (supplier, no) in ordered.refused {
        match no.errors.is_empty() {
            true => errors
                .push(FieldError { pointer: "/main".into(), detail: format!("{supplier}：{}", no.detail) }),
            false => errors.extend(no.errors),
        }
    }
    Err(Refusal::invalid(errors).into())
}

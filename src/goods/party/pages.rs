//! The pages of this office: a hospital's delivery addresses, an enterprise's distributors.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::address::{self, AddressInput};
use super::model::DeliveryAddress;
use super::views::{AddressForm, AddressPage, AddressesPage, DistributorsPage};
use super::{appointment, present, store};
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::{Form, KEY_FIELD};
use crate::platform::http::page::{self, Page};
use crate::platform::http::place::ListAddress;
use crate::platform::idempotency::Key;
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{Hospital, ManufacturerClerk, Supplier};

/// Distributors shown for one search.
const FOUND: i64 = 20;

/// `GET /addresses`.
pub async fn addresses(
    who: Hospital,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let (list, place) = (address::list(&db, &who).await?, ListAddress::of(&request, &[]));
    page::html(&addresses_page(&who, page, (&list, &place), &Form::default(), &[]))
}

fn addresses_page(
    who: &Principal,
    page: Page,
    (list, place): (&[DeliveryAddress], &ListAddress),
    form: &Form,
    errors: &[FieldError],
) -> AddressesPage {
    let may = address::may_keep(who).is_ok();
    AddressesPage {
        table: present::addresses_table(list, place, may),
        form: may.then(|| AddressForm {
            action: "/addresses".into(),
            hidden: vec![(KEY_FIELD.into(), Id::new().to_string())],
            ..present::address_form(form, errors)
        }),
        frame: page.frame,
    }
}

/// `POST /addresses`.
///
/// # Errors
/// 403; what is wrong is shown with the form.
pub async fn add_address(
    who: Hospital,
    db: Data<Db>,
    (key, form): (Key, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &[]);
    act::answer(
        &request,
        address::add_once(&db, &who, key, input(&form)),
        async |_| act::done("/addresses", "收货地址已保存。"),
        async |page, no| {
            let list = address::list(&db, &who).await?;
            Ok(addresses_page(&who, page, (&list, &place), &form, &no.errors))
        },
    )
    .await
}

/// `GET /addresses/{id}`.
///
/// # Errors
/// 403, 404.
pub async fn address(who: Hospital, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    address::may_keep(&who)?;
    let (owner, id) = (who.organisation, id.into_inner());
    let row = db.read(move |c| store::address(c, owner, id)).await?;
    let delete = Some(present::delete_address(&row));
    page::html(&AddressPage { frame: page.frame, form: present::filled_address_form(&row), delete })
}

/// `POST /addresses/{id}`.
///
/// # Errors
/// 403, 404, 409; what is wrong is shown with the form.
pub async fn change_address(
    who: Hospital,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    act::answer(
        &request,
        address::change(&db, &who, *id, form.version()?, input(&form)),
        async |_| act::done("/addresses", "收货地址已修改。"),
        async |page, no| {
            let mut again = present::address_form(&form, &no.errors);
            again.action = format!("/addresses/{id}");
            again.hidden = vec![("version".into(), form.value("version").into())];
            Ok(AddressPage { frame: page.frame, form: again, delete: None })
        },
    )
    .await
}

/// `POST /addresses/{id}/delete`.
///
/// # Errors
/// 403, 404, 409.
pub async fn delete_address(who: Hospital, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    address::delete(&db, &who, *id, form.version()?).await?;
    act::done("/addresses", "收货地址已删除。")
}

fn input(form: &Form) -> AddressInput {
    AddressInput {
        recipient: form.value("recipient").into(),
        phone: form.value("phone").into(),
        address: form.value("address").into(),
        is_default: !form.value("is_default").is_empty(),
    }
}

/// `GET /distributors`, with `?q=` for another.
pub async fn distributors(
    who: Supplier,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let named = appointment::list(&db, &who).await?;
    let place = ListAddress::of(&request, &["q"]);
    let query = place.value("q").to_owned();
    let words = query.clone();
    let found = match words.is_empty() {
        true => Vec::new(),
        false => db.read(move |c| store::distributors_named(c, &words, FOUND)).await?,
    };
    let may_appoint = appointment::may_appoint(&who).is_ok();
    page::html(&DistributorsPage {
        table: present::distributors_table(&named, &place, &page.frame.token, may_appoint),
        frame: page.frame,
        idempotency_key: Id::new().to_string(),
        may_appoint,
        nothing: present::no_distributor(&query, &found),
        found: found.iter().map(|o| present::found_distributor(o, &named)).collect(),
        query,
    })
}

/// `POST /distributors`: names one.
///
/// # Errors
/// 404, 409, 422.
pub async fn appoint(who: ManufacturerClerk, db: Data<Db>, key: Key, form: Form) -> Result<HttpResponse> {
    let fields = form.reader();
    let chosen = fields.choice::<Id>("distributor_id", "配送企业");
    fields.finish()?;
    let Some(chosen) = chosen else { return Err(Refusal::not_found("配送企业").into()) };
    appointment::appoint_once(&db, &who, key, chosen).await?;
    act::done("/distributors", "已委托该配送企业，医疗机构下单时即可选择。")
}

/// `POST /distributors/{id}/end`.
///
/// # Errors
/// 404, 409.
pub async fn end(who: ManufacturerClerk, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    appointment::end(&db, &who, *id).await?;
    act::done("/distributors", "已终止委托。已提交的订单仍由该企业供货。")
}

//! The pages of products and prices. The catalogue's own pages stand here too, because they show prices.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Deserialize;

use super::find::{self, ProductFilter, ProductView};
use super::renew::{self, Renewal};
use super::show::{self, ProductDetail};
use super::views::WhyPage;
use super::withdraw::{self, Withdrawal};
use super::{columns, explanation, office_part, present, registered, sorted};
use crate::catalogue::search::{PAGE, Query};
use crate::catalogue::views::{BasketBar, ProductPage, SearchPage};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::Query as Asked;
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::PageOf;
use crate::platform::http::place::{ListAddress, SORT};
use crate::platform::http::view::Frame;
use crate::platform::policy::Policies;
use crate::platform::sheet;
use crate::platform::sql::{Id, Time};
use crate::platform::who::Principal;
use crate::platform::who::guard::{AgencyOfficer, AnyUser, Guard, ManufacturerClerk, ProvinceOfficer};

/// The search's parameters in the address.
const FILTERS: [&str; 4] = ["q", "mark", "open", SORT];
/// Products in an export at most.
const MOST_EXPORTED: usize = 5_000;

fn query(place: &ListAddress) -> (Query, ProductFilter) {
    let query = Query { text: place.value("q").into(), after: place.after(), limit: PAGE };
    (query, ProductFilter { mark: place.choice("mark"), orderable: place.is("open", "yes"), makers: None })
}

/// `GET /catalogue`: the search.
///
/// # Errors
/// Of the database; a search that is too long is shown with what is wrong.
pub async fn search(who: AnyUser, db: Data<Db>, request: HttpRequest, page: Page) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let (mut sorted, mut frame) = (true, page.frame);
    let found = found(&db, &place, who.received_at, &mut sorted).await?;
    frame.search = place.value("q").to_owned();
    if !sorted {
        frame.flash.push(columns::too_many_to_sort());
    }
    let basket = (who.buys() && found.items.iter().any(|view| view.orderable)).then(|| BasketBar {
        form: columns::TO_BASKET,
        key: Id::new().to_string(),
        back: place.at("/catalogue"),
    });
    let search = SearchPage {
        basket,
        filters: columns::filters(&place),
        table: columns::table(&place, &found, who.buys(), sorted),
        frame,
    };
    page::html(&search)
}

/// The page of the search as the address sorts it; where too much is found it stands as it does unsorted.
///
/// # Errors
/// Of the database.
pub async fn found(
    db: &Db,
    place: &ListAddress,
    now: Time,
    sorted: &mut bool,
) -> Result<PageOf<ProductView>> {
    let ((asked, filter), sort) = (query(place), place.choice(SORT));
    place
        .found(async {
            if let Some(sort) = sort {
                match sorted::find(db, asked.clone(), filter.clone(), sort, now).await? {
                    Some(found) => return Ok(found),
                    None => *sorted = false,
                }
            }
            find::find_filtered(db, asked, filter, now).await
        })
        .await
}

/// `GET /catalogue.xlsx`: what is found, as a sheet, in the order of the page.
///
/// # Errors
/// As the search; 422 where more is found than fits.
pub async fn export(who: AnyUser, db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let (rows, notes) = rows(&db, &place, who.received_at).await?;
    let name = format!("挂网药品 {}", legal_day(&db, who.received_at).await?);
    let chosen = place.columns().to_vec();
    let make = move || {
        let mut sheet = columns::columns(false, false).sheet("挂网药品", &chosen, &rows);
        notes.into_iter().for_each(|note| sheet.note(note));
        sheet
    };
    sheet::download(&name, make).await
}

/// All that is found, and what is to be said of it, such as that it was too much to be sorted.
///
/// # Errors
/// 400 for a filter that is not understood, 422 where more is found than fits.
pub async fn rows(db: &Db, place: &ListAddress, now: Time) -> Result<(Vec<ProductView>, Vec<String>)> {
    let (mut asked, filter) = query(place);
    let (sort, mut notes) = (place.choice(SORT), Vec::new());
    place.understood()?;
    if let Some(sort) = sort {
        match sorted::all(db, asked.clone(), filter.clone(), sort, now).await? {
            Some(found) => return Ok((found, notes)),
            None => notes.push(columns::too_many_to_sort().text),
        }
    }
    let mut rows = Vec::new();
    loop {
        let found = find::find_filtered(db, asked.clone(), filter.clone(), now).await?;
        rows.extend(found.items);
        if rows.len() > MOST_EXPORTED {
            // How many there are is not known without reading them all.
            let detail = format!(
                "查到的药品超过 {MOST_EXPORTED} 个，一次最多导出 {MOST_EXPORTED} 个。请缩小查找范围后再导出。"
            );
            return Err(Refusal::new(422, "TOO_MANY", detail).into());
        }
        match found.next {
            Some(next) => asked.after = Some(next),
            None => return Ok((rows, notes)),
        }
    }
}

pub(super) async fn legal_day(db: &Db, now: Time) -> Result<NaiveDate> {
    db.read(move |c| clock::legal_day(c, now)).await
}

/// `GET /catalogue/{product}`.
///
/// # Errors
/// 404.
pub async fn product(who: AnyUser, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let detail = show::show(&db, *id, who.received_at).await?;
    let today = legal_day(&db, who.received_at).await?;
    let shown = product_page(&who, page.frame, &detail, today, &Form::default(), &[]);
    page::html(&office_part::with_office(&db, &who, shown, &detail, (&Form::default(), &[])).await?)
}

pub(super) fn product_page(
    who: &Principal,
    frame: Frame,
    detail: &ProductDetail,
    today: NaiveDate,
    typed: &Form,
    errors: &[FieldError],
) -> ProductPage {
    let officer = ProvinceOfficer::is(who);
    let owner = who.post.lists() && Some(who.organisation) == detail.view.maker_id;
    let renew = officer.then(|| registered::renewal(detail, today, typed, errors)).flatten();
    let by_officer = AgencyOfficer::is(who);
    let withdraw = (by_officer || owner)
        .then(|| registered::withdrawal(detail, by_officer, today, typed, errors))
        .flatten();
    let can_cut = owner && ManufacturerClerk::is(who) && detail.view.unit_price.is_some();
    let cut = detail.view.listing_id.filter(|_| can_cut).map(present::cut_href);
    ProductPage { frame, renew, cut, withdraw, ..present::product(detail, who.buys(), today) }
}

/// `POST /listings/{id}/renewals`: an agreement runs on (INJ-2.3).
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn renew(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, form): (Path<Id>, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let detail = show::show_listing(&db, *id, who.received_at).await?;
    let product = format!("/catalogue/{}", detail.view.product_id);
    act::answer(
        &request,
        renewed(&db, &policies, &who, *id, &form),
        async |()| act::done(&product, "协议已续约，新的截止日已生效。"),
        async |page, no| {
            let today = legal_day(&db, who.received_at).await?;
            Ok(product_page(&who, page.frame, &detail, today, &form, &no.errors))
        },
    )
    .await
}

/// `POST /listings/{id}/price-withdrawals`: a price that is not in force yet is taken back.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn withdraw(
    who: AnyUser,
    db: Data<Db>,
    (id, form): (Path<Id>, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let detail = show::show_listing(&db, *id, who.received_at).await?;
    let product = format!("/catalogue/{}", detail.view.product_id);
    let broken = || Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。");
    let price = form.value("price").parse().map_err(|_| broken())?;
    let given = Withdrawal { price, reason: form.value(withdraw::REASON.name).into() };
    act::answer(
        &request,
        withdraw::withdraw(&db, &who, (*id, form.version()?), given),
        async |_| act::done(&product, "价格已撤回，此前的价格继续有效，并已发信告知。"),
        async |page, no| {
            let today = legal_day(&db, who.received_at).await?;
            Ok(product_page(&who, page.frame, &detail, today, &form, &no.errors))
        },
    )
    .await
}

async fn renewed(db: &Db, policies: &Policies, who: &Principal, id: Id, form: &Form) -> Result<()> {
    let version = form.version()?;
    let fields = form.reader();
    let until = fields.date("until", "协议截止日");
    let reason = fields.paragraph(&renew::REASON);
    fields.finish()?;
    let Some(until) = until else { return Ok(()) };
    renew::renew(
        db,
        who,
        policies,
        (id, version),
        Renewal { until, reason, confirm_far: form.confirms_far() },
    )
    .await
    .map(drop)
}

/// Which of a listing's prices is asked for.
#[derive(Debug, Deserialize)]
pub struct Which {
    /// The price's key; that of today where it is missing.
    price: Option<Id>,
}

/// `GET /listings/{id}/why`: how a price came about; shown in a side sheet, or as a page.
///
/// # Errors
/// 404.
pub async fn why(
    who: AnyUser,
    db: Data<Db>,
    id: Path<Id>,
    which: Asked<Which>,
    page: Page,
) -> Result<HttpResponse> {
    let explained = explanation::explain(&db, *id, which.price, who.received_at).await?;
    page::html(&WhyPage { frame: page.frame, why: present::why(&explained) })
}

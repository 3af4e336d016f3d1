//! The officers' part of a product's page, and the prices that wait for a second officer.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::office_price::{self, OfficePrice, PriceProposal, REASON};
use super::pages::{legal_day, product_page};
use super::show::{self, ProductDetail};
use super::store;
use super::views::WorkPage;
use crate::catalogue;
use crate::catalogue::goods_views::ProposalRow;
use crate::catalogue::proposal::ProposalState;
use crate::catalogue::views::ProductPage;
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;
use crate::platform::http::view::{Badge, Confirm, Field, Kind, Pair};
use crate::platform::policy::Policies;
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Principal;
use crate::platform::who::guard::{AgencyOfficer, Guard};

/// Where the list is.
pub(super) const WORK: &str = "/listings/work";
/// Proposals on the page.
const SHOWN: i64 = 50;

/// `GET /listings/work`.
///
/// # Errors
/// Of the database.
pub async fn work(who: AgencyOfficer, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let (user, received) = (who.user, who.received_at);
    let (proposals, count) = db
        .read(move |conn| {
            let day = clock::legal_day(conn, received)?;
            let waiting = office_price::waiting(conn, None, SHOWN)?;
            let count = crate::platform::sql::counts(conn, vec![office_price::count_waiting(None)])?;
            Ok((rows(conn, &waiting, user, day)?, count.first().copied().unwrap_or(0)))
        })
        .await?;
    let more = count - i64::try_from(proposals.len()).unwrap_or(count);
    let rest =
        if more > 0 { format!("还有 {} 项，处理后会列出。", whole(more)) } else { String::new() };
    page::html(&WorkPage { frame: page.frame, proposals, rest })
}

/// `POST /price-proposals/{id}/decision`.
///
/// # Errors
/// 403, 404, 409, 422.
pub async fn decide(
    who: AgencyOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, form): (Path<Id>, Form),
) -> Result<HttpResponse> {
    let confirm = form.value("verdict") == "confirm";
    let done = office_price::decide(&db, &who, &policies, *id, confirm).await?;
    act::done(WORK, format!("该调价{}。", done.state.label()))
}

/// `POST /listings/{id}/prices`: proposes a price.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn propose(
    who: AgencyOfficer,
    db: Data<Db>,
    (id, form): (Path<Id>, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let detail = show::show_listing(&db, *id, who.received_at).await?;
    let product = format!("/catalogue/{}", detail.view.product_id);
    act::answer(
        &request,
        proposed(&db, &who, *id, &form),
        async |()| act::done(&product, "调价已提出，须由另一位经办人复核后执行。"),
        async |page, no| {
            let today = legal_day(&db, who.received_at).await?;
            let again = product_page(&who, page.frame, &detail, today, &Form::default(), &[]);
            with_office(&db, &who, again, &detail, (&form, &no.errors)).await
        },
    )
    .await
}

async fn proposed(db: &Db, who: &Principal, id: Id, form: &Form) -> Result<()> {
    let version = form.version()?;
    let fields = form.reader();
    let unit_price = fields.price("unit_price", "新价格");
    let from_day = fields.date("from_day", "执行日期");
    let reason = fields.paragraph(&REASON);
    fields.finish()?;
    let (Some(unit_price), Some(from_day)) = (unit_price, from_day) else {
        return Err(Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。").into());
    };
    let new = OfficePrice { unit_price, from_day, reason };
    office_price::propose(db, who, None, (id, version), new).await.map(drop)
}

/// A product's page with what officers of the agency see and do there.
///
/// # Errors
/// Of the database.
pub(super) async fn with_office(
    db: &Db,
    who: &Principal,
    page: ProductPage,
    detail: &ProductDetail,
    (typed, errors): (&Form, &[FieldError]),
) -> Result<ProductPage> {
    let (true, Some(listing)) = (AgencyOfficer::is(who), detail.view.listing_id) else { return Ok(page) };
    let (user, received) = (who.user, who.received_at);
    let proposals = db
        .read(move |conn| {
            let day = clock::legal_day(conn, received)?;
            let past = office_price::of_listing(conn, listing)?;
            rows(conn, &past, user, day)
        })
        .await?;
    let open = proposals.iter().any(|row| !row.acts.is_empty());
    let set_price =
        detail.listing_version.filter(|_| !open).map(|version| form(listing, version, typed, errors));
    Ok(ProductPage { set_price, proposals, ..page })
}

fn form(listing: Id, version: i64, typed: &Form, errors: &[FieldError]) -> Confirm {
    let fields = [
        Field::new(Kind::Decimal, "unit_price", "新价格").help("元，每计价单位"),
        Field::new(Kind::Date, "from_day", "执行日期"),
        Field::of(Kind::Long, &REASON).help("写明核定文件，5 至 500 字"),
    ];
    Confirm {
        action: format!("/listings/{listing}/prices"),
        label: "提出调价".into(),
        consequence: "须由另一位经办人复核；复核通过后自执行日期起生效，并通知企业（INJ-4.2）。".into(),
        fields: fields.map(|field| typed.refill(field, errors)).into(),
        hidden: vec![("version".into(), version.to_string())],
        danger: false,
        open: !errors.is_empty(),
    }
}

fn rows(
    conn: &mut AnyConn,
    proposals: &[PriceProposal],
    user: Id,
    day: chrono::NaiveDate,
) -> Result<Vec<ProposalRow>> {
    let ids: Vec<Id> = proposals.iter().map(|p| p.listing_id).collect();
    let listed: BTreeMap<Id, Id> = store::products_of(conn, &ids)?;
    let products: Vec<Id> = listed.values().copied().collect();
    let products = catalogue::store::products(conn, &products)?;
    let prices = store::prices_on(conn, &ids, day)?;
    let row = |p: &PriceProposal| {
        let product = listed.get(&p.listing_id).and_then(|id| products.get(id));
        let unit = product.map(|product| product.priced_unit()).unwrap_or_default();
        let now = prices.get(&p.listing_id).map(|price| format!("（现价 {}）", price.unit_price.display()));
        let price = format!("{} 元/{unit}{}", p.unit_price.display(), now.unwrap_or_default());
        let others = p.state == ProposalState::Submitted && p.proposed_by != user;
        ProposalRow {
            href: product.map(|product| format!("/catalogue/{}", product.id)).unwrap_or_default(),
            name: product.map(|product| product.label()).unwrap_or_default(),
            changes: vec![Pair::new("新价格", price), Pair::new("执行日期", p.from_day.to_string())],
            reason: p.reason.clone(),
            by: format!("{} {}", p.proposed_name, p.created_at.minute()),
            state: Badge::new(p.state.tone(), p.state.label()),
            acts: if others { acts(p) } else { Vec::new() },
        }
    };
    Ok(proposals.iter().map(row).collect())
}

fn acts(row: &PriceProposal) -> Vec<Confirm> {
    let act = |label: &str, consequence: String, verdict: &str, danger| Confirm {
        action: format!("/price-proposals/{}/decision", row.id),
        label: label.into(),
        consequence,
        hidden: vec![("verdict".into(), verdict.into())],
        danger,
        ..Confirm::default()
    };
    let takes_effect = format!("自 {} 起按 {} 元执行，并通知企业。", row.from_day, row.unit_price.display());
    vec![
        act("复核通过", takes_effect, "confirm", false),
        act("退回调价", "价格不变。".into(), "refuse", true),
    ]
}

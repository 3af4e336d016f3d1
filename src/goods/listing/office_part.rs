//! What officers of the agency see and do on a product's page, and how proposed prices are shown.

use std::collections::BTreeMap;

use super::explanation::cite;
use super::office_price::{self, PriceProposal, REASON};
use super::show::ProductDetail;
use super::store;
use crate::catalogue::goods_views::{OTHERS, ProposalRow};
use crate::catalogue::proposal::ProposalState;
use crate::catalogue::views::ProductPage;
use crate::catalogue::{self, DosageClass};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Result};
use crate::platform::http::form::Form;
use crate::platform::http::view::{Badge, Confirm, Field, Kind, Pair};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Principal;
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::platform::who::person;

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
    let (proposals, open) = db
        .read(move |conn| {
            let day = clock::legal_day(conn, received)?;
            let past = office_price::of_listing(conn, listing)?;
            let open = past.iter().any(|row| row.state == ProposalState::Submitted);
            Ok((rows(conn, &past, user, day)?, open))
        })
        .await?;
    let set_price = detail
        .listing_version
        .filter(|_| !open)
        .map(|version| form((listing, version), detail.view.dosage_class, typed, errors));
    Ok(ProductPage { set_price, proposals, ..page })
}

fn form((listing, version): (Id, i64), class: DosageClass, typed: &Form, errors: &[FieldError]) -> Confirm {
    let clause = cite(class, "INJ-4.2");
    let fields = [
        Field::new(Kind::Decimal, "unit_price", "新价格").help("元，每计价单位"),
        Field::new(Kind::Date, "from_day", "执行日期"),
        Field::of(Kind::Long, &REASON).help("写明核定文件，5 至 500 字"),
    ];
    Confirm {
        action: format!("/listings/{listing}/prices"),
        label: "提出调价".into(),
        consequence: format!("须由另一位经办人复核；复核通过后自执行日期起生效，并通知企业{clause}。"),
        fields: fields
            .map(|field| typed.refill(field, errors))
            .into_iter()
            .chain(typed.far_question(errors))
            .collect(),
        hidden: vec![("version".into(), version.to_string())],
        danger: false,
        open: !errors.is_empty(),
    }
}

/// Proposed prices as lists show them; who may decide on one gets the acts.
pub(super) fn rows(
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
    let proposers: Vec<Id> = proposals.iter().map(|p| p.proposed_by).collect();
    let own = person::own_of(conn, user, &proposers)?;
    let row = |p: &PriceProposal| {
        let product = listed.get(&p.listing_id).and_then(|id| products.get(id));
        let unit = product.map(|product| product.priced_unit()).unwrap_or_default();
        let now = prices.get(&p.listing_id).map(|price| format!("（现价 {}）", price.unit_price.display()));
        let price = format!("{} 元/{unit}{}", p.unit_price.display(), now.unwrap_or_default());
        let waits = p.state == ProposalState::Submitted;
        let is_own = own.contains(&p.proposed_by);
        ProposalRow {
            href: product.map(|product| format!("/catalogue/{}", product.id)).unwrap_or_default(),
            name: product.map(|product| product.label()).unwrap_or_default(),
            changes: vec![Pair::new("新价格", price), Pair::new("执行日期", p.from_day.to_string())],
            reason: p.reason.clone(),
            by: format!("{} {}", p.proposed_name, p.created_at.minute()),
            state: Badge::new(p.state.tone(), p.state.label()),
            acts: if waits && !is_own { acts(p) } else { Vec::new() },
            hint: if waits && is_own { OTHERS } else { "" },
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

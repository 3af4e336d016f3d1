//! The page of owners: my codes. My products stand with the listings, because they show prices.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use std::collections::BTreeMap;

use super::claim::{self, Claim, ClaimState};
use super::goods_views::{ClaimRow, MyClaimsPage};
use super::owner;
use crate::party;
use crate::platform::attachment;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::upload::Upload;
use crate::platform::http::view::{Badge, Confirm, Field, Frame, Kind, Link, Pair, focus_first};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Principal;
use crate::platform::who::guard::{Manufacturer, ManufacturerClerk};

/// Where claims are.
const CLAIMS: &str = "/my/claims";

/// Everybody of the enterprise may look; who does its business claims.
fn may_claim(who: &Principal) -> bool {
    who.post.lists()
}

/// `GET /my/claims`.
pub async fn my_claims(who: Manufacturer, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    page::html(&claims_page(&db, &who, page.frame, &Form::default(), &[]).await?)
}

async fn claims_page(
    db: &Db,
    who: &Principal,
    frame: Frame,
    form: &Form,
    errors: &[FieldError],
) -> Result<MyClaimsPage> {
    let owner = who.organisation;
    let (codes, claims) = db
        .read(move |conn| {
            let claims = claim::of_organisation(conn, owner)?;
            Ok((claim::codes_of(conn, owner)?, rows(conn, &claims, &[])?))
        })
        .await?;
    let mut fields: Vec<Field> = [
        Field::new(Kind::Text, "code", "企业代码")
            .help("药品本位码第 4 至 8 位；医用耗材填 C 加医保耗材代码第 16 至 20 位。")
            .longest(6),
        Field::of(Kind::Long, &claim::NOTE),
    ]
    .into_iter()
    .map(|field| form.refill(field, errors))
    .collect();
    let evidence = errors.iter().find(|e| e.pointer == "/evidence").map(|e| e.detail.clone());
    Ok(MyClaimsPage {
        frame,
        codes: codes
            .iter()
            .map(|row| Pair::new(row.code.clone(), format!("自 {} 起", row.created_at.day())))
            .collect(),
        may_claim: may_claim(who),
        errors: focus_first(fields.iter_mut()),
        fields,
        evidence_wrong: evidence.unwrap_or_default(),
        claims: match may_claim(who) {
            true => claims.into_iter().map(|(claim, row)| with_withdrawal(&claim, row)).collect(),
            false => claims.into_iter().map(|(_, row)| row).collect(),
        },
    })
}

fn with_withdrawal(claim: &Claim, mut row: ClaimRow) -> ClaimRow {
    if claim.state == ClaimState::Submitted {
        row.acts.push(Confirm {
            action: format!("{CLAIMS}/{}/withdraw", claim.id),
            label: "撤回认领".into(),
            consequence: "撤回后不再审核，可以重新提交。".into(),
            danger: true,
            ..Confirm::default()
        });
    }
    row
}

/// Claims as lists show them; `contested` are codes that several claim.
pub(super) fn rows(
    conn: &mut AnyConn,
    claims: &[Claim],
    contested: &[String],
) -> Result<Vec<(Claim, ClaimRow)>> {
    let claimants: Vec<Id> = claims.iter().map(|c| c.organisation_id).collect();
    let codes: Vec<&str> = contested.iter().map(String::as_str).collect();
    let owners = owner::owners(conn, &codes)?;
    let names: BTreeMap<Id, String> =
        party::store::organisations(conn, &claimants)?.into_iter().map(|o| (o.id, o.name)).collect();
    let ids: Vec<Id> = claims.iter().map(|c| c.id).collect();
    let files = attachment::of_subjects(conn, "ownership_claim", &ids)?;
    let mut all = Vec::new();
    for claim in claims {
        let files = files.get(&claim.id).into_iter().flatten();
        let holder = owners.get(&claim.code).map(|owner| &owner.name);
        let words = match (contested.contains(&claim.code), holder) {
            (true, Some(name)) => format!("有争议：该代码现归属{name}"),
            (true, None) => "有争议：多家单位认领".to_owned(),
            (false, _) => String::new(),
        };
        all.push((
            claim.clone(),
            ClaimRow {
                code: claim.code.clone(),
                claimant: names.get(&claim.organisation_id).cloned().unwrap_or_default(),
                note: claim.note.clone(),
                state: Badge::new(claim.state.tone(), claim.state.label()),
                when: format!("{} {}", claim.claimed_name, claim.created_at.minute()),
                reason: claim.reason.clone().unwrap_or_default(),
                files: files.map(|f| Link::new(f.name.clone(), format!("/files/{}", f.id))).collect(),
                contested: words,
                acts: Vec::new(),
            },
        ));
    }
    Ok(all)
}

/// `POST /my/claims`.
///
/// # Errors
/// 403, 409; what is wrong is shown with the form.
pub async fn make_claim(
    who: ManufacturerClerk,
    db: Data<Db>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let form = &upload.form;
    let claimed = async {
        let kept = upload.keep(&db, who.received_at, "evidence").await?;
        claim::claim(&db, &who, form.value("code"), form.value("note"), kept).await
    };
    let words = |code| format!("企业代码 {code} 的认领已提交，审核后会通知您。");
    act::answer(
        &request,
        claimed,
        async |row| act::done(CLAIMS, words(row.code)),
        async |page, no| claims_page(&db, &who, page.frame, form, &no.errors).await,
    )
    .await
}

/// `POST /my/claims/{id}/withdraw`.
///
/// # Errors
/// 404, also for another organisation's; 409.
pub async fn withdraw(who: ManufacturerClerk, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    claim::withdraw(&db, &who, id.into_inner()).await?;
    act::done(CLAIMS, "认领已撤回。")
}

//! The officers' work list, and what they decide there.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use super::claim::{self, Claim, Verdict};
use super::goods_views::{ClaimRow, OTHERS, ProposalRow, WorkPage, WorkRow};
use super::model::{MiCode, Product};
use super::pages::rows;
use super::proposal::{self, ProductPatch, ProductProposal, ProposalState};
use super::{store, worklist};
use crate::party;
use crate::platform::db::Db;
use crate::platform::error::Result;
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::{at_least, whole};
use crate::platform::http::view::{Badge, Confirm, Field, Kind, Pair};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::guard::AgencyOfficer;
use crate::platform::who::person;
use crate::rules::approval::is_imported;

/// Where the list is.
pub(super) const WORK: &str = "/products/work";

/// `GET /products/work`.
///
/// # Errors
/// Of the database.
pub async fn work(who: AgencyOfficer, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let user = who.user;
    let view = db
        .read(move |conn| {
            let list = worklist::read(conn)?;
            let claims = rows(conn, &list.claims, &list.contested)?;
            let proposals = proposal_rows(conn, &list.proposals, user)?;
            Ok((list, claims, proposals))
        })
        .await?;
    let (list, claims, proposals) = view;
    let line = |why: fn(&Product) -> String| {
        move |p: &Product| WorkRow {
            href: format!("/products/{}", p.id),
            name: p.label(),
            spec: p.spec(),
            maker: p.maker_name.clone().unwrap_or_default(),
            why: why(p),
        }
    };
    let unowned = |p: &Product| match &p.enterprise_code {
        _ if is_imported(&p.approval_no) => "境外产品，应由其全国总代理认领或指定（SN-2）".to_owned(),
        Some(code) => format!("企业代码 {code} 尚无单位认领"),
        None => "没有企业代码，请指定归属企业".to_owned(),
    };
    page::html(&WorkPage {
        frame: page.frame,
        claims_rest: rest(claims.len(), list.claims_count),
        proposals_rest: rest(proposals.len(), list.proposals_count),
        unread_rest: rest(list.unread.len(), list.unread_count),
        unowned_rest: rest(list.unowned.len(), list.unowned_count),
        claims: claims.into_iter().map(|(claim, row)| with_judgement(&claim, row)).collect(),
        proposals,
        unread: list.unread.iter().map(line(|p| p.content_fault.clone().unwrap_or_default())).collect(),
        unread_count: counted(list.unread_count),
        unowned: list.unowned.iter().map(line(unowned)).collect(),
        unowned_count: counted(list.unowned_count),
    })
}

fn counted(count: i64) -> String {
    at_least(count.min(worklist::COUNTED), count > worklist::COUNTED)
}

/// What the page says of those that it does not show.
fn rest(shown: usize, count: i64) -> String {
    match count - i64::try_from(shown).unwrap_or(count) {
        ..=0 => String::new(),
        _ if count > worklist::COUNTED => format!("先列出前 {shown} 个，其余的处理后会列出。"),
        more => format!("先列出前 {shown} 个，还有 {} 个，处理后会列出。", whole(more)),
    }
}

fn with_judgement(claim: &Claim, mut row: ClaimRow) -> ClaimRow {
    let action = format!("/claims/{}/decision", claim.id);
    row.acts.push(Confirm {
        action: action.clone(),
        label: "确认归属".into(),
        consequence: format!(
            "企业代码 {} 的全部产品将归入{}；对同一代码的其他认领将不通过。",
            claim.code, row.claimant
        ),
        hidden: vec![("verdict".into(), "confirm".into())],
        ..Confirm::default()
    });
    row.acts.push(Confirm {
        action,
        label: "不予确认".into(),
        consequence: "认领人将收到原因。".into(),
        hidden: vec![("verdict".into(), "refuse".into())],
        fields: vec![Field::of(Kind::Long, &claim::REASON).called(format!("reason-{}", claim.id), "原因")],
        danger: true,
        ..Confirm::default()
    });
    row
}

/// `POST /claims/{id}/decision`.
///
/// # Errors
/// 403, 404, 409, 422.
pub async fn judge(who: AgencyOfficer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let id = id.into_inner();
    let verdict = match form.value("verdict") {
        "confirm" => Verdict::Confirm,
        _ => Verdict::Refuse(form.value(&format!("reason-{id}")).to_owned()),
    };
    let done = claim::judge(&db, &who, id, verdict).await?;
    let words = format!("企业代码 {} 的认领{}。", done.code, done.state.label());
    act::done(WORK, words)
}

/// `POST /product-proposals/{id}/decision`.
///
/// # Errors
/// 403, 404, 409.
pub async fn decide(who: AgencyOfficer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let confirm = form.value("verdict") == "confirm";
    let done = proposal::decide(&db, &who, id.into_inner(), confirm).await?;
    let words = format!("该修改{}。", done.state.label());
    act::done(WORK, words)
}

pub(super) fn proposal_rows(
    conn: &mut AnyConn,
    proposals: &[ProductProposal],
    user: Id,
) -> Result<Vec<ProposalRow>> {
    let ids: Vec<Id> = proposals.iter().map(|p| p.product_id).collect();
    let names: BTreeMap<Id, String> =
        store::products(conn, &ids)?.into_iter().map(|(id, p)| (id, p.label())).collect();
    let patches: Vec<ProductPatch> = proposals.iter().map(ProductProposal::patch).collect::<Result<_>>()?;
    let owners: Vec<Id> = patches.iter().filter_map(|patch| patch.manufacturer_id).collect();
    let owners: BTreeMap<Id, String> =
        party::store::organisations(conn, &owners)?.into_iter().map(|o| (o.id, o.name)).collect();
    let codes = store::codes_of(conn, &ids)?;
    let proposers: Vec<Id> = proposals.iter().map(|p| p.proposed_by).collect();
    let own = person::own_of(conn, user, &proposers)?;
    let mut all = Vec::new();
    for (row, patch) in proposals.iter().zip(patches) {
        let (waits, is_own) = (row.state == ProposalState::Submitted, own.contains(&row.proposed_by));
        let owner = patch.manufacturer_id.and_then(|id| owners.get(&id).cloned());
        all.push(ProposalRow {
            href: format!("/products/{}", row.product_id),
            name: names.get(&row.product_id).cloned().unwrap_or_default(),
            changes: changes(&patch, owner, &codes),
            reason: row.reason.clone(),
            by: format!("{} {}", row.proposed_name, row.created_at.minute()),
            state: Badge::new(row.state.tone(), row.state.label()),
            acts: if waits && !is_own { acts(row) } else { Vec::new() },
            hint: if waits && is_own { OTHERS } else { "" },
        });
    }
    Ok(all)
}

fn changes(patch: &ProductPatch, owner: Option<String>, codes: &[MiCode]) -> Vec<Pair> {
    let said = [
        ("归属企业", owner),
        ("规格", patch.strength.clone()),
        ("装量", patch.fill_volume.clone()),
        ("厂牌", patch.brand.clone()),
        ("剂型类别", patch.dosage_class.map(|c| c.label().to_owned())),
        ("质量层次", patch.quality_level.map(|c| c.word().to_owned())),
        ("特殊类别", patch.special_class.map(|c| c.label().to_owned())),
        ("产品状态", patch.state.map(|c| c.label().to_owned())),
        ("上市许可持有人", patch.holder.clone()),
    ];
    let said = said.into_iter().filter_map(|(term, text)| text.map(|text| Pair::new(term, text)));
    let codes = patch.codes.iter().map(|fix| {
        let now = codes.iter().find(|code| code.code == fix.code && code.factor != fix.factor);
        let now = now.map(|code| format!("（现为 {}）", code.factor)).unwrap_or_default();
        Pair::new(format!("原编码 {} 的每包装数量", fix.code), format!("{}{now}", fix.factor))
    });
    said.chain(codes).collect()
}

fn acts(row: &ProductProposal) -> Vec<Confirm> {
    let act = |label: &str, consequence: &str, verdict: &str, danger| Confirm {
        action: format!("/product-proposals/{}/decision", row.id),
        label: label.into(),
        consequence: consequence.into(),
        hidden: vec![("verdict".into(), verdict.into())],
        danger,
        ..Confirm::default()
    };
    vec![act("复核通过", "修改立即生效。", "confirm", false), act("退回修改", "修改不生效。", "refuse", true)]
}

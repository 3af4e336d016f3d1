//! The officers' pages: the work list, and a product with its changes.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::claim::{self, Claim, Verdict};
use super::goods_views::{ClaimRow, EditPage, ProposalRow, WorkPage, WorkRow};
use super::imports::consumables;
use super::model::{DosageClass, Product, ProductState, QualityLevel, SpecialClass, ThreeSameGroup};
use super::pages::rows;
use super::proposal::{self, Changed, ProductPatch, ProductProposal, ProposalState};
use super::{facts, store, worklist};
use crate::party;
use crate::platform::auth::Principal;
use crate::platform::auth::guard::AgencyOfficer;
use crate::platform::db::{AnyConn, Db, Id};
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::flash::with_flash;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::whole;
use crate::platform::http::reply;
use crate::platform::http::view::{Badge, Confirm, Field, Frame, Kind, Pair, Tone, focus_first};
use crate::rules::approval::is_imported;

/// Where the list is.
const WORK: &str = "/products/work";

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
        unread_count: whole(list.unread_count),
        unowned: list.unowned.iter().map(line(unowned)).collect(),
        unowned_count: whole(list.unowned_count),
    })
}

/// What the page says of those that it does not show.
fn rest(shown: usize, count: i64) -> String {
    match count - i64::try_from(shown).unwrap_or(count) {
        ..=0 => String::new(),
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
        fields: vec![Field::new(Kind::Long, format!("reason-{}", claim.id), "原因").longest(500)],
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
    Ok(with_flash(reply::see_other(WORK), Tone::Done, words, None))
}

/// `POST /product-proposals/{id}/decision`.
///
/// # Errors
/// 403, 404, 409.
pub async fn decide(who: AgencyOfficer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let confirm = form.value("verdict") == "confirm";
    let done = proposal::decide(&db, &who, id.into_inner(), confirm).await?;
    let words = format!("该修改{}。", done.state.label());
    Ok(with_flash(reply::see_other(WORK), Tone::Done, words, None))
}

/// `GET /products/{id}`.
///
/// # Errors
/// 404.
pub async fn edit(who: AgencyOfficer, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    page::html(&edit_page(&db, &who, page.frame, id.into_inner(), &Form::default(), &[]).await?)
}

async fn edit_page(
    db: &Db,
    who: &Principal,
    frame: Frame,
    id: Id,
    form: &Form,
    errors: &[FieldError],
) -> Result<EditPage> {
    let user = who.user;
    let (product, owner, goods, groups, proposals) = db
        .read(move |conn| {
            let product = store::product(conn, id)?;
            let ids: Vec<Id> = product.manufacturer_id.into_iter().collect();
            let owner = party::store::organisations(conn, &ids)?.into_iter().next().map(|o| o.name);
            let goods = consumables::of_products(conn, &[id])?.remove(&id);
            let groups = worklist::neighbours(conn, &product)?;
            let past = proposal::of_product(conn, id)?;
            let past = proposal_rows(conn, &past, user)?;
            Ok((product, owner, goods, groups, past))
        })
        .await?;
    let fill = |fields: Vec<Field>| -> Vec<Field> {
        let sent = |f: &Field| form.fields().iter().any(|(name, _)| *name == f.name);
        fields.into_iter().map(|f| if sent(&f) { form.refill(f, errors) } else { f }).collect()
    };
    let (mut fields, mut settle_fields) = (fill(fields(&product)), fill(settle_fields(&product, &groups)));
    Ok(EditPage {
        frame,
        name: product.label(),
        action: format!("/products/{id}"),
        facts: facts::of(&product, owner, goods.as_ref()),
        errors: focus_first(settle_fields.iter_mut().chain(fields.iter_mut())),
        fields,
        version: product.version,
        unread: product.content_fault.clone().unwrap_or_default(),
        settle_action: format!("/products/{id}/group"),
        settle_fields,
        proposals,
    })
}

fn fields(product: &Product) -> Vec<Field> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        Field::new(Kind::Text, "strength", "规格").value(product.strength.clone()).longest(100),
        Field::new(Kind::Text, "fill_volume", "装量")
            .value(text(&product.fill_volume))
            .longest(100)
            .optional(),
        Field::new(Kind::Text, "brand", "厂牌").value(product.brand.clone()).longest(50),
        Field::new(Kind::Select, "dosage_class", "剂型类别")
            .value(product.dosage_class.to_string())
            .choices(DosageClass::ALL.iter().map(|c| (c.to_string(), c.label()))),
        Field::new(Kind::Select, "quality_level", "质量层次")
            .value(product.quality_level.to_string())
            .choices(QualityLevel::ALL.iter().map(|c| (c.to_string(), c.word()))),
        Field::new(Kind::Select, "special_class", "特殊类别")
            .value(product.special_class.to_string())
            .choices(SpecialClass::ALL.iter().map(|c| (c.to_string(), c.label()))),
        Field::new(Kind::Select, "state", "产品状态")
            .value(product.state.to_string())
            .choices(ProductState::ALL.iter().map(|c| (c.to_string(), c.label()))),
        Field::new(Kind::Text, "holder", "上市许可持有人")
            .value(text(&product.holder))
            .longest(100)
            .optional(),
        Field::new(Kind::Text, "owner_code", "指定归属企业")
            .help("填企业的统一社会信用代码；有企业代码的产品随代码归属，一般不在此指定。")
            .longest(18)
            .optional(),
        Field::new(Kind::Long, "reason", "修改原因").longest(500),
    ]
}

fn settle_fields(product: &Product, groups: &[ThreeSameGroup]) -> Vec<Field> {
    let own = std::iter::once((String::new(), "独立成组".to_owned()));
    let others = groups.iter().filter(|g| Some(g.id) != product.group_id);
    let others = others.map(|g| (g.id.to_string(), format!("{} · {}", g.brand, g.content)));
    vec![
        Field::new(Kind::Select, "group", "归入").choices(own.chain(others)),
        Field::new(Kind::Long, "group_reason", "判定依据").longest(500),
    ]
}

/// What differs from the product as it is.
fn patch(form: &Form, product: &Product, owner: Option<Id>) -> ProductPatch {
    let text = |name: &str, old: &str| Some(form.value(name).trim().to_owned()).filter(|t| t != old);
    ProductPatch {
        manufacturer_id: owner.filter(|id| Some(*id) != product.manufacturer_id),
        strength: text("strength", &product.strength),
        fill_volume: text("fill_volume", product.fill_volume.as_deref().unwrap_or_default()),
        brand: text("brand", &product.brand),
        holder: text("holder", product.holder.as_deref().unwrap_or_default()),
        dosage_class: form.value("dosage_class").parse().ok().filter(|c| *c != product.dosage_class),
        quality_level: form.value("quality_level").parse().ok().filter(|c| *c != product.quality_level),
        special_class: form.value("special_class").parse().ok().filter(|c| *c != product.special_class),
        state: form.value("state").parse().ok().filter(|c| *c != product.state),
    }
}

/// The organisation that a credit code names; none for an empty field.
async fn owner_of(db: &Db, form: &Form) -> Result<Option<Id>> {
    let code = form.value("owner_code").trim().to_owned();
    if code.is_empty() {
        return Ok(None);
    }
    let found = db.read(move |conn| party::store::by_credit_code(conn, &code)).await?;
    let missing = || {
        let detail = "没有该统一社会信用代码的单位，请核对，或请该企业先注册";
        Error::from(crate::platform::error::Refusal::field("/owner_code", detail))
    };
    found.map(|o| Some(o.id)).ok_or_else(missing)
}

/// `POST /products/{id}`.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn change(
    who: AgencyOfficer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let id = id.into_inner();
    match changed(&db, &who, id, &form).await {
        Ok(done) => {
            let words = match done {
                Changed::Now(_) => "修改已生效。",
                Changed::Waits(_) => "修改已提出，须由另一位经办人复核后生效。",
            };
            Ok(with_flash(reply::see_other(&format!("/products/{id}")), Tone::Done, words, None))
        }
        Err(error) => shown_again(&db, &who, id, &form, &request, error).await,
    }
}

async fn changed(db: &Db, who: &Principal, id: Id, form: &Form) -> Result<Changed> {
    let product = db.read(move |conn| store::product(conn, id)).await?;
    let patch = patch(form, &product, owner_of(db, form).await?);
    let version = form.value("version").parse().unwrap_or(0);
    proposal::change(db, who, id, version, patch, form.value("reason")).await
}

/// The form with what is wrong; anything but 422 goes on.
async fn shown_again(
    db: &Db,
    who: &Principal,
    id: Id,
    form: &Form,
    request: &HttpRequest,
    error: Error,
) -> Result<HttpResponse> {
    match error {
        Error::Refused(refusal) if refusal.status == 422 => {
            let frame = page::frame(request).await?;
            page::html_with(422, &edit_page(db, who, frame, id, form, &refusal.errors).await?)
        }
        other => Err(other),
    }
}

/// `POST /products/{id}/group` (INJ-3.1).
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn settle(
    who: AgencyOfficer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let id = id.into_inner();
    let version = form.value("version").parse().unwrap_or(0);
    let group = form.value("group").parse().ok();
    match worklist::settle(&db, &who, id, version, group, form.value("group_reason")).await {
        Ok(_) => Ok(with_flash(reply::see_other(WORK), Tone::Done, "分组已确认。", None)),
        Err(Error::Refused(mut refusal)) => {
            // The page has another reason beside this one.
            for error in refusal.errors.iter_mut().filter(|e| e.pointer == "/reason") {
                error.pointer = "/group_reason".into();
            }
            shown_again(&db, &who, id, &form, &request, Error::Refused(refusal)).await
        }
        Err(other) => Err(other),
    }
}

fn proposal_rows(conn: &mut AnyConn, proposals: &[ProductProposal], user: Id) -> Result<Vec<ProposalRow>> {
    let ids: Vec<Id> = proposals.iter().map(|p| p.product_id).collect();
    let names: BTreeMap<Id, String> =
        store::products(conn, &ids)?.into_iter().map(|p| (p.id, p.label())).collect();
    let mut all = Vec::new();
    for row in proposals {
        let patch = row.patch()?;
        let owner = match patch.manufacturer_id {
            Some(id) => Some(party::store::organisation(conn, id)?.name),
            None => None,
        };
        all.push(ProposalRow {
            href: format!("/products/{}", row.product_id),
            name: names.get(&row.product_id).cloned().unwrap_or_default(),
            changes: changes(&patch, owner),
            reason: row.reason.clone(),
            by: format!("{} {}", row.proposed_name, row.created_at.minute()),
            state: badge(row.state),
            acts: if row.state == ProposalState::Submitted && row.proposed_by != user {
                acts(row)
            } else {
                Vec::new()
            },
        });
    }
    Ok(all)
}

fn badge(state: ProposalState) -> Badge {
    let tone = match state {
        ProposalState::Submitted => Tone::Waiting,
        ProposalState::Confirmed => Tone::Done,
        ProposalState::Refused => Tone::Wrong,
    };
    Badge::new(tone, state.label())
}

fn changes(patch: &ProductPatch, owner: Option<String>) -> Vec<Pair> {
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
    said.into_iter().filter_map(|(term, text)| text.map(|text| Pair::new(term, text))).collect()
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

//! The officers' page of a product: what is registered, how it is changed, where it belongs.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::code_fix::{self, CodeFix};
use super::goods_views::EditPage;
use super::imports::consumables;
use super::model::{DosageClass, MiCode, Product, ProductState, QualityLevel, SpecialClass, ThreeSameGroup};
use super::office_pages::{WORK, proposal_rows};
use super::proposal::{self, Changed, ProductPatch};
use super::{facts, store, worklist};
use crate::party;
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Field, Frame, Kind, focus_first};
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::AgencyOfficer;
use crate::rules::codes;

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
    let (product, codes, owner, goods, groups, proposals) = db
        .read(move |conn| {
            let product = store::product(conn, id)?;
            let codes = code_fix::mapped(store::codes(conn, id)?);
            let ids: Vec<Id> = product.manufacturer_id.into_iter().collect();
            let owner = party::store::organisations(conn, &ids)?.into_iter().next().map(|o| o.name);
            let goods = consumables::of_products(conn, &[id])?.remove(&id);
            let groups = worklist::neighbours(conn, &product)?;
            let past = proposal::of_product(conn, id)?;
            let past = proposal_rows(conn, &past, user)?;
            Ok((product, codes, owner, goods, groups, past))
        })
        .await?;
    let fill = |fields: Vec<Field>| -> Vec<Field> {
        let sent = |f: &Field| form.fields().iter().any(|(name, _)| *name == f.name);
        fields.into_iter().map(|f| if sent(&f) { form.refill(f, errors) } else { f }).collect()
    };
    let (mut fields, mut settle_fields) =
        (fill(fields(&product, &codes)), fill(settle_fields(&product, &groups)));
    Ok(EditPage {
        frame,
        name: product.label(),
        action: format!("/products/{id}"),
        facts: facts::of_product(&product, owner, goods.as_ref()),
        errors: focus_first(settle_fields.iter_mut().chain(fields.iter_mut())),
        fields,
        version: product.version,
        unread: product.content_fault.clone().unwrap_or_default(),
        settle_action: format!("/products/{id}/group"),
        settle_fields,
        proposals,
    })
}

fn fields(product: &Product, codes: &[MiCode]) -> Vec<Field> {
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    let mut all = vec![
        Field::of(Kind::Text, &proposal::STRENGTH).value(product.strength.clone()),
        Field::of(Kind::Text, &proposal::FILL_VOLUME).value(text(&product.fill_volume)),
        Field::of(Kind::Text, &proposal::BRAND).value(product.brand.clone()),
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
        Field::of(Kind::Text, &proposal::HOLDER).value(text(&product.holder)),
        Field::new(Kind::Text, "owner_code", "指定归属企业")
            .help("填企业的统一社会信用代码；有企业代码的产品随代码归属，一般不在此指定。")
            .longest(18)
            .optional(),
    ];
    all.extend(codes.iter().map(|code| {
        Field::new(Kind::Whole, format!("factor-{}", code.code), format!("原编码 {} 的每包装数量", code.code))
            .help("每个包装所含的最小制剂单位数。更正后挂网价自次日起按新的数量换算；现价另行调整过的，请再核对现价（INJ-6.2）。")
            .value(code.factor.to_string())
    }));
    all.push(Field::of(Kind::Long, &proposal::REASON));
    all
}

fn settle_fields(product: &Product, groups: &[ThreeSameGroup]) -> Vec<Field> {
    let own = std::iter::once((String::new(), "独立成组".to_owned()));
    let others = groups.iter().filter(|g| Some(g.id) != product.group_id);
    let others = others.map(|g| (g.id.to_string(), format!("{} · {}", g.brand, g.content)));
    vec![
        Field::new(Kind::Select, "group", "归入").choices(own.chain(others)),
        Field::of(Kind::Long, &worklist::REASON).called("group_reason", "判定依据"),
    ]
}

/// What differs from the product as it is.
fn patch(form: &Form, product: &Product, codes: Vec<CodeFix>, owner: Option<Id>) -> ProductPatch {
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
        codes,
    }
}

/// The organisation that a credit code names; none for an empty field.
async fn owner_of(db: &Db, form: &Form) -> Result<Option<Id>> {
    let code = codes::clean_uscc(form.value("owner_code"));
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
    let words = |changed| match changed {
        Changed::Now(_) => "修改已生效。",
        Changed::Waits(_) => "修改已提出，须由另一位经办人复核后生效。",
    };
    act::answer(
        &request,
        changed(&db, &who, id, &form),
        async |done| act::done(&format!("/products/{id}"), words(done)),
        async |page, no| edit_page(&db, &who, page.frame, id, &form, &no.errors).await,
    )
    .await
}

async fn changed(db: &Db, who: &Principal, id: Id, form: &Form) -> Result<Changed> {
    let (product, codes) = db
        .read(move |conn| Ok((store::product(conn, id)?, code_fix::mapped(store::codes(conn, id)?))))
        .await?;
    let patch = patch(form, &product, fixes(form, &codes)?, owner_of(db, form).await?);
    let version = form.version()?;
    proposal::change(db, who, id, version, patch, form.value("reason")).await
}

/// The numbers of units that differ from those that stand; a form without them changes none.
fn fixes(form: &Form, codes: &[MiCode]) -> Result<Vec<CodeFix>> {
    let fields = form.reader();
    let mut all = Vec::new();
    for code in codes {
        let name = format!("factor-{}", code.code);
        if form.values(&name).next().is_none() {
            continue;
        }
        let Some(factor) = fields.quantity(&name, "每包装数量").map(|qty| qty.get()) else { continue };
        if let Err(detail) = code_fix::pack_qty(factor) {
            fields.wrong(&name, detail);
        } else if factor != code.factor {
            all.push(CodeFix { code: code.code.clone(), factor });
        }
    }
    fields.finish()?;
    Ok(all)
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
    let version = form.version()?;
    let group = form.value("group").parse().ok();
    act::answer(
        &request,
        worklist::settle(&db, &who, id, version, group, form.value("group_reason")),
        async |_| act::done(WORK, "分组已确认。"),
        async |page, mut no| {
            // The page has another reason beside this one.
            for error in no.errors.iter_mut().filter(|e| e.pointer == "/reason") {
                error.pointer = "/group_reason".into();
            }
            edit_page(&db, &who, page.frame, id, &form, &no.errors).await
        },
    )
    .await
}

//! The enterprise lowers a price on a page: it sees what the law makes of it, mark and all, before it stands (INJ-4.2).

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;

use super::change_price::{self, NewPrice, Tried, may_change};
use super::explanation::{Explanation, cite};
use super::model::{ListingPrice, ListingRecord, ListingState, Mark};
use super::present::cut_href;
use super::store;
use super::views::{CutPage, CutPreview};
use crate::catalogue::{self, DosageClass, Product};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::present::short;
use crate::platform::http::view::{Field, Frame, Kind, Pair, Step, focus_first};
use crate::platform::policy::Policies;
use crate::platform::sql::{Id, Money};
use crate::platform::who::Principal;
use crate::platform::who::guard::ManufacturerClerk;

/// What the page stands on.
struct Shown {
    record: ListingRecord,
    product: Product,
    today: NaiveDate,
}

/// `GET /listings/{id}/price-cuts`.
///
/// # Errors
/// 404 for a product of somebody else.
pub async fn ask(who: ManufacturerClerk, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let shown = shown(&db, &who, *id).await?;
    page::html(&cut_page(page.frame, &shown, None, &[], None)?)
}

/// `POST /listings/{id}/price-cuts`: computes what would stand, and lets it stand once that was seen.
///
/// # Errors
/// 404, 409; what is wrong is shown with the form.
pub async fn cut(
    who: ManufacturerClerk,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, form): (Path<Id>, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let shown = shown(&db, &who, *id).await?;
    act::answer(
        &request,
        outcome(&db, &policies, &who, *id, &form),
        async |tried| match tried {
            Some(tried) => {
                let frame = page::frame(&request).await?;
                page::html(&cut_page(frame, &shown, Some(&form), &[], Some(&tried))?)
            }
            None => act::done(
                &format!("/catalogue/{}", shown.product.id),
                format!("挂网价已下调，自 {} 起执行。", form.value("from_day")),
            ),
        },
        async |page, no| cut_page(page.frame, &shown, Some(&form), &no.errors, None),
    )
    .await
}

async fn shown(db: &Db, who: &Principal, id: Id) -> Result<Shown> {
    let who = who.clone();
    db.read(move |conn| {
        let record = store::record(conn, id)?;
        let product = catalogue::store::product(conn, record.listing.product_id)?;
        may_change(&who, &product)?;
        Ok(Shown { record, product, today: clock::legal_day(conn, who.received_at)? })
    })
    .await
}

/// None where the price stands now; otherwise what it would be. It stands only as it was looked at.
async fn outcome(
    db: &Db,
    policies: &Policies,
    who: &Principal,
    id: Id,
    form: &Form,
) -> Result<Option<Tried>> {
    let version = form.version()?;
    let fields = form.reader();
    let unit_price = fields.price("unit_price", "新挂网价");
    let from_day = fields.date("from_day", "执行日期");
    fields.finish()?;
    let (Some(unit_price), Some(from_day)) = (unit_price, from_day) else {
        return Err(Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。").into());
    };
    let new = NewPrice { unit_price, from_day, confirm_far: form.confirms_far() };
    if form.value("act") == "cut" && form.value("tried") == looked_at(unit_price.get(), from_day) {
        change_price::change_price(db, who, policies, id, version, new).await?;
        return Ok(None);
    }
    change_price::try_price(db, who, policies, (id, version), new).await.map(Some)
}

fn looked_at(price: Money, from: NaiveDate) -> String {
    format!("{price} {from}")
}

fn cut_page(
    frame: Frame,
    shown: &Shown,
    typed: Option<&Form>,
    errors: &[FieldError],
    tried: Option<&Tried>,
) -> Result<CutPage> {
    let Shown { record, product, today } = shown;
    let unit = product.priced_unit();
    let first = record.prices.last().map_or(*today, |last| last.from_day.max(*today));
    let first = first.succ_opt().unwrap_or(*today);
    let mut fields = vec![
        Field::new(Kind::Decimal, "unit_price", "新挂网价")
            .unit(format!("元/{unit}"))
            .help("须低于现价；直接申报的价格至多 2 位小数。"),
        Field::new(Kind::Date, "from_day", "执行日期")
            .value(first.to_string())
            .help(format!("法定时间今天是 {today}；执行之前可以撤回。")),
    ];
    if let Some(form) = typed {
        fields = fields.into_iter().map(|field| form.refill(field, errors)).collect();
        fields.extend(form.far_question(errors));
    }
    Ok(CutPage {
        frame,
        name: product.label(),
        about: format!("{} · {} · {}", product.label(), product.spec(), product.pack()),
        back: format!("/catalogue/{}", product.id),
        facts: facts(shown),
        closed: closed(record, product.dosage_class, *today),
        errors: focus_first(fields.iter_mut()),
        action: cut_href(record.listing.id),
        version: record.listing.version,
        fields,
        preview: tried.map(|tried| preview(tried, product, *today)).transpose()?,
    })
}

/// Why the price cannot be lowered now, whatever is typed; empty where it can.
fn closed(record: &ListingRecord, class: DosageClass, today: NaiveDate) -> String {
    if record.listing.state != ListingState::Listed {
        return "该药品目前不在挂网状态，不能调整价格。".into();
    }
    match record.listing.agreement_until.filter(|_| record.is_agreed(today)) {
        Some(until) => {
            format!(
                "协议期内（至 {until}）的价格按集中采购或谈判的约定执行，不能在此调整{}。",
                cite(class, "INJ-2.3")
            )
        }
        None => String::new(),
    }
}

fn facts(shown: &Shown) -> Vec<Pair> {
    let Shown { record, product, today } = shown;
    let unit = product.priced_unit();
    let told = |price: &ListingPrice| {
        format!("{} 元/{unit}，{}，自 {} 起", price.unit_price.display(), price.mark.label(), price.from_day)
    };
    let mut all = vec![Pair::new("医保编码", record.listing.code.clone())];
    all.extend(record.price_at(*today).map(|price| Pair::new("现价", told(price))));
    let low = record.price_at(*today).and_then(|price| price.low);
    all.extend(low.map(|low| Pair::new("同组最低换算价", format!("{} 元/{unit}（INJ-4.1）", low.display()))));
    let later = record.prices.iter().filter(|price| price.from_day > *today);
    all.extend(later.map(|price| Pair::new("已定的价格", told(price))));
    all
}

fn preview(tried: &Tried, product: &Product, today: NaiveDate) -> Result<CutPreview> {
    let (Tried { old, new }, unit) = (tried, product.priced_unit());
    let how = Explanation::of(new)?;
    let (was, will) = (old.unit_price.display(), new.unit_price.display());
    let back = match new.from_day > today {
        true => format!("{} 之前可以撤回，执行后不能再改回更高的价格", new.from_day),
        false => "立即执行，不能撤回".to_owned(),
    };
    Ok(CutPreview {
        sum: format!("{}{}", division(new), mark_change(old.mark, new.mark)),
        consequence: format!(
            "自 {} 起，挂网价由 {was} 元/{unit} 降为 {will} 元/{unit}；{back}{}。已提交的订单仍按原价。",
            new.from_day,
            cite(product.dosage_class, "INJ-4.2")
        ),
        result: how.result,
        steps: how
            .steps
            .into_iter()
            .map(|step| Step { text: step.text, clause: step.clause.to_string() })
            .collect(),
        tried: looked_at(new.unit_price, new.from_day),
    })
}

/// 「9.00 ÷ 5.00 = 1.8，」; empty where there is only one conversion result, so that nothing is marked.
fn division(price: &ListingPrice) -> String {
    let (Some(low), Some(ratio)) = (price.low, price.ratio.as_deref()) else { return String::new() };
    let is_whole = i128::from(price.unit_price.0) * 10_000 % i128::from(low.0.max(1)) == 0;
    let sign = if is_whole { "=" } else { "≈" };
    format!("{} ÷ {} {sign} {}，", price.unit_price.display(), low.display(), short(ratio))
}

fn mark_change(before: Mark, after: Mark) -> String {
    match (before, after) {
        (Mark::None, Mark::None) => "无标识".into(),
        (before, Mark::None) => format!("{}解除", before.label()),
        (before, after) if before == after => format!("仍为{}", after.label()),
        (before, after) => format!("{}改为{}", before.label(), after.label()),
    }
}

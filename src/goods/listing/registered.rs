//! What is registered about a product and its agreement, as the product's page shows it.

use chrono::NaiveDate;

use super::explanation::cite;
use super::model::PriceReason;
use super::renew::REASON;
use super::show::{PriceStep, ProductDetail};
use super::withdraw;
use crate::catalogue::QualityLevel;
use crate::catalogue::facts::of_consumable;
use crate::platform::error::FieldError;
use crate::platform::http::form::Form;
use crate::platform::http::view::{Confirm, Field, Kind, Pair};
use crate::rules::approval::is_imported;

/// How long an agreement fixes the price, and what follows it (INJ-2.3). Empty: none does.
pub(super) fn term(detail: &ProductDetail, today: NaiveDate) -> String {
    let view = &detail.view;
    let (Some(source), Some(until)) = (view.price_source, view.agreement_until) else { return String::new() };
    let (source, clause) = (source.label(), cite(view.dosage_class, "INJ-2.3"));
    if today > until {
        return format!("{source}协议期已于 {until} 届满，现按一般规则换算{clause}。");
    }
    let next = detail.history.iter().rev().find(|step| step.from_day > until);
    let next = next.map(|step| {
        format!("；未续约的，自 {} 起为 {} 元/{}", step.from_day, step.unit_price.display(), view.unit)
    });
    format!("{source}约定价，协议期至 {until}{}{clause}。", next.unwrap_or_default())
}

/// The prices that are decided for days to come, the next first; what follows an agreement stands with its term.
pub(super) fn coming(detail: &ProductDetail, today: NaiveDate) -> String {
    let decided = |step: &&PriceStep| step.from_day > today && step.reason != PriceReason::AgreementEnd;
    let told = detail.history.iter().rev().filter(decided).map(|step| {
        let (price, mark) = (step.unit_price.display(), step.mark.label());
        format!("自 {} 起 {price} 元/{}，{mark}", step.from_day, detail.view.unit)
    });
    told.collect::<Vec<_>>().join("；")
}

/// Lets a running agreement run on.
pub(super) fn renewal(
    detail: &ProductDetail,
    today: NaiveDate,
    typed: &Form,
    errors: &[FieldError],
) -> Option<Confirm> {
    let (id, version) = (detail.view.listing_id?, detail.listing_version?);
    let until = detail.view.agreement_until.filter(|until| today <= *until)?;
    let fields = [
        Field::new(Kind::Date, "until", "新的协议截止日")
            .help(format!("现在的截止日为 {until}；填错的可在此更正")),
        Field::of(Kind::Long, &REASON).help("写明续约文件，5 至 500 字"),
    ];
    Some(Confirm {
        action: format!("/listings/{id}/renewals"),
        label: "协议续约".into(),
        consequence: format!(
            "协议约定价不变，执行到新的截止日；此后改按一般规则{}。",
            cite(detail.view.dosage_class, "INJ-2.3")
        ),
        fields: fields
            .map(|field| typed.refill(field, errors))
            .into_iter()
            .chain(typed.far_question(errors))
            .collect(),
        hidden: vec![("version".into(), version.to_string())],
        danger: false,
        open: !errors.is_empty() && typed.value("price").is_empty(),
    })
}

/// Takes back the last price that was decided and is not in force yet; the enterprise not what the office set.
pub(super) fn withdrawal(
    detail: &ProductDetail,
    by_officer: bool,
    today: NaiveDate,
    typed: &Form,
    errors: &[FieldError],
) -> Option<Confirm> {
    let (id, version) = (detail.view.listing_id?, detail.listing_version?);
    let decided = |step: &&PriceStep| step.from_day > today && step.reason != PriceReason::AgreementEnd;
    let price = detail.history.iter().find(decided)?;
    let is_first = detail.history.iter().all(|step| step.from_day >= price.from_day);
    let reason = Field::of(Kind::Long, &withdraw::REASON).help("4 至 400 字");
    (!is_first && (by_officer || !price.by_office)).then(|| Confirm {
        action: format!("/listings/{id}/price-withdrawals"),
        label: "撤回价格".into(),
        consequence: format!(
            "原定 {} 起的价格 {} 元/{} 不再执行，此前的价格继续有效；对方会收到通知。",
            price.from_day,
            price.unit_price.display(),
            detail.view.unit
        ),
        // The page has another form with a reason; what was typed there does not belong here.
        fields: vec![if typed.value("price").is_empty() { reason } else { typed.refill(reason, errors) }],
        hidden: vec![("version".into(), version.to_string()), ("price".into(), price.id.to_string())],
        danger: true,
        open: !errors.is_empty() && !typed.value("price").is_empty(),
    })
}

/// The product in terms.
pub(super) fn facts(detail: &ProductDetail, today: NaiveDate) -> Vec<Pair> {
    let ProductDetail { product, view, codes, .. } = detail;
    let in_use = codes.iter().find(|code| code.replaced_by.is_none() && !code.is_stopped(today));
    let own = view.code.clone().or_else(|| in_use.map(|code| code.code.clone()));
    let mut all = vec![
        Pair::new("医保编码", own.clone().unwrap_or_else(|| "—".into())),
        Pair::new("批准文号", product.approval_no.clone()),
        Pair::new("规格", product.spec()),
        Pair::new("厂牌", product.brand.clone()),
    ];
    let abroad = is_imported(&product.approval_no);
    if abroad && product.manufacturer_id.is_some() {
        all.push(Pair::new("全国总代理", format!("{}（视为生产企业，SN-2）", view.maker)));
        let maker = product.maker_name.clone();
        all.extend(maker.map(|name| Pair::new("境外生产企业", name)));
    } else {
        all.push(Pair::new("生产企业", view.maker.clone()));
    }
    if product.pack_qty > 1 {
        all.insert(3, Pair::new("包装", product.pack()));
    }
    if let Some(code) = &product.standard_code {
        all.insert(1, Pair::new("本位码", code.clone()));
    }
    all.extend(detail.consumable.iter().flat_map(of_consumable));
    if product.quality_level != QualityLevel::Ordinary {
        all.push(Pair::new("质量层次", product.quality_level.label()));
    }
    for old in codes.iter().filter(|code| Some(&code.code) != own.as_ref()) {
        let until = old.disabled_from.map(|day| format!("{day} 起停用")).unwrap_or_else(|| "停用".into());
        all.push(Pair::new("原编码", format!("{}（{until}，INJ-6.1）", old.code)));
    }
    all
}

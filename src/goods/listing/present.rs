//! Products and prices as pages show them.

use chrono::NaiveDate;
use serde_json::json;

use super::explanation::Explained;
use super::find::ProductView;
use super::model::{Mark, PackListing};
use super::registered;
use super::show::{PriceStep, ProductDetail};
use crate::catalogue::DosageClass;
use crate::catalogue::views::{Conversion, PriceChange, ProductPage};
use crate::platform::http::present::short;
use crate::platform::http::view::{self, Field, Kind, Link, Recheck, Step, Why};
use crate::platform::sql::{Id, Money};

/// The mark as templates know it.
pub fn mark(mark: Mark) -> view::RiskMark {
    match mark {
        Mark::None => view::RiskMark::None,
        Mark::Yellow => view::RiskMark::Yellow,
        Mark::Red => view::RiskMark::Red,
    }
}

/// Where the explanation of a listing's present price stands.
pub fn why_href(listing: Option<Id>) -> String {
    listing.map(|id| format!("/listings/{id}/why")).unwrap_or_default()
}

/// The choice of a mark that narrows a list.
pub fn mark_filter() -> Field {
    let marks = Mark::ALL.iter().map(|mark| (mark.as_str(), mark.label()));
    Field::new(Kind::Select, "mark", "标识").choices(std::iter::once(("", "全部")).chain(marks))
}

/// Where its enterprise lowers the price of a listing.
pub(super) fn cut_href(listing: Id) -> String {
    format!("/listings/{listing}/price-cuts")
}

/// Where a listing is ordered.
pub fn order_href(listing: Id) -> String {
    format!("/orders/new?listing={listing}")
}

/// A price, or a dash where there is none.
pub fn price(price: Option<Money>) -> String {
    price.map_or_else(|| "—".into(), Money::display)
}

/// Who made it: the brand too, where the enterprise's name does not hold it.
pub fn maker(brand: &str, enterprise: &str) -> String {
    if enterprise.contains(brand) { enterprise.to_owned() } else { format!("{brand} · {enterprise}") }
}

/// The page of a product, without its frame.
pub fn product(detail: &ProductDetail, can_order: bool, today: NaiveDate) -> ProductPage {
    let view = &detail.view;
    ProductPage {
        frame: view::Frame::default(),
        name: view.name.clone(),
        line: format!("{} · {}", view.spec_and_pack(), maker(&view.brand, &view.maker)),
        price: price(view.unit_price),
        unit: view.unit.clone(),
        since: view.since.map(|day| day.to_string()).unwrap_or_default(),
        mark: mark(view.mark),
        basis: basis_of(view),
        mark_text: mark_text(view),
        why: if view.unit_price.is_some() { why_href(view.listing_id) } else { String::new() },
        order: view.listing_id.filter(|_| can_order && view.orderable).map(order_href),
        closed: view.closed.as_deref().map(|why| format!("{why}。")).unwrap_or_default(),
        term: registered::term(detail, today),
        coming: registered::coming(detail, today),
        renew: None,
        cut: None,
        set_price: None,
        proposals: Vec::new(),
        withdraw: None,
        facts: registered::facts(detail, today),
        suppliers: detail.suppliers.iter().map(supplier).collect(),
        group: conversions(&detail.packs, view, &detail.product.unit),
        alternatives: detail
            .alternatives
            .iter()
            .filter(|_| can_order)
            .map(|a| (format!("/catalogue/{}", a.product_id), alternative(a)))
            .collect(),
        history: detail.history.iter().map(|step| change(step, view.listing_id)).collect(),
        chart: chart(&detail.history, view.unit_price, today),
        chart_text: chart_text(&detail.history, &view.unit, today),
    }
}

fn alternative(other: &super::alternatives::Alternative) -> String {
    format!(
        "{}，{}，{} 元/{}，低 {} 元",
        other.name,
        other.maker,
        other.unit_price.display(),
        other.unit,
        other.less.display()
    )
}

fn supplier(supplier: &super::show::Supplier) -> String {
    match supplier.is_manufacturer {
        true => format!("{}（生产企业直供）", supplier.name),
        false => format!("{}（{}）", supplier.name, supplier.city),
    }
}

/// An injection is priced by its smallest unit (INJ-1.1), everything else by the pack.
fn basis_of(view: &ProductView) -> String {
    match view.dosage_class {
        DosageClass::Injection => {
            format!("按最小制剂单位计价，金额 = 单价 × 实际{}数（INJ-1.3）。", view.unit)
        }
        _ => {
            let each = view.price_of_unit().map(|price| price.display());
            let each = each.map(|price| format!("折合每{} {price} 元。", view.content_unit));
            format!("按{}计价，金额 = 单价 × {}数。{}", view.unit, view.unit, each.unwrap_or_default())
        }
    }
}

fn mark_text(view: &ProductView) -> String {
    let (Some(lowest), Some(ratio)) = (view.lowest_unit_price, view.ratio.as_deref().map(short)) else {
        return String::new();
    };
    match view.mark {
        Mark::None => String::new(),
        Mark::Yellow => {
            format!(
                "为同组最低换算价 {} 元的 {ratio} 倍。建议优先采购低风险药品（INJ-4.3）。",
                lowest.display()
            )
        }
        Mark::Red => format!(
            "为同组最低换算价 {} 元的 {ratio} 倍。应优先采购低风险药品；仍需采购的，下单时须填写原因（INJ-4.3）。",
            lowest.display()
        ),
    }
}

fn conversions(packs: &[PackListing], view: &ProductView, unit: &str) -> Vec<Conversion> {
    let lowest = packs.iter().map(|p| p.unit_price).min();
    let highest = packs.iter().map(|p| p.unit_price).max();
    let standing = |pack: &PackListing| {
        let mut words = Vec::new();
        if Some(pack.unit_price) == lowest && lowest != highest {
            words.push("最低");
        }
        if Some(pack.unit_price) == highest && lowest != highest {
            words.push("最高");
        }
        if Some(pack.unit_price) == view.unit_price {
            words.push("现挂网价");
        }
        words.join("，")
    };
    // A price that no pack converts to came about later: by a cut, or by the office.
    let since = view.since.map(|day| format!("{day} 起调整")).unwrap_or_default();
    let moved = view.unit_price.filter(|now| packs.iter().all(|pack| pack.unit_price != *now));
    let moved = moved.filter(|_| !packs.is_empty()).map(|now| Conversion {
        pack: format!("1 {unit}"),
        pack_price: "—".into(),
        unit_price: now.display(),
        branch: "—".into(),
        basis: since,
        standing: "现挂网价".into(),
    });
    packs
        .iter()
        .map(|pack| Conversion {
            pack: format!("{} {unit}/{}", pack.pack_qty, pack.pack_unit),
            pack_price: pack.pack_price.display(),
            unit_price: pack.unit_price.display(),
            branch: branch(&pack.branch).into(),
            basis: basis(&pack.basis).into(),
            standing: standing(pack),
        })
        .chain(moved)
        .collect()
}

/// Which way a price was rounded (INJ-2.1).
fn branch(word: &str) -> &str {
    match word {
        "exact" => "除尽",
        "up" => "进位",
        "truncate" => "去尾",
        other => other,
    }
}

/// Where a pack's price came from (INJ-3.2, INJ-3.3).
fn basis(word: &str) -> &str {
    match word {
        "normal" => "",
        "rectification" => "价格整改",
        "risk_disposal" => "风险处置",
        "before_evaluation" => "过评前",
        "after_evaluation" => "过评后",
        other => other,
    }
}

fn change(step: &PriceStep, listing: Option<Id>) -> PriceChange {
    PriceChange {
        from: step.from_day.to_string(),
        price: step.unit_price.display(),
        mark: mark(step.mark),
        reason: step.reason.label().into(),
        why: format!("{}?price={}", why_href(listing), step.id),
    }
}

/// The picture's data; none where one price says it all.
fn chart(history: &[PriceStep], now: Option<Money>, today: NaiveDate) -> String {
    let mut past: Vec<&PriceStep> = history.iter().filter(|step| step.from_day <= today).collect();
    past.reverse();
    let Some(now) = now.filter(|_| past.len() > 1) else { return String::new() };
    let days: Vec<String> =
        past.iter().map(|step| step.from_day.to_string()).chain([today.to_string()]).collect();
    let prices: Vec<String> =
        past.iter().map(|step| step.unit_price.to_string()).chain([now.to_string()]).collect();
    json!({ "days": days, "prices": prices }).to_string()
}

/// The prices until today in words, the oldest first.
fn chart_text(history: &[PriceStep], unit: &str, today: NaiveDate) -> String {
    let past = history.iter().rev().filter(|step| step.from_day <= today);
    let told: Vec<String> =
        past.map(|step| format!("{} 起 {} 元/{unit}", step.from_day, step.unit_price.display())).collect();
    told.join("，")
}

/// The answer to 「为什么」.
pub fn why(explained: &Explained) -> Why {
    let how = &explained.explanation;
    Why {
        about: format!("{} 挂网价", explained.product),
        result: how.result.clone(),
        steps: how
            .steps
            .iter()
            .map(|s| Step { text: s.text.clone(), clause: s.clause.to_string() })
            .collect(),
        basis: how.documents.clone(),
        policy: how.policy.clone(),
        recheck: how.rule.as_ref().map(|rule| Recheck {
            command: format!("jicai rule {rule} 数据.json --explain"),
            json: serde_json::to_string(&how.input).unwrap_or_default(),
        }),
        back: Some(Link::new("返回药品", format!("/catalogue/{}", explained.product_id))),
    }
}

//! A new price from a day on: the enterprise lowers it by itself; what the office sets, two officers decide
//! ([`super::office_price`], INJ-4.2).

use std::cmp::Ordering;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use super::direct::check_price;
use super::explanation::{Explanation, INJ_DOCUMENT, put_price};
use super::model::{
    Listing, ListingPrice, ListingRecord, ListingState, Mark, PriceReason, PriceSource, dec, fen,
};
use super::{convert, show, store};
use crate::catalogue::{self, DosageClass, Product};
use crate::platform::clock;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::feed;
use crate::platform::http::day::{self, Horizon};
use crate::platform::http::number::Price;
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::input::Checks;
use crate::platform::policy::{self, Policies};
use crate::platform::schema::{listing, listing_price};
use crate::platform::sql::{AnyConn, Id, Money, Time};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::Principal;
use crate::rules::explain::Steps;
use crate::rules::injection::{InjPolicy, Marked, mark_after_change};
use crate::rules::policy::Policy;
use crate::{save, values};

/// What is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    /// Yuan a priced unit.
    pub unit_price: Price,
    /// First legal day, not before today.
    #[serde(deserialize_with = "day::read")]
    pub from_day: NaiveDate,
    /// True where a day beyond two years is meant.
    #[serde(default)]
    pub confirm_far: bool,
}

/// How far ahead a price is decided without a question.
pub(super) const FAR: Horizon = Horizon { name: "from_day", label: "执行日期", years: 2 };

/// Gives a listing a lower price; the enterprise does, for its own product. The mark is computed again over the frozen
/// denominator: a cut may lift it, a rise never does.
///
/// # Errors
/// 404, 409 for a stale version or a listing that is not listed, 422 with what is wrong.
pub async fn change_price(
    db: &Db,
    principal: &Principal,
    policies: &Policies,
    id: Id,
    version: i64,
    new: NewPrice,
) -> Result<ListingRecord> {
    let (who, policies) = (principal.clone(), policies.clone());
    db.write(&principal.actor(), move |tx| load_and_put(tx, &who, &policies, (id, version), &new)).await
}

/// As [`change_price`], once for a key, however often it is asked; answers with the product as it is on the legal day then.
///
/// # Errors
/// As [`change_price`]; 422 for a key that was used for something else.
pub async fn change_price_once(
    db: &Db,
    principal: &Principal,
    policies: &Policies,
    key: Key,
    (id, version): (Id, i64),
    new: NewPrice,
) -> Result<Answer> {
    let (who, policies) = (principal.clone(), policies.clone());
    db.write(&principal.actor(), move |tx| {
        idempotency::run(tx, &key, |tx| {
            load_and_put(tx, &who, &policies, (id, version), &new)?;
            let day = tx.legal_now()?.day();
            let detail = show::of_listing(tx.conn, id, day)?;
            Ok((200, serde_json::to_value(detail).map_err(Error::internal)?))
        })
    })
    .await
}

fn load_and_put(
    tx: &mut Tx,
    who: &Principal,
    policies: &Policies,
    (id, version): (Id, i64),
    new: &NewPrice,
) -> Result<ListingRecord> {
    let before = store::record(tx.conn, id)?;
    let product = catalogue::store::product(tx.conn, before.listing.product_id)?;
    may_change(who, &product)?;
    fresh(&before.listing, version)?;
    let mut checks = Checks::default();
    FAR.ask(&mut checks, new.from_day, tx.legal_now()?.day(), new.confirm_far);
    checks.finish()?;
    set_price(tx, policies, &before, &product, new.unit_price.get(), new.from_day, false)
}

/// The enterprise changes the price of its own product only.
pub(super) fn may_change(who: &Principal, product: &Product) -> Result<()> {
    match who.post.lists() && Some(who.organisation) == product.manufacturer_id {
        true => Ok(()),
        false => Err(Refusal::not_found("挂网药品").into()),
    }
}

/// A price as the law makes it, beside the one that it follows; nothing is kept.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The price until then.
    pub old: ListingPrice,
    /// The price that would stand.
    pub new: ListingPrice,
}

/// What [`change_price`] would make of it, for who wants to see the mark first.
///
/// # Errors
/// As [`change_price`].
pub async fn try_price(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    (id, version): (Id, i64),
    new: NewPrice,
) -> Result<Tried> {
    let (who, policies) = (who.clone(), policies.clone());
    db.read(move |conn| {
        let today = clock::legal_day(conn, who.received_at)?;
        let before = store::record(conn, id)?;
        let product = catalogue::store::product(conn, before.listing.product_id)?;
        may_change(&who, &product)?;
        fresh(&before.listing, version)?;
        let (unit_price, from_day) = (new.unit_price.get(), new.from_day);
        let mut checks = Checks::default();
        FAR.ask(&mut checks, from_day, today, new.confirm_far);
        checks.finish()?;
        let old = check(&before, unit_price, from_day, today, false)?;
        let policy = policies.in_force(from_day)?;
        let new = row(conn, who.received_at, &policy, old, &product, unit_price, from_day)?;
        Ok(Tried { old: old.clone(), new })
    })
    .await
}

/// As [`change_price`], inside a running write.
pub fn set_price(
    tx: &mut Tx,
    policies: &Policies,
    before: &ListingRecord,
    product: &Product,
    unit_price: Money,
    from_day: NaiveDate,
    by_officer: bool,
) -> Result<ListingRecord> {
    let legal_day = tx.legal_now()?.day();
    let current = check(before, unit_price, from_day, legal_day, by_officer)?;
    let policy = policies.in_force(from_day)?;
    policy::keep(tx, &policy)?;
    let now = tx.now();
    let row = row(tx.conn, now, &policy, current, product, unit_price, from_day)?;
    let mut after = before.clone();
    save!(tx, listing, &before.listing, &mut after.listing)?;
    for overtaken in before.prices.iter().filter(|price| price.from_day >= from_day && price.is_decided()) {
        diesel::delete(listing_price::table.find(overtaken.id)).execute(tx.conn)?;
        after.prices.retain(|price| price.id != overtaken.id);
    }
    put_price(tx.conn, &row)?;
    after.prices.push(row.clone());
    after.prices.sort_by_key(|price| price.from_day);
    tx.record("listing.change_price", Some(before), Some(&after), None)?;
    tell(tx, &before.listing, &row, product)?;
    Ok(after)
}

/// Tells the systems that listen about a new price.
pub(super) fn tell(tx: &mut Tx, of: &Listing, price: &ListingPrice, product: &Product) -> Result<()> {
    let body = serde_json::json!({
        "listing_id": of.id, "code": of.code, "from_day": price.from_day,
        "unit_price": price.unit_price, "mark": price.mark,
    });
    feed::emit(tx, "listing.price_changed", "listing", of.id, product.manufacturer_id.as_slice(), &body)
}

/// The price that the new one follows, if it may. Where none is in force yet, an officer's price may come before the first,
/// which it overtakes with all that were decided after it.
pub(super) fn check(
    before: &ListingRecord,
    unit_price: Money,
    from_day: NaiveDate,
    legal_day: NaiveDate,
    by_officer: bool,
) -> Result<&ListingPrice> {
    let Listing { state, agreement_until, .. } = before.listing;
    in_state(state == ListingState::Listed, || "该药品目前不在挂网状态，不能调整价格。")?;
    if before.is_agreed(from_day) {
        let until = agreement_until.map(|day| format!("（至 {day}）")).unwrap_or_default();
        let detail = format!("协议期内{until}的价格按集中采购或谈判的约定执行，不能在此调整");
        return Err(Refusal::field("/unit_price", detail).clause("INJ-2.3").into());
    }
    check_price(unit_price, PriceSource::General)?;
    let wrong_day = |detail: String| Error::from(Refusal::field("/from_day", detail));
    if from_day < legal_day {
        return Err(wrong_day(format!("执行日期不能早于 {legal_day}，您填的是 {from_day}")));
    }
    let last = before.prices.last().ok_or_else(|| Error::internal("a listing without a price"))?;
    let first = before.prices.first().unwrap_or(last);
    if by_officer && from_day < first.from_day {
        return Ok(first);
    }
    if from_day <= last.from_day {
        let next = last.from_day.succ_opt().unwrap_or(legal_day);
        let detail = match last.from_day > legal_day && last.is_decided() {
            true => format!(
                "已定有 {} 起 {} 元的价格，尚未执行；请先撤回该价格，或填写不早于 {next} 的日期，您填的是 {from_day}",
                last.from_day, last.unit_price
            ),
            false => format!("执行日期不能早于 {next}，您填的是 {from_day}"),
        };
        return Err(wrong_day(detail));
    }
    let known = match before.price_at(legal_day) {
        Some(now) if now.id == last.id => format!("现价 {} 元", now.unit_price),
        Some(now) => {
            format!("{} 起的价格 {} 元（现价 {} 元）", last.from_day, last.unit_price, now.unit_price)
        }
        None => format!("{} 起的价格 {} 元", last.from_day, last.unit_price),
    };
    if unit_price == last.unit_price {
        return Err(Refusal::field("/unit_price", format!("新价格与{known}相同")).into());
    }
    if unit_price > last.unit_price && !by_officer {
        let detail = format!("企业只能主动下调价格，{known}，您填的是 {unit_price}");
        return Err(Refusal::field("/unit_price", detail).clause("INJ-4.2").into());
    }
    Ok(last)
}

#[allow(clippy::too_many_arguments)]
fn row(
    conn: &mut AnyConn,
    now: Time,
    policy: &Policy,
    last: &ListingPrice,
    product: &Product,
    unit_price: Money,
    from_day: NaiveDate,
) -> Result<ListingPrice> {
    let mut steps = Steps::on();
    let marked = match last.low {
        Some(lowest) => Some(marked(conn, policy, last, lowest, product, unit_price, from_day, &mut steps)?),
        None => {
            let (old, new) = (last.unit_price, unit_price);
            steps.add("INJ-4.2", || {
                let why = match product.dosage_class {
                    DosageClass::Injection => "转换时只有一种换算价，不作标识",
                    _ => "本品不是注射剂，不作标识",
                };
                let text = format!("{old} 元 → {new} 元；{why}");
                (text, values! { "old" => old, "new" => new })
            });
            None
        }
    };
    let mark: Mark = marked.as_ref().map_or(Mark::None, |m| m.mark.into());
    let exempt = marked.as_ref().and_then(|m| m.exempt).map(|e| e.as_str());
    let explanation = Explanation {
        result: Explanation::sentence(unit_price, product.priced_unit(), mark, exempt),
        steps: steps.take(),
        rule: None,
        input: serde_json::Value::Null,
        policy: policy.name.clone(),
        policy_digest: policy.digest().to_owned(),
        documents: vec![INJ_DOCUMENT.into()],
    }
    .about(product);
    Ok(ListingPrice {
        id: Id::new(),
        listing_id: last.listing_id,
        from_day,
        unit_price,
        mark,
        low: last.low,
        ratio: marked.map(|m| m.ratio.to_fixed(4)),
        reason: match unit_price.cmp(&last.unit_price) {
            Ordering::Less => PriceReason::VoluntaryCut,
            Ordering::Equal => last.reason,
            Ordering::Greater => PriceReason::Rise,
        },
        explanation: explanation.to_text()?,
        policy_digest: policy.digest().to_owned(),
        created_at: now,
    })
}

#[allow(clippy::too_many_arguments)]
fn marked(
    conn: &mut AnyConn,
    policy: &Policy,
    last: &ListingPrice,
    lowest_unit_price: Money,
    product: &Product,
    unit_price: Money,
    from_day: NaiveDate,
    steps: &mut Steps,
) -> Result<Marked> {
    let law = InjPolicy::of(policy)?;
    let others: Vec<_> = convert::other_brands(conn, product, from_day)?.into_iter().map(dec).collect();
    let lowest =
        fen(lowest_unit_price).ok_or_else(|| Error::internal("a conversion result with parts of a fen"))?;
    let (old, new) = (dec(last.unit_price), dec(unit_price));
    Ok(mark_after_change(last.mark.into(), &old, &new, lowest, &others, &law, steps))
}

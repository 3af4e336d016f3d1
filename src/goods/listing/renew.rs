//! An agreement that fixes a price runs on: its last day moves, and with it the day on which the general rule holds again
//! (INJ-2.3). The agreed price itself stays; a new one needs a new agreement.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use super::direct::{Term, following};
use super::explanation::{Explanation, put_price};
use super::model::{ListingPrice, ListingRecord, ListingState, PriceReason, PriceSource};
use super::{letters, show, store};
use crate::catalogue::{self, Product};
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::feed;
use crate::platform::http::day::{self, Horizon};
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::input::{Checks, Field};
use crate::platform::policy::Policies;
use crate::platform::schema::{listing, listing_price};
use crate::platform::sql::Id;
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::Principal;
use crate::save;

/// The document that prolongs the agreement.
pub const REASON: Field = Field::new("reason", "续约依据", 5..=500);

/// How long the agreement runs now.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// The new last legal day: later than the present one, or earlier where that was a slip; today at the earliest.
    #[serde(deserialize_with = "day::read")]
    pub until: NaiveDate,
    /// True where a day beyond five years is meant.
    #[serde(default)]
    pub confirm_far: bool,
    /// Why, with the document that renews it; 5 to 500 characters.
    #[schema(min_length = 5, max_length = 500)]
    pub reason: String,
}

/// How far ahead an agreement ends without a question.
const FAR: Horizon = Horizon { name: "until", label: "协议截止日", years: 5 };

/// Moves the last day of a running agreement (INJ-2.3).
///
/// # Errors
/// 404; 409 for a stale version, a price without an agreement, or one that has ended; 422 with what is wrong.
pub async fn renew(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    (id, version): (Id, i64),
    new: Renewal,
) -> Result<ListingRecord> {
    let policies = policies.clone();
    db.write(&who.actor(), move |tx| prolong(tx, &policies, (id, version), &new)).await
}

/// As [`renew`], once for a key; answers with the product as it is on the legal day then.
///
/// # Errors
/// As [`renew`]; 422 for a key that was used for something else.
pub async fn renew_once(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    key: Key,
    (id, version): (Id, i64),
    new: Renewal,
) -> Result<Answer> {
    let policies = policies.clone();
    db.write(&who.actor(), move |tx| {
        idempotency::run(tx, &key, |tx| {
            prolong(tx, &policies, (id, version), &new)?;
            let day = tx.legal_now()?.day();
            let detail = show::of_listing(tx.conn, id, day)?;
            Ok((200, serde_json::to_value(detail).map_err(Error::internal)?))
        })
    })
    .await
}

fn prolong(
    tx: &mut Tx,
    policies: &Policies,
    (id, version): (Id, i64),
    new: &Renewal,
) -> Result<ListingRecord> {
    let before = store::record(tx.conn, id)?;
    fresh(&before.listing, version)?;
    let today = tx.legal_now()?.day();
    let (present, reason) = check(&before, today, new)?;
    let mut after = before.clone();
    after.listing.agreement_until = Some(new.until);
    save!(tx, listing, &before.listing, &mut after.listing)?;
    let product = catalogue::store::product(tx.conn, before.listing.product_id)?;
    after.prices = follow(tx, policies, &before, &product, (today, new.until))?;
    tx.record("listing.renew_agreement", Some(&before), Some(&after), Some(&reason))?;
    let body =
        serde_json::json!({ "listing_id": id, "code": before.listing.code, "agreement_until": new.until });
    let owner = product.manufacturer_id;
    feed::emit(tx, "listing.agreement_renewed", "listing", id, owner.as_slice(), &body)?;
    if new.until < present {
        letters::agreement_shortened(tx, &product, (present, new.until), &reason)?;
    }
    Ok(after)
}

/// The prices with that of the general rule behind the new end. It goes where another price was decided from that very day on:
/// that one follows the agreement then.
fn follow(
    tx: &mut Tx,
    policies: &Policies,
    before: &ListingRecord,
    product: &Product,
    (today, until): (NaiveDate, NaiveDate),
) -> Result<Vec<ListingPrice>> {
    let day = until.succ_opt().ok_or_else(|| Error::internal("the end of the calendar"))?;
    let by_rule = |p: &ListingPrice| p.from_day > today && p.reason == PriceReason::AgreementEnd;
    let (moved, mut kept): (Vec<_>, Vec<_>) = before.prices.iter().cloned().partition(by_rule);
    for price in moved {
        diesel::delete(listing_price::table.find(price.id)).execute(tx.conn)?;
        if kept.iter().all(|other| other.from_day != day) {
            let term = Term::kept(&Explanation::of(&price)?.input, until).ok_or_else(|| {
                let detail = "期满后的价格没有留下换算依据，不能续约；请在期满后按新的协议重新挂网。";
                Refusal::wrong_state(detail).clause("INJ-2.3")
            })?;
            let price = following(tx, policies, before.listing.id, product, &term)?;
            put_price(tx.conn, &price)?;
            kept.push(price);
        }
    }
    kept.sort_by_key(|price| price.from_day);
    Ok(kept)
}

/// The present last day and the tidied reason, if the agreement can be renewed.
fn check(before: &ListingRecord, today: NaiveDate, new: &Renewal) -> Result<(NaiveDate, String)> {
    let row = &before.listing;
    in_state(row.state == ListingState::Listed, || "该药品目前不在挂网状态，不能续约。")?;
    let (false, Some(until)) = (row.price_source == PriceSource::General, row.agreement_until) else {
        let detail = "该药品是一般挂网价格，没有协议期，不需要续约。";
        return Err(Refusal::wrong_state(detail).clause("INJ-2.3").into());
    };
    if today > until {
        let detail = format!("协议期已于 {until} 届满，现按一般规则执行，不能再续约；请按新的协议重新挂网。");
        return Err(Refusal::wrong_state(detail).clause("INJ-2.3").into());
    }
    let mut checks = Checks::default();
    if new.until == until {
        checks.wrong("/until", format!("新的协议截止日与现在的 {until} 相同，请核对"));
    }
    if new.until < today {
        let detail = format!("新的协议截止日不能早于今天（{today}），您填的是 {}", new.until);
        checks.wrong("/until", detail);
    }
    FAR.ask(&mut checks, new.until, today, new.confirm_far);
    let other = before.prices.iter().find(|p| p.from_day > until && p.reason != PriceReason::AgreementEnd);
    if let Some(other) = other.filter(|p| p.from_day <= new.until) {
        let detail = format!(
            "{} 起已定有 {} 元的价格，续约不能越过这一天，您填的是 {}",
            other.from_day, other.unit_price, new.until
        );
        checks.wrong("/until", detail);
    }
    let reason = checks.paragraph(&REASON, &new.reason);
    checks.finish()?;
    Ok((until, reason))
}

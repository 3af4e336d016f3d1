//! A price that is decided but not in force yet is taken back: by the enterprise its own, by an officer of the agency any. Those that are in
//! force or were stay as they are, and so does what follows an agreement, which moves with the agreement's end (INJ-2.3).

use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use super::change_price::may_change;
use super::model::ListingRecord;
use super::{letters, show, store};
use crate::catalogue;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::feed;
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::{listing, listing_price};
use crate::platform::sql::Id;
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::Principal;
use crate::platform::who::guard::{AgencyOfficer, Guard};
use crate::save;

/// Why the price is taken back.
pub const REASON: Field = Field::new("reason", "撤回原因", 4..=400);

/// What is taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The price, from the product's `history`.
    pub price: Id,
    /// Why; 4 to 400 characters.
    #[schema(min_length = 4, max_length = 400)]
    pub reason: String,
}

/// Takes back a price that is not in force yet; the price before it stays.
///
/// # Errors
/// 404; 409 for a stale version, or a price that is in force, was, or has none before it; 422 without a reason.
pub async fn withdraw(
    db: &Db,
    who: &Principal,
    (id, version): (Id, i64),
    given: Withdrawal,
) -> Result<ListingRecord> {
    let person = who.clone();
    db.write(&who.actor(), move |tx| take_back(tx, &person, (id, version), &given)).await
}

/// As [`withdraw`], once for a key; answers with the product as it is on the legal day then.
///
/// # Errors
/// As [`withdraw`]; 422 for a key that was used for something else.
pub async fn withdraw_once(
    db: &Db,
    who: &Principal,
    key: Key,
    (id, version): (Id, i64),
    given: Withdrawal,
) -> Result<Answer> {
    let person = who.clone();
    db.write(&who.actor(), move |tx| {
        idempotency::run(tx, &key, |tx| {
            take_back(tx, &person, (id, version), &given)?;
            let day = tx.legal_now()?.day();
            let detail = show::of_listing(tx.conn, id, day)?;
            Ok((200, serde_json::to_value(detail).map_err(Error::internal)?))
        })
    })
    .await
}

fn take_back(
    tx: &mut Tx,
    who: &Principal,
    (id, version): (Id, i64),
    given: &Withdrawal,
) -> Result<ListingRecord> {
    let before = store::record(tx.conn, id)?;
    let product = catalogue::store::product(tx.conn, before.listing.product_id)?;
    let by_officer = AgencyOfficer::is(who);
    if !by_officer {
        may_change(who, &product)?;
    }
    fresh(&before.listing, version)?;
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, &given.reason);
    checks.finish()?;
    let today = tx.legal_now()?.day();
    let found = before.prices.iter().find(|price| price.id == given.price);
    let price = found.ok_or_else(|| Refusal::not_found("价格"))?.clone();
    in_state(price.from_day > today, || {
        format!("{} 起的价格已经执行，不能撤回；请另定新的价格。", price.from_day)
    })?;
    in_state(price.is_decided(), || "这是协议期满后按一般规则的价格，随协议截止日变动，不能单独撤回。")?;
    in_state(
        before.prices.iter().any(|other| other.from_day < price.from_day),
        || "这是该药品的首个价格，撤回后将没有价格；请由采购机构另定更早执行的价格来替代。",
    )?;
    in_state(
        before.prices.iter().all(|other| other.from_day <= price.from_day || !other.is_decided()),
        || "此后还定有价格，请先撤回最后一个。",
    )?;
    in_state(
        by_officer || !store::set_by_office(tx.conn, id)?.contains(&(price.from_day, price.unit_price)),
        || "该价格由采购机构核定，贵单位不能撤回；有误的，请联系采购机构。",
    )?;
    let mut after = before.clone();
    after.prices.retain(|other| other.id != price.id);
    save!(tx, listing, &before.listing, &mut after.listing)?;
    diesel::delete(listing_price::table.find(price.id)).execute(tx.conn)?;
    tx.record("listing.withdraw_price", Some(&before), Some(&after), Some(&reason))?;
    let owner = product.manufacturer_id;
    let body = serde_json::json!({
        "listing_id": id, "code": before.listing.code, "from_day": price.from_day, "unit_price": price.unit_price,
    });
    feed::emit(tx, "listing.price_withdrawn", "listing", id, owner.as_slice(), &body)?;
    letters::price_withdrawn(tx, &product, &price, &reason, by_officer)?;
    Ok(after)
}

//! Letters about prices, stored in the write that causes them.

use askama::Template;
use chrono::NaiveDate;

use super::model::ListingPrice;
use crate::catalogue::Product;
use crate::platform::db::Tx;
use crate::platform::error::Result;
use crate::platform::outbox::{self, Letter, Topic};
use crate::platform::who::Post;

/// Tells the other side that a price to come was taken back.
#[derive(Template)]
#[template(path = "mail/price_withdrawn.txt")]
struct PriceWithdrawn<'a> {
    product: &'a Product,
    price: &'a ListingPrice,
    reason: &'a str,
    by_officer: bool,
}

/// Tells the enterprise that its agreement ends earlier than was set down.
#[derive(Template)]
#[template(path = "mail/agreement_shortened.txt")]
struct AgreementShortened<'a> {
    product: &'a Product,
    before: NaiveDate,
    until: NaiveDate,
    reason: &'a str,
}

const LISTERS: &[Post] = &[Post::Trade, Post::Listing];

/// To the enterprise; to the agency as well, where the enterprise itself took the price back.
pub(super) fn price_withdrawn(
    tx: &mut Tx,
    product: &Product,
    price: &ListingPrice,
    reason: &str,
    by_officer: bool,
) -> Result<()> {
    let letter = about(product, &PriceWithdrawn { product, price, reason, by_officer })?;
    if !by_officer {
        outbox::notify_agency(tx, &[], &letter)?;
    }
    to_owner(tx, product, &letter)
}

pub(super) fn agreement_shortened(
    tx: &mut Tx,
    product: &Product,
    (before, until): (NaiveDate, NaiveDate),
    reason: &str,
) -> Result<()> {
    let letter = about(product, &AgreementShortened { product, before, until, reason })?;
    to_owner(tx, product, &letter)
}

fn about(product: &Product, words: &impl Template) -> Result<Letter> {
    Ok(Letter::new(words, format!("/catalogue/{}", product.id))?.about(Topic::Listing))
}

fn to_owner(tx: &mut Tx, product: &Product, letter: &Letter) -> Result<()> {
    match product.manufacturer_id {
        Some(owner) => outbox::notify(tx, owner, LISTERS, letter),
        None => Ok(()),
    }
}

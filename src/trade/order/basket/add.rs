//! Puts things into the basket: a drug that is there already gets more units, what was not recognised is kept as it was written.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::BasketLine;
use super::store;
use crate::listing;
use crate::order::pasted::fit::{Fit, fit};
use crate::order::pasted::{MOST, Read, Row, counted};
use crate::order::show;
use crate::order::standing::show::views;
use crate::order::standing::{last_month, store as lists};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::number::MAX_QUANTITY;
use crate::platform::idempotency::{self, Key};
use crate::platform::sql::{AnyConn, Id};
use crate::platform::who::Principal;

/// What is put in.
#[derive(Debug, Clone)]
pub enum New {
    /// A drug; without a quantity until somebody types it.
    Drug {
        /// Its listing.
        listing: Id,
        /// The old code that it was named by.
        code: Option<String>,
        /// Priced units.
        quantity: Option<i64>,
    },
    /// A line of a list that was not recognised.
    Open(Box<Row>),
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Added {
    /// New drugs.
    pub drugs: usize,
    /// Drugs that were there already and got more units.
    pub more: usize,
    /// Lines that were not recognised.
    pub open: usize,
}

/// Puts these into the basket of the principal's hospital, once for a key.
///
/// # Errors
/// 403; 422 where the basket would hold too many lines, or too much of a drug, or a drug does not exist.
pub async fn add(db: &Db, who: &Principal, key: Key, new: Vec<New>) -> Result<Added> {
    once(db, who, key, move |conn, hospital| put(conn, hospital, &new)).await
}

/// What was typed beside drugs, and of what cannot be read the drug, the text and what is wrong; it is put in without a quantity.
pub fn typed(all: BTreeMap<Id, String>) -> (Vec<New>, Vec<Unread>) {
    let (mut new, mut unread) = (Vec::new(), Vec::new());
    for (listing, text) in all {
        let read = match counted(&text) {
            Ok(read) if read.unit.is_empty() => Ok(read.quantity.get()),
            Ok(read) => Err(format!("请只填数字，不写单位“{}”", read.unit)),
            Err(why) => Err(why),
        };
        new.push(New::Drug { listing, code: None, quantity: read.as_ref().ok().copied() });
        unread.extend(read.err().map(|why| Unread { listing, text, why }));
    }
    (new, unread)
}

/// A quantity that cannot be read.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Of which drug.
    pub listing: Id,
    /// As typed.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

/// Puts a drug in, whose quantity is typed next.
///
/// # Errors
/// As [`add`].
pub async fn drug(db: &Db, who: &Principal, listing: Id) -> Result<Added> {
    show::buyer(who)?;
    let (hospital, new) = (who.organisation, [New::Drug { listing, code: None, quantity: None }]);
    db.write_unaudited("basket.add", move |conn| put(conn, hospital, &new)).await
}

/// Puts the rows of a list in, each as the drug that it certainly is or as it was written; once for a key.
///
/// # Errors
/// As [`add`].
pub async fn list(db: &Db, who: &Principal, key: Key, read: Read) -> Result<Added> {
    show::buyer(who)?;
    let received = who.received_at;
    let new = db
        .read(move |conn| {
            let day = clock::legal_day(conn, received)?;
            let fits = fit(conn, &read.rows, day)?;
            Ok(read.rows.into_iter().zip(fits).map(|(row, fit)| of_fit(row, fit)).collect::<Vec<New>>())
        })
        .await?;
    add(db, who, key, new).await
}

/// What is put in more than once by a repeated request is put in once.
async fn once<T: Serialize + DeserializeOwned>(
    db: &Db,
    who: &Principal,
    key: Key,
    put: impl Fn(&mut AnyConn, Id) -> Result<T> + Send + 'static,
) -> Result<T> {
    show::buyer(who)?;
    let hospital = who.organisation;
    let actor = who.actor();
    let answer = db.write(&actor, move |tx| {
        idempotency::run(tx, &key, |tx| {
            let done = serde_json::to_value(put(tx.conn, hospital)?).map_err(Error::internal)?;
            tx.note("basket.add", "organisation", hospital, &done)?;
            Ok((200, done))
        })
    });
    serde_json::from_value(answer.await?.body).map_err(Error::internal)
}

fn of_fit(row: Row, fit: Fit) -> New {
    match fit {
        Fit::One { listing, code, quantity } => New::Drug { listing, code, quantity: Some(quantity.get()) },
        Fit::Open { .. } => New::Open(Box::new(row)),
    }
}

/// What a hospital ordered last month, or has in a standing list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Again {
    /// What became of it.
    pub added: Added,
    /// Drugs that can no longer be ordered and were left out, by name and why.
    pub left_out: Vec<String>,
}

/// Puts a standing list of the hospital in.
///
/// # Errors
/// As [`add`]; 404 for a list of another hospital.
pub async fn standing(db: &Db, who: &Principal, key: Key, list: Id) -> Result<Again> {
    show::buyer(who)?;
    let hospital = who.organisation;
    let lines = db.read(move |conn| lists::record(conn, hospital, list)).await?.lines;
    again(
        db,
        who,
        key,
        lines.into_iter().map(|line| (line.listing_id, line.quantity, String::new())).collect(),
    )
    .await
}

/// Puts in what the hospital ordered in the month before the legal day's.
///
/// # Errors
/// As [`add`]; 422 where it ordered nothing.
pub async fn last_months(db: &Db, who: &Principal, key: Key) -> Result<Again> {
    show::buyer(who)?;
    let (hospital, received) = (who.organisation, who.received_at);
    let most = i64::try_from(MOST).unwrap_or(i64::MAX) + 1;
    let ordered = db
        .read(move |conn| {
            let day = clock::legal_day(conn, received)?;
            last_month::ordered(conn, hospital, day, most)
        })
        .await?;
    if ordered.is_empty() {
        return Err(Refusal::field("/last_month", "本院上月没有提交过订单，没有可以加入的药品。").into());
    }
    again(db, who, key, ordered.into_iter().map(|of| (of.listing, of.quantity, of.label)).collect()).await
}

async fn again(db: &Db, who: &Principal, key: Key, wanted: Vec<(Id, i64, String)>) -> Result<Again> {
    let received = who.received_at;
    once(db, who, key, move |conn, hospital| {
        let day = clock::legal_day(conn, received)?;
        let listings: Vec<Id> = wanted.iter().map(|(listing, ..)| *listing).collect();
        let views = views(conn, &listings, day)?;
        let (mut new, mut left_out) = (Vec::new(), Vec::new());
        for (listing, quantity, label) in &wanted {
            let view = views.get(listing);
            let name = view.map_or(label.as_str(), |view| view.name.as_str());
            match view.map(|view| view.closed.as_deref()) {
                Some(None) => {
                    new.push(New::Drug { listing: *listing, code: None, quantity: Some(*quantity) });
                }
                Some(Some(why)) => left_out.push(format!("{name}（{why}）")),
                None => left_out.push(format!("{name}（已不在目录中）")),
            }
        }
        Ok(Again { added: put(conn, hospital, &new)?, left_out })
    })
    .await
}

fn put(conn: &mut AnyConn, hospital: Id, new: &[New]) -> Result<Added> {
    let lines = store::lines(conn, hospital)?;
    let last = lines.last().map_or(0, |line| line.place);
    let count = lines.len();
    check_listings(conn, new)?;
    let mut known: BTreeMap<Id, BasketLine> =
        lines.into_iter().filter_map(|line| Some((line.listing_id?, line))).collect();
    let (mut changed, mut open, mut added) = (BTreeMap::new(), Vec::new(), Added::default());
    for (place, new) in (last.saturating_add(1)..).zip(new) {
        let blank = BasketLine {
            id: Id::new(),
            hospital_id: hospital,
            place,
            listing_id: None,
            code: None,
            quantity: None,
            given: None,
        };
        match new {
            New::Open(row) => {
                let mut line = blank;
                line.keeps(row)?;
                added.open += 1;
                open.push(line);
            }
            New::Drug { listing, code, quantity } => {
                let before = changed.remove(listing).or_else(|| known.remove(listing));
                match &before {
                    Some(_) => added.more += 1,
                    None => added.drugs += 1,
                }
                let drug = BasketLine { listing_id: Some(*listing), code: code.clone(), ..blank };
                let mut line = before.unwrap_or(drug);
                line.quantity = summed(line.quantity, *quantity)?;
                changed.insert(*listing, line);
            }
        }
    }
    let all = count + added.drugs + added.open;
    if all > MOST {
        let detail = format!(
            "采购车最多 {MOST} 行，现有 {count} 行，这次加入后为 {all} 行，没有加入。请先提交或去掉一部分。"
        );
        return Err(Refusal::field("/text", detail).into());
    }
    open.extend(changed.into_values());
    store::put(conn, hospital, &open)?;
    Ok(added)
}

/// Both quantities in one.
pub(super) fn summed(one: Option<i64>, other: Option<i64>) -> Result<Option<i64>> {
    let (Some(a), Some(b)) = (one, other) else { return Ok(one.or(other)) };
    let sum = a.saturating_add(b);
    if sum > MAX_QUANTITY {
        let detail = format!("同一药品的数量合计 {sum}，不能超过 {MAX_QUANTITY}，请核对数量");
        return Err(Refusal::field("/text", detail).into());
    }
    Ok(Some(sum))
}

fn check_listings(conn: &mut AnyConn, new: &[New]) -> Result<()> {
    let drug = |new: &New| match new {
        New::Drug { listing, .. } => Some(*listing),
        New::Open(_) => None,
    };
    let ids: Vec<Id> = new.iter().filter_map(drug).collect();
    let known = listing::store::products_of(conn, &ids)?;
    match ids.iter().all(|id| known.contains_key(id)) {
        true => Ok(()),
        false => Err(Refusal::field("/listing_id", "没有找到该药品，请重新查找后选择").into()),
    }
}

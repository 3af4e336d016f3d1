//! Saves, renames and deletes standing lists.

use std::collections::BTreeSet;

use super::model::{ListLine, ListRecord, StandingLine, StandingList};
use super::store;
use crate::listing;
use crate::order::show;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::idempotency::{self, Answer, Key};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::standing_list;
use crate::platform::sql::Id;
use crate::platform::versioned::fresh;
use crate::platform::who::Principal;
use crate::save;

/// What a list is called.
pub const NAME: Field = Field::new("name", "清单名称", 1..=40);
/// Lists that a hospital keeps at most.
pub const MOST: usize = 50;
/// Drugs in one list at most.
pub const LINES: usize = 600;

/// Saves these lines as a new list, once for a key.
///
/// # Errors
/// 403; 422 for a name that is taken, no line or too many, a drug twice or one that does not exist, too many lists.
pub async fn save(db: &Db, who: &Principal, key: Key, name: &str, lines: Vec<ListLine>) -> Result<Answer> {
    show::buyer(who)?;
    let (hospital, user) = (who.organisation, who.user);
    let name = checked_name(name)?;
    check_lines(&lines)?;
    db.write(&who.actor(), move |tx| {
        idempotency::run(tx, &key, |tx| {
            check_listings(tx, &lines)?;
            let record = record(tx, hospital, user, name.clone(), &lines)?;
            store::insert(tx.conn, &record)?;
            tx.record("standing_list.save", None, Some(&record), None)?;
            Ok((201, serde_json::to_value(record).map_err(Error::internal)?))
        })
    })
    .await
}

fn record(tx: &mut Tx, hospital: Id, user: Id, name: String, lines: &[ListLine]) -> Result<ListRecord> {
    let others = store::lists(tx.conn, hospital)?;
    if others.len() >= MOST {
        let detail = format!("最多保存 {MOST} 个清单，请先删除不用的清单");
        return Err(Refusal::field("/name", detail).into());
    }
    check_free(&others, &name, None)?;
    let (id, created_at) = (Id::new(), tx.legal_now()?);
    let line = |(line_no, line): (i32, &ListLine)| StandingLine {
        list_id: id,
        line_no,
        listing_id: line.listing_id,
        quantity: line.quantity.get(),
    };
    let lines: Vec<StandingLine> = (1..).zip(lines).map(line).collect();
    let line_count = i32::try_from(lines.len()).unwrap_or(i32::MAX);
    let list = StandingList {
        id,
        hospital_id: hospital,
        name,
        line_count,
        created_by: user,
        created_at,
        version: 1,
    };
    Ok(ListRecord { list, lines })
}

fn check_free(others: &[StandingList], name: &str, own: Option<Id>) -> Result<()> {
    match others.iter().any(|other| other.name == name && Some(other.id) != own) {
        true => {
            let detail = format!("已有名为“{name}”的清单，请换一个名称，或先删除原来的清单");
            Err(Refusal::field("/name", detail).into())
        }
        false => Ok(()),
    }
}

fn checked_name(given: &str) -> Result<String> {
    let mut checks = Checks::default();
    let name = checks.line(&NAME, given);
    checks.finish()?;
    Ok(name)
}

fn check_lines(lines: &[ListLine]) -> Result<()> {
    if lines.is_empty() {
        return Err(Refusal::field("/lines", "清单里没有药品，请先加入药品再保存").into());
    }
    if lines.len() > LINES {
        let detail = format!("一个清单最多 {LINES} 个药品，您给了 {} 个，请分成几个清单", lines.len());
        return Err(Refusal::field("/lines", detail).into());
    }
    let mut checks = Checks::default();
    let mut seen = BTreeSet::new();
    for (at, line) in lines.iter().enumerate() {
        if !seen.insert(line.listing_id) {
            checks.wrong(format!("/lines/{at}/listing_id"), "该药品在清单中重复，请合并为一行");
        }
    }
    checks.finish()
}

fn check_listings(tx: &mut Tx, lines: &[ListLine]) -> Result<()> {
    let ids: Vec<Id> = lines.iter().map(|line| line.listing_id).collect();
    let known = listing::store::products_of(tx.conn, &ids)?;
    let mut checks = Checks::default();
    for (at, id) in ids.iter().enumerate().filter(|(_, id)| !known.contains_key(*id)) {
        checks.wrong(format!("/lines/{at}/listing_id"), format!("没有找到药品 {id}，请重新查找后选择"));
    }
    checks.finish()
}

/// Gives a list another name.
///
/// # Errors
/// 403, 404, 409 for a stale version, 422 for a name that is taken.
pub async fn rename(db: &Db, who: &Principal, id: Id, version: i64, name: &str) -> Result<ListRecord> {
    show::buyer(who)?;
    let (hospital, name) = (who.organisation, checked_name(name)?);
    db.write(&who.actor(), move |tx| {
        let before = store::record(tx.conn, hospital, id)?;
        fresh(&before.list, version)?;
        check_free(&store::lists(tx.conn, hospital)?, &name, Some(id))?;
        let mut after = before.clone();
        after.list.name.clone_from(&name);
        save!(tx, standing_list, &before.list, &mut after.list)?;
        tx.record("standing_list.rename", Some(&before), Some(&after), None)?;
        Ok(after)
    })
    .await
}

/// Deletes a list; orders and the basket keep what was taken from it.
///
/// # Errors
/// 403, 404, 409 for a stale version.
pub async fn delete(db: &Db, who: &Principal, id: Id, version: i64) -> Result<()> {
    show::buyer(who)?;
    let hospital = who.organisation;
    db.write(&who.actor(), move |tx| {
        let before = store::record(tx.conn, hospital, id)?;
        fresh(&before.list, version)?;
        store::delete(tx.conn, id)?;
        tx.record("standing_list.delete", Some(&before), None, None)
    })
    .await
}

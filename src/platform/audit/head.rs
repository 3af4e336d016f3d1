//! The head of the audit: the latest block's number and hash. Anyone who keeps one can later prove what stood before it.

use askama::Template;
use chrono::{NaiveDate, Timelike};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::db::{Actor, Db};
use crate::error::{Error, Result};
use crate::outbox::{self, Letter};
use crate::schema::{audit_block, setting};
use crate::sql::{AnyConn, Id, Time};
use crate::who::OrgKind;

/// The latest block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable)]
pub struct Head {
    /// Its number: 1, 2, 3 …
    #[serde(rename = "block")]
    pub no: i64,
    /// Its hash, hex; it covers every block before.
    pub hash: String,
    /// When it was sealed.
    pub sealed_at: Time,
}

/// A kept head, as one line of an anchor file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Anchor {
    /// The block's number.
    pub block: i64,
    /// Its hash, hex.
    pub hash: String,
}

impl Head {
    /// One line for an anchor file.
    pub fn anchor_line(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }
}

/// The head, for receipts, exports and the public page; none before the first block.
pub fn head(conn: &mut AnyConn) -> Result<Option<Head>> {
    Ok(audit_block::table
        .order(audit_block::no.desc())
        .select((audit_block::no, audit_block::hash, audit_block::sealed_at))
        .first(conn)
        .optional()?)
}

/// Tells bureaus and observers the head, so that it is kept in many places.
#[derive(Template)]
#[template(path = "mail/audit_head.txt")]
struct AuditHeadLetter {
    day: NaiveDate,
    block: i64,
    hash: String,
    sealed_at: String,
    anchor: String,
}

const LAST_DAY_KEY: &str = "audit.head_mail.last_day";
/// The mail goes out from this hour on, Shanghai.
const HOUR: u32 = 8;

/// Mails the head to every active user of the bureaus and observers, once a day from eight o'clock on; true where it was sent.
pub async fn mail_daily(db: &Db, clock: &Clock, actor: &Actor) -> Result<bool> {
    let now = clock.now();
    if now.local().hour() < HOUR {
        return Ok(false);
    }
    let today = now.day().to_string();
    let readers = [OrgKind::ProvincialBureau, OrgKind::CityBureau, OrgKind::CountyBureau, OrgKind::Observer];
    let (head, last, organisations) = db
        .read(move |conn| {
            let last: Option<String> =
                setting::table.find(LAST_DAY_KEY).select(setting::value).get_result(conn).optional()?;
            Ok((head(conn)?, last, outbox::of_kinds(conn, &readers)?))
        })
        .await?;
    let Some(head) = head.filter(|_| last.as_deref() != Some(today.as_str())) else { return Ok(false) };
    let letter = AuditHeadLetter {
        day: now.day(),
        block: head.no,
        hash: head.hash.clone(),
        sealed_at: head.sealed_at.minute(),
        anchor: head.anchor_line()?,
    };
    let letter = Letter::new(&letter, "/audit/head")?;
    db.write(actor, move |tx| {
        if !claim_day(tx.conn, &today)? {
            return Ok(false);
        }
        for organisation in &organisations {
            outbox::notify(tx, *organisation, &[], &letter)?;
        }
        let content = serde_json::json!({ "block": head.no, "hash": head.hash, "day": today });
        tx.note("audit.head_mail", "audit_head", Id::new(), &content)?;
        Ok(true)
    })
    .await
}

/// Takes the day; false where another instance did.
fn claim_day(conn: &mut AnyConn, today: &str) -> Result<bool> {
    let last: Option<String> =
        setting::table.find(LAST_DAY_KEY).select(setting::value).get_result(conn).optional()?;
    match last {
        Some(day) if day == today => return Ok(false),
        Some(_) => {
            diesel::update(setting::table.find(LAST_DAY_KEY)).set(setting::value.eq(today)).execute(conn)?;
        }
        None => {
            diesel::insert_into(setting::table)
                .values((setting::key.eq(LAST_DAY_KEY), setting::value.eq(today)))
                .execute(conn)?;
        }
    }
    Ok(true)
}

//! Short announcements of the agency and the provincial bureau.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::audit::Audited;
use crate::platform::db::Db;
use crate::platform::error::{Refusal, Result};
use crate::platform::input::{Checks, Field};
use crate::platform::schema::announcement;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::versioned::{fresh, in_state};
use crate::platform::who::Principal;
use crate::platform::who::guard::{Guard, ProvinceOfficer};
use crate::{keyset, save, versioned};

/// An announcement.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = announcement, treat_none_as_null = true)]
pub struct Announcement {
    /// Key.
    pub id: Id,
    /// Its title.
    pub title: String,
    /// Its paragraphs, one a line.
    pub body: String,
    /// The officer.
    pub published_by: Id,
    /// The officer's organisation, as it was called then.
    pub publisher: String,
    /// When; legal time.
    pub published_at: Time,
    /// When it was taken back; legal time.
    pub withdrawn_at: Option<Time>,
    /// Why.
    pub withdrawn_reason: Option<String>,
    /// When the row was made.
    pub created_at: Time,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for Announcement {
    const TYPE: &'static str = "announcement";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(Announcement, "公告");

impl Announcement {
    /// It is taken back; its page stays and says why.
    pub fn withdraw(&mut self, at: Time, why: String) {
        self.withdrawn_at = Some(at);
        self.withdrawn_reason = Some(why);
    }
}

/// What an announcement is about.
pub const TITLE: Field = Field::new("title", "标题", 2..=100);
/// What it says, a paragraph a line.
pub const BODY: Field = Field::new("body", "正文", 5..=5000);
/// Why it is taken back.
pub const REASON: Field = Field::new("reason", "撤回原因", 5..=200);

/// Title and paragraphs as they would be published.
///
/// # Errors
/// 422 with what is wrong.
pub fn checked(title: &str, body: &str) -> Result<(String, String)> {
    let mut checks = Checks::default();
    let title = checks.line(&TITLE, title);
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let body = lines.join("\n");
    let count = body.chars().count();
    if !BODY.chars().contains(&count) {
        let (least, most) = (BODY.least, BODY.most);
        checks.wrong("/body", format!("正文应为 {least} 至 {most} 个字，您填了 {count} 个字"));
    }
    checks.finish()?;
    Ok((title, body))
}

/// Publishes an announcement.
///
/// # Errors
/// 403; 422 with what is wrong.
pub async fn publish(db: &Db, who: &Principal, title: &str, body: &str) -> Result<Announcement> {
    ProvinceOfficer::check(who)?;
    let (title, body) = checked(title, body)?;
    let who = who.clone();
    db.write(&who.actor(), move |tx| {
        let row = Announcement {
            id: Id::new(),
            title: title.clone(),
            body: body.clone(),
            published_by: who.user,
            publisher: who.organisation_name.clone(),
            published_at: tx.legal_now()?,
            withdrawn_at: None,
            withdrawn_reason: None,
            created_at: tx.now(),
            version: 1,
        };
        diesel::insert_into(announcement::table).values(&row).execute(tx.conn)?;
        tx.record("announcement.publish", None, Some(&row), None)?;
        Ok(row)
    })
    .await
}

/// Takes an announcement back; its page stays and says why.
///
/// # Errors
/// 403, 404; 409 for a stale version or where it was taken back already; 422 without a reason.
pub async fn withdraw(db: &Db, who: &Principal, id: Id, version: i64, reason: &str) -> Result<Announcement> {
    ProvinceOfficer::check(who)?;
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    db.write(&who.actor(), move |tx| {
        let before = one(tx.conn, id)?;
        in_state(before.withdrawn_at.is_none(), || "这份公告已经撤回。")?;
        fresh(&before, version)?;
        let mut after = before.clone();
        after.withdraw(tx.legal_now()?, reason.clone());
        save!(tx, announcement, &before, &mut after, "announcement.withdraw", Some(&reason))?;
        Ok(after)
    })
    .await
}

/// One announcement, also one that was taken back.
///
/// # Errors
/// 404.
pub fn one(conn: &mut AnyConn, id: Id) -> Result<Announcement> {
    let found = announcement::table.find(id).select(Announcement::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("公告").into())
}

/// Announcements that stand, the newest first.
pub fn list(conn: &mut AnyConn, after: Option<(Time, Id)>, limit: i64) -> Result<Vec<Announcement>> {
    let query = announcement::table
        .filter(announcement::withdrawn_at.is_null())
        .select(Announcement::as_select())
        .into_boxed();
    let query = keyset!(query, after, announcement::published_at => desc, announcement::id => desc);
    Ok(query.limit(limit).load(conn)?)
}

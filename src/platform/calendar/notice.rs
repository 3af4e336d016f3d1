//! A notice on holidays: one officer brings it, a second puts it in force (four eyes). Nobody changes a notice: what is to be
//! otherwise is a later notice. Once it counts, provisional due days are counted again.
//!
//! States: proposed → confirmed, or rejected (also by who brought it: withdrawn).

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Days, RECOUNT};
use crate::audit::Audited;
use crate::db::{Db, Tx};
use crate::error::{Error, Refusal, Result};
use crate::http::day;
use crate::idempotency::{self, Key};
use crate::input::{Checks, Field};
use crate::jobs::{self, NewJob};
use crate::policy::proposal::{ProposalState, REASON};
use crate::rules::calendar::{Calendar, Notice};
use crate::schema::calendar_notice;
use crate::sql::{AnyConn, Id, Question, Time};
use crate::versioned::{fresh, in_state};
use crate::who::Principal;
use crate::who::person::another;
use crate::{save, versioned};

/// Its number, 国办发明电〔2025〕7号.
pub const NUMBER: Field = Field::new("number", "文号", 4..=60);
/// Days of one notice at most.
const MOST_DAYS: usize = 200;
/// Notices read at most: there are one or two a year.
const MOST: i64 = 200;
/// Years between issue and a day that it names, at most.
const YEARS: i32 = 2;

/// A notice that was brought.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    Queryable,
    Selectable,
    Insertable,
    AsChangeset,
)]
#[diesel(table_name = calendar_notice, treat_none_as_null = true)]
pub struct CalendarNotice {
    /// Key.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// The day of issue: of two notices that name a day the later counts.
    pub issued: NaiveDate,
    /// The year whose holidays it arranges; none where it only changes single days.
    pub arranges: Option<i32>,
    /// Days off.
    pub days_off: Days,
    /// Days that are worked although they lie on a weekend, or in spite of an earlier notice.
    pub days_worked: Days,
    /// How far it is.
    pub state: ProposalState,
    /// Its number while it waits or is confirmed.
    pub slot: Option<String>,
    /// Who brought it.
    pub proposed_by: Id,
    /// Their name.
    pub proposed_by_name: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Time,
    /// Who decided.
    pub decided_by: Option<Id>,
    /// Their name.
    pub decided_by_name: Option<String>,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Time>,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// For the optimistic lock.
    pub version: i64,
}

impl Audited for CalendarNotice {
    const TYPE: &'static str = "calendar_notice";
    fn id(&self) -> Id {
        self.id
    }
}

versioned!(CalendarNotice, "放假安排");

impl CalendarNotice {
    /// As the law reads it.
    ///
    /// # Errors
    /// Internal, for a day that stands in it twice: none is kept like that.
    pub fn law(&self) -> Result<Notice> {
        let (off, worked) = (&self.days_off.0, &self.days_worked.0);
        Notice::new(self.number.clone(), self.issued, self.arranges, off, worked)
            .map_err(|day| Error::internal(format!("notice {} names {day} twice", self.number)))
    }

    /// A second officer puts it in force.
    pub fn confirm(&mut self, who: &Principal) {
        self.state = ProposalState::Confirmed;
        self.decide(who);
    }

    /// It is turned down, or taken back; another may be brought under its number.
    pub fn reject(&mut self, who: &Principal, why: String) {
        self.state = ProposalState::Rejected;
        self.slot = None;
        self.reason = Some(why);
        self.decide(who);
    }

    fn decide(&mut self, who: &Principal) {
        self.decided_by = Some(who.user);
        self.decided_by_name = Some(who.name.clone());
        self.decided_at = Some(who.received_at);
    }
}

/// What an officer brings.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNotice {
    /// Its number, 4 to 60 characters.
    #[schema(min_length = 4, max_length = 60)]
    pub number: String,
    /// The day of issue.
    #[serde(deserialize_with = "day::read")]
    pub issued: NaiveDate,
    /// The year whose holidays it arranges; none where it only changes single days.
    #[schema(minimum = 2000, maximum = 2099)]
    pub arranges: Option<i32>,
    /// Days off.
    #[serde(default)]
    pub days_off: Days,
    /// Days that are worked.
    #[serde(default)]
    pub days_worked: Days,
}

impl NewNotice {
    /// With its days in order.
    ///
    /// # Errors
    /// 422 with everything that is wrong on the legal day `today`.
    fn checked(mut self, today: NaiveDate) -> Result<Self> {
        let mut checks = Checks::default();
        self.number = checks.line(&NUMBER, &self.number);
        if self.issued.year() < 2000 || self.issued > today {
            let given = self.issued;
            checks.wrong(
                "/issued",
                format!("印发日期应为 2000 年至今日（{today}）之间的一天，您填的是 {given}"),
            );
        }
        let issued = self.issued.year();
        if let Some(year) = self.arranges.filter(|year| ![issued, issued.saturating_add(1)].contains(year)) {
            let detail = format!("所安排的年份应为印发当年或次年，您填的是 {year}；只改个别日子的请留空");
            checks.wrong("/arranges", detail);
        }
        self.days_off.0.sort_unstable();
        self.days_worked.0.sort_unstable();
        let all = || self.days_off.0.iter().chain(&self.days_worked.0);
        if all().count() == 0 || all().count() > MOST_DAYS {
            checks.wrong("/days_off", format!("请填写放假或上班的日子，合计 1 至 {MOST_DAYS} 天"));
        }
        if let Some(far) = all().find(|day| day.year().abs_diff(issued) > YEARS.unsigned_abs()) {
            checks.wrong("/days_off", format!("{far} 与印发日期相差太远，请核对年份"));
        }
        if let Err(twice) = Notice::new(String::new(), today, None, &self.days_off.0, &self.days_worked.0) {
            checks.wrong("/days_worked", format!("{twice} 写了两次，请只保留一处"));
        }
        if let Some(year) = self.arranges
            && !self.days_off.0.iter().any(|day| day.year() == year)
        {
            checks.wrong("/days_off", format!("没有 {year} 年的放假日，请核对日期或年份"));
        }
        checks.finish()?;
        Ok(self)
    }
}

/// Brings a notice; it waits for a second officer.
///
/// # Errors
/// 409 `NOTICE_KNOWN` where one of that number waits or counts already; 422 with what is wrong.
pub async fn propose(db: &Db, who: &Principal, new: NewNotice, key: Option<Key>) -> Result<CalendarNotice> {
    let person = who.clone();
    db.write(&who.actor(), move |tx| {
        let Some(key) = &key else { return insert(tx, &person, new.clone()) };
        let answer = idempotency::run(tx, key, |tx| {
            let row = insert(tx, &person, new.clone())?;
            Ok((201, serde_json::to_value(row).map_err(Error::internal)?))
        })?;
        serde_json::from_value(answer.body).map_err(Error::internal)
    })
    .await
}

fn insert(tx: &mut Tx, who: &Principal, new: NewNotice) -> Result<CalendarNotice> {
    let new = new.checked(tx.legal_now()?.day())?;
    let taken: i64 =
        calendar_notice::table.filter(calendar_notice::slot.eq(&new.number)).count().get_result(tx.conn)?;
    let shipped = Calendar::shipped().map_err(Error::internal)?;
    if taken > 0 || shipped.notices().iter().any(|known| known.number == new.number) {
        let detail = format!("{} 已经录入，请核对文号。", new.number);
        return Err(Refusal::new(409, "NOTICE_KNOWN", detail).into());
    }
    let row = CalendarNotice {
        id: Id::new(),
        slot: Some(new.number.clone()),
        number: new.number,
        issued: new.issued,
        arranges: new.arranges,
        days_off: new.days_off,
        days_worked: new.days_worked,
        state: ProposalState::Proposed,
        proposed_by: who.user,
        proposed_by_name: who.name.clone(),
        proposed_at: who.received_at,
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        reason: None,
        version: 1,
    };
    diesel::insert_into(calendar_notice::table).values(&row).execute(tx.conn)?;
    tx.record("calendar.propose", None, Some(&row), Some(&row.number))?;
    Ok(row)
}

/// Puts a notice in force; a second officer does. Due days that were provisional are counted again by a job.
///
/// # Errors
/// 404, 409 for a stale version or a decided one, 403 `SAME_PERSON` also for a second account of the same mailbox.
pub async fn confirm(db: &Db, who: &Principal, id: Id, version: i64) -> Result<CalendarNotice> {
    let person = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = waiting(tx, id, version)?;
        let detail = "提交人不能确认自己提交的放假安排，请由另一位经办人（另一个邮箱）确认。";
        another(tx.conn, before.proposed_by, person.user, "SAME_PERSON", detail)?;
        let mut after = before.clone();
        after.confirm(&person);
        save!(tx, calendar_notice, &before, &mut after, "calendar.confirm", None)?;
        jobs::enqueue(tx.conn, &NewJob::new(RECOUNT, json!({ "notice": after.number })), tx.now())?;
        Ok(after)
    })
    .await
}

/// Turns a notice down, or takes one's own back.
///
/// # Errors
/// 404, 409 for a stale version or a decided one, 422 without a reason.
pub async fn reject(db: &Db, who: &Principal, id: Id, version: i64, reason: &str) -> Result<CalendarNotice> {
    let mut checks = Checks::default();
    let reason = checks.paragraph(&REASON, reason);
    checks.finish()?;
    let person = who.clone();
    db.write(&who.actor(), move |tx| {
        let before = waiting(tx, id, version)?;
        let mut after = before.clone();
        after.reject(&person, reason.clone());
        save!(tx, calendar_notice, &before, &mut after, "calendar.reject", Some(&reason))?;
        Ok(after)
    })
    .await
}

fn waiting(tx: &mut Tx, id: Id, version: i64) -> Result<CalendarNotice> {
    let row = find(tx.conn, id)?;
    fresh(&row, version)?;
    in_state(row.state != ProposalState::Confirmed, || "该放假安排已经确认，不能再处理。")?;
    in_state(row.state != ProposalState::Rejected, || "该放假安排已经退回，请重新提交。")?;
    Ok(row)
}

/// One notice.
///
/// # Errors
/// 404.
pub fn find(conn: &mut AnyConn, id: Id) -> Result<CalendarNotice> {
    let found = calendar_notice::table.find(id).select(CalendarNotice::as_select()).first(conn).optional()?;
    found.ok_or_else(|| Refusal::not_found("放假安排").into())
}

/// The latest that were brought, the newest first.
///
/// # Errors
/// Of the database.
pub fn latest(conn: &mut AnyConn) -> Result<Vec<CalendarNotice>> {
    Ok(calendar_notice::table
        .order((calendar_notice::proposed_at.desc(), calendar_notice::id))
        .limit(MOST)
        .select(CalendarNotice::as_select())
        .load(conn)?)
}

/// How many wait for somebody else than `who`.
pub fn waiting_for(who: &Principal) -> Question {
    let proposed = calendar_notice::table
        .filter(calendar_notice::state.eq(ProposalState::Proposed))
        .filter(calendar_notice::proposed_by.ne(who.user));
    Box::new(proposed.count())
}

/// Those that count, in the order of issue.
pub(super) fn confirmed(conn: &mut AnyConn) -> Result<Vec<CalendarNotice>> {
    Ok(calendar_notice::table
        .filter(calendar_notice::state.eq(ProposalState::Confirmed))
        .order((calendar_notice::issued, calendar_notice::id))
        .limit(MOST)
        .select(CalendarNotice::as_select())
        .load(conn)?)
}

//! The officers' pages.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use diesel::prelude::*;

use super::decide::{self, Decision, RegistrationAct};
use super::model::{Registration, RegistrationState};
use super::present;
use super::store::{self, Ended};
use super::views::ShowPage;
use crate::party::own::views::FileRow;
use crate::platform::attachment::Attachment;
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Refusal, Result};
use crate::platform::http::act;
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{Badge, Confirm, Event, Frame, Pair, Tone};
use crate::platform::schema::app_user;
use crate::platform::sql::{AnyConn, Id, Time};
use crate::platform::who::Principal;
use crate::platform::who::guard::ProvinceOfficer;

const FILTERS: [&str; 2] = ["state", "q"];

/// `GET /registrations`.
pub async fn list(
    _: ProvinceOfficer,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &FILTERS);
    let after: Option<Ended> = Paging { after: place.after(), limit: None }.after()?;
    let (state, words) = (place.choice::<RegistrationState>("state"), place.value("q").to_owned());
    let rows = db.read(move |c| store::list(c, state, &words, after, DEFAULT_LIMIT + 1));
    let found = PageOf::new(place.found(rows).await?, DEFAULT_LIMIT, |r| (r.submitted_at, r.id));
    page::html(&present::list(page.frame, &place, &found.items, found.next.as_deref()))
}

/// `GET /registrations/{id}`.
///
/// # Errors
/// 404.
pub async fn show(who: ProvinceOfficer, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let shown = view(&db, &who, page.frame, *id, &Form::default(), None).await?;
    page::html(&shown)
}

/// `POST /registrations/{id}/decide`.
///
/// # Errors
/// 403, 404, 409; what is wrong is shown with the form.
pub async fn decide(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let broken = || Refusal::unreadable("页面内容不完整，请返回并刷新页面后重新提交。");
    let act: RegistrationAct = form.value("act").parse().map_err(|_| broken())?;
    let decision = Decision { act, words: form.value(&present::words_field(act)).into() };
    let words = |row: Registration| match act {
        RegistrationAct::SendAgain => "开通邮件已重新发送。".to_owned(),
        _ => format!("{}的申请现为“{}”。", row.name, row.state.label()),
    };
    act::answer(
        &request,
        decide::decide(&db, &who, *id, form.version()?, &decision),
        async |row| act::done(&format!("/registrations/{id}"), words(row)),
        async |page, no| view(&db, &who, page.frame, *id, &form, Some((act, &no.errors))).await,
    )
    .await
}

async fn view(
    db: &Db,
    who: &ProvinceOfficer,
    frame: Frame,
    id: Id,
    typed: &Form,
    failed: Option<(RegistrationAct, &[FieldError])>,
) -> Result<ShowPage> {
    let (row, files) = decide::show(db, who, id).await?;
    let (reviewer, second) = (row.reviewer_id, row.second_id);
    let (asked, reader) = (row.clone(), Principal::clone(who));
    let read = db.read(move |c| {
        let names = [name(c, reviewer)?, name(c, second)?];
        Ok((names, store::same_code(c, &asked)?, decide::reviewed(c, &asked, &reader)?))
    });
    let (names, same, reviewed) = read.await?;
    let acts = present::acts(&row, reviewed, typed, failed);
    let mut page = page_of_one(frame, &row, &files, names, acts);
    if reviewed {
        page.nothing = decide::REVIEWED.into();
    }
    if !same.is_empty() {
        page.facts.push(Pair::new("同一信用代码的其他申请", same.join("、")));
    }
    Ok(page)
}

fn name(conn: &mut AnyConn, id: Option<Id>) -> Result<String> {
    let Some(id) = id else { return Ok(String::new()) };
    Ok(app_user::table.find(id).select(app_user::display_name).first(conn)?)
}

fn page_of_one(
    frame: Frame,
    row: &Registration,
    files: &[Attachment],
    [reviewer, second]: [String; 2],
    acts: Vec<Confirm>,
) -> ShowPage {
    let event = |when: Option<Time>, who: &str, what: &str, note: &str, tone: Tone| {
        let (who, what, note) = (who.into(), what.into(), note.into());
        when.map(|t| Event { when: t.minute(), who, what, note, tone })
    };
    let said = row.officer_words.as_deref().unwrap_or_default();
    let decided =
        if row.state == RegistrationState::Refused { "不予通过" } else { "复核通过，准入" };
    let tone = if row.state == RegistrationState::Refused { Tone::Wrong } else { Tone::Done };
    let events = [
        event(row.submitted_at, &row.contact_name, "提交申请", &row.statement, Tone::Plain),
        event(row.reviewed_at, &reviewer, "初审通过", "", Tone::Waiting),
        event(row.decided_at, &second, decided, said, tone),
    ];
    ShowPage {
        frame,
        name: row.name.clone(),
        number: row.number.clone(),
        state: Badge::new(row.state.tone(), row.state.label()),
        facts: present::facts(row),
        statement: row.statement.clone(),
        files: files.iter().map(FileRow::of).collect(),
        events: events.into_iter().flatten().collect(),
        nothing: if acts.is_empty() { "现在没有需要办理的事。".into() } else { String::new() },
        acts,
    }
}

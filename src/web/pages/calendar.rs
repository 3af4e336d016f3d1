//! The notices on holidays: which count, until when days are settled, a new one and the second officer's decision.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::platform::calendar::notice::{self, CalendarNotice, NewNotice};
use crate::platform::calendar::{self, Days, read_days};
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Result};
use crate::platform::http::Form;
use crate::platform::http::act;
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{
    Badge, Confirm, Field, FieldError as Said, Frame, Kind, Link, Pair, Tone, focus_first,
};
use crate::platform::policy::proposal::{ProposalState, REASON};
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{Authority, Guard, ProvinceOfficer};
use crate::platform::who::person;
use crate::rules::calendar::Notice;

/// Where the page is.
pub const PATH: &str = "/calendar";

/// What counts and what waits.
#[derive(Debug, Template)]
#[template(path = "calendar/show.html")]
pub struct CalendarPage {
    frame: Frame,
    /// The way to bring a notice; none for who may only look.
    propose: Option<Link>,
    facts: Vec<Pair>,
    /// What waits first, then what counts, the latest first.
    notices: Vec<NoticeRow>,
}

/// A notice in the list.
#[derive(Debug)]
struct NoticeRow {
    number: String,
    /// Its page; empty for one that ships with the program.
    href: String,
    issued: String,
    arranges: String,
    off: String,
    worked: String,
    state: Badge,
    who: String,
}

/// The form for a notice.
#[derive(Debug, Template)]
#[template(path = "calendar/propose.html")]
pub struct ProposePage {
    frame: Frame,
    errors: Vec<Said>,
    fields: Vec<Field>,
}

/// A notice that was brought.
#[derive(Debug, Template)]
#[template(path = "calendar/notice.html")]
pub struct NoticePage {
    frame: Frame,
    title: String,
    state: Badge,
    facts: Vec<Pair>,
    /// What the reader should know before acting. Empty: nothing.
    hint: String,
    acts: Vec<Confirm>,
}

/// `GET /calendar`.
///
/// # Errors
/// 403.
pub async fn show(who: Authority, db: Data<Db>, page: Page) -> Result<HttpResponse> {
    let (calendar, brought) = db.read(|c| Ok((calendar::current(c)?, notice::latest(c)?))).await?;
    let waiting = brought.iter().filter(|row| row.state == ProposalState::Proposed).map(waiting_row);
    let counting = calendar.notices().iter().rev().map(|notice| {
        let row = brought.iter().find(|row| row.slot.as_deref() == Some(&notice.number));
        counting_row(notice, row)
    });
    let until = calendar.settled_until().map(|day| day.to_string()).unwrap_or_default();
    page::html(&CalendarPage {
        frame: page.frame,
        propose: ProvinceOfficer::is(&who).then(|| Link::new("录入放假安排", "/calendar/propose")),
        facts: vec![
            Pair::new("已确定到", until),
            Pair::new("此后", "到期日按法定节假日和周末暂定，录入并确认新的放假安排后自动重算，并通知双方"),
        ],
        notices: waiting.chain(counting).collect(),
    })
}

fn waiting_row(row: &CalendarNotice) -> NoticeRow {
    NoticeRow {
        number: row.number.clone(),
        href: href(row.id),
        issued: row.issued.to_string(),
        arranges: arranges(row.arranges),
        off: row.days_off.shown(),
        worked: row.days_worked.shown(),
        state: Badge::new(row.state.tone(), row.state.label()),
        who: format!("{} 提交", row.proposed_by_name),
    }
}

fn counting_row(notice: &Notice, row: Option<&CalendarNotice>) -> NoticeRow {
    let second = |row: &CalendarNotice| row.decided_by_name.clone().unwrap_or_default();
    NoticeRow {
        number: notice.number.clone(),
        href: row.map(|row| href(row.id)).unwrap_or_default(),
        issued: notice.issued.to_string(),
        arranges: arranges(notice.year),
        off: Days(notice.of_kind(false).collect()).shown(),
        worked: Days(notice.of_kind(true).collect()).shown(),
        state: Badge::new(Tone::Done, "执行中"),
        who: row.map_or_else(
            || "随平台发布".to_owned(),
            |row| format!("{} 提交，{} 确认", row.proposed_by_name, second(row)),
        ),
    }
}

fn href(id: Id) -> String {
    format!("/calendar/notices/{id}")
}

fn arranges(year: Option<i32>) -> String {
    year.map_or_else(|| "个别日子".to_owned(), |year| format!("{year} 年"))
}

/// `GET /calendar/propose`.
///
/// # Errors
/// 403.
pub async fn open(_who: ProvinceOfficer, page: Page) -> Result<HttpResponse> {
    page::html(&form_view(page, &Form::from_fields(Vec::new()), &[]))
}

/// `POST /calendar/propose`.
///
/// # Errors
/// 403, 409; what is wrong is shown with the form.
pub async fn submit(
    who: ProvinceOfficer,
    db: Data<Db>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    act::answer(
        &request,
        async { notice::propose(&db, &who, given(&form)?, None).await },
        async |row| act::done(&href(row.id), format!("{} 已提交，等待另一位经办人确认。", row.number)),
        async |page, no| Ok(form_view(page, &form, &no.errors)),
    )
    .await
}

fn given(form: &Form) -> Result<NewNotice> {
    let fields = form.reader();
    let issued = fields.date("issued", "印发日期");
    let typed = form.value("arranges").trim();
    let arranges = (!typed.is_empty()).then(|| typed.parse::<i32>());
    if matches!(arranges, Some(Err(_))) {
        fields.wrong("arranges", format!("年份应为四位数字，例如 2027，您填的是“{typed}”"));
    }
    let days = |name: &str, label: &str| match read_days(label, form.value(name)) {
        Ok(days) => days,
        Err(detail) => {
            fields.wrong(name, detail);
            Days::default()
        }
    };
    let (days_off, days_worked) = (days("days_off", "放假的日子"), days("days_worked", "调休上班的日子"));
    fields.finish()?;
    let issued = issued.ok_or_else(|| Error::internal("a day that is neither read nor wrong"))?;
    let arranges = arranges.and_then(std::result::Result::ok);
    Ok(NewNotice { number: form.value("number").to_owned(), issued, arranges, days_off, days_worked })
}

fn form_view(page: Page, form: &Form, wrong: &[FieldError]) -> ProposePage {
    let run = "逐日填写，或写 2027-02-05 至 2027-02-11；用空格、逗号或换行分开";
    let fields = [
        Field::of(Kind::Text, &notice::NUMBER).help("例如 国办发明电〔2025〕7号"),
        Field::new(Kind::Date, "issued", "印发日期").help("两份通知说到同一天的，以后印发的为准"),
        Field::new(Kind::Whole, "arranges", "安排哪一年的节假日")
            .help("例如 2027；只改个别日子的留空")
            .optional(),
        Field::new(Kind::Long, "days_off", "放假的日子").help(run),
        Field::new(Kind::Long, "days_worked", "调休上班的日子").help(run).optional(),
    ];
    let mut fields: Vec<Field> = fields.into_iter().map(|field| form.refill(field, wrong)).collect();
    ProposePage { frame: page.frame, errors: focus_first(fields.iter_mut()), fields }
}

/// `GET /calendar/notices/{id}`.
///
/// # Errors
/// 404.
pub async fn one(who: Authority, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let id = *id;
    let (row, own) = read(&db, &who, id).await?;
    page::html(&notice_view(&who, page, (&row, own), None))
}

/// `POST /calendar/notices/{id}/confirm`.
///
/// # Errors
/// 403 for who brought it; 404; 409 for a stale version or a decided one.
pub async fn confirm(who: ProvinceOfficer, db: Data<Db>, id: Path<Id>, form: Form) -> Result<HttpResponse> {
    let row = notice::confirm(&db, &who, *id, form.version()?).await?;
    act::done(PATH, format!("{} 已确认，暂定的到期日将重新计算，并通知双方。", row.number))
}

/// `POST /calendar/notices/{id}/reject`.
///
/// # Errors
/// As [`confirm`]; a missing reason is shown with the form.
pub async fn reject(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let id = *id;
    act::answer(
        &request,
        notice::reject(&db, &who, id, form.version()?, form.value("reason")),
        async |row| act::done(PATH, format!("{} 已退回。", row.number)),
        async |page, no| {
            let (row, own) = read(&db, &who, id).await?;
            Ok(notice_view(&who, page, (&row, own), Some((&form, &no.errors))))
        },
    )
    .await
}

/// A notice, and whether the reader brought it, by this account or another of the same mailbox.
async fn read(db: &Db, who: &Principal, id: Id) -> Result<(CalendarNotice, bool)> {
    let user = who.user;
    db.read(move |c| {
        let row = notice::find(c, id)?;
        let own = person::is_same(c, row.proposed_by, user)?;
        Ok((row, own))
    })
    .await
}

fn notice_view(
    who: &Principal,
    page: Page,
    (row, own): (&CalendarNotice, bool),
    wrong: Option<(&Form, &[FieldError])>,
) -> NoticePage {
    let may = row.state == ProposalState::Proposed && ProvinceOfficer::is(who);
    let hint = match (may, own) {
        (true, true) => "由您（或同一邮箱的账号）提交，须由另一位经办人确认；您也可以退回（撤回）它。",
        (true, false) => "请对照国务院办公厅的通知逐日核对；确认后不能修改，需要再改时另录一份后印发的安排。",
        _ => "",
    };
    let acts = [(may && !own).then(|| confirm_act(row)), may.then(|| reject_act(row, wrong))];
    NoticePage {
        frame: page.frame,
        title: row.number.clone(),
        state: Badge::new(row.state.tone(), row.state.label()),
        facts: facts(row),
        hint: hint.to_owned(),
        acts: acts.into_iter().flatten().collect(),
    }
}

fn facts(row: &CalendarNotice) -> Vec<Pair> {
    let mut facts = vec![
        Pair::new("印发日期", row.issued.to_string()),
        Pair::new("安排", arranges(row.arranges)),
        Pair::new("放假的日子", row.days_off.shown()),
        Pair::new("调休上班的日子", row.days_worked.shown()),
        Pair::new("提交", format!("{} {}", row.proposed_by_name, row.proposed_at.minute())),
    ];
    if let (Some(by), Some(at)) = (&row.decided_by_name, row.decided_at) {
        let word = if row.state == ProposalState::Confirmed { "确认" } else { "退回" };
        facts.push(Pair::new(word, format!("{by} {}", at.minute())));
    }
    facts.extend(row.reason.as_ref().map(|reason| Pair::new("退回原因", reason)));
    facts
}

fn confirm_act(row: &CalendarNotice) -> Confirm {
    Confirm {
        action: format!("{}/confirm", href(row.id)),
        label: "确认执行".into(),
        consequence: format!(
            "{} 放假 {} 天、调休上班 {} 天，确认后立即用于计算工作日；暂定的到期日将重新计算，并通知双方。",
            row.number,
            row.days_off.0.len(),
            row.days_worked.0.len()
        ),
        hidden: vec![("version".into(), row.version.to_string())],
        ..Confirm::default()
    }
}

fn reject_act(row: &CalendarNotice, wrong: Option<(&Form, &[FieldError])>) -> Confirm {
    let mut reason = Field::of(Kind::Long, &REASON);
    if let Some((form, errors)) = wrong {
        reason = form.refill(reason, errors);
    }
    Confirm {
        action: format!("{}/reject", href(row.id)),
        label: "退回".into(),
        consequence: format!("{} 将不会执行；需要时可重新提交。", row.number),
        fields: vec![reason],
        hidden: vec![("version".into(), row.version.to_string())],
        danger: true,
        open: wrong.is_some(),
    }
}

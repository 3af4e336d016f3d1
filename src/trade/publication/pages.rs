//! Pages that everybody may see.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::announcement::{self as notices, Announcement};
use super::views::{Announce, AnnouncementPage, Announcements, AuditBlock, AuditHead, Welcome};
use crate::platform::audit::seal::{self, Block};
use crate::platform::db::Db;
use crate::platform::error::{FieldError, Result};
use crate::platform::http::act;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::ListAddress;
use crate::platform::http::present::whole;
use crate::platform::http::view::{
    Cell, Confirm, Field, Frame, Kind, Link, Pair, Question, Table, focus_first,
};
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::{Anyone, Guard, ProvinceOfficer};

/// Blocks on the page.
const SHOWN: i64 = 50;

/// `GET /audit/head`: the latest blocks of the audit. Anyone who writes a hash down can later prove what stood before it.
pub async fn audit_head(_: Anyone, db: Data<Db>, mut page: Page) -> Result<HttpResponse> {
    let blocks = db.read(|c| seal::latest(c, SHOWN)).await?;
    let number = blocks.first().map(|b| b.no.to_string()).unwrap_or_default();
    let mut blocks = blocks.into_iter().map(block);
    let head = blocks.next().unwrap_or_default();
    page.frame.viewer = None;
    page::html(&AuditHead {
        frame: page.frame,
        block: head.block,
        number,
        sealed_at: head.sealed_at,
        entries: head.entries,
        hash: head.hash,
        earlier: blocks.collect(),
    })
}

/// `GET /` for anyone who is not logged in: what the platform is, and what everybody may look up.
pub async fn welcome(db: &Db, page: Page) -> Result<HttpResponse> {
    let head = db.read(|c| seal::latest(c, 1)).await?.into_iter().next();
    let links = vec![
        Link::new("挂网价格", "/prices"),
        Link::new("公告", "/announcements"),
        Link::new("单位登记：申请加入平台", "/registration"),
        Link::new("存证公示：各块校验值", "/audit/head"),
        Link::new("验证公钥：查验平台出具的文件", "/verification-key"),
        Link::new("接口说明：供医院和企业的信息系统对接", "/api/docs"),
    ];
    page::html(&Welcome { frame: page.frame, block: head.map(block).unwrap_or_default(), links })
}

fn block(block: Block) -> AuditBlock {
    AuditBlock {
        block: whole(block.no),
        sealed_at: block.sealed_at.minute(),
        entries: whole(block.entry_count),
        hash: block.hash,
    }
}

/// `GET /announcements`.
pub async fn announcements(
    who: Anyone,
    db: Data<Db>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    let place = ListAddress::of(&request, &[]);
    let after: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let rows = db.read(move |c| notices::list(c, after, DEFAULT_LIMIT + 1)).await?;
    let found = PageOf::new(rows, DEFAULT_LIMIT, |r| (r.published_at, r.id));
    let columns = Columns::new([
        Column::name("标题", |row: &Announcement| {
            Cell::opens(format!("/announcements/{}", row.id), &row.title)
        }),
        Column::text("publisher", "发布单位", |row: &Announcement| row.publisher.clone())
            .under(|row| row.publisher.clone()),
        Column::text("when", "发布时间", |row: &Announcement| Cell::text(row.published_at.day()))
            .class("nowrap"),
    ]);
    page::html(&Announcements {
        frame: page.frame,
        table: Table {
            caption: "公告".into(),
            empty_text: "还没有公告。".into(),
            paging: place.paging(found.items.len(), found.next.as_deref(), None),
            ..columns.table("announcements", &found.items, &place, "")
        },
        may_publish: who.0.is_some_and(|who| ProvinceOfficer::is(&who)),
    })
}

/// `GET /announcements/{id}`.
///
/// # Errors
/// 404.
pub async fn announcement(who: Anyone, db: Data<Db>, id: Path<Id>, page: Page) -> Result<HttpResponse> {
    let id = *id;
    let row = db.read(move |c| notices::one(c, id)).await?;
    let may = who.0.is_some_and(|who| ProvinceOfficer::is(&who));
    page::html(&notice(page.frame, &row, may, &Form::default(), &[]))
}

fn notice(
    frame: Frame,
    row: &Announcement,
    may: bool,
    typed: &Form,
    errors: &[FieldError],
) -> AnnouncementPage {
    let withdrawn = row
        .withdrawn_at
        .map(|at| format!("{} 已撤回：{}", at.minute(), row.withdrawn_reason.as_deref().unwrap_or_default()));
    let stands = withdrawn.is_none();
    let reason = Field::of(Kind::Long, &notices::REASON).help("5 至 200 字，会公开");
    AnnouncementPage {
        frame,
        title: row.title.clone(),
        publisher: row.publisher.clone(),
        when: row.published_at.minute(),
        paragraphs: row.body.lines().filter(|_| stands).map(str::to_owned).collect(),
        withdrawn: withdrawn.unwrap_or_default(),
        act: (may && stands).then(|| Confirm {
            action: format!("/announcements/{}/withdraw", row.id),
            label: "撤回公告".into(),
            consequence: "撤回后正文不再显示，页面保留标题、撤回时间和原因。".into(),
            fields: vec![typed.refill(reason, errors)],
            hidden: vec![("version".into(), row.version.to_string())],
            danger: true,
            open: !errors.is_empty(),
        }),
    }
}

/// `GET /announcements/new`.
pub async fn announce(_: ProvinceOfficer, page: Page) -> Result<HttpResponse> {
    page::html(&blank(page.frame, &Form::default(), &[]))
}

fn blank(frame: Frame, typed: &Form, errors: &[FieldError]) -> Announce {
    let mut fields = [
        Field::of(Kind::Text, &notices::TITLE),
        Field::of(Kind::Long, &notices::BODY).help("每行一段，发布后立即公开"),
    ]
    .map(|field| typed.refill(field, errors));
    let errors = focus_first(fields.iter_mut());
    Announce { frame, errors, fields: fields.into() }
}

/// `POST /announcements`.
///
/// # Errors
/// 403; what is wrong is shown with the form.
pub async fn publish(
    who: ProvinceOfficer,
    db: Data<Db>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    match form.value("act") {
        "edit" => return page::html(&blank(page::frame(&request).await?, &form, &[])),
        "ask" => {
            if let Ok(text) = notices::checked(form.value("title"), form.value("body")) {
                return page::html(&question(page::frame(&request).await?, text));
            }
        }
        _ => {}
    }
    act::answer(
        &request,
        notices::publish(&db, &who, form.value("title"), form.value("body")),
        async |row| act::done(&format!("/announcements/{}", row.id), "公告已发布。"),
        async |page, no| Ok(blank(page.frame, &form, &no.errors)),
    )
    .await
}

/// Asks before everybody can read it.
fn question(frame: Frame, (title, body): (String, String)) -> Question {
    Question {
        frame,
        title: "发布这份公告吗".into(),
        consequence: "发布后立即向社会公开；撤回后页面仍保留标题、撤回时间和原因。".into(),
        facts: vec![
            Pair::new("标题", title.clone()),
            Pair::new(
                "正文",
                format!(
                    "{} 段，{} 个字",
                    body.lines().count(),
                    body.lines().map(|l| l.chars().count()).sum::<usize>()
                ),
            ),
        ],
        action: "/announcements".into(),
        hidden: vec![("title".into(), title), ("body".into(), body)],
        label: "发布公告".into(),
        back: String::new(),
    }
}

/// `POST /announcements/{id}/withdraw`.
///
/// # Errors
/// 403, 404, 409; what is wrong is shown with the form.
pub async fn withdraw(
    who: ProvinceOfficer,
    db: Data<Db>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let id = *id;
    act::answer(
        &request,
        notices::withdraw(&db, &who, id, form.version()?, form.value("reason")),
        async |_| act::done(&format!("/announcements/{id}"), "公告已撤回。"),
        async |page, no| {
            let row = db.read(move |c| notices::one(c, id)).await?;
            Ok(notice(page.frame, &row, true, &form, &no.errors))
        },
    )
    .await
}

//! The officers' pages of imports: hand a sheet in, look at what was found, confirm, watch it go, look at the result.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::flash::with_flash;
use crate::platform::http::page::{self, Page};
use crate::platform::http::paging::{DEFAULT_LIMIT, PageOf, Paging};
use crate::platform::http::place::ListAddress;
use crate::platform::http::present::whole;
use crate::platform::http::upload::Upload;
use crate::platform::http::view::{Badge, Cell, Confirm, Field, Frame, Job, Kind, Link, Table, Tone};
use crate::platform::http::{act, reply};
use crate::platform::import::preview::{Preview, preview};
use crate::platform::import::sheets::{self, FaultView};
use crate::platform::import::{self, Run, RunState, Spec};
use crate::platform::office::Offices;
use crate::platform::sheet;
use crate::platform::sql::{Id, Time};
use crate::platform::who::guard::AgencyOfficer;
use crate::web::imports;

/// Faults on the page; the sheet has all.
const SHOWN: usize = 100;
/// New rows, and changed rows, in the preview.
const PREVIEWED: i64 = 10;
/// Rows up to which the sheet that goes back holds the good ones too.
const WHOLE_SHEET: i64 = 100_000;

/// The list with the form.
#[derive(Debug, Template)]
#[template(path = "import/list.html")]
pub struct ImportsPage {
    /// The frame.
    pub frame: Frame,
    /// Which kind.
    pub kind: Field,
    /// What was wrong with the file.
    pub wrong: String,
    /// Kind, purpose, address of the template.
    pub kinds: Vec<(String, String, String)>,
    /// The imports.
    pub table: Table,
}

/// One import.
#[derive(Debug, Template)]
#[template(path = "import/one.html")]
pub struct ImportPage {
    /// The frame.
    pub frame: Frame,
    /// The kind.
    pub title: String,
    /// File and who handed it in.
    pub line: String,
    /// While it runs.
    pub job: Option<Job>,
    /// Why it failed, or what came of it.
    pub outcome: Option<(String, &'static str)>,
    /// Label and number.
    pub figures: Vec<(String, String)>,
    /// What of the file was read and what was not.
    pub notes: Vec<String>,
    /// What somebody is to look at before it is confirmed.
    pub questions: Vec<FaultView>,
    /// What it would do, while somebody is to confirm it.
    pub preview: Preview,
    /// The first faults.
    pub faults: Vec<FaultView>,
    /// How many more there are.
    pub more: String,
    /// The sheet with the marks.
    pub sheet: Option<String>,
    /// What can be done.
    pub confirm: Option<Confirm>,
    /// What else can be done.
    pub give_up: Option<Confirm>,
}

/// `GET /imports`.
pub async fn list(
    _: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    request: HttpRequest,
    page: Page,
) -> Result<HttpResponse> {
    page::html(&list_page(&db, **offices, &request, page, String::new()).await?)
}

async fn list_page(
    db: &Db,
    offices: Offices,
    request: &HttpRequest,
    page: Page,
    wrong: String,
) -> Result<ImportsPage> {
    let place = ListAddress::of(request, &["kind"]);
    let after: Option<(Time, Id)> = Paging { after: place.after(), limit: None }.after()?;
    let rows = db.read(move |conn| import::recent(conn, after, DEFAULT_LIMIT + 1)).await?;
    let found = PageOf::new(rows, DEFAULT_LIMIT, |run: &Run| (run.created_at, run.id));
    let kinds = offices.sheets().map(|s| (s.kind.to_owned(), s.title.to_owned()));
    Ok(ImportsPage {
        frame: page.frame,
        kind: Field::new(Kind::Select, "kind", "导入内容").value(place.value("kind")).choices(kinds),
        wrong,
        kinds: offices
            .sheets()
            .map(|s| (s.title.into(), s.purpose.into(), format!("/imports/templates/{}", s.kind)))
            .collect(),
        table: Table {
            caption: "导入记录".into(),
            empty_text: "还没有导入过。请下载模板，填好后在上面上传。".into(),
            paging: place.paging(found.items.len(), found.next.as_deref(), None),
            ..columns(offices).table("imports", &found.items, &place, "")
        },
    })
}

fn title(offices: Offices, run: &Run) -> String {
    offices.sheet(&run.kind).map_or_else(|_| run.kind.clone(), |spec| spec.title.to_owned())
}

fn columns(offices: Offices) -> Columns<'static, Run> {
    Columns::new([
        Column::name("文件", |run: &Run| Cell::opens(format!("/imports/{}", run.id), &run.file_name)),
        Column::text("kind", "内容", move |run: &Run| title(offices, run))
            .under(move |run| title(offices, run)),
        Column::text("state", "状态", |run: &Run| Badge::new(run.state.tone(), run.state.label())),
        Column::number("rows", "行数", "", |run: &Run| run.total),
        Column::number("bad", "有误", "行", |run: &Run| run.bad),
        Column::text("by", "提交", |run: &Run| Cell::from(&run.created_name).below(run.created_at))
            .under(|run| format!("{} {}", run.created_name, run.created_at.minute())),
    ])
}

/// `POST /imports`: a file.
///
/// # Errors
/// 404; what is wrong with the file is shown with the form.
pub async fn hand_in(
    who: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let handed_in = async {
        let file = upload.file("file")?;
        let spec = offices.sheet(upload.form.value("kind"))?;
        imports::hand_in(&db, &who, spec, &file.name, file.bytes.to_vec()).await
    };
    act::answer(
        &request,
        handed_in,
        async |run| Ok(reply::see_other(&format!("/imports/{}", run.id))),
        async |page, no| list_page(&db, **offices, &request, page, no.detail).await,
    )
    .await
}

/// `GET /imports/{id}`.
///
/// # Errors
/// 404.
pub async fn one(
    _: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    id: Path<Id>,
    page: Page,
) -> Result<HttpResponse> {
    let (id, offices) = (id.into_inner(), **offices);
    let (run, faults, questions, preview) = db
        .read(move |conn| {
            let run = import::find(conn, id)?;
            let spec = offices.sheet(&run.kind)?;
            let faults = sheets::faults(conn, spec, &run, SHOWN)?;
            let questions = sheets::questions(conn, spec, &run, SHOWN)?;
            let preview = preview(conn, spec, &run, PREVIEWED)?;
            Ok((run, faults, questions, preview))
        })
        .await?;
    let notes = run.source()?.notes();
    let view = view(&run, title(offices, &run), faults);
    page::html(&ImportPage { frame: page.frame, notes, questions, preview, ..view })
}

fn view(run: &Run, title: String, faults: Vec<FaultView>) -> ImportPage {
    let ready = run.state == RunState::Ready;
    let rest = run.bad + run.refused - i64::try_from(faults.len()).unwrap_or(0);
    let has_rows = run.bad + run.refused > 0 && !matches!(run.state, RunState::Failed | RunState::Checking);
    ImportPage {
        frame: Frame::default(),
        title,
        line: format!("{} · {} {}", run.file_name, run.created_name, run.created_at.minute()),
        job: run.state.is_busy().then(|| job(run)),
        outcome: outcome(run),
        figures: if run.state == RunState::Checking || run.total == 0 { Vec::new() } else { figures(run) },
        notes: Vec::new(),
        questions: Vec::new(),
        preview: Preview::default(),
        more: if rest > 0 {
            format!("还有约 {} 行有误，见标注后的表格。", whole(rest))
        } else {
            String::new()
        },
        faults,
        sheet: has_rows.then(|| format!("/imports/{}/sheet.xlsx", run.id)),
        confirm: (ready && run.good() > 0).then(|| confirm_act(run)),
        give_up: ready.then(|| Confirm {
            action: format!("/imports/{}/drop", run.id),
            label: "放弃本次导入".into(),
            consequence: "检查结果将作废，不产生任何数据。".into(),
            danger: true,
            ..Confirm::default()
        }),
    }
}

fn job(run: &Run) -> Job {
    let detail = match run.state {
        RunState::Checking => format!("已检查 {} 行，发现 {} 行有误。", whole(run.total), whole(run.bad)),
        RunState::Loading => "正在写入新数据，完成后一次生效；其间订购等业务照常。".to_owned(),
        _ => "新数据已生效，正在更新已有数据和检索。".to_owned(),
    };
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let total = if run.state == RunState::Checking { 0 } else { number(run.total) };
    Job {
        title: run.state.label().into(),
        done: number(run.done),
        total,
        detail,
        state: Badge::new(run.state.tone(), run.state.label()),
        again: Some(format!("/imports/{}", run.id)),
        result: None,
    }
}

fn outcome(run: &Run) -> Option<(String, &'static str)> {
    match run.state {
        RunState::Failed => Some((run.error.clone().unwrap_or_default(), "wrong")),
        RunState::Done => {
            let by = run.confirmed_name.clone().unwrap_or_default();
            let when = run.finished_at.map(Time::minute).unwrap_or_default();
            let refused = match run.refused {
                0 => String::new(),
                n => format!("，{} 行未能办理，原因见下表", whole(n)),
            };
            let (added, changed, same) = (whole(run.added), whole(run.changed), whole(run.same));
            let words = format!(
                "导入完成（{by}，{when}）：新增 {added} 行，更新 {changed} 行，无变化 {same} 行{refused}。"
            );
            Some((words, "done"))
        }
        RunState::Dropped => Some(("本次导入已放弃，没有产生数据。".into(), "plain")),
        RunState::Ready if run.good() == 0 => {
            Some(("没有可以导入的行，请下载标注后的表格，更正后重新上传。".into(), "wrong"))
        }
        _ => None,
    }
}

fn figures(run: &Run) -> Vec<(String, String)> {
    [
        ("总行数", run.total),
        ("新增", run.added),
        ("更新", run.changed),
        ("无变化", run.same),
        ("有误", run.bad),
    ]
    .map(|(label, n)| (label.to_owned(), whole(n)))
    .to_vec()
}

fn confirm_act(run: &Run) -> Confirm {
    let bad = match run.bad {
        0 => String::new(),
        n => format!("有误的 {} 行不会导入。", whole(n)),
    };
    let (added, changed) = (whole(run.added), whole(run.changed));
    Confirm {
        action: format!("/imports/{}/confirm", run.id),
        label: "确认导入".into(),
        consequence: format!("将新增 {added} 行、更新 {changed} 行；{bad}确认后不能撤回。"),
        ..Confirm::default()
    }
}

/// `POST /imports/{id}/confirm`.
///
/// # Errors
/// 404, 409.
pub async fn confirm(who: AgencyOfficer, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    let run = imports::confirm(&db, &who, id.into_inner()).await?;
    act::done(&format!("/imports/{}", run.id), "已确认，开始导入。")
}

/// `POST /imports/{id}/drop`.
///
/// # Errors
/// 404, 409.
pub async fn give_up(who: AgencyOfficer, db: Data<Db>, id: Path<Id>) -> Result<HttpResponse> {
    imports::give_up(&db, &who, id.into_inner()).await?;
    let link = Some(Link::new("重新上传", "/imports"));
    Ok(with_flash(reply::see_other("/imports"), Tone::Done, "已放弃该次导入。", link))
}

/// `GET /imports/{id}/sheet.xlsx`.
///
/// # Errors
/// 404.
pub async fn sheet(
    _: AgencyOfficer,
    db: Data<Db>,
    offices: Data<Offices>,
    id: Path<Id>,
) -> Result<HttpResponse> {
    annotated(&db, **offices, id.into_inner()).await
}

/// The marked sheet as a download.
///
/// # Errors
/// 404.
pub async fn annotated(db: &Db, offices: Offices, id: Id) -> Result<HttpResponse> {
    let run = db.read(move |conn| import::find(conn, id)).await?;
    let spec = offices.sheet(&run.kind)?;
    let bytes = sheets::annotated(db, spec, &run, run.total > WHOLE_SHEET).await?;
    Ok(sheet::attachment(&format!("{}（已标注）", spec.title), bytes))
}

/// `GET /imports/templates/{kind}`.
///
/// # Errors
/// 404.
pub async fn template(_: AgencyOfficer, offices: Data<Offices>, kind: Path<String>) -> Result<HttpResponse> {
    empty(offices.sheet(&kind)?).await
}

/// The empty sheet of a kind as a download.
///
/// # Errors
/// Internal.
pub async fn empty(spec: &'static Spec) -> Result<HttpResponse> {
    let bytes =
        tokio::task::spawn_blocking(move || sheets::template(spec)).await.map_err(Error::internal)??;
    Ok(sheet::attachment(&format!("{}模板", spec.title), bytes))
}

//! 「参数试算」: a parameter is tried on past lots before it stands in a tender.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde_json::json;

use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError as Wrong, Refusal, Result};
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Field, FieldError, Frame, Kind, focus_first};
use crate::platform::http::{Form, Upload, act};
use crate::platform::policy::{Policies, label};
use crate::platform::who::guard::Authority;
use crate::rules::award::VARIED;
use crate::rules::money::Dec;
use crate::web::what_if::{BUILT_IN, Comparison, Question, Tried, compare, profiles};

/// The page.
#[derive(Debug, Template)]
#[template(path = "policy/what_if.html")]
pub struct WhatIf {
    /// The frame.
    pub frame: Frame,
    /// What was wrong.
    pub errors: Vec<FieldError>,
    /// The form.
    pub fields: Vec<Field>,
    /// What came out.
    pub result: Option<ResultView>,
}

/// What came out.
#[derive(Debug, Default)]
pub struct ResultView {
    /// What was tried on what.
    pub about: String,
    /// The picture's data.
    pub chart: String,
    /// One a value.
    pub rows: Vec<ResultRow>,
    /// Lines that could not be computed.
    pub faults: Vec<String>,
}

/// A value's outcome.
#[derive(Debug, Default)]
pub struct ResultRow {
    /// The value.
    pub value: String,
    /// Lots, and those without winner and with errors.
    pub lots: String,
    /// Lots without a winner.
    pub without: String,
    /// Lots that could not be computed.
    pub errors: String,
    /// Winners.
    pub winners: String,
    /// Of them revived.
    pub revived: String,
    /// Share of demand kept, percent.
    pub kept: String,
    /// Mean cut, percent.
    pub cut: String,
}

/// `GET /what-if`.
///
/// # Errors
/// 403.
pub async fn open(_who: Authority, policies: Data<Policies>, page: Page) -> Result<HttpResponse> {
    let start = [("parameter", "selection.max_ratio"), ("values", "1.5,1.8,2.0"), ("profile", "")];
    let form = Form::from_fields(start.map(|(n, v)| (n.to_owned(), v.to_owned())).into());
    page::html(&view(page, &policies, &form, &[], None))
}

/// `POST /what-if`: computes and shows; nothing is kept.
///
/// # Errors
/// 403; what is wrong is shown with the form.
pub async fn compute(
    who: Authority,
    db: Data<Db>,
    policies: Data<Policies>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let at = who.received_at;
    let in_force = policies.in_force(db.read(move |c| clock::legal_now(c, at)).await?.day())?;
    let shared = policies.get_ref().clone();
    let compared = async {
        let question = question(&upload)?;
        web::block(move || compare(&question, &shared, &in_force)).await.map_err(Error::internal)?
    };
    act::answer(
        &request,
        compared,
        async |found| {
            let page = Page { frame: page::frame(&request).await? };
            page::html(&view(page, &policies, &upload.form, &[], Some(&found)))
        },
        async |page, no| Ok(view(page, &policies, &upload.form, &no.errors, None)),
    )
    .await
}

fn question(upload: &Upload) -> Result<Question> {
    let form = &upload.form;
    let lots = match upload.files("file").next() {
        None => form.value("lots").to_owned(),
        Some(file) => String::from_utf8(file.bytes.to_vec()).map_err(|_| {
            Refusal::field("/file", format!("{} 不是 UTF-8 编码的文本文件，请另存后再上传。", file.name))
        })?,
    };
    Ok(Question {
        parameter: form.value("parameter").to_owned(),
        values: form.value("values").to_owned(),
        profile: Some(form.value("profile").to_owned()),
        lots: Some(lots),
    })
}

fn view(page: Page, policies: &Policies, form: &Form, wrong: &[Wrong], found: Option<&Comparison>) -> WhatIf {
    let parameters = VARIED.map(|key| (key, format!("{}（{key}）", label(&format!("award.{key}")))));
    let auto = (String::new(), "自动：内置标段用第三批的规则，其他用现行版本".to_owned());
    let versions = profiles(&policies.library()).into_iter().map(|name| (name.clone(), name));
    let mut fields = vec![
        form.refill(Field::new(Kind::Select, "parameter", "参数").choices(parameters), wrong),
        form.refill(
            Field::new(Kind::Text, "values", "取值")
                .help("用逗号隔开；入围表等本身带逗号的用分号隔开")
                .longest(2000),
            wrong,
        ),
        form.refill(
            Field::new(Kind::Select, "profile", "其他参数取自")
                .choices(std::iter::once(auto).chain(versions)),
            wrong,
        ),
        form.refill(
            Field::new(Kind::Long, "lots", "标段")
                .help(
                    "每行一个标段的 JSON，格式与命令 jicai rule award 相同；留空用第三批国家集采的 22 个标段",
                )
                .optional(),
            wrong,
        ),
        form.refill(
            Field::new(Kind::File, "file", "或上传标段文件（JSON Lines）")
                .help("选择文件后，以文件内容为准")
                .optional(),
            wrong,
        ),
    ];
    WhatIf { frame: page.frame, errors: focus_first(fields.iter_mut()), fields, result: found.map(result) }
}

/// A ratio of four decimals as percent with two; 「—」 where there is none.
fn percent(ratio: Option<&String>) -> Option<String> {
    ratio.and_then(|text| Dec::parse(text)).map(|ratio| (&ratio * &Dec::from(100)).to_fixed(2))
}

fn result(found: &Comparison) -> ResultView {
    let built_in = found.policy.starts_with(BUILT_IN);
    let series = |of: fn(&Tried) -> Option<&String>| {
        found.results.iter().map(|row| percent(of(row))).collect::<Vec<_>>()
    };
    let chart = json!({
        "values": found.results.iter().map(|row| row.value.as_str()).collect::<Vec<_>>(),
        "winners": found.results.iter().map(|row| row.winners).collect::<Vec<_>>(),
        "kept": series(|row| row.demand_kept.as_ref()),
        "cut": series(|row| row.mean_cut.as_ref()),
    });
    let name = label(&format!("award.{}", found.parameter)).to_owned();
    let note = if built_in {
        "；第三批没有公布各企业的需求量，不能计算需求保留"
    } else {
        ""
    };
    ResultView {
        about: format!("{name}（{}），其他参数取自 {}{note}", found.parameter, found.policy),
        chart: chart.to_string(),
        rows: found.results.iter().map(row).collect(),
        faults: found.faults.iter().map(|fault| fault.detail.clone()).collect(),
    }
}

fn row(of: &Tried) -> ResultRow {
    let dash = || "—".to_owned();
    ResultRow {
        value: of.value.clone(),
        lots: of.lots.to_string(),
        without: of.lots_without_winner.to_string(),
        errors: of.errors.to_string(),
        winners: of.winners.to_string(),
        revived: of.revived.to_string(),
        kept: percent(of.demand_kept.as_ref()).unwrap_or_else(dash),
        cut: percent(of.mean_cut.as_ref()).unwrap_or_else(dash),
    }
}

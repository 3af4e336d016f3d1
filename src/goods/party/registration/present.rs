//! Applications as pages show them.

use super::apply;
use super::decide::{self, RegistrationAct};
use super::model::{Registration, RegistrationState};
use super::views::{FormPage, ListPage, OpenForms, StatusPage, Tick};
use crate::party::own::views::FileRow;
use crate::party::{address, organisation};
use crate::platform::attachment::Attachment;
use crate::platform::error::FieldError;
use crate::platform::http::columns::{Column, Columns};
use crate::platform::http::form::Form;
use crate::platform::http::place::ListAddress;
use crate::platform::http::view::{
    Badge, Cell, Confirm, Field, FieldError as ViewError, Frame, Kind, Link, Pair, Table, focus_first,
};
use crate::platform::who::OrgKind;

/// The fields above the further kinds.
fn first_fields() -> [Field; 3] {
    let kinds = std::iter::once((String::new(), "请选择".to_owned()))
        .chain(OrgKind::ALL.iter().map(|k| (k.to_string(), k.label().to_owned())));
    [
        Field::of(Kind::Text, &organisation::NAME).help("与营业执照或事业单位法人证书一致"),
        Field::new(Kind::Text, "credit_code", "统一社会信用代码")
            .help("18 位，例如 91350100M000100Y43")
            .longest(18),
        Field::new(Kind::Select, "kind", "单位类别").choices(kinds),
    ]
}

/// The fields below them.
fn last_fields() -> [Field; 6] {
    [
        Field::of(Kind::Text, &organisation::CITY).help("例如 澜州"),
        Field::of(Kind::Text, &apply::DISTRICT),
        Field::of(Kind::Text, &apply::ADDRESS),
        Field::of(Kind::Text, &apply::CONTACT_NAME).autocomplete("name"),
        Field::of(Kind::Phone, &address::PHONE).help("例如 0771-2345678").autocomplete("tel"),
        Field::of(Kind::Email, &apply::EMAIL).help("审核结果和开通账号的链接发到这里").autocomplete("email"),
    ]
}

/// The form with what was typed and what is wrong with it.
pub fn form(frame: Frame, action: &str, key: &str, typed: &Form, errors: &[FieldError]) -> FormPage {
    let mut first = first_fields().map(|f| typed.refill(f, errors));
    let mut last = last_fields().map(|f| typed.refill(f, errors));
    let others_error = error_at(errors, "/other_kinds");
    let mut summary = focus_first(first.iter_mut().chain(last.iter_mut()));
    if !others_error.is_empty() {
        summary.push(ViewError { field: "other_kinds".into(), message: others_error.clone() });
    }
    FormPage {
        frame,
        errors: summary,
        action: action.into(),
        button: if key.is_empty() { "下一步：上传证明材料" } else { "保存修改" }.into(),
        hidden: if key.is_empty() { vec![] } else { vec![("key".into(), key.into())] },
        first: first.into(),
        others: OrgKind::ALL.iter().map(|kind| tick(*kind, typed)).collect(),
        others_error,
        last: last.into(),
    }
}

fn tick(kind: OrgKind, typed: &Form) -> Tick {
    let on = typed.values("other_kinds").any(|v| v == kind.as_str());
    Tick { value: kind.to_string(), text: kind.label().into(), on }
}

fn error_at(errors: &[FieldError], pointer: &str) -> String {
    errors.iter().find(|e| e.pointer == pointer).map(|e| e.detail.clone()).unwrap_or_default()
}

/// What is kept, as if it had been typed.
pub fn as_typed(row: &Registration) -> Form {
    let mut fields: Vec<(String, String)> = [
        ("name", &row.name),
        ("credit_code", &row.credit_code),
        ("city", &row.city),
        ("district", &row.district),
        ("address", &row.address),
        ("contact_name", &row.contact_name),
        ("phone", &row.phone),
        ("email", &row.email),
    ]
    .map(|(n, v)| (n.to_owned(), v.clone()))
    .into();
    fields.push(("kind".into(), row.kind.to_string()));
    fields.extend(row.other_kinds.0.iter().map(|k| ("other_kinds".into(), k.to_string())));
    Form::from_fields(fields)
}

/// What was typed.
pub fn facts(row: &Registration) -> Vec<Pair> {
    vec![
        Pair::new("单位名称", &row.name),
        Pair::new("统一社会信用代码", &row.credit_code),
        Pair::new("单位类别", row.kind_labels()),
        Pair::new("所在地", place(row)),
        Pair::new("注册地址", &row.address),
        Pair::new("联系人", format!("{}，{}", row.contact_name, row.phone)),
        Pair::new("电子邮箱", &row.email),
    ]
}

fn place(row: &Registration) -> String {
    if row.district.is_empty() { row.city.clone() } else { format!("{} · {}", row.city, row.district) }
}

fn next(state: RegistrationState) -> &'static str {
    match state {
        RegistrationState::Draft => "请上传证明材料，核对无误后提交。提交前可以随时修改。",
        RegistrationState::Submitted => "申请已提交，等待经办人员初审。",
        RegistrationState::Returned => "经办人员请您补正。请按下面的意见补充后重新提交。",
        RegistrationState::Reviewed => "初审已通过，等待另一位经办人员复核。",
        RegistrationState::Admitted => "申请已通过，开通账号的链接已发到您的邮箱。",
        RegistrationState::Refused => "申请未通过。如情况有变化，可以重新申请。",
    }
}

/// The applicant's own page.
pub fn status(
    frame: Frame,
    row: &Registration,
    files: &[Attachment],
    key: &str,
    errors: &[FieldError],
) -> StatusPage {
    let mut upload = Field::new(Kind::Files, "files", "证明材料")
        .help("营业执照、许可证等的扫描件或照片：PDF、OFD、PNG、JPEG、xlsx 或 docx，一次合计不超过 20 MB")
        .error(error_at(errors, "/files"));
    let mut statement = Field::of(Kind::Long, &apply::STATEMENT)
        .help("例如对补正意见的答复")
        .value(&row.statement)
        .error(error_at(errors, "/statement"));
    let mut summary = focus_first([&mut upload, &mut statement]);
    summary.extend(other_errors(errors, &summary));
    StatusPage {
        frame,
        number: row.number.clone(),
        state: Badge::new(row.state.tone(), row.state.label()),
        next: next(row.state).into(),
        words: row.officer_words.clone().unwrap_or_default(),
        facts: facts(row),
        files: files.iter().map(|f| own_file(f, key)).collect(),
        open: row.state.is_open().then(|| OpenForms {
            key: key.into(),
            change: format!("/registration/change?key={key}"),
            upload,
            submit: Confirm {
                action: "/registration/submit".into(),
                label: "提交申请".into(),
                consequence: format!(
                    "将提交单位资料和 {} 份证明材料。提交后不能再修改，除非经办人员要求补正。",
                    files.len()
                ),
                hidden: vec![("key".into(), key.into())],
                open: errors.iter().any(|error| error.pointer != "/files"),
                fields: vec![statement],
                danger: false,
            },
        }),
        errors: summary,
    }
}

/// Errors of fields that do not stand on this page, such as a credit code that was taken meanwhile.
fn other_errors(errors: &[FieldError], shown: &[ViewError]) -> Vec<ViewError> {
    errors
        .iter()
        .filter(|e| !shown.iter().any(|s| s.message == e.detail))
        .map(|e| ViewError { field: "main".into(), message: e.detail.clone() })
        .collect()
}

fn own_file(file: &Attachment, key: &str) -> FileRow {
    FileRow { href: format!("/registration/files/{}?key={key}", file.id), ..FileRow::of(file) }
}

/// The officers' list.
pub fn list(frame: Frame, place: &ListAddress, rows: &[Registration], next: Option<&str>) -> ListPage {
    let states = std::iter::once((String::new(), "全部".to_owned())).chain(
        RegistrationState::ALL
            .iter()
            .filter(|s| **s != RegistrationState::Draft)
            .map(|s| (s.to_string(), s.label().to_owned())),
    );
    let filters = [
        Field::new(Kind::Select, "state", "状态").choices(states),
        Field::new(Kind::Text, "q", "名称、编号或信用代码"),
    ];
    ListPage {
        frame,
        filters: filters.map(|field| place.field(field)).into_iter().chain(place.kept()).collect(),
        table: Table {
            caption: "登记申请".into(),
            empty_text: match place.is_filtered() {
                true => "没有符合条件的申请，请放宽筛选条件。".into(),
                false => "还没有单位提交登记申请。".into(),
            },
            empty_link: place.is_filtered().then(|| Link::new("查看全部", "/registrations")),
            paging: place.paging(rows.len(), next, None),
            ..columns().table("registrations", rows, place, "")
        },
    }
}

fn columns() -> Columns<'static, Registration> {
    Columns::new([
        Column::name("单位名称", |r: &Registration| Cell::from(&r.name).below(&r.number)),
        Column::text("kinds", "单位类别", Registration::kind_labels).under(Registration::kind_labels),
        Column::text("place", "所在地", place).under(place),
        Column::text("when", "提交时间", |r: &Registration| {
            r.submitted_at.map_or(Cell::default(), Cell::from)
        })
        .class("nowrap")
        .wide_only(),
        Column::text("state", "状态", |r: &Registration| Badge::new(r.state.tone(), r.state.label())),
        Column::acts(|r: &Registration| {
            Cell::link(format!("/registrations/{}", r.id), "查看", format!("{}的申请", r.name)).opening()
        }),
    ])
}

/// What can be done with an application in its state; `reviewed` says that the reader was
/// the first of two, `failed` is opened again with what was wrong.
pub fn acts(
    row: &Registration,
    reviewed: bool,
    typed: &Form,
    failed: Option<(RegistrationAct, &[FieldError])>,
) -> Vec<Confirm> {
    let acts: &[RegistrationAct] = match row.state {
        RegistrationState::Submitted => {
            &[RegistrationAct::Approve, RegistrationAct::AskMore, RegistrationAct::Refuse]
        }
        RegistrationState::Reviewed if reviewed => &[RegistrationAct::AskMore, RegistrationAct::Refuse],
        RegistrationState::Reviewed => &[
            RegistrationAct::Confirm,
            RegistrationAct::SendBack,
            RegistrationAct::AskMore,
            RegistrationAct::Refuse,
        ],
        RegistrationState::Admitted => &[RegistrationAct::SendAgain],
        _ => &[],
    };
    let errors = |act: RegistrationAct| failed.filter(|(f, _)| *f == act).map(|(_, e)| e);
    acts.iter().map(|act| confirm(row, *act, typed, errors(*act))).collect()
}

/// The name of the field for an act's words.
pub fn words_field(act: RegistrationAct) -> String {
    format!("{act}-words")
}

fn confirm(row: &Registration, act: RegistrationAct, typed: &Form, errors: Option<&[FieldError]>) -> Confirm {
    let (label, consequence, asks) = match act {
        RegistrationAct::Approve => ("初审通过", "将转由另一位经办人员复核。", ""),
        RegistrationAct::Confirm => {
            ("复核通过", "单位将准入平台，开通管理员账号的链接发往申请人邮箱，7 日内有效。", "")
        }
        RegistrationAct::AskMore => ("要求补正", "申请退回申请人补充，意见会发到申请人邮箱。", "补正意见"),
        RegistrationAct::SendBack => ("退回初审", "申请退回重新初审。", "退回原因"),
        RegistrationAct::Refuse => {
            ("不予通过", "申请结束，原因会发到申请人邮箱；申请人可以重新申请。", "不予通过的原因")
        }
        RegistrationAct::SendAgain => ("重新发送开通邮件", "原来的链接立即失效，新链接 7 日内有效。", ""),
    };
    let error = errors.and_then(<[FieldError]>::first).map(|e| e.detail.clone()).unwrap_or_default();
    let name = words_field(act);
    let field = Field::of(Kind::Long, &decide::WORDS).called(&name, asks).help("5 至 500 字");
    let fields = if asks.is_empty() { vec![] } else { vec![field.value(typed.value(&name)).error(error)] };
    Confirm {
        action: format!("/registrations/{}/decide", row.id),
        label: label.into(),
        consequence: consequence.into(),
        fields,
        hidden: vec![("act".into(), act.to_string()), ("version".into(), row.version.to_string())],
        danger: act == RegistrationAct::Refuse,
        open: errors.is_some(),
    }
}

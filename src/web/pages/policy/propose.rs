//! A new version: the form, the preview of what would change, and the second officer's decision.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use super::views::{self, ProposalPage, ProposePage};
use crate::platform::clock;
use crate::platform::db::Db;
use crate::platform::error::{Error, FieldError, Refusal, Result};
use crate::platform::http::page::{self, Page};
use crate::platform::http::view::{Badge, Confirm, Field, Kind, Pair, focus_first};
use crate::platform::http::{Form, Upload, act};
use crate::platform::policy::proposal::{self, NewVersion, Proposal, ProposalState};
use crate::platform::policy::{self, Policies};
use crate::platform::sql::Id;
use crate::platform::who::Principal;
use crate::platform::who::guard::{Authority, Guard, ProvinceOfficer};
use crate::platform::who::person;
use crate::rules::policy::{self as law, Policy};

/// `GET /policy/propose`.
///
/// # Errors
/// 403.
pub async fn open(_who: ProvinceOfficer, policies: Data<Policies>, page: Page) -> Result<HttpResponse> {
    let latest = policies.versions().last().map(|(_, policy)| policy.name.clone()).unwrap_or_default();
    let start = format!(
        "extends = \"{latest}\"\n\n# 只写要修改的参数，例如（去掉行首的 # 后生效）：\n# [award.selection]\n# max_ratio = {{ value = 1.8, \
         clause = \"NAT10-3\", source = \"文件名称和文号\", basis = \"document\", effective_from = 2026-12-01 }}\n"
    );
    let form = Form::from_fields(vec![("text".into(), start)]);
    page::html(&form_view(page, &form, &[], None))
}

/// `POST /policy/propose`: `act=check` shows what would change, anything else hands the version in.
///
/// # Errors
/// 403, 409; what is wrong is shown with the form.
pub async fn submit(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let given = given(&upload);
    let form = given.as_ref().unwrap_or(&upload.form);
    act::answer(
        &request,
        async { take(&who, &db, &policies, given.as_ref().map_err(|no| (**no).clone())?).await },
        async |taken| match taken {
            Taken::Proposed(row) => {
                let words = format!("{} 已提交，等待另一位经办人确认。", row.version_name());
                act::done(&format!("/policy/proposals/{}", row.id), words)
            }
            Taken::Checked(old, new) => {
                let page = Page { frame: page::frame(&request).await? };
                page::html(&form_view(page, form, &[], Some((&old, &new))))
            }
        },
        async |page, no| Ok(form_view(page, form, &no.errors, None)),
    )
    .await
}

/// What became of the form.
enum Taken {
    Proposed(Box<Proposal>),
    /// The version before and the one that was checked.
    Checked(std::sync::Arc<Policy>, Box<Policy>),
}

/// The form's fields, the text being that of the file where one was chosen.
fn given(upload: &Upload) -> std::result::Result<Form, Box<Refusal>> {
    let Some(file) = upload.files("file").next() else { return Ok(upload.form.clone()) };
    let text = std::str::from_utf8(&file.bytes).map_err(|_| {
        Box::new(Refusal::field(
            "/file",
            format!("{} 不是 UTF-8 编码的文本文件，请另存后再上传。", file.name),
        ))
    })?;
    let kept = upload.form.fields().iter().filter(|(name, _)| name != "text").cloned();
    Ok(Form::from_fields(kept.chain([("text".to_owned(), text.to_owned())]).collect()))
}

async fn take(who: &Principal, db: &Db, policies: &Policies, form: &Form) -> Result<Taken> {
    let fields = form.reader();
    let day = fields.date("effective_from", "生效日期");
    fields.finish()?;
    let Some(effective_from) = day else {
        return Err(Error::internal("a day that is neither read nor wrong"));
    };
    // Browsers send line ends as CRLF.
    let text = form.value("text").replace("\r\n", "\n");
    if form.value("act") == "check" {
        let new = proposal::read(policies, effective_from, &text)?;
        let old = policies
            .before(effective_from)
            .ok_or_else(|| Refusal::field("/effective_from", "这一天之前没有任何版本，请另选生效日期。"))?;
        return Ok(Taken::Checked(old, Box::new(new)));
    }
    let new = NewVersion {
        effective_from,
        text,
        note: form.value("note").to_owned(),
        confirm_far: form.confirms_far(),
    };
    proposal::propose(db, policies, who, new, None).await.map(|row| Taken::Proposed(Box::new(row)))
}

fn form_view(
    page: Page,
    form: &Form,
    wrong: &[FieldError],
    checked: Option<(&Policy, &Policy)>,
) -> ProposePage {
    // Of several faults in the file each stands in the summary; the field shows them together.
    let mut errors: Vec<FieldError> = Vec::new();
    for fault in wrong {
        match errors.iter_mut().find(|known| known.pointer == fault.pointer) {
            Some(known) => known.detail = format!("{}；{}", known.detail, fault.detail),
            None => errors.push(fault.clone()),
        }
    }
    let mut fields = vec![
        form.refill(
            Field::new(Kind::Date, "effective_from", "生效日期").help("最早为明天；自这一天零时起执行"),
            &errors,
        ),
        form.refill(Field::of(Kind::Long, &proposal::NOTE), &errors),
        form.refill(
            Field::new(Kind::Long, "text", "参数文件内容")
                .help("第一行写明从哪个版本开始，下面只写要修改的参数；每项写明数值、条款、出处、依据和日期"),
            &errors,
        ),
        form.refill(
            Field::new(Kind::File, "file", "或上传参数文件（.toml）")
                .help("选择文件后，以文件内容为准")
                .optional(),
            &errors,
        ),
    ];
    fields.extend(form.far_question(&errors));
    ProposePage {
        frame: page.frame,
        errors: focus_first(fields.iter_mut()),
        fields,
        compared: checked.map(|(old, _)| old.name.clone()).unwrap_or_default(),
        changes: checked.map(|(old, new)| views::changes(&law::changes(old, new))).unwrap_or_default(),
    }
}

/// `GET /policy/proposals/{id}`.
///
/// # Errors
/// 404.
pub async fn show(
    who: Authority,
    db: Data<Db>,
    policies: Data<Policies>,
    id: Path<Id>,
    page: Page,
) -> Result<HttpResponse> {
    let id = *id;
    page::html(&proposal_view(&who, page, &policies, &Known::read(&db, &who, id).await?, None))
}

/// `POST /policy/proposals/{id}/confirm`.
///
/// # Errors
/// 403 for who brought it; 404; 409 for a stale version or a decided one; 422 where its day is past.
pub async fn confirm(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    id: Path<Id>,
    form: Form,
) -> Result<HttpResponse> {
    let row = proposal::confirm(&db, &policies, &who, *id, form.version()?).await?;
    let text = format!("{} 已确认，自 {} 起执行。", row.version_name(), row.effective_from);
    act::done(super::PATH, text)
}

/// `POST /policy/proposals/{id}/reject`.
///
/// # Errors
/// As [`confirm`]; a missing reason is shown with the form.
pub async fn reject(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    id: Path<Id>,
    form: Form,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let id = *id;
    act::answer(
        &request,
        proposal::reject(&db, &who, id, form.version()?, form.value("reason")),
        async |row| act::done(super::PATH, format!("{} 已退回。", row.version_name())),
        async |page, no| {
            let known = Known::read(&db, &who, id).await?;
            Ok(proposal_view(&who, page, &policies, &known, Some((&form, &no.errors))))
        },
    )
    .await
}

/// `POST /policy/proposals/{id}/withdraw`.
///
/// # Errors
/// 404; 409 for a stale version or one that is not confirmed; a missing reason is shown with the form.
pub async fn withdraw(
    who: ProvinceOfficer,
    db: Data<Db>,
    policies: Data<Policies>,
    (id, form): (Path<Id>, Form),
    request: HttpRequest,
) -> Result<HttpResponse> {
    let id = *id;
    act::answer(
        &request,
        policy::withdraw::withdraw(&db, &policies, &who, id, form.version()?, form.value("reason")),
        async |row| act::done(super::PATH, format!("{} 已撤回，不再执行。", row.version_name())),
        async |page, no| {
            let known = Known::read(&db, &who, id).await?;
            Ok(proposal_view(&who, page, &policies, &known, Some((&form, &no.errors))))
        },
    )
    .await
}

/// A version, and whether its day is to come.
struct Known {
    row: Proposal,
    to_come: bool,
    /// By this account or another of the same mailbox.
    own: bool,
}

impl Known {
    async fn read(db: &Db, who: &Principal, id: Id) -> Result<Self> {
        let (user, at) = (who.user, who.received_at);
        db.read(move |c| {
            let (row, today) = (proposal::find(c, id)?, clock::legal_day(c, at)?);
            let own = person::is_same(c, row.proposed_by, user)?;
            Ok(Self { to_come: row.effective_from > today, own, row })
        })
        .await
    }
}

fn proposal_view(
    who: &Principal,
    page: Page,
    policies: &Policies,
    known: &Known,
    wrong: Option<(&Form, &[FieldError])>,
) -> ProposalPage {
    let row = &known.row;
    let new = proposal::read(policies, row.effective_from, &row.text).ok();
    let before = policies.before(row.effective_from);
    let pair = before.as_deref().zip(new.as_ref());
    let waits = row.state == ProposalState::Proposed;
    let may = waits && ProvinceOfficer::is(who);
    let hint = match (may, known.own) {
        (true, true) => "由您（或同一邮箱的账号）提交，须由另一位经办人确认；您也可以退回（撤回）它。",
        (true, false) => "确认后到生效日自动执行；生效以前可以撤回，需要再改时另提交新的版本。",
        _ => "",
    };
    let withdraws = row.state == ProposalState::Confirmed && known.to_come && ProvinceOfficer::is(who);
    let acts = [
        (may && !known.own).then(|| confirm_act(row)),
        may.then(|| reject_act(row, wrong)),
        withdraws.then(|| withdraw_act(row, wrong)),
    ];
    ProposalPage {
        frame: page.frame,
        title: row.version_name(),
        state: Badge::new(row.state.tone(), row.state.label()),
        facts: facts(row),
        hint: hint.to_owned(),
        compared: before.as_ref().map(|old| old.name.clone()).unwrap_or_default(),
        changes: pair.map(|(old, new)| views::changes(&law::changes(old, new))).unwrap_or_default(),
        text: row.text.clone(),
        acts: acts.into_iter().flatten().collect(),
    }
}

fn facts(row: &Proposal) -> Vec<Pair> {
    let mut facts = vec![
        Pair::new("生效日期", row.effective_from.to_string()),
        Pair::new("原因和依据", &row.note),
        Pair::new("提交", format!("{} {}", row.proposed_by_name, row.proposed_at.minute())),
        Pair::new("摘要（SHA-256）", &row.digest),
    ];
    if let (Some(by), Some(at)) = (&row.decided_by_name, row.decided_at) {
        facts.push(Pair::new(decided(row), format!("{by} {}", at.minute())));
    }
    facts.extend(row.reason.as_ref().map(|reason| Pair::new(format!("{}原因", decided(row)), reason)));
    facts
}

/// What was done with it at last.
fn decided(row: &Proposal) -> &'static str {
    match row.state {
        ProposalState::Proposed | ProposalState::Confirmed => "确认",
        ProposalState::Rejected => "退回",
        ProposalState::Withdrawn => "撤回",
    }
}

fn withdraw_act(row: &Proposal, wrong: Option<(&Form, &[FieldError])>) -> Confirm {
    let mut reason = Field::of(Kind::Long, &policy::withdraw::REASON);
    if let Some((form, errors)) = wrong {
        reason = form.refill(reason, errors);
    }
    Confirm {
        action: format!("/policy/proposals/{}/withdraw", row.id),
        label: "撤回".into(),
        consequence: format!("{} 不再执行，此前的版本继续有效；各经办人会收到通知。", row.version_name()),
        fields: vec![reason],
        hidden: vec![("version".into(), row.version.to_string())],
        danger: true,
        open: wrong.is_some(),
    }
}

fn confirm_act(row: &Proposal) -> Confirm {
    Confirm {
        action: format!("/policy/proposals/{}/confirm", row.id),
        label: "确认执行".into(),
        consequence: format!(
            "{} 将自 {} 零时起执行，此前作出的决定不受影响；生效以前可以撤回，生效以后不能撤销。",
            row.version_name(),
            row.effective_from
        ),
        hidden: vec![("version".into(), row.version.to_string())],
        ..Confirm::default()
    }
}

fn reject_act(row: &Proposal, wrong: Option<(&Form, &[FieldError])>) -> Confirm {
    let mut reason = Field::of(Kind::Long, &proposal::REASON);
    if let Some((form, errors)) = wrong {
        reason = form.refill(reason, errors);
    }
    Confirm {
        action: format!("/policy/proposals/{}/reject", row.id),
        label: "退回".into(),
        consequence: format!("{} 将不会执行；需要时可重新提交。", row.version_name()),
        fields: vec![reason],
        hidden: vec![("version".into(), row.version.to_string())],
        danger: true,
        open: wrong.is_some(),
    }
}

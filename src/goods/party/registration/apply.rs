//! What the applicant does: begins, hands in evidence, submits, answers.

use chrono::Duration;
use diesel::prelude::*;
use serde::Deserialize;
use utoipa::ToSchema;

use super::links::APPLICATION;
use super::model::{Registration, RegistrationState};
use super::{SUBJECT, door, letters, store};
use crate::accounts::door::Auth;
use crate::accounts::link;
use crate::party::{address, organisation};
use crate::platform::attachment::{self, Attachment};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::http::Upload;
use crate::platform::http::caller::Caller;
use crate::platform::input::{Checks, Field, half_width};
use crate::platform::schema::registration;
use crate::platform::sql::{Id, Time};
use crate::platform::versioned::in_state;
use crate::platform::who::{Kinds, OrgKind, Principal};
use crate::rules::order as numbers;
use crate::save;

/// Applications that one mail address may begin within a day.
const A_DAY: i64 = 5;
/// Files of one application at most.
const MOST_FILES: usize = 20;

/// Who applies: a stranger, or somebody who is logged in and applies for another organisation.
#[derive(Debug, Clone)]
pub struct Applicant {
    /// The person, where one is logged in.
    pub principal: Option<Principal>,
    /// Request id, as in the log.
    pub request_id: Option<String>,
    /// When the last byte of the request was read.
    pub at: Time,
}

impl Applicant {
    fn actor(&self, name: &str) -> Actor {
        match &self.principal {
            Some(who) => who.actor(),
            None => Actor {
                user: None,
                organisation: None,
                name: format!("{name}（申请人）"),
                request_id: self.request_id.clone(),
                received_at: self.at,
            },
        }
    }
}

/// What is typed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationInput {
    /// Full name, as on the licence.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// What the organisation is.
    pub kind: OrgKind,
    /// What else it is.
    #[serde(default)]
    pub other_kinds: Vec<OrgKind>,
    /// City without 市.
    pub city: String,
    /// County or district.
    #[serde(default)]
    pub district: String,
    /// Registered address.
    pub address: String,
    /// Who answers for the application.
    pub contact_name: String,
    /// How that person is reached.
    pub phone: String,
    /// Where mails go.
    pub email: String,
}

/// The county.
pub const DISTRICT: Field = Field::new("district", "所在县（区）", 0..=20);
/// The registered address.
pub const ADDRESS: Field = Field::new("address", "注册地址", 5..=200);
/// Who answers for the application.
pub const CONTACT_NAME: Field = Field::new("contact_name", "联系人", 1..=50);
/// Where mails go.
pub const EMAIL: Field = Field::new("email", "电子邮箱", 1..=200);
/// What the applicant says beside the papers.
pub const STATEMENT: Field = Field::new("statement", "说明", 0..=500);

pub(super) fn checked(input: &ApplicationInput) -> Result<ApplicationInput> {
    let mut checks = Checks::default();
    let name = checks.line(&organisation::NAME, &input.name);
    if name.contains(['<', '>']) {
        checks.wrong("/name", "单位名称不能含有 < 或 >，请按营业执照或事业单位法人证书填写");
    }
    let clean = ApplicationInput {
        name,
        credit_code: organisation::check_credit_code(&mut checks, &input.credit_code),
        kind: input.kind,
        other_kinds: other_kinds(&mut checks, input),
        city: checks.line(&organisation::CITY, input.city.trim().trim_end_matches('市')),
        district: checks.line(&DISTRICT, &input.district),
        address: checks.line(&ADDRESS, &input.address),
        contact_name: checks.line(&CONTACT_NAME, &input.contact_name),
        phone: address::check_phone(&mut checks, &input.phone),
        email: half_width(&input.email).trim().to_lowercase(),
    };
    if clean.email.is_empty() {
        checks.wrong("/email", "请填写电子邮箱，准入通知会发到这里");
    } else if clean.email.len() > EMAIL.most || clean.email.parse::<lettre::Address>().is_err() {
        checks.wrong("/email", "电子邮箱的写法不对，例如 zhang@example.cn；准入通知会发到这里");
    }
    checks.finish()?;
    Ok(clean)
}

/// The kinds beside the first, once each. Anyone who supervises takes no part in what is supervised.
fn other_kinds(checks: &mut Checks, input: &ApplicationInput) -> Vec<OrgKind> {
    let mut others: Vec<OrgKind> = Vec::new();
    for kind in &input.other_kinds {
        if *kind != input.kind && !others.contains(kind) {
            others.push(*kind);
        }
    }
    let supervises = |k: &OrgKind| k.is_authority() || k.is_other_authority() || *k == OrgKind::Observer;
    let all = || std::iter::once(&input.kind).chain(&others);
    if all().any(supervises) && !all().all(supervises) {
        let detail = "管理、监督单位不能同时登记为企业、医疗机构或药店，请只保留一类";
        checks.wrong("/other_kinds", detail);
    }
    others
}

/// Begins an application; the mail with its link is stored in the same write. Returns it with the link's secret.
///
/// # Errors
/// 422 with every wrong member; 429 for a mail address that began too many.
pub async fn begin(db: &Db, who: &Applicant, input: &ApplicationInput) -> Result<(Registration, String)> {
    let input = checked(input)?;
    let serial: [u8; 6] = rand::random();
    db.write(&who.actor(&input.contact_name), move |tx| {
        limit(tx, &input.email)?;
        check_code(tx, &input.credit_code)?;
        let row = fresh(tx, &input, serial)?;
        diesel::insert_into(registration::table).values(&row).execute(tx.conn)?;
        tx.record("registration.begin", None, Some(&row), None)?;
        let (key, _) = link::issue(tx, APPLICATION, row.id, &row.email)?;
        let words = "请打开链接上传证明材料并提交申请；以后也从这个链接查看进度。";
        letters::applicant(tx, &row, &letters::own_page(&key), words)?;
        Ok((row, key))
    })
    .await
}

/// As [`begin`], from outside.
///
/// # Errors
/// As [`begin`]; 429 where too many were begun.
pub async fn begin_outside(
    auth: &Auth,
    who: &Applicant,
    caller: &Caller,
    input: &ApplicationInput,
) -> Result<(Registration, String)> {
    // A slip costs nothing.
    let input = checked(input)?;
    door::knock(auth, caller)?;
    begin(&auth.db, who, &input).await
}

/// As [`add_files`], from outside.
///
/// # Errors
/// As [`add_files`]; 429 where too much was sent.
pub async fn add_files_outside(
    auth: &Auth,
    who: &Applicant,
    caller: &Caller,
    key: &str,
    upload: &Upload,
) -> Result<Registration> {
    door::bring(auth, caller)?;
    add_files(&auth.db, who, key, upload).await
}

/// In the write itself: of many at once no more are begun.
fn limit(tx: &mut Tx, email: &str) -> Result<()> {
    let since = tx.now().plus(Duration::days(-1));
    let begun: i64 = registration::table
        .filter(registration::email.eq(email))
        .filter(registration::created_at.gt(since))
        .count()
        .get_result(tx.conn)?;
    if begun < A_DAY {
        return Ok(());
    }
    let detail = "该邮箱今天已提出多份申请，请先办完，或明天再申请。";
    Err(Refusal::new(429, "TOO_MANY_APPLICATIONS", detail).with("retry_after", 86_400).into())
}

/// Another application stands in nobody's way: anybody could make one up. The officers see both.
fn check_code(tx: &mut Tx, code: &str) -> Result<()> {
    match store::code_is_taken(tx.conn, code)? {
        Some(detail) => Err(Refusal::field("/credit_code", detail).into()),
        None => Ok(()),
    }
}

fn fresh(tx: &mut Tx, input: &ApplicationInput, serial: [u8; 6]) -> Result<Registration> {
    let day = tx.legal_now()?.day();
    Ok(Registration {
        id: Id::new(),
        number: format!("ZC{}", numbers::number(day, serial)),
        state: RegistrationState::Draft,
        name: input.name.clone(),
        credit_code: input.credit_code.clone(),
        kind: input.kind,
        other_kinds: Kinds(input.other_kinds.clone()),
        city: input.city.clone(),
        district: input.district.clone(),
        address: input.address.clone(),
        contact_name: input.contact_name.clone(),
        phone: input.phone.clone(),
        email: input.email.clone(),
        statement: String::new(),
        submitted_by: tx.actor.user,
        submitted_at: None,
        reviewer_id: None,
        reviewed_at: None,
        second_id: None,
        decided_at: None,
        officer_words: None,
        organisation_id: None,
        created_at: tx.now(),
        version: 1,
    })
}

/// The applicant's own application with its evidence.
///
/// # Errors
/// 404 `LINK_UNKNOWN`, 409 `LINK_EXPIRED`.
pub async fn mine(db: &Db, key: &str, now: Time) -> Result<(Registration, Vec<Attachment>)> {
    let key = key.to_owned();
    db.read(move |c| {
        let row = store::by_key(c, &key, now)?;
        let files = attachment::of_subject(c, SUBJECT, row.id)?;
        Ok((row, files))
    })
    .await
}

/// A file of the applicant's own application.
///
/// # Errors
/// As [`mine`]; 404 for another application's file.
pub async fn own_file(db: &Db, key: &str, now: Time, id: Id) -> Result<Attachment> {
    let (_, files) = mine(db, key, now).await?;
    files.into_iter().find(|f| f.id == id).ok_or_else(|| Refusal::not_found("文件").into())
}

/// Changes what was typed, while the application is open.
///
/// # Errors
/// As [`begin`]; 409 once it is submitted.
pub async fn change(db: &Db, who: &Applicant, key: &str, input: &ApplicationInput) -> Result<Registration> {
    let (input, key) = (checked(input)?, key.to_owned());
    db.write(&who.actor(&input.contact_name), move |tx| {
        let before = open(tx, &key)?;
        check_code(tx, &input.credit_code)?;
        let mut after = Registration {
            name: input.name.clone(),
            credit_code: input.credit_code.clone(),
            kind: input.kind,
            other_kinds: Kinds(input.other_kinds.clone()),
            city: input.city.clone(),
            district: input.district.clone(),
            address: input.address.clone(),
            contact_name: input.contact_name.clone(),
            phone: input.phone.clone(),
            email: input.email.clone(),
            ..before.clone()
        };
        save!(tx, registration, &before, &mut after, "registration.change", None)?;
        Ok(after)
    })
    .await
}

fn open(tx: &mut Tx, key: &str) -> Result<Registration> {
    let now = tx.now();
    let row = store::by_key(tx.conn, key, now)?;
    in_state(row.state.is_open(), || {
        format!("申请现为“{}”，不能再修改。如需补充，请联系省级采购机构退回补正。", row.state.label())
    })?;
    Ok(row)
}

/// Adds evidence, while the application is open.
///
/// # Errors
/// 422 naming `/files`; 409 once it is submitted.
pub async fn add_files(db: &Db, who: &Applicant, key: &str, upload: &Upload) -> Result<Registration> {
    let (row, files) = mine(db, key, who.at).await?;
    let coming = upload.files("files").count();
    upload.file("files")?;
    if files.len() + coming > MOST_FILES {
        let detail = format!("一份申请最多 {MOST_FILES} 份证明材料，请合并后上传");
        return Err(Refusal::field("/files", detail).into());
    }
    in_state(row.state.is_open(), || format!("申请现为“{}”，不能再补充材料。", row.state.label()))?;
    let bytes = upload.files("files").map(|file| file.bytes.len()).sum::<usize>();
    let bytes = i64::try_from(bytes).map_err(Error::internal)?;
    let asked = row.clone();
    db.read(move |c| door::room(c, &asked, bytes)).await?;
    let kept = upload.keep(db, who.at, "files").await?;
    let key = key.to_owned();
    db.write(&who.actor(&row.contact_name), move |tx| {
        let row = open(tx, &key)?;
        door::room(tx.conn, &row, bytes)?;
        attachment::attach(tx, &kept, None, SUBJECT, row.id)?;
        Ok(row)
    })
    .await
}

/// Hands the application to the officers, for the first time or with what was asked for.
///
/// # Errors
/// 422 without evidence; 409 where it is with them already.
pub async fn submit(db: &Db, who: &Applicant, key: &str, statement: &str) -> Result<Registration> {
    let mut checks = Checks::default();
    let statement = checks.paragraph(&STATEMENT, statement);
    checks.finish()?;
    let (row, _) = mine(db, key, who.at).await?;
    let key = key.to_owned();
    db.write(&who.actor(&row.contact_name), move |tx| {
        let before = open(tx, &key)?;
        check_code(tx, &before.credit_code)?;
        if attachment::of_subject(tx.conn, SUBJECT, before.id)?.is_empty() {
            let detail = "请先上传营业执照或事业单位法人证书等证明材料，再提交申请";
            return Err(Refusal::field("/files", detail).into());
        }
        let mut after = before.clone();
        after.submit(tx.actor.user, tx.legal_now()?, statement.clone());
        save!(tx, registration, &before, &mut after, "registration.submit", None)?;
        letters::applicant(tx, &after, &letters::own_page(&key), "经办人员审核后会发邮件告知结果。")?;
        letters::officers(tx, &after, "等待初审")?;
        Ok(after)
    })
    .await
}

//! Registers an organisation.

use diesel::prelude::*;

use super::model::{OrgState, Organisation};
use crate::platform::db::{Actor, Db, Tx};
use crate::platform::error::Result;
use crate::platform::input::{Checks, Field};
use crate::platform::schema::organisation;
use crate::platform::sql::Id;
use crate::platform::who::{Kinds, OrgKind};
use crate::rules::codes::{self, CodeFault, CodeKind};
use crate::rules::explain::Steps;

/// What an organisation is called.
pub const NAME: Field = Field::new("name", "单位名称", 2..=100);
/// Its city.
pub const CITY: Field = Field::new("city", "所在市", 1..=20);

/// What is registered.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// What it is.
    pub kind: OrgKind,
    /// Full name, as on the licence.
    pub name: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// City without 市.
    pub city: String,
    /// What else it is.
    pub other_kinds: Kinds,
    /// County or district; empty for the city itself.
    pub district: String,
}

/// Registers an organisation with a checked credit code that nobody else has.
///
/// # Errors
/// 422 `INVALID` with the members that are wrong.
pub async fn register(db: &Db, actor: &Actor, new: NewOrganisation) -> Result<Organisation> {
    db.write(actor, move |tx| insert_organisation(tx, &new)).await
}

/// As [`register`], inside a running write.
pub fn insert_organisation(tx: &mut Tx, new: &NewOrganisation) -> Result<Organisation> {
    let row = checked(new, tx)?;
    diesel::insert_into(organisation::table).values(&row).execute(tx.conn)?;
    tx.record("organisation.register", None, Some(&row), None)?;
    Ok(row)
}

fn checked(new: &NewOrganisation, tx: &mut Tx) -> Result<Organisation> {
    let mut checks = Checks::default();
    let name = checks.line(&NAME, &new.name);
    let city = checks.line(&CITY, &new.city);
    let before = checks.count();
    let credit_code = check_credit_code(&mut checks, &new.credit_code);
    if checks.count() == before {
        let taken: i64 = organisation::table
            .filter(organisation::credit_code.eq(&credit_code))
            .count()
            .get_result(tx.conn)?;
        if taken > 0 {
            checks.wrong("/credit_code", format!("统一社会信用代码 {credit_code} 已登记，不能重复登记"));
        }
    }
    checks.finish()?;
    let (id, created_at) = (Id::new(), tx.now());
    Ok(Organisation {
        id,
        kind: new.kind,
        name,
        credit_code,
        city,
        state: OrgState::Active,
        created_at,
        version: 1,
        other_kinds: new.other_kinds.clone(),
        district: new.district.clone(),
        state_reason: None,
    })
}

/// A unified social credit code with the right check character (GB 32100-2015); what was pasted is cleaned.
pub fn check_credit_code(checks: &mut Checks, given: &str) -> String {
    let code = codes::clean_uscc(given);
    if let Err(fault) = codes::check(CodeKind::Uscc, &code, None, &mut Steps::off()) {
        checks.wrong("/credit_code", fault_of_credit_code(fault, &code));
    }
    code
}

fn fault_of_credit_code(fault: CodeFault, code: &str) -> String {
    match fault {
        CodeFault::Length if code.is_empty() => "请填写统一社会信用代码".to_owned(),
        CodeFault::Length => format!("统一社会信用代码应为 18 位，您填了 {} 位", code.chars().count()),
        CodeFault::CheckCharacter => "统一社会信用代码的校验位不符，请对照营业执照核对每一位".to_owned(),
        _ => "统一社会信用代码只能由数字和大写字母（不含 I、O、S、V、Z）组成，第 3 至 8 位为数字".to_owned(),
    }
}

//! An order entered in one go at the portal: checked as a whole before it is shown once more, then kept as a draft and
//! submitted.

use serde_json::Value;

use super::draft::{self, Preview};
use super::form::OrderForm;
use super::show::OrderView;
use super::submit;
use crate::platform::db::Db;
use crate::platform::error::{Error, Result};
use crate::platform::idempotency::{Answer, Key};
use crate::platform::policy::Policies;
use crate::platform::sql::Id;
use crate::platform::who::Principal;

/// What a form comes to, if everything in it is right, the reasons for red lines included (INJ-4.3).
///
/// # Errors
/// 422 with every member that is wrong.
pub async fn check(db: &Db, who: &Principal, form: &OrderForm) -> Result<Preview> {
    let looked = draft::preview(db, who, form.read()?).await?;
    submit::check_acknowledged(&looked.lines, &form.shown())?;
    Ok(looked)
}

/// A submitted order.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Its key.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// Who answers it.
    pub supplier: String,
}

/// Keeps the form as a draft order and submits it. The same key has one effect and one answer. Where the draft was kept but
/// not submitted, the form knows it afterwards.
///
/// # Errors
/// As [`draft::create`] and [`submit::submit`].
pub async fn submit(
    db: &Db,
    who: &Principal,
    policies: &Policies,
    key: Key,
    form: &mut OrderForm,
) -> Result<Entered> {
    check(db, who, form).await?;
    let (input, shown) = (form.read()?, form.shown());
    let step = |name: &str| Key { key: format!("{}/{name}", key.key), ..key.clone() };
    let (id, version) = match form.changes() {
        None => {
            let made = draft::create(db, who, Some(step("draft")), input).await?;
            (made.body.order.id, 1)
        }
        Some((id, version)) => match draft::replace(db, who, id, version, input).await {
            Ok(view) => (id, view.order.version),
            // The same form may have come before: then the answer to it is kept.
            Err(Error::Refused(refusal)) if refusal.status == 409 => (id, version),
            Err(other) => return Err(other),
        },
    };
    form.order = id.to_string();
    form.version = version.to_string();
    let answer = submit::submit(db, who, policies, Some(step("submit")), id, version, shown).await;
    match answer {
        Ok(Answer { body: OrderView { order, supplier, .. }, .. }) => {
            Ok(Entered { id, number: order.number, supplier })
        }
        Err(Error::Refused(refusal)) => {
            if let Some(version) = refusal.extra.get("version").and_then(Value::as_i64) {
                form.version = version.to_string();
            }
            Err(Error::Refused(refusal))
        }
        Err(other) => Err(other),
    }
}

//! An order entered in one go at the portal: checked as a whole before it is shown once more, then kept as a draft and
//! submitted.

use serde_json::Value;

use super::draft::{self, Preview};
use super::form::OrderForm;
use super::model::OrderState;
use super::show::{self, OrderView};
use super::{store, submit};
use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::idempotency::{Answer, Key};
use crate::platform::policy::Policies;
use crate::platform::sql::Id;
use crate::platform::who::Principal;

/// What a form comes to, if everything in it is right, the reasons for red lines included (INJ-4.3).
///
/// # Errors
/// 422 with every member that is wrong.
pub async fn check(db: &Db, who: &Principal, form: &OrderForm) -> Result<Preview> {
    let own = form.changes().map(|(order, _)| order);
    let looked = draft::preview_of(db, who, form.read()?, own).await?;
    submit::check_acknowledged(&looked.lines, &form.shown())?;
    Ok(looked)
}

/// Whether the draft order that the form changes is still as the form knows it.
///
/// # Errors
/// 409 where somebody changed, submitted or deleted it meanwhile.
pub async fn check_fresh(db: &Db, who: &Principal, form: &OrderForm) -> Result<()> {
    let Some((id, version)) = form.changes() else { return Ok(()) };
    let scope = show::buyer(who)?;
    let found = db.read(move |conn| store::to_change(conn, &scope, id, version, OrderState::Draft));
    found.await.map(drop).map_err(gone)
}

/// A draft that is gone is told with the form, so that nothing typed is lost.
fn gone(error: Error) -> Error {
    match error {
        Error::Refused(no) if no.status == 404 => {
            Refusal::wrong_state("这张草稿已被删除，您填的内容没有提交。").into()
        }
        other => other,
    }
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
            Err(other) => return Err(gone(other)),
        },
    };
    form.order = id.to_string();
    form.version = version.to_string();
    let answer = submit::submit(db, who, policies, Some(step("submit")), id, version, shown).await;
    match answer {
        Ok(Answer { body: OrderView { order, supplier, .. }, .. }) => {
            Ok(Entered { id, number: order.number, supplier })
        }
        // Only the new prices are on the page; another's change has to be seen first.
        Err(Error::Refused(refusal)) if refusal.code == "PRICE_CHANGED" => {
            if let Some(version) = refusal.extra.get("version").and_then(Value::as_i64) {
                form.version = version.to_string();
            }
            Err(Error::Refused(refusal))
        }
        Err(other) => Err(other),
    }
}

//! What strangers may ask of the platform before anybody looked at them: so many applications from one network and in all, so
//! much evidence that nobody was handed, for so long.

use chrono::Duration;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::SUBJECT;
use super::model::{Registration, RegistrationState};
use crate::accounts::door::Auth;
use crate::accounts::limit;
use crate::platform::attachment;
use crate::platform::db::{Db, Tx};
use crate::platform::error::{Refusal, Result};
use crate::platform::files;
use crate::platform::http::caller::Caller;
use crate::platform::schema::{attachment as attachments, registration};
use crate::platform::sql::{AnyConn, Time};

/// Bytes of evidence that one application may hold before it is submitted.
const MOST_OF_ONE: i64 = 60 * 1024 * 1024;
/// As many of all that were never submitted.
const MOST_OF_ALL: i64 = 2 * 1024 * 1024 * 1024;
/// Days after which an application that was begun and never submitted is forgotten.
const DRAFT_DAYS: i64 = 30;
/// Applications that are forgotten in one write.
const AT_ONCE: i64 = 20;

/// Counts an application from outside.
///
/// # Errors
/// 429 for a network that began too many, and where all together did.
pub(super) fn knock(auth: &Auth, caller: &Caller) -> Result<()> {
    let (limits, now) = (&auth.limits, auth.clock.steady());
    let room = limits.applications.try_take(caller.network(), now);
    room.and_then(|()| limits.all_applications.try_take((), now)).map_err(|s| too_many(s).into())
}

/// Counts an upload of evidence from outside.
///
/// # Errors
/// 429 for a network that sent too much.
pub(super) fn bring(auth: &Auth, caller: &Caller) -> Result<()> {
    let room = auth.limits.evidence.try_take(caller.network(), auth.clock.steady());
    room.map_err(|seconds| too_many(seconds).into())
}

fn too_many(seconds: i64) -> Refusal {
    let detail =
        format!("登记申请过于集中，请在 {}后再试；如急需办理，请联系省级采购机构。", limit::wait(seconds));
    Refusal::new(429, "TOO_MANY_APPLICATIONS", detail).with("retry_after", seconds)
}

/// Is there room for so many bytes more of what nobody was handed?
///
/// # Errors
/// 422 naming `/files`.
pub(super) fn room(conn: &mut AnyConn, row: &Registration, coming: i64) -> Result<()> {
    if row.submitted_at.is_some() {
        return Ok(());
    }
    let bytes = || sql::<BigInt>("CAST(COALESCE(SUM(size), 0) AS BIGINT)");
    let of_strangers = || attachments::table.filter(attachments::subject_type.eq(SUBJECT)).select(bytes());
    let own: i64 = of_strangers().filter(attachments::subject_id.eq(row.id)).get_result(conn)?;
    if own + coming > MOST_OF_ONE {
        let most = MOST_OF_ONE / 1024 / 1024;
        let detail = format!("提交前的证明材料合计最多 {most} MB，请压缩后上传");
        return Err(Refusal::field("/files", detail).into());
    }
    let drafts = registration::table.filter(registration::submitted_at.is_null()).select(registration::id);
    let all: i64 = of_strangers().filter(attachments::subject_id.eq_any(drafts)).get_result(conn)?;
    if all + coming > MOST_OF_ALL {
        let detail = "平台暂存的未提交材料已满，请稍后再上传，或联系省级采购机构";
        return Err(Refusal::field("/files", detail).into());
    }
    Ok(())
}

/// Forgets what was begun long ago and never submitted, with its evidence; for the hourly task. Returns how many.
///
/// # Errors
/// Of the database.
pub async fn sweep(db: &Db, actor: &crate::platform::db::Actor, now: Time) -> Result<usize> {
    let before = now.plus(Duration::days(-DRAFT_DAYS));
    let mut forgotten = 0;
    loop {
        let old = db.read(move |conn| old(conn, before)).await?;
        if old.is_empty() {
            files::sweep(db, now).await?;
            return Ok(forgotten);
        }
        forgotten += db
            .write(actor, move |tx| {
                let old = self::old(tx.conn, before)?;
                old.iter().try_for_each(|row| forget(tx, row))?;
                Ok(old.len())
            })
            .await?;
    }
}

fn old(conn: &mut AnyConn, before: Time) -> Result<Vec<Registration>> {
    Ok(registration::table
        .filter(registration::state.eq(RegistrationState::Draft))
        .filter(registration::submitted_at.is_null())
        .filter(registration::created_at.lt(before))
        .order((registration::created_at, registration::id))
        .limit(AT_ONCE)
        .select(Registration::as_select())
        .load(conn)?)
}

fn forget(tx: &mut Tx, row: &Registration) -> Result<()> {
    for file in attachment::of_subject(tx.conn, SUBJECT, row.id)? {
        diesel::delete(attachments::table.find(file.id)).execute(tx.conn)?;
        tx.record("attachment.forget", Some(&file), None, None)?;
    }
    diesel::delete(registration::table.find(row.id)).execute(tx.conn)?;
    tx.record("registration.forget", Some(row), None, Some("久未提交"))
}

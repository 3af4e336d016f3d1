//! Imports at the counter: the jobs that check and load them, and the acts of officers.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::platform::db::Db;
use crate::platform::error::{Error, Refusal, Result};
use crate::platform::files;
use crate::platform::import::{self, LIMIT, Loader, Run, RunState, Spec, check, load};
use crate::platform::jobs::{self, JobContext, NewJob, Registry};
use crate::platform::office::Means;
use crate::platform::sql::Id;
use crate::platform::who::Principal;

/// Takes a file in and lets it be checked. The same file as the last import of its kind is not read again: that import is
/// answered.
///
/// # Errors
/// 422 where the file is empty or too large.
pub async fn hand_in(
    db: &Db,
    who: &Principal,
    spec: &'static Spec,
    name: &str,
    bytes: Vec<u8>,
) -> Result<Run> {
    if bytes.is_empty() {
        return Err(Refusal::field("/file", "文件是空的，请重新选择。").into());
    }
    if bytes.len() > LIMIT {
        return Err(Refusal::field("/file", "文件超过 20 MB，请拆分后分次上传。").into());
    }
    let file = files::keep(db, who.received_at, bytes, "application/octet-stream").await?;
    let (name, who, now) = (name.to_owned(), who.clone(), who.received_at);
    // Looked for in the same write, so that of two twins at once the second finds the first.
    db.write(&who.actor(), move |tx| {
        if let Some(same) = import::of_file(tx.conn, spec.kind, &file.sha256)?
            && (same.state != RunState::Done || !import::touched_since(tx.conn, &same)?)
        {
            return Ok(same);
        }
        let payload = json!({ "sha256": file.sha256 });
        let job = NewJob { created_by: Some(who.user), ..NewJob::new("import.check", payload) };
        let id = jobs::enqueue(tx.conn, &job, now)?;
        let mut run = Run::begin(id, spec.kind, &name, file.sha256.clone(), now);
        (run.created_by, run.created_name) = (Some(who.user), who.name.clone());
        check::insert_run(tx.conn, &run)?;
        tx.note("import.hand_in", "import_run", id, &json!({ "file": name, "sha256": file.sha256 }))?;
        Ok(run)
    })
    .await
}

/// Confirms a checked run and lets it be loaded.
///
/// # Errors
/// 404, 409.
pub async fn confirm(db: &Db, who: &Principal, id: Id) -> Result<Run> {
    let (user, now) = (who.user, who.received_at);
    db.write(&who.actor(), move |tx| {
        let run = load::confirm(tx, id)?;
        let job = NewJob { created_by: Some(user), ..NewJob::new("import.load", json!({ "run": id })) };
        jobs::enqueue(tx.conn, &job, now)?;
        Ok(run)
    })
    .await
}

/// Gives a checked run up.
///
/// # Errors
/// 404, 409.
pub async fn give_up(db: &Db, who: &Principal, id: Id) -> Result<Run> {
    db.write(&who.actor(), move |tx| load::drop_run(tx, id)).await
}

/// Registers the jobs and the sweeping.
pub fn register(registry: &mut Registry, means: &Means) {
    let loader = means.offices.loader(&means.policies);
    let checking = loader.clone();
    registry.job("import.check", move |cx| {
        let loader = checking.clone();
        async move { check_job(cx, loader).await }
    });
    let loading = loader.clone();
    registry.job("import.load", move |cx| {
        let loader = loading.clone();
        async move { load_job(cx, loader).await }
    });
    registry.every("sweep.imports", std::time::Duration::from_secs(600), move |cx| {
        let loader = loader.clone();
        async move { import::sweep(&cx.db, &loader, cx.now()).await.map(drop) }
    });
}

async fn check_job(cx: JobContext, loader: Loader) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let sha256 = payload.get("sha256").and_then(Value::as_str).unwrap_or_default();
    let (_, bytes) = files::content(&cx.db, sha256).await?;
    let run = check::check(&cx.db, &cx.clock, &loader, cx.job.id, Arc::from(bytes)).await?;
    Ok(json!({ "rows": run.total, "bad": run.bad }))
}

async fn load_job(cx: JobContext, loader: Loader) -> Result<Value> {
    let payload: Value = cx.job.payload()?;
    let id = payload.get("run").and_then(Value::as_str).and_then(|id| id.parse().ok());
    let id: Id = id.ok_or_else(|| Error::internal("a load job without its run"))?;
    let run = load::load(&cx.db, &cx.clock, &loader, &cx.actor(), id, &mut |_| {}).await?;
    Ok(json!({ "added": run.added, "changed": run.changed, "refused": run.refused }))
}

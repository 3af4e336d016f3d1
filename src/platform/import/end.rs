//! How a run ends that nobody completes: what it put in unseen is taken away.

use chrono::Duration;
use diesel::prelude::*;

use super::run::{Run, RunState, find};
use super::{Loader, letters};
use crate::db::{Actor, Db};
use crate::error::Result;
use crate::schema::import_run;
use crate::sql::{Id, Time};
use crate::staging;

/// Minutes without a sign of life after which nobody takes a run up any more.
const GIVEN_UP_MINUTES: i64 = 30;

/// Ends a run that failed, tells the person who confirmed it, and takes away what it put in unseen.
pub(super) async fn fail(db: &Db, loader: &Loader, id: Id, words: String, now: Time) -> Result<()> {
    let specs = loader.specs.clone();
    db.write(&Actor::system("导入", now), move |tx| {
        let before = find(tx.conn, id)?;
        let kind = specs.iter().find(|spec| spec.kind == before.kind).map_or("", |spec| spec.title);
        let error = Some(words.clone());
        let after = Run { state: RunState::Failed, error, finished_at: Some(now), ..before };
        diesel::update(import_run::table.find(id)).set(&after).execute(tx.conn)?;
        tx.note(
            "import.fail",
            "import_run",
            id,
            &serde_json::json!({ "file": after.file_name, "why": words }),
        )?;
        letters::ended(tx, &after, kind)
    })
    .await?;
    discard(db, loader, id).await
}

async fn discard(db: &Db, loader: &Loader, id: Id) -> Result<()> {
    let run = db.read(move |conn| find(conn, id)).await?;
    if let Some(spec) = loader.spec(&run.kind) {
        while db.write_unaudited("import.discard", move |conn| (spec.discard)(conn, id)).await? > 0 {}
    }
    staging::clear(db, id).await
}

/// Ends runs that nobody will take up again, and takes away what they put in unseen; answers how many.
pub async fn sweep(db: &Db, loader: &Loader, now: Time) -> Result<usize> {
    let old = now.plus(-Duration::minutes(GIVEN_UP_MINUTES));
    let dead: Vec<Id> = db
        .read(move |conn| {
            Ok(import_run::table
                .filter(import_run::state.eq_any([RunState::Checking, RunState::Loading]))
                .filter(import_run::touched_at.lt(old))
                .select(import_run::id)
                .load(conn)?)
        })
        .await?;
    for id in &dead {
        fail(db, loader, *id, "导入中断，未产生任何数据，请重新上传。".into(), now).await?;
    }
    Ok(dead.len())
}

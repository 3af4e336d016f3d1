//! Taking the rows of a run that somebody confirmed.

use std::collections::BTreeMap;
use std::time::Duration;

use diesel::prelude::*;

use super::check::{save_progress, write_again};
use super::end::fail;
use super::run::{self, Run, RunState, loading};
use super::{Bundle, Cells, Loader, Spec, Staged, Verdict, bundles, letters};
use crate::audit::made::{self, Made, Making};
use crate::clock::Clock;
use crate::db::{Actor, Db, Tx};
use crate::error::{Error, Refusal, Result};
use crate::policy::Policies;
use crate::schema::import_run;
use crate::sql::{Id, Time};
use crate::staging;
use crate::versioned::in_state;

/// Rows of one insert, and of one write that changes known rows: none may hold the writer long.
const INSERTED: i64 = 500;
const CHANGED: i64 = 100;
/// Rows of one read when what was put in is digested.
const DIGESTED: i64 = 2000;
/// Chunks of the last step between two notes of how far it is.
const SHOWN: usize = 10;
/// Bundles of one write at most.
const BUNDLES: usize = 10;

/// Marks a run as confirmed by the actor; part of a write.
///
/// # Errors
/// 404; 409 where it is not to be confirmed, another import is under way, or its rows were put aside.
pub fn confirm(tx: &mut Tx, id: Id) -> Result<Run> {
    let before = run::find(tx.conn, id)?;
    in_state(before.state == RunState::Ready, || format!("该导入{}，不能确认。", before.state.label()))?;
    in_state(before.good() != 0, || "没有可以导入的行，请更正后重新上传。")?;
    let now = tx.now();
    let busy = loading(tx.conn, id)?.iter().any(|other| other.is_alive(now));
    in_state(!busy, || "另一项导入正在进行，请等它完成后再确认。")?;
    let touched = run::touched_since(tx.conn, &before)?;
    in_state(!touched, || "检查之后又有其他导入生效，本次检查结果可能不准。请重新上传检查后再确认。")?;
    let complete = staging::count(tx.conn, id)? == before.total;
    in_state(complete, || "检查结果已超过保留时间，请重新上传。")?;
    let after = Run {
        state: RunState::Loading,
        done: 0,
        confirmed_by: tx.actor.user,
        confirmed_name: Some(tx.actor.name.clone()),
        touched_at: now,
        ..before
    };
    diesel::update(import_run::table.find(id)).set(&after).execute(tx.conn)?;
    tx.note(
        "import.confirm",
        "import_run",
        id,
        &serde_json::json!({
            "kind": after.kind, "file": after.file_name, "sha256": after.sha256, "rows": after.good(),
        }),
    )?;
    Ok(after)
}

/// Gives up a run that waits to be confirmed.
///
/// # Errors
/// 404; 409 where it does not wait.
pub fn drop_run(tx: &mut Tx, id: Id) -> Result<Run> {
    let before = run::find(tx.conn, id)?;
    in_state(before.state == RunState::Ready, || format!("该导入{}，不能放弃。", before.state.label()))?;
    let after = Run { state: RunState::Dropped, finished_at: Some(tx.now()), ..before };
    diesel::update(import_run::table.find(id)).set(&after).execute(tx.conn)?;
    tx.note("import.drop", "import_run", id, &serde_json::json!({ "file": after.file_name }))?;
    Ok(after)
}

/// Carries a confirmed run out, from wherever an earlier attempt stopped. `seen` learns of every step.
///
/// # Errors
/// A refusal where the run has failed; anything else may be tried again.
pub async fn load(
    db: &Db,
    clock: &Clock,
    loader: &Loader,
    actor: &Actor,
    id: Id,
    seen: &mut (dyn FnMut(&Run) + Send + Sync),
) -> Result<Run> {
    let run = db.read(move |conn| run::find(conn, id)).await?;
    let spec = loader.spec(&run.kind).ok_or_else(|| Error::internal("an unknown kind of sheet"))?;
    let actor = Actor {
        name: run.confirmed_name.clone().unwrap_or_default(),
        user: run.confirmed_by,
        ..actor.clone()
    };
    let (policies, gap) = (&loader.policies, loader.gap);
    let mut loading = Loading { db, clock, spec, policies, gap, actor, run, seen };
    match loading.go(loader).await {
        Ok(()) => Ok(loading.run),
        Err(Error::Refused(refusal)) if loading.run.state == RunState::Loading => {
            fail(db, loader, id, refusal.detail.clone(), clock.now()).await?;
            Err(Error::Refused(refusal))
        }
        Err(other) => Err(other),
    }
}

struct Loading<'a> {
    db: &'a Db,
    clock: &'a Clock,
    spec: &'static Spec,
    policies: &'a Policies,
    gap: Duration,
    actor: Actor,
    run: Run,
    seen: &'a mut (dyn FnMut(&Run) + Send + Sync),
}

impl Loading<'_> {
    async fn go(&mut self, loader: &Loader) -> Result<()> {
        if self.run.state == RunState::Loading {
            self.take_over(loader).await?;
            self.insert().await?;
            self.publish().await?;
        }
        if self.run.state == RunState::Applying {
            match self.spec.bundle {
                None => self.apply().await?,
                Some((of, _)) => self.apply_bundles(of).await?,
            }
            self.follow().await?;
            self.end().await?;
        }
        Ok(())
    }

    async fn give_way(&self) {
        if !self.gap.is_zero() {
            tokio::time::sleep(self.gap).await;
        }
    }

    fn now(&self) -> Time {
        self.clock.now()
    }

    async fn step(&mut self, done: i64) -> Result<()> {
        self.run.done = done;
        save_progress(self.db, &mut self.run, self.clock.now()).await?;
        (self.seen)(&self.run);
        Ok(())
    }

    /// Everything is carried out; who confirmed it is told.
    async fn end(&mut self) -> Result<()> {
        let now = self.now();
        (self.run.state, self.run.finished_at) = (RunState::Done, Some(now));
        (self.run.done, self.run.touched_at) = (self.run.total, now);
        let (run, kind) = (self.run.clone(), self.spec.title);
        let actor = Actor { received_at: now, ..self.actor.clone() };
        self.db
            .write(&actor, move |tx| {
                diesel::update(import_run::table.find(run.id)).set(&run).execute(tx.conn)?;
                let figures =
                    serde_json::json!({ "added": run.added, "changed": run.changed, "refused": run.refused });
                tx.note("import.done", "import_run", run.id, &figures)?;
                letters::ended(tx, &run, kind)
            })
            .await?;
        (self.seen)(&self.run);
        Ok(())
    }

    /// Imports that died before their publication hold codes that this one may need: they end here.
    async fn take_over(&mut self, loader: &Loader) -> Result<()> {
        let (id, now) = (self.run.id, self.now());
        for other in self.db.read(move |conn| loading(conn, id)).await? {
            if other.is_alive(now) {
                return Err(Refusal::wrong_state("另一项导入正在进行，请稍后重新上传。").into());
            }
            if other.state == RunState::Loading {
                fail(self.db, loader, other.id, "导入中断，未产生任何数据，请重新上传。".into(), now).await?;
            }
        }
        Ok(())
    }

    async fn chunk(&self, limit: i64) -> Result<Vec<(i64, Staged)>> {
        let (id, after) = (self.run.id, self.run.done);
        bundles::parsed(self.db.read(move |conn| staging::rows(conn, id, after, limit)).await?)
    }

    /// New rows, in order; how far it is stands in the same write, so that none is put in twice.
    async fn insert(&mut self) -> Result<()> {
        let Some(insert) = self.spec.insert else { return Ok(()) };
        loop {
            let rows = self.chunk(INSERTED).await?;
            let Some((last, _)) = rows.last() else { return self.complete() };
            let mut run = Run { done: *last, touched_at: self.now(), ..self.run.clone() };
            let before = self.run.done;
            let new: Vec<Cells> = rows
                .into_iter()
                .filter(|(_, row)| row.is_good() && row.verdict == Verdict::Add)
                .map(|(_, row)| row.cells)
                .collect();
            let row = run.clone();
            let written = self.db.write_unaudited("import.insert", move |conn| {
                let same = import_run::table.find(row.id).filter(import_run::done.eq(before));
                if diesel::update(same).set(&row).execute(conn)? == 0 {
                    return Err(Refusal::wrong_state("该导入已由另一处继续。").into());
                }
                insert(conn, &row, &new)
            });
            match written.await {
                Err(e) if e.is_constraint() => {
                    tracing::warn!(cause = %e, run = %run.id, "an import met a row that came meanwhile");
                    let detail = "检查之后数据有变化（编码已被占用），未产生任何数据，请重新上传检查。";
                    return Err(Refusal::wrong_state(detail).into());
                }
                other => other?,
            }
            std::mem::swap(&mut self.run, &mut run);
            (self.seen)(&self.run);
            // Reading the next rows lets others have their turn.
        }
    }

    /// No row is missing.
    fn complete(&self) -> Result<()> {
        if self.run.done == self.run.total {
            return Ok(());
        }
        Err(Refusal::wrong_state("检查结果已超过保留时间，未产生任何数据，请重新上传。").into())
    }

    /// Count and digest of what was put in, table by table, read a page at a time: nobody sees or changes these rows yet.
    async fn made(&self) -> Result<BTreeMap<&'static str, Made>> {
        let (mut all, id) = (BTreeMap::new(), self.run.id);
        for source in self.spec.makes {
            let (mut making, mut after) = (Making::default(), None);
            loop {
                let rows = self.db.read(move |conn| (source.load)(conn, id, after, DIGESTED)).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id);
                rows.iter().filter_map(|row| row.text.as_deref()).for_each(|text| making.add(text));
            }
            all.insert(source.object_type, making.end());
        }
        Ok(all)
    }

    async fn publish(&mut self) -> Result<()> {
        let (run, publish) = (self.run.clone(), self.spec.publish);
        let made = serde_json::to_value(self.made().await?).map_err(Error::internal)?;
        let has_made = !self.spec.makes.is_empty();
        let actor = Actor { received_at: self.now(), ..self.actor.clone() };
        self.db
            .write(&actor, move |tx| {
                publish(tx, &run, run.added)?;
                if has_made {
                    tx.note(made::ACTION, made::OBJECT, run.id, &made)?;
                }
                diesel::update(import_run::table.find(run.id))
                    .set((import_run::state.eq(RunState::Applying), import_run::done.eq(0)))
                    .execute(tx.conn)?;
                Ok(())
            })
            .await?;
        self.run.state = RunState::Applying;
        self.step(0).await
    }

    /// Rows that change something known.
    async fn apply(&mut self) -> Result<()> {
        if self.run.changed == 0 {
            return Ok(());
        }
        loop {
            let rows = self.chunk(INSERTED).await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            let last = *last;
            let due: Vec<(i64, Staged)> =
                rows.into_iter().filter(|(_, r)| r.is_good() && r.verdict == Verdict::Change).collect();
            for part in due.chunks(usize::try_from(CHANGED).unwrap_or(100)) {
                let units: Vec<Vec<(i64, Staged)>> = part.iter().map(|row| vec![row.clone()]).collect();
                self.apply_part(&units).await?;
            }
            self.step(last).await?;
        }
    }

    /// All units in one write, or each in its own where one is refused. A unit is a bundle, or a row.
    async fn apply_part(&mut self, units: &[Vec<(i64, Staged)>]) -> Result<()> {
        match self.write(units).await {
            Err(Error::Refused(_)) => {}
            other => return other,
        }
        for unit in units {
            match self.write(std::slice::from_ref(unit)).await {
                Err(Error::Refused(refusal)) => self.refuse(unit, &refusal).await?,
                other => other?,
            }
        }
        Ok(())
    }

    async fn write(&self, units: &[Vec<(i64, Staged)>]) -> Result<()> {
        let cells = |unit: &Vec<(i64, Staged)>| unit.iter().map(|(_, row)| row.cells.clone()).collect();
        let mut calls: Vec<Vec<Cells>> = units.iter().map(cells).collect();
        if self.spec.bundle.is_none() {
            calls = vec![calls.concat()];
        }
        let (run, policies, apply) = (self.run.clone(), self.policies.clone(), self.spec.apply);
        let actor = Actor { received_at: self.now(), ..self.actor.clone() };
        self.db
            .write(&actor, move |tx| calls.iter().try_for_each(|rows| apply(tx, &policies, &run, rows)))
            .await?;
        self.give_way().await;
        Ok(())
    }

    /// A good row that the office refused in the end: it stands on the result page with the reason.
    async fn refuse(&mut self, part: &[(i64, Staged)], refusal: &Refusal) -> Result<()> {
        self.run.refused += i64::try_from(part.len()).unwrap_or(0);
        let (id, column, words) = (self.run.id, self.spec.key_column, refusal.detail.clone());
        let mut rows = Vec::new();
        for (n, row) in part {
            let row = Staged { faults: vec![(column, words.clone())], ..row.clone() };
            rows.push((*n, serde_json::to_string(&row).map_err(Error::internal)?));
        }
        write_again(self.db, id, "import.refused", rows).await
    }

    /// Rows that belong together, wherever they stand in the file.
    async fn apply_bundles(&mut self, of: Bundle) -> Result<()> {
        if self.run.changed == 0 {
            return Ok(());
        }
        let all = bundles::grouped(self.db, self.run.id, of).await?;
        let mut done = self.run.same + self.run.bad;
        for part in all.chunks(BUNDLES) {
            let mut units = Vec::new();
            for numbers in part {
                units.push(bundles::numbered(self.db, self.run.id, numbers.clone()).await?);
            }
            self.apply_part(&units).await?;
            done += i64::try_from(units.iter().map(Vec::len).sum::<usize>()).unwrap_or(0);
            self.step(done).await?;
        }
        Ok(())
    }

    async fn follow(&mut self) -> Result<()> {
        let Some(follow) = self.spec.follow else { return Ok(()) };
        let mut after = None;
        for chunk in 1.. {
            let run = self.run.clone();
            after = self.db.write_unaudited("import.follow", move |conn| follow(conn, &run, after)).await?;
            // Where rows were changed, they were counted, and the count says where to go on.
            let done = if self.run.changed == 0 { self.run.done + INSERTED } else { self.run.done };
            self.run.done = done.min(self.run.total);
            // How far it is has a write of its own, and a later attempt does not need it.
            if chunk % SHOWN == 0 || after.is_none() {
                self.step(self.run.done).await?;
            }
            if after.is_none() {
                break;
            }
            self.give_way().await;
        }
        Ok(())
    }
}

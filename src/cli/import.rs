//! `jicai import KIND FILE`: the same loader as the portal's, for files of any size. Without `--confirm` it says what it found.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use super::common::{ConfigArgs, end, open, runtime, say, words};
use super::instance;
use crate::offices;
use crate::platform::clock::Clock;
use crate::platform::db::{Actor, Db};
use crate::platform::error::Result as Outcome;
use crate::platform::import::{self, Loader, Run, RunState, Spec, check, load, sheets};
use crate::platform::jobs::{self, NewJob};
use crate::platform::sql::Id;

/// Bytes of a file at most.
const LIMIT: u64 = 512 * 1024 * 1024;
/// Between two writes, so that a server on the same SQLite file gets its turn.
const GAP: Duration = Duration::from_millis(3);
/// Faults that are shown; the marked sheet has all.
const SHOWN: usize = 20;

/// The arguments of `jicai import`.
#[derive(clap::Args)]
pub struct Args {
    /// What the sheet holds: drugs, details, consumables, monitored_prices or old_listings
    kind: String,
    /// The sheet: xlsx or CSV (UTF-8, GBK)
    file: PathBuf,
    /// Take the good rows; without it nothing changes
    #[arg(long)]
    confirm: bool,
    /// Where to write the rows with every bad cell marked
    #[arg(long, value_name = "FILE.xlsx")]
    marked: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    end("import", args.run())
}

impl Args {
    fn run(&self) -> Result<(), String> {
        let kinds = || offices::ALL.sheets().map(|s| s.kind).collect::<Vec<_>>().join("、");
        let spec = offices::ALL
            .sheet(&self.kind)
            .map_err(|_| format!("没有名为 {} 的导入种类，可选：{}", self.kind, kinds()))?;
        let bytes = read(&self.file)?;
        let config = self.config.load()?;
        let db = open(&config)?;
        let policies = instance::policies(&config.rules.profile)?;
        let loader = Loader { gap: GAP, ..offices::ALL.loader(&policies) };
        let command = Command { db, clock: Clock::default(), loader, spec, bytes };
        runtime()?.block_on(async {
            policies.refresh(&command.db).await.map_err(words)?;
            command.run(self).await.map_err(words)
        })
    }
}

fn read(path: &Path) -> Result<Arc<[u8]>, String> {
    let cannot = |e: std::io::Error| format!("无法读取 {}（{e}）", path.display());
    let size = std::fs::metadata(path).map_err(cannot)?.len();
    if size > LIMIT {
        return Err(format!("{} 超过 512 MB，请拆分后分次导入", path.display()));
    }
    std::fs::read(path).map(Arc::from).map_err(cannot)
}

struct Command {
    db: Db,
    clock: Clock,
    loader: Loader,
    spec: &'static Spec,
    bytes: Arc<[u8]>,
}

impl Command {
    async fn run(&self, args: &Args) -> Outcome<()> {
        let sha256 = check::sha256(&self.bytes);
        let run = match self.earlier(&sha256).await? {
            Some(run) if run.state == RunState::Done => {
                say("该文件已导入，数据没有变化，无需再次导入。");
                return Ok(());
            }
            Some(run) => run,
            None => self.checked(&sha256, &args.file).await?,
        };
        self.report(&run).await?;
        if let Some(path) = &args.marked {
            let bytes = sheets::annotated(&self.db, self.spec, &run, false).await?;
            std::fs::write(path, bytes).map_err(crate::platform::error::Error::internal)?;
            say(&format!("标注后的表格已写入 {}。", path.display()));
        }
        if !args.confirm {
            say("以上只是检查结果，没有改动数据；确认导入请加 --confirm。");
            return Ok(());
        }
        self.load(run).await
    }

    /// A run of the same file that only has to go on, or is done with nothing else since.
    async fn earlier(&self, sha256: &str) -> Outcome<Option<Run>> {
        let (kind, sha256) = (self.spec.kind, sha256.to_owned());
        let found = self.db.read(move |conn| import::of_file(conn, kind, &sha256)).await?;
        let Some(run) = found else { return Ok(None) };
        let same = run.clone();
        let stale = self.db.read(move |conn| import::touched_since(conn, &same)).await?;
        let whole = {
            let id = run.id;
            let staged = self.db.read(move |conn| crate::platform::staging::count(conn, id)).await?;
            staged == run.total
        };
        let useful = match run.state {
            RunState::Done => !stale,
            RunState::Ready => !stale && whole,
            // Somebody else reads the file just now, or died over it.
            RunState::Checking => false,
            _ => whole,
        };
        Ok(Some(run).filter(|_| useful))
    }

    async fn checked(&self, sha256: &str, file: &Path) -> Outcome<Run> {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (kind, sha256, now) = (self.spec.kind, sha256.to_owned(), self.clock.now());
        let id = self
            .db
            .write_unaudited("import.begin", move |conn| {
                let id =
                    jobs::enqueue_done(conn, &NewJob::new("import.command", json!({ "kind": kind })), now)?;
                let mut run = Run::begin(id, kind, &name, sha256.clone(), now);
                run.created_name = "命令行".into();
                check::insert_run(conn, &run)?;
                Ok(id)
            })
            .await?;
        let started = Instant::now();
        let run = check::check(&self.db, &self.clock, &self.loader, id, self.bytes.clone()).await?;
        tracing::info!(rows = run.total, seconds = started.elapsed().as_secs(), "an import was checked");
        Ok(run)
    }

    async fn report(&self, run: &Run) -> Outcome<()> {
        let Run { total, added, changed, same, bad, .. } = run;
        say(&format!("共 {total} 行：新增 {added}，更新 {changed}，无变化 {same}，有误 {bad}。"));
        run.source()?.notes().iter().for_each(|note| say(note));
        let (spec, row) = (self.spec, run.clone());
        let asked = self.db.read(move |conn| sheets::questions(conn, spec, &row, SHOWN)).await?;
        for question in asked {
            say(&format!("  请核对第 {} 行“{}”：{}", question.row, question.column, question.detail));
        }
        let row = run.clone();
        if *bad > 0 {
            for fault in self.db.read(move |conn| sheets::faults(conn, spec, &row, SHOWN)).await? {
                say(&format!("  第 {} 行“{}”：{}", fault.row, fault.column, fault.detail));
            }
        }
        Ok(())
    }

    async fn load(&self, run: Run) -> Outcome<()> {
        let actor = Actor::system("jicai import", self.clock.now());
        let id: Id = run.id;
        if run.state == RunState::Ready {
            self.db.write(&actor, move |tx| load::confirm(tx, id)).await?;
        } else {
            say("上次导入中断，接着完成。");
            self.wait_for(id).await?;
        }
        let mut shown = Instant::now();
        let mut seen = |run: &Run| {
            if shown.elapsed() >= Duration::from_secs(2) {
                shown = Instant::now();
                say(&format!("{}：{}/{} 行", run.state.label(), run.done, run.total));
            }
        };
        let done = load::load(&self.db, &self.clock, &self.loader, &actor, id, &mut seen).await?;
        say(&format!("导入完成：新增 {}，更新 {}，未能办理 {}。", done.added, done.changed, done.refused));
        Ok(())
    }

    /// Until anyone who had the run has given no sign of life for its lease.
    async fn wait_for(&self, id: Id) -> Outcome<()> {
        loop {
            let run = self.db.read(move |conn| import::find(conn, id)).await?;
            if !run.is_alive(self.clock.now()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

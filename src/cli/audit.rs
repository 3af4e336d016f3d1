//! `jicai audit`: what stands in the audit, recomputed by anyone who wants to.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use diesel::connection::SimpleConnection;

use super::common::{ConfigArgs, FAILED, connect, end, say, words};
use crate::offices;
use crate::platform::audit::head::Anchor;
use crate::platform::audit::{self, verify};
use crate::platform::sql::AnyConn;

/// The arguments of `jicai audit`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Recompute every entry, block and link of the chain; exit status 1 where something was altered, removed or added by hand
    Verify {
        /// Compare with kept heads: the lines of `jicai audit anchor`, of receipts or of the daily mail
        #[arg(long, value_name = "FILE")]
        anchor: Option<PathBuf>,
        /// Compare each audited row with the last entry about it
        #[arg(long)]
        rows: bool,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Write the head of the chain as one line, to be kept elsewhere (append it to an anchor file)
    Anchor {
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    match &args.act {
        Act::Anchor { config } => end("audit anchor", anchor(config)),
        Act::Verify { anchor, rows, config } => match verify(anchor.as_deref(), *rows, config) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(sentence) => {
                end("audit verify", Err(sentence));
                ExitCode::from(FAILED)
            }
        },
    }
}

fn anchor(config: &ConfigArgs) -> Result<(), String> {
    let mut conn = connect(&config.load()?)?;
    let head = audit::head(&mut conn).map_err(words)?;
    let head = head.ok_or("尚未封存任何区块：平台运行约一分钟后会封存第一块，请稍后再试")?;
    say(&head.anchor_line().map_err(words)?);
    Ok(())
}

fn verify(anchor: Option<&Path>, rows: bool, config: &ConfigArgs) -> Result<bool, String> {
    let config = config.load()?;
    let anchors = anchor.map_or_else(|| Ok(Vec::new()), anchors)?;
    let sources = if rows { offices::ALL.rows() } else { Vec::new() };
    let mut conn = connect(&config)?;
    // One state of the database, however long it takes; nobody is held up.
    let begin = match &conn {
        AnyConn::Pg(_) => "SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        AnyConn::Sqlite(_) => "PRAGMA query_only = ON; BEGIN",
    };
    conn.batch_execute(begin).map_err(|e| e.to_string())?;
    let tally = verify::run(&mut conn, &anchors, &sources, &mut |finding| say(&format!("发现：{finding}")))
        .map_err(words)?;
    let looked = format!(
        "已核验 {} 个区块、{} 条审计记录（其中 {} 条尚未封存）、{} 个锚点、{} 行业务数据",
        tally.blocks, tally.entries, tally.unsealed, tally.anchors, tally.rows
    );
    if tally.undigested > 0 {
        say(&format!(
            "提示：{} 批导入没有摘要（发布于本功能之前），其中未经修改的数据未能核对。",
            tally.undigested
        ));
    }
    if tally.findings == 0 {
        say(&format!("{looked}：全部一致。"));
        if anchors.is_empty() {
            say(
                "提示：没有与锚点比对，因此不能排除末尾区块被截去或恢复了较旧备份；请用 --anchor 指定另行保存的锚点文件。",
            );
        }
    } else {
        say(&format!("{looked}：发现 {} 处不一致，见上。", tally.findings));
    }
    Ok(tally.findings == 0)
}

fn anchors(path: &Path) -> Result<Vec<Anchor>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|e| format!("锚点文件 {} 无法读取：{e}", path.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(n, line): (usize, &str)| {
        serde_json::from_str(line)
            .map_err(|e| format!("锚点文件 {} 第 {} 行不是锚点：{e}", path.display(), n + 1))
    };
    let anchors: Vec<Anchor> = lines.map(read).collect::<Result<_, String>>()?;
    if anchors.is_empty() { Err(format!("锚点文件 {} 是空的", path.display())) } else { Ok(anchors) }
}

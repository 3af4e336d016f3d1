//! `jicai backup FILE`: a consistent copy of the embedded database while it runs.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::common::{ConfigArgs, connect, end, say};
use crate::platform::sql::{AnyConn, Target};

/// The arguments of `jicai backup`.
#[derive(clap::Args)]
pub struct Args {
    /// The copy; must not exist yet
    file: PathBuf,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    end("backup", backup(args))
}

fn backup(args: &Args) -> Result<(), String> {
    let config = args.config.load()?;
    let Target::Sqlite(source) = config.target()? else {
        return Err("当前使用 PostgreSQL，请用数据库自带的工具备份，例如：\
                    pg_dump --format=custom --file=jicai.dump 数据库名；恢复用 pg_restore"
            .into());
    };
    let file = &args.file;
    if file.exists() {
        return Err(format!("{} 已存在，不会覆盖；请换一个文件名", file.display()));
    }
    let mut conn = connect(&config)?;
    let part = part_of(file)?;
    let copied = copy(&mut conn, &part).and_then(|()| check(&part));
    let named = copied.and_then(|()| finish(&part, file));
    if let Err(sentence) = named {
        let _ = fs::remove_file(&part);
        return Err(sentence);
    }
    say(&format!("已备份到 {}，内容为备份开始那一刻的完整数据，已通过完整性检查。", file.display()));
    say(&format!("其中不含密钥文件 {}，请另行保存。", config.keys.file.display()));
    say(&format!(
        "恢复：先停止平台；将备份复制为 {0}，并删除 {0}-wal 与 {0}-shm（如有）；放回密钥文件；运行 jicai audit verify --anchor \
         核对锚点后再启动。",
        source.display()
    ));
    Ok(())
}

fn part_of(file: &Path) -> Result<PathBuf, String> {
    let name = file.file_name().and_then(|n| n.to_str()).ok_or("备份文件名须为 UTF-8 文字")?;
    Ok(file.with_file_name(format!(".{name}.part")))
}

/// `VACUUM INTO` reads one state and holds nobody up. The file is made first, so that only its owner may ever read it.
fn copy(conn: &mut AnyConn, part: &Path) -> Result<(), String> {
    let cannot = |e: &dyn std::fmt::Display| format!("无法写入 {}：{e}", part.display());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(part).map_err(|e| cannot(&e))?;
    let path = part.to_str().ok_or("备份文件路径须为 UTF-8 文字")?.replace('\'', "''");
    conn.batch_execute(&format!("VACUUM INTO '{path}'")).map_err(|e| cannot(&e))
}

#[derive(QueryableByName)]
struct Verdict {
    #[diesel(sql_type = diesel::sql_types::Text)]
    quick_check: String,
}

fn check(part: &Path) -> Result<(), String> {
    let path = part.to_str().ok_or("备份文件路径须为 UTF-8 文字")?;
    let mut copy = SqliteConnection::establish(path).map_err(|e| e.to_string())?;
    let verdict: Verdict =
        diesel::sql_query("PRAGMA quick_check").get_result(&mut copy).map_err(|e| e.to_string())?;
    if verdict.quick_check == "ok" {
        Ok(())
    } else {
        Err(format!("备份未通过完整性检查：{}", verdict.quick_check))
    }
}

/// On the disk first, then under its name.
fn finish(part: &Path, file: &Path) -> Result<(), String> {
    let cannot = |e: std::io::Error| format!("无法写入 {}：{e}", file.display());
    OpenOptions::new().write(true).open(part).and_then(|f| f.sync_all()).map_err(cannot)?;
    // A link, unlike a rename, does not replace a file that came in between.
    fs::hard_link(part, file).or_else(|_| fs::rename(part, file)).map_err(cannot)?;
    let _ = fs::remove_file(part);
    Ok(())
}

//! What the sub-commands share: configuration, words for what is wrong, output that survives a closed pipe.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::platform::config::Config;
use crate::platform::db::{Db, migrate};
use crate::platform::error::Error;
use crate::platform::sql::{AnyConn, Target};

/// `--config FILE`, for every command that works on an installation.
#[derive(clap::Args)]
pub struct ConfigArgs {
    /// Configuration file (default: the one that JICAI_CONFIG names, else only defaults and environment)
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
}

impl ConfigArgs {
    /// The configuration, or a Chinese sentence.
    pub fn load(&self) -> Result<Config, String> {
        Config::load(self.config.as_deref()).map_err(|problems| problems.to_string())
    }
}

/// Exit status of a command that could not do its work.
pub const FAILED: u8 = 2;

/// Ends a command: nothing to say, or the sentence on standard error.
pub fn end(name: &str, result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let _ = writeln!(io::stderr(), "jicai {name}：{sentence}");
            ExitCode::from(FAILED)
        }
    }
}

/// Writes a line to standard output. A reader that has gone is no error of ours.
pub fn say(line: &str) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// What an error says to the operator: the words of a refusal, or the cause.
pub fn words(error: Error) -> String {
    match error {
        Error::Refused(refusal) => refusal.detail,
        Error::Unreachable => "无法连接数据库，请检查数据库是否在运行".into(),
        Error::Busy => "平台繁忙，请稍后再试".into(),
        Error::Database(cause) => format!("数据库出错：{cause}"),
        Error::Internal(cause) => cause,
    }
}

/// Opens the database that the configuration names. The embedded one is brought up to this program; PostgreSQL is migrated by
/// `jicai migrate` only.
pub fn open(config: &Config) -> Result<Db, String> {
    let target = config.target()?;
    if let Target::Sqlite(path) = &target
        && path.is_file()
    {
        migrate::run(&target)?;
    }
    Db::open(&target, config.limits())
}

/// A connection for one command, to a database that fits this program.
pub fn connect(config: &Config) -> Result<AnyConn, String> {
    let target = config.target()?;
    migrate::check(&target)?;
    target.open()
}

/// A runtime for one command.
pub fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| format!("无法启动：{e}"))
}

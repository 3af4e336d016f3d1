//! `jicai migrate`: makes the database and the key file where they are missing, and brings the database up to this program.

use std::process::ExitCode;

use super::common::{ConfigArgs, end, say};
use crate::accounts::keys::Keys;
use crate::platform::db::migrate;

/// The arguments of `jicai migrate`.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
}

/// Runs it.
pub fn run(args: &Args) -> ExitCode {
    end("migrate", migrate(args))
}

fn migrate(args: &Args) -> Result<(), String> {
    let config = args.config.load()?;
    let ran = migrate::run(&config.target()?)?;
    match ran.as_slice() {
        [] => say("数据库已是最新版本，无需升级。"),
        versions => say(&format!("数据库已升级，新执行的版本：{}。", versions.join("、"))),
    }
    let file = &config.keys.file;
    let there = file.exists();
    Keys::load_or_create(file)?;
    if !there {
        say(&format!(
            "已生成密钥文件 {}，仅本用户可读。备份中不含该文件，请另行妥善保存；多台服务器须使用同一份。",
            file.display()
        ));
    }
    Ok(())
}

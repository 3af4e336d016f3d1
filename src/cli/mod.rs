//! The command line: one file a sub-command, one line here for each.

pub mod audit;
mod backup;
mod calendar;
mod common;
mod demo;
mod import;
pub mod instance;
mod migrate;
pub mod rule;
mod serve;
mod tasks;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "jicai",
    version,
    about = "省级医药集中采购平台 · a provincial centralized-procurement platform"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the demonstration: an invented province, ready to log in
    Demo(demo::Args),
    /// Serve the platform: API, portal, jobs
    Serve(serve::Args),
    /// Make the database and the key file, or bring the database up to this program
    Migrate(migrate::Args),
    /// Verify the audit, or keep its head
    Audit(audit::Args),
    /// Copy the running embedded database
    Backup(backup::Args),
    /// Add people
    User(user::Args),
    /// Import a sheet: check it, and take its good rows with --confirm
    Import(import::Args),
    /// Which days are worked, and a new notice on holidays
    Calendar(calendar::Args),
    /// Run a rule of the law on a file, without a server or a database
    Rule(rule::Args),
}

/// Parses the command line and runs the sub-command it names.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::User(args) => user::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Calendar(args) => calendar::run(&args),
        Command::Rule(args) => rule::run(&args),
    }
}

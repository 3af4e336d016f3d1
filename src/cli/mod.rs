//! The command line: one file a sub-command, one line here for each.

mod rule;

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
    /// Run a rule of the law on a file, without a server or a database
    Rule(rule::Args),
}

/// Parses the command line and runs the sub-command it names.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Rule(args) => rule::run(&args),
    }
}

//! The command line: one file a sub-command.

use std::process::ExitCode;

/// Parses the command line and runs the sub-command it names.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}

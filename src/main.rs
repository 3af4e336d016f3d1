use std::process::ExitCode;

fn main() -> ExitCode {
    jicai::cli::main()
}

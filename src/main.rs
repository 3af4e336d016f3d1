use std::process::ExitCode;

/// An order makes thousands of small allocations; this allocator takes a fifth less of the writer's time than glibc's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    jicai::cli::main()
}

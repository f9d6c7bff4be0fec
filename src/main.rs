//! Parse the command line, start the log, run the command.

use std::process::ExitCode;

use clap::Parser as _;
use partnership_registry::{cli, logging};

/// The allocator. It takes less time and memory than glibc's. On Linux with glibc it also serves what is written in C:
/// SQLite, libpq and the libraries that libpq loads (the crate's feature `override`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    cli.start_log();
    let ran = cli.run();
    logging::flush();
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::print_error(&error);
            ExitCode::FAILURE
        }
    }
}

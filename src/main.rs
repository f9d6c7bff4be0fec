//! Parse the command line, start the log, run the command.

use std::process::ExitCode;

use clap::Parser as _;
use partnership_registry::{cli, logging};

/// The allocator of the Rust code. It takes less time than glibc's, which goes on to serve SQLite and libpq.
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

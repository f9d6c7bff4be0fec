//! Parse the command line, start the log, run the command.

use std::process::ExitCode;

use clap::Parser as _;
use partnership_registry::{cli, logging};

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    logging::start(cli.log_level());
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}

//! Parse the command line, start the log, run the command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use partnership_registry::{cli, clock};

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    start_log(cli.log_level());
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// One line an event, on standard error; line ends within a message are escaped, so that no input can forge a line.
fn start_log(level: &str) {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(level))
        .format(|out, record| {
            let message = record.args().to_string().replace('\r', "\\r").replace('\n', "\\n");
            writeln!(out, "{} {:5} {}: {message}", clock::stamp(clock::now()), record.level(), record.target())
        })
        .init();
}

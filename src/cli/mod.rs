//! The command line: a file a command. Answers go to standard output, everything else to standard error; the exit code
//! is 0, 1 when the command failed, 2 when it was called wrongly.

mod backup;
mod changes;
mod database;
mod demo;
mod doctor;
mod export;
mod import;
mod key;
mod migrate;
mod openapi;
mod output;
mod progress;
mod restore;
mod serve;
mod user;
mod verify;

use clap::{Parser, Subcommand};

use crate::error::Result;
use crate::logging::{self, LogFormat};

/// The system of record for a space agency's international partnerships
#[derive(Debug, Parser)]
#[command(
    name = "partnership-registry",
    version,
    arg_required_else_help = true,
    after_help = "\
Try it:
  partnership-registry demo

Set one up:
  partnership-registry import data/
  partnership-registry user add ada --role admin --password-file -
  partnership-registry serve

Each option is also an environment variable, shown beside it in a command's --help. RUST_LOG sets how much is logged \
(error, warn, info, debug). Exit codes: 0 done, 1 failed, 2 called wrongly."
)]
pub struct Cli {
    /// The form of log lines
    #[arg(long, env = "REGISTRY_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t, global = true)]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Box<serve::Serve>),
    Demo(demo::Demo),
    Migrate(migrate::Migrate),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Key(key::Key),
    Import(import::Import),
    Export(export::Export),
    Changes(changes::Changes),
    Verify(verify::Verify),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Doctor(Box<doctor::Doctor>),
    Openapi(openapi::Openapi),
}

impl Cli {
    /// Starts the log. Where `RUST_LOG` does not say how much is logged, a service logs its work, and a command logs
    /// problems and what an auditor asks for (rules.md 35): sign-ins, imports, exports.
    pub fn start_log(&self) {
        let service = matches!(self.command, Command::Serve(_) | Command::Demo(_));
        let level = if service { "info" } else { "warn,auth=info,import=info,export=info,backup=info,restore=info" };
        logging::start(level, self.log_format, service);
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Why it failed.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(command) => command.run(),
            Command::Demo(command) => command.run(),
            Command::Migrate(command) => command.run(),
            Command::User(command) => command.run(),
            Command::Key(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Changes(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Backup(command) => command.run(),
            Command::Restore(command) => command.run(),
            Command::Doctor(command) => command.run(),
            Command::Openapi(command) => command.run(),
        }
    }
}

pub use output::print_error;

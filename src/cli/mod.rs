//! The command line: a file a command. Answers go to standard output, everything else to standard error; the exit code
//! is 0, 1 when the command failed, 2 when it was called wrongly.

mod backup;
mod changes;
mod demo;
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

use crate::config::DatabaseArgs;
use crate::db::{Db, Limits};
use crate::error::{Error, Result};
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
    Serve(serve::Serve),
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
            Command::Openapi(command) => command.run(),
        }
    }
}

pub use output::complain;

/// Opens a database to write to it: a new one is made, one that is behind is migrated.
fn open(database: &DatabaseArgs, limits: Limits) -> Result<Db> {
    for version in crate::registry::search::migrate(&database.database_url)? {
        log::info!("applied migration {version}");
    }
    Db::open(&database.database_url, limits)
}

/// Opens a database to read it. It must exist: who reads an empty new one has mistyped its name.
fn open_existing(database: &DatabaseArgs) -> Result<Db> {
    let url = &database.database_url;
    if let crate::db::DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Err(Error::NotFound(format!("there is no database {url:?}: see --database-url")));
    }
    if crate::db::pending(&mut Db::connect(url)?)? > 0 {
        let detail = format!("the database {url:?} is older than this program: run `partnership-registry migrate`");
        return Err(Error::Unavailable(detail));
    }
    Db::open(url, Limits::default())
}

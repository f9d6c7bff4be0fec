//! `user`: add users, set passwords, list them. For the first admin, and for the day when no admin can sign in.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::database::{open, open_existing};
use super::output::print;
use crate::auth::{Role, users};
use crate::config::DatabaseArgs;
use crate::db::Limits;
use crate::error::{Error, Result};
use crate::values::FromText as _;

/// Add users, set passwords, list users
#[derive(Debug, Subcommand)]
pub(super) enum User {
    Add(Add),
    Passwd(Passwd),
    List(List),
}

impl User {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Add(command) => command.run(),
            Self::Passwd(command) => command.run(),
            Self::List(command) => command.run(),
        }
    }
}

/// Add a user
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry user add ada --role admin --password-file /run/secrets/ada
  printf '%s' \"$PASSWORD\" | partnership-registry user add ada --role editor --password-file -

The roles: a viewer reads, an editor also writes the registry, an admin also writes partner types and areas and manages \
users.")]
pub(super) struct Add {
    /// Name to sign in with
    name: String,
    /// The role: viewer, editor or admin
    #[arg(long, env = "REGISTRY_USER_ROLE", value_name = "ROLE", value_parser = role)]
    role: Role,
    /// Name to show [default: the user name]
    #[arg(long, env = "REGISTRY_USER_DISPLAY_NAME", value_name = "TEXT")]
    display_name: Option<String>,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// Set a user's password; their sessions end
#[derive(Args, Debug)]
pub(super) struct Passwd {
    /// Name they sign in with
    name: String,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

/// List the users: name, role, name to show, tab-separated
#[derive(Args, Debug)]
pub(super) struct List {
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Args, Debug)]
struct PasswordArgs {
    /// File that holds the password, 15 to 128 characters, or - for standard input; one line end is taken off
    #[arg(long, env = "REGISTRY_PASSWORD_FILE", value_name = "FILE|-")]
    password_file: PathBuf,
}

impl Add {
    fn run(self) -> Result<()> {
        let password = self.password.read()?;
        let db = open(&self.database, None, Limits::default())?;
        users::add(&db, &self.name, self.role, self.display_name.as_deref(), &password)?;
        print(format_args!("added {} as {}", self.name, self.role))
    }
}

impl Passwd {
    fn run(self) -> Result<()> {
        let password = self.password.read()?;
        let db = open_existing(&self.database)?;
        users::set_password(&db, &self.name, &password)?;
        print(format_args!("set the password of {}", self.name))
    }
}

impl List {
    fn run(self) -> Result<()> {
        let db = open_existing(&self.database)?;
        for user in users::list(&db)? {
            let state = if user.disabled { "\tdisabled" } else { "" };
            print(format_args!("{}\t{}\t{}{state}", user.username, user.role, user.display_name))?;
        }
        Ok(())
    }
}

impl PasswordArgs {
    /// Reads the password. All users of the machine could see a password on the command line.
    fn read(&self) -> Result<String> {
        let path = &self.password_file;
        let unreadable =
            |error| Error::bad_request(format!("the password cannot be read from {}: {error}", path.display()));
        let mut text = String::new();
        if path == Path::new("-") {
            std::io::stdin().lock().take(LIMIT).read_to_string(&mut text).map_err(unreadable)?;
        } else {
            std::fs::File::open(path)
                .and_then(|file| file.take(LIMIT).read_to_string(&mut text))
                .map_err(unreadable)?;
        }
        let password = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        if password.is_empty() {
            return Err(Error::bad_request(format!("there is no password in {}", path.display())));
        }
        Ok(password.to_owned())
    }
}

/// The longest file of a password, in bytes: a longer one is a mistake.
const LIMIT: u64 = 4096;

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).map_err(|reason| reason.detail)
}

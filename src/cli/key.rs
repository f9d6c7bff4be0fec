//! `key`: the keys that sign access tokens.

use clap::{Args, Subcommand};

use super::database::open;
use super::output::print;
use crate::auth::rotate;
use crate::config::{DataDirArgs, DatabaseArgs};
use crate::db::Limits;
use crate::error::Result;

/// Change the key that signs access tokens
#[derive(Debug, Subcommand)]
pub(super) enum Key {
    Rotate(Rotate),
}

impl Key {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Rotate(command) => command.run(),
        }
    }
}

/// Add a key, which signs from now on
///
/// A running service takes it up within a second, without a restart. Older keys go on verifying, and are deleted by a
/// later rotation, once no token needs them: an hour after their successor came, and no named token of theirs is left.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry key rotate
  partnership-registry key rotate --data-dir /var/lib/registry --database-url postgres://registry@db/registry")]
pub(super) struct Rotate {
    #[command(flatten)]
    data_dir: DataDirArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Rotate {
    pub(super) fn run(self) -> Result<()> {
        let db = open(&self.database, None, Limits::default())?;
        let (kid, deleted) = rotate(&db, &self.data_dir.data_dir)?;
        deleted.iter().try_for_each(|kid| print(format_args!("deleted {kid}")))?;
        print(format_args!("{kid} signs now"))
    }
}

//! `restore`: a registry from a backup.

use std::path::PathBuf;

use clap::Args;

use super::database::open;
use super::export::moment;
use super::output::print;
use super::progress::Bar;
use crate::backup;
use crate::config::{DataDirArgs, DatabaseArgs};
use crate::db::Limits;
use crate::error::Result;
use crate::snapshots::AsOf;

/// Restore a backup into an empty database
///
/// All or nothing, and only if its hashes say that it is whole. Every session and named token ends, and a new signing
/// key replaces those in --data-dir: all users must sign in again. A new database is made and migrated first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry restore registry-2026-11-24.backup
  partnership-registry restore registry-2026-11-24.backup --as-of r402 --database-url sqlite://as-it-was.db
  partnership-registry restore registry-2026-11-24.backup --database-url postgres://registry@db/registry")]
pub(super) struct Restore {
    /// File that `backup` wrote
    #[arg(env = "REGISTRY_RESTORE", value_name = "FILE")]
    file: PathBuf,
    /// The registry as it was then, with its log up to there: a date (its end, in UTC), a time with its offset, or a
    /// revision (r402)
    #[arg(long, env = "REGISTRY_RESTORE_AS_OF", value_name = "MOMENT", value_parser = moment)]
    as_of: Option<AsOf>,
    #[command(flatten)]
    data_dir: DataDirArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Restore {
    pub(super) fn run(self) -> Result<()> {
        let db = open(&self.database, None, Limits::default())?;
        let mut bar = Bar::new("restoring");
        let progress = move |done, total| bar.set(done, total);
        let restored = backup::restore(&db, &self.file, self.as_of, &self.data_dir.data_dir, progress)?;
        let (revision, manifest) = (restored.revision, restored.manifest);
        log::info!(target: "restore", "a backup of {} was restored from the command line up to r{revision}", manifest.made_at);
        print(format_args!("{revision} changes, {} users, as of {}", manifest.users, manifest.made_at))?;
        print(format_args!("head: {revision}:{}", restored.hash))?;
        print("every session and named token has ended, and a new key signs: all users must sign in again")
    }
}

//! `backup`: the whole registry in one file.

use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::database::open_existing;
use super::output::print;
use super::progress::Bar;
use crate::backup;
use crate::config::DatabaseArgs;
use crate::error::Result;

/// Back up the whole registry into a new file
///
/// Writes the change log and the users as they are at one moment, while the service goes on. The file is there whole or
/// not at all. `restore` puts it into an empty database, SQLite or PostgreSQL. It holds no keys and no sessions, but
/// the digests of passwords: keep it as you keep the database.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry backup registry-$(date +%F).backup
  partnership-registry backup /mnt/backups/registry.backup --verify --database-url postgres://registry@db/registry")]
pub(super) struct Backup {
    /// File to write; there must be none of this name
    #[arg(env = "REGISTRY_BACKUP", value_name = "FILE")]
    file: PathBuf,
    /// Read the file back and restore it into a temporary folder, to see that it can be
    #[arg(long, env = "REGISTRY_BACKUP_VERIFY", value_parser = BoolishValueParser::new())]
    verify: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Backup {
    pub(super) fn run(self) -> Result<()> {
        let db = open_existing(&self.database)?;
        let mut bar = Bar::new("backing up");
        let made = backup::backup(&db, &self.file, &mut |done, total| bar.set(done, total))?;
        drop(bar);
        let (file, manifest) = (self.file.display(), made.manifest);
        let (revision, hash) = (manifest.revision, manifest.hash);
        log::info!(target: "backup", "the registry was backed up from the command line at r{revision}");
        print(format_args!("{file}: {revision} changes, {} users, {} bytes", manifest.users, made.bytes))?;
        print(format_args!("head: {revision}:{hash}"))?;
        if self.verify {
            let mut bar = Bar::new("verifying");
            backup::verify(&self.file, &mut |done, total| bar.set(done, total))?;
            drop(bar);
            print("it was read back and restored into a temporary folder: it is whole")?;
        }
        Ok(())
    }
}
